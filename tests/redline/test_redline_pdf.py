"""The redline as a PDF: every change is in it, seen without colour, and tagged."""

from __future__ import annotations

import ctypes
import io
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium
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


Colour = tuple[int, int, int]
RED, GREEN = (155, 24, 16), (0, 88, 53)

GOVERNOR = (
    "      - id: safeguarding-governor-training-shared\n        bullet: Governor training shared\n"
)
PEER = "      - id: safeguarding-peer-head-teacher-review\n"


@pytest.fixture(scope="module")
def changed_pdf(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Between July and a November in which words were changed, a bullet moved to the head of its
    cell, and an area taken out as well."""
    folder = copy_plan(tmp_path_factory.mktemp("changed"))
    areas = folder.source / "2017-11/areas.yaml"
    edit(areas, "name: Safeguarding\n", "name: Safeguarding of all\n")
    edit(folder.source / "2017-11/plan.yaml", "key: Key Objective/Action", "key: What we are at")
    edit(areas, GOVERNOR, "")
    edit(areas, PEER, GOVERNOR + PEER)
    edit(areas, "Joint senior leaders work scrutiny", "Joint senior leaders book scrutiny")
    edit(folder.source / "2017-11/objectives.yaml", "clear and transparent manner", "plain manner")
    text = areas.read_text(encoding="utf-8")
    begin, end = text.index("  - id: parents\n"), text.index("  - id: governors\n")
    areas.write_text(text[:begin] + text[end:], encoding="utf-8")
    return pdf_of(folder)


@pytest.fixture(scope="module")
def changed(changed_pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(changed_pdf))


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


@slow
def test_changed_words_can_be_read_on_every_ground(changed_pdf: bytes) -> None:
    """The headings of the table are white on navy, and the names of areas stand on pale blue."""
    found = list(marked_words(changed_pdf))
    said = " ".join(words for words, _, _ in found)
    for words in ("Key Objective/Action", "What", "of all", "work", "book", "plain"):
        assert words in said
    assert [one for one in found if one[2] < 7] == []


@slow
def test_what_moved_is_red_where_it_is_gone_and_green_where_it_is_now(changed_pdf: bytes) -> None:
    """LibreOffice by itself would strike it out in green."""
    moved = [looks for words, *looks in marked_words(changed_pdf) if "Governor training" in words]
    assert [colour for colour, _ in moved] == [GREEN, RED]


def marked_words(pdf: bytes) -> Iterator[tuple[str, Colour, float]]:
    """Words in the colours of changes, and their contrast to the ground that they are drawn on: the
    commonest colour of the pixels there."""
    for page in pypdfium2.PdfDocument(pdf):
        image = page.render(scale=3).to_pil().convert("RGB")
        for thing in page.get_objects([pdfium.FPDF_PAGEOBJ_TEXT], textpage=page.get_textpage()):
            colour = fill_colour(thing.raw)
            if colour in (RED, GREEN) and thing.extract().strip():
                left, bottom, right, top = (3 * place for place in thing.get_bounds())
                height = image.height
                pixels = image.crop(
                    (int(left), int(height - top), int(right), int(height - bottom))
                )
                _, ground = max(pixels.getcolors(1 << 20))
                yield thing.extract(), colour, contrast(colour, ground)


def fill_colour(text: object) -> Colour:
    parts = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetFillColor(text, *parts)
    red, green, blue, _ = (part.value for part in parts)
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """As WCAG 2.2 defines it."""
    bright, dark = sorted(map(luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: Colour) -> float:
    shares = (part / 255 for part in colour)
    red, green, blue = (
        ((one + 0.055) / 1.055) ** 2.4 if one > 0.04 else one / 12.92 for one in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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


@slow
def test_every_link_says_what_it_is_removed_or_not(changed: PdfReader, changed_pdf: bytes) -> None:
    links = [
        str(link.get_object()["/Contents"])
        for page in changed.pages
        for link in page.get("/Annots", [])
    ]
    assert set(links) == {f"Objective {number}" for number in range(1, 11)}
    removed = [words for words, colour, _ in marked_words(changed_pdf) if colour == RED]
    assert {"Objective 1", "Objective 7"} <= set(removed)
