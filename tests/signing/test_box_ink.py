"""Ink in a person's box is seen, an empty box too, and where neither is sure, nothing is said."""

from __future__ import annotations

import io
import math
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw
from pypdfium2 import PdfDocument
from signed_plan.document.signoff import field_edges, field_pages
from signed_plan.paths import PlanFolder
from signed_plan.signing.box_ink import Ink, PrintedBox, judge, look_for_ink, what_counts

from tests.signing.test_qr_scan import (
    blurred,
    greyed,
    jpeg,
    noised,
    photographed,
    saved,
    turned,
)

slow = pytest.mark.slow("looks at many scans")

KEVIN, ANDY, CAROLE = (
    f"november-2017-jcc:{one}" for one in ("kevin-snow", "andy-hitchcock", "carole-clemens")
)


class Paper:
    """The November plan, printed, for somebody to sign with a pen."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.pages, self.edges = field_pages(pdf), field_edges(pdf)

    def box(self, name: str) -> PrintedBox:
        others = (one for one in self.edges if one != name and self.pages[one] == self.pages[name])
        return PrintedBox(
            self.pages[name], self.edges[name], tuple(self.edges[one] for one in others)
        )

    def page(
        self, signed: str = "", dpi: int = 200, *, number: int = 8, grey: int = 60, pen: float = 0.4
    ) -> Image.Image:
        """A page, signed in that box in a scrawl of four centimetres; the pen in millimetres."""
        picture: Image.Image = (
            PdfDocument(self.pdf)[number - 1].render(scale=dpi / 72, grayscale=True).to_pil()
        )
        if signed:
            left, bottom, _, top = (edge * dpi / 72 for edge in self.edges[signed])
            middle, high = picture.height - (bottom + top) / 2, (top - bottom) / 3
            wide = dpi / 25.4
            scrawl = [
                (left + wide * (20 + at / 2), middle + high * math.sin(at / 2) * math.cos(at / 9))
                for at in range(80)
            ]
            ImageDraw.Draw(picture).line(
                scrawl, fill=grey, width=max(1, round(pen * wide)), joint="curve"
            )
        return picture

    def look(self, picture: Image.Image, kind: str = "PNG", **given: object) -> Ink:
        return look_for_ink(saved(picture, kind, **given), self.pdf, self.box(KEVIN))


@pytest.fixture(scope="module")
def paper(built_once: PlanFolder) -> Paper:
    return Paper(built_once.pdf("2017-11").read_bytes())


def shaded(picture: Image.Image) -> Image.Image:
    """As a book scanner or a window at one side leaves it."""
    shade = Image.linear_gradient("L").rotate(90).resize(picture.size)
    return ImageChops.multiply(
        picture, shade.point([150 + value * 100 // 255 for value in range(256)])
    )


SCANNERS: dict[str, tuple[int, Callable[[Image.Image], Image.Image]]] = {
    "as it is": (200, lambda page: page),
    "coarse": (100, lambda page: page),
    "at 150 dpi, and turned by 1.5 degrees": (150, lambda page: turned(page, 1.5)),
    "at 300 dpi, and turned the other way": (300, lambda page: turned(page, -1.5)),
    "a quarter turn": (200, lambda page: turned(page, 90)),
    "upside down": (150, lambda page: turned(page, 180)),
    "three quarter turns": (150, lambda page: turned(page, 270.7)),
    "squeezed into a small JPEG": (150, lambda page: jpeg(page, 15)),
    "noisy": (200, lambda page: noised(page, 40)),
    "out of focus": (200, lambda page: blurred(page, 1.6)),
    "on grey paper": (200, lambda page: greyed(page, 70, 190)),
    "in the shade": (150, shaded),
    "faxed": (200, lambda page: turned(page, 1).convert("1")),
    "printed smaller, to fit": (200, lambda page: page.resize((2268, 1603))),
    "all at once": (
        200,
        lambda page: jpeg(noised(greyed(blurred(turned(page, 186), 0.9), 70, 180), 25), 30),
    ),
}


@slow
@pytest.mark.parametrize("name", SCANNERS)
def test_the_box_is_seen_to_be_signed_or_empty_whatever_the_scanner_did(
    name: str, paper: Paper
) -> None:
    dpi, scanner = SCANNERS[name]
    signed = [paper.look(scanner(paper.page(who, dpi))) for who in (KEVIN, ANDY, "")]
    assert signed == ["ink", "empty", "empty"]


@slow
def test_the_uppermost_box_is_seen_too_below_the_dark_row_of_headings(paper: Paper) -> None:
    box = paper.box(CAROLE)
    for who, seen in ((CAROLE, "ink"), (ANDY, "empty")):
        scan = saved(turned(paper.page(who, 150), 2), "PNG")
        assert look_for_ink(scan, paper.pdf, box) == seen


def test_light_letters_on_a_dark_ground_count_for_nothing_and_dark_ones_on_paper_do() -> None:
    page = Image.new("L", (400, 200), 255)
    pen = ImageDraw.Draw(page)
    pen.rectangle((0, 0, 400, 60), fill=40)
    pen.text((20, 20), "Signed: July 2017", fill=255, font_size=24)
    pen.text((20, 120), "Carole Clemens", fill=0, font_size=24)
    counts = what_counts(page, [(200, 100, 390, 190)])
    assert set(counts.crop((0, 0, 400, 56)).tobytes()) == {0}
    assert set(counts.crop((0, 80, 190, 200)).tobytes()) == {255}
    assert set(counts.crop((210, 110, 380, 180)).tobytes()) == {0}, "the box's inside"


@slow
@pytest.mark.parametrize("kind", ["JPEG", "PDF", "TIFF"])
def test_every_kind_of_file_is_looked_at(kind: str, paper: Paper) -> None:
    for who, seen in ((KEVIN, "ink"), (ANDY, "empty")):
        assert paper.look(paper.page(who), kind, resolution=200) == seen


@slow
@pytest.mark.parametrize(("grey", "pen"), [(150, 0.5), (0, 0.25), (90, 1.5)])
def test_a_pencil_a_fine_pen_and_a_felt_tip_are_ink(grey: int, pen: float, paper: Paper) -> None:
    assert paper.look(jpeg(paper.page(KEVIN, grey=grey, pen=pen), 75)) == "ink"


@slow
def test_a_page_that_is_not_the_one_with_the_box_says_nothing(paper: Paper) -> None:
    assert paper.pages["office-seal"] == 7
    assert paper.look(paper.page(number=7)) == "unknown"
    assert paper.look(paper.page(number=2)) == "unknown"
    assert paper.look(Image.new("L", (800, 600), 255)) == "unknown"


@slow
def test_a_photograph_from_one_side_is_not_called_empty(paper: Paper) -> None:
    for who in (KEVIN, ""):
        assert paper.look(jpeg(noised(photographed(paper.page(who), 0.25), 8), 70)) != "empty"


@slow
def test_all_pages_of_a_scan_are_looked_at_for_the_one_that_is_signed(paper: Paper) -> None:
    out = io.BytesIO()
    pages = [paper.page(number=7, dpi=150), paper.page(dpi=150), paper.page(KEVIN, dpi=150)]
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    assert look_for_ink(out.getvalue(), paper.pdf, paper.box(KEVIN)) == "ink"


# What is seen, once the box is found


def marks(*lines: tuple[int, int, int, int], dark: int = 150) -> Image.Image:
    """A box of ten by two centimetres, with lines in it."""
    picture = Image.new("L", (400, 80), 0)
    for line in lines:
        ImageDraw.Draw(picture).line(line, fill=dark, width=2)
    return picture


LINE, SIGNED, DUST = (10, 60, 390, 60), (100, 70, 130, 20), (200, 30, 203, 32)


@pytest.mark.parametrize(
    ("found", "printed", "seen"),
    [
        (marks(), marks(), "empty"),
        (marks(SIGNED), marks(), "ink"),
        (marks(DUST), marks(), "empty"),
        (marks((200, 30, 211, 30)), marks(), "unknown"),
        (marks(LINE), marks(LINE), "empty"),
        (marks(LINE, SIGNED), marks(LINE), "ink"),
        (marks(SIGNED, dark=20), marks(), "empty"),
    ],
    ids=[
        "nothing",
        "a stroke",
        "dust",
        "too short to tell",
        "printed",
        "on what is printed",
        "pale",
    ],
)
def test_only_a_stroke_that_is_not_printed_is_ink(
    found: Image.Image, printed: Image.Image, seen: Ink
) -> None:
    assert judge(found, printed, 200) == seen


def test_where_noise_is_as_dark_as_a_pen_nothing_is_said() -> None:
    assert judge(noised(greyed(marks(), 90, 91), 40), marks(), 120) == "unknown"


def test_a_box_that_is_printed_all_over_says_nothing() -> None:
    assert judge(marks(), Image.new("L", (400, 80), 255), 200) == "unknown"
