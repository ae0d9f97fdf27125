"""Numbers, dates and "not" among the words that came or went: each is found, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.compare.text_diff import difference
from signed_plan.report.weighty import stretches, weigh, weights_of

from tests.plan.helpers import UNTIMED

WORDS = st.lists(st.sampled_from("staff to 5 December not 2017 1.5% two May meet don’t".split()))


def marked(old: str, new: str) -> list[tuple[str, str]]:
    """What is marked, and as what."""
    return [(one.weighty, one.text) for one in weigh(difference(old, new)) if one.weighty]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("meet on 5 December", "meet on 6 December", [("date", "5"), ("date", "6")]),
        ("in July 2017", "in May 2017", [("date", "July"), ("date", "May")]),
        ("on Monday", "on Friday", [("date", "Monday"), ("date", "Friday")]),
        ("at 9:30", "at 9:45", [("date", "9:30"), ("date", "9:45")]),
        ("2017-11-14", "2017-11-15", [("date", "2017-11-14"), ("date", "2017-11-15")]),
        ("by 1.5%", "by 15%", [("number", "1.5"), ("number", "15")]),
        ("two schools", "three schools", [("number", "two"), ("number", "three")]),
        ("are to sign", "are not to sign", [("not", "not")]),
        ("do it", "don’t do it", [("not", "don’t")]),
        ("with help", "without help", [("not", "without")]),
        ("we may meet", "we must meet", []),
        ("a knot", "a note", []),
        ("not on 5 May", "not on 5 May, all", []),
    ],
)
def test_what_came_or_went_is_marked(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert marked(old, new) == expected


def test_the_kinds_are_named_once_each() -> None:
    pieces = difference("meet", "do not meet on 5 May, nor on 6 May with 3 pupils")
    assert sorted(weights_of(pieces)) == ["date", "not", "number"]


@UNTIMED
@given(WORDS, WORDS)
def test_the_words_are_the_pieces_again_and_only_cut(old: list[str], new: list[str]) -> None:
    pieces = difference(" ".join(old), " ".join(new))
    words = list(weigh(pieces))
    assert all(one.text for one in words)
    assert [(kind, "".join(one.text for one in inside)) for kind, inside in stretches(words)] == [
        (piece.kind, piece.text) for piece in pieces
    ]
    assert not [one for one in words if one.kind == "same" and one.weighty]
