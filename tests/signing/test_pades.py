"""What signing adds to a PDF: behind its bytes, as PAdES has it, and nothing besides."""

from __future__ import annotations

import io
import re
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pypdf import PdfReader
from signed_plan.errors import ExitCode, ServiceError
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import Identity, lock_identity, pem
from signed_plan.signing.pades import ValidationMaterial, archive, certify, sign
from signed_plan.signing.passphrase import Secret

from tests.signing.helpers import (
    CAROLE,
    SALLY,
    SEAL,
    TIMESTAMP,
    People,
    Signing,
    run,
    said_in,
    seal_statement,
    statement_of,
)
from tools.authority import Authority, Mode
from tools.elsewhere import signed_elsewhere

slow = pytest.mark.slow("signs and validates many times")

TOKEN = "signature_time_stamp_token"


def _signatures(pdf: bytes) -> dict[str, EmbeddedPdfSignature]:
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return {one.field_name: one for one in found}


def _catalogue(pdf: bytes) -> Any:
    return PdfReader(io.BytesIO(pdf)).root_object


def _fields(pdf: bytes) -> dict[str, Any]:
    form = _catalogue(pdf)["/AcroForm"]
    return {field.get_object()["/T"]: field.get_object() for field in form["/Fields"]}


def _written_fields(pdf: bytes) -> dict[str, dict[str, str]]:
    """Each field as it is written, what it refers to by number alone."""
    form = PdfFileReader(io.BytesIO(pdf)).root["/AcroForm"]
    return {
        str(field["/T"]): {str(key): str(field.raw_get(key)) for key in field}
        for field in (form["/Fields"][at] for at in range(len(form["/Fields"])))
    }


@pytest.fixture(params=["offline", "stamped"])
def states(request: pytest.FixtureRequest, signing: Signing) -> Signing:
    """The plan as it grows, without and with timestamps."""
    if request.param == "offline":
        return signing
    found: Signing = request.getfixturevalue("stamped")
    return found


# Only added to


def test_every_state_begins_with_the_bytes_of_the_one_before(
    states: Signing, archived: bytes
) -> None:
    assert states.certified.startswith(states.plan)
    assert states.once.startswith(states.certified)
    assert states.twice.startswith(states.once)
    assert len(states.plan) < len(states.certified) < len(states.once) < len(states.twice)
    if archived.startswith(states.certified):
        assert archived.startswith(states.twice)


def test_the_archive_timestamp_too_stands_behind_the_rest(
    stamped: Signing, archived: bytes
) -> None:
    assert archived.startswith(stamped.twice)
    assert len(archived) > len(stamped.twice)


def test_no_number_of_an_object_is_left_out(states: Signing, archived: bytes) -> None:
    for pdf in (states.twice, archived):
        xrefs = PdfFileReader(io.BytesIO(pdf)).xrefs
        numbers = {
            reference.idnum
            for revision in range(xrefs.total_revisions)
            for reference in xrefs.explicit_refs_in_revision(revision)
        }
        assert numbers - {0} == set(range(1, max(numbers) + 1))


def test_metadata_and_properties_are_not_written_again(states: Signing, archived: bytes) -> None:
    for pdf in (states.twice, archived):
        reader, plan = (PdfFileReader(io.BytesIO(data)) for data in (pdf, states.plan))
        info, xmp = reader.trailer.raw_get("/Info"), reader.root.raw_get("/Metadata")
        assert reader.trailer["/Info"] == plan.trailer["/Info"]
        assert reader.root["/Metadata"].data == plan.root["/Metadata"].data
        for reference in (info, xmp):
            assert reader.xrefs.get_last_change(reference.reference) == 0


def test_qpdf_finds_nothing_to_complain_of(
    signing: Signing, archived: bytes, tmp_path: Path
) -> None:
    for name, pdf in (("twice", signing.twice), ("archived", archived)):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(pdf)
        assert "No syntax or stream encoding errors found" in run("qpdf", "--check", file)


# What the signatures are


def test_every_signature_is_detached_pades_by_sha256(states: Signing) -> None:
    found = _signatures(states.twice)
    assert list(found) == [SEAL, CAROLE, SALLY]
    for signature in found.values():
        assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
        assert signature.md_algorithm == "sha256"
        signed = {one["type"].native for one in signature.signer_info["signed_attrs"]}
        assert "signing_certificate_v2" in signed
        assert "signing_time" not in signed  # PAdES has it in the dictionary


def test_the_office_certifies_that_nothing_but_signatures_is_added(states: Signing) -> None:
    seal = _fields(states.twice)[SEAL]["/V"]
    (reference,) = seal["/Reference"]
    assert reference["/TransformMethod"] == "/DocMDP"
    assert reference["/TransformParams"]["/P"] == 2
    catalogue: Any = _catalogue(states.twice)
    assert catalogue["/Perms"]["/DocMDP"] == seal
    for name in (CAROLE, SALLY):
        assert "/Reference" not in _fields(states.twice)[name]["/V"]


def test_every_signature_says_who_and_why_and_carries_its_own_certificate(
    states: Signing, people: People
) -> None:
    found = _signatures(states.twice)
    for name, who, why, identity in (
        (SEAL, "Trent office", "Version 2017-11", people.office.seal),
        (CAROLE, "Carole Clemens", "Carole Clemens agrees to this plan", people.carole),
        (SALLY, "Sally Beardsley", "Sally Beardsley agrees to this plan", people.sally),
    ):
        signature = found[name]
        assert (signature.sig_object["/Name"], signature.sig_object["/Reason"]) == (who, why)
        assert signature.signer_cert.serial_number == identity.certificate.serial_number
        held = {one.serial_number for one in signature.other_embedded_certs}
        assert people.office.root.certificate.serial_number in held


def test_pdfsig_finds_every_signature_valid(states: Signing, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(states.twice)
    told = run("pdfsig", "-nocert", file)
    assert told.count("Signature Validation: Signature is Valid.") == 3
    assert told.count("Signature Type: ETSI.CAdES.detached") == 3
    assert told.count("Signing Hash Algorithm: SHA-256") == 3


def test_openssl_finds_every_signature_true(
    states: Signing, people: People, tmp_path: Path
) -> None:
    root = tmp_path / "root.pem"
    root.write_bytes(pem(people.office.root.certificate))
    for signature in _signatures(states.twice).values():
        first, length, second, rest = (int(number) for number in signature.byte_range)
        signed = states.twice[first : first + length] + states.twice[second : second + rest]
        (tmp_path / "cms").write_bytes(signature.pkcs7_content)
        (tmp_path / "signed").write_bytes(signed)
        said = run(
            *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", tmp_path / "cms"),
            *("-content", tmp_path / "signed", "-CAfile", root, "-purpose", "any"),
            *("-cades", "-out", "/dev/null"),
        )
        assert "CAdES Verification successful" in said


def test_a_signature_covers_all_but_its_own_place(states: Signing) -> None:
    for signature in _signatures(states.twice).values():
        first, length, second, rest = (int(number) for number in signature.byte_range)
        hole = states.twice[length:second]
        assert first == 0
        assert re.fullmatch(rb"<[0-9a-fA-F]+>", hole)
        assert states.twice[: second + rest].endswith(b"%%EOF\n")


# Which fields


@pytest.mark.parametrize("name", ["no-such-field", "november-2017-heads"])
def test_no_field_is_made_that_was_not_there(
    signing: Signing, people: People, offline: ValidationMaterial, name: str
) -> None:
    with pytest.raises(Exception, match=name):
        sign(signing.certified, name, people.carole, statement_of("Carole Clemens"), offline)


def test_a_signed_field_is_not_signed_again(
    signing: Signing, people: People, offline: ValidationMaterial
) -> None:
    with pytest.raises(Exception, match="filled"):
        sign(signing.once, CAROLE, people.sally, statement_of("Sally Beardsley"), offline)


def test_only_the_field_that_was_due_is_filled(states: Signing) -> None:
    before, after = _written_fields(states.certified), _written_fields(states.once)
    assert {name for name in after if "/V" in after[name]} == {SEAL, CAROLE}
    assert list(before) == list(after)
    changed = {
        (name, key)
        for name in after
        for key in after[name]
        if after[name][key] != before[name].get(key)
    }
    assert changed == {(CAROLE, "/V"), (CAROLE, "/AP")}
    assert before[CAROLE].keys() < after[CAROLE].keys()


def test_an_appearance_has_the_bounds_of_the_empty_field(states: Signing, archived: bytes) -> None:
    empty = _fields(states.plan)
    for pdf, names in ((states.twice, (SEAL, CAROLE, SALLY)), (archived, (TIMESTAMP,))):
        for name in names:
            was, now = (found[name]["/AP"]["/N"] for found in (empty, _fields(pdf)))
            assert list(map(float, now["/BBox"])) == list(map(float, was["/BBox"]))
            assert now.get_data() != was.get_data()


# Levels


def _levels(pdf: bytes) -> dict[str, bool]:
    """Each signature, and whether a timestamp stands in it."""
    return {
        name: TOKEN in {one["type"].native for one in found.signer_info["unsigned_attrs"] or ()}
        for name, found in _signatures(pdf).items()
    }


def test_without_an_authority_it_is_b_b_and_with_one_b_lt(
    signing: Signing, stamped: Signing
) -> None:
    assert _levels(signing.twice) == dict.fromkeys((SEAL, CAROLE, SALLY), False)
    assert _levels(stamped.twice) == dict.fromkeys((SEAL, CAROLE, SALLY), True)
    for states, lists in ((signing, 1), (stamped, 2)):
        evidence: Any = _catalogue(states.twice)["/DSS"]
        assert len(evidence["/CRLs"]) == lists  # the office's, and the authority's
        assert evidence["/Certs"]


@pytest.fixture
def touched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whatever is attempted on the network, all of which fails."""
    attempts: list[str] = []

    def refuse(name: str) -> Any:
        def refused(*_: Any, **__: Any) -> None:
            attempts.append(name)
            raise ConnectionRefusedError("there is no network here")

        return refused

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse(name))
    for name in ("getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse(name))
    return attempts


@pytest.fixture(scope="session")
def with_addresses(people: People, moment: datetime) -> Identity:
    """Somebody's own certificate, which says where its revocation list is to be fetched."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Carole Clemens")])
    issuer = ec.generate_private_key(ec.SECP256R1())
    issuer_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
    place = x509.UniformResourceIdentifier("http://127.0.0.1:9/list.crl")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment)
        .not_valid_after(moment + timedelta(days=30))
        .add_extension(
            x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]),
            critical=False,
        )
        .sign(issuer, hashes.SHA256())
    )
    authority = (
        x509.CertificateBuilder()
        .subject_name(issuer_name)
        .issuer_name(issuer_name)
        .public_key(issuer.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment)
        .not_valid_after(moment + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(issuer, hashes.SHA256())
    )
    return Identity(key, certificate, (authority,))


@slow
def test_without_an_authority_no_network_is_touched(
    signing: Signing, people: People, offline: ValidationMaterial, touched: list[str]
) -> None:
    for done in (
        certify(signing.plan, SEAL, people.office.seal, seal_statement(), offline),
        sign(signing.certified, CAROLE, people.carole, statement_of("Carole Clemens"), offline),
        archive(signing.twice, TIMESTAMP, Look("Archive", ()), offline),
    ):
        assert done.level == "B-B"
    assert touched == []


def test_a_certificate_that_names_addresses_makes_no_difference_without_an_authority(
    signing: Signing, offline: ValidationMaterial, with_addresses: Identity, touched: list[str]
) -> None:
    evidence = ValidationMaterial((*offline.roots, *with_addresses.issuers), offline.revocations)
    done = sign(signing.certified, CAROLE, with_addresses, statement_of("Carole Clemens"), evidence)
    assert done.level == "B-B"
    assert touched == []


@slow
def test_with_an_authority_the_network_is_needed(
    signing: Signing, people: People, online: ValidationMaterial, touched: list[str]
) -> None:
    with pytest.raises(ServiceError, match="cannot be reached"):
        sign(signing.certified, CAROLE, people.carole, statement_of("Carole Clemens"), online)
    assert touched


@slow
def test_without_the_authoritys_revocation_list_it_is_b_t(
    authority: Authority, signing: Signing, people: People, online: ValidationMaterial
) -> None:
    authority.mode = "no-crl"
    done = sign(signing.certified, CAROLE, people.carole, statement_of("Carole Clemens"), online)
    assert done.level == "B-T"
    assert _levels(done.pdf) == {SEAL: False, CAROLE: True}
    assert done.pdf.startswith(signing.certified)
    assert done.pdf.count(b"%%EOF") == signing.certified.count(b"%%EOF") + 1


# The archive timestamp


def test_the_archive_timestamp_covers_the_whole_file(archived: bytes) -> None:
    found = _signatures(archived)
    assert list(found) == [SEAL, CAROLE, SALLY, TIMESTAMP]
    stamp = found[TIMESTAMP]
    assert stamp.sig_object["/Type"] == "/DocTimeStamp"
    assert stamp.sig_object["/SubFilter"] == "/ETSI.RFC3161"
    first, length, second, rest = (int(number) for number in stamp.byte_range)
    assert (first, second + rest) == (0, len(archived))
    assert archived[length:second].strip(b"<>0123456789abcdefABCDEF") == b""


@slow
def test_the_archive_timestamp_covers_what_it_takes_to_validate_a_signature_made_elsewhere(
    stamped: Signing, online: ValidationMaterial, people: People
) -> None:
    """Other programs add no validation data; they must be there before the timestamp is made."""
    key = lock_identity(people.sally, "Sally Beardsley", Secret("lamp orange kitten"))
    elsewhere = signed_elsewhere(stamped.once, SALLY, key, b"lamp orange kitten")
    pdf = archive(elsewhere, TIMESTAMP, Look("Archive timestamp", ()), online).pdf
    _, _, second, rest = (int(number) for number in _signatures(pdf)[TIMESTAMP].byte_range)
    assert second + rest == len(pdf)
    held = {stream.get_object().get_data() for stream in _catalogue(pdf)["/DSS"]["/Certs"]}
    assert people.sally.certificate.public_bytes(Encoding.DER) in held


def test_the_archive_timestamp_is_seen_in_the_field_that_waited_for_it(
    stamped: Signing, archived: bytes
) -> None:
    assert said_in(stamped.twice, TIMESTAMP) == ""
    shown = said_in(archived, TIMESTAMP)
    assert shown == "Archive timestamp 23 November 2017 Version 2017-11 · 2d69 9e22 2d0b"


MODES_AND_REFUSALS: tuple[tuple[Mode, str], ...] = (
    ("no-crl", "no revocation list of its issuer can be had"),
    ("garbage", "something that is no timestamp"),
)


@slow
def test_an_archive_timestamp_needs_evidence_and_changes_nothing_without(
    authority: Authority, stamped: Signing, online: ValidationMaterial
) -> None:
    for mode, said in MODES_AND_REFUSALS:
        authority.mode = mode
        with pytest.raises(ServiceError, match=said) as caught:
            archive(stamped.twice, TIMESTAMP, Look("Archive", ()), online)
        assert caught.value.exit_code == ExitCode.SERVICE
        assert "Nothing was changed" in caught.value.remedy
