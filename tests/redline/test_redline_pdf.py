"""The redline as a PDF: every change is in it, seen without colour, and tagged."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject
from signed_plan.compare.compare import compare
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.redline.redline import make_redline
from signed_plan.redline.redline_pdf import make_redline_pdf

from tests.helpers import REPO, copy_plan, edit

slow = pytest.mark.slow("merges many made-up texts")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """Between July and a November in which words were changed and an area taken out as well."""
    folder = copy_plan(tmp_path_factory.mktemp("changed"))
    areas = folder.source / "2017-11/areas.yaml"
    edit(areas, "Joint senior leaders work scrutiny", "Joint senior leaders book scrutiny")
    edit(folder.source / "2017-11/objectives.yaml", "clear and transparent manner", "plain manner")
    text = areas.read_text(encoding="utf-8")
    begin, end = text.index("  - id: parents\n"), text.index("  - id: governors\n")
    areas.write_text(text[:begin] + text[end:], encoding="utf-8")
    return PdfReader(io.BytesIO(pdf_of(folder)))


def pdf_of(folder: PlanFolder) -> bytes:
    comparison = compare(*load(folder))
    redline = make_redline(comparison, folder.template("plan.docx"))
    return make_redline_pdf(redline, comparison)


def looks(element: object, found: dict[str, str]) -> None:
    """How the words of each marked stretch are decorated, as the tags tell it."""
    if not isinstance(element, DictionaryObject):
        return
    attributes = element.get("/A")
    if attributes is not None:
        one = attributes.get_object()
        for group in one if isinstance(one, list) else [one]:
            if "/TextDecorationType" in group.get_object():
                kind = str(group.get_object()["/TextDecorationType"])
                found[kind] = found.get(kind, "") + "x"
    kids = element.get("/K")
    for kid in kids if isinstance(kids, list) else [kids]:
        if kid is not None and not isinstance(kid, int):
            looks(kid.get_object(), found)


def test_what_was_removed_is_still_there_to_read(changed: PdfReader) -> None:
    words = " ".join(" ".join(page.extract_text() for page in changed.pages).split())
    assert "Joint senior leaders work" in words
    assert "book" in words
    assert "ensure parents are kept informed" in words
    assert "Autumn 2017" in words


def test_marks_are_lines_and_not_colour_alone(changed: PdfReader) -> None:
    found: dict[str, str] = {}
    looks(changed.root_object["/StructTreeRoot"].get_object(), found)
    assert len(found["/Underline"]) > 20
    assert len(found["/LineThrough"]) >= 5


def test_it_says_what_it_compares_and_is_tagged_for_the_archive(changed: PdfReader) -> None:
    assert changed.metadata is not None
    assert (
        changed.metadata.title == "Collaboration Action Plan 2017: changes from 2017-07 to 2017-11"
    )
    assert changed.root_object["/MarkInfo"]["/Marked"]  # type: ignore[index]
    assert "urn:sha256:" in str(changed.xmp_metadata and changed.xmp_metadata.dc_identifier)


@slow
def test_the_same_comparison_gives_the_same_bytes() -> None:
    folder = PlanFolder(REPO)
    assert pdf_of(folder) == pdf_of(folder)


def test_an_objective_whose_words_changed_keeps_its_number(changed: PdfReader) -> None:
    """LibreOffice would print [2.], as if there were no second objective any more."""
    words = changed.pages[0].extract_text()
    assert "plain" in words
    assert "transparent" in words
    assert "[" not in words


def test_every_link_says_what_it_is_removed_or_not(changed: PdfReader) -> None:
    links = [
        str(link.get_object()["/Contents"])
        for page in changed.pages
        for link in page.get("/Annots", [])
    ]
    assert {"Objective 1", "Removed link"} <= set(links)
    assert all(links)
