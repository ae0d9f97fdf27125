"""An issued version: every state, every signature, scan and receipt held to the register, and each
certificate judged as it stood when it signed.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.digest import Digest
from signed_plan.lifecycle.issue import certification_reason
from signed_plan.lifecycle.keys import revoke
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.register.chain import read, time_text
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import (
    Identity,
    certificate_digest,
    lock_identity,
    make_revocation_list,
    pem,
    unlock_identity,
)
from signed_plan.signing.pades import Statement, ValidationMaterial, certify
from signed_plan.signing.passphrase import Secret
from signed_plan.verify.verify import verify

from tests.register.sample_events import Fields, records
from tests.story import (
    ANDY,
    CAROLE,
    JULY,
    NOVEMBER,
    REVIEW,
    SALLY,
    SEALED,
    Story,
    phrase,
    prompts,
)
from tests.verify.signed_plan import enter, flipped, forge, sign_with_key_of, signatures_in
from tools.elsewhere import signed_elsewhere

pytestmark = pytest.mark.slow("validates every signature of a plan many times")

MIDWAY = "heads, Sally"
FOR_JULY = "July 2017, head teachers and JCC"
BOX = f"{REVIEW}:{CAROLE}"
TODAY = datetime.now(UTC)


def differs(folder: PlanFolder, name: str = JULY) -> str:
    """What and where differs in one version."""
    verdict = verify(folder, (name,))
    step = verdict.steps[-1]
    assert step.version == name
    assert step.difference, verdict.sentence
    assert verdict.kind == "differs"
    assert verdict.remedy.startswith("Bring the file back from a copy, or run: plan restore")
    return f"{step.what}: {step.difference}"


# ---- the file in its place


def put(folder: PlanFolder, data: bytes) -> None:
    assert folder.pdf(NOVEMBER).read_bytes() != data
    folder.pdf(NOVEMBER).write_bytes(data)


Change = Callable[[PlanFolder, bytes], bytes]
PDF = "its PDF, byte for byte: "
BUILT = f"{PDF}its bytes were changed in what was written when version {NOVEMBER} was built"

IN_PLACE: dict[str, tuple[Change, str]] = {
    "a byte flipped in what was built": (
        lambda f, pdf: flipped(pdf, 5000),
        f"{BUILT}; the signature in office-seal: what it signed was changed afterwards",
    ),
    "a byte added": (
        lambda f, pdf: pdf + b"\n",
        f"{PDF}after version {NOVEMBER} was signed by Sally Beardsley for "
        "November 2017, head teachers, something was "
        "changed: bytes behind the end of the file, in revision 7",
    ),
    "July in November's place": (
        lambda f, pdf: f.pdf(JULY).read_bytes(),
        f"{PDF}the file is that of version {JULY}",
    ),
    "a file of no plan": (
        lambda f, pdf: b"hello",
        f"{PDF}it is no document of this register: it cannot be read (ValueError)",
    ),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_another_file_in_the_plans_place_is_told(
    at: Callable[[str], PlanFolder], name: str
) -> None:
    change, expected = IN_PLACE[name]
    folder = at(MIDWAY)
    put(folder, change(folder, folder.pdf(NOVEMBER).read_bytes()))
    assert differs(folder, NOVEMBER) == expected


def test_a_byte_flipped_in_the_padding_of_any_signature_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at(MIDWAY)
    pdf = folder.pdf(NOVEMBER).read_bytes()
    for field, (_, end) in signatures_in(pdf).items():
        put(folder, flipped(pdf, end - 9))
        said = f"the signature in {field}: its padding was changed: bytes stand where there should"
        assert said in differs(folder, NOVEMBER)
        folder.pdf(NOVEMBER).write_bytes(pdf)


@pytest.mark.quick
def test_a_plan_that_is_gone_is_told(at: Callable[[str], PlanFolder]) -> None:
    folder = at(MIDWAY)
    folder.pdf(NOVEMBER).unlink()
    assert differs(folder, NOVEMBER) == f"{PDF}action-plan-2017-11.pdf is not there"


def test_a_plan_set_back_to_fewer_signatures_is_told(
    story: Story, at: Callable[[str], PlanFolder]
) -> None:
    folder = at("jcc, Carole")
    put(folder, story.at(MIDWAY).pdf(NOVEMBER).read_bytes())
    said = (
        f"{PDF}it is an older state, as it was when it was signed by Sally Beardsley for "
        "November 2017, head teachers; since then it was signed by Carole Clemens for 14th "
        "November 2017, JCC"
    )
    assert differs(folder, NOVEMBER) == said


def test_a_register_set_back_with_its_signature_is_told_by_the_plan(
    story: Story, at: Callable[[str], PlanFolder]
) -> None:
    folder = at("jcc, Andy")
    older = story.at(MIDWAY)
    for path, old in ((folder.register, older.register), (folder.signature, older.signature)):
        shutil.copy(old, path)
    said = (
        f"{PDF}it holds 3 signatures, added after version {NOVEMBER} was signed by "
        "Sally Beardsley for November 2017, head teachers, that the register does not know: the "
        "register was set back"
    )
    assert differs(folder, NOVEMBER).startswith(said)


def test_a_signature_made_in_place_is_told_how_to_be_received(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = sign_with_key_of(folder.pdf(JULY).read_bytes(), BOX, folder, CAROLE)
    folder.pdf(JULY).write_bytes(pdf)
    assert differs(folder).endswith("that the register does not know; run: plan receive FILE")


# ---- what only the office's own keys could forge


def enter_signature(
    folder: PlanFolder, pdf: bytes, certificate: str, at: datetime | None = None
) -> None:
    """Enters that Carole has signed July, whatever the PDF says."""
    body = {
        "review": REVIEW,
        "person": CAROLE,
        "how": "elsewhere",
        "certificate": certificate,
        "level": "",
    }
    enter(folder, "signed", JULY, body, {folder.pdf(JULY): pdf}, at=at)


def certificate_of(folder: PlanFolder, person: str) -> str:
    """What was enrolled for that person last, by its digest."""
    enrolled = [one for one in records(read(folder.register), "") if one.get("person") == person]
    return str(enrolled[-1]["certificate"])


def signed_with(folder: PlanFolder, field: str, person: str) -> bytes:
    return sign_with_key_of(folder.pdf(JULY).read_bytes(), field, folder, person)


STEP = "signature of Carole Clemens, July 2017, head teachers and JCC: "


def test_a_valid_certificate_in_anothers_field_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = signed_with(folder, BOX, SALLY)
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    said = "it is by another certificate than the register says: an unknown key"
    assert differs(folder) == f"{STEP}{said}"


def test_a_valid_certificate_in_anothers_field_is_told_if_the_register_agrees_with_it(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = signed_with(folder, BOX, SALLY)
    enter_signature(folder, pdf, certificate_of(folder, SALLY))
    said = "its certificate was not enrolled for that person when it was signed"
    assert differs(folder) == f"{STEP}{said}"


def test_a_self_made_certificate_of_the_same_name_is_told(
    at: Callable[[str], PlanFolder], anew: PlanFolder
) -> None:
    folder = at("july issued")
    pdf = sign_with_key_of(folder.pdf(JULY).read_bytes(), BOX, anew, CAROLE)
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    assert differs(folder) == f"{STEP}its certificate is not known to the office"


def test_a_signature_that_the_register_has_and_the_plan_has_not_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = folder.pdf(JULY).read_bytes()
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    assert differs(folder) == f"{STEP}it is not in the PDF"


def test_a_signature_that_the_register_has_not_and_the_plan_has_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = sign_with_key_of(signed_with(folder, BOX, CAROLE), f"{REVIEW}:{ANDY}", folder, ANDY)
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    said = f"the field {REVIEW}:{ANDY} is signed, and the register does not know of it"
    assert differs(folder) == f"nothing else is signed in it: {said}"


def test_a_state_that_does_not_begin_with_the_one_before_is_told(
    at: Callable[[str], PlanFolder], story: Story
) -> None:
    folder = at("july, Carole")
    pdf = sign_with_key_of(story.at("july issued").pdf(JULY).read_bytes(), BOX, folder, CAROLE)
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    said = (
        "it does not begin with the file as it was when it was signed by Carole Clemens for July "
        "2017, head teachers and JCC"
    )
    assert differs(folder) == f"each state that its PDF grew from: {said}"


def certified(folder: PlanFolder, seal: Identity, head: str) -> bytes:
    office = unlock_office_keys(folder.root / "keys", prompts())
    (version,) = (one for one in load(folder) if one.name == JULY)
    reason = certification_reason(JULY, version.fingerprint, head)
    roots = (office.root.certificate, seal.certificate)
    evidence = ValidationMaterial(roots, make_revocation_list(office.root, (), TODAY))
    statement = Statement("The office", reason, Look("The office", ("Certified",)))
    return certify(folder.pdf(JULY).read_bytes(), "office-seal", seal, statement, evidence).pdf


def enter_issued(folder: PlanFolder, pdf: bytes) -> None:
    (version,) = (one for one in load(folder) if one.name == JULY)
    body = {"fingerprint": version.fingerprint.hex, "level": "B-B"}
    enter(folder, "issued", JULY, body, {folder.pdf(JULY): pdf})


def test_a_certification_by_another_than_the_offices_seal_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("enrolled")
    key = (folder.root / "keys/people" / f"{CAROLE}.p12").read_bytes()
    seal = unlock_identity(key, Secret(phrase(CAROLE)), "Carole")
    enter_issued(folder, certified(folder, seal, read(folder.register).head))
    said = "it is by another certificate than the office's seal: an unknown key"
    assert differs(folder) == f"the office's certification: {said}"


def test_a_certification_that_vouches_for_another_register_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("enrolled")
    office = unlock_office_keys(folder.root / "keys", prompts())
    enter_issued(folder, certified(folder, office.seal, "1" * 64))
    said = "it vouches for another register head than the register has: the register was rewritten"
    assert differs(folder) == f"the office's certification: {said}"


# ---- certificates, judged at signing time


def made(begin: timedelta, end: timedelta, issuer: Identity | None) -> Identity:
    """A certificate that is valid between these times from today: its owner's own, or issued."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Carole Clemens")])
    usage = {
        use: use == "digital_signature"
        for use in (
            "digital_signature content_commitment key_encipherment data_encipherment "
            "key_agreement key_cert_sign crl_sign encipher_only decipher_only"
        ).split()
    }
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(TODAY + begin)
        .not_valid_after(TODAY + end)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Identity(key, certificate)


@pytest.mark.parametrize("issuer", ["own", "office"])
@pytest.mark.parametrize(("signed", "holds"), [(-10, True), (-40, False), (-1, False)])
def test_a_certificate_is_judged_by_the_time_when_it_signed(
    at: Callable[[str], PlanFolder], issuer: str, signed: int, holds: bool
) -> None:
    """It was valid from thirty days ago until five days ago."""
    folder = at("july issued")
    root = unlock_office_keys(folder.root / "keys", prompts()).root if issuer == "office" else None
    identity = made(timedelta(-30), timedelta(-5), root)
    digest = certificate_digest(identity.certificate).hex
    place = folder.certificates / f"{CAROLE}-{digest[:8]}.crt"
    body = {"person": CAROLE, "name": "Carole Clemens", "certificate": digest, "issuer": issuer}
    enter(folder, "enrolled", "", body, {place: pem(identity.certificate)})
    key = lock_identity(identity, "Carole", Secret(phrase(CAROLE)))
    pdf = signed_elsewhere(folder.pdf(JULY).read_bytes(), BOX, key, phrase(CAROLE).encode())
    moment = TODAY + timedelta(signed)
    enter_signature(folder, pdf, digest, moment)
    if holds:
        assert verify(folder, (JULY,)).holds
    else:
        said = f"its certificate was not valid on {moment:%d %B %Y}, when it was signed"
        assert differs(folder) == f"{STEP}{said}"


def test_what_was_signed_before_a_certificate_was_revoked_stays_signed(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july, Carole")
    revoke(folder, CAROLE, prompts())
    verdict = verify(folder, (JULY,))
    assert verdict.sentence.startswith("VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 1")


def test_what_was_signed_after_its_certificate_was_revoked_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    pdf = signed_with(folder, BOX, CAROLE)
    revoke(folder, CAROLE, prompts())
    enter_signature(folder, pdf, certificate_of(folder, CAROLE))
    said = "its certificate was revoked before it signed, at entry 9"
    assert differs(folder) == f"{STEP}{said}"


# ---- what lies beside the plan


def scan_of(folder: PlanFolder) -> Path:
    (path,) = (folder.output / NOVEMBER / "scans").iterdir()
    return path


BESIDE: dict[str, tuple[str, Callable[[PlanFolder], object], str]] = {
    "a scan changed": (
        NOVEMBER,
        lambda f: scan_of(f).write_bytes(flipped(scan_of(f).read_bytes(), 99)),
        "page that Kevin Snow signed on paper: ",
    ),
    "a scan gone": (
        NOVEMBER,
        lambda f: scan_of(f).unlink(),
        "page that Kevin Snow signed on paper: ",
    ),
    "a receipt changed": (
        JULY,
        lambda f: f.receipt(JULY).write_bytes(flipped(f.receipt(JULY).read_bytes(), 99)),
        "its receipt: receipt-2017-07.pdf has the right length, but its bytes were changed",
    ),
    "a receipt gone": (
        JULY,
        lambda f: f.receipt(JULY).unlink(),
        "its receipt: receipt-2017-07.pdf is not there",
    ),
}


@pytest.mark.parametrize("name", BESIDE)
def test_what_lies_beside_the_plan_is_held_to_the_register(
    at: Callable[[str], PlanFolder], name: str
) -> None:
    version, act, expected = BESIDE[name]
    folder = at(SEALED)
    act(folder)
    assert differs(folder, version).startswith(expected)


def differs_in_the_office(folder: PlanFolder) -> str:
    """What differs among the office's own files, before any version is looked at."""
    verdict = verify(folder, (JULY,))
    step = verdict.steps[-1]
    assert (step.version, step.what) == ("", "the office's keys, revocation list and certificates")
    assert verdict.remedy == "Bring the file back from a copy."
    return step.difference


def test_a_root_certificate_that_was_changed_or_is_gone_is_named(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at(SEALED)
    path = folder.certificates / "office-root.crt"
    path.write_bytes(b"")
    assert differs_in_the_office(folder).startswith("office-root.crt has 0 bytes instead of ")
    path.unlink()
    assert differs_in_the_office(folder) == "office-root.crt is not there"


def test_a_receipt_that_names_another_register_is_told(
    at: Callable[[str], PlanFolder], stamped: PlanFolder
) -> None:
    folder = at("july sealed")
    foreign = stamped.receipt(JULY).read_bytes()
    folder.receipt(JULY).write_bytes(foreign)

    def record(event: Fields) -> None:
        if event["event"] == "receipt":
            kept = {"sha256": Digest.of_bytes(foreign).hex, "size": len(foreign)}
            event["files"]["receipt"].update(kept)

    forge(folder, record, unlock_office_keys(folder.root / "keys", prompts()).register)
    assert differs(folder) == "its receipt: it names a head that the register does not have"


@pytest.mark.quick
def test_without_the_authoritys_certificate_a_timestamp_proves_nothing(
    stamped: PlanFolder, tmp_path: Path
) -> None:
    shutil.copytree(stamped.root, tmp_path / "plan")
    folder = PlanFolder(tmp_path / "plan")
    (path,) = folder.certificates.glob("timestamp-authority-*.crt")
    path.unlink()
    assert differs_in_the_office(folder) == f"{path.name} is not there"


def test_a_reason_that_the_register_has_and_the_signature_does_not_give_is_told(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july, Sally")
    assert "reason" not in records(read(folder.register), JULY)[-1]
    assert verify(folder, (JULY,)).kind == "verified"  # as in every older register

    def with_reason(entry: Fields) -> None:
        if entry.get("how") == "elsewhere":
            entry["reason"] = "I agree to everything"

    forge(folder, with_reason, unlock_office_keys(folder.root / "keys", prompts()).register)
    said = "it gives another reason than the register says: the register was rewritten"
    assert differs(folder) == f"signature of Sally Beardsley, {FOR_JULY}: {said}"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-10, "it says another time than the register does: the register was rewritten"),
        (0, "its certificate ended before it was received, and it was not made in between"),
    ],
)
def test_a_time_that_the_register_holds_makes_no_ended_certificate_good(
    at: Callable[[str], PlanFolder], days: int, said: str
) -> None:
    """The office's own keys enter a time that is not the signature's, or cannot be."""
    folder = at("july issued")
    identity = made(timedelta(-30), timedelta(days=2), None)
    digest = certificate_digest(identity.certificate).hex
    place = folder.certificates / f"{CAROLE}-{digest[:8]}.crt"
    body = {"person": CAROLE, "name": "Carole Clemens", "certificate": digest, "issuer": "own"}
    enter(folder, "enrolled", "", body, {place: pem(identity.certificate)})
    key = lock_identity(identity, "Carole", Secret(phrase(CAROLE)))
    pdf = signed_elsewhere(folder.pdf(JULY).read_bytes(), BOX, key, phrase(CAROLE).encode())
    claimed = read_present_claim(pdf) + timedelta(days=days)
    body = {
        "review": REVIEW,
        "person": CAROLE,
        "how": "elsewhere",
        "certificate": digest,
        "signed_at": time_text(claimed),
    }
    at_ = TODAY - timedelta(days=1) if days == 0 else TODAY + timedelta(days=9)
    enter(folder, "signed", JULY, body, {folder.pdf(JULY): pdf}, at=at_)
    assert differs(folder) == f"{STEP}{said}"


def read_present_claim(pdf: bytes) -> datetime:
    """When the last signature says that it was made."""
    moment = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[-1].self_reported_timestamp
    assert isinstance(moment, datetime)
    return moment.astimezone(UTC)
