"""How lines that are wider than the terminal fold: between words, and below their own beginning."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_NARROWEST = 20
_USUAL = 80
_BESIDE = 24
"""With fewer cells than this beside a row's other columns, its last one goes on below them."""
_NUMBER = 5
"""A first column of so few cells is a number, beside which the others fold."""


def terminal_width() -> int:
    """How many cells wide the terminal is that the output goes to, as COLUMNS or itself says."""
    told = os.environ.get("COLUMNS", "")
    if told.isascii() and told.isdigit() and int(told):
        return max(int(told), _NARROWEST)
    try:
        width = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        return _USUAL
    return max(width or _USUAL, _NARROWEST)


def fold(text: Text, width: int, hang: int) -> Sequence[Text]:
    """The text in lines of that many cells; those after the first begin `hang` cells in.

    A word that is wider than a line stays whole, so that it can be copied: the terminal breaks it.
    """
    from rich.text import Text

    first, *others = text.divide(_breaks(text.plain, width, hang))
    return [_rstripped(line) for line in (first, *(Text(" " * hang) + one for one in others))]


def _breaks(plain: str, width: int, hang: int) -> list[int]:
    """Where the lines after the first begin."""
    from rich.cells import cell_len

    found: list[int] = []
    used = start = len(plain) - len(plain.lstrip(" "))
    for word in re.finditer(r"[^ ]+ *", plain):
        if used > start and used + cell_len(word[0].rstrip(" ")) > width:
            found.append(word.start())
            used = start = hang
        used += cell_len(word[0])
    return found


def _rstripped(line: Text) -> Text:
    line.rstrip()
    return line


def fold_row(columns: Sequence[str], width: int | None) -> list[tuple[str, int]]:
    """A row of padded columns as lines that can be folded, each with how far it hangs.

    The last column folds beside the others where there is room; else all of them go on below the
    first, without their padding. Without a width, the row is as wide as it is.
    """
    if width is None:
        return [(" ".join(columns).rstrip(), 0)]
    from rich.cells import cell_len

    lead = cell_len(" ".join(columns[:-1])) + 1
    if width - lead >= _BESIDE:
        return [(" ".join(columns).rstrip(), lead)]
    first, *others = columns
    rest = "  ".join(filter(None, (one.strip() for one in others)))
    if cell_len(first) <= _NUMBER:
        return [(f"{first.rstrip()} {rest}", cell_len(first.rstrip()) + 1)]
    indent = 2 + len(first) - len(first.lstrip(" "))
    return [(first.rstrip(), 0), (" " * indent + rest, indent)]


def fold_plain(text: str, width: int, hang: int) -> list[str]:
    """The same as `fold`, of a text without styles."""
    from rich.text import Text

    return [line.plain for line in fold(Text(text), width, hang)]
