"""The redline as a PDF in which every change can be seen, without colour too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from signed_plan.compare.changes import Comparison
from signed_plan.digest import Digest
from signed_plan.document.recipe import finish
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.redline.redline import describe_redline


def make_redline_pdf(redline: bytes, comparison: Comparison, scratch: Path | None = None) -> bytes:
    """The redline, with its changes shown, as PDF/A-3b and PDF/UA-1; the same bytes each time.

    What was added is underlined, what was removed is struck through, and a line in the margin
    marks both. The converter works in a folder inside `scratch`, by default the system's for
    temporary files.

    Raises MissingError or ConversionError, each with its remedy.
    """
    with start_converter(find_libreoffice(), scratch) as running:
        ((pdf,),) = running.convert([(WordFile(redline),)])
    identifier = f"urn:sha256:{Digest.of_bytes(redline)}"
    return finish(pdf, replace(describe_redline(comparison), identifier=identifier))
