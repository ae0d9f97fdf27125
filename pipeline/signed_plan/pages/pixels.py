"""Where the geometry of a page cannot tell whether a text is to be seen, its pixels do.

The page is drawn twice, with its text and without. What differs is what the text adds to the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

_SCALE = 2  # pixels a point
_VISIBLE = 24  # of 255: the least change of grey that counts
_EDGE = 2.0  # points by which the ink may begin later, or end earlier, than the text
_GAP = 1.6  # heights of the text that may lie between two of its letters
_FORM, _TEXT = pdfium.FPDF_PAGEOBJ_FORM, pdfium.FPDF_PAGEOBJ_TEXT


def compare_pixels(page: pypdfium2.PdfPage) -> Callable[[tuple[float, ...]], bool]:
    """Gives a function that says whether the text in a box of that page is all to be seen.

    A box is left, bottom, right and top, in points, and fits the text closely.
    """
    with_text = _draw(page)
    texts = [*_texts(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject)]
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, False)
    without = _draw(page)
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, True)
    height = page.get_height()
    origin = page.get_mediabox()

    def seen(box: tuple[float, ...]) -> bool:
        left, bottom, right, top = box
        left, right = left - origin[0], right - origin[0]
        bottom, top = bottom - origin[1], top - origin[1]
        rows = range(max(0, round((height - top) * _SCALE)), round((height - bottom) * _SCALE) + 1)
        columns = range(max(0, round(left * _SCALE)), round(right * _SCALE) + 1)
        inked = [
            (row, column)
            for row in rows
            for column in columns
            if with_text.differs(without, row, column)
        ]
        return _covers({column for _, column in inked}, columns, _GAP * (top - bottom)) and _covers(
            {row for row, _ in inked}, rows, top - bottom
        )

    return seen


def _covers(inked: set[int], expected: range, gap: float) -> bool:
    """Whether ink reaches from one end of what is expected to the other, with no gap so wide."""
    marks = sorted(inked)
    if not marks:
        return False
    edge = _EDGE * _SCALE
    if marks[0] - expected[0] > edge or expected[-1] - marks[-1] > edge:
        return False
    return all(after - before <= max(gap * _SCALE, edge) for before, after in pairwise(marks))


class _Picture:
    """A page as grey pixels."""

    def __init__(self, bitmap: pypdfium2.PdfBitmap) -> None:
        self._grey = bytes(bitmap.buffer)
        self._stride = bitmap.stride
        self._size = (bitmap.height, bitmap.width)

    def differs(self, other: _Picture, row: int, column: int) -> bool:
        if row >= self._size[0] or column >= self._size[1]:
            return False
        at = row * self._stride + column
        change: int = abs(self._grey[at] - other._grey[at])
        return change >= _VISIBLE


def _draw(page: pypdfium2.PdfPage) -> _Picture:
    return _Picture(page.render(scale=_SCALE, grayscale=True, may_draw_forms=False))


def _texts(holder: Any, count: Any, get: Any) -> Iterator[Any]:
    for at in range(count(holder)):
        thing = get(holder, at)
        kind = pdfium.FPDFPageObj_GetType(thing)
        if kind == _TEXT:
            yield thing
        elif kind == _FORM:
            yield from _texts(thing, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)
