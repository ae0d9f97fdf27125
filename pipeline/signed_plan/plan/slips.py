"""Slips of the pen that make YAML unreadable: where they are, and in words for a clerk.

The YAML parser says what it expected, and often lines after the mistake. What was typed is looked
for in the line that it was reading, in the line where it gave up, and in those between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from signed_plan.plan.model import Plan
from signed_plan.plan.shape import every_key

SPECIAL_SPACE = "[\u00a0\u00ad\u1680\u2000-\u200f\u202f\u205f\u2060\u3000]"
"""Spaces that YAML takes for letters, and what cannot be seen at all."""
LIST_MARKS = "*•·‣◦▪●○–—−"
"""What stands before the entries of a list elsewhere. In YAML it is a hyphen."""

_KEY = rf"(?:{'|'.join(every_key(Plan))})"
_HYPHENS = r" *+(?:- ++)*+"
_BEFORE_VALUE = rf"^{_HYPHENS}(?:[a-z][a-z-]*+:[ \t]++)?+"

QUOTES = "Put the text in quotation marks."


@dataclass(frozen=True, slots=True)
class Slip:
    """A mistake in a file's lines, which count from 0, as their columns do."""

    line: int
    column: int
    message: str
    remedy: str


# What is seen in a line: a pattern that ends where the mistake is, the mistake, and the remedy.
_SEEN = (
    (
        rf"^[ \t-]*(?={SPECIAL_SPACE})|^{_HYPHENS}[a-z-]*(?={SPECIAL_SPACE}+:)"
        rf"|^{_HYPHENS}[a-z-]+:(?={SPECIAL_SPACE})",
        "this is a special space, as from Word",
        "Delete it, and type spaces with the space bar where some are needed.",
    ),
    (r"^ *(?=\t+ *[^\s#])", "this line is indented with a tab", "Indent it with spaces instead."),
    (r"^ *(?:- +)*-(?=\t)", "there is a tab behind the hyphen", "Type a space instead."),
    (
        rf"^ *(?=[{LIST_MARKS}]\s)",
        "an entry of a list does not begin with this sign",
        "Type a hyphen instead.",
    ),
    (r"^ *-(?=[^\s-])", "there is no space after the hyphen", "Type a space here."),
    (
        rf"^{_HYPHENS}[a-z][a-z-]*:(?=[^\s/])",
        "there is no space after the colon",
        "Type a space here.",
    ),
    (
        rf"^{_HYPHENS}{_KEY}(?=[ \t]*[：;=])",
        "there is another sign where the key's colon belongs",
        "Type a colon and a space instead.",
    ),
    (
        rf"{_BEFORE_VALUE}[>|][-+0-9]*+[ \t]*+(?=[^\s#])",
        "words stand behind > or |, which say that the text begins on the next line",
        "Write them on the next line, two spaces further in than the key; or, if this sign is part "
        "of the text, put the text in quotation marks.",
    ),
    (
        rf"{_BEFORE_VALUE}(?=[“”„‟‘’‚«].*[:#\"'])",
        "curly quotation marks, as from Word, do not hold a text together",
        'Type straight ones (") instead.',
    ),
    (
        rf"{_BEFORE_VALUE}(?=\[[^\[\]]*\]\s*[^\s#,\]}}]|\{{[^{{}}]*\}}\s*[^\s#,\]}}])",
        "a text cannot begin with a bracket",
        QUOTES,
    ),
    (
        rf"{_BEFORE_VALUE}(?:\[[^\[\]]*\](?=\])|\{{[^{{}}]*\}}(?=\}}))",
        "there is one closing bracket too many",
        "Delete it.",
    ),
    (
        r"^(?=%)",
        "a line cannot begin with this sign",
        "If it belongs to the text above, write it behind that text; if not, delete it.",
    ),
    (
        rf"{_BEFORE_VALUE}(?=-(?: |$))",
        "a text cannot begin with a hyphen and a space",
        "Put the text in quotation marks, or start the list on the next line.",
    ),
    (
        rf"{_BEFORE_VALUE}(?=[@`%!&*,\]}}]|\? )",
        "a text cannot begin with this sign",
        QUOTES,
    ),
    (
        rf"{_BEFORE_VALUE}'[^']*[^\W\d_](?='[^\W\d_])",
        "this apostrophe ends the text that is in single quotation marks",
        'Put double quotation marks (") around the text instead of the single ones.',
    ),
    (
        rf"{_BEFORE_VALUE}(?=([\"'])[^\"']*\1 *[^\s#])",
        "the quotation marks are around only a part of the text",
        "Put quotation marks of the other kind around all of it.",
    ),
)
# Where the parser was reading a line as a key and found no colon, or was not allowed another one.
_NO_COLON = (
    rf"^{_HYPHENS}{_KEY}(?= |$)",
    "there is no colon after the key",
    "Type a colon here, and a space before what follows.",
)
_TOO_FAR = (
    "this line is read as part of the text above, since it is indented further",
    "Indent it like the other keys, or entries, of its kind.",
)
_NOT_BELOW = (
    "the text below the sign > or | is not indented",
    "Begin each of its lines two spaces further in than its key.",
)
_DOTS = (
    "three dots on a line of their own end the file",
    "Delete them, or write them behind the text above.",
)
_COMMENT_INSIDE = (
    "this line, which begins with #, ends the text above it",
    "Move it above the whole entry.",
)
_AN_ENTRY_ASIDE = (
    "this entry does not begin exactly below the entries of its list",
    "Indent it like them.",
)
_A_KEY_ASIDE = (
    "this key does not begin exactly below the keys that it belongs with",
    "Indent it like them.",
)
_NO_KEY = (
    "this line has no key, and it does not go on with the text above it either",
    "If it goes on with that text, indent it further than the text's key; if not, delete it.",
)
# What the YAML parser says where the line itself shows nothing.
_SAID = (
    (
        r"mapping values are not allowed",
        "there is a colon and a space inside a text",
        "Put the whole text in quotation marks, or start it with >- and write it on the next line.",
    ),
    (
        r"cannot start any token|expected (?:the )?node content",
        "a text cannot begin with this sign",
        QUOTES,
    ),
)
_ESCAPES = r"unknown escape character|did not find expected hexdecimal|invalid Unicode character"
_BACKSLASH = (
    "there is a backslash inside double quotation marks",
    "Put single quotation marks around the text. In them, a backslash is just a backslash.",
)
_NO_KEYS = (
    "this is not a list of keys and values",
    "Begin the file with a key and a colon, such as areas: or people:",
)
_BEHIND_DASHES = ("nothing can stand behind --- on its line", "Delete the sign ---.")
_MISFIT = (
    "this line does not fit the lines above it",
    "Begin it exactly below the line above that it belongs with, and write it as that one is.",
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where the parser was when it gave up."""

    line: int
    """The line, from 0, in which the last thing that it could read begins."""
    quoted: Any
    """The last text, if it is in quotation marks: an event of the parser."""
    bracket: Any
    """The mark of the innermost bracket that is open, or None."""


def find_slip(lines: Sequence[str], error: yaml.MarkedYAMLError, position: Position) -> Slip:
    """The likely mistake behind what the YAML parser says about a file of these lines."""
    said, gave_up = str(error.problem), error.problem_mark or error.context_mark
    assert gave_up is not None, "libyaml and PyYAML mark every mistake"
    if re.search(_ESCAPES, said):
        return Slip(gave_up.line, gave_up.column, *_BACKSLASH)
    quote = _open_quote(lines, error, position.quoted)
    if quote is not None:
        return quote
    for number in _suspects(error, position):
        found = seen_in(lines, number)
        if found is not None:
            return found
    begun = error.context_mark if re.search("flow [sm]", str(error.context)) else position.bracket
    if begun is not None and _is_open(lines[begun.line][begun.column :]):
        return Slip(
            begun.line,
            begun.column,
            "a bracket is opened here, but what follows is not a list with a closing bracket",
            "Close it, with commas between the entries; or put the whole text in quotation marks.",
        )
    return _misplaced(lines, error) or _as_said(said, gave_up)


def _open_quote(lines: Sequence[str], error: yaml.MarkedYAMLError, quoted: Any) -> Slip | None:
    unclosed = re.search("unexpected (end of stream|document indicator)", str(error.problem))
    if unclosed and error.context_mark is not None:
        at = error.context_mark
        message = "a quotation mark is opened here and never closed"
        return Slip(at.line, at.column, message, "Close it where the text ends.")
    if quoted is not None:
        return closed_late(lines, quoted.start_mark, quoted.end_mark, _KEY)
    return None


def closed_late(lines: Sequence[str], start: Any, end: Any, keys: str) -> Slip | None:
    """The mistake of a text in quotation marks that takes in lines with such keys below it.

    It goes from mark to mark; the keys are a regular expression.
    """
    if any(is_key_line(line, keys) for line in lines[start.line + 1 : end.line + 1]):
        message = f"the quotation mark that is opened here is closed only in line {end.line + 1}"
        return Slip(start.line, start.column, message, "Close it where the text ends.")
    return None


def is_key_line(line: str, keys: str) -> bool:
    """Whether a line looks like an entry or a key of its own, not like words of a text."""
    return re.match(rf"{_HYPHENS}{keys}:(?: |$)", line) is not None


def find_wrong_start(lines: Sequence[str], start: Any) -> Slip:
    """Why a file does not begin with a key, at the mark where something else does."""
    line = lines[start.line] if start.line < len(lines) else ""
    if line.startswith("---") and start.column:
        return Slip(start.line, start.column, *_BEHIND_DASHES)
    for pattern, message, remedy in (_SEEN[0], _NO_COLON):
        found = re.search(pattern, line)
        if found is not None:
            return Slip(start.line, found.end(), message, remedy)
    return Slip(start.line, start.column, *_NO_KEYS)


def _suspects(error: yaml.MarkedYAMLError, position: Position) -> Iterator[int]:
    """The numbers of the lines to look at, the likeliest first."""
    gave_up = (error.problem_mark or error.context_mark).line  # type: ignore[union-attr]
    if error.context_mark is not None and "simple key" in str(error.context):
        yield error.context_mark.line
    yield from range(gave_up, max(position.line - 1, gave_up - 4), -1)


def seen_in(lines: Sequence[str], number: int) -> Slip | None:
    """The first mistake that a line itself shows."""
    line = lines[number] if number < len(lines) else ""
    for pattern, message, remedy in _SEEN:
        found = re.search(pattern, line)
        if found is not None:
            return Slip(number, found.end(), message, remedy)
    return None


def _is_open(line: str) -> bool:
    """Whether a bracket that begins this line is not closed in it."""
    return line.count("[") > line.count("]") or line.count("{") > line.count("}")


def _misplaced(lines: Sequence[str], error: yaml.MarkedYAMLError) -> Slip | None:
    """A line that would be right elsewhere, or whose neighbour above is wrong."""
    said, at = str(error.problem), error.problem_mark
    no_key = error.context_mark is not None and "simple key" in str(error.context)
    if no_key:
        at = error.context_mark
    assert at is not None, "libyaml and PyYAML mark every mistake"
    line = lines[at.line] if at.line < len(lines) else ""
    indent = len(line) - len(line.lstrip(" "))
    ended = _ended_above(lines, at.line, said, line)
    if ended is not None:
        return ended
    if re.search(r": +[>|][-+0-9]*\s*$", lines[_line_above(lines, at.line)]):
        return Slip(at.line, indent, *_NOT_BELOW)
    if "mapping values" in said:
        too_far = re.match(rf"{_HYPHENS}{_KEY}:$", line[: at.column + 1])
        return Slip(at.line, indent, *_TOO_FAR) if too_far else None
    if no_key:
        key = re.search(_NO_COLON[0], line)
        return Slip(at.line, key.end(), *_NO_COLON[1:]) if key else Slip(at.line, indent, *_NO_KEY)
    for pattern, aside in ((" *- ", _AN_ENTRY_ASIDE), (rf" *{_KEY}:", _A_KEY_ASIDE)):
        if re.match(pattern, line):
            return Slip(at.line, indent, *aside)
    return None


def _ended_above(lines: Sequence[str], number: int, said: str, line: str) -> Slip | None:
    """A line above that ends the file or a text, though something follows."""
    dots = [n for n, one in enumerate(lines[: number + 1]) if re.match(r"\.\.\.(\s|$)", one)]
    if "document start" in said and dots:
        return Slip(dots[-1], 0, *_DOTS)
    above = _line_above(lines, number)
    if lines[above].lstrip().startswith("#") and not re.match(rf"{_HYPHENS}{_KEY}:", line):
        return Slip(above, lines[above].index("#"), *_COMMENT_INSIDE)
    return None


def _line_above(lines: Sequence[str], number: int) -> int:
    """The nearest line above that is not empty."""
    return next((n for n in range(number - 1, -1, -1) if lines[n].strip()), 0)


def _as_said(said: str, at: Any) -> Slip:
    for pattern, message, remedy in _SAID:
        if re.search(pattern, said):
            return Slip(at.line, at.column, message, remedy)
    return Slip(at.line, at.column, *_MISFIT)
