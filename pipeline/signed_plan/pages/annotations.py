"""What lies on a page beside what it draws: annotations (ISO 32000-2, 12.5)."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from signed_plan.pages.objects import Box

_KINDS = frozenset((pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_WIDGET))


def noted_page(pdf: bytes) -> int:
    """The first page, counted from 1, with a note, a stamp or the like on it; 0 where none has.

    Of annotations, a document made here has links and fields to sign, and no other. Raises
    ValueError for what is no PDF.
    """
    try:
        document = pypdfium2.PdfDocument(pdf)
        pages = enumerate((document[at] for at in range(len(document))), 1)
        return next((number for number, page in pages if not _KINDS.issuperset(_kinds(page))), 0)
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error


def _kinds(page: pypdfium2.PdfPage) -> Iterator[int]:
    """The kinds of a page's annotations (ISO 32000-2, 12.5.6)."""
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        yield pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)


def field_places(page: pypdfium2.PdfPage) -> list[Box]:
    """Where annotations lie that draw something of their own: fields to sign, notes, stamps."""
    found = []
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not _is_bare_link(annotation):
            place = pdfium.FS_RECTF()
            pdfium.FPDFAnnot_GetRect(annotation, place)
            found.append(Box(place.left, place.bottom, place.right, place.top))
        pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _is_bare_link(annotation: Any) -> bool:
    """Whether it is a link without a border or an appearance, which draws nothing."""
    if pdfium.FPDFAnnot_GetSubtype(annotation) != pdfium.FPDF_ANNOT_LINK:
        return False
    sizes = [ctypes.c_float(1) for _ in range(3)]  # a border that is not named is 1 wide
    pdfium.FPDFAnnot_GetBorder(annotation, *sizes)
    return sizes[2].value == 0 and not any(
        pdfium.FPDFAnnot_HasKey(annotation, key) for key in (b"AP", b"BS")
    )
