"""The lines of text on a PDF's pages, and whether each of them can be seen.

PDFium reads the pages, which is none of the programs that made them. What counts is what is drawn
(ISO 32000-2, 8 and 9): where, in which colour, through which clip, and what is drawn over it.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from signed_plan.pages.annotations import field_places
from signed_plan.pages.objects import (
    PATH,
    SEAM,
    TEXT,
    Box,
    DrawnObject,
    Matrix,
    page_objects,
    read_matrix,
)
from signed_plan.wording import runs_leftwards

_UNSEEN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_FILLED = pdfium.FPDF_TEXTRENDERMODE_FILL

_CONTRAST = 1.5
"""The least ratio of brightness between a text and its ground; WCAG 2.2 asks for 4.5, to be read
with ease."""
_SMALLEST = 3.0  # points of a font that can be read at all
_FEW = 3
_NARROWEST = 0.12  # of its font's size, an average letter; an "i" has 0.2
_TOUCHED = 0.7  # of a line's height, from below: more than a tail of the line above is in it
_LAYER = "OC\0".encode("utf-16-le")
_LONGEST = 32_768  # UTF-16 units of one piece of text
_BROKEN = "\x02"
"""What PDFium makes of a hyphen at the end of a line."""

HIDDEN, TINY, OFF_PAGE, ON_IT, COLOUR, COVERED = (
    "it is drawn as hidden text",
    "it is too small to be read",
    "it runs off the page",
    "other words or a field lie on it",
    "it has the colour of what is behind it",
    "something covers it or cuts it off",
)


class _Colour(NamedTuple):
    red: int
    green: int
    blue: int


_WHITE = _Colour(255, 255, 255)


@dataclass(slots=True)
class PageLine:
    """What one piece of marked content draws: a line of a paragraph, or a part of one."""

    page: int
    """Counted from 1."""
    tagged: bool
    """Whether it is of the document itself; what repeats on pages, such as a footer, is not."""
    text: str
    """Without its spaces: they may be drawn, or left out."""
    box: Box
    hidden: str
    """Why it cannot be seen, or not all of it; "" if it can."""


class _Thing(NamedTuple):
    """Something that a page draws."""

    kind: int
    box: Box
    colour: _Colour
    plain: bool
    """Whether it is opaque, filled, and not cut off."""
    text: str = ""
    mode: int = 0
    content: int = -1
    size: float = 0
    """The size of its font on the page, in points."""
    upwards: bool = False
    """Whether it is written up or down the page."""
    cut: bool = False
    """Whether a clip cuts something off."""


def read_lines(pdf: bytes) -> list[list[PageLine]]:
    """The lines of each page, in the order in which they are drawn.

    Raises ValueError for what is no PDF.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
        return [_page_lines(document, at) for at in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error


def _page_lines(document: pypdfium2.PdfDocument, number: int) -> list[PageLine]:
    page = document[number]
    things = [*_PageReader(page).things()]
    texts = [(at, one) for at, one in enumerate(things) if one.text]
    others = [(at, one) for at, one in enumerate(things) if one.kind != TEXT]
    frame, crowded = Box(*page.get_cropbox()), _crowded(texts, field_places(page))
    pixels = None
    lines: list[PageLine] = []
    last = -1
    for at, text in texts:
        hidden = ON_IT if at in crowded else _judge(text, at, others, frame)
        if hidden is None:
            # Imported only now: few pages need it, and it takes as long as reading one.
            from signed_plan.pages.pixels import compare_pixels

            pixels = pixels or compare_pixels(document, number)
            hidden = "" if pixels(text.box) else COVERED
        if last == text.content >= 0:
            line = lines[-1]
            line.text += text.text
            line.box = line.box.and_box(text.box)
            line.hidden = line.hidden or hidden
        else:
            lines.append(PageLine(number + 1, text.content >= 0, text.text, text.box, hidden))
        last = text.content
    return lines


def _judge(text: _Thing, at: int, others: Sequence[tuple[int, _Thing]], frame: Box) -> str | None:
    """Why a text cannot be seen, or ""; None where only the pixels can tell."""
    fault = _fault_of(text, frame)
    if fault:
        return fault
    ground: _Colour | None = _WHITE
    for place, other in _met(text.box, others):
        if place > at:
            return None
        whole = other.plain and other.box.holds(text.box, SEAM)
        ground = other.colour if whole else None
    if ground is None or not text.plain:
        return None
    return COLOUR if _contrast(text.colour, ground) < _CONTRAST else ""


def _met(box: Box, others: Sequence[tuple[int, _Thing]]) -> list[tuple[int, _Thing]]:
    """Those that the box meets. In one expression, since it is asked for each text of each page."""
    left, bottom, right, top = (
        box.left + SEAM,
        box.bottom + SEAM,
        box.right - SEAM,
        box.top - SEAM,
    )
    return [
        one
        for one in others
        if (place := one[1].box)[1] < top
        and place[3] > bottom
        and place[0] < right
        and place[2] > left
    ]


def _fault_of(text: _Thing, frame: Box) -> str:
    """Why a text cannot be seen or read, whatever else the page draws; "" where nothing speaks."""
    box, letters = text.box, len(text.text)
    length = box.top - box.bottom if text.upwards else box.right - box.left
    # Of a few letters, such as a full stop, nothing can be told.
    letter = length / letters if letters > _FEW else text.size
    reasons = (
        (text.mode in _UNSEEN, HIDDEN),
        (text.size < _SMALLEST or letter < _NARROWEST * text.size, TINY),
        (not frame.holds(text.box), OFF_PAGE),
        (text.cut, COVERED),
    )
    return next((why for is_it, why in reasons if is_it), "")


def _crowded(texts: Sequence[tuple[int, _Thing]], fields: Sequence[Box]) -> set[int]:
    """Which of the texts have others lying on them."""
    found = set()
    rising = sorted(texts, key=lambda one: one[1].box.bottom)
    for k, (at, text) in enumerate(rising):
        box = text.box
        free = box.bottom + _TOUCHED * (box.top - box.bottom)
        for other_at, other in rising[k + 1 :]:
            if other.box.bottom >= free:
                break
            if text.content == other.content >= 0:
                continue  # parts of one line, such as a bracket around letters written leftwards
            if text.content == other.content and _is_sign_beside_leftwards(text.text, other.text):
                continue  # the same where a table's heading is repeated, which has no tags
            if other.box.left < box.right - 2 and box.left < other.box.right - 2:
                found |= {at, other_at}
        if any(field.holds(box, 0) or (field.meets(box) and _half(field, box)) for field in fields):
            found.add(at)
    return found


def _is_sign_beside_leftwards(text: str, other: str) -> bool:
    """Whether one has no letter or digit, and the other is written leftwards."""
    sign, letters = sorted((text, other), key=lambda one: any(map(str.isalnum, one)))
    return not any(map(str.isalnum, sign)) and runs_leftwards(letters)


def _half(field: Box, text: Box) -> bool:
    return field.bottom < (text.bottom + text.top) / 2 < field.top


class _PageReader:
    """Reads what a page draws; the places that PDFium writes to are made once."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._page = page
        self._words = page.get_textpage()
        self._numbers = [ctypes.c_float() for _ in range(4)]
        self._box_at = [ctypes.byref(one) for one in self._numbers]
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_at = [ctypes.byref(one) for one in self._colour]
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._height = ctypes.c_float()
        self._text = (ctypes.c_ushort * _LONGEST)()
        self._mark = (ctypes.c_ushort * 9)()
        self._mark_size = ctypes.c_ulong()

    def things(self) -> Iterator[_Thing]:
        """What is drawn, but for spaces."""
        for one in page_objects(self._page):
            text = self._read_text(one.raw) if one.kind == TEXT else ""
            if text or one.kind != TEXT:
                yield self._read(one, text)

    def _read(self, one: DrawnObject, text: str) -> _Thing:
        raw, box = one.raw, self._read_box(one)
        (*colour, alpha) = self._read_colour(raw)
        plain = one.group is None and alpha == 255 and not pdfium.FPDFPageObj_HasTransparency(raw)
        cut = one.group is None and _clipped(raw, box)
        if one.kind != TEXT:
            filled = one.kind == PATH and self._is_filled(raw)
            return _Thing(one.kind, box, _Colour(*colour), plain and filled and not cut)
        mode = pdfium.FPDFTextObj_GetTextRenderMode(raw)
        plain = plain and mode == _FILLED and self._is_always_shown(raw)
        content = pdfium.FPDFPageObj_GetMarkedContentID(raw)
        pdfium.FPDFTextObj_GetFontSize(raw, self._height)
        matrix = self._matrix(one)
        size = self._height.value * math.hypot(matrix.c, matrix.d)
        upwards = abs(matrix.b) > abs(matrix.a)
        ink = _Colour(*colour)
        return _Thing(TEXT, box, ink, plain, text, mode, content, size, upwards, cut)

    def _read_box(self, one: DrawnObject) -> Box:
        pdfium.FPDFPageObj_GetBounds(one.raw, *self._box_at)
        left, bottom, right, top = (number.value for number in self._numbers)
        if one.group is None:
            return Box(left, bottom, right, top)
        corners = [one.group.apply(x, y) for x in (left, right) for y in (bottom, top)]
        across, up = zip(*corners, strict=True)
        return Box(min(across), min(up), max(across), max(up))

    def _read_colour(self, raw: Any) -> list[int]:
        if not pdfium.FPDFPageObj_GetFillColor(raw, *self._colour_at):
            return [0, 0, 0, 0]
        return [one.value for one in self._colour]

    def _read_text(self, raw: Any) -> str:
        size = pdfium.FPDFTextObj_GetText(raw, self._words.raw, self._text, 2 * _LONGEST)
        text = ctypes.string_at(self._text, max(0, size - 2)).decode("utf-16-le", "replace")
        return "".join(text.replace(_BROKEN, "-").split())

    def _matrix(self, one: DrawnObject) -> Matrix:
        """How a text's own coordinates become those of the page."""
        matrix = read_matrix(one.raw)
        return matrix if one.group is None else matrix.before(one.group)

    def _is_always_shown(self, raw: Any) -> bool:
        """Whether a text is in no layer that can be switched off (ISO 32000-2, 8.11)."""
        count = pdfium.FPDFPageObj_CountMarks(raw)
        if count != 1:
            return bool(count == 0)
        mark = pdfium.FPDFPageObj_GetMark(raw, 0)
        pdfium.FPDFPageObjMark_GetName(mark, self._mark, 18, self._mark_size)
        return self._mark_size.value != len(_LAYER) or bytes(self._mark)[: len(_LAYER)] != _LAYER

    def _is_filled(self, path: Any) -> bool:
        pdfium.FPDFPath_GetDrawMode(path, self._fill, self._stroke)
        return bool(self._fill.value != pdfium.FPDF_FILLMODE_NONE)


def _clipped(thing: Any, box: Box) -> bool:
    """Whether a clip cuts something off, or may do so: one that is no rectangle."""
    clip = pdfium.FPDFPageObj_GetClipPath(thing)
    for path in range(max(0, pdfium.FPDFClipPath_CountPaths(clip))):
        corners = [
            _point(pdfium.FPDFClipPath_GetPathSegment(clip, path, at))
            for at in range(pdfium.FPDFClipPath_CountPathSegments(clip, path))
        ]
        across, up = {round(x, 2) for x, _ in corners}, {round(y, 2) for _, y in corners}
        if len(across) != 2 or len(up) != 2:
            return True
        if not Box(min(across), min(up), max(across), max(up)).holds(box):
            return True
    return False


def _point(segment: Any) -> tuple[float, float]:
    x, y = ctypes.c_float(), ctypes.c_float()
    pdfium.FPDFPathSegment_GetPoint(segment, x, y)
    return x.value, y.value


@cache
def _contrast(one: _Colour, other: _Colour) -> float:
    """As WCAG 2.2 defines it: 1 for the same brightness, 21 for black on white."""
    bright, dark = sorted(map(_luminance, (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: _Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (one / 255 for one in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
