"""Two drawings of a page, with and without its text, tell what of a text is to be seen."""

from __future__ import annotations

from collections.abc import Callable

import pypdfium2
import pytest
from signed_plan.pages.pixels import compare_pixels

from tests.pages.drawn import draw, words

HELLO = (20.9, 99.8, 47.0, 108.7)
"""Where the letters are."""


def seen(content: str) -> Callable[[tuple[float, ...]], bool]:
    return compare_pixels(pypdfium2.PdfDocument(draw(content))[0])


@pytest.mark.parametrize(
    "over, visible",
    {
        "": True,
        "1 g 60 90 30 30 re f": True,
        "0.5 g 20 103 m 47 103 l S": True,
        "1 g 10 90 60 30 re f": False,
        "1 g 10 90 20 30 re f": False,
        "1 g 40 90 20 30 re f": False,
        "1 g 27 90 16 30 re f": False,
        "1 g 10 90 60 14 re f": False,
        "1 g 10 104 60 14 re f": False,
    }.items(),
)
def test_a_text_is_seen_only_whole(over: str, visible: bool) -> None:
    assert seen(f"{words('Hello')} {over}")(HELLO) is visible


def test_where_there_is_no_text_none_is_seen_and_other_things_are_no_text() -> None:
    look = seen(f"{words('Hello')} 100 90 80 30 re f")
    assert not look((100, 90, 180, 120))
    assert not look((200, 10, 260, 20))


def test_the_page_is_left_as_it_was() -> None:
    page = pypdfium2.PdfDocument(draw(words("Hello")))[0]
    assert compare_pixels(page)(HELLO)
    assert compare_pixels(page)(HELLO)
