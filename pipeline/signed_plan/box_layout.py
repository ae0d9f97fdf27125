"""How the words of a signature are laid out in its box: in lines, never smaller than can be read.

All lengths are in points, from the box's lower left corner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from signed_plan.line_breaking import Measure, break_lines

SMALLEST = 7.0
"""The size of the smallest letters: what an eye can read without help."""

BAR = 1.6
"""How wide the bar at the left edge is."""

_PADDING = 6.0
_STEPS = ((10.0, 7.5, 1.3), (9.0, 7.5, 1.2), (9.0, 7.0, 1.15), (8.0, 7.0, 1.15))
_LAST_STEP = (SMALLEST, SMALLEST, 1.15)
_SHARES = (0.3, 0.2)
_ROUNDING = 0.985  # letters that are set close to each other are not measured as such

EmMeasure = Callable[[str, bool], float]
"""How wide a text is in letters of the size 1, and whether they are bold."""


@dataclass(frozen=True, slots=True)
class BoxText:
    """The words of one box: a name, and lines below it."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoxLine:
    """A line in its place; `baseline` is where its letters stand."""

    text: str
    bold: bool
    size: float
    left: float
    baseline: float


@dataclass(frozen=True, slots=True)
class BoxLayout:
    """Everything in its place; `picture_width` is 0 where there is no picture."""

    lines: tuple[BoxLine, ...]
    picture_left: float
    picture_width: float


def lay_out(
    text: BoxText, width: float, height: float, measure: EmMeasure, *, pictured: bool
) -> BoxLayout | None:
    """The words in a box of that size, as large as there is room; None where there is too little.

    The name is larger where it can be; lines are broken before letters become smaller than 7.
    """
    for step in (*_STEPS, _LAST_STEP):
        for share in _SHARES if pictured else (0.0,):
            left = _text_left(width, share)
            rows = list(_rows(text, step, width - left - _PADDING, measure))
            high = step[2] * sum(size for _, _, size in rows)
            if high <= height - 2:
                top = (height + high) / 2
                placed = tuple(_place(rows, top, left, step[2]))
                return BoxLayout(placed, BAR + _PADDING, share * width)
    return None


def height_needed(text: BoxText, width: float, measure: EmMeasure) -> float:
    """How high a box of that width has to be for the words and a picture beside them."""
    left = _text_left(width, _SHARES[0])
    rows = _rows(text, _LAST_STEP, width - left - _PADDING, measure)
    return _LAST_STEP[2] * sum(size for _, _, size in rows) + 2


def _text_left(width: float, share: float) -> float:
    return BAR + _PADDING + (share * width + _PADDING if share else 0)


def _rows(
    text: BoxText, step: tuple[float, float, float], room: float, measure: EmMeasure
) -> Iterator[tuple[str, bool, float]]:
    """The lines, top to bottom, each with whether it is bold, and its size."""
    name_size, line_size, _ = step
    for words, bold, size in (
        (text.name, True, name_size),
        *((line, False, line_size) for line in text.lines),
    ):
        ems = max(1.0, room * _ROUNDING / size)
        for line in break_lines(words, ems, _of_weight(measure, bold)):
            yield line, bold, size


def _of_weight(measure: EmMeasure, bold: bool) -> Measure:
    return lambda text: measure(text, bold)


def _place(
    rows: list[tuple[str, bool, float]], top: float, left: float, leading: float
) -> Iterator[BoxLine]:
    for line, bold, size in rows:
        top -= leading * size
        yield BoxLine(line, bold, size, left, top + 0.3 * size)
