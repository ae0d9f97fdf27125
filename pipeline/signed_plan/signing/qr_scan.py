"""The QR code on a scanned sign-off page, whichever way the page lay in the scanner.

A scan is an untrusted file, so it is opened only in the sandbox.
"""

from __future__ import annotations

import io
import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from signed_plan.errors import SigningError
from signed_plan.paths import RECORD
from signed_plan.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage
    from zxingcpp import Barcode

    CodedPicture = tuple[Image, Sequence[Barcode]]
    """A picture of a page, and the codes in it."""

MAX_BYTES = 50_000_000
MAX_PAGES = 20
SECONDS = 60
MAX_PIXELS = 110_000_000
"""What the largest common phone camera takes, and three times an A4 page at 600 dpi."""

MAX_POINTS = 14_400
"""The longest side of a PDF page that readers must take (ISO 32000-1, annex C): five metres."""

_DPI = (200, 300)
_ENOUGH_PIXELS = 25_000_000
"""A side of A3 at 300 dpi has 17 million; larger pictures are reduced first."""

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


@dataclass(frozen=True, slots=True)
class ScannedPages:
    """What is read from a scan."""

    codes: tuple[str, ...]
    """The texts of the QR codes on its pages, each once, in the order of the pages."""
    carries_record: bool
    """Whether a version's record is attached to it, as to a version's own PDF and to no scan."""


def read_scan(data: bytes) -> ScannedPages:
    """Reads a scan. It has no codes if none can be read.

    Raises SigningError if the file is no scan, is damaged or protected, or takes more time or
    memory than a scan needs.
    """
    kind = suffix(data)
    try:
        codes, carries_record = run_in_sandbox(
            "signed_plan.signing.qr_scan", data, kind, seconds=SECONDS
        )
        return ScannedPages(tuple(codes), carries_record)
    except SandboxError as error:
        raise SigningError(
            f"The scan cannot be used: {error.reason}.",
            _SCAN_AGAIN if error.kind == "crash" else _ONE_PAGE,
        ) from error


def suffix(data: bytes) -> str:
    """The ending for the name of such a file: ".pdf", ".png", ".jpg" or ".tif".

    Raises SigningError for any other file.
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
    # PDF readers accept other bytes before the first line, and some programs write them.
    if b"%PDF-" in data[:1024]:
        return ".pdf"
    raise SigningError("The file is not a scan in PDF, PNG, JPEG or TIFF.", _SAVE_AGAIN)


# What follows is done in the sandbox.


def sandbox_main(data: bytes, kind: str) -> tuple[list[str], bool]:
    """The texts of the codes in a file of that kind, each once; and whether it has a record."""
    codes = [code.text for _, found in scanned_pages(data, kind) for code in found]
    return list(dict.fromkeys(codes)), kind == ".pdf" and _carries_record(data)


def scanned_pages(data: bytes, kind: str) -> Iterator[CodedPicture]:
    """Each page of a scan that has a code, in the picture of it in which that can be read.

    Raises SigningError where the file is no scan, or is damaged.
    """
    return _read_pdf(data) if kind == ".pdf" else _read_picture(data, _FORMATS[kind])


def read_codes_of(picture: Image) -> Sequence[Barcode]:
    """The QR codes in a picture, and where they are in it."""
    from zxingcpp import BarcodeFormat, BarcodeFormats, read_barcodes

    found: Sequence[Barcode] = read_barcodes(
        picture, formats=BarcodeFormats([BarcodeFormat.QRCode])
    )
    return found


def _read_first(pictures: Iterable[Image]) -> Iterator[CodedPicture]:
    """The first of several pictures of one page in which any codes can be read, if there is one."""
    for picture in pictures:
        if found := read_codes_of(picture):
            yield picture, found
            return


def _read_pdf(data: bytes) -> Iterator[CodedPicture]:
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        document = PdfDocument(data)
        _require_few(len(document))
        for page in document:
            yield from _read_first(_renderings(page))
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise SigningError(
                "The scan is a PDF that is protected by a password.",
                "Save it without a password, or scan the page again.",
            ) from error
        raise _damage_error() from error


def _carries_record(data: bytes) -> bool:
    from pypdfium2 import PdfDocument

    document = PdfDocument(data)
    attached = map(document.get_attachment, range(document.count_attachments()))
    return any(one.get_name() == RECORD for one in attached)


def _renderings(page: PdfPage) -> Iterator[Image]:
    width, height = page.get_size()
    if max(width, height) > MAX_POINTS:
        metres = max(width, height) / 72 * 0.0254
        raise SigningError(f"A page of the scan claims to be {metres:,.0f} m long.", _ONE_PAGE)
    # Some programs take each pixel for a point, so a page of two metres is still a scan.
    most = math.sqrt(_ENOUGH_PIXELS / (width * height))
    for dpi in _DPI:
        picture = page.render(scale=min(dpi / 72, most), grayscale=True).to_pil()
        yield picture
    yield _smooth(picture)


def _read_picture(data: bytes, kind: str) -> Iterator[CodedPicture]:
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(data), formats=[kind])
        for number in range(MAX_PAGES + 1):
            try:
                image.seek(number)
            except EOFError:
                break
            _require_few(number + 1)
            if image.width * image.height > MAX_PIXELS:
                raise _pixels_error()
            yield from _read_first(_variants(image))
    except Image.DecompressionBombError as error:
        raise _pixels_error() from error
    # What Pillow's readers raise for damaged files; any other error shows as a crash.
    except (*(OSError, SyntaxError, ValueError, TypeError), LookupError, struct.error) as error:
        raise _damage_error() from error


def _variants(image: Image) -> Iterator[Image]:
    """The picture as it is, enlarged for a coarse scan, and smoothed for a noisy one."""
    from PIL.Image import Resampling

    picture = _to_grey(image)
    yield picture
    if 4 * picture.width * picture.height <= _ENOUGH_PIXELS:
        picture = picture.resize((2 * picture.width, 2 * picture.height), Resampling.BICUBIC)
        yield picture
    yield _smooth(picture)


def _to_grey(image: Image) -> Image:
    """The picture in 256 greys, on white where it is transparent, and not needlessly large."""
    from PIL import Image

    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        grey = Image.alpha_composite(paper, image.convert("RGBA")).convert("L")
    elif image.mode.startswith(("I", "F")):
        # Pillow would take every grey above 255 for white.
        deep = image.convert("F")
        least, most = cast("tuple[float, float]", deep.getextrema())
        scale = 255 / (most - least or 1)
        grey = deep.point(lambda value: value * scale - least * scale).convert("L")
    else:
        grey = image.convert("L")
    return grey.reduce(math.ceil(math.sqrt(grey.width * grey.height / _ENOUGH_PIXELS)))


def _smooth(picture: Image) -> Image:
    from PIL.ImageFilter import BoxBlur

    return picture.filter(BoxBlur(2))


def _require_few(pages: int) -> None:
    if pages > MAX_PAGES:
        raise SigningError(f"The scan has more than {MAX_PAGES} pages.", _ONE_PAGE)


def _pixels_error() -> SigningError:
    return SigningError(
        f"The scan has more than {MAX_PIXELS // 1_000_000} million pixels on a page.", _ONE_PAGE
    )


def _damage_error() -> SigningError:
    return SigningError("The scan is damaged: it cannot be read to its end.", _SCAN_AGAIN)
