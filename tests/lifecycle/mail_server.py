"""A real mail server on this computer, with certificates of its own, for the tests of letters."""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from signed_plan.plan.settings import Mail

USER = "office@school.example"
PASSWORD = "pass-wörd-4711"
SENDER = "Bürger, Office <office@school.example>"
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


_SIGNS_CERTIFICATES = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """A certificate authority that only those trust who are told to.

    It keeps to RFC 5280, as Python asks for since 3.13; or, as many a school's own, not `strictly`.
    """

    def __init__(self, folder: Path, *, strictly: bool = True) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test root")])
        self.root = folder / "root.pem"
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        made = (
            self._begun(self.name, self.key, NOW + 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(identifier, critical=False)
        )
        if strictly:
            made = made.add_extension(_SIGNS_CERTIFICATES, critical=True)
        root = made.sign(self.key, hashes.SHA256())
        self.root.write_bytes(root.public_bytes(serialization.Encoding.PEM))

    def context(self, host: str = "localhost", until: dt.datetime = NOW + DAY) -> ssl.SSLContext:
        """What a server of that name needs to speak TLS."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = (
            self._begun(name, key, until)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        path = self.folder / f"{made.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, until: dt.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 10 * DAY)
            .not_valid_after(until)
        )


@dataclass
class Box:
    """What a server received; the handler that only takes letters in."""

    letters: list[tuple[str, list[str], bytes]] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
        return "250 OK"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    # Some servers say in their answer what they were sent.
    shown = data.password.decode("utf-8", errors="replace")
    fine = (data.login.decode(), shown) == (USER, PASSWORD)
    return AuthResult(success=fine, handled=fine, message=None if fine else f"535 5.7.8 no {shown}")


@contextmanager
def mail_server(
    handler: Any, context: ssl.SSLContext | None, security: str = "starttls", **options: Any
) -> Iterator[Mail]:
    """Runs a server that wants a password; gives the settings to reach it by."""
    tls: dict[str, Any] = {"tls_context": context, "require_starttls": context is not None}
    if security == "tls":
        tls = {"ssl_context": context, "auth_require_tls": False}
    wanted: dict[str, Any] = {"authenticator": check, "auth_required": True, **tls, **options}
    port = free_port()
    # Without a name of its own it asks the network for one at each connection, and waits.
    wanted["server_hostname"] = "localhost"
    controller = Controller(handler, hostname="127.0.0.1", port=port, **wanted)
    controller.start()
    try:
        yield Mail.model_validate(
            {
                "server": "localhost",
                "port": port,
                "security": security,
                "user": USER,
                "sender": SENDER,
            }
        )
    finally:
        controller.stop()
