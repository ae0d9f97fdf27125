"""How the program words things for people: numbers, times, and texts that it quotes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

INVISIBLE_BUT_NEEDED = frozenset("\u200c\u200d\u200e\u200f")
"""Joiners and direction marks: some languages and emoji are written with them."""
_MARKS = frozenset("\u200e\u200f")
_STEERING = frozenset(("Cc", "Cf", "Cs", "Zl", "Zp"))

MONTHS = (
    "January February March April May June July August September October November December"
).split()


def pluralise(count: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 line", "6 lines", "2 entries"."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def join_names(names: Sequence[str]) -> str:
    """One name or more as they stand in a sentence: "Ann", "Ann and Bob", "Ann, Bob and Eve"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def with_zone(moment: datetime) -> datetime:
    """The time with its zone: a PDF's date may lack one (ISO 32000-2, 7.9.4)."""
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def in_words(moment: datetime) -> str:
    """A time as people read it, in English on every computer: "23 November 2026, 17:53 UTC"."""
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:  # its zone leads out of the calendar
        utc = datetime.min if moment.year == 1 else datetime.max
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def shorten(text: str) -> str:
    """The text as a message can quote it: its first 57 characters where it has more than 60."""
    return text if len(text) <= 60 else f"{text[:57]}…"


def isolate(text: str) -> str:
    """The text, between U+2068 and U+2069 if any of it is written from right to left.

    Else the punctuation and numbers around a name in Arabic or Hebrew would change their places.
    """
    return f"\u2068{text}\u2069" if runs_leftwards(text) else text


def runs_leftwards(text: str) -> bool:
    """Whether any of the text is of a script that is written from right to left."""
    return not text.isascii() and any(unicodedata.bidirectional(one) in ("R", "AL") for one in text)


def without_controls(text: str) -> str:
    """The text with U+FFFD for every character that could steer a terminal, or hide or turn words.

    These are controls, line ends among them, formatting characters, line and paragraph separators,
    and halves of characters (Unicode categories Cc, Cf, Zl, Zp, Cs). What scripts need stays.
    """
    if text.isprintable():
        return text
    return "".join("\ufffd" if _steers(one) else one for one in text)


def on_one_line(text: str, longest: int) -> str:
    """The text as it can be entered and printed: in NFC (UAX #15), on one line, with at most so
    many characters, and without any that `without_controls` replaces or that turn the direction."""
    plain = unicodedata.normalize("NFC", " ".join(text.split()))
    shown = "".join(" " if _steers(one) or one in _MARKS else one for one in plain)
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _steers(character: str) -> bool:
    category = unicodedata.category(character)
    return category in _STEERING and character not in INVISIBLE_BUT_NEEDED


def printable(text: str) -> str:
    """The text with a space for every character that is not printed or could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
