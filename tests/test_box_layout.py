"""The words of a signature in its box: whole, in lines, and never too small to read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.box_layout import SMALLEST, BoxLayout, BoxText, height_needed, lay_out

from tests.plan.helpers import UNTIMED

WIDTH, HEIGHT = 363.0, 42.5
SHORT = BoxText("Ann Ames", ("Head Teacher, A School", "Signed 1 May 2026"))
LONG = BoxText("Ann " * 35, ("Head Teacher, " + "A School " * 15, "Signed 1 May 2026"))


def measure(text: str, bold: bool) -> float:
    return len(text) * (0.6 if bold else 0.55)


def laid_out(text: BoxText, height: float = HEIGHT, *, pictured: bool = False) -> BoxLayout:
    layout = lay_out(text, WIDTH, height, measure, pictured=pictured)
    assert layout is not None
    return layout


def test_where_there_is_room_the_name_is_large_and_each_text_has_one_line() -> None:
    lines = laid_out(SHORT).lines
    assert [(one.text, one.bold, one.size) for one in lines] == [
        (SHORT.name, True, 10.0),
        (SHORT.lines[0], False, 7.5),
        (SHORT.lines[1], False, 7.5),
    ]


def test_lines_are_broken_and_the_name_shrinks_before_anything_is_too_small() -> None:
    height = height_needed(LONG, WIDTH, measure)
    for pictured in (False, True):
        lines = laid_out(LONG, height, pictured=pictured).lines
        assert min(one.size for one in lines) >= SMALLEST
        assert (
            " ".join(one.text for one in lines).split()
            == " ".join((LONG.name, *LONG.lines)).split()
        )


def test_where_there_is_too_little_room_there_is_no_layout() -> None:
    assert lay_out(LONG, WIDTH, 30, measure, pictured=False) is None
    assert lay_out(SHORT, 3, HEIGHT, measure, pictured=False) is None


def test_the_picture_stands_left_of_the_words_and_gives_way_a_little() -> None:
    wide = BoxText("Ann", ("x" * 65, "y" * 65))
    large, small = laid_out(SHORT, pictured=True), laid_out(wide, 27, pictured=True)
    for layout in (large, small):
        assert layout.picture_left + layout.picture_width < layout.lines[0].left
    assert large.picture_width == pytest.approx(0.3 * WIDTH)
    assert small.picture_width == pytest.approx(0.2 * WIDTH)


@UNTIMED
@given(
    st.lists(st.text(st.sampled_from("abW -é"), min_size=1, max_size=200), min_size=1, max_size=4),
    st.floats(60, 500),
    st.booleans(),
)
def test_the_height_that_is_needed_is_enough_and_nothing_leaves_the_box(
    texts: list[str], width: float, pictured: bool
) -> None:
    text = BoxText(f"x{texts[0]}", tuple(texts[1:]))
    height = height_needed(text, width, measure)
    layout = lay_out(text, width, height, measure, pictured=pictured)
    assert layout is not None
    before = height
    for line in layout.lines:
        right = line.left + line.size * measure(line.text, line.bold)
        assert right <= width or len(line.text) == 1
        assert 0 < line.baseline < before - 0.8 * line.size
        before = line.baseline
