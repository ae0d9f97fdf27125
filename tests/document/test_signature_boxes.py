"""Boxes are printed high enough for the words that will stand in them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from fontTools.ttLib import TTFont
from signed_plan.box_layout import lay_out
from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD
from signed_plan.document.render import render_signoff
from signed_plan.document.signature_boxes import LONGEST_MOMENT, box_texts, guess_width
from signed_plan.plan.source import Version
from signed_plan.wording import MONTHS

from tests.document.helpers import SIGNOFF_TEMPLATE, a_plan, real_versions, run

NAME = ("The Right Reverend Professor Dame Alexandra Featherstonehaugh-Cholmondeley of " * 2)[:140]
WORD = ("Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 3)[:140]
TEXTS = {"words": NAME.strip(), "one word": WORD, "wide letters": "W" * 140}


def heights(version: Version) -> dict[str, tuple[float, float]]:
    """How wide and high the empty picture of each field is, in points."""
    document = Document(io.BytesIO(render_signoff(version, SIGNOFF_TEMPLATE).data))
    found = {}
    for picture in document.element.body.iter(qn("wp:inline")):
        extents = [picture.find(qn("wp:extent")), next(picture.iter(qn("a:ext")))]
        sizes = {(int(one.get("cx")) / 12700, int(one.get("cy")) / 12700) for one in extents}
        (found[picture.find(qn("wp:docPr")).get("descr")],) = sizes
    return found


def of_people_called(folder: Path, text: str) -> Version:
    return a_plan(
        folder,
        schools=[{"id": "a-school", "name": text}],
        people=[
            {"id": "ann", "name": text, "role": text, "school": "a-school"},
            {"id": "ben", "name": "Ben Bates", "role": "Chair", "school": "a-school"},
        ],
    )


def real_width(weight: str) -> Any:
    font = TTFont(run("fc-match", "-f", "%{file}", f"Noto Sans:{weight}"))
    names, widths, size = font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm
    return lambda text: sum(widths[names[ord(one)]][0] for one in text) / size


def test_the_boxes_of_the_shipped_plan_are_as_high_as_its_template_has_them() -> None:
    for version in real_versions():
        for name, (_, height) in heights(version).items():
            own = 504000 if name in (SEAL_FIELD, TIMESTAMP_FIELD) else 540000
            assert height == own / 12700


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_name_role_and_school_of_140_characters_have_room_beside_a_picture(
    tmp_path: Path, text: str
) -> None:
    version = of_people_called(tmp_path, text)
    sizes = heights(version)
    real = {True: real_width("bold"), False: real_width("regular")}
    for name, box in box_texts(version, text, LONGEST_MOMENT).items():
        pictured = name.startswith("spring:")
        layout = lay_out(box, *sizes[name], lambda one, bold: real[bold](one), pictured=pictured)
        assert layout is not None, name
    assert sizes["spring:ann"][1] > 60


def test_a_box_grows_for_nobody_else(tmp_path: Path) -> None:
    sizes = heights(of_people_called(tmp_path, "A School"))
    assert sizes["spring:ben"] == sizes["spring:ann"] == pytest.approx((362.83, 42.52), abs=0.01)


@pytest.mark.parametrize("bold", [True, False])
def test_letters_are_not_wider_than_they_are_guessed(bold: bool) -> None:
    real = real_width("bold" if bold else "regular")
    for text in (NAME, WORD, "Łukasiewicz ŻÓŁĆ Ørsted", "Γιώργος Παπαδόπουλος", "Щербаков Юлия"):
        assert real(text) <= guess_width(text, bold) <= 1.9 * real(text)


def lacking(folder: Path, *names: str, attribute: str = "") -> bytes:
    """The sign-off pages of a template whose boxes lack these elements, or an attribute of them."""
    document: Any = Document(str(SIGNOFF_TEMPLATE))
    for one in list(document.element.body.iter(*map(qn, names))):
        if attribute:
            one.attrib.pop(attribute, None)
        else:
            one.getparent().remove(one)
    document.save(str(folder / "signoff.docx"))
    return render_signoff(real_versions()[1], folder / "signoff.docx").data


@pytest.mark.parametrize("names", [("wp:docPr",), ("wp:extent", "a:ext")], ids=["name", "size"])
def test_a_picture_without_a_name_or_a_size_is_left_as_it_is(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    document = Document(io.BytesIO(lacking(tmp_path, *names)))
    assert not list(document.element.body.iter(*map(qn, names)))


def test_a_box_that_does_not_say_how_high_it_is_is_as_high_as_its_words(tmp_path: Path) -> None:
    data = lacking(tmp_path, "wp:extent", "a:ext", attribute="cy")
    extents = list(Document(io.BytesIO(data)).element.body.iter(qn("wp:extent")))
    assert extents
    assert all(int(one.get("cy")) > 20 * 12700 for one in extents)


def test_no_moment_is_longer_than_the_longest() -> None:
    real = real_width("regular")
    longest = max(real(f"28 {month} 2026, 23:59 UTC") for month in MONTHS)
    assert real(LONGEST_MOMENT) >= longest


def test_the_words_of_a_box_are_those_of_its_person() -> None:
    version = real_versions()[1]
    text = box_texts(version, "The Office", "1 May 2018, 09:00 UTC")
    assert text["november-2017-heads:carole-clemens"].name == "Carole Clemens"
    assert text["november-2017-heads:carole-clemens"].lines == (
        "Head Teacher, Bank Road Infant and Nursery School",
        f"Signed 1 May 2018, 09:00 UTC · fingerprint {version.fingerprint.short}",
    )
    assert text[SEAL_FIELD].name == "The Office"
    assert text[TIMESTAMP_FIELD].lines == ("Sealed 1 May 2018, 09:00 UTC", "Version 2017-11")
