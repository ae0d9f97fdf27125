"""What a new signature shows in its box, and whether it keeps to that.

An appearance is drawn by whatever program signed. It may show a name, a time, a picture; it may
not carry files or scripts, and nothing of it may show outside the box.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import pypdfium2
from PIL import Image, ImageChops, ImageDraw
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdfium2 import raw

from signed_plan.pages.objects import Box
from signed_plan.signing.pdf_compare import entry

MAX_LOOK = 1_000_000
"""How many bytes an appearance may have, fonts and pictures included."""

_ACTS = frozenset(
    {"/JS", "/JavaScript", "/EF", "/EmbeddedFile", "/Filespec", "/A", "/AA", "/AF", "/OPI"}
)
_KINDS = frozenset({"/JavaScript", "/Filespec", "/EmbeddedFile", "/Action", "/RichMedia", "/3D"})
_EDGE = 2  # points around the box into which letters may be smoothed

_FieldPage = tuple[pypdfium2.PdfPage, Box]
"""The page of a field, with its annotations as part of it, and the field's box there."""


def look_fault(pdf: bytes, size: int, field: str) -> tuple[str, str]:
    """What is wrong with the look of a field as a clause, "" if nothing is; and its text.

    `size` is how long the file was before the field was signed.
    """
    pages = _open(pdf[:size], field), _open(pdf, field)
    return _content_fault(_widget(pdf, field)) or _place_fault(*pages), _new_text(*pages)


def _new_text(before: _FieldPage, after: _FieldPage) -> str:
    """The text that the page of a field got when it was signed."""
    old, new = (str(page.get_textpage().get_text_range()) for page, _ in (before, after))
    start = _common_start(old, new)
    end = _common_start(old[start:][::-1], new[start:][::-1])
    return " ".join(new[start : len(new) - end].split())


def _common_start(one: str, other: str) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _widget(pdf: bytes, field: str) -> Any:
    fields = PdfFileReader(io.BytesIO(pdf), strict=False).root["/AcroForm"]["/Fields"]
    return next(fields[at] for at in range(len(fields)) if str(fields[at]["/T"]) == field)


def _content_fault(widget: Any) -> str:
    length = 0
    for value in _below([widget.raw_get(key) for key in ("/AP", "/MK") if key in widget]):
        if isinstance(value, generic.StreamObject):
            length += len(value.encoded_data)
        if _ACTS & {*value} or _KINDS & {entry(value, key) for key in ("/Type", "/Subtype", "/S")}:
            return "it carries a file or a script"
        if length > MAX_LOOK:
            return f"it is larger than {MAX_LOOK // 1_000_000} MB"
    return ""


def _below(values: list[Any]) -> Iterator[generic.DictionaryObject]:
    """Each dictionary and stream that those values lead to."""
    seen: set[tuple[int, int]] = set()
    while values:
        value = values.pop()
        if isinstance(value, generic.IndirectObject):
            if (value.idnum, value.generation) in seen:
                continue
            seen.add((value.idnum, value.generation))
            value = value.get_object()
        if isinstance(value, generic.DictionaryObject):
            yield value
            values += [value.raw_get(key) for key in value if key != "/Parent"]
        elif isinstance(value, generic.ArrayObject):
            values += [value.raw_get(at) for at in range(len(value))]


def _place_fault(before: _FieldPage, after: _FieldPage) -> str:
    """Whether the page shows anything new outside the box."""
    if ImageChops.difference(_drawn(before), _drawn(after)).getbbox() is not None:
        return "it shows something outside its box"
    return ""


def _drawn(opened: _FieldPage) -> Image.Image:
    """The page of a field, with the field blacked out."""
    page, (left, bottom, right, top) = opened
    first, _, _, last = page.get_cropbox()
    drawn: Image.Image = page.render(scale=1).to_pil().convert("L")
    box = (left - first - _EDGE, last - top - _EDGE, right - first + _EDGE, last - bottom + _EDGE)
    ImageDraw.Draw(drawn).rectangle(box, fill=0)
    return drawn


def _open(pdf: bytes, field: str) -> _FieldPage:
    document = pypdfium2.PdfDocument(pdf)
    for at in range(len(document)):
        page = document[at]
        for number in range(raw.FPDFPage_GetAnnotCount(page)):
            annotation = raw.FPDFPage_GetAnnot(page, number)
            is_it, box = _string(annotation, b"T") == field, raw.FS_RECTF()
            raw.FPDFAnnot_GetRect(annotation, box)
            raw.FPDFPage_CloseAnnot(annotation)
            if is_it:
                raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
                # The page is fetched again: only then the fields' content is part of it.
                return document[at], Box(box.left, box.bottom, box.right, box.top)
    raise ValueError("no such field on any page")


def _string(annotation: Any, key: bytes) -> str:
    length = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    room = (raw.FPDF_WCHAR * (length // 2 + 1))()
    raw.FPDFAnnot_GetStringValue(annotation, key, room, length)
    return bytes(room)[: length - 2].decode("utf-16-le")
