"""Drawings of a page with, without and of its text alone tell what of it is to be seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pypdfium2
import pytest
from signed_plan.pages.pixels import compare_pixels

from tests.pages.drawn import draw, words

HELLO = (20.9, 99.8, 47.0, 108.7)
"""Where the letters are."""


def seen(content: str) -> Callable[[Sequence[float]], bool]:
    return compare_pixels(pypdfium2.PdfDocument(draw(content)), 0)


@pytest.mark.parametrize(
    "over, visible",
    {
        "": True,
        "1 g 60 90 30 30 re f": True,
        "0.5 g 20 103 m 47 103 l S": True,
        "0 g .8 w 20 103 m 47 103 l S": True,
        "1 g 10 90 60 30 re f": False,
        "1 g 10 90 20 30 re f": False,
        "1 g 40 90 20 30 re f": False,
        "1 g 27 90 16 30 re f": False,
        "1 g 10 90 60 14 re f": False,
        "1 g 10 104 60 14 re f": False,
        "1 g 10 101.5 60 5.5 re f": False,
        "1 g 29 90 6 30 re f": False,
        "1 G 1.9 w 10 100 m 60 100 l 10 101.5 m 60 101.5 l 10 103 m 60 103 l 10 104.5 m 60 104.5 l "
        "10 106 m 60 106 l 10 107.5 m 60 107.5 l 10 109 m 60 109 l S": False,
    }.items(),
)
def test_a_text_is_seen_only_whole(over: str, visible: bool) -> None:
    assert seen(f"{words('Hello')} {over}")(HELLO) is visible


def test_where_there_is_no_text_none_is_seen_and_other_things_are_no_text() -> None:
    look = seen(f"{words('Hello')} 100 90 80 30 re f")
    assert not look((100, 90, 180, 120))
    assert not look((200, 10, 260, 20))
