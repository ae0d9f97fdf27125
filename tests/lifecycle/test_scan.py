"""Wet ink: the code on the page decides, and the scan is kept."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
import segno
from PIL import Image
from pypdf import PdfWriter
from signed_plan.digest import Digest
from signed_plan.errors import SigningError
from signed_plan.lifecycle.scan import scan
from signed_plan.lifecycle.sign import Signing
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.register.events import SignedOnPaper
from signed_plan.register.signoff_status import signoff_statuses

from tests.lifecycle.helpers import demand_registered, nobody, refused, register_of
from tests.story import ANDY, CAROLE, JULY, NOVEMBER, SALLY, Story, field_of, prompts, scanned

slow = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]


def coded(*texts: str) -> bytes:
    """A white page with these codes on it."""
    page = Image.new("L", (1000, 400 * max(1, len(texts))), 255)
    for number, text in enumerate(texts):
        out = io.BytesIO()
        segno.make(text, error="m", micro=False).save(out, kind="png", scale=5, border=4)
        page.paste(Image.open(out).convert("L"), (60, 400 * number))
    out = io.BytesIO()
    page.save(out, "PNG")
    return out.getvalue()


def own_code(folder: PlanFolder, version: str = JULY) -> str:
    (found,) = [one for one in load(folder) if one.name == version]
    return f"signed-plan:{version}:{found.fingerprint}"


def test_a_scanned_page_is_kept_and_counts_as_signed_on_paper(story: Story) -> None:
    folder = story.at("july, Kevin")
    register = register_of(folder)
    (signed,) = register.each(SignedOnPaper, JULY)
    kept = folder.output / signed.event.files.scan.file
    assert kept.parent == folder.output / JULY / "scans"
    assert signed.event.files.scan.sha256 == Digest.of_file(kept).hex
    assert kept.name == f"july-2017-{ANDY}-{Digest.of_file(kept).hex[:8]}.jpg"
    demand_registered(folder)
    (standing,) = signoff_statuses(register, load(folder, [JULY])[-1].plan)
    mark = standing.mark(ANDY)
    assert mark is not None
    assert mark.words == "signed on paper"
    assert standing.missing == ()


@slow
def test_the_pdf_itself_stays_as_it_was(at: At) -> None:
    folder = at("july issued")
    before = folder.pdf(JULY).read_bytes()
    data = scanned(before, field_of(CAROLE), kind="PDF", turn=180)
    taken = scan(folder, Signing(JULY, CAROLE), data, prompts())
    assert folder.pdf(JULY).read_bytes() == before
    kept = folder.output / taken.entry.event.files.scan.file
    assert (kept.suffix, kept.read_bytes()) == (".pdf", data)
    demand_registered(folder)


@slow
def test_an_empty_box_is_asked_about_and_refused_unless_somebody_saw_the_ink(at: At) -> None:
    folder = at("july issued")
    page = scanned(folder.pdf(JULY).read_bytes(), field_of(SALLY))
    empty = (
        "No ink is to be seen on that scan in the box of Carole Clemens for July 2017, head "
        "teachers and JCC"
    )
    with refused(folder, SigningError, empty, "with --ink-seen; if not, have it signed and scan"):
        scan(folder, Signing(JULY, CAROLE), page, prompts())
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    taken = scan(folder, Signing(JULY, CAROLE), page, replace(prompts(), confirm=agree))
    assert asked == [f"{empty}. Have you looked, and is it signed there?"]
    assert taken.ink == "empty"
    demand_registered(folder)


@slow
def test_a_page_without_the_person_s_box_is_refused_and_the_right_one_named(at: At) -> None:
    folder = at("july issued")
    page = scanned(folder.pdf(JULY).read_bytes(), "office-seal")
    told = "That is page 6, and the box of Carole Clemens for July 2017, head teachers and JCC"
    with refused(folder, SigningError, f"{told} is on page 7.", "Scan page 7."):
        scan(folder, Signing(JULY, CAROLE), page, nobody())


def test_a_code_of_the_right_page_is_taken_among_others(at: At) -> None:
    folder = at("july issued")
    name, number = own_code(folder).rsplit(":", 1)
    pages = [f"{name}:{number.upper()}:JULY-2017:{page}" for page in (6, 7)]
    assert scan(folder, Signing(JULY, CAROLE), coded(*pages), prompts()).ink == "unknown"


@slow
def test_a_page_as_older_programs_printed_it_is_taken_and_nothing_said_of_its_ink(at: At) -> None:
    folder = at("july issued")
    taken = scan(folder, Signing(JULY, CAROLE), coded(own_code(folder)), prompts())
    assert taken.ink == "unknown"
    demand_registered(folder)


def test_a_page_of_another_version_is_refused_by_its_name(at: At) -> None:
    folder = at("july issued")
    page = scanned(folder.pdf(NOVEMBER).read_bytes())
    with refused(folder, SigningError, "That page is of version 2017-11, not of 2017-07."):
        scan(folder, Signing(JULY, CAROLE), page, nobody())


def test_a_page_with_older_words_of_the_same_version_is_refused(at: At) -> None:
    folder = at("july issued")
    page = coded(f"signed-plan:{JULY}:{'0123' * 16}")
    sentence = "That page is of version 2017-07 with other words: its fingerprint begins 0123 0123"
    with refused(folder, SigningError, sentence, "Print the sign-off page of 2017-07 again"):
        scan(folder, Signing(JULY, CAROLE), page, nobody())


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org",
        "signed-plan:",
        "signed-plan:2017-07:short",
        "signed-plan:\x1b[2J:" + "0" * 64,
        "signed-plan:../../etc:" + "0" * 64,
    ],
)
def test_a_code_that_no_sign_off_page_has_is_none_and_is_not_repeated(at: At, text: str) -> None:
    with refused(folder := at("july issued"), SigningError, "There is no code of a sign-off page"):
        scan(folder, Signing(JULY, CAROLE), coded(text), nobody())


def test_pages_of_two_versions_in_one_scan_are_refused(at: At) -> None:
    folder = at("july issued")
    codes = own_code(folder), own_code(folder, NOVEMBER)
    with refused(folder, SigningError, "That page is of version 2017-11"):
        scan(folder, Signing(JULY, CAROLE), coded(*codes), nobody())


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The scan is empty"),
        (b"PK\3\4 a Word file", "not a scan in PDF, PNG, JPEG or TIFF"),
        (b"\x89PNG\r\n\x1a\n and no more", "scan"),
        (b"%PDF-1.7 and no more", "scan"),
        (coded(), "There is no code of a sign-off page"),
    ],
    ids=["empty", "Word", "broken picture", "broken PDF", "blank page"],
)
def test_a_file_without_a_page_is_refused(at: At, data: bytes, sentence: str) -> None:
    with refused(folder := at("july issued"), SigningError, sentence):
        scan(folder, Signing(JULY, CAROLE), data, nobody())


def test_paper_keeps_to_the_order_too(at: At) -> None:
    folder = at("july issued")
    with refused(folder, SigningError, "Carole Clemens signs"):
        scan(folder, Signing(JULY, SALLY), coded(own_code(folder)), nobody())


def test_whoever_signed_in_the_file_does_not_sign_on_paper_too(at: At) -> None:
    folder = at("july, Carole")
    with refused(folder, SigningError, "Carole Clemens has signed already"):
        scan(folder, Signing(JULY, CAROLE), coded(own_code(folder)), nobody())


def test_a_sealed_version_takes_no_page(at: At) -> None:
    folder = at("july sealed")
    with refused(folder, SigningError, "is sealed"):
        scan(folder, Signing(JULY, CAROLE), coded(own_code(folder)), nobody())


def test_the_pdf_itself_is_no_scan(at: At) -> None:
    folder = at("july, Carole")
    pdf = folder.pdf(JULY).read_bytes()
    for data in (pdf, pdf + b"\n% mine"):
        with refused(folder, SigningError, "itself, and no scan", "plan receive FILE"):
            scan(folder, Signing(JULY, SALLY), data, nobody())


def test_the_pdf_itself_is_no_scan_when_it_was_saved_again(at: At) -> None:
    folder = at("july issued")
    pdf = folder.pdf(JULY).read_bytes()
    again = io.BytesIO()
    PdfWriter(clone_from=io.BytesIO(pdf)).write(again)
    for data in (b"\n" + pdf, again.getvalue()):
        with refused(folder, SigningError, "itself, saved again, and no scan", "Print its"):
            scan(folder, Signing(JULY, CAROLE), data, nobody())
