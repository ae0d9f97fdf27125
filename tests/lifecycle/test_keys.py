"""The office's keys and everybody's certificates: secret where they must be, public where not."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from signed_plan.digest import Digest
from signed_plan.errors import SigningError, UsageError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys, revoke
from signed_plan.lifecycle.prompts import Prompt
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.register.signoff_status import enrolment

from tests.lifecycle.helpers import (
    WRONG,
    copy_of,
    demand_registered,
    everything,
    nobody,
    refused,
    register_of,
    set_settings,
)
from tests.register.sample_events import Fields, last_record, records
from tests.story import (
    ANDY,
    CAROLE,
    EVERYBODY,
    JULY,
    KEVIN,
    OFFICE,
    SALLY,
    SECRETS,
    Story,
    key_file,
    phrase,
    prompts,
)

slow = pytest.mark.slow("makes keys many times")

At = Callable[[str], PlanFolder]
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
ONLY_FOR_SERVERS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])


def openssl(*words: str | Path, given: str = "", code: int = 0) -> str:
    done = subprocess.run(
        ["openssl", *map(str, words)], input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def certificate(
    name: str = "Carole Clemens",
    *,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | None = None,
    since: dt.datetime = NOW - DAY,
    until: dt.datetime = NOW + 400 * DAY,
    signs: bool = True,
    more: x509.ExtensionType | None = None,
) -> x509.Certificate:
    """One that somebody has made for themselves, as Adobe Reader can."""
    made = ec.generate_private_key(ec.SECP256R1()) if key is None else key
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(
        """content_commitment data_encipherment key_agreement key_cert_sign crl_sign
        encipher_only decipher_only""".split(),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(
            x509.KeyUsage(digital_signature=signs, key_encipherment=not signs, **usage),
            critical=True,
        )
    )
    if more is not None:
        builder = builder.add_extension(more, critical=False)
    algorithm = None if isinstance(made, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(made, algorithm)


def pem(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.PEM)


def last(folder: PlanFolder, event: str) -> Fields:
    found = last_record(register_of(folder), event)
    assert found is not None
    return found


# ---------------------------------------------------------------------------- the office's keys


def test_key_files_are_for_the_owner_alone_and_for_no_version_control(story: Story) -> None:
    keys = story.at("enrolled").root / "keys"
    assert sorted(path.name for path in keys.iterdir() if path.suffix in (".p12", ".pem")) == [
        "office-root.p12",
        "office-seal.p12",
        "register-key.pem",
    ]
    for path in (keys, *keys.rglob("*")):
        if path.is_dir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
            assert (path / ".gitignore").read_text().splitlines()[-1] == "*"
        elif path.name != ".gitignore":
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_git_does_not_see_the_keys(at: At) -> None:
    folder = at("enrolled")
    git = ["git", "-C", str(folder.root)]
    subprocess.run([*git, "init", "-q"], check=True)
    told = subprocess.run(
        [*git, "status", "--porcelain", "-uall"], capture_output=True, text=True, check=True
    ).stdout
    assert "output/certificates/office-root.crt" in told
    assert "keys/" not in told


def test_a_user_who_lets_everybody_read_still_has_secret_keys(at: At) -> None:
    folder = at("built")
    mask = os.umask(0)
    try:
        make_keys(folder, prompts())
    finally:
        os.umask(mask)
    modes = {path.name: path.stat().st_mode & 0o077 for path in (folder.root / "keys").rglob("*")}
    assert {name for name, mode in modes.items() if mode} <= {".gitignore"}
    assert (folder.root / "keys").stat().st_mode & 0o077 == 0


def test_the_register_is_begun_with_the_digests_of_what_lies_in_certificates(
    story: Story,
) -> None:
    folder = story.at("keys")
    begun = last(folder, "keys")
    root = folder.certificates / "office-root.crt"
    told = openssl("x509", "-in", root, "-noout", "-fingerprint", "-sha256")
    assert told.strip().partition("=")[2].replace(":", "").lower() == begun["root"]
    assert begun["organisation"] == "Bank Road and William Lilley Schools Collaboration"
    assert sorted(begun["files"]) == [
        "how-to-trust.txt",
        "office-root.crt",
        "office.crl",
        "register-key.pem",
    ]
    demand_registered(folder)
    public = openssl(
        "pkey", "-pubin", "-in", folder.certificates / "register-key.pem", "-noout", "-text"
    )
    digits = "".join(public.partition("pub:")[2].split()).replace(":", "")
    assert digits == begun["register_key"]


def test_openssl_checks_the_register_with_the_published_key(story: Story) -> None:
    folder = story.at("enrolled")
    words = "pkeyutl -verify -pubin -rawin -inkey".split()
    key, signature = folder.certificates / "register-key.pem", folder.signature
    told = openssl(*words, key, "-in", folder.register, "-sigfile", signature)
    assert "Signature Verified Successfully" in told


def test_nothing_secret_leaves_the_key_folder(story: Story) -> None:
    """Over the whole story: keys, four people, every way to sign, sealed, and the next issued."""
    for name, data in everything(story.at("november issued")).items():
        for secret in SECRETS:
            assert secret.encode() not in data, name
        assert name.startswith("keys/") or b"PRIVATE KEY" not in data, name
        assert not (name.endswith(".p12") and not name.startswith("keys/"))


def test_keys_are_not_made_twice(at: At) -> None:
    with refused(folder := at("keys"), SigningError, "has its keys already", "a copy"):
        make_keys(folder, nobody())


def test_a_passphrase_that_can_be_guessed_is_refused_and_leaves_no_folder(at: At) -> None:
    folder = at("built")
    for weak in ("", "password1", "Bank Road 2017"):
        with refused(folder, SigningError, "too easy to guess", "five words"):
            make_keys(folder, prompts(office=weak))
    assert not (folder.root / "keys").exists()


@slow
def test_a_new_passphrase_is_asked_for_as_new(at: At) -> None:
    asked: list[Prompt] = []
    folder = at("built")
    make_keys(folder, prompts(asked=asked))
    enrol(folder, CAROLE, prompts(CAROLE, asked=asked))
    assert [(one.kind, one.new) for one in asked] == [
        ("office", True),
        ("office", False),
        ("person", True),
    ]


@slow
def test_keys_elsewhere_serve_two_plans(at: At, tmp_path: Path) -> None:
    folder = at("built")
    settings = (f"keys: {tmp_path}/office keys", "organisation: The Trent Office")
    set_settings(folder, *settings)
    another = copy_of(folder, tmp_path / "another")
    assert make_keys(folder, prompts()) == ("The Trent Office", tmp_path / "office keys")
    assert not (folder.root / "keys").exists()
    before = {path.name: path.read_bytes() for path in (tmp_path / "office keys").iterdir()}
    asked: list[Prompt] = []
    make_keys(another, prompts(asked=asked))
    assert [one.new for one in asked] == [False]
    assert {path.name: path.read_bytes() for path in (tmp_path / "office keys").iterdir()} == before
    for name in ("root", "seal", "register_key"):
        assert last(another, "keys")[name] == last(folder, "keys")[name]
    assert last(another, "keys")["organisation"] == "The Trent Office"
    enrol(another, CAROLE, prompts(CAROLE))
    assert (tmp_path / "office keys/people" / f"{CAROLE}.p12").is_file()


def test_keys_that_are_taken_up_want_their_own_passphrase(at: At) -> None:
    folder = at("keys")
    shutil.rmtree(folder.output)
    with refused(folder, SigningError, "does not open the key of the office"):
        make_keys(folder, prompts(office=WRONG))


def test_keys_made_before_a_crash_are_taken_up(at: At, story: Story) -> None:
    """Killed between the key files and the entry: the files are there, the entry is not."""
    folder = at("keys")
    shutil.rmtree(folder.output)
    shutil.copytree(story.at("built").output, folder.output)
    before = (folder.root / "keys/office-root.p12").read_bytes()
    make_keys(folder, prompts())
    assert (folder.root / "keys/office-root.p12").read_bytes() == before
    assert last(folder, "keys")["root"] == last(story.at("keys"), "keys")["root"]


@slow
def test_keys_half_made_before_a_crash_are_made_anew(at: At, story: Story) -> None:
    folder = at("keys")
    shutil.rmtree(folder.output)
    (folder.root / "keys/office-root.p12").unlink()
    make_keys(folder, prompts())
    enrol(folder, CAROLE, prompts(CAROLE))
    assert last(folder, "keys")["root"] != last(story.at("keys"), "keys")["root"]


@slow
def test_a_specimen_says_so_in_every_certificate(at: At) -> None:
    folder = at("built")
    make_keys(folder, prompts(), "SPECIMEN")
    enrol(folder, CAROLE, prompts(CAROLE))
    for path in folder.certificates.glob("*.crt"):
        assert "SPECIMEN" in openssl("x509", "-in", path, "-noout", "-subject"), path.name


@slow
def test_specimen_keys_stay_specimens_in_the_next_plan(at: At, tmp_path: Path) -> None:
    folder = at("built")
    set_settings(folder, f"keys: {tmp_path}/shared")
    another = copy_of(folder, tmp_path / "another")
    make_keys(folder, prompts(), "SPECIMEN")
    make_keys(another, prompts())
    assert last(another, "keys")["mark"] == "SPECIMEN"


# ------------------------------------------------------------------------------------ enrolling


@pytest.mark.parametrize("person", EVERYBODY)
def test_a_name_is_bound_to_a_certificate_by_its_sha256(story: Story, person: str) -> None:
    folder = story.at("enrolled")
    enrolled = enrolment(register_of(folder), person)
    assert enrolled is not None
    path = folder.output / enrolled.files.certificate.file
    told = openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256", "-serial")
    fingerprint, serial = (line.partition("=")[2] for line in told.splitlines())
    assert fingerprint.replace(":", "").lower() == enrolled.certificate
    assert int(serial, 16) == int(enrolled.serial, 16)
    assert path.name == f"{person}-{enrolled.certificate[:8]}.crt"
    assert enrolled.name.lower().replace(" ", "-") == person
    assert f"CN={enrolled.name}" in enrolled.subject
    openssl("verify", "-CAfile", folder.certificates / "office-root.crt", path)


def test_a_key_file_opens_with_its_owner_s_passphrase_only(story: Story) -> None:
    key = key_file(story.at("enrolled"), CAROLE)
    words = ["pkcs12", "-in", str(key), "-nokeys", "-passin", "stdin"]
    assert "Carole Clemens" in openssl(*words, given=phrase(CAROLE) + "\n")
    for other in (OFFICE, phrase(SALLY), ""):
        assert "invalid password" in openssl(*words, given=other + "\n", code=1)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_a_certificate_of_one_s_own_is_enrolled_as_it_is(at: At, encoding: Encoding) -> None:
    folder = at("keys")
    own = certificate()
    digest, handed = enrol(folder, CAROLE, prompts(), own.public_bytes(encoding))
    assert handed is None
    assert not (folder.root / "keys/people").exists()
    enrolled = last(folder, "enrolled")
    assert enrolled["certificate"] == digest == Digest.of_bytes(own.public_bytes(Encoding.DER)).hex
    assert enrolled["issuer"] == "own"
    kept = folder.output / enrolled["files"]["certificate"]["file"]
    assert kept.read_bytes() == pem(own)
    demand_registered(folder)


@slow
@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda: certificate(until=NOW - DAY / 24), "which is not now"),
        (lambda: certificate(since=NOW + DAY), "which is not now"),
        (lambda: certificate(key=rsa.generate_private_key(65537, 1024)), "too weak"),
        (lambda: certificate(key=ec.generate_private_key(ec.SECP192R1())), "too weak"),
        (lambda: certificate(key=ed25519.Ed25519PrivateKey.generate()), "of a kind that PDF"),
        (lambda: certificate(signs=False), "not for signatures"),
        (lambda: certificate(more=x509.BasicConstraints(True, None)), "for issuing others"),
        (lambda: certificate(more=ONLY_FOR_SERVERS), "not for signatures"),
    ],
    ids=[
        *("expired", "not yet valid", "short RSA", "short EC", "Ed25519", "for encryption"),
        *("an authority", "a server's"),
    ],
)
def test_a_certificate_that_cannot_sign_a_plan_is_refused(
    at: At, made: Callable[[], x509.Certificate], sentence: str
) -> None:
    with refused(folder := at("keys"), SigningError, sentence):
        enrol(folder, CAROLE, nobody(), pem(made()))


def test_a_certificate_in_another_s_name_or_with_another_s_key_is_refused(at: At) -> None:
    folder = at("keys")
    for name in ("sally  BEARDSLEY", "BEARDSLEY, Sally", "Beardsley Sally"):
        with refused(folder, UsageError, "in the name of Sally Beardsley", "enrol sally-beardsley"):
            enrol(folder, CAROLE, nobody(), pem(certificate(name)))
    key = ec.generate_private_key(ec.SECP256R1())
    enrol(folder, SALLY, prompts(), pem(certificate("S. Beardsley", key=key)))
    with refused(folder, UsageError, "the one that Sally Beardsley is enrolled with"):
        enrol(folder, CAROLE, nobody(), pem(certificate("Carole Clemens", key=key)))


def test_a_certificate_for_documents_mail_or_anything_is_taken(at: At) -> None:
    folder = at("keys")
    usages = (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH)
    made = certificate(more=x509.ExtendedKeyUsage(usages))
    assert enrol(folder, CAROLE, prompts(), pem(made))[1] is None


@slow
@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"-----BEGIN CERTIFICATE-----\nx\n", b"\x30"])
def test_a_file_that_holds_no_certificate_is_refused(at: At, data: bytes) -> None:
    with refused(folder := at("keys"), SigningError, "holds no certificate", ".cer or .crt"):
        enrol(folder, CAROLE, prompts(), data)


@slow
def test_one_certificate_serves_one_person_for_ever(at: At) -> None:
    folder = at("keys")
    own = pem(certificate())
    enrol(folder, CAROLE, prompts(), own)
    with refused(folder, UsageError, "enrolled for Carole Clemens already"):
        enrol(folder, SALLY, prompts(), own)
    revoke(folder, CAROLE, prompts())
    with refused(folder, UsageError, "enrolled for Carole Clemens already", "stays revoked"):
        enrol(folder, CAROLE, prompts(), own)


def test_nobody_is_enrolled_twice(at: At) -> None:
    with refused(folder := at("enrolled"), SigningError, "is enrolled already", "plan revoke"):
        enrol(folder, CAROLE, nobody())


@slow
def test_a_person_s_weak_passphrase_is_refused(at: At) -> None:
    folder = at("keys")
    for weak in ("", "head teacher", "Carole Clemens"):
        with refused(folder, SigningError, "too easy to guess"):
            enrol(folder, CAROLE, prompts(own=weak))


def test_an_unknown_person_is_told_the_ids(at: At) -> None:
    folder = at("enrolled")
    for act in (enrol, revoke):
        with refused(folder, UsageError, 'knows no person "carole"', f"{CAROLE}, {SALLY}"):
            act(folder, "carole", nobody())


def test_nobody_is_enrolled_before_the_office_has_keys(at: At) -> None:
    with refused(folder := at("built"), SigningError, "has no keys yet", "plan keys init"):
        enrol(folder, CAROLE, nobody())


def test_whoever_is_no_longer_in_the_latest_version_can_still_be_revoked(at: At) -> None:
    folder = at("enrolled")
    shutil.rmtree(folder.source / "2017-11")
    revoke(folder, KEVIN, prompts())
    assert enrolment(read(folder.register), KEVIN) is None


# ------------------------------------------------------------------------------------- revoking


@slow
def test_a_revoked_certificate_is_on_the_list_that_openssl_reads(at: At) -> None:
    folder = at("enrolled")
    listing = folder.certificates / "office.crl"
    words = ["crl", "-inform", "DER", "-in", str(listing), "-noout", "-text"]
    root = folder.certificates / "office-root.crt"
    assert "No Revoked Certificates." in openssl(*words, "-CAfile", root)
    digests = [revoke(folder, person, prompts()) for person in (CAROLE, ANDY)]
    revoked = [event for event in records(register_of(folder), "") if event["event"] == "revoked"]
    assert [event["certificate"] for event in revoked] == digests
    told = openssl(*words, "-CAfile", root)
    assert "verify OK" in told
    for event in revoked:
        assert f"Serial Number: {int(event['serial'], 16):X}" in told.replace(": 0", ": ")
    assert told.count("Serial Number:") == 2
    demand_registered(folder)


@slow
def test_after_revoking_another_certificate_can_be_enrolled(at: At) -> None:
    folder = at("enrolled")
    key = key_file(folder, CAROLE)
    earlier = key.read_bytes()
    first = revoke(folder, CAROLE, prompts())
    assert enrolment(register_of(folder), CAROLE) is None
    second, made = enrol(folder, CAROLE, prompts(CAROLE))
    assert first != second
    assert (key.read_bytes(), made) == (earlier, key.with_name(f"{CAROLE}-{second[:8]}.p12"))
    assert enrolment(register_of(folder), CAROLE) == register_of(folder).entries[-1].event
    assert len(list(folder.certificates.glob(f"{CAROLE}-*.crt"))) == 2
    issue(folder, JULY, prompts())


def test_only_what_is_enrolled_can_be_revoked(at: At) -> None:
    with refused(
        folder := at("keys"), SigningError, "no certificate that can be used", "plan enrol"
    ):
        revoke(folder, CAROLE, nobody())


@slow
def test_revoking_somebody_s_own_certificate_leaves_the_list_empty(at: At) -> None:
    """The office can only list what it has issued itself; the register holds for the rest."""
    folder = at("keys")
    enrol(folder, CAROLE, prompts(), pem(certificate()))
    revoke(folder, CAROLE, prompts())
    listing = x509.load_der_x509_crl((folder.certificates / "office.crl").read_bytes())
    assert len(listing) == 0
    assert enrolment(register_of(folder), CAROLE) is None
