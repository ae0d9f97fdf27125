"""How the program words things for people: numbers, times, and texts that it quotes."""

from __future__ import annotations

from datetime import UTC, datetime

MONTHS = (
    "January February March April May June July August September October November December"
).split()


def pluralise(count: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 line", "6 lines", "2 entries"."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def in_words(moment: datetime) -> str:
    """A time as people read it, in English on every computer: "23 November 2026, 17:53 UTC"."""
    utc = moment.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


def shorten(text: str) -> str:
    """The text as a message can quote it: its first 57 characters where it has more than 60."""
    return text if len(text) <= 60 else f"{text[:57]}…"


def printable(text: str) -> str:
    """The text with a space for every character that is not printed or could steer a terminal."""
    return "".join(character if character.isprintable() else " " for character in text)
