"""The sign-off pages as they are printed, heard and signed."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pyzbar.pyzbar import decode
from signed_plan.document.render import render_signoff
from signed_plan.document.signoff import append_signoff, spoken_names
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.libreoffice.converter import find_libreoffice

from tests.document.helpers import (
    SIGNOFF_TEMPLATE,
    Papers,
    Word,
    content_ids,
    convert,
    elements,
    kids,
    kind,
    object_id,
    operations,
    page_texts,
    pages_of,
    run,
    tree_root,
    words,
)

pytestmark = pytest.mark.slow("prints and reads many pages")

SEAL, TIMESTAMP = "office-seal", "archive-timestamp"
FIELDS = {
    "2017-07": [SEAL, TIMESTAMP]
    + [
        f"july-2017:{person}"
        for person in ("carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow")
    ],
    "2017-11": [SEAL, TIMESTAMP]
    + ["november-2017-heads:carole-clemens", "november-2017-heads:sally-beardsley"]
    + [
        f"november-2017-jcc:{person}"
        for person in ("carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow")
    ],
}


def _fields(papers: Papers) -> dict[str, Any]:
    form: Any = papers.reader.root_object["/AcroForm"]
    return {field.get_object()["/T"]: field.get_object() for field in form["/Fields"]}


def _pages(papers: Papers) -> dict[int, int]:
    """The number of each page, from 0, by the number of its object."""
    return {object_id(page): at for at, page in enumerate(papers.reader.pages)}


def _signoff_texts(papers: Papers) -> list[str]:
    return page_texts(papers.path)[papers.plan_pages :]


# Fields


@pytest.mark.quick
def test_there_is_one_field_per_open_signatory_and_seal_and_timestamp(papers: Papers) -> None:
    assert list(_fields(papers)) == FIELDS[papers.version.name]
    form: Any = papers.reader.root_object["/AcroForm"]
    assert len(form["/Fields"]) == len(FIELDS[papers.version.name])


@pytest.mark.quick
def test_every_field_is_an_empty_signature_field(papers: Papers) -> None:
    for field in _fields(papers).values():
        assert field["/FT"] == "/Sig"
        assert field["/Subtype"] == "/Widget"
        assert "/V" not in field
        assert "/Kids" not in field
    form: Any = papers.reader.root_object["/AcroForm"]
    assert "/SigFlags" not in form  # until something is signed


@pytest.mark.quick
def test_what_is_spoken_of_a_field_names_the_person_and_the_review(november: Papers) -> None:
    said = {name: str(field["/TU"]) for name, field in _fields(november).items()}
    assert said == spoken_names(november.version)
    assert said[SEAL] == "Office seal on version 2017-11"
    assert said[TIMESTAMP] == "Archive timestamp on version 2017-11"
    assert said["november-2017-jcc:andy-hitchcock"] == (
        "Signature of Andy Hitchcock, Chair of Governing Board, "
        "Bank Road Infant and Nursery School, for 14th November 2017, JCC"
    )


@pytest.mark.quick
def test_every_field_is_printed_and_has_an_appearance_of_its_size(papers: Papers) -> None:
    for name, field in _fields(papers).items():
        assert field["/F"] == 4
        if name == TIMESTAMP:
            continue  # it has that of people: see below
        left, bottom, right, top = map(float, field["/Rect"])
        appearance = field["/AP"]["/N"].get_object()
        assert appearance["/Subtype"] == "/Form"
        assert list(map(float, appearance["/BBox"])) == pytest.approx(
            [0, 0, right - left, top - bottom], abs=0.001
        )


@pytest.mark.quick
def test_the_empty_appearance_of_people_is_that_of_the_timestamp_too(papers: Papers) -> None:
    """poppler frees the appearance of a field that it signs, unless another field has it."""
    fields = _fields(papers)
    looks = {name: field["/AP"].raw_get("/N").idnum for name, field in fields.items()}
    people = {look for name, look in looks.items() if name not in (SEAL, TIMESTAMP)}
    assert people == {looks[TIMESTAMP]}


@pytest.mark.quick
def test_every_field_has_room_to_sign(papers: Papers) -> None:
    for field in _fields(papers).values():
        left, bottom, right, top = map(float, field["/Rect"])
        assert right - left > 150
        assert top - bottom > 30


@pytest.mark.quick
def test_every_field_is_tagged_as_a_form_in_the_order_of_the_pages(papers: Papers) -> None:
    forms = [element for element in elements(tree_root(papers.reader)) if kind(element) == "/Form"]
    names = []
    for form in forms:
        (reference,) = kids(form)
        assert reference["/Type"] == "/OBJR"
        assert "/Alt" not in form
        names.append(reference["/Obj"]["/T"])
    assert names == list(_fields(papers))


@pytest.mark.quick
def test_every_field_is_on_the_page_it_names_and_every_page_tabs_by_its_tags(
    papers: Papers,
) -> None:
    for page in pages_of(papers.reader):
        assert page["/Tabs"] == "/S"
        for annotation in page.get("/Annots", []):
            found = annotation.get_object()
            if found["/Subtype"] == "/Widget":
                assert object_id(found["/P"].get_object()) == object_id(page)


def _box(papers: Papers, field: Any) -> tuple[int, float, float, float, float]:
    """The page, and left, top, right, bottom as pdftotext measures them."""
    height = float(papers.reader.pages[0].mediabox.height)
    left, bottom, right, top = map(float, field["/Rect"])
    return (
        _pages(papers)[object_id(field["/P"].get_object())],
        left,
        height - top,
        right,
        height - bottom,
    )


def _name_words(printed: list[Word], name: str) -> list[Word]:
    """The first word of each place where the name is printed."""
    first, *rest = name.split()
    return [
        word
        for at, word in enumerate(printed)
        if word.text == first
        and [next.text for next in printed[at + 1 : at + 1 + len(rest)]] == rest
    ]


@pytest.mark.parametrize("which", ["2017-07", "2017-11", "crowd"])
def test_every_field_lies_in_its_own_persons_row(
    both: dict[str, Papers], made_up: dict[str, Papers], which: str
) -> None:
    papers = (both | made_up)[which]
    plan = papers.version.plan
    printed = words(papers.path)
    fields = _fields(papers)
    for review in plan.open_reviews:
        for person in map(plan.person, review.signatories):
            page, left, top, right, bottom = _box(papers, fields[f"{review.id}:{person.id}"])
            beside = [
                other.id
                for other in plan.people
                for word in _name_words(printed, other.name)
                if word.page == page
                and top - 4 <= (word.top + word.bottom) / 2 <= bottom + 4
                and word.right < left
            ]
            assert beside == [person.id]
            assert right < float(papers.reader.pages[page].mediabox.width)
            title = _name_words(printed, review.title)[0]
            assert (title.page, title.top) < (page, top)


@pytest.mark.parametrize("which", ["2017-07", "2017-11", "crowd"])
def test_no_field_overlaps_another_or_any_print(
    both: dict[str, Papers], made_up: dict[str, Papers], which: str
) -> None:
    papers = (both | made_up)[which]
    boxes = [_box(papers, field) for field in _fields(papers).values()]
    boxes_and_words = [
        (word.page, word.left, word.top, word.right, word.bottom) for word in words(papers.path)
    ]
    pairs = itertools.chain(
        itertools.combinations(boxes, 2), itertools.product(boxes, boxes_and_words)
    )
    for (page, left, top, right, bottom), other in pairs:
        assert (
            page != other[0]
            or right <= other[1]
            or other[3] <= left
            or bottom <= other[2]
            or other[4] <= top
        )


def test_seal_and_timestamp_lie_below_their_headings(papers: Papers) -> None:
    printed = words(papers.path)
    fields = _fields(papers)
    for name, said in ((SEAL, "Office seal"), (TIMESTAMP, "Archive timestamp")):
        page, left, top, _, _ = _box(papers, fields[name])
        (heading,) = _name_words(printed, said)
        assert heading.page == page
        assert 0 < top - heading.bottom < 20
        assert abs(heading.left - left) < 20


# What is printed


def test_history_is_shown_with_its_version_and_fingerprint_and_has_no_field(
    july: Papers, november: Papers
) -> None:
    text = " ".join("\n".join(_signoff_texts(november)).split())
    assert (
        "This review belongs to version 2017-07, fingerprint "
        f"{july.version.fingerprint.spaced}, and was put to its signatories there." in text
    )
    assert not [name for name in _fields(november) if name.startswith("july-2017")]
    assert "belongs to version" not in " ".join(_signoff_texts(july))


def test_every_signatory_is_printed_with_role_and_school(papers: Papers) -> None:
    text = " ".join("\n".join(_signoff_texts(papers)).split())
    plan = papers.version.plan
    for review in plan.reviews:
        for statement in review.statements:
            assert statement in text
        for person in map(plan.person, review.signatories):
            assert f"{person.name} {person.role} {plan.school(person.school).name}" in text


def test_version_fingerprint_and_page_count_are_printed(papers: Papers) -> None:
    version = papers.version
    first = _signoff_texts(papers)[0]
    assert f"Version {version.name}\n" in first
    assert f"Fingerprint {version.fingerprint.spaced}\n" in first
    assert f"Pages {len(papers.reader.pages)}, these sign-off pages included" in first
    for page in _signoff_texts(papers):
        assert f"Fingerprint: {version.fingerprint.spaced}\n" in page


def test_the_superseded_version_is_printed_with_its_fingerprint(
    july: Papers, november: Papers
) -> None:
    text = _signoff_texts(november)[0]
    assert f"Supersedes version 2017-07, fingerprint {july.version.fingerprint.spaced}" in text
    assert "Supersedes no earlier version" in _signoff_texts(july)[0]


def test_the_foot_of_every_page_says_what_it_belongs_to(papers: Papers) -> None:
    texts = page_texts(papers.path)
    version = papers.version
    for at, text in enumerate(texts, 1):
        foot = " ".join(text.split("\n")[-4:])
        assert f"Collaboration Action Plan 2017, version {version.name}" in foot
        assert f"Fingerprint {version.fingerprint.short}" in foot
        assert f"Page {at} of {len(texts)}" in foot


# QR code


def _scan(papers: Papers, page: int, dpi: int, turned: int, folder: Path) -> Image.Image:
    """A grey picture as a scanner of that resolution takes it of a page put in askew."""
    run(
        *("pdftoppm", "-gray", "-png", "-singlefile", "-r", str(2 * dpi)),
        *("-f", str(page + 1), "-l", str(page + 1), papers.path, folder / "page"),
    )
    sheet = Image.open(folder / "page.png")
    askew = sheet.rotate(turned, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return askew.resize((askew.width // 2, askew.height // 2), Image.Resampling.BOX)


@pytest.mark.parametrize(("dpi", "turned"), [(150, 0), (100, 0), (100, 3), (100, -3)])
def test_the_qr_code_of_every_signoff_page_can_be_read(
    papers: Papers, tmp_path: Path, dpi: int, turned: int
) -> None:
    version = papers.version
    for page in range(papers.plan_pages, len(papers.reader.pages)):
        (found,) = decode(_scan(papers, page, dpi, turned, tmp_path))
        assert found.type == "QRCODE"
        start = f"signed-plan:{version.name}:{version.fingerprint.hex.upper()}:"
        assert found.data.decode().startswith(start)
        assert found.data.decode().endswith(f":{page + 1}")


# Outline


def _outline(papers: Papers) -> list[tuple[int, str, int]]:
    """Level, title and page (from 0) of each entry, the top two levels."""
    reader = papers.reader
    found: list[tuple[int, str, int]] = []

    def walk(entries: list[Any], level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            elif level <= 2:
                page = reader.get_destination_page_number(entry)
                assert page is not None
                found.append((level, str(entry.title), page))

    walk(reader.outline, 1)
    return found


def test_the_outline_leads_to_objectives_areas_and_every_signoff_in_order(papers: Papers) -> None:
    plan = papers.version.plan
    entries = _outline(papers)
    assert [(level, title) for level, title, _ in entries] == [
        (1, plan.title),
        (2, plan.overriding_objective),
        *((2, area.name) for area in plan.areas),
        (1, "Sign-off"),
        (2, "For the office"),
        *((2, review.title) for review in plan.reviews),
    ]
    texts = page_texts(papers.path)
    for _, title, page in entries:
        assert title in " ".join(texts[page].split())
    assert [page for *_, page in entries] == sorted(page for *_, page in entries)


@pytest.mark.quick
def test_the_outline_is_one_chain_in_both_directions(papers: Papers) -> None:
    outlines: Any = papers.reader.root_object["/Outlines"]

    def walk(parent: Any) -> int:
        before, item, shown = None, parent["/First"].get_object(), 0
        while item is not None:
            assert object_id(item["/Parent"].get_object()) == object_id(parent)
            assert (None if before is None else object_id(before)) == (
                object_id(item["/Prev"].get_object()) if "/Prev" in item else None
            )
            shown += 1
            if "/First" in item:
                below = walk(item)
                assert abs(item["/Count"]) == below
                shown += below if item["/Count"] > 0 else 0
            before, item = item, item["/Next"].get_object() if "/Next" in item else None
        assert object_id(parent["/Last"].get_object()) == object_id(before)
        return shown

    assert outlines["/Count"] == walk(outlines)


# Mistakes


def _join(papers: Papers, signoff: bytes) -> PdfWriter:
    return append_signoff((papers.plan_pdf, signoff), papers.version)


def _with_visible_placeholders(folder: Path) -> Path:
    """The sign-off template with a grey picture in place of each transparent one."""
    grey = io.BytesIO()
    Image.new("L", (8, 8), 200).save(grey, "png")
    document = Document(str(SIGNOFF_TEMPLATE))
    pictures = {
        document.part.related_parts[blip.get(qn("r:embed"))]
        for blip in document.element.body.iter(qn("a:blip"))
    }
    for picture in pictures:
        picture._blob = grey.getvalue()
    document.save(str(folder / "signoff.docx"))
    return folder / "signoff.docx"


def test_a_placeholder_that_can_be_seen_is_an_artifact_below_its_field(
    july: Papers, tmp_path: Path
) -> None:
    rendered = render_signoff(july.version, _with_visible_placeholders(tmp_path)).data
    ((made,),) = convert(find_libreoffice(), [[rendered]])
    written = io.BytesIO()
    _join(july, made).write(written)
    reader = PdfReader(written)
    figures = [element for element in elements(tree_root(reader)) if kind(element) == "/Figure"]
    assert not figures
    owned = sum(len(content_ids(element)) for element in elements(tree_root(reader)))
    operators = [one for page in pages_of(reader) for one in operations(page)]
    tagged = [one for one, operator in operators if operator == "BDC" and "/MCID" in one[1]]
    assert len(tagged) == owned
    assert not [one for one in tagged if one[0] == "/Figure"]


def test_a_missing_place_to_sign_is_refused_by_the_persons_name(
    july: Papers, tmp_path: Path
) -> None:
    document = Document(str(SIGNOFF_TEMPLATE))
    (picture,) = [
        drawing
        for drawing in document.element.body.iter(qn("w:drawing"))
        if any("signatory" in value for part in drawing.iter() for value in part.attrib.values())
    ]
    picture.getparent().remove(picture)
    document.save(str(tmp_path / "signoff.docx"))
    rendered = render_signoff(july.version, tmp_path / "signoff.docx").data
    ((made,),) = convert(find_libreoffice(), [[rendered]])
    with pytest.raises(TemplateError) as raised:
        _join(july, made)
    assert raised.value.exit_code == ExitCode.TEMPLATE
    assert raised.value.message == (
        "signoff.docx has no place to sign for Signature of Carole Clemens, Head Teacher, "
        "Bank Road Infant and Nursery School, for July 2017, head teachers and JCC."
    )
    assert "README" in raised.value.remedy
