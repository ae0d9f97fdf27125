"""The certificates that the register vouches for, and no others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from signed_plan.errors import VerificationError
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder
from signed_plan.register import certificates
from signed_plan.register.certificates import trusted_certificates
from signed_plan.register.chain import Register, read
from signed_plan.register.publish import file_record

from tests.register.sample_events import enter, grown, sample_fields

NOW = dt.datetime.now(dt.UTC)
KEY = ec.generate_private_key(ec.SECP256R1())


def certificate(name: str) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(KEY.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + dt.timedelta(days=9))
        .sign(KEY, hashes.SHA256())
    )


ROOT, OWN, PERSON, STAMP = map(certificate, ("root", "own", "person", "stamp"))


def der(one: x509.Certificate) -> bytes:
    return one.public_bytes(Encoding.DER)


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    (tmp_path / "output/certificates").mkdir(parents=True)
    return PlanFolder(tmp_path)


def entered(
    folder: PlanFolder,
    register: Register,
    event: str,
    name: str,
    data: bytes,
    **body: str,
) -> Register:
    path = folder.certificates / name
    path.write_bytes(data)
    record = file_record(folder, path, data).model_dump()
    if event == "keys":
        files = {**sample_fields("keys")["files"], name: record}
    elif event == "enrolled":
        files = {"certificate": record}
    else:
        files = {**grown("v1"), "crt": record}
    return enter(register, event, "v1", **body, files=files)


@pytest.fixture
def register(folder: PlanFolder) -> Register:
    begun = read(folder.register)
    pem = Encoding.PEM
    for event, name, data, body in (
        ("keys", "office-root.crt", ROOT.public_bytes(pem), {}),
        ("enrolled", "kevin-1.crt", PERSON.public_bytes(pem), {"issuer": "office"}),
        ("enrolled", "carole-1.crt", der(OWN), {"issuer": "own"}),
        ("issued", "timestamp-authority-1.crt", STAMP.public_bytes(pem), {}),
        ("signed", "timestamp-authority-1.crt", STAMP.public_bytes(pem), {}),
    ):
        begun = entered(folder, begun, event, name, data, **body)
    return begun


def test_roots_are_the_office_s_and_those_that_people_brought(
    folder: PlanFolder, register: Register
) -> None:
    """Whom the office issued a certificate to is not a root."""
    assert trusted_certificates(folder, register).roots == (der(ROOT), der(OWN))


def test_an_authority_is_a_kind_of_its_own_and_told_once(
    folder: PlanFolder, register: Register
) -> None:
    assert trusted_certificates(folder, register).authorities == (der(STAMP),)


def test_what_lies_beside_them_without_an_entry_is_not_trusted(
    folder: PlanFolder, register: Register
) -> None:
    (folder.certificates / "another.crt").write_bytes(der(certificate("another")))
    assert len(trusted_certificates(folder, register).roots) == 2


def test_without_entries_nothing_is_trusted(folder: PlanFolder) -> None:
    found = trusted_certificates(folder, read(folder.register))
    assert (found.roots, found.authorities) == ((), ())


@pytest.mark.parametrize("name", ["office-root.crt", "carole-1.crt", "timestamp-authority-1.crt"])
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda path: path.unlink(), "is gone"),
        (lambda path: path.write_bytes(der(certificate("forged"))), "was changed"),
        (lambda path: path.write_bytes(b""), "was changed"),
    ],
    ids=["gone", "exchanged", "emptied"],
)
def test_a_certificate_that_is_not_as_recorded_is_named(
    folder: PlanFolder, register: Register, name: str, change: Callable[[Path], object], what: str
) -> None:
    change(folder.certificates / name)
    told = f"output/certificates/{name} {what}"
    with pytest.raises(VerificationError, match=told) as caught:
        trusted_certificates(folder, register)
    assert "from a copy" in caught.value.remedy


def test_a_certificate_that_many_entries_name_is_read_once(
    folder: PlanFolder, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [*register.entries, *register.entries[-1:] * 50]
    opened: list[Path] = []

    def read_noting(path: Path) -> bytes | None:
        opened.append(path)
        return read_if_there(path)

    monkeypatch.setattr(certificates, "read_if_there", read_noting)
    trusted_certificates(folder, replace(register, entries=tuple(entries)))
    assert len(opened) == len(set(opened))
