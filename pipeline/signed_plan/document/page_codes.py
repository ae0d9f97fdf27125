"""Each sign-off page gets a QR code of its own: it names the page, and the reviews signed on it.

The template has one picture for all pages, since only the finished PDF knows which box came where.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject

from signed_plan.document.context import (
    CODE_BORDER,
    field_name,
    make_code,
    page_code,
    qr_text,
)
from signed_plan.libreoffice.pdf_objects import as_dictionary
from signed_plan.plan.model import Review
from signed_plan.plan.source import Version

_WIDE = 8  # pixels a module
_DEEP = {"/DeviceGray": 1, "/DeviceRGB": 3}  # bytes a pixel

Modules = Sequence[Sequence[int]]
"""Rows of a code, 1 for black, with the border."""


def modules_of(texts: Sequence[str], size: int | None = None) -> Modules:
    """The modules of such a code, and of its border."""
    return [bytes(row) for row in make_code(texts, size).matrix_iter(border=CODE_BORDER)]


def name_pages(writer: PdfWriter, version: Version, pages: dict[str, int]) -> None:
    """Draws the page's own code wherever a page has that of its version.

    `pages` has the page of each signature field, counted from 1. Where the code's picture cannot be
    told among the others of a page, as it may have been changed, it is left as it is.
    """
    common = modules_of([qr_text(version)])
    found = {
        at: (page, name)
        for at, page in enumerate(writer.pages, 1)
        for name, picture in _pictures(page).items()
        if _shows(as_dictionary(picture), common)
    }
    texts = {at: _text(version, at, pages) for at in found}
    size = max((len(modules_of(text)) for text in texts.values()), default=0)
    for at, (page, name) in found.items():
        code = modules_of(texts[at], (size - 2 * CODE_BORDER - 17) // 4)
        resources = DictionaryObject(as_dictionary(page["/Resources"]))
        pictures = DictionaryObject(_pictures(page))
        pictures[NameObject(name)] = writer._add_object(_picture(code))
        resources[NameObject("/XObject")] = pictures
        page[NameObject("/Resources")] = resources


def _text(version: Version, page: int, pages: dict[str, int]) -> tuple[str, str]:
    signed = version.plan.open_reviews
    return page_code(
        version, [one for one in signed if page in review_pages(version, one, pages)], page
    )


def review_pages(version: Version, review: Review, pages: dict[str, int]) -> set[int]:
    """The pages with the review's boxes, of those of all fields."""
    people = map(version.plan.person, review.signatories)
    return {pages[field_name(review, person)] for person in people}


def _pictures(page: DictionaryObject) -> DictionaryObject:
    resources = as_dictionary(page.get("/Resources", DictionaryObject()))
    return as_dictionary(resources.get("/XObject", DictionaryObject()))


def _shows(picture: DictionaryObject, code: Modules) -> bool:
    """Whether a picture is that code, though LibreOffice made it a little smaller."""
    if not isinstance(picture, StreamObject) or picture.get("/Subtype") != "/Image":
        return False
    wide, high, size = picture.get("/Width", 0), picture.get("/Height", 0), len(code)
    deep, shades = _shades(picture.get("/ColorSpace"))
    if not deep or picture.get("/BitsPerComponent") != 8 or min(wide, high) < 2 * size:
        return False
    data = picture.get_data()
    if len(data) != wide * high * deep or max(data) >= len(shades):
        return False
    rows, columns = (
        [(2 * at + 1) * end // (2 * size) for at in range(size)] for end in (high, wide)
    )
    return all(
        (shades[data[(down * wide + right) * deep]] < 128) == bool(black)
        for down, line in zip(rows, code, strict=True)
        for right, black in zip(columns, line, strict=True)
    )


def _shades(space: Any) -> tuple[int, Sequence[int]]:
    """How many bytes a pixel has, and how bright it is by its first one (ISO 32000-2, 8.6).

    LibreOffice 7.4 writes grey, and 25.2 a table of colours. Nothing is known of other spaces.
    """
    if not isinstance(space, list):
        return _DEEP.get(str(space), 0), range(256)
    if len(space) != 4 or space[0] != "/Indexed" or str(space[1]) not in _DEEP:
        return 0, ()
    table = space[3].get_object()
    colours = table.get_data() if isinstance(table, StreamObject) else table.original_bytes
    return 1, colours[:: _DEEP[str(space[1])]]


def _picture(code: Modules) -> StreamObject:
    size = len(code) * _WIDE
    picture = StreamObject()
    picture.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(size),
            NameObject("/Height"): NumberObject(size),
            NameObject("/ColorSpace"): NameObject("/DeviceGray"),
            NameObject("/BitsPerComponent"): NumberObject(1),
        }
    )
    rows = (bytes(0 if black else 255 for black in line) for line in code)
    picture.set_data(b"".join(row * _WIDE for row in rows))
    return picture.flate_encode()
