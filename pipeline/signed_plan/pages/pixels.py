"""Where the geometry of a page cannot tell whether a text is to be seen, its pixels do.

The page is drawn twice, with its text and without. What differs is what the text adds to the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageChops

from signed_plan.pages.objects import TEXT, page_objects

_SCALE = 2  # pixels a point
_VISIBLE = 24  # of 255: the least change of grey that counts
_EDGE = 2.0  # points by which the ink may begin later, or end earlier, than the text
_GAP = 1.6  # heights of the text that may lie between two of its letters


def compare_pixels(page: pypdfium2.PdfPage) -> Callable[[Sequence[float]], bool]:
    """Gives a function that says whether the text in a box of that page is all to be seen.

    A box is left, bottom, right and top, in points, and fits the text closely.
    """
    ink = _ink(page)
    first, _, _, last = page.get_cropbox()

    def seen(box: Sequence[float]) -> bool:
        left, bottom, right, top = box
        corners = (left - first, last - top, right - first, last - bottom)
        start, above, end, below = (round(one * _SCALE) for one in corners)
        across, up = ink.crop((start, above, end, below)).getprojection()
        return _covers(across, _GAP * (top - bottom)) and _covers(up, top - bottom)

    return seen


def _ink(page: pypdfium2.PdfPage) -> Image.Image:
    """What the page's text adds to it: white where it changes a pixel, black elsewhere."""
    texts = [one.raw for one in page_objects(page) if one.kind == TEXT]
    with_text = _draw(page)
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, False)
    without = _draw(page)
    for text in texts:
        pdfium.FPDFPageObj_SetIsActive(text, True)
    change = ImageChops.difference(with_text, without)
    return change.point([0] * _VISIBLE + [255] * (256 - _VISIBLE))


def _draw(page: pypdfium2.PdfPage) -> Image.Image:
    drawn: Image.Image = page.render(
        scale=_SCALE, grayscale=True, may_draw_forms=False, rotation=-page.get_rotation() % 360
    ).to_pil()
    return drawn


def _covers(inked: Sequence[int], gap: float) -> bool:
    """Whether ink reaches from one end to the other, with no gap so wide, in points."""
    marks = [at for at, one in enumerate(inked) if one]
    edge = _EDGE * _SCALE
    if not marks or marks[0] > edge or len(inked) - 1 - marks[-1] > edge:
        return False
    return all(after - before <= max(gap * _SCALE, edge) for before, after in pairwise(marks))
