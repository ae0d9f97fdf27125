"""Keys and certificates as openssl reads them, and every file that is not what it should be."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtensionOID, NameOID
from signed_plan.errors import ExitCode, SigningError
from signed_plan.signing.identity import (
    Identity,
    OfficeKeys,
    certificate_digest,
    lock_identity,
    lock_register_key,
    make_person,
    make_revocation_list,
    pem,
    read_certificate,
    register_key_pem,
    require_usable,
    unlock_identity,
    unlock_register_key,
)
from signed_plan.signing.passphrase import Secret
from signed_plan.signing.subject import Subject

from tests.signing.helpers import People, run

PASSPHRASE = Secret("orbit lantern mossy crädle tuna")
WRONG = Secret("plum grit vowel shin hatch")


@pytest.fixture
def root_file(people: People, tmp_path: Path) -> Path:
    file = tmp_path / "root.pem"
    file.write_bytes(pem(people.office.root.certificate))
    return file


def _written(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def _passphrase(secret: Secret, folder: Path) -> str:
    return f"file:{_written(folder, 'passphrase', secret.reveal())}"


def _refusal(attempt: Callable[[], object]) -> SigningError:
    """The error of a refused attempt: one sentence, a remedy, and no passphrase anywhere."""
    with pytest.raises(SigningError) as caught:
        attempt()
    error = caught.value
    assert error.exit_code == ExitCode.SIGNING
    assert error.remedy
    assert error.message.endswith(".")
    assert "\n" not in error.message
    for secret in (PASSPHRASE, WRONG):
        assert secret.reveal().decode() not in f"{error!r} {error.remedy} {error.__cause__!r}"
    return error


# What openssl says


def test_openssl_follows_every_certificate_to_the_root(
    people: People, root_file: Path, tmp_path: Path
) -> None:
    for identity in (people.office.root, people.office.seal, people.carole, people.sally):
        file = _written(tmp_path, "one.pem", pem(identity.certificate))
        assert (
            run("openssl", "verify", "-x509_strict", "-CAfile", root_file, file) == f"{file}: OK\n"
        )


def test_a_certificate_of_the_same_name_by_another_office_leads_nowhere(
    people: People, specimen: OfficeKeys, root_file: Path, tmp_path: Path
) -> None:
    other = Identity(specimen.root.key, people.office.root.certificate)
    forged = make_person(other, Subject("Carole Clemens", "Burton Joyce"), datetime.now(UTC))
    file = _written(tmp_path, "forged.pem", pem(forged.certificate))
    assert "verification failed" in run("openssl", "verify", "-CAfile", root_file, file, code=2)


def test_openssl_finds_the_revocation_list_true_and_revoked_the_revoked_alone(
    people: People, root_file: Path, moment: datetime, tmp_path: Path
) -> None:
    serial = people.carole.certificate.serial_number
    data = make_revocation_list(people.office.root, [(serial, moment)], moment)
    lists = _written(tmp_path, "list.der", data)
    checked = ("openssl", "crl", "-in", lists, "-inform", "DER", "-verify", "-CAfile", root_file)
    assert "verify OK" in run(*checked, "-noout")
    pem_list = tmp_path / "list.pem"
    run(*checked, "-out", pem_list)
    ask = ("openssl", "verify", "-crl_check", "-CRLfile", pem_list, "-CAfile", root_file)
    carole = _written(tmp_path, "carole.pem", pem(people.carole.certificate))
    sally = _written(tmp_path, "sally.pem", pem(people.sally.certificate))
    assert "certificate revoked" in run(*ask, carole, code=2)
    assert run(*ask, sally) == f"{sally}: OK\n"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_revocation_list_names_each_revoked_certificate_and_when(
    people: People, moment: datetime, count: int
) -> None:
    revoked = [(1000 + at, moment - timedelta(days=at)) for at in range(count)]
    found = x509.load_der_x509_crl(make_revocation_list(people.office.root, revoked, moment))
    assert [(one.serial_number, one.revocation_date_utc) for one in found] == revoked
    assert found.issuer == people.office.root.certificate.subject
    assert found.next_update_utc == moment + timedelta(days=400)
    number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    assert number == int(moment.timestamp())


def test_openssl_opens_a_key_file_with_its_passphrase_alone(people: People, tmp_path: Path) -> None:
    data = lock_identity(people.carole, "Carole Clemens", PASSPHRASE)
    file = _written(tmp_path, "carole.p12", data)
    command = ("openssl", "pkcs12", "-in", file, "-nodes", "-passin")
    opened = run(*command, _passphrase(PASSPHRASE, tmp_path))
    assert pem(people.carole.certificate).decode() in opened
    assert pem(people.office.root.certificate).decode() in opened
    assert "friendlyName: Carole Clemens" in opened
    assert "BEGIN PRIVATE KEY" in opened
    refused = run(*command, _passphrase(WRONG, tmp_path), code=1)
    assert "invalid password" in refused
    assert "BEGIN" not in refused
    key = people.carole.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    assert key[-200:] not in data


def test_openssl_opens_the_registers_key_with_its_passphrase_alone(
    people: People, tmp_path: Path
) -> None:
    file = _written(tmp_path, "register.pem", lock_register_key(people.office.register, PASSPHRASE))
    command = ("openssl", "pkey", "-in", file, "-noout", "-text", "-passin")
    assert "ED25519 Private-Key" in run(*command, _passphrase(PASSPHRASE, tmp_path))
    assert "Private-Key" not in run(*command, _passphrase(WRONG, tmp_path), code=1)


def test_openssl_checks_the_registers_signature_by_the_public_key(
    people: People, tmp_path: Path
) -> None:
    assert len(people.office.register_key) == 32
    key = _written(tmp_path, "register.pem", register_key_pem(people.office.register_key))
    signature = _written(tmp_path, "sig", people.office.register.sign(b"the register"))
    command = ("openssl", "pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", key)
    for said, code, answer in (
        (b"the register", 0, "Signature Verified Successfully"),
        (b"The register", 1, "Signature Verification Failure"),
    ):
        file = _written(tmp_path, "register", said)
        assert answer in run(*command, "-sigfile", signature, "-in", file, code=code)


# What certificates say


def test_a_root_issues_and_a_person_signs_and_neither_may_do_more(people: People) -> None:
    def said(certificate: x509.Certificate) -> tuple[bool, int | None, set[str]]:
        found = certificate.extensions
        basic = found.get_extension_for_class(x509.BasicConstraints)
        usage = found.get_extension_for_class(x509.KeyUsage)
        assert basic.critical
        assert usage.critical
        names = """digital_signature content_commitment key_encipherment data_encipherment
            key_agreement key_cert_sign crl_sign""".split()
        uses = {name for name in names if getattr(usage.value, name)}
        return basic.value.ca, basic.value.path_length, uses

    assert said(people.office.root.certificate) == (True, 0, {"key_cert_sign", "crl_sign"})
    signs = {"digital_signature", "content_commitment"}
    for identity in (people.office.seal, people.carole):
        assert said(identity.certificate) == (False, None, signs)


def test_every_certificate_is_known_by_its_key_and_says_whose_key_issued_it(people: People) -> None:
    root = people.office.root.certificate
    own = x509.SubjectKeyIdentifier.from_public_key(people.office.root.key.public_key())
    for identity in (people.office.seal, people.carole, people.sally):
        found = identity.certificate.extensions
        subject = found.get_extension_for_class(x509.SubjectKeyIdentifier).value
        issuer = found.get_extension_for_class(x509.AuthorityKeyIdentifier).value
        assert subject == x509.SubjectKeyIdentifier.from_public_key(identity.key.public_key())
        assert issuer.key_identifier == own.digest
        assert identity.certificate.issuer == root.subject
        assert identity.issuers == (root,)
        oids = {one.oid for one in found}
        assert ExtensionOID.CRL_DISTRIBUTION_POINTS not in oids  # no network is ever needed


def test_keys_are_of_3072_bits_and_serial_numbers_are_never_the_same(people: People) -> None:
    all_of_them = (people.office.root, people.office.seal, people.carole, people.sally)
    for identity in all_of_them:
        assert identity.key.key_size == 3072
        assert isinstance(identity.certificate.signature_hash_algorithm, hashes.SHA256)
    assert len({identity.certificate.serial_number for identity in all_of_them}) == 4


def test_certificates_last_25_and_10_and_5_years(people: People, moment: datetime) -> None:
    for identity, years in ((people.office.root, 25), (people.office.seal, 10), (people.carole, 5)):
        assert identity.certificate.not_valid_before_utc == moment - timedelta(minutes=5)
        assert identity.certificate.not_valid_after_utc == moment + timedelta(days=365 * years)


@pytest.mark.slow("builds, signs, or starts a process")
def test_no_certificate_outlasts_its_root(specimen: OfficeKeys) -> None:
    root = specimen.root.certificate
    late = root.not_valid_after_utc - timedelta(days=30)
    person = make_person(specimen.root, Subject("Late", "School"), late).certificate
    early = root.not_valid_before_utc - timedelta(days=30)
    before = make_person(specimen.root, Subject("Early", "School"), early).certificate
    assert person.not_valid_after_utc == root.not_valid_after_utc
    assert before.not_valid_before_utc == root.not_valid_before_utc


def test_no_private_key_is_shown(people: People) -> None:
    assert "key=" not in repr(people.carole)
    assert "PrivateKey" not in repr(people.office) + repr(people)


# Key files


def test_an_identity_comes_back_from_its_file_as_it_was(people: People) -> None:
    data = lock_identity(people.carole, "Carole Clemens", PASSPHRASE)
    found = unlock_identity(data, PASSPHRASE, "Carole Clemens")
    assert found.key.private_numbers() == people.carole.key.private_numbers()
    assert found.certificate == people.carole.certificate
    assert found.issuers == people.carole.issuers
    assert found.digest == people.carole.digest


def test_the_registers_key_comes_back_from_its_file_as_it_was(people: People) -> None:
    data = lock_register_key(people.office.register, PASSPHRASE)
    found = unlock_register_key(data, PASSPHRASE)
    assert found.private_bytes_raw() == people.office.register.private_bytes_raw()


def test_an_identity_on_an_elliptic_curve_is_taken() -> None:
    key, certificate = _own(key=ec.generate_private_key(ec.SECP256R1()))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    locked = pkcs12.serialize_key_and_certificates(
        b"own", key, certificate, None, BestAvailableEncryption(PASSPHRASE.reveal())
    )
    assert unlock_identity(locked, PASSPHRASE, "Carole").certificate == certificate


def _damaged(people: People) -> dict[str, tuple[bytes, Secret]]:
    data = lock_identity(people.carole, "Carole Clemens", PASSPHRASE)
    middle = len(data) // 2
    return {
        "wrong passphrase": (data, WRONG),
        "empty passphrase": (data, Secret("")),
        "one bit changed": (
            data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
            PASSPHRASE,
        ),
        "cut off": (data[:middle], PASSPHRASE),
        "empty": (b"", PASSPHRASE),
        "no key file": (b"%PDF-1.7\n", PASSPHRASE),
        "a certificate": (pem(people.carole.certificate), PASSPHRASE),
    }


@pytest.mark.parametrize(
    "which",
    """wrong passphrase,empty passphrase,one bit changed,cut off,empty,no key file,a certificate
    """.strip().split(","),
)
def test_a_key_file_that_does_not_open_is_refused_in_one_sentence(
    people: People, which: str
) -> None:
    data, secret = _damaged(people)[which]
    error = _refusal(lambda: unlock_identity(data, secret, "Carole Clemens"))
    assert error.message == "That passphrase does not open the key of Carole Clemens."


@pytest.mark.parametrize("holds", ["no key", "no certificate", "a key of another kind"])
def test_a_key_file_without_a_key_that_can_sign_is_refused(people: People, holds: str) -> None:
    encryption = BestAvailableEncryption(PASSPHRASE.reveal())
    certificate = people.carole.certificate
    key: pkcs12.PKCS12PrivateKeyTypes | None = None
    if holds == "no certificate":
        key = people.carole.key
    elif holds == "a key of another kind":
        made, certificate = _own(key=ed25519.Ed25519PrivateKey.generate())
        assert isinstance(made, ed25519.Ed25519PrivateKey)
        key = made
    data = pkcs12.serialize_key_and_certificates(
        b"Carole",
        key,
        None if holds == "no certificate" else certificate,
        [people.office.root.certificate],
        encryption,
    )
    error = _refusal(lambda: unlock_identity(data, PASSPHRASE, "Carole Clemens"))
    assert error.message == "The key file of Carole Clemens holds no key that can sign a PDF."


def test_the_registers_key_file_is_refused_where_it_does_not_open(people: People) -> None:
    data = lock_register_key(people.office.register, PASSPHRASE)
    for broken, secret in ((data, WRONG), (data[:-60], PASSPHRASE), (b"", PASSPHRASE)):
        error = _refusal(lambda data=broken, by=secret: unlock_register_key(data, by))  # type: ignore[misc]
        assert error.message == "That passphrase does not open the register's key."
    unlocked = people.office.register.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    _refusal(lambda: unlock_register_key(unlocked, PASSPHRASE))


def test_another_key_is_not_taken_for_the_registers(people: People) -> None:
    encryption = BestAvailableEncryption(PASSPHRASE.reveal())
    data = people.carole.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    error = _refusal(lambda: unlock_register_key(data, PASSPHRASE))
    assert error.message == "The register's key file holds another kind of key."


@pytest.mark.parametrize("length", [73, 500])
def test_a_long_passphrase_counts_to_its_last_character(people: People, length: int) -> None:
    long = "orbit lantern mossy cradle tuna " * 40
    secret, shorter = Secret(long[:length]), Secret(long[: length - 1])
    data = lock_identity(people.carole, "Carole", secret)
    assert unlock_identity(data, secret, "Carole").certificate == people.carole.certificate
    _refusal(lambda: unlock_identity(data, shorter, "Carole"))


# Somebody's own certificate

_Key = (
    rsa.RSAPrivateKey
    | ec.EllipticCurvePrivateKey
    | ed25519.Ed25519PrivateKey
    | ed448.Ed448PrivateKey
    | dsa.DSAPrivateKey
)


_NO_DIGEST = (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)


def _own(
    key: _Key | None = None,
    start: int = -1,
    end: int = 30,
    usage: tuple[str, ...] | None = ("digital_signature",),
) -> tuple[_Key, x509.Certificate]:
    """A certificate that somebody has brought along, valid from and to some days from now."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Carole Clemens")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=start))
        .not_valid_after(now + timedelta(days=end))
    )
    if usage is not None:
        every = """digital_signature content_commitment key_encipherment data_encipherment
            key_agreement key_cert_sign crl_sign encipher_only decipher_only""".split()
        builder = builder.add_extension(
            x509.KeyUsage(**{one: one in usage for one in every}), critical=True
        )
    algorithm = None if isinstance(key, _NO_DIGEST) else hashes.SHA256()
    return key, builder.sign(key, algorithm)


def test_a_damaged_certificate_is_whole_or_refused_whatever_is_damaged(
    people: People, recwarn: pytest.WarningsRecorder
) -> None:
    whole = people.office.seal.certificate.public_bytes(Encoding.DER)
    random = Random(1)
    for _ in range(3000):
        spoilt = bytearray(whole)
        spoilt[random.randrange(len(spoilt) // 2)] = random.randrange(256)
        try:
            found = read_certificate(bytes(spoilt))
        except SigningError as error:
            assert error.message == "That file holds no certificate."
        else:
            assert found.subject.rfc4514_string()
            assert found.serial_number > 0
            with suppress(SigningError):
                require_usable(found, datetime.now(UTC))
    assert not recwarn.list


def test_a_certificate_is_read_from_pem_and_from_der() -> None:
    _, certificate = _own()
    assert read_certificate(pem(certificate)) == certificate
    assert read_certificate(b"Bag Attributes\n" + pem(certificate)) == certificate
    assert read_certificate(certificate.public_bytes(Encoding.DER)) == certificate


@pytest.mark.parametrize(
    "given",
    {
        "several": (("digital_signature", "content_commitment"), None),
        "commitment alone": (("content_commitment",), None),
        "no usage said": (None, None),
        "RSA of 2048 bits": (("digital_signature",), 2048),
    }.items(),
    ids=lambda given: given[0],
)
def test_a_certificate_that_may_sign_is_taken(
    given: tuple[str, tuple[tuple[str, ...] | None, int | None]],
) -> None:
    usage, bits = given[1]
    key = rsa.generate_private_key(65537, bits) if bits else None
    require_usable(_own(key=key, usage=usage)[1], datetime.now(UTC))


@pytest.mark.parametrize(("start", "end"), [(-60, -1), (1, 60)], ids=["expired", "not yet"])
def test_a_certificate_that_is_not_valid_now_is_refused_with_its_dates(
    start: int, end: int
) -> None:
    certificate = _own(start=start, end=end)[1]
    error = _refusal(lambda: require_usable(certificate, datetime.now(UTC)))
    for day in (certificate.not_valid_before_utc, certificate.not_valid_after_utc):
        assert f"{day:%d %B %Y}" in error.message
    require_usable(certificate, certificate.not_valid_before_utc)
    require_usable(certificate, certificate.not_valid_after_utc)


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_a_certificate_on_a_curve_of_nist_is_taken(curve: ec.EllipticCurve) -> None:
    require_usable(_own(key=ec.generate_private_key(curve))[1], datetime.now(UTC))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "RSA with 1024 bits"),
        (lambda: ec.generate_private_key(ec.SECP192R1()), "EC on the curve secp192r1"),
        (lambda: ec.generate_private_key(ec.SECP256K1()), "EC on the curve secp256k1"),
        (lambda: ec.generate_private_key(ec.BrainpoolP512R1()), "curve brainpoolP512r1"),
        (ed25519.Ed25519PrivateKey.generate, "Ed25519"),
        (ed448.Ed448PrivateKey.generate, "Ed448"),
        (lambda: dsa.generate_private_key(2048), "DSA"),
    ],
)
def test_a_certificate_with_a_weak_or_unusual_key_is_refused_by_name(
    make: Callable[[], _Key], kind: str
) -> None:
    certificate = _own(key=make())[1]
    error = _refusal(lambda: require_usable(certificate, datetime.now(UTC)))
    assert f"{kind}) is too weak" in error.message
    assert "2048" in error.remedy
    assert "P-256" in error.remedy


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (("-newkey", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048"), "(RSASSA-PSS)"),
        (
            ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:sect283k1"),
            "(of an unknown kind, 1.2.840.10045.2.1)",
        ),
    ],
)
def test_a_certificate_with_a_key_that_only_openssl_makes_is_refused_by_name(
    kind: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    names = ("-subj", "/CN=Ann", "-keyout", tmp_path / "key", "-out", tmp_path / "certificate")
    run("openssl", "req", "-x509", "-nodes", "-days", "9", *kind, *names)
    certificate = read_certificate((tmp_path / "certificate").read_bytes())
    error = _refusal(lambda: require_usable(certificate, datetime.now(UTC)))
    assert name in error.message


@pytest.mark.parametrize("usage", [("key_encipherment",), ("key_cert_sign", "crl_sign")])
def test_a_certificate_that_is_not_for_signatures_is_refused(usage: tuple[str, ...]) -> None:
    certificate = _own(usage=usage)[1]
    error = _refusal(lambda: require_usable(certificate, datetime.now(UTC)))
    assert error.message == "That certificate says that it is not for signatures."


def _no_certificates(people: People) -> dict[str, bytes]:
    key = people.carole.key
    certificate = people.carole.certificate
    return {
        "key in PEM": key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "key in DER": key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        "key file": lock_identity(people.carole, "Carole", PASSPHRASE),
        "cut PEM": pem(certificate)[:200],
        "cut DER": certificate.public_bytes(Encoding.DER)[:200],
        "nothing": b"",
        "random": bytes(range(256)),
        "not text": b"-----BEGIN CERTIFICATE-----\n\xff\xfe\n-----END CERTIFICATE-----\n",
    }


@pytest.mark.parametrize(
    "which", "key in PEM,key in DER,key file,cut PEM,cut DER,nothing,random,not text".split(",")
)
def test_a_file_without_a_certificate_is_refused(people: People, which: str) -> None:
    error = _refusal(lambda: read_certificate(_no_certificates(people)[which]))
    assert error.message == "That file holds no certificate."


def test_a_certificates_digest_is_the_one_that_viewers_show(people: People, tmp_path: Path) -> None:
    file = _written(tmp_path, "one.pem", pem(people.carole.certificate))
    shown = run("openssl", "x509", "-in", file, "-noout", "-fingerprint", "-sha256")
    digits = shown.partition("=")[2].strip().replace(":", "").lower()
    assert certificate_digest(people.carole.certificate).hex == people.carole.digest.hex == digits
