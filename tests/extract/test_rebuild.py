"""Built again, a version has the same bytes; and where two files say something else is named."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
from pypdf import PdfWriter
from signed_plan.errors import VerificationError
from signed_plan.extract.rebuild import compare, rebuild
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load

from tests.document.helpers import PLAN_TEMPLATE, SIGNOFF_TEMPLATE, changed_template

slow = pytest.mark.slow("signs files and takes them apart many times")


@pytest.fixture(scope="session")
def november(built_once: PlanFolder) -> bytes:
    return built_once.pdf("2017-11").read_bytes()


def saved(pdf: bytes, *pages: int) -> bytes:
    """Those pages of a PDF, from 0, as another program saves them."""
    writer = PdfWriter()
    for page in pages:
        writer.append(io.BytesIO(pdf), pages=(page, page + 1), import_outline=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@slow
def test_built_again_by_the_shipped_templates_a_version_has_the_same_bytes(
    built_once: PlanFolder, november: bytes
) -> None:
    assert rebuild(load(built_once)[1], None) == november


@slow
def test_built_again_by_a_folder_s_own_templates_a_version_shows_them(
    built_once: PlanFolder, november: bytes, tmp_path: Path
) -> None:
    (tmp_path / "templates").mkdir()
    changed_template(tmp_path / "templates", SIGNOFF_TEMPLATE, "For the office", "For nobody")
    shutil.copy(PLAN_TEMPLATE, tmp_path / "templates")
    likeness = compare(november, rebuild(load(built_once)[1], PlanFolder(tmp_path)))
    assert likeness.bytes == "other"
    assert likeness.difference == (
        'page 7 says "included For the office Office seal", '
        'and built again "included For nobody Office seal Archive"'
    )


@slow
def test_the_same_file_and_one_that_has_grown_are_alike(november: bytes) -> None:
    same, grown = compare(november, november), compare(november + b"% more\n", november)
    assert (same.difference, same.bytes) == ("", "same")
    assert (grown.difference, grown.bytes) == ("", "grown")


def test_a_file_of_other_bytes_may_say_the_same(november: bytes) -> None:
    likeness = compare(november, saved(november, *range(8)))
    assert (likeness.difference, likeness.bytes) == ("", "other")


@slow
def test_the_first_page_that_says_something_else_is_named_with_its_words(november: bytes) -> None:
    swapped = compare(november, saved(november, 0, 1, 3, 2, 4, 5, 6, 7))
    assert swapped.difference.startswith('page 3 says "')
    shorter = compare(saved(november, *range(7)), november)
    assert shorter.difference == "it has 7 pages, and built again 8"


def test_what_cannot_be_read_cannot_be_compared(november: bytes) -> None:
    with pytest.raises(VerificationError, match="Its pages cannot be compared"):
        compare(b"%PDF-1.7\nno", november)
