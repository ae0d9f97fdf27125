"""What a PDF claims to be is checked before it is written: PDF/A-3b and PDF/UA-1.

LibreOffice writes what these standards ask for, but each version in its own way, and none of them
looks at what it wrote. `libreoffice/pdf_mending.py` adds what is known to be missing. A PDF that
still breaks a rule is not written, since its claim would be false.
"""

from __future__ import annotations

from pypdf import PdfWriter

from signed_plan.document import archive_rules
from signed_plan.document.accessibility_rules import PAGE_RULES, require_identity
from signed_plan.document.tagged_pdf import TaggedPdf


def require_claims(writer: PdfWriter) -> None:
    """Makes sure that the PDF may call itself PDF/A-3b and PDF/UA-1.

    Raises ConversionError with the first rule that it breaks, and what to do about it.
    """
    pdf = TaggedPdf(writer)
    for rule in (*PAGE_RULES, *archive_rules.RULES, require_identity):
        rule(pdf)


def require_accessibility(writer: PdfWriter) -> None:
    """Makes sure that the PDF is as accessible as PDF/UA-1 wants it, though it may not say so.

    Raises ConversionError as `require_claims`.
    """
    pdf = TaggedPdf(writer)
    for rule in PAGE_RULES:
        rule(pdf)
