"""A printed page is found in a scan by its code, and known by what is printed on it."""

from __future__ import annotations

import math

import pytest
from PIL import Image, ImageDraw
from signed_plan.signing.scan_fit import (
    ALIKE,
    FINE,
    Fit,
    Quad,
    Strip,
    fits,
    marks_of,
    side_of,
    straighten,
)

SIZE = (400, 120)
CODE: Quad = ((320, 10), (360, 10), (360, 50), (320, 50))
PLACE: Quad = ((0, 40), (400, 40), (400, 120), (0, 120))


def page(*, frame: int = 90) -> Image.Image:
    """A page of ten centimetres with a frame and some words on it."""
    picture = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((frame, 60, frame + 200, 100), outline=0, width=2)
    for row in (66, 76, 86):
        pen.line([(at, row + at % 7) for at in range(12, 70, 5)], fill=0, width=2)
    return picture


def strip() -> Strip:
    counts = Image.new("L", (SIZE[0], 80), 255)
    return Strip(PLACE, marks_of(page()).crop((0, 40, 400, 120)), counts)


def turned(quad: Quad, degrees: float, scale: float = 1) -> Quad:
    """Where the corners lie once the page was turned around its middle."""
    x, y = SIZE[0] / 2, SIZE[1] / 2
    c, s = (scale * f(math.radians(-degrees)) for f in (math.cos, math.sin))
    one, two, three, four = (
        (x + c * (px - x) - s * (py - y), y + s * (px - x) + c * (py - y)) for px, py in quad
    )
    return one, two, three, four


def best(picture: Image.Image, code: Quad) -> Fit:
    return max(fits(marks_of(picture), code, CODE, strip()), key=lambda one: one.likeness)


def test_a_shade_is_no_mark_and_a_stroke_is_one() -> None:
    paper = Image.linear_gradient("L").resize(SIZE).point([100 + v // 2 for v in range(256)])
    assert max(marks_of(paper).crop((20, 20, 380, 100)).tobytes()) < 30
    ImageDraw.Draw(paper).line((150, 60, 250, 60), fill=20, width=2)
    assert max(marks_of(paper).crop((200, 60, 201, 61)).tobytes()) > 80


def test_a_code_has_the_length_of_its_sides_however_it_lies() -> None:
    assert side_of(CODE) == pytest.approx(10 * FINE)
    assert side_of(turned(CODE, 33, 2)) == pytest.approx(20 * FINE)


def test_a_part_is_straightened_by_its_corners() -> None:
    whole = page().rotate(90, expand=True)
    quad: Quad = ((0, 400), (0, 0), (120, 0), (120, 400))
    assert straighten(whole, quad, SIZE).getpixel((90, 80)) == page().getpixel((90, 80))


@pytest.mark.slow("looks for the same page many times")
@pytest.mark.parametrize("degrees", [0, 1.5, -2])
def test_the_place_is_found_though_the_code_says_it_a_little_wrong(degrees: float) -> None:
    picture = page().rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
    found = best(picture, turned(CODE, degrees + 0.5))
    assert found.likeness > 0.9
    for (x, y), (right_x, right_y) in zip(found.quad, turned(PLACE, degrees), strict=True):
        assert math.dist((x, y), (right_x, right_y)) < FINE


@pytest.mark.slow("looks for a page that is not there")
def test_another_page_is_not_taken_for_it() -> None:
    other = Image.new("L", SIZE, 255)
    ImageDraw.Draw(other).rectangle((30, 50, 380, 112), outline=0, width=2)
    assert best(other, CODE).likeness < ALIKE
    assert best(Image.new("L", SIZE, 255), CODE).likeness == 0
