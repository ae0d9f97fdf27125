"""What people send to the office: pictures of handwriting, a page signed in ink and scanned, a PDF
signed in another program.
"""

from __future__ import annotations

import io
import math
import random
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw, ImageFilter
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from tools.elsewhere import signed_elsewhere

__all__ = ["picture_of_handwriting", "signed_elsewhere", "signed_on_paper"]

DPI = 200
PEN = 4
INK, PAPER = (18, 28, 92), (250, 249, 246)


def handwriting(name: str) -> Image.Image:
    """A scrawl of a loop for each letter, always the same for a name, on white."""
    hand = random.Random(name)
    slant, pace = hand.uniform(0.25, 0.45), hand.uniform(24, 36)
    word: list[tuple[float, float]] = []
    left, line = 60.0, 220.0
    for letter in name:
        tall = 78 if letter.isupper() else hand.uniform(14, 34)
        wide = 24 if letter.isupper() else hand.uniform(12, 20)
        for step in range(24):
            turn = 2 * math.pi * step / 24
            up = tall * (1 - math.cos(turn)) - 6 * math.sin(left / 70)
            word.append((left + pace * step / 24 + wide * math.sin(turn) + slant * up, line - up))
        left += pace
    under = [(left - 9 * at, line + 34 + 9 * math.sin(at / 12)) for at in range(round(left / 12))]
    picture = Image.new("RGB", (round(left) + 120, 320), "white")
    pen = ImageDraw.Draw(picture)
    for stroke in (word, under):
        for at, ends in enumerate(pairwise(stroke)):
            pen.line(ends, fill=INK, width=PEN + round(1.5 * math.sin(at / 7)))
    softer = picture.filter(ImageFilter.GaussianBlur(0.8))
    return softer.crop(ImageChops.invert(softer).getbbox())


def picture_of_handwriting(name: str) -> bytes:
    out = io.BytesIO()
    handwriting(name).save(out, "PNG")
    return out.getvalue()


def signed_on_paper(pdf: bytes, field: str, name: str) -> bytes:
    """The page with that field, printed, signed in ink and scanned: turned, grey and noisy."""
    number, edges = _place(pdf, field)
    document = PdfDocument(pdf)
    document.init_forms()  # so that the signatures before it are printed, too
    picture = document[number].render(scale=DPI / 72).to_pil().convert("RGB")
    left, bottom, right, top = (edge * DPI / 72 for edge in edges)
    ink = handwriting(name)
    ink.thumbnail((round(0.7 * (right - left)), round(1.2 * (top - bottom))))
    at = (
        round(left + 0.2 * (right - left)),
        round(picture.height - (top + bottom + ink.height) / 2),
    )
    under = picture.crop((*at, at[0] + ink.width, at[1] + ink.height))
    picture.paste(ImageChops.multiply(under, ink), at)
    turned = picture.rotate(2, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER)
    noise = Image.effect_noise(turned.size, 24)
    scan = Image.blend(turned.convert("L"), noise, 0.12)
    out = io.BytesIO()
    scan.save(out, "JPEG", quality=80, dpi=(DPI, DPI))
    return out.getvalue()


def _place(pdf: bytes, field: str) -> tuple[int, list[float]]:
    """The page that a field is on, counted from 0, and the field's edges on it in points."""
    for number, page in enumerate(PdfReader(io.BytesIO(pdf)).pages):
        for one in page.get("/Annots", ()):
            widget = one.get_object()
            if widget.get("/T") == field:
                return number, [float(edge) for edge in widget["/Rect"]]
    raise LookupError(field)
