"""Real sign-off pages, as scanners, fax machines and telephones give them back."""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageFilter, ImageOps
from signed_plan.document.context import page_code
from signed_plan.errors import ExitCode, SigningError
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.signing import qr_scan
from signed_plan.signing.qr_scan import MAX_BYTES, MAX_PAGES, read_scan, suffix

slow = pytest.mark.slow("reads many scans")

JULY, NOVEMBER = "2017-07", "2017-11"
LAST = {JULY: 7, NOVEMBER: 8}


@pytest.fixture(scope="module")
def codes(built_once: PlanFolder) -> dict[str, str]:
    """What the code on each version's last page says."""
    return {
        version.name: "".join(page_code(version, version.plan.open_reviews, LAST[version.name]))
        for version in load(built_once)
    }


@pytest.fixture(scope="module")
def printed(built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory) -> Pages:
    """The pages of the built plans as poppler, not PDFium, shows them."""
    return Pages(built_once, tmp_path_factory.mktemp("printed"))


class Pages:
    def __init__(self, folder: PlanFolder, work: Path) -> None:
        self._folder = folder
        self._work = work
        self._made: dict[tuple[str, int, int], Image.Image] = {}

    def last(self, version: str = NOVEMBER, dpi: int = 200) -> Image.Image:
        """The version's last page: a sign-off page."""
        return self.page(version, LAST[version], dpi)

    def page(self, version: str, number: int, dpi: int = 200) -> Image.Image:
        if (version, number, dpi) not in self._made:
            stem = self._work / f"{version}-{number}-{dpi}"
            subprocess.run(
                [
                    *("pdftoppm", "-gray", "-singlefile", "-r", str(dpi)),
                    *("-f", str(number), "-l", str(number)),
                    *(self._folder.pdf(version), stem),
                ],
                check=True,
            )
            picture = Image.open(stem.with_suffix(".pgm"))
            picture.load()
            self._made[version, number, dpi] = picture
        return self._made[version, number, dpi].copy()


# What happens to a page between the printer and the school office


def saved(picture: Image.Image, kind: str = "PNG", **given: object) -> bytes:
    file = io.BytesIO()
    if kind == "PNG":
        given.setdefault("compress_level", 1)
    picture.save(file, kind, **given)
    return file.getvalue()


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def greyed(picture: Image.Image, ink: int, paper: int) -> Image.Image:
    return picture.point([ink + (paper - ink) * grey // 255 for grey in range(256)])


def blurred(picture: Image.Image, radius: float) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(radius))


def noised(picture: Image.Image, sigma: float) -> Image.Image:
    """Seeded, unlike Pillow's own noise."""
    seeded = random.Random(17)
    side = 128
    greys = [max(0, min(255, round(seeded.gauss(128, sigma)))) for _ in range(side * side)]
    grain = Image.frombytes("L", (side, side), bytes(greys))
    field = Image.new("L", picture.size)
    for left in range(0, picture.width, side):
        for top in range(0, picture.height, side):
            field.paste(grain.rotate(seeded.choice([0, 90, 180, 270])), (left, top))
    return ImageChops.add(picture, field, 1, -128)


def jpeg(picture: Image.Image, quality: int) -> Image.Image:
    return Image.open(io.BytesIO(saved(picture, "JPEG", quality=quality)))


def photographed(picture: Image.Image, lean: float) -> Image.Image:
    """From one side, on a dark desk, by the light of a lamp on the other."""
    width, height = picture.size
    # At (x, y) is the page's (a x + b y + c, d x + e y + f) / (g x + h y + 1).
    g, h = lean / width, lean / 2 / height
    a, b, c = 1.25 + lean, 0.06, -0.12 * width
    d, e, f = 0.05, 1.2 + lean, -0.1 * height
    way = (a, b, c, d, e, f, g, h)
    bend, size = Image.Transform.PERSPECTIVE, (round(width * 1.1), round(height * 1.1))
    page = picture.transform(size, bend, way, Image.Resampling.BICUBIC)
    sheet = Image.new("L", picture.size, 255).transform(size, bend, way)
    shown = Image.composite(page, Image.new("L", size, 70), sheet)
    light = (
        Image.linear_gradient("L")
        .rotate(90)
        .resize(size)
        .point([80 + v * 2 // 3 for v in range(256)])
    )
    return ImageChops.multiply(shown, light)


def badly_photographed(picture: Image.Image, lean: float, grain: float) -> Image.Image:
    shown = turned(photographed(picture, lean), 20)
    return jpeg(noised(blurred(shown, 1), grain), 40)


DISTORTIONS: dict[str, tuple[int, Callable[[Image.Image], Image.Image]]] = {
    "as it is, 100 dpi": (100, lambda page: page),
    "as it is, 200 dpi": (200, lambda page: page),
    "as it is, 400 dpi": (400, lambda page: page),
    "a quarter turn": (200, lambda page: turned(page, 90)),
    "upside down": (200, lambda page: turned(page, 180)),
    "three quarter turns": (200, lambda page: turned(page, 270)),
    "skewed to the left": (150, lambda page: turned(page, 7)),
    "skewed to the right": (100, lambda page: turned(page, -7)),
    "laid in anyhow": (200, lambda page: turned(page, 233)),
    "pale": (200, lambda page: greyed(page, 175, 225)),
    "dark": (200, lambda page: greyed(page, 10, 60)),
    "noisy and coarse": (100, lambda page: noised(page, 70)),
    "noisy": (200, lambda page: noised(page, 70)),
    "noisy and fine": (300, lambda page: noised(page, 60)),
    "out of focus": (200, lambda page: blurred(page, 1.6)),
    "out of focus and coarse": (100, lambda page: blurred(page, 0.9)),
    "out of focus and so coarse that it must be enlarged": (80, lambda page: blurred(page, 0.9)),
    "squeezed into a small JPEG": (150, lambda page: jpeg(page, 10)),
    "faxed": (200, lambda page: turned(page, 3).convert("1")),
    "with the scanner's lid around it": (200, lambda page: ImageOps.expand(page, 60, 0)),
    "all at once, coarse": (
        100,
        lambda page: jpeg(noised(greyed(blurred(turned(page, 94), 0.6), 60, 190), 12), 50),
    ),
    "all at once": (
        200,
        lambda page: jpeg(noised(greyed(blurred(turned(page, 186), 0.9), 70, 180), 25), 30),
    ),
    "photographed": (200, lambda page: jpeg(noised(photographed(page, 0.25), 8), 70)),
    "photographed from the side": (150, lambda page: badly_photographed(page, 0.5, 40)),
}


@slow
@pytest.mark.parametrize("name", DISTORTIONS)
def test_the_code_is_read_whatever_became_of_the_page(
    name: str, printed: Pages, codes: dict[str, str]
) -> None:
    dpi, distort = DISTORTIONS[name]
    page = distort(printed.last(dpi=dpi))
    assert read_scan(saved(page)).codes == (codes[NOVEMBER],)


def test_july_s_page_gives_july_s_code(printed: Pages, codes: dict[str, str]) -> None:
    assert read_scan(saved(printed.last(JULY))).codes == (codes[JULY],)
    assert codes[JULY] != codes[NOVEMBER]


@slow
def test_a_page_without_a_code_gives_none(printed: Pages) -> None:
    assert read_scan(saved(printed.page(NOVEMBER, 2))).codes == ()


def test_other_kinds_of_codes_are_not_looked_for() -> None:
    import zxingcpp

    code = zxingcpp.create_barcode("signed-plan:x", zxingcpp.BarcodeFormat.DataMatrix)
    picture = Image.new("L", (800, 800), 255)
    drawn = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=8))
    picture.paste(drawn, (100, 100))
    assert zxingcpp.read_barcodes(picture)
    assert read_scan(saved(picture)).codes == ()


WAYS_TO_SAVE: dict[str, Callable[[Image.Image], bytes]] = {
    "PNG in colour": lambda page: saved(page.convert("RGB")),
    "PNG with a palette": lambda page: saved(page.quantize(16)),
    "PNG, black on nothing": lambda page: saved(
        Image.merge("LA", (Image.new("L", page.size, 0), ImageChops.invert(page)))
    ),
    "PNG of 16 bits": lambda page: saved(
        page.convert("I").point(lambda grey: grey * 200 + 9000).convert("I;16")
    ),
    "JPEG in colour": lambda page: saved(page.convert("RGB"), "JPEG"),
    "JPEG for a printing press": lambda page: saved(page.convert("CMYK"), "JPEG"),
    "JPEG that loads by degrees": lambda page: saved(page, "JPEG", progressive=True),
    "TIFF": lambda page: saved(page, "TIFF"),
    "TIFF of a fax machine": lambda page: saved(page.convert("1"), "TIFF", compression="group4"),
    "TIFF with a JPEG inside": lambda page: saved(page, "TIFF", compression="jpeg"),
    "TIFF, packed": lambda page: saved(page, "TIFF", compression="tiff_lzw"),
    "PDF": lambda page: saved(page, "PDF", resolution=150),
    "PDF of a fax machine": lambda page: saved(page.convert("1"), "PDF", resolution=150),
    "PDF that takes a pixel for a point": lambda page: saved(page, "PDF", resolution=72),
    "PDF of a sheet with a small copy": lambda page: saved(page, "PDF", resolution=600),
    "PDF of a bad photograph": lambda page: saved(
        badly_photographed(page, 0.4, 50), "PDF", resolution=150
    ),
    "PDF after a printer's greeting": lambda page: b"\x1b%-12345X\n" + saved(page, "PDF"),
}


@slow
@pytest.mark.parametrize("way", WAYS_TO_SAVE)
def test_a_scan_is_known_by_its_content(way: str, printed: Pages, codes: dict[str, str]) -> None:
    data = WAYS_TO_SAVE[way](printed.last(dpi=150))
    assert suffix(data) == {"PNG": ".png", "JPE": ".jpg", "TIF": ".tif", "PDF": ".pdf"}[way[:3]]
    assert read_scan(data).codes == (codes[NOVEMBER],)


@slow
@pytest.mark.parametrize("kind", ["PDF", "TIFF"])
def test_every_page_is_looked_at_and_each_text_told_once(
    kind: str, printed: Pages, codes: dict[str, str]
) -> None:
    page, other = printed.last(dpi=100), printed.last(JULY, dpi=100)
    pages = [printed.page(NOVEMBER, 2, dpi=100), page, other, page]
    data = saved(pages[0], kind, save_all=True, append_images=pages[1:], resolution=100)
    assert read_scan(data).codes == (codes[NOVEMBER], codes[JULY])


def test_two_codes_on_one_page_are_both_told(printed: Pages, codes: dict[str, str]) -> None:
    page, other = printed.last(), printed.last(JULY)
    both = Image.new("L", (page.width, page.height + other.height), 255)
    both.paste(page, (0, 0))
    both.paste(other, (0, page.height))
    assert set(read_scan(saved(both)).codes) == {codes[NOVEMBER], codes[JULY]}


@slow
def test_the_plan_itself_may_be_scanned_whole(
    built_once: PlanFolder, codes: dict[str, str]
) -> None:
    first, last = read_scan(built_once.pdf(JULY).read_bytes()).codes
    assert (first.rpartition(":")[2], last) == ("6", codes[JULY])


@slow
def test_a_large_photo_is_read(printed: Pages, codes: dict[str, str]) -> None:
    large = printed.last().resize((8000, 5657))
    assert read_scan(saved(large, "JPEG")).codes == (codes[NOVEMBER],)


# What is no scan


def a_pdf(*objects: bytes) -> bytes:
    """The objects, numbered from 1, as a PDF; the first is its catalogue."""
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table)
        + b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    )


def a_stream(words: bytes, content: bytes) -> bytes:
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (words, len(content), content)


def one_page(
    content: bytes = b"", box: bytes = b"0 0 842 595", count: int = 1, *objects: bytes
) -> bytes:
    """A PDF whose only page, if need be many times over, draws the object 5 under the name /X."""
    return a_pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (b"3 0 R " * count, count),
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R"
        b"/Resources<</XObject<</X 5 0 R>>>>>>" % box,
        a_stream(b"", content),
        *objects,
    )


def a_png(width: int, height: int) -> bytes:
    """A PNG that claims to be of that size and is all but empty."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def an_image(side: int) -> bytes:
    words = b"/Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8" % (side, side)
    return a_stream(
        words + b"/ColorSpace/DeviceGray/Filter/FlateDecode", zlib.compress(bytes(side * side))
    )


def endless() -> bytes:
    """A page of few bytes on which nine million pixels are drawn four thousand times."""
    return one_page(b"800 0 0 500 0 0 cm" + b" /X Do" * 4000, b"0 0 842 595", 1, an_image(3000))


def nested() -> bytes:
    """Thirty drawings, each of which draws the next one twice."""
    words = b"/Type/XObject/Subtype/Form/BBox[0 0 800 500]"
    drawings = [
        a_stream(words + b"/Resources<</XObject<</X %d 0 R>>>>" % (6 + at), b"/X Do /X Do")
        for at in range(30)
    ]
    return one_page(b"/X Do", b"0 0 842 595", 1, *drawings, a_stream(words, b"0 0 9 9 re f"))


def protected(plan: PlanFolder) -> bytes:
    return subprocess.run(
        ["qpdf", "--encrypt", "a", "b", "256", "--", plan.pdf(JULY), "-"],
        capture_output=True,
        check=True,
    ).stdout


def frames(count: int) -> bytes:
    empty = Image.new("1", (9, 9))
    return saved(empty, "TIFF", save_all=True, append_images=[empty] * (count - 1))


DAMAGED = "The scan is damaged"
HOSTILE: dict[str, tuple[str, Callable[[PlanFolder], bytes]]] = {
    "empty": ("is empty", lambda plan: b""),
    "a Word file": ("is not a scan in PDF, PNG", lambda plan: plan.docx(JULY).read_bytes()),
    "a text": ("is not a scan in PDF, PNG", lambda plan: b"signed-plan:2017-11:0000"),
    "too many bytes": ("larger than 50 MB", lambda plan: b"%PDF-1.7\n" + bytes(60_000_000)),
    "half a PDF": (DAMAGED, lambda plan: half(plan.pdf(JULY).read_bytes())),
    "a PDF's first line": (DAMAGED, lambda plan: b"%PDF-1.7\n"),
    "half a PNG": (DAMAGED, lambda plan: half(saved(noised(Image.new("L", (500, 500)), 9)))),
    "half a JPEG": (DAMAGED, lambda plan: half(saved(Image.new("L", (500, 500)), "JPEG"))),
    "half a TIFF": (DAMAGED, lambda plan: half(saved(Image.new("L", (500, 500)), "TIFF"))),
    "a JPEG's first bytes": (DAMAGED, lambda plan: b"\xff\xd8\xff"),
    "a TIFF's first bytes": (DAMAGED, lambda plan: b"II*\x00" + bytes(9)),
    "a protected PDF": ("protected by a password", protected),
    "a PNG bomb": ("more than 110 million pixels", lambda plan: a_png(60_000, 60_000)),
    "a smaller PNG bomb": ("more than 110 million pixels", lambda plan: a_png(11_000, 11_000)),
    "a kilometre": ("claims to be 1,000 m long", lambda plan: one_page(b"", b"0 0 9 2834646")),
    "3000 pages": ("more than 20 pages", lambda plan: one_page(b"", b"0 0 9 9", 3000)),
    "25 frames": ("more than 20 pages", lambda plan: frames(25)),
    "endless drawing": ("it took longer than 0.5 seconds", lambda plan: endless()),
    "nested drawings": ("it took longer than 0.5 seconds", lambda plan: nested()),
}


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.fixture
def nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    before = children.read_text() if children.exists() else ""
    yield
    assert list(tmp_path.iterdir()) == []
    assert (children.read_text() if children.exists() else "") == before


@slow
@pytest.mark.usefixtures("nothing_is_left_behind")
@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_scan_is_refused_in_one_sentence(
    name: str, built_once: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, make = HOSTILE[name]
    data = make(built_once)
    monkeypatch.setattr(qr_scan, "SECONDS", 0.5 if "0.5 seconds" in told else 60)
    start = time.monotonic()
    with pytest.raises(SigningError) as raised:
        read_scan(data)
    assert time.monotonic() - start < 5
    assert told in raised.value.message
    assert raised.value.message.count(". ") == 0
    assert raised.value.message.endswith(".")
    assert raised.value.remedy.endswith(".")
    assert raised.value.exit_code == ExitCode.SIGNING


@pytest.mark.parametrize("name", ["empty", "a Word file", "too many bytes"])
def test_what_is_no_scan_has_no_suffix(name: str, built_once: PlanFolder) -> None:
    told, make = HOSTILE[name]
    with pytest.raises(SigningError, match=told):
        suffix(make(built_once))


@slow
def test_the_bounds_themselves_are_within_bounds(printed: Pages, codes: dict[str, str]) -> None:
    page = saved(printed.last(dpi=100))
    assert read_scan(page + bytes(MAX_BYTES - len(page))).codes == (codes[NOVEMBER],)
    assert read_scan(frames(MAX_PAGES)).codes == ()
    assert read_scan(one_page(b"", b"0 0 14400 14400")).codes == ()


def test_the_command_s_start_does_not_wait_for_picture_libraries() -> None:
    code = (
        "import sys, signed_plan.signing.qr_scan;"
        "print([n for n in ('PIL', 'zxingcpp', 'pypdfium2', 'ctypes') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
