"""Sealing: complete, or said to be incomplete; then nothing is added, and a receipt anchors it."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader
from signed_plan.digest import Digest
from signed_plan.document.receipt import read_record
from signed_plan.errors import (
    ExitCode,
    MissingError,
    ServiceError,
    SigningError,
    TemplateError,
    UsageError,
    VerificationError,
)
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.seal import RECEIPT_TEMPLATE, receipt_of, record_of, seal
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.lifecycle.sign import Signing, decline
from signed_plan.paths import PlanFolder, shipped_templates
from signed_plan.plan.settings import load_settings
from signed_plan.plan.source import load
from signed_plan.register.certificates import trusted_certificates

from tests.lifecycle.helpers import (
    WRONG,
    demand_registered,
    events,
    nobody,
    refused,
    register_of,
    set_settings,
)
from tests.lifecycle.test_keys import pem
from tests.lifecycle.test_receive import own_key
from tests.register.sample_events import last_record
from tests.story import (
    CAROLE,
    JULY,
    NOVEMBER,
    SALLY,
    Story,
    field_of,
    prompts,
    sign_here,
    signed_by,
)
from tools.authority import Authority

slow = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]


@pytest.fixture(scope="module")
def running() -> Iterator[Authority]:
    with Authority() as authority:
        yield authority


@pytest.fixture
def stamper(running: Authority) -> Iterator[Authority]:
    """A timestamp authority, honest again after each test."""
    yield running
    running.mode = "honest"


def stamped_by(folder: PlanFolder, authority: Authority) -> None:
    (folder.source / "timestamp-root.pem").write_bytes(authority.root.read_bytes())
    set_settings(
        folder,
        "timestamp-authority:",
        f"  url: {authority.url}",
        "  certificate: source/timestamp-root.pem",
        "  seconds: 10",
    )


def text_of(pdf: bytes) -> str:
    words = ["pdftotext", "-layout", "-", "-"]
    done = subprocess.run(words, input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


# -------------------------------------------------------------------------------------- sealed


@slow
def test_a_sealed_version_has_its_entry_its_receipt_and_every_file_in_place(story: Story) -> None:
    folder = story.at("july sealed")
    assert events(folder) == ["built", "issued", *["signed"] * 4, "sealed", "receipt"]
    demand_registered(folder)
    sealed = last_record(register_of(folder), "sealed", JULY)
    assert sealed is not None
    assert (sealed["level"], sealed["incomplete"], sealed["missing"]) == ("B-B", "", [])
    before = story.at("july, Kevin").pdf(JULY).read_bytes()
    assert folder.pdf(JULY).read_bytes().startswith(before)


def test_the_receipt_holds_the_head_that_the_seal_has_in_the_chain(story: Story) -> None:
    folder = story.at("july sealed")
    register = register_of(folder)
    sealed, receipt = last_record(register, "sealed", JULY), last_record(register, "receipt", JULY)
    keys = last_record(register, "keys", "")
    assert sealed is not None
    assert receipt is not None
    assert keys is not None
    record = json.loads(read_record(folder.receipt(JULY).read_bytes()) or b"")
    assert record == {
        "format": 1,
        "version": JULY,
        "fingerprint": sealed["fingerprint"],
        "head": receipt["prev"],
        "entries": sealed["seq"],
        "register_key": keys["register_key"],
        "root": keys["root"],
    }
    assert receipt["head"] == receipt["prev"] == register.heads[sealed["seq"] - 1]


def test_the_receipt_is_one_page_that_says_who_signed_how(story: Story) -> None:
    folder = story.at("july sealed")
    pdf = folder.receipt(JULY).read_bytes()
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1
    said = text_of(pdf)
    for words in (
        "Carole Clemens",
        "signed with their own certificate",
        "in another program",
        "signed on paper",
        "Kevin Snow",
        "action-plan-2017-07.pdf",
    ):
        assert words in said, words
    register = register_of(folder)
    assert Digest(last_record(register, "receipt", JULY)["head"]).spaced in said  # type: ignore[index]
    assert Digest.of_file(folder.pdf(JULY)).spaced in said


@slow
def test_the_same_receipt_comes_of_the_register_at_any_later_time(story: Story) -> None:
    """November's entries follow; July's receipt still tells of July's seal."""
    steps = ("july sealed", "november issued")
    versions = {step: load(story.at(step), [JULY])[-1] for step in steps}
    receipts = [
        (
            receipt_of(story.at(step), register_of(story.at(step)), version),
            record_of(register_of(story.at(step)), version),
        )
        for step, version in versions.items()
    ]
    assert receipts[0] == receipts[1]


# ------------------------------------------------------------------------------------ refusals


def test_while_somebody_is_missing_it_names_them(at: At) -> None:
    folder = at("july, Carole")
    told = (
        "Version 2017-07 has not been signed by everybody: Sally Beardsley (July 2017, head "
        "teachers and JCC); Andy Hitchcock"
    )
    with refused(folder, SigningError, told, "--incomplete --reason"):
        seal(folder, JULY, None, nobody())


def test_whoever_declined_is_named_as_that(at: At) -> None:
    folder = at("july, Carole")
    decline(folder, Signing(JULY, SALLY), "no", prompts())
    told = "Sally Beardsley (July 2017, head teachers and JCC) declined; Andy"
    with refused(folder, SigningError, told):
        seal(folder, JULY, None, nobody())


@slow
def test_an_incomplete_version_is_sealed_with_its_reason_and_who_is_missing(at: At) -> None:
    folder = at("july, Carole")
    decline(folder, Signing(JULY, SALLY), "no", prompts())
    sealed = seal(folder, JULY, " The year\nis over ", prompts())
    assert sealed.event.incomplete == "The year is over"
    assert [name.partition(" (")[0] for name in sealed.event.missing] == [
        "Sally Beardsley",
        "Andy Hitchcock",
        "Kevin Snow",
    ]
    said = text_of(folder.receipt(JULY).read_bytes())
    assert "The year is over" in said
    assert "Sally Beardsley (July 2017, head teachers and JCC) declined" in said
    demand_registered(folder)


def test_a_complete_version_is_not_called_incomplete(at: At) -> None:
    folder = at("july, Kevin")
    with refused(folder, SigningError, "Nobody is missing", "plan seal 2017-07"):
        seal(folder, JULY, "somebody may be", nobody())


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("  ", UsageError),
        ("the year\x07 is over", UsageError),
        ("half \ud800", UsageError),
        ("as 漢 said", MissingError),
    ],
    ids=["empty", "a bell", "half a character", "a letter without a font"],
)
def test_a_reason_that_no_receipt_can_print_is_refused_before_anything_is_sealed(
    at: At, reason: str, kind: type[UsageError] | type[MissingError]
) -> None:
    with refused(folder := at("july, Carole"), kind, ""):
        seal(folder, JULY, reason, nobody())


def test_a_version_is_sealed_once(at: At) -> None:
    with refused(folder := at("july sealed"), SigningError, "is sealed already", "plan status"):
        seal(folder, JULY, None, nobody())


@pytest.mark.parametrize("version", [JULY, NOVEMBER])
def test_a_draft_is_not_sealed(at: At, version: str) -> None:
    told = f"Version {version} has not been issued yet."
    with refused(folder := at("enrolled"), SigningError, told, f"plan issue {version}"):
        seal(folder, version, None, nobody())


def test_a_wrong_passphrase_seals_nothing(at: At) -> None:
    with refused(folder := at("july, Kevin"), SigningError, "does not open the key of the office"):
        seal(folder, JULY, None, prompts(office=WRONG))


def test_a_file_that_was_signed_in_its_place_is_not_sealed(at: At) -> None:
    folder = at("july, Kevin")
    with folder.pdf(JULY).open("ab") as pdf:
        pdf.write(b"1 0 obj null endobj\n%%EOF\n")
    with refused(folder, VerificationError, "was signed or changed in its place"):
        seal(folder, JULY, None, nobody())


@slow
def test_a_version_that_was_superseded_before_it_was_sealed_can_still_be_sealed(at: At) -> None:
    folder = at("july, Carole")
    issue(folder, NOVEMBER, prompts())
    assert seal(folder, JULY, "November follows", prompts()).event.kind == "sealed"
    demand_registered(folder)


# ------------------------------------------------------------------------------------- crashes


def _with_comment(template: Path) -> None:
    document = docx.Document(str(shipped_templates() / RECEIPT_TEMPLATE))
    document.add_comment(document.paragraphs[0].runs, "Is that so?", "Clerk", "C")
    document.save(str(template))


def _not_a_word_file(template: Path) -> None:
    template.write_text("not a Word file")


def _without_a_text(template: Path) -> None:
    document = docx.Document(str(shipped_templates() / RECEIPT_TEMPLATE))
    for paragraph in document.element.body.iter(qn("w:p")):
        if "{{ root }}" in "".join(text.text for text in paragraph.iter(qn("w:t"))):
            paragraph.getparent().remove(paragraph)
            break
    document.save(str(template))


def _hidden(template: Path) -> None:
    """Refused only when the PDF is there."""
    document = docx.Document(str(shipped_templates() / RECEIPT_TEMPLATE))
    document.styles["Heading 1"].font.hidden = True
    document.save(str(template))


@slow
@pytest.mark.parametrize("spoil", [_not_a_word_file, _without_a_text, _hidden])
def test_while_its_receipt_cannot_be_made_a_version_is_not_sealed(
    at: At, spoil: Callable[[Path], None]
) -> None:
    folder = at("july, Kevin")
    own = folder.root / "templates/receipt.docx"
    own.parent.mkdir()
    spoil(own)
    with refused(folder, TemplateError, "receipt.docx"):
        seal(folder, JULY, None, prompts())
    own.unlink()
    seal(folder, JULY, None, prompts())
    assert events(folder)[-2:] == ["sealed", "receipt"]
    demand_registered(folder)


@slow
def test_a_comment_in_the_receipt_s_template_changes_nothing(at: At) -> None:
    folder = at("july, Kevin")
    (folder.root / "templates").mkdir()
    _with_comment(folder.root / "templates/receipt.docx")
    sealed = seal(folder, JULY, None, prompts())
    assert events(folder)[-2:] == ["sealed", "receipt"]
    record = json.loads(read_record(folder.receipt(JULY).read_bytes()) or b"")
    assert record["entries"] == sealed.number
    demand_registered(folder)


def _without_receipt(folder: PlanFolder) -> None:
    """As an older program left it, which wrote the two entries one after the other."""
    register = register_of(folder)
    before = register.first(len(register.entries) - 1)
    keys = load_settings(folder).keys_folder(folder)
    folder.register.write_bytes(before.data)
    folder.signature.write_bytes(unlock_office_keys(keys, prompts()).register.sign(before.data))
    folder.receipt(JULY).unlink()


@slow
def test_a_seal_without_its_receipt_is_given_one_by_the_same_command(at: At) -> None:
    folder = at("july sealed")
    _without_receipt(folder)
    assert events(folder)[-1] == "sealed"
    demand_registered(folder)
    with refused(folder, SigningError, "is sealed"):
        sign_here(folder, JULY, CAROLE)
    sealed = seal(folder, JULY, None, prompts())
    assert events(folder)[-2:] == ["sealed", "receipt"]
    assert sealed.event.kind == "sealed"
    record = json.loads(read_record(folder.receipt(JULY).read_bytes()) or b"")
    assert record["entries"] == sealed.number
    demand_registered(folder)


@slow
def test_a_version_that_somebody_signed_with_a_certificate_of_their_own_can_be_sealed(
    at: At,
) -> None:
    folder = at("keys")
    own, key = own_key()
    enrol(folder, CAROLE, prompts(), pem(own))
    issue(folder, JULY, prompts())
    receive(folder, signed_by(folder.pdf(JULY).read_bytes(), field_of(CAROLE), key), prompts())
    assert seal(folder, JULY, "in haste", prompts()).event.level == "B-B"
    demand_registered(folder)


# ---------------------------------------------------------------------- a timestamp authority


@slow
def test_with_a_timestamp_authority_it_is_sealed_for_the_archive(
    at: At, stamper: Authority
) -> None:
    folder = at("july, Carole")
    stamped_by(folder, stamper)
    sealed = seal(folder, JULY, "in haste", prompts())
    assert sealed.event.level == "B-LTA"
    last = PdfFileReader(io.BytesIO(folder.pdf(JULY).read_bytes())).embedded_signatures[-1]
    assert (last.field_name, last.sig_object_type) == ("archive-timestamp", "/DocTimeStamp")
    assert sealed.event.files.crt is not None
    name = sealed.event.files.crt.file
    assert (folder.output / name).read_bytes() == stamper.root.read_bytes()
    assert Path(name).name.startswith("timestamp-authority-")
    assert len(trusted_certificates(folder, register_of(folder)).authorities) == 1
    demand_registered(folder)


@slow
def test_signatures_carry_the_authority_s_time_too(at: At, stamper: Authority) -> None:
    folder = at("july, Carole")
    stamped_by(folder, stamper)
    assert sign_here(folder, JULY, SALLY).event.level == "B-LT"
    demand_registered(folder)


@slow
@pytest.mark.parametrize("mode", ["down", "garbage", "lying-digest", "stranger"])
def test_an_authority_that_does_not_do_its_part_changes_nothing(
    at: At, stamper: Authority, mode: str
) -> None:
    folder = at("july, Carole")
    stamped_by(folder, stamper)
    stamper.mode = mode  # type: ignore[assignment]
    with refused(folder, ServiceError, "The timestamp authority", "Nothing was changed"):
        seal(folder, JULY, "in haste", prompts())
    assert ServiceError.exit_code == ExitCode.SERVICE
