"""Where the geometry of a page cannot tell whether a text is to be seen, its pixels do.

The page is drawn with its text and without. What differs is what the text adds to the eye. Its
letters alone, in black, are what it should add.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from signed_plan.pages.objects import TEXT, DrawnObject, page_objects

_SCALE = 2  # pixels a point
_CHANGE = 24  # of 255: the least change of grey that the eye sees
_INK = 160  # of 255: from here on a pixel is well inside a letter
_EDGE = 2.0  # points by which the ink may begin later, or end earlier, than the text
_PART = 0.5  # of the text's height: how wide the parts are that are looked at one by one
_LOST = 0.45  # of a part's ink: what may be lost to a line drawn through the text
_SPECK = 6  # pixels, too few to tell


def compare_pixels(document: pypdfium2.PdfDocument, at: int) -> Callable[[Sequence[float]], bool]:
    """Gives a function that says whether the text in a box of a page is all to be seen.

    The page is counted from 0. A box is left, bottom, right and top, in points, and fits the text
    closely.
    """
    page = document[at]  # a handle of its own, to switch its objects off
    first, _, _, last = page.get_cropbox()
    seen, lost, letters = _look(page)

    def is_seen(box: Sequence[float]) -> bool:
        left, bottom, right, top = box
        corners = (left - first, last - top, right - first, last - bottom)
        start, above, end, below = (round(one * _SCALE) for one in corners)
        place = (start, above, end, below)
        wide = max(4, round((top - bottom) * _PART * _SCALE))
        return _reaches_all_ends(seen.crop(place)) and all(
            _is_whole(lost.crop(part), letters.crop(part)) for part in _parts(place, wide)
        )

    return is_seen


def _look(page: pypdfium2.PdfPage) -> tuple[Image.Image, Image.Image, Image.Image]:
    """Which pixels the text changes, which it should change and does not, and all of the latter."""
    objects = [*page_objects(page)]
    with_text = _draw(page)
    _show(objects, is_text=False)
    without = _draw(page)
    _show(objects, is_text=True)
    for one in objects:
        pdfium.FPDFPageObj_SetFillColor(one.raw, 0, 0, 0, 255)
        pdfium.FPDFPageObj_SetStrokeColor(one.raw, 0, 0, 0, 255)
    letters = _draw(page).point([255] * (256 - _INK) + [0] * _INK)
    seen = ImageChops.difference(with_text, without).point([0] * _CHANGE + [255] * (256 - _CHANGE))
    return seen, ImageChops.subtract(letters, seen), letters


def _show(objects: Sequence[DrawnObject], *, is_text: bool) -> None:
    """Leaves on the page what is text, or what is not."""
    for one in objects:
        pdfium.FPDFPageObj_SetIsActive(one.raw, (one.kind == TEXT) is is_text)


def _draw(page: pypdfium2.PdfPage) -> Image.Image:
    drawn: Image.Image = page.render(
        scale=_SCALE, grayscale=True, may_draw_forms=False, rotation=-page.get_rotation() % 360
    ).to_pil()
    return drawn


def _reaches_all_ends(seen: Image.Image) -> bool:
    """Whether there is ink near each of the four sides."""
    found = seen.getbbox()
    if found is None:
        return False
    left, above, right, below = found
    return max(left, above, seen.width - right, seen.height - below) <= _EDGE * _SCALE


def _parts(place: tuple[int, int, int, int], wide: int) -> Iterator[tuple[int, int, int, int]]:
    left, above, right, below = place
    for start in range(left, right, wide):
        yield start, above, min(start + wide, right), below


def _is_whole(lost: Image.Image, letters: Image.Image) -> bool:
    ink = letters.histogram()[255]
    return ink < _SPECK or lost.histogram()[255] <= _LOST * ink
