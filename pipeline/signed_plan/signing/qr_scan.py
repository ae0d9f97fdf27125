"""What the QR code on a scanned sign-off page says, whichever way the page lay in the scanner.

A scan is a stranger's file: it is opened in the sandbox alone.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, cast

from signed_plan.errors import SigningError
from signed_plan.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

MAX_BYTES = 50_000_000
MAX_PAGES = 20
SECONDS = 60
MAX_PIXELS = 110_000_000
"""As many as the largest common phone camera takes, and three times an A4 page at 600 dpi."""

MAX_POINTS = 14_400
"""The longest side of a PDF page that readers must take (ISO 32000-1, annex C): five metres."""

_DPI = (200, 300)
_ENOUGH_PIXELS = 25_000_000
"""A side of A3 at 300 dpi has 17 million; what is larger is made smaller before it is looked at."""

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"II*\x00", ".tif"),
    (b"MM\x00*", ".tif"),
)
_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".tif": "TIFF"}
_SAVE_AGAIN = "Scan or photograph the signed page and save it as PDF, PNG, JPEG or TIFF."
_SCAN_AGAIN = "Scan the signed page again, or open the file, see what is in it and save it again."
_ONE_PAGE = "Scan the sign-off page alone, at 200 to 300 dpi."


def read_codes(data: bytes) -> tuple[str, ...]:
    """The texts of the QR codes on a scan's pages, each once, in the order of the pages.

    Gives () where none can be read. Raises SigningError where the file is no scan, is damaged or
    protected, or asks for more time or memory than a scan needs.
    """
    kind = suffix(data)
    try:
        return tuple(run_in_sandbox("signed_plan.signing.qr_scan", data, kind, seconds=SECONDS))
    except SandboxError as error:
        raise SigningError(
            f"The scan cannot be used: {error.reason}.",
            _SCAN_AGAIN if error.kind == "crash" else _ONE_PAGE,
        ) from error


def suffix(data: bytes) -> str:
    """What the name of such a file ends with: ".pdf", ".png", ".jpg" or ".tif".

    Raises SigningError for everything else.
    """
    if not data:
        raise SigningError("The scan is empty: the file holds no bytes.", _SAVE_AGAIN)
    if len(data) > MAX_BYTES:
        raise SigningError(
            f"The scan is larger than {MAX_BYTES // 1_000_000} MB ({len(data) / 1e6:.0f} MB).",
            _ONE_PAGE,
        )
    for start, ending in _KINDS:
        if data.startswith(start):
            return ending
    # Readers take a PDF whose first line comes late, so some programs make such ones.
    if b"%PDF-" in data[:1024]:
        return ".pdf"
    raise SigningError("The file is not a scan in PDF, PNG, JPEG or TIFF.", _SAVE_AGAIN)


# What follows is done in the sandbox.


def sandbox_main(data: bytes, kind: str) -> list[str]:
    """The texts of the codes in a file of that kind, each once."""
    codes = _codes_in_pdf(data) if kind == ".pdf" else _codes_in_picture(data, _FORMATS[kind])
    return list(dict.fromkeys(codes))


def _codes(looks: Iterable[Image]) -> list[str]:
    """What is read in the first of several pictures of one page that shows anything."""
    from zxingcpp import BarcodeFormat, BarcodeFormats, read_barcodes

    for picture in looks:
        if found := read_barcodes(picture, formats=BarcodeFormats([BarcodeFormat.QRCode])):
            return [code.text for code in found]
    return []


def _codes_in_pdf(data: bytes) -> list[str]:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        document = PdfDocument(data)
        _require_few(len(document))
        return [text for page in document for text in _codes(_looks_at_pdf(page))]
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise SigningError(
                "The scan is a PDF that is protected by a password.",
                "Save it without a password, or scan the page again.",
            ) from error
        raise _damaged() from error


def _looks_at_pdf(page: PdfPage) -> Iterator[Image]:
    width, height = page.get_size()
    if max(width, height) > MAX_POINTS:
        metres = max(width, height) / 72 * 0.0254
        raise SigningError(f"A page of the scan claims to be {metres:,.0f} m long.", _ONE_PAGE)
    # Some programs take each pixel for a point, so a page of two metres is still a scan.
    most = math.sqrt(_ENOUGH_PIXELS / (width * height))
    for dpi in _DPI:
        picture = page.render(scale=min(dpi / 72, most), grayscale=True).to_pil()
        yield picture
    yield _smoothed(picture)


def _codes_in_picture(data: bytes, kind: str) -> list[str]:
    from PIL import Image

    found: list[str] = []
    try:
        opened = Image.open(io.BytesIO(data), formats=[kind])
        for number in range(MAX_PAGES + 1):
            try:
                opened.seek(number)
            except EOFError:
                break
            _require_few(number + 1)
            if opened.width * opened.height > MAX_PIXELS:
                raise _too_many_pixels()
            found += _codes(_looks_at_picture(opened))
        return found
    except Image.DecompressionBombError as error:
        raise _too_many_pixels() from error
    # What Pillow's readers raise for damaged files; any other error shows as a crash.
    except (*(OSError, SyntaxError, ValueError, TypeError), LookupError, struct.error) as error:
        raise _damaged() from error


def _looks_at_picture(opened: Image) -> Iterator[Image]:
    """As it is, larger for a coarse scan, and smoothed for a noisy one."""
    from PIL.Image import Resampling

    picture = _grey(opened)
    yield picture
    if 4 * picture.width * picture.height <= _ENOUGH_PIXELS:
        picture = picture.resize((2 * picture.width, 2 * picture.height), Resampling.BICUBIC)
        yield picture
    yield _smoothed(picture)


def _grey(opened: Image) -> Image:
    """In 256 greys, on white where it is transparent, and no larger than is of use."""
    from PIL import Image

    if opened.has_transparency_data:
        paper = Image.new("RGBA", opened.size, "white")
        grey = Image.alpha_composite(paper, opened.convert("RGBA")).convert("L")
    elif opened.mode.startswith(("I", "F")):
        # Pillow would take every grey above 255 for white.
        deep = opened.convert("F")
        least, most = cast("tuple[float, float]", deep.getextrema())
        scale = 255 / (most - least or 1)
        grey = deep.point(lambda value: value * scale - least * scale).convert("L")
    else:
        grey = opened.convert("L")
    return grey.reduce(math.ceil(math.sqrt(grey.width * grey.height / _ENOUGH_PIXELS)))


def _smoothed(picture: Image) -> Image:
    from PIL.ImageFilter import BoxBlur

    return picture.filter(BoxBlur(2))


def _require_few(pages: int) -> None:
    if pages > MAX_PAGES:
        raise SigningError(f"The scan has more than {MAX_PAGES} pages.", _ONE_PAGE)


def _too_many_pixels() -> SigningError:
    return SigningError(
        f"The scan has more than {MAX_PIXELS // 1_000_000} million pixels on a page.", _ONE_PAGE
    )


def _damaged() -> SigningError:
    return SigningError("The scan is damaged: it cannot be read to its end.", _SCAN_AGAIN)
