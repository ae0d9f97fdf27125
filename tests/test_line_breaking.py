"""Texts on lines: nothing is lost, nothing is too wide, and lines end where a reader expects it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from signed_plan.line_breaking import break_lines, wrap_words

from tests.plan.helpers import UNTIMED


def test_lines_end_at_spaces_and_behind_hyphens() -> None:
    assert break_lines("Ann Featherstone-Cholmondeley of Derby", 15, len) == [
        "Ann",
        "Featherstone-",
        "Cholmondeley of",
        "Derby",
    ]


def test_a_word_that_is_too_wide_is_cut_and_the_next_follows_it() -> None:
    assert break_lines("Llanfairpwllgwyngyll Bay", 8, len) == ["Llanfair", "pwllgwyn", "gyll Bay"]


def test_a_letter_is_never_parted_from_its_marks() -> None:
    assert break_lines("e\u0301e\u0301", 1, lambda text: len(text) / 2) == ["e\u0301", "e\u0301"]
    assert break_lines("क\u094d\u200dष", 2, len) == ["क\u094d\u200dष"]


def test_no_text_has_no_lines() -> None:
    assert break_lines("  ", 10, len) == []


@UNTIMED
@given(st.text(st.sampled_from("ab -é\u0301"), max_size=80), st.integers(1, 12))
def test_nothing_is_lost_and_no_line_is_wider_than_its_room_or_a_letter(
    text: str, room: int
) -> None:
    lines = break_lines(text, room, len)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert line.strip() == line != ""
        assert len(line) <= room or len(line.replace("\u0301", "")) <= 1


def test_words_on_lines_of_a_letter_stay_whole_however_long_they_are() -> None:
    lines = wrap_words("plan verify 2017-07 2017-11 /a/very-long/path", 13, " 1. ", "    ")
    assert lines == [
        " 1. plan",
        "    verify",
        "    2017-07",
        "    2017-11",
        "    /a/very-long/path",
    ]
    assert wrap_words("", 13) == []
