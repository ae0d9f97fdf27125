"""Parts of a text stand where a reader comes to them in the order in which they are written."""

from __future__ import annotations

import pytest
from signed_plan.pages.drawing import PageLine
from signed_plan.pages.objects import Box
from signed_plan.pages.reading_order import follows, runs_back


def part(text: str, left: float, *, top: float = 500, width: float = 20, page: int = 1) -> PageLine:
    return PageLine(page, True, text, Box(left, top - 9, left + width, top), "")


def column(text: str, left: float) -> PageLine:
    return PageLine(1, True, text, Box(left, 300, left + 9, 400), "")


def test_a_reader_goes_down_to_the_right_and_overleaf() -> None:
    first = part("one", 50)
    assert follows(first, part("two", 80))
    assert follows(first, part("two", 50, top=480))
    assert follows(first, part("two", 20, top=600, page=2))
    assert not follows(first, part("two", 10))


def test_numbers_that_have_changed_places_run_back() -> None:
    assert runs_back([part("Pay", 50), part("12", 100), part("34", 75), part("each", 130)])


def test_a_colon_that_stands_before_its_line_runs_back() -> None:
    assert runs_back([part("Todowell", 100, width=60), part(":", 97, width=1.5)])


@pytest.mark.parametrize(
    "parts",
    [
        [part("Pay", 50), part("12", 75), part("34", 100)],
        [part("Pay", 50), part("12", 20, top=488)],
        [part("Pay", 50), part("12", 20, page=2)],
        [part("שלום", 100), part("12", 75)],
        [part("١٢", 100), part("٣٤", 75)],
        [column("written downwards", 100), column("in two lines", 85)],
    ],
    ids=["a line", "two lines", "two pages", "Hebrew", "Arabic digits", "upright"],
)
def test_lines_below_overleaf_upright_or_written_leftwards_do_not_run_back(
    parts: list[PageLine],
) -> None:
    assert not runs_back(parts)
