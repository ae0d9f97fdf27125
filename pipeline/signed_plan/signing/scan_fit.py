"""Where a printed page lies in a scan: its code's corners tell it, and what is printed confirms it.

The code is small and in one corner of the page, so what is computed from it is off by a millimetre
or two at the other end. From there the printed lines and words are looked for. Where they are not
found, the page is another one, or was photographed so that nothing can be told.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from PIL.Image import Image

    _Likeness = Callable[[Image, "Quad"], float]

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""The corners top left, top right, bottom right and bottom left, as the page is read."""

FINE = 4
"""Pixels a millimetre in which pages are compared: a pen's line is two of them wide."""

ALIKE = 0.6
"""From this likeness on it is the same page: the right ones reach 0.65 and more, others 0.5."""

_WIDEST = 4 * FINE  # what is wider than a pen's stroke or a letter is the page's own shade
_STEPS = ((4.0, 4), (2.0, 4), (1.0, 4), (0.5, 2), (0.25, 2))
"""Millimetres, and how many times smaller the pictures are in which so much makes a difference."""
_SMALL = 2
"""From which of them on, too: a large step away from a good guess may lead to a wrong place."""
_TRIES = 8
_ALL, _LEFT, _RIGHT, _TOP, _BOTTOM = (0, 1, 2, 3), (0, 3), (1, 2), (0, 1), (2, 3)
_MOVES = (
    *((_ALL, 0), (_ALL, 1), (_LEFT, 1), (_RIGHT, 1), (_LEFT, 0)),
    *((_RIGHT, 0), (_TOP, 0), (_BOTTOM, 0), (_TOP, 1), (_BOTTOM, 1)),
)
"""Which corners are moved together, and along which axis: a shift, a turn, a stretch, a skew."""


class Fit(NamedTuple):
    """Where a part of the page lies in a scan, and how sure that is."""

    quad: Quad
    likeness: float
    """Between 0 and 1: how much of what is printed there is found there."""


def corners_of(code: Any, scale: float = 1) -> Quad:
    """The corners of a code that zxing-cpp has found, as the code is read, times a scale."""
    where = code.position
    ends = (where.top_left, where.top_right, where.bottom_right, where.bottom_left)
    first, second, third, fourth = (((end.x + 0.5) * scale, (end.y + 0.5) * scale) for end in ends)
    return first, second, third, fourth


def side_of(code: Quad) -> float:
    """How long the sides of a code are."""
    return math.hypot(*_turned_square(_parallelogram(code)).along)


def marks_of(picture: Image) -> Image:
    """How much darker than the paper around it each pixel is, in a picture of about `FINE`.

    Paper in the shade has no marks, nor has a printed area that is wider than any stroke.
    """
    from PIL import ImageChops

    paper = _sweep(_sweep(picture, ImageChops.lighter), ImageChops.darker)
    paper = ImageChops.offset(paper, -_WIDEST, -_WIDEST)
    return ImageChops.subtract(paper, picture)


def straighten(picture: Image, quad: Quad, size: tuple[int, int]) -> Image:
    """What lies between four corners, as a picture of that size."""
    from PIL.Image import Resampling, Transform

    (left, top), (right, above), (end, bottom), (start, below) = quad
    ends = (left, top, start, below, end, bottom, right, above)
    return picture.transform(size, Transform.QUAD, ends, Resampling.BILINEAR)


def fits(marks: Image, code: Quad, page_code: Quad, strip: Strip) -> Iterator[Fit]:
    """Where a strip of the page may lie in a scan whose code is there, the likeliest guess first.

    A scanner turns a page; to lean the code over as well helps with some photographs.
    """
    unit = side_of(code) / side_of(page_code) * FINE
    looks = [(step * unit, strip.likeness(step, coarse)) for step, coarse in _STEPS]
    for shape in (_turned_square, _as_it_is):
        start = _carry(strip.quad, shape(_parallelogram(page_code)), shape(_parallelogram(code)))
        ways = (_climb(marks, start, steps) for steps in (looks, looks[_SMALL:]))
        yield max(ways, key=lambda one: one.likeness)


@dataclass(frozen=True, slots=True)
class Strip:
    """A part of the printed page, as wide as the page, by which it is known in a scan."""

    quad: Quad
    """Its corners on the page, in pixels of `FINE`."""
    marks: Image
    """What is printed there, in pixels of `FINE`."""
    counts: Image
    """White where it counts, and black in the boxes, where people may have signed."""

    def likeness(self, step: float, coarse: int) -> _Likeness:
        """Gives a function that says how like the strip the part between corners of a scan is.

        It sees what differs by such a step, in millimetres, in pictures so many times smaller.
        """
        from PIL import ImageChops
        from PIL.Image import Resampling
        from PIL.ImageFilter import GaussianBlur

        size = (self.marks.width // coarse, self.marks.height // coarse)
        counts = self.counts.resize(size)
        softly = GaussianBlur(max(0.5, step * FINE / coarse / 2))
        small = self.marks.resize(size, Resampling.BOX).filter(softly)
        printed = ImageChops.multiply(small, counts)
        own = _product(printed, printed)

        def compare(marks: Image, quad: Quad) -> float:
            found = ImageChops.multiply(straighten(marks, quad, size).filter(softly), counts)
            other = _product(found, found)
            return _product(printed, found) / math.sqrt(own * other) if own and other else 0.0

        return compare


def _product(one: Image, other: Image) -> float:
    from PIL import ImageChops, ImageStat

    (total,) = ImageStat.Stat(ImageChops.multiply(one, other)).sum
    return float(total)


def _climb(marks: Image, quad: Quad, looks: Sequence[tuple[float, _Likeness]]) -> Fit:
    """Moves the corners as long as the strip is found better, in ever smaller steps of pixels."""
    score = 0.0
    for step, likeness in looks:
        score = likeness(marks, quad)
        for _ in range(_TRIES):
            before = score
            for corners, axis in _MOVES:
                for way in (step, -step):
                    moved = _move(quad, corners, axis, way)
                    if (found := likeness(marks, moved)) > score:
                        quad, score = moved, found
                        break
            if score < before + 1e-4:
                break
    return Fit(quad, score)


def _move(quad: Quad, corners: Sequence[int], axis: int, way: float) -> Quad:
    by = (way, 0.0) if axis == 0 else (0.0, way)
    first, second, third, fourth = (
        (x + by[0], y + by[1]) if at in corners else (x, y) for at, (x, y) in enumerate(quad)
    )
    return first, second, third, fourth


class _Shape(NamedTuple):
    """The middle of a code, and its upper and its left side."""

    middle: Point
    along: Point
    down: Point


def _parallelogram(code: Quad) -> _Shape:
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = code
    return _Shape(
        ((ax + bx + cx + dx) / 4, (ay + by + cy + dy) / 4),
        ((bx - ax + cx - dx) / 2, (by - ay + cy - dy) / 2),
        ((dx - ax + cx - bx) / 2, (dy - ay + cy - by) / 2),
    )


def _turned_square(shape: _Shape) -> _Shape:
    """The square that is most like it: a page that was scanned is turned, and no more."""
    (ux, uy), (vx, vy) = shape.along, shape.down
    x, y = (ux + vy) / 2, (uy - vx) / 2
    return _Shape(shape.middle, (x, y), (-y, x))


def _as_it_is(shape: _Shape) -> _Shape:
    return shape


def _carry(quad: Quad, page: _Shape, scan: _Shape) -> Quad:
    """From points on the page to points in the scan, by one code in both."""
    (ux, uy), (vx, vy) = page.along, page.down
    area = ux * vy - uy * vx

    def carry(point: Point) -> Point:
        x, y = point[0] - page.middle[0], point[1] - page.middle[1]
        right, down = (x * vy - y * vx) / area, (y * ux - x * uy) / area
        return (
            scan.middle[0] + right * scan.along[0] + down * scan.down[0],
            scan.middle[1] + right * scan.along[1] + down * scan.down[1],
        )

    first, second, third, fourth = map(carry, quad)
    return first, second, third, fourth


def _sweep(picture: Image, best: Callable[[Image, Image], Image]) -> Image:
    """The best of every square of `_WIDEST`, at its lower right corner, in a few doublings."""
    from PIL import ImageChops

    for right, down in ((1, 0), (0, 1)):
        reach = 1
        while reach <= _WIDEST:
            step = min(reach, _WIDEST + 1 - reach)
            picture = best(picture, ImageChops.offset(picture, right * step, down * step))
            reach += step
    return picture
