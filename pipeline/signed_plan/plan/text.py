"""What counts as text in a plan: one line of visible characters, in Unicode's composed form."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from signed_plan.files import read_file
from signed_plan.wording import INVISIBLE_BUT_NEEDED, runs_leftwards

_REFUSED_CATEGORIES = {
    "Cc": "a control character",
    "Cf": "an invisible formatting character",
    "Cn": "a character that Unicode does not define",
    "Co": "a private-use character, which looks different on every machine",
    "Cs": "half of a character",
    "Zl": "a line separator",
    "Zp": "a paragraph separator",
}

_TURNS = "\u200f"
"""It exchanges the numbers beside it, in a text that has no letters written from right to left."""


def normalise(text: str) -> str:
    """The text in NFC (UAX #15), without the line end that a folded YAML scalar leaves behind."""
    return unicodedata.normalize("NFC", text.removesuffix("\n"))


def flaw(text: str) -> tuple[str, str] | None:
    """Why this cannot be a text of the plan, and the remedy; None where it can.

    Invisible characters, and those that turn the direction, are refused: with them, two people
    could read different words in the same signed bytes (Unicode TR36).
    """
    if all(character.isspace() or character in INVISIBLE_BUT_NEEDED for character in text):
        return "there is no text here", "Write the words, or delete the whole entry."
    if "\n" in text:
        return (
            "the text runs over a line break",
            "Write one entry for each paragraph. Start a long one with >- and begin all its lines "
            "exactly below each other, with no empty line between them.",
        )
    has_leftward = runs_leftwards(text.replace(_TURNS, ""))
    for at, character in enumerate(text):
        if character in INVISIBLE_BUT_NEEDED and (character != _TURNS or has_leftward):
            continue
        what = _REFUSED_CATEGORIES.get(unicodedata.category(character))
        if what is not None:
            name = unicodedata.name(character, f"U+{ord(character):04X}")
            before = text[max(0, at - 20) : at]
            where = f'after "{before}"' if before else "at the start of the text"
            return f"there is {what} ({name}) {where}", "Delete it, or type the words again."
    if text != text.strip():
        return "the text begins or ends with a space", "Delete the space."
    return None


def read_as_written(path: Path) -> str:
    """A file's text with its own line ends and, where it has one, its byte order mark."""
    return read_file(path).decode("utf-8")


def line_end(text: str) -> str:
    """The line end that a text uses: that of Windows or of everybody else."""
    return "\r\n" if "\r\n" in text else "\n"
