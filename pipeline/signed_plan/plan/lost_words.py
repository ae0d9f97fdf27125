"""Texts that YAML reads without a complaint, but not as they were meant.

Words behind a hash sign are dropped, lines are joined that were to be entries of their own, and a
quotation mark that was never closed takes in the entries below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from signed_plan.plan.model import KINDS
from signed_plan.plan.slips import LIST_MARKS, Slip, closed_late, is_key_line, seen_in
from signed_plan.wording import shorten

_COMMENT = "a comment goes on a line of its own, above the entry."
_PLAIN = f"Put the whole text in quotation marks, on one line; {_COMMENT}"
_QUOTED = f"Put it inside the quotation marks; {_COMMENT}"
_BLOCK = f"Put it on the next line, with the text; {_COMMENT}"
_BLOCK_KEYS = rf"(?:id|{'|'.join(KINDS)})"
_MARKED = rf"\s*[{LIST_MARKS}-](?:\s|$)"
_JOINED = (
    "this line is joined to the text above it",
    "If it is an entry or a key of its own, begin it exactly below the one above; if it belongs to "
    "the text, write it on the same line as the words before it.",
)
_NO_HYPHEN = (
    "this line does not begin with a hyphen, as the line below it does",
    "Begin it with a hyphen and a space, exactly above the other hyphen.",
)
_LINE_BREAK = (
    "a backslash and an n in double quotation marks are a line break",
    "Write one entry for each paragraph; or, if there should be a backslash, use single quotation "
    "marks.",
)


def find_dropped(lines: Sequence[str], before: Any, event: Any) -> Slip | None:
    """Words that a hash sign takes from a text: in front of it, in its first line, or behind it.

    A comment is one for sure where it has its own line, or two spaces before it behind a text
    without quotation marks. `before` is the mark where what stands before the text ends.
    """
    start, end = event.start_mark, event.end_mark
    for number in range(before.line, start.line):
        column = before.column if number == before.line else 0
        found = re.match(r"\s*(?::|-[- ]*)\s+(?=#)", lines[number][column:])
        if found is not None:
            return _dropped(lines[number], number, column + found.end(), _PLAIN)
    if event.style in ("|", ">"):
        rest, number, column, remedy = r"[|>][-+0-9]*[ \t]+", start.line, start.column, _BLOCK
    elif event.style:
        rest, number, column, remedy = r"[ \t]*", end.line, end.column, _QUOTED
    else:
        rest, number, column, remedy = r"(?! {2,}#)[ \t]+", end.line, end.column, _PLAIN
    line = lines[number] if number < len(lines) else ""
    found = re.compile(rf"{rest}(?=#)").match(line, column)
    return None if found is None else _dropped(line, number, found.end(), remedy)


def _dropped(line: str, number: int, column: int, remedy: str) -> Slip | None:
    words = line[column:].lstrip("#").strip()
    if not words:
        return None
    return Slip(number, column, f'what follows # would be left out: "{shorten(words)}"', remedy)


def find_joined(lines: Sequence[str], event: Any) -> Slip | None:
    """A line that YAML joins to the text above it, though it looks like an entry of its own."""
    start, end, style = event.start_mark, event.end_mark, event.style
    if start.line == end.line:
        return None
    if style in ("'", '"'):
        return closed_late(lines, start, end, _BLOCK_KEYS)
    block = style in ("|", ">")
    after = end.line + (end.column > 0)
    own = [number for number in range(start.line + 1, after) if lines[number].strip()]
    for number in own:
        line = lines[number]
        may_be_marked = style != "|" and not (block and number == own[0])
        if is_key_line(line, _BLOCK_KEYS) or (may_be_marked and re.match(_MARKED, line)):
            indent = len(line) - len(line.lstrip())
            if not block and lines[start.line][:indent].isspace() and indent == start.column:
                return seen_in(lines, start.line) or Slip(start.line, indent, *_NO_HYPHEN)
            return Slip(number, indent, *_JOINED)
    return None


def find_line_break(lines: Sequence[str], event: Any) -> Slip | None:
    """A backslash and an n, such as of a Windows path, that YAML reads as a line break."""
    if event.style == '"' and "\n" in event.value:
        for number in range(event.start_mark.line, event.end_mark.line + 1):
            found = re.search(r"(?<!\\)(?:\\\\)*(?=\\n)", lines[number])
            if found is not None:
                return Slip(number, found.end(), *_LINE_BREAK)
    return None
