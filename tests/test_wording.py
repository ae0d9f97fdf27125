"""Numbers, times and quotes, as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from signed_plan.wording import (
    in_words,
    isolate,
    join_names,
    on_one_line,
    pluralise,
    printable,
    runs_leftwards,
    shorten,
)


@pytest.mark.parametrize(
    ("count", "nouns", "expected"),
    [
        (0, ("line",), "0 lines"),
        (1, ("line",), "1 line"),
        (2, ("line",), "2 lines"),
        (1, ("entry", "entries"), "1 entry"),
        (2, ("entry", "entries"), "2 entries"),
    ],
)
def test_a_number_has_its_noun_in_the_right_form(
    count: int, nouns: tuple[str, ...], expected: str
) -> None:
    assert pluralise(count, *nouns) == expected


def test_names_are_joined_as_in_a_sentence() -> None:
    joined = [join_names(["Ann", "Bob", "Eve"][:count]) for count in (1, 2, 3)]
    assert joined == ["Ann", "Ann and Bob", "Ann, Bob and Eve"]


def test_a_time_is_in_english_and_in_utc() -> None:
    there = datetime(2026, 12, 1, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    assert in_words(there) == "30 November 2026, 23:05 UTC"
    assert in_words(datetime(2026, 1, 9, 17, 3, tzinfo=UTC)) == "9 January 2026, 17:03 UTC"


def test_a_time_at_the_end_of_the_calendar_is_told_whatever_its_zone() -> None:
    west, east = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))
    assert in_words(datetime(9999, 12, 31, 20, 0, tzinfo=west)) == "31 December 9999, 23:59 UTC"
    assert in_words(datetime(1, 1, 1, 9, 0, tzinfo=east)) == "1 January 1, 00:00 UTC"


@pytest.mark.parametrize(("length", "quoted"), [(60, "a" * 60), (61, "a" * 57 + "…")])
def test_a_long_text_is_quoted_by_its_beginning(length: int, quoted: str) -> None:
    assert shorten("a" * length) == quoted


def test_what_could_steer_a_terminal_is_a_space() -> None:
    assert printable("a\x1b[31mb\nc\u202ed é") == "a [31mb c d é"


@pytest.mark.parametrize("name", ["دانا", "Dana דנה", "דנה 2"])
def test_a_name_from_right_to_left_keeps_what_is_beside_it_in_its_place(name: str) -> None:
    assert isolate(name) == f"\u2068{name}\u2069"
    assert isolate("Zoë Łukasz, 2") == "Zoë Łukasz, 2"


@pytest.mark.parametrize(
    "text, leftwards",
    [("Ann", False), ("Zoë — Ω", False), ("שרה", True), ("Ann (عائشة)", True), ("", False)],
)
def test_a_text_runs_leftwards_if_any_of_its_letters_does(text: str, leftwards: bool) -> None:
    assert runs_leftwards(text) is leftwards


def test_a_foreign_text_is_one_bounded_line_that_steers_and_turns_nothing() -> None:
    given = " I do\nnot\x1b[2K agree\u202e\u200f\u2028to it\ud800 e\u0301 "
    assert on_one_line(given, 500) == "I do not [2K agree to it é"
    assert on_one_line("a" * 500, 500) == "a" * 500
    assert on_one_line("a" * 498 + " bcd", 500) == "a" * 498 + "…"
    assert on_one_line("\u202e\n", 500) == ""
