"""Drafts in their place: the last good one stays, and the register hears of none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.errors import SourceError, TemplateError
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.lifecycle.drafts import Draft, Drafts
from signed_plan.paths import PlanFolder, is_plain_name

from tests.helpers import copy_plan, edit, run_plan

pytestmark = pytest.mark.slow("makes drafts with a real LibreOffice")


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with Converter(find_libreoffice()) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return copy_plan(tmp_path)


def outputs(folder: PlanFolder) -> set[str]:
    return {folder.below_output(path) for path in folder.output.rglob("*") if path.is_file()}


def words(draft: Draft) -> str:
    return " ".join("".join(page.extract_text() for page in PdfReader(draft.path).pages).split())


def test_a_draft_is_the_only_file_that_is_made(folder: PlanFolder, converter: Converter) -> None:
    draft = Drafts(folder, "2017-11", converter).make()
    assert outputs(folder) == {"draft/action-plan-2017-11-DRAFT.pdf"}
    assert draft.path == folder.draft("2017-11")
    assert draft.pages == len(PdfReader(draft.path).pages) == 8
    assert draft.version.name == "2017-11"


def test_a_draft_has_the_words_saved_last(folder: PlanFolder, converter: Converter) -> None:
    drafts = Drafts(folder, "2017-11", converter)
    drafts.make()
    edit(
        folder.source / "2017-11/areas.yaml",
        "bullet: SENcos to meet (",
        "bullet: SENcos to gather (",
    )
    assert "SENcos to gather" in words(drafts.make())


def test_after_a_mistake_the_last_good_draft_stays(
    folder: PlanFolder, converter: Converter
) -> None:
    drafts = Drafts(folder, "2017-11", converter)
    good = drafts.make().path.read_bytes()
    edit(folder.source / "2017-11/people.yaml", "name: Kevin Snow", "nmae: Kevin Snow")
    with pytest.raises(SourceError) as caught:
        drafts.make()
    assert "nmae" in str([problem.message for problem in caught.value.problems])
    assert folder.draft("2017-11").read_bytes() == good


@pytest.mark.quick
def test_a_template_that_is_no_word_file_is_named(folder: PlanFolder, converter: Converter) -> None:
    (folder.root / "templates").mkdir()
    (folder.root / "templates/plan.docx").write_bytes(b"half sa")
    with pytest.raises(TemplateError, match=r"plan\.docx"):
        Drafts(folder, "2017-11", converter).make()


def test_verify_build_and_the_register_do_not_mind_a_draft(
    built_plan: PlanFolder, converter: Converter
) -> None:
    register = built_plan.register.read_bytes()
    Drafts(built_plan, "2017-11", converter).make()
    for word in ("verify", "build"):
        done = run_plan(built_plan, word)
        assert done.returncode == 0, done.stdout + done.stderr
    assert built_plan.register.read_bytes() == register
    assert built_plan.draft("2017-11").is_file()
    assert not is_plain_name("draft")
