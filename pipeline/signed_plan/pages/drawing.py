"""The lines of text on a PDF's pages, and whether each of them can be seen.

PDFium reads the pages, which is none of the programs that made them. What counts is what is drawn
(ISO 32000-2, 8 and 9): where, in which colour, through which clip, and what is drawn over it.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from signed_plan.pages.pixels import compare_pixels

_TEXT, _PATH, _FORM = (
    *(pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH),
    pdfium.FPDF_PAGEOBJ_FORM,
)
_UNSEEN = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
_FILLED = pdfium.FPDF_TEXTRENDERMODE_FILL
_DRAW_NOTHING = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP)

_LEAN = 1.0  # points by which a letter may lean over the edge of the page, or of a clip
_SEAM = 0.5  # points by which neighbours may overlap
_CONTRAST = 1.5
"""The least ratio of brightness between a text and its ground; WCAG 2.2 asks for 4.5, to be read
with ease."""
_LONGEST = 32_768  # UTF-16 units of one piece of text
_BROKEN = "\x02"
"""What PDFium makes of a hyphen at the end of a line."""

HIDDEN, OFF_PAGE, ON_IT, COLOUR, COVERED = (
    "it is drawn as hidden text",
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


class Box(NamedTuple):
    """A rectangle on a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, other: Box, lean: float = _LEAN) -> bool:
        """Whether the other is inside, but for a little."""
        return (
            self.left - lean <= other.left
            and other.right <= self.right + lean
            and self.bottom - lean <= other.bottom
            and other.top <= self.top + lean
        )

    def meets(self, other: Box) -> bool:
        """Whether they share more than a seam."""
        return (
            self.left < other.right - _SEAM
            and other.left < self.right - _SEAM
            and self.bottom < other.top - _SEAM
            and other.bottom < self.top - _SEAM
        )

    def and_box(self, other: Box) -> Box:
        """The smallest that holds both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))


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


def read_lines(pdf: bytes) -> list[list[PageLine]]:
    """The lines of each page, in the order in which they are drawn.

    Raises ValueError for what is no PDF.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
        return [_page_lines(document[at], at + 1) for at in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error


def _page_lines(page: pypdfium2.PdfPage, number: int) -> list[PageLine]:
    things = [*_things(page)]
    texts = [(at, one) for at, one in enumerate(things) if one.text]
    others = [(at, one) for at, one in enumerate(things) if one.kind != _TEXT]
    frame, crowded = Box(*page.get_cropbox()), _crowded(texts, _fields(page))
    pixels = None
    lines: list[PageLine] = []
    last = -1
    for at, text in texts:
        hidden = ON_IT if at in crowded else _judge(text, at, others, frame)
        if hidden is None:
            pixels = pixels or compare_pixels(page)
            hidden = "" if pixels(text.box) else COVERED
        if last == text.content >= 0:
            line = lines[-1]
            line.text += text.text
            line.box = line.box.and_box(text.box)
            line.hidden = line.hidden or hidden
        else:
            lines.append(PageLine(number, text.content >= 0, text.text, text.box, hidden))
        last = text.content
    return lines


def _judge(text: _Thing, at: int, others: Sequence[tuple[int, _Thing]], frame: Box) -> str | None:
    """Why a text cannot be seen, or ""; None where only the pixels can tell."""
    if text.mode in _UNSEEN:
        return HIDDEN
    if not frame.holds(text.box):
        return OFF_PAGE
    ground: _Colour | None = _WHITE
    for place, other in others:
        if not other.box.meets(text.box):
            continue
        if place > at:
            return None
        whole = other.plain and other.box.holds(text.box, _SEAM)
        ground = other.colour if whole else None
    if ground is None or not text.plain:
        return None
    return COLOUR if _contrast(text.colour, ground) < _CONTRAST else ""


def _crowded(texts: Sequence[tuple[int, _Thing]], fields: Sequence[Box]) -> set[int]:
    """Which of the texts have others lying on them."""
    found = set()
    rising = sorted(texts, key=lambda one: one[1].box.bottom)
    for k, (at, text) in enumerate(rising):
        box = text.box
        middle = (box.bottom + box.top) / 2
        for other_at, other in rising[k + 1 :]:
            if other.box.bottom >= middle:
                break
            if text.content == other.content >= 0:
                continue  # parts of one line, such as a bracket around letters written leftwards
            if other.box.left < box.right - 2 and box.left < other.box.right - 2:
                found |= {at, other_at}
        if any(field.holds(box, 0) or (field.meets(box) and _half(field, box)) for field in fields):
            found.add(at)
    return found


def _half(field: Box, text: Box) -> bool:
    return field.bottom < (text.bottom + text.top) / 2 < field.top


def _things(page: pypdfium2.PdfPage) -> Iterator[_Thing]:
    reader = _PageReader(page)
    yield from reader.things(pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, page.raw)


class _PageReader:
    """Reads what a page draws; the places that PDFium writes to are made once."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._words = page.get_textpage()
        self._box = [ctypes.c_float() for _ in range(4)]
        self._box_at = [ctypes.byref(one) for one in self._box]
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_at = [ctypes.byref(one) for one in self._colour]
        self._fill, self._stroke = ctypes.c_int(), ctypes.c_int()
        self._text = (ctypes.c_ushort * _LONGEST)()

    def things(self, count: Any, get: Any, holder: Any) -> Iterator[_Thing]:
        for at in range(count(holder)):
            thing = get(holder, at)
            kind = pdfium.FPDFPageObj_GetType(thing)
            if kind == _FORM:
                yield from self.things(
                    pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject, thing
                )
            elif kind == _TEXT:
                text = self._read_text(thing)
                if text:
                    yield self._text_thing(thing, text)
            elif kind != _PATH or self._is_filled(thing):
                box, (*colour, alpha) = self._read_box(thing), self._read_colour(thing)
                plain = kind == _PATH and alpha == 255 and not _clipped(thing, box)
                yield _Thing(kind, box, _Colour(*colour), plain)

    def _text_thing(self, thing: Any, text: str) -> _Thing:
        mode = pdfium.FPDFTextObj_GetTextRenderMode(thing)
        box, (*colour, alpha) = self._read_box(thing), self._read_colour(thing)
        plain = mode == _FILLED and alpha == 255 and not _clipped(thing, box)
        content = pdfium.FPDFPageObj_GetMarkedContentID(thing)
        return _Thing(_TEXT, box, _Colour(*colour), plain, text, mode, content)

    def _read_box(self, thing: Any) -> Box:
        pdfium.FPDFPageObj_GetBounds(thing, *self._box_at)
        return Box(*(one.value for one in self._box))

    def _read_colour(self, thing: Any) -> list[int]:
        if not pdfium.FPDFPageObj_GetFillColor(thing, *self._colour_at):
            return [0, 0, 0, 0]
        return [one.value for one in self._colour]

    def _read_text(self, thing: Any) -> str:
        size = pdfium.FPDFTextObj_GetText(thing, self._words.raw, self._text, 2 * _LONGEST)
        text = ctypes.string_at(self._text, max(0, size - 2)).decode("utf-16-le", "replace")
        return "".join(text.replace(_BROKEN, "-").split())

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


def _fields(page: pypdfium2.PdfPage) -> list[Box]:
    """Where annotations lie that draw something of their own: fields to sign, notes, stamps."""
    found = []
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if pdfium.FPDFAnnot_GetSubtype(annotation) not in _DRAW_NOTHING:
            place = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(annotation, place)
            found.append(Box(place.left, place.bottom, place.right, place.top))
        pdfium.FPDFPage_CloseAnnot(annotation)
    return found


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
