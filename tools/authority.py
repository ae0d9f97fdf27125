"""A real timestamp authority (RFC 3161) on this machine, and every way it can fail or lie.

    with Authority() as authority:
        …                          # authority.url answers as an authority on the internet does
        authority.mode = "down"    # from now on: no connection
        authority.mode = "honest"  # back again, at the same address

`openssl ts -reply` writes the tokens. Its certificate has a revocation list and an issuer at
addresses that the same server answers.
"""

from __future__ import annotations

import datetime as dt
import socket
import subprocess
import tempfile
import threading
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Literal

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper

Mode = Literal[
    "honest",
    "down",  # nothing listens
    "slow",  # answers after `delay` seconds
    "silent",  # takes the question and never answers
    "garbage",  # status 200 and a web page
    "refusing",  # a proper answer that says no
    "lying-digest",  # a token over something else
    "lying-nonce",  # a token that answers another question
    "lying-time",  # a token a year in the past
    "stranger",  # a token by somebody else
    "huge",  # an answer without end
    "no-crl",  # honest, but its revocation list is not there
]

_YEAR = dt.timedelta(days=365)
_POLICY = "1.2.3.4.1"
_CONFIGURATION = f"""\
[tsa]
default_tsa = authority
[authority]
serial = serial
signer_cert = authority.pem
signer_key = authority.key
certs = root.pem
signer_digest = sha256
default_policy = {_POLICY}
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Answers timestamp queries from a free port while the `with` block lasts."""

    def __init__(self, *, delay: float = 5.0, days: int = 30) -> None:
        """A slow answer takes `delay` seconds; the revocation list holds for `days`."""
        self.delay = delay
        self._days = days
        self._mode: Mode = "honest"
        self._port = 0
        self._server: ThreadingHTTPServer | None = None
        self._hang_up = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._temporary = tempfile.TemporaryDirectory(prefix="signed-plan-authority-")
        self._folder = Path(self._temporary.name)

    def __enter__(self) -> Authority:
        self._open()
        self._revocations = _issue(self._folder, "Specimen", self.url, self._days)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        self._temporary.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    @property
    def root(self) -> Path:
        """The certificate to trust, as PEM."""
        return self._folder / "root.pem"

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        self._mode = mode
        if mode == "down":
            self._close()
        elif self._server is None:
            self._open()

    def revocations(self) -> bytes | None:
        """The root's revocation list in DER, if it is being served."""
        return None if self._mode == "no-crl" else self._revocations

    def issuer(self) -> bytes:
        """The root's certificate in DER."""
        return x509.load_pem_x509_certificate(self.root.read_bytes()).public_bytes(Encoding.DER)

    def answer(self, query: bytes) -> bytes:
        """What is to be sent for a query; the modes that hang or break off are the handler's."""
        asked = tsp.TimeStampReq.load(query)
        match self._mode:
            case "garbage":
                return b"<html><title>Welcome to the Specimen Hotel Wi-Fi</title></html>"
            case "lying-time":
                return self._dated(asked, dt.datetime.now(dt.UTC) - _YEAR)
            case "stranger":
                return self._stamp(query, self._stranger)
            case "refusing":
                asked["req_policy"] = "1.2.3.4.9"  # a policy that openssl was not told of
            case "lying-digest":
                imprint = asked["message_imprint"]
                digest = imprint["hashed_message"].native
                imprint["hashed_message"] = bytes(255 - byte for byte in digest)
            case "lying-nonce":
                asked["nonce"] = (asked["nonce"].native or 0) + 1
            case _:
                return self._stamp(query, self._folder)
        return self._stamp(asked.dump(force=True), self._folder)

    def wait(self, seconds: float | None) -> None:
        """Passes time, but no longer than until the server is closed."""
        self._hang_up.wait(seconds)

    @property
    def is_closing(self) -> bool:
        return self._hang_up.is_set()

    @cached_property
    def _stranger(self) -> Path:
        folder = self._folder / "stranger"
        folder.mkdir()
        _issue(folder, "Specimen Stranger", self.url, self._days)
        return folder

    def _stamp(self, query: bytes, folder: Path) -> bytes:
        with self._one_at_a_time:  # openssl keeps the serial number in a file
            (folder / "query").write_bytes(query)
            command = "openssl ts -reply -config tsa.cnf -queryfile query -out reply"
            subprocess.run(command.split(), cwd=folder, capture_output=True, check=True, timeout=30)
            return (folder / "reply").read_bytes()

    def _dated(self, asked: tsp.TimeStampReq, time: dt.datetime) -> bytes:
        """A token as by this authority at another time, which openssl has no option for."""
        key = load_pem_private_key((self._folder / "authority.key").read_bytes(), None)
        pem = (self._folder / "authority.pem").read_bytes()
        stamper = DummyTimeStamper(
            asn1.Certificate.load(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)),
            keys.PrivateKeyInfo.load(
                key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            ),
            fixed_dt=time.replace(microsecond=0),
        )
        reply: bytes = stamper.request_tsa_response(asked).dump()
        return reply

    def _open(self) -> None:
        self._hang_up.clear()
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def _close(self) -> None:
        self._hang_up.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, authority: Authority, port: int) -> None:
        self.authority = authority
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what some tests are about, and no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    connection: socket.socket

    def do_GET(self) -> None:
        authority = self.server.authority
        if self.path == "/authority.crl" and (revocations := authority.revocations()):
            self._send("application/pkix-crl", revocations)
        elif self.path == "/authority.cer":
            self._send("application/pkix-cert", authority.issuer())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        authority = self.server.authority
        query = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Content-Type") != "application/timestamp-query":
            self.send_error(415)
            return
        match authority.mode:
            case "silent":
                authority.wait(None)
            case "huge":
                self._send_without_end()
            case mode:
                if mode == "slow":
                    authority.wait(authority.delay)
                kind = "text/html" if mode == "garbage" else "application/timestamp-reply"
                self._send(kind, authority.answer(query))

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_without_end(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.end_headers()
        while not self.server.authority.is_closing:
            self.wfile.write(bytes(65536))

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: tests read what the programs under test say."""


def _issue(folder: Path, who: str, url: str, days: int) -> bytes:
    """Makes a root and a timestamp signer in the folder; returns the root's revocation list."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    root_key, key = (rsa.generate_private_key(65537, 3072) for _ in range(2))
    root_name, name = (
        x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "GB"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, who),
                x509.NameAttribute(NameOID.COMMON_NAME, f"{who} {role}"),
            ]
        )
        for role in ("Timestamp Root", "Timestamp Authority")
    )
    root = (
        _certificate(root_name, root_name, root_key.public_key(), root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    authority = (
        _certificate(name, root_name, key.public_key(), root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .add_extension(_revocations_at(f"{url}authority.crl"), critical=False)
        .add_extension(_issuer_at(f"{url}authority.cer"), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    revocations = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root_name)
        .last_update(now)
        .next_update(now + dt.timedelta(days=days))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .sign(root_key, hashes.SHA256())
    )
    (folder / "root.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "authority.pem").write_bytes(authority.public_bytes(Encoding.PEM))
    (folder / "authority.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(_CONFIGURATION)
    return revocations.public_bytes(Encoding.DER)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPublicKey,
    issuer_key: rsa.RSAPublicKey,
    now: dt.datetime,
) -> x509.CertificateBuilder:
    """Valid for long enough that a token a year old is not given away by it."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 2 * _YEAR)
        .not_valid_after(now + 10 * _YEAR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _usage(*uses: str) -> x509.KeyUsage:
    every = """digital_signature content_commitment key_encipherment data_encipherment
        key_agreement key_cert_sign crl_sign encipher_only decipher_only""".split()
    return x509.KeyUsage(**{use: use in uses for use in every})


def _revocations_at(url: str) -> x509.CRLDistributionPoints:
    place = x509.DistributionPoint([x509.UniformResourceIdentifier(url)], None, None, None)
    return x509.CRLDistributionPoints([place])


def _issuer_at(url: str) -> x509.AuthorityInformationAccess:
    place = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess(
        [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, place)]
    )
