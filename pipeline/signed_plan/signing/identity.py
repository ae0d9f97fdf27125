"""Keys and certificates: the office's own, and those of the people who sign.

Certificates follow RFC 5280, revocation lists its section 5, and key files PKCS#12 (RFC 7292) and
PKCS#8 (RFC 5958), so that every PDF program and openssl can read them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, PublicKeyAlgorithmOID

from signed_plan.digest import Digest
from signed_plan.errors import SigningError
from signed_plan.signing.passphrase import Secret
from signed_plan.signing.subject import Subject, x509_name

LARGEST_KEY = 1_000_000
"""Bytes. A key file or a certificate is some thousand long."""

_SIGNING_PURPOSES = frozenset(
    (
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string,
        ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string,
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
        "1.3.6.1.5.5.7.3.36",  # documents, RFC 9336
        "1.2.840.113583.1.1.5",  # Adobe's, for PDFs
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft's, for documents
    )
)
_RSA_BITS, _LEAST_RSA_BITS = 3072, 2048
_CURVES = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
_ROOT_LASTS, _SEAL_LASTS, _PERSON_LASTS = (timedelta(days=365 * years) for years in (25, 10, 5))
_LIST_LASTS = timedelta(days=400)
_CLOCKS_DIFFER = timedelta(minutes=5)
_WRONG = "Try again; nobody can bring a forgotten passphrase back."


@dataclass(frozen=True, slots=True)
class Identity:
    """A private key with its certificate."""

    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = field(repr=False)
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...] = ()

    @property
    def digest(self) -> Digest:
        return certificate_digest(self.certificate)


@dataclass(frozen=True, slots=True)
class OfficeKeys:
    """The office's three keys: its certificate authority, its seal, and the register's."""

    root: Identity
    seal: Identity
    register: Ed25519PrivateKey = field(repr=False)

    @property
    def register_key(self) -> bytes:
        """The public half of the register's key: 32 bytes (RFC 8032)."""
        return self.register.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def make_office_keys(organisation: str, moment: datetime, mark: str = "") -> OfficeKeys:
    """A new certificate authority, its seal, and a key for the register."""
    root_key = _new_key()
    root_name = x509_name(Subject(organisation, organisation, mark, "root certificate"))
    root_certificate = (
        _certificate(root_name, root_name, root_key)
        .not_valid_before(moment - _CLOCKS_DIFFER)
        .not_valid_after(moment + _ROOT_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    root = Identity(root_key, root_certificate)
    named = Subject(organisation, organisation, mark, "office seal")
    seal = _issue(root, named, moment, _SEAL_LASTS)
    return OfficeKeys(root, seal, Ed25519PrivateKey.generate())


def make_person(root: Identity, subject: Subject, moment: datetime) -> Identity:
    """A new key for a person, with a certificate that the office's authority has issued."""
    return _issue(root, subject, moment, _PERSON_LASTS)


def make_revocation_list(
    root: Identity, revoked: Iterable[tuple[int, datetime]], moment: datetime
) -> bytes:
    """The authority's list of what it has revoked, by serial number and time, in DER."""
    start = max(moment - _CLOCKS_DIFFER, root.certificate.not_valid_before_utc)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(start)
        .next_update(moment + _LIST_LASTS)
        .add_extension(x509.CRLNumber(int(moment.timestamp())), critical=False)
        .add_extension(_authority_key_id(root.certificate), critical=False)
    )
    for serial, when in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        )
    return builder.sign(root.key, hashes.SHA256()).public_bytes(Encoding.DER)


def certificate_digest(certificate: x509.Certificate) -> Digest:
    """The SHA-256 of a certificate's DER, as viewers show it."""
    return Digest.of_bytes(certificate.public_bytes(Encoding.DER))


def lock_identity(identity: Identity, name: str, secret: Secret) -> bytes:
    """The identity as a PKCS#12 file under that passphrase."""
    encryption = BestAvailableEncryption(secret.reveal())
    return pkcs12.serialize_key_and_certificates(
        name.encode("utf-8"), identity.key, identity.certificate, identity.issuers, encryption
    )


def unlock_identity(data: bytes, secret: Secret, whose: str) -> Identity:
    """The identity in a PKCS#12 file.

    Raises SigningError if the passphrase is wrong or the file is no such file.
    """
    try:
        key, certificate, issuers = pkcs12.load_key_and_certificates(data, secret.reveal())
    except ValueError as error:
        # The library raises the same error for a wrong passphrase and a damaged file.
        raise SigningError(f"That passphrase does not open the key of {whose}.", _WRONG) from error
    if certificate is None or not isinstance(key, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise SigningError(
            f"The key file of {whose} holds no key that can sign a PDF.",
            "It takes a PKCS#12 file (.p12, .pfx) with an RSA or EC key and its certificate.",
        )
    return Identity(key, certificate, tuple(issuers))


def lock_register_key(key: Ed25519PrivateKey, secret: Secret) -> bytes:
    """The register's key as a PKCS#8 file (PEM) under that passphrase."""
    return key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(secret.reveal())
    )


def unlock_register_key(data: bytes, secret: Secret) -> Ed25519PrivateKey:
    """The register's key from its file. Raises SigningError if the passphrase is wrong."""
    try:
        key = load_pem_private_key(data, secret.reveal())
    except (ValueError, TypeError) as error:
        raise SigningError("That passphrase does not open the register's key.", _WRONG) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningError("The register's key file holds another kind of key.", "Bring it back.")
    return key


_NO_CERTIFICATE = (
    *(ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion),
    *(x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)


def read_certificate(data: bytes) -> x509.Certificate:
    """The certificate in a file, PEM or DER. Raises SigningError if there is none."""
    is_text = b"-----BEGIN" in data
    load = x509.load_pem_x509_certificate if is_text else x509.load_der_x509_certificate
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # for programmers, of what is refused below
            found = load(data)
            # What is wrong inside it comes to light only when it is asked for.
            for part in (found.subject, found.issuer, found.extensions):
                list(part)
            if found.serial_number <= 0:
                raise ValueError("a serial number is positive (RFC 5280, 4.1.2.2)")
    except _NO_CERTIFICATE as error:
        raise SigningError(
            "That file holds no certificate.",
            "Ask for the certificate alone, without its key: a file that ends in .cer or .crt.",
        ) from error
    return found


def certificate_file(certificate: x509.Certificate) -> bytes:
    """The certificate alone in a PKCS#7 file (RFC 2315, ends in .p7b), which mail lets through."""
    return pkcs7.serialize_certificates([certificate], Encoding.DER)


def require_usable(certificate: x509.Certificate, moment: datetime) -> None:
    """Raises SigningError if a certificate from outside cannot be used to sign a plan."""
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise SigningError(
            f"That certificate is valid from {certificate.not_valid_before_utc:%d %B %Y} to "
            f"{certificate.not_valid_after_utc:%d %B %Y}, which is not now.",
            "Ask its owner for one that is valid today.",
        )
    kind, may_be_used = _kind_of_key(certificate)
    if not may_be_used:
        raise SigningError(
            f"The key of that certificate ({kind}) is too weak, or of a kind that PDF programs "
            "cannot use.",
            "It takes RSA with 2048 bits or more, or EC on the curves P-256, P-384 and P-521. Ask "
            "its owner for such a one, or leave out --certificate: then the office makes one.",
        )
    if _is_authority(certificate):
        raise SigningError(
            "That certificate is for issuing others (CA), and not for a person's signature.",
            "Ask its owner for their own; one that they make themselves must not be a CA.",
        )
    if not _may_sign(certificate):
        raise SigningError(
            "That certificate says that it is not for signatures.",
            "Ask its owner for the one that is.",
        )


def pem(certificate: x509.Certificate) -> bytes:
    """The certificate as a text file, which every program reads."""
    return certificate.public_bytes(Encoding.PEM)


def register_key_pem(public: bytes) -> bytes:
    """The register's public key (32 bytes) as the file that `openssl pkeyutl` takes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(public)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _kind_of_key(certificate: x509.Certificate) -> tuple[str, bool]:
    """What a certificate's key is called, and whether a signature with it is valid everywhere.

    pyHanko signs on more curves, but NSS, which other PDF programs are built on, does not take
    them. It does not sign with RSASSA-PSS keys (RFC 4055), nor with Ed25519 under SHA-256.
    """
    number = certificate.public_key_algorithm_oid
    if number == PublicKeyAlgorithmOID.RSASSA_PSS:
        return "RSASSA-PSS", False
    try:
        key = certificate.public_key()
    except (UnsupportedAlgorithm, ValueError):
        return f"of an unknown kind, {number.dotted_string}", False
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA with {key.key_size} bits", key.key_size >= _LEAST_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return f"EC on the curve {key.curve.name}", isinstance(key.curve, _CURVES)
    return type(key).__name__.removesuffix("PublicKey"), False


def _is_authority(certificate: x509.Certificate) -> bool:
    """Whether it may issue others (RFC 5280, 4.2.1.9)."""
    with suppress(x509.ExtensionNotFound):
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    return False


def _may_sign(certificate: x509.Certificate) -> bool:
    """Whether its purposes, where it names any, allow a document's signature.

    By RFC 5280, 4.2.1.3 and 4.2.1.12.
    """
    with suppress(x509.ExtensionNotFound):
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return False
    with suppress(x509.ExtensionNotFound):
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        return not _SIGNING_PURPOSES.isdisjoint(one.dotted_string for one in purposes)
    return True


def is_same_key(certificate: x509.Certificate, other: x509.Certificate) -> bool:
    """Whether both are for one key."""
    one, two = (
        found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for found in (certificate, other)
    )
    return one == two


def _issue(root: Identity, subject: Subject, moment: datetime, lasts: timedelta) -> Identity:
    key = _new_key()
    end = min(moment + lasts, root.certificate.not_valid_after_utc)
    certificate = (
        _certificate(x509_name(subject), root.certificate.subject, key)
        .not_valid_before(max(moment - _CLOCKS_DIFFER, root.certificate.not_valid_before_utc))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(_authority_key_id(root.certificate), critical=False)
        .sign(root.key, hashes.SHA256())
    )
    return Identity(key, certificate, (root.certificate,))


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_key_id(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    subject_key = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key)


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
