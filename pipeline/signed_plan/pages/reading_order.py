"""In which order a reader comes to the lines of a page, whatever the order they are drawn in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from signed_plan.wording import runs_leftwards

if TYPE_CHECKING:
    from signed_plan.pages.drawing import PageLine
    from signed_plan.pages.objects import Box

SIDE_BY_SIDE = 1.0  # points
_FEW = 2


def follows(before: PageLine, line: PageLine) -> bool:
    """Whether a reader comes to that line after the one before."""
    if line.page != before.page:
        return line.page > before.page
    lower = (line.box.bottom + line.box.top) / 2 < before.box.bottom
    return lower or line.box.left >= before.box.right - SIDE_BY_SIDE


def runs_back(lines: Sequence[PageLine]) -> bool:
    """Whether a part of a text stands to the left of the part that is drawn before it.

    Marks that turn the direction can do that to numbers, and are not to be seen themselves. Where
    letters are written from right to left it is as it should be (UAX #9).
    """
    return any(_is_left_of(line.box, before.box) for before, line in _neighbours(lines)) and not (
        any(runs_leftwards(line.text) or _has_arabic_digit(line.text) for line in lines)
    )


def _has_arabic_digit(words: str) -> bool:
    return any(unicodedata.bidirectional(one) == "AN" for one in words)


def _neighbours(lines: Sequence[PageLine]) -> list[tuple[PageLine, PageLine]]:
    return [
        (before, line)
        for before, line in pairwise(lines)
        if line.page == before.page and not _is_upright(line) and not _is_upright(before)
    ]


def _is_left_of(box: Box, other: Box) -> bool:
    beside = other.bottom < (box.bottom + box.top) / 2 < other.top
    return beside and box.right <= other.left + SIDE_BY_SIDE


def _is_upright(line: PageLine) -> bool:
    """Whether it may be a line that is written up or down, which is left or right of the next.

    One letter, or a colon, is taller than wide on any line.
    """
    box = line.box
    return len(line.text) > _FEW and box.top - box.bottom > 2 * (box.right - box.left)
