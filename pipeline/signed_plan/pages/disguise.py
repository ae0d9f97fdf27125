"""Whether anything hides words of a PDF that came from outside, or lies on its pages.

A program that saves or prints a file leaves its words to be seen, and adds no notes to them.
"""

from __future__ import annotations

from signed_plan.pages.annotations import noted_page
from signed_plan.pages.drawing import read_lines
from signed_plan.wording import printable, shorten


def find_disguise(pdf: bytes) -> str:
    """The first text that cannot be seen, or note that lies on a page, as a clause; "" if none.

    Raises ValueError for what is no PDF.
    """
    hidden = next((line for page in read_lines(pdf) for line in page if line.hidden), None)
    if hidden is not None:
        text = shorten(printable(hidden.text))
        return f'"{text}" cannot be seen on page {hidden.page}: {hidden.hidden}'
    noted = noted_page(pdf)
    return f"page {noted} has notes or drawings on it" if noted else ""
