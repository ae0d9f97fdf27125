"""What a signature looks like on the page: a name, a few lines, a picture of handwriting.

The appearance is part of what is signed, so it must keep to PDF/A-3b (ISO 19005-3): its font is
embedded and nothing in it is transparent.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from PIL import Image, ImageOps, UnidentifiedImageError
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import ResourceType
from pyhanko.pdf_utils.font.opentype import GlyphAccumulator, GlyphAccumulatorFactory
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import BasePdfFileWriter
from pyhanko.stamp.base import BaseStamp, BaseStampStyle

from signed_plan.errors import MissingError, SigningError

FAMILY = "Noto Sans"
"""pyHanko writes letter widths as if the em had 1,000 units; in this font it has."""

MAX_PICTURE_BYTES = 10_000_000
_MAX_PICTURE_PIXELS = 40_000_000
_PICTURE_SIZE = (900, 300)
_PICTURE_SHARE = 0.3
_LAYOUT = ("GDEF", "GPOS", "GSUB")
_PADDING = 6.0
_NAME_SIZE, _LINE_SIZE, _LEADING = 10.0, 7.5, 1.3
_BAR = "0.16 0.33 0.49 rg 0 0 1.6 {height:g} re f"


@dataclass(frozen=True, slots=True)
class Look:
    """The content of a signature's box: a name, lines below it, and perhaps a picture (PNG…)."""

    name: str
    lines: tuple[str, ...]
    picture: bytes | None = None


@dataclass(frozen=True)
class Style(BaseStampStyle):
    """A look as pyHanko wants it. Raises MissingError if the font lacks a character."""

    look: Look = Look("", ())

    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]
    ) -> BaseStamp:
        return _Stamp(writer, self, box)


class _Stamp(BaseStamp):
    """The box's content, from its left edge; a line that is too wide is set smaller."""

    _bounds: generic.ArrayObject

    def apply_appearance(self, annot_dict: generic.DictionaryObject) -> None:
        """Puts the appearance on a field, in the bounds that the empty field has.

        Some validators take other bounds for a change that no signature may make.
        """
        self._bounds = annot_dict["/AP"]["/N"]["/BBox"]
        super().apply_appearance(annot_dict)

    def as_form_xobject(self) -> generic.StreamObject:
        """The appearance stream (ISO 32000-2, 8.10)."""
        form = super().as_form_xobject()
        form["/BBox"] = generic.ArrayObject(generic.FloatObject(one) for one in self._bounds)
        return form

    def _render_inner_content(self) -> list[bytes]:
        look: Look = self.style.look
        width, height = float(self.box.width), float(self.box.height)
        commands = [_BAR.format(height=height).encode()]
        left = 1.6 + _PADDING
        if look.picture is not None:
            wide = _PICTURE_SHARE * width
            commands.append(self._picture(look.picture, left, wide, height - 2))
            left += wide + _PADDING
        sizes = (_NAME_SIZE, *(_LINE_SIZE for _ in look.lines))
        room = height - 2
        shrink = min(1.0, room / (_LEADING * sum(sizes)))
        bold = self._font("bold")
        # A font cannot be embedded if no letter of it is used.
        plain = self._font("regular") if any(look.lines) else bold
        top = (height + shrink * _LEADING * sum(sizes)) / 2
        for text, size, font in zip(
            (look.name, *look.lines), sizes, (bold, *(plain for _ in look.lines)), strict=True
        ):
            top -= shrink * _LEADING * size
            commands.append(_line(font, text, shrink * size, (left, top), width - left - _PADDING))
        for font in {bold.name: bold, plain.name: plain}.values():
            self.set_resource(
                category=ResourceType.FONT,
                name=generic.NameObject(font.name),
                value=font.engine.as_resource(),
            )
        return commands

    def _font(self, weight: str) -> _Font:
        path = _font_file(weight)
        assert self.writer is not None
        engine = GlyphAccumulatorFactory(str(path)).create_font_engine(self.writer)
        for table in _LAYOUT:  # shaping has its own copy, and subsetting these is slow
            if table in engine.tt:
                del engine.tt[table]
        return _Font("/Bold" if weight == "bold" else "/Plain", engine)

    def _picture(self, data: bytes, left: float, width: float, height: float) -> bytes:
        image = PdfImage(_trim_to_ink(data), writer=self.writer)
        image.render()
        reference = image.image_ref
        self.set_resource(
            category=ResourceType.XOBJECT, name=generic.NameObject("/Ink"), value=reference
        )
        scale = min(width / image.image.width, height / image.image.height)
        wide, high = scale * image.image.width, scale * image.image.height
        at = (left + (width - wide) / 2, 1 + (height - high) / 2)
        return b"q %g 0 0 %g %g %g cm /Ink Do Q" % (wide, high, *at)


@dataclass(frozen=True, slots=True)
class _Font:
    name: str
    engine: GlyphAccumulator


def _line(font: _Font, text: str, size: float, at: tuple[float, float], room: float) -> bytes:
    """A line of text; its baseline is 0.3 of its size above the given point."""
    _require_characters(font, text)
    shaped = font.engine.shape(text)
    fitting = min(size, room / shaped.x_advance) if shaped.x_advance else size
    left, bottom = at
    return b"BT 0 g %s %g Tf %g %g Td %s ET" % (
        font.name.encode(),
        fitting,
        left,
        bottom + 0.3 * size,
        shaped.graphics_ops,
    )


def _require_characters(font: _Font, text: str) -> None:
    known = font.engine.tt.getBestCmap()
    for character in text:
        if ord(character) not in known:
            raise MissingError(
                f'The font {FAMILY} cannot show "{character}", which stands in "{text}".',
                "Write the name in letters that it has.",
            )


def find_lacking(text: str) -> str:
    """The first character that the font lacks; "" where boxes can show the whole text.

    Raises MissingError if the font is not installed.
    """
    known = _characters("bold") & _characters("regular")
    return next((character for character in text if ord(character) not in known), "")


@cache
def _characters(weight: str) -> frozenset[int]:
    with TTFont(_font_file(weight), lazy=True) as font:
        return frozenset(font.getBestCmap())


def _font_file(weight: str) -> Path:
    found = ""
    if shutil.which("fc-match") is not None:
        done = subprocess.run(
            ["fc-match", "-f", "%{family[0]}\t%{file}", f"{FAMILY}:{weight}"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        family, _, found = done.stdout.partition("\t")
        if family == FAMILY:
            return Path(found)
    raise MissingError(
        f"The font {FAMILY}, in which signatures are printed, is not installed.",
        "Run `make setup`, which installs it, or install fonts-noto-core yourself.",
    )


def _trim_to_ink(data: bytes) -> Image.Image:
    """The picture in grey on white, cut to its ink; opaque, as PDF/A wants it."""
    if len(data) > MAX_PICTURE_BYTES:
        raise _picture_error("is larger than 10 MB")
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF", "BMP", "GIF")) as source:
            if source.width * source.height > _MAX_PICTURE_PIXELS:
                raise _picture_error("has too many pixels")
            coloured = ImageOps.exif_transpose(source).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise _picture_error("has too many pixels") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _picture_error("is not a picture that can be opened") from error
    white = Image.new("RGBA", coloured.size, "white")
    grey = Image.alpha_composite(white, coloured).convert("L")
    ink = ImageOps.invert(grey).point(lambda level: 255 if level > 40 else 0).getbbox()
    if ink is None:
        raise _picture_error("shows nothing")
    cut = grey.crop(ink)
    cut.thumbnail(_PICTURE_SIZE)
    return cut


def _picture_error(what: str) -> SigningError:
    return SigningError(
        f"The picture of the handwriting {what}.",
        "Give a PNG or JPEG of the signature alone, dark on white.",
    )
