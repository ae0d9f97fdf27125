"""A signature as it is seen, printed and found by a search."""

from __future__ import annotations

import io
import re
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pypdf import PdfReader
from signed_plan.errors import ExitCode, MissingError, SigningError
from signed_plan.signing.appearance import MAX_PICTURE_BYTES, Look, Style
from signed_plan.signing.pades import ValidationMaterial, sign
from signed_plan.wording import shorten

from tests.signing.helpers import (
    CAROLE,
    FINGERPRINT,
    SALLY,
    SEAL,
    People,
    Signing,
    box_of,
    run,
    said_in,
    statement_of,
    words_in,
)

slow = pytest.mark.slow("signs and validates many times")

SCALE = 2
"""Pixels a point."""
LINES = ("Head Teacher, Burton Joyce Primary School", "Signed 23 November 2017")


def shown(plan: bytes, look: Look, name: str = CAROLE) -> bytes:
    """The plan with that look in a field, as the archive timestamp gets its own: unsigned."""
    writer = IncrementalPdfFileWriter(io.BytesIO(plan))
    fields = writer.root["/AcroForm"]["/Fields"]
    (at,) = [at for at in range(len(fields)) if fields[at]["/T"] == name]
    widget = fields[at]
    left, bottom, right, top = map(float, widget["/Rect"])
    box = BoxConstraints(width=right - left, height=top - bottom)
    Style(border_width=0, look=look).create_stamp(writer, box, {}).apply_appearance(widget)
    writer.mark_update(fields.raw_get(at))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_picture(pdf: bytes, name: str, folder: Path) -> tuple[Image.Image, list[int]]:
    """The page of a field in grey, and the field's box on it."""
    box = box_of(pdf, name)
    (folder / "shown.pdf").write_bytes(pdf)
    run(
        *("pdftoppm", "-gray", "-png", "-singlefile", "-r", str(72 * SCALE), "-f", str(box.page)),
        *("-l", str(box.page), folder / "shown.pdf", folder / "shown"),
    )
    with Image.open(folder / "shown.png") as page:
        return page.convert("L"), [
            round(SCALE * one) for one in (box.left, box.top, box.right, box.bottom)
        ]


# Text


@pytest.mark.parametrize("name", [CAROLE, SALLY])
def test_name_role_date_and_fingerprint_are_found_in_the_persons_own_box(
    signing: Signing, name: str
) -> None:
    who = {CAROLE: "Carole Clemens", SALLY: "Sally Beardsley"}[name]
    assert said_in(signing.certified, name) == ""
    assert said_in(signing.twice, name) == (
        f"{who} Head Teacher, Burton Joyce Primary School "
        f"Signed 23 November 2017, 18:05 UTC · fingerprint {FINGERPRINT}"
    )


def test_the_seal_is_found_in_its_own_box(signing: Signing) -> None:
    assert said_in(signing.plan, SEAL) == ""
    assert said_in(signing.twice, SEAL) == (
        "Trent CofE and St Mary's Certified 23 November 2017, 18:05 UTC "
        f"Version 2017-11 · {FINGERPRINT}"
    )


def test_letters_stand_as_close_as_the_font_has_them(signing: Signing) -> None:
    """pyHanko sets the letters of many a font apart: they are found, but the line is too wide."""
    file = run("fc-match", "-f", "%{file}", "Noto Sans:bold")
    name = words_in(signing.twice, box_of(signing.twice, CAROLE))[0]
    assert name.text == "Carole Clemens"
    wanted = ImageFont.truetype(file, 1000).getlength(name.text) / 100
    assert name.right - name.left == pytest.approx(wanted, rel=0.02)


def test_the_fonts_of_signatures_are_embedded_with_their_text(
    signing: Signing, tmp_path: Path
) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(signing.twice)
    rows = [row for row in run("pdffonts", file).splitlines() if "NotoSans" in row]
    assert {"Bold", "Regular"} == {row.split("-")[1] for row in rows}
    for row in rows:
        embedded, subset, searchable = re.findall(r"\b(?:yes|no)\b", row)
        assert (embedded, subset, searchable) == ("yes", "yes", "yes")


def test_accents_and_other_alphabets_of_the_font_are_shown(plan_pdf: bytes) -> None:
    name = "Zoë Łukasiewicz-Ørsted Γιώργος Жуков"
    assert said_in(shown(plan_pdf, Look(name, LINES)), CAROLE).startswith(name)


LONG = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh of Nottingham and Derby, Bank Road"


@pytest.fixture(scope="session")
def unsigned_page(plan_pdf: bytes, tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    return page_picture(plan_pdf, CAROLE, tmp_path_factory.mktemp("page"))[0]


@slow
@pytest.mark.parametrize(
    "given",
    [
        (LONG, LINES, False),
        ("Carole Clemens", (f"{LONG}, {LONG}", LONG), False),
        (LONG, LINES, True),
        ("W" * 140, (), True),
    ],
    ids=["name", "lines", "beside a picture", "one word"],
)
def test_however_long_it_is_it_stays_in_its_box_and_can_be_read(
    plan_pdf: bytes,
    unsigned_page: Image.Image,
    tmp_path: Path,
    given: tuple[str, tuple[str, ...], bool],
) -> None:
    name, lines, pictured = given
    look = Look(name, lines, handwriting() if pictured else None)
    pdf = shown(plan_pdf, look)
    box = box_of(pdf, CAROLE)
    found = words_in(pdf, box)
    said = "".join(word.text for word in found)
    assert said.replace(" ", "") == "".join((name, *lines)).replace(" ", "")
    assert max(word.right for word in found) <= box.right - 4
    assert min(word.left for word in found) >= box.left + 4
    assert min(sizes_in(pdf)) >= 7
    page, (left, top, right, bottom) = page_picture(pdf, CAROLE, tmp_path)
    for edge in (
        (right - 2 * SCALE, top, right, bottom),
        (left + 3 * SCALE, top, right, top + 1),
        (left + 3 * SCALE, bottom - 1, right, bottom),
    ):
        assert page.crop(edge).tobytes() == unsigned_page.crop(edge).tobytes(), edge


def sizes_in(pdf: bytes) -> list[float]:
    """The sizes of the letters that the appearance of Carole's field sets."""
    (field,) = [
        one.get_object()
        for one in PdfReader(io.BytesIO(pdf)).root_object["/AcroForm"]["/Fields"]  # type: ignore[index]
        if one.get_object()["/T"] == CAROLE
    ]
    drawn = field["/AP"]["/N"].get_data()
    return [float(size) for size in re.findall(rb"/\w+ ([\d.]+) Tf", drawn)]


@slow
def test_words_that_would_be_too_small_are_refused_with_what_to_do(plan_pdf: bytes) -> None:
    with pytest.raises(SigningError) as caught:
        shown(plan_pdf, Look(LONG, (LONG,) * 8))
    assert caught.value.message == (
        f'The box of "{shorten(LONG)}" has no room for all its words: letters would be smaller '
        "than 7 points."
    )
    assert "larger in signoff.docx" in caught.value.remedy


@slow
def test_a_picture_that_leaves_too_little_room_is_refused_by_itself(plan_pdf: bytes) -> None:
    crowded = Look(LONG, (f"{LONG}, {LONG}",), handwriting())
    with pytest.raises(SigningError, match="no room for a picture of handwriting") as caught:
        shown(plan_pdf, crowded)
    assert "leave out --picture" in caught.value.remedy
    assert shown(plan_pdf, Look(crowded.name, crowded.lines))


def test_what_fits_is_not_set_smaller(plan_pdf: bytes) -> None:
    pdf = shown(plan_pdf, Look("Carole", ("Carole",)))
    name, line = words_in(pdf, box_of(pdf, CAROLE))
    assert (line.right - line.left) / (name.right - name.left) == pytest.approx(0.7, abs=0.06)


@slow
def test_nothing_outside_its_box_is_changed(
    plan_pdf: bytes, unsigned_page: Image.Image, tmp_path: Path
) -> None:
    pdf = shown(plan_pdf, Look(LONG, LINES, handwriting()))
    after, box = page_picture(pdf, CAROLE, tmp_path)
    before = unsigned_page.copy()
    assert before.tobytes() != after.tobytes()
    for page in (before, after):
        page.paste(255, (box[0] - 1, box[1] - 1, box[2] + 1, box[3] + 1))
    assert before.tobytes() == after.tobytes()


@slow
@pytest.mark.parametrize("character", ["李", "\u05d0", "\n", "\x07", "😀"])
def test_a_character_that_the_font_lacks_is_named(plan_pdf: bytes, character: str) -> None:
    for look in (Look(f"Carole {character} Clemens", ()), Look("Carole", (f"of {character}",))):
        with pytest.raises(MissingError) as caught:
            shown(plan_pdf, look)
        assert caught.value.exit_code == ExitCode.MISSING
        assert f'cannot show "{character}"' in caught.value.message
        assert caught.value.remedy == "Write the name in letters that it has."


# Pictures


def handwriting(mode: str = "RGBA", kind: str = "PNG", **more: Any) -> bytes:
    """A stroke of ink on nothing, or on white where there is no nothing."""
    nothing, ink = {
        "RGBA": ((0, 0, 0, 0), (0, 0, 60, 255)),
        "LA": ((0, 0), (0, 255)),
        "RGB": ((255, 255, 255), (0, 0, 60)),
        "CMYK": ((0, 0, 0, 0), (0, 0, 0, 255)),
        "L": (255, 0),
        "1": (1, 0),
        "I;16": (65535, 0),
    }[mode]
    picture = Image.new(mode, (600, 200), nothing)  # type: ignore[arg-type]
    ImageDraw.Draw(picture).rectangle((60, 80, 540, 120), fill=ink)  # type: ignore[arg-type]
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


PICTURES: dict[str, tuple[str, str]] = {
    "PNG with transparency": ("RGBA", "PNG"),
    "grey PNG with transparency": ("LA", "PNG"),
    "PNG": ("RGB", "PNG"),
    "PNG of 16 bits": ("I;16", "PNG"),
    "JPEG": ("RGB", "JPEG"),
    "JPEG in CMYK": ("CMYK", "JPEG"),
    "TIFF of a fax": ("1", "TIFF"),
    "BMP": ("L", "BMP"),
}


@slow
@pytest.mark.parametrize("which", PICTURES)
def test_a_picture_of_handwriting_is_seen_left_of_the_words(
    plan_pdf: bytes, tmp_path: Path, which: str
) -> None:
    pdf = shown(plan_pdf, Look("Carole Clemens", LINES, handwriting(*PICTURES[which])))
    page, (left, top, right, bottom) = page_picture(pdf, CAROLE, tmp_path)
    first = min(word.left for word in words_in(pdf, box_of(pdf, CAROLE)))
    room = page.crop((left + 3 * SCALE, top, round(SCALE * first) - SCALE, bottom))
    ink = room.point(lambda level: 255 if level < 80 else 0).getbbox()
    assert ink is not None
    wide, high = ink[2] - ink[0], ink[3] - ink[1]
    assert wide / high == pytest.approx(480 / 40, rel=0.15)  # cut to its ink, not stretched
    assert wide > 0.25 * (right - left)
    dark = sum(level < 80 for level in room.crop(ink).tobytes())
    assert dark > 0.9 * wide * high


@slow
def test_a_signed_page_shows_the_handwriting_and_the_words(
    signing: Signing, people: People, offline: ValidationMaterial, tmp_path: Path
) -> None:
    words = statement_of("Carole Clemens", handwriting())
    signed = sign(signing.certified, CAROLE, people.carole, words, offline).pdf
    assert said_in(signed, CAROLE) == said_in(signing.once, CAROLE)
    with_ink, box = page_picture(signed, CAROLE, tmp_path)
    without, _ = page_picture(signing.once, CAROLE, tmp_path)
    dark = [
        sum(level < 80 for level in page.crop(tuple(box)).tobytes())  # type: ignore[arg-type]
        for page in (with_ink, without)
    ]
    assert dark[0] > dark[1] + 300


def _png_header(width: int, height: int) -> bytes:
    """A picture that claims to be that large, and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(bytes(100)))
        + chunk(b"IEND", b"")
    )


def _blank(mode: str, colour: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (300, 100), colour).save(out, "PNG")
    return out.getvalue()


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is not a picture that can be opened"),
    "text": (b"Carole Clemens", "is not a picture that can be opened"),
    "a PDF": (b"%PDF-1.7\n", "is not a picture that can be opened"),
    "a drawing": (
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "is not a picture that can be opened",
    ),
    "cut off": (handwriting()[:100], "is not a picture that can be opened"),
    "too many bytes": (handwriting() + bytes(MAX_PICTURE_BYTES), "is larger than 10 MB"),
    "too many pixels": (_png_header(9000, 9000), "has too many pixels"),
    "a bomb": (_png_header(2**31 - 1, 2**31 - 1), "has too many pixels"),
    "white": (_blank("RGB", "white"), "shows nothing"),
    "nearly white": (_blank("L", 230), "shows nothing"),
    "transparent": (_blank("RGBA", (0, 0, 0, 0)), "shows nothing"),
    "white ink": (_blank("RGBA", (255, 255, 255, 255)), "shows nothing"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_is_no_picture_of_handwriting_is_refused(plan_pdf: bytes, which: str) -> None:
    data, why = REFUSED[which]
    with pytest.raises(SigningError) as caught:
        shown(plan_pdf, Look("Carole Clemens", LINES, data))
    assert caught.value.exit_code == ExitCode.SIGNING
    assert caught.value.message == f"The picture of the handwriting {why}."
    assert "PNG or JPEG" in caught.value.remedy


@slow
def test_a_large_photograph_adds_little_to_the_file(plan_pdf: bytes) -> None:
    picture = Image.effect_noise((4000, 2000), 120)
    out = io.BytesIO()
    picture.save(out, "JPEG")
    assert len(out.getvalue()) > 3_000_000
    pdf = shown(plan_pdf, Look("Carole Clemens", LINES, out.getvalue()))
    assert len(pdf) - len(plan_pdf) < 400_000
