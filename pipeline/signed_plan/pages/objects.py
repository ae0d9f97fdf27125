"""What a page draws, piece by piece; groups are taken apart (ISO 32000-2, 8.10)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

TEXT, PATH, FORM = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_FORM

LEAN = 1.0  # points by which a letter may lean over the edge of the page, or of a clip
SEAM = 0.5  # points by which neighbours may overlap


class Box(NamedTuple):
    """A rectangle on a page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, other: Box, lean: float = LEAN) -> bool:
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
            self.left < other.right - SEAM
            and other.left < self.right - SEAM
            and self.bottom < other.top - SEAM
            and other.bottom < self.top - SEAM
        )

    def and_box(self, other: Box) -> Box:
        """The smallest that holds both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))


class Matrix(NamedTuple):
    """How a group's own coordinates become those of the page (ISO 32000-2, 8.3.3)."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    def apply(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the group is on the page."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def before(self, other: Matrix) -> Matrix:
        """The matrix of a group inside that other one."""
        a, b = self.a * other.a + self.b * other.c, self.a * other.b + self.b * other.d
        c, d = self.c * other.a + self.d * other.c, self.c * other.b + self.d * other.d
        return Matrix(a, b, c, d, *other.apply(self.e, self.f))


class DrawnObject(NamedTuple):
    """A piece of text, a path, a picture or a shading."""

    raw: Any
    """PDFium's own object, which ends with its page."""
    kind: int
    group: Matrix | None
    """The matrix of the group that it is in; None where the page draws it itself."""


def page_objects(page: pypdfium2.PdfPage) -> Iterator[DrawnObject]:
    """All that a page draws, in that order."""
    yield from _walk(page.raw, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject, None)


def _walk(
    holder: Any, count: Callable[..., int], get: Callable[..., Any], group: Matrix | None
) -> Iterator[DrawnObject]:
    for at in range(count(holder)):
        raw = get(holder, at)
        kind = pdfium.FPDFPageObj_GetType(raw)
        if kind != FORM:
            yield DrawnObject(raw, kind, group)
            continue
        own = read_matrix(raw)
        yield from _walk(
            raw,
            pdfium.FPDFFormObj_CountObjects,
            pdfium.FPDFFormObj_GetObject,
            own if group is None else own.before(group),
        )


def read_matrix(raw: Any) -> Matrix:
    """The matrix of an object."""
    read = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(raw, ctypes.byref(read))
    return Matrix(read.a, read.b, read.c, read.d, read.e, read.f)
