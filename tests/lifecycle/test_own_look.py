"""A school's own logo, words and paper go through the whole life of a plan."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from pypdf import PdfReader
from signed_plan.compare.compare import compare
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.seal import seal
from signed_plan.plan.source import load
from signed_plan.redline.redline import make_redline

from tests.document.helpers import opened, text_of
from tests.document.own_look import ADDRESS, HEAD, MOTTO, PARAGRAPH, turn, write_templates
from tests.helpers import copy_plan, run_plan
from tests.story import CAROLE, JULY, prompts, sign_here

pytestmark = pytest.mark.slow("builds, signs, seals and takes apart a whole plan")


def test_a_plan_with_a_logo_and_words_of_its_own_is_built_signed_sealed_and_compared(
    tmp_path: Path,
) -> None:
    folder = copy_plan(tmp_path / "plan")
    write_templates(folder.root / "templates")
    signoff = docx.Document(str(folder.template("signoff.docx")))
    turn(signoff)
    signoff.save(str(folder.template("signoff.docx")))

    built = run_plan(folder, "build")
    assert built.returncode == 0, built.stderr
    make_keys(folder, prompts())
    enrol(folder, CAROLE, prompts(CAROLE))
    issue(folder, JULY, prompts())
    sign_here(folder, JULY, CAROLE)
    seal(folder, JULY, "The others sign the next one.", prompts())

    pages = [page.extract_text() for page in PdfReader(folder.pdf(JULY)).pages]
    assert all(HEAD in page and MOTTO in page for page in pages)
    assert sum(ADDRESS in page for page in pages) == 2  # of the plan, and of its sign-off
    assert sum(PARAGRAPH in page for page in pages) == 2
    (receipt,) = PdfReader(folder.receipt(JULY)).pages
    assert MOTTO in receipt.extract_text()
    for words in (["verify"], ["extract", str(folder.pdf(JULY)), "--rebuild"]):
        done = run_plan(folder, *words)
        assert done.returncode == 0, done.stdout + done.stderr

    older, newer = load(folder)
    redline = opened(make_redline(compare(older, newer), folder.template("plan.docx")))
    assert [ADDRESS in text_of(one._p) for one in redline.paragraphs].count(True) == 1
