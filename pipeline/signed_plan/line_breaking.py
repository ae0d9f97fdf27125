"""A text on lines of a given width, whatever measures it."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator

Measure = Callable[[str], float]
"""How wide a text is on one line."""

_JOINERS = "\u200c\u200d"


def break_lines(text: str, room: float, measure: Measure) -> list[str]:
    """The text on as many lines as it needs, none wider than `room`; never an empty line.

    Lines end at spaces and behind hyphens. What is too wide by itself is cut anywhere but inside
    a letter; one letter that is too wide has a line of its own.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        gap = " "
        for part in re.findall(r"[^-]*-+|[^-]+", word):
            longer = f"{line}{gap if line else ''}{part}"
            if measure(longer) <= room:
                line = longer
            else:
                *full, last = _cut(part, room, measure)
                lines += [line, *full] if line else full
                line = last
            gap = ""
    return [*lines, line] if line else lines


def wrap_words(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The text on lines of so many characters, as a letter or a terminal shows it.

    A word is never broken, however long: it may be a path or a command. `first` stands before the
    first line, `rest` before the others.
    """
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _cut(part: str, room: float, measure: Measure) -> Iterator[str]:
    line = ""
    for letter in _letters(part):
        if line and measure(line + letter) > room:
            yield line
            line = ""
        line += letter
    yield line


def _letters(part: str) -> Iterator[str]:
    """The characters, each with the marks and joiners that belong to it."""
    letter = ""
    for one in part:
        belongs = unicodedata.category(one).startswith("M") or one in _JOINERS
        if letter and not belongs and letter[-1] not in _JOINERS:
            yield letter
            letter = ""
        letter += one
    yield letter
