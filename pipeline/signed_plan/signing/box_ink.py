"""Whether there is ink in a person's box on a scanned page that the printed page does not have.

Both the scan and the PDF are opened only in the sandbox.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signed_plan.sandbox import SandboxError, run_in_sandbox
from signed_plan.signing.qr_scan import SECONDS, read_codes_of, scanned_pages, suffix
from signed_plan.signing.scan_fit import (
    ALIKE,
    FINE,
    Fit,
    Quad,
    Strip,
    corners_of,
    fits,
    marks_of,
    side_of,
    straighten,
)

if TYPE_CHECKING:
    from PIL.Image import Image

Ink = Literal["ink", "empty", "unknown"]

Edges = tuple[float, float, float, float]
"""Left, bottom, right and top on a page, in points."""

_POINT = FINE * 25.4 / 72
"""Pixels a point."""
_SHARP = 300  # dpi at which the code is found on the printed page
_AROUND = 15 * FINE  # what is printed so near to the box tells where it is
_FRAME = round(1.5 * FINE)  # inside the box's edges: its frame may be printed there
_NEAR = 2 * FINE + 1  # printed ink, and a millimetre around it, is nobody's signature
_PRINTED = 20  # of 255
_DARK = 150  # of 255: letters alone leave paper brighter than that
_FAINT = 0.22  # of the code's black: no pen is fainter
_TOO_NOISY = 0.6  # of the code's black: where noise reaches it, a pen cannot be told from noise
_NOISE = 5  # times as much as the paper varies
_STROKE = 4.0  # millimetres: the shortest initial
_SPECK = 2.5  # millimetres: dust, or the edge of what is printed


@dataclass(frozen=True, slots=True)
class PrintedBox:
    """A box of a version's own PDF, and what else is on its page to be signed."""

    page: int
    """Counted from 1."""
    edges: Edges
    others: tuple[Edges, ...]
    """The other boxes on that page: who has signed in them does not matter."""


def look_for_ink(scan: bytes, pdf: bytes, box: PrintedBox) -> Ink:
    """Whether the box of the PDF has ink in it on a page of the scan.

    It is "unknown" where the page with the box is not to be found in the scan, as on a photograph
    from one side, or is too noisy. Whose ink it is, no program can say.
    """
    told = json.dumps([len(scan), box.page, [box.edges, *box.others]])
    try:
        found = run_in_sandbox(
            "signed_plan.signing.box_ink", scan + pdf, suffix(scan), told, seconds=SECONDS
        )
    except SandboxError:  # the code was read before: that it takes too long says nothing of ink
        return "unknown"
    return "ink" if found == "ink" else "empty" if found == "empty" else "unknown"


# What follows is done in the sandbox.


def sandbox_main(data: bytes, kind: str, told: str) -> Ink:
    """What is in a box: `told` is the scan's length, the page's number and the boxes, as JSON."""
    length, number, boxes = json.loads(told)
    page = _printed_page(data[length:], number, boxes)
    found = [] if page is None else [*_looks(data[:length], kind, page)]
    answers: tuple[Ink, ...] = ("ink", "empty")
    return next((answer for answer in answers if answer in found), "unknown")


@dataclass(frozen=True, slots=True)
class _PrintedPage:
    """The page as it comes from the printer, in pixels of `FINE`."""

    text: str
    code: Quad
    box: tuple[int, int, int, int]
    """The inside of the box in the strip: left, top, right and bottom."""
    strip: Strip


def _printed_page(pdf: bytes, number: int, boxes: Sequence[Edges]) -> _PrintedPage | None:
    """The page, without what was signed on screen; None if it has no code."""
    from pypdfium2 import PdfDocument

    page = PdfDocument(pdf)[number - 1]
    looks = [
        page.render(scale=scale, grayscale=True, draw_annots=False).to_pil()
        for scale in (_SHARP / 72, _POINT)
    ]
    codes = read_codes_of(looks[0])
    if not codes:
        return None
    code = corners_of(codes[0], _POINT * 72 / _SHARP)
    first, _, _, last = page.get_cropbox()
    places = [
        tuple(
            round(edge * _POINT)
            for edge in (left - first, last - top, right - first, last - bottom)
        )
        for left, bottom, right, top in boxes
    ]
    marks = marks_of(looks[1])
    left, top, right, bottom = places[0]
    above, below = max(0, top - _AROUND), min(marks.height, bottom + _AROUND)
    strip = Strip(
        ((0, above), (marks.width, above), (marks.width, below), (0, below)),
        marks.crop((0, above, marks.width, below)),
        what_counts(looks[1], places).crop((0, above, marks.width, below)),
    )
    inside = (left + _FRAME, top + _FRAME - above, right - _FRAME, bottom - _FRAME - above)
    return _PrintedPage(codes[0].text, code, inside, strip)


def what_counts(page: Image, places: Iterable[Sequence[int]]) -> Image:
    """White but for the insides of the boxes, whose frames are seen, too, and for dark grounds:
    what light letters leave of those looks different in every scan."""
    from PIL import ImageDraw
    from PIL.ImageFilter import BoxBlur

    outside = page.filter(BoxBlur(2 * FINE)).point([0] * _DARK + [255] * (256 - _DARK))
    pen = ImageDraw.Draw(outside)
    for left, top, right, bottom in places:
        if right - left > 2 * FINE and bottom - top > 2 * FINE:
            pen.rectangle((left + FINE, top + FINE, right - FINE, bottom - FINE), fill=0)
    return outside


def _looks(scan: bytes, kind: str, page: _PrintedPage) -> Iterator[Ink]:
    """What is in the box, for each time that the page's code is in the scan."""
    for picture, codes in scanned_pages(scan, kind):
        for code in codes:
            if code.text == page.text:
                yield _look(picture, corners_of(code), page)


def _look(picture: Image, code: Quad, page: _PrintedPage) -> Ink:
    picture, code = _resize(picture, code, side_of(code) / side_of(page.code))
    marks = marks_of(picture)
    best = Fit(code, 0.0)
    for fit in fits(marks, code, page.code, page.strip):
        best = max(best, fit, key=lambda one: one.likeness)
        if best.likeness >= ALIKE:
            break
    if best.likeness < ALIKE:
        return "unknown"
    black = _share(straighten(marks, code, (80, 80)).histogram(), 0.8)
    found = straighten(marks, best.quad, page.strip.marks.size).crop(page.box)
    return judge(found, page.strip.marks.crop(page.box), black)


def _resize(picture: Image, code: Quad, unit: float) -> tuple[Image, Quad]:
    """The picture, and the code in it, at about `FINE`. It has `unit` as many pixels now."""
    from PIL.Image import Resampling
    from PIL.ImageFilter import GaussianBlur

    picture = picture.convert("L")
    by = 1 / max(1, round(unit))
    picture = picture.reduce(round(1 / by)).filter(GaussianBlur(0.6))
    if unit < 1:
        by = 1 / unit
        size = (round(picture.width * by), round(picture.height * by))
        picture = picture.resize(size, Resampling.BICUBIC)
    first, second, third, fourth = ((x * by, y * by) for x, y in code)
    return picture, (first, second, third, fourth)


def judge(found: Image, printed: Image, black: int) -> Ink:
    """What the marks that are not printed come to; `black` is what the code's black comes to."""
    from PIL import ImageChops
    from PIL.ImageFilter import MaxFilter

    known = printed.point([0] * _PRINTED + [255] * (256 - _PRINTED)).filter(MaxFilter(_NEAR))
    paper = found.histogram(ImageChops.invert(known))
    usual = _share(paper, 0.5)
    noise = max(1, usual - _share(paper, 0.16))
    least = round(usual + max(_FAINT * black, _NOISE * noise))
    if not sum(paper) or not 0 < least <= max(_TOO_NOISY * black, usual + _NOISE):
        return "unknown"
    dark = ImageChops.subtract(found.point([0] * least + [255] * (256 - least)), known)
    longest = max(_lengths(dark), default=0.0)
    return "ink" if longest >= _STROKE else "empty" if longest < _SPECK else "unknown"


def _share(histogram: Sequence[int], share: float) -> int:
    """The value that this share of the pixels does not exceed."""
    wanted, seen = share * sum(histogram), 0
    for value, count in enumerate(histogram):
        seen += count
        if seen >= wanted:
            return value
    return 255


def _lengths(dark: Image) -> Iterator[float]:
    """How long each connected stroke is from corner to corner, in millimetres."""
    wide = dark.width + 2  # so that no step leads from one edge to the other
    left = {
        at // dark.width * wide + at % dark.width
        for at, value in enumerate(dark.tobytes())
        if value
    }
    around = [down * wide + right for down in (-1, 0, 1) for right in (-1, 0, 1)]
    while left:
        stroke, ends = [], [left.pop()]
        while ends:
            at = ends.pop()
            stroke.append(at)
            near = left.intersection(at + step for step in around)
            left -= near
            ends += near
        columns, rows = [at % wide for at in stroke], [at // wide for at in stroke]
        yield math.hypot(max(columns) - min(columns) + 1, max(rows) - min(rows) + 1) / FINE
