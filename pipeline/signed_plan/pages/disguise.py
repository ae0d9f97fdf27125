"""Whether anything hides words of a PDF that came from outside, or lies on its pages.

A program that saves or prints a file leaves its words to be seen, and adds no notes to them.
"""

from __future__ import annotations

import pypdfium2
import pypdfium2.raw as pdfium

from signed_plan.pages.drawing import read_lines
from signed_plan.wording import printable, shorten

_OF_PLANS = (pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_WIDGET)
"""The kinds of annotations that a plan has: its links, and its fields to sign."""


def find_disguise(pdf: bytes) -> str:
    """The first text that cannot be seen, or note that lies on a page, as a clause; "" if none.

    Raises ValueError for what is no PDF.
    """
    hidden = next((line for page in read_lines(pdf) for line in page if line.hidden), None)
    if hidden is not None:
        text = shorten(printable(hidden.text))
        return f'"{text}" cannot be seen on page {hidden.page}: {hidden.hidden}'
    document = pypdfium2.PdfDocument(pdf)
    noted = next((at for at in range(len(document)) if _has_notes(document[at])), None)
    return "" if noted is None else f"page {noted + 1} has notes or drawings on it"


def _has_notes(page: pypdfium2.PdfPage) -> bool:
    for at in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, at)
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if kind not in _OF_PLANS:
            return True
    return False
