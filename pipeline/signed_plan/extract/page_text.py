"""What the pages of a PDF print, letter for letter; to be read in the sandbox alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from signed_plan.wording import printable

MAX_PAGES = 2_000

# A fingerprint in full, in eights, and in short, in fours, which a footer has on one line.
FULL = re.compile(r"(?<!\w)(?=([0-9a-f]{8}(?:\s+[0-9a-f]{8}){7})(?!\w))")
SHORT = re.compile(r"(?<!\w)(?=([0-9a-f]{4}(?:[ \xa0][0-9a-f]{4}){2})(?!\w))")


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, without what stands in fields.

    Raises ValueError for what is no PDF, or has more pages than any plan.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(pdf)
        if len(document) > MAX_PAGES:
            raise ValueError("too many pages")
        return [document[at].get_textpage().get_text_range() for at in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error


def numbers(pattern: re.Pattern[str], texts: Sequence[str]) -> dict[str, list[int]]:
    """Each number of that form, without its spaces, and the pages that show it."""
    found: dict[str, list[int]] = {}
    for page, text in enumerate(texts, 1):
        for number in {"".join(printed.split()) for printed in pattern.findall(text)}:
            found.setdefault(number, []).append(page)
    return found


def printable_start(text: str) -> str:
    """The start of an untrusted text, without control characters."""
    return printable(text[:80])
