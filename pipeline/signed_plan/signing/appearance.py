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

from signed_plan.box_layout import BAR, SMALLEST, BoxLine, BoxText, lay_out
from signed_plan.errors import MissingError, SigningError
from signed_plan.wording import shorten

FAMILY = "Noto Sans"
"""pyHanko writes letter widths as if the em had 1,000 units; in this font it has."""

MAX_PICTURE_BYTES = 10_000_000
_MAX_PICTURE_PIXELS = 40_000_000
_PICTURE_SIZE = (900, 300)
_LAYOUT = ("GDEF", "GPOS", "GSUB")
_BAR = "0.16 0.33 0.49 rg 0 0 {width:g} {height:g} re f"


@dataclass(frozen=True, slots=True)
class Look:
    """The content of a signature's box: a name, lines below it, and perhaps a picture (PNG…)."""

    name: str
    lines: tuple[str, ...]
    picture: bytes | None = None

    @property
    def text(self) -> BoxText:
        return BoxText(self.name, self.lines)


@dataclass(frozen=True)
class Style(BaseStampStyle):
    """A look as pyHanko wants it; raises as `require_room` does."""

    look: Look = Look("", ())

    def create_stamp(
        self, writer: BasePdfFileWriter, box: BoxConstraints, text_params: dict[str, Any]
    ) -> BaseStamp:
        return _Stamp(writer, self, box)


class _Stamp(BaseStamp):
    """The box's content, from its left edge."""

    _bounds: list[float]

    def apply_appearance(self, annot_dict: generic.DictionaryObject) -> None:
        """Puts the appearance on a field, in the bounds that the empty field has.

        Some validators take other bounds for a change that no signature may make. Viewers stretch
        them to the size of the field, so the content is drawn in the opposite proportion.
        """
        self._bounds = [float(number) for number in annot_dict["/AP"]["/N"]["/BBox"]]
        super().apply_appearance(annot_dict)

    def as_form_xobject(self) -> generic.StreamObject:
        """The appearance stream (ISO 32000-2, 8.10)."""
        form = super().as_form_xobject()
        form["/BBox"] = generic.ArrayObject(generic.FloatObject(one) for one in self._bounds)
        return form

    def _render_inner_content(self) -> list[bytes]:
        look: Look = self.style.look
        width, height = float(self.box.width), float(self.box.height)
        require_room(look, width, height)
        pictured = look.picture is not None
        layout = lay_out(look.text, width, height, _measure, pictured=pictured)
        assert layout is not None, "it was just found to have room"
        wide, high = self._bounds[2] / width, self._bounds[3] / height
        commands = [f"{wide:.6g} 0 0 {high:.6g} 0 0 cm".encode()]
        commands.append(_BAR.format(width=BAR, height=height).encode())
        if look.picture is not None:
            left, across = layout.picture_left, layout.picture_width
            commands.append(self._picture(look.picture, left, across, height - 2))
        bold = self._font("bold")
        # A font cannot be embedded if no letter of it is used.
        plain = self._font("regular") if any(look.lines) else bold
        commands += [_line(bold if one.bold else plain, one) for one in layout.lines]
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


def _line(font: _Font, line: BoxLine) -> bytes:
    return b"BT 0 g %s %g Tf %g %g Td %s ET" % (
        font.name.encode(),
        line.size,
        line.left,
        line.baseline,
        font.engine.shape(line.text).graphics_ops,
    )


def require_room(look: Look, width: float, height: float) -> None:
    """Makes sure that a box of that size, in points, has room for a look, in letters of 7 or more.

    Raises SigningError where it has not, and MissingError if the font lacks a character.
    """
    for text in (look.name, *look.lines):
        lacking = find_lacking(text)
        if lacking:
            raise MissingError(
                f'The font {FAMILY} cannot show "{lacking}", which stands in "{text}".',
                "Write the name in letters that it has.",
            )
    if lay_out(look.text, width, height, _measure, pictured=look.picture is not None):
        return
    if look.picture is not None and lay_out(look.text, width, height, _measure, pictured=False):
        raise SigningError(
            f'In the box of "{shorten(look.name)}" there is no room for a picture of handwriting.',
            "Sign without it: leave out --picture.",
        )
    raise SigningError(
        f'The box of "{shorten(look.name)}" has no room for all its words: letters would be '
        f"smaller than {SMALLEST:g} points.",
        "Shorten that name, or the role or school below it; or make the empty picture in the box "
        "larger in signoff.docx (templates/README.md). Then run: plan build",
    )


def _measure(text: str, bold: bool) -> float:
    """How wide a text is in letters of the size 1. Raises MissingError as `find_lacking` does."""
    widths = _letter_widths("bold" if bold else "regular")
    return sum(widths.get(ord(character), 1.0) for character in text)


def find_lacking(text: str) -> str:
    """The first character that the font lacks; "" where boxes can show the whole text.

    Raises MissingError if the font is not installed.
    """
    weights = _letter_widths("bold"), _letter_widths("regular")
    return next(
        (one for one in text if not all(ord(one) in widths for widths in weights)),
        "",
    )


@cache
def _letter_widths(weight: str) -> dict[int, float]:
    """How wide each letter of the font is, by its code, in letters of the size 1."""
    with TTFont(_font_file(weight), lazy=True) as font:
        advances, size = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: advances[name][0] / size for code, name in font.getBestCmap().items()}


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
