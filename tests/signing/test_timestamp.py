"""Every way in which a timestamp authority fails or lies: told apart, and nothing comes of it."""

from __future__ import annotations

import asyncio
import hashlib
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from asn1crypto import tsp
from cryptography import x509
from signed_plan.errors import ExitCode, ServiceError
from signed_plan.signing.pades import ValidationMaterial, sign
from signed_plan.signing.timestamp import Authority as Client

from tests.signing.helpers import CAROLE, People, Signing, statement_of
from tools.authority import Authority, Mode

slow = pytest.mark.slow("waits for a timestamp authority that fails")

DIGEST = hashlib.sha256(b"Specimen").digest()


def _stamp(client: Client) -> tsp.TSTInfo:
    token = asyncio.run(client.async_timestamp(DIGEST, "sha256"))
    return token["content"]["encap_content_info"]["content"].parsed


def _refusal(client: Client) -> str:
    with pytest.raises(ServiceError) as caught:
        _stamp(client)
    assert caught.value.exit_code == ExitCode.SERVICE
    assert caught.value.remedy == "Nothing was changed. Try again later, or ask who runs it."
    return caught.value.message.removeprefix("The timestamp authority ")


@pytest.fixture
def client(authority: Authority, stamper_root: x509.Certificate) -> Client:
    return Client(authority.url, stamper_root, 10)


def test_an_honest_authoritys_token_is_of_that_digest_and_of_now(client: Client) -> None:
    stamped = _stamp(client)
    assert stamped["message_imprint"]["hashed_message"].native == DIGEST
    assert abs(stamped["gen_time"].native.timestamp() - time.time()) < 10


@slow
def test_two_tokens_are_never_the_same(client: Client) -> None:
    first, second = _stamp(client), _stamp(client)
    assert first["serial_number"].native != second["serial_number"].native
    assert first["nonce"].native != second["nonce"].native


REFUSALS: dict[Mode, str] = {
    "down": "cannot be reached.",
    "garbage": "answered with something that is no timestamp.",
    "refusing": "refused to stamp (",
    "lying-digest": "sent a token for something else.",
    "lying-nonce": "sent a token for something else.",
    "lying-time": "says that it is ",
    "stranger": "is not the one whose certificate stands in settings.yaml.",
    "huge": "answered with something that is no timestamp.",
}


@slow
@pytest.mark.parametrize("mode", REFUSALS)
def test_an_authority_that_fails_or_lies_is_refused_in_its_own_sentence(
    authority: Authority, client: Client, mode: Mode
) -> None:
    authority.mode = mode
    start, held = time.monotonic(), _memory()
    assert _refusal(client).startswith(REFUSALS[mode])
    assert time.monotonic() - start < 5
    assert _memory() - held < 50_000_000


def _memory() -> int:
    """The most that this process has held so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@slow
@pytest.mark.parametrize("mode", ["slow", "silent"])
def test_an_answer_is_waited_for_no_longer_than_agreed(
    authority: Authority, stamper_root: x509.Certificate, mode: Mode
) -> None:
    authority.mode = mode
    start = time.monotonic()
    said = _refusal(Client(authority.url, stamper_root, 0.5))
    assert said == "did not answer within 0.5 seconds."
    assert time.monotonic() - start < 2


def test_what_an_authority_gives_as_its_reason_is_told(
    authority: Authority, client: Client
) -> None:
    authority.mode = "refusing"
    assert _refusal(client) == "refused to stamp (Requested policy is not supported.)."


def test_a_false_clock_is_told_with_its_time(authority: Authority, client: Client) -> None:
    authority.mode = "lying-time"
    year = time.gmtime(time.time() - 365 * 24 * 3600).tm_year
    assert f" {year}, " in _refusal(client)


@slow
def test_without_a_good_token_nothing_is_signed_and_afterwards_everything_is(
    authority: Authority, signing: Signing, people: People, online: ValidationMaterial
) -> None:
    modes: tuple[Mode, ...] = ("down", "stranger")
    for mode in modes:
        authority.mode = mode
        with pytest.raises(ServiceError):
            sign(signing.certified, CAROLE, people.carole, statement_of("Carole Clemens"), online)
    authority.mode = "honest"
    signed = sign(signing.certified, CAROLE, people.carole, statement_of("Carole Clemens"), online)
    assert signed.level == "B-LT"


# What no web server would do


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that does that with each connection."""

    def answer() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                serve(connection)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        server.shutdown(socket.SHUT_RDWR)


def _saying(said: bytes) -> Callable[[socket.socket], None]:
    def serve(connection: socket.socket) -> None:
        connection.settimeout(5)
        connection.recv(65536)
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):  # to close on what was sent would cut what was said
            pass

    return serve


def _http(body: bytes, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _nested(depth: int) -> bytes:
    body = b"\x05\x00"
    for _ in range(depth):
        size = len(body).to_bytes(4, "big")
        body = b"\x30\x84" + size + body
    return body


ODD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "cannot be reached."),
    "another protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", "cannot be reached."),
    "an endless header": (b"HTTP/1.1 200 OK\r\nX: " + bytes(100_000), "cannot be reached."),
    "false chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        "cannot be reached.",
    ),
    "an error": (_http(b"", "503 Service Unavailable"), "cannot be reached."),
    "a way to a file": (
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\nContent-Length: 0\r\n\r\n",
        "cannot be reached.",
    ),
    "an answer cut off": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n\x30\x82",
        "answered with something that is no timestamp.",
    ),
    "nothing in it": (_http(b""), "answered with something that is no timestamp."),
    "boxes in boxes": (_http(_nested(5000)), "answered with something that is no timestamp."),
    "granted without a token": (
        _http(bytes.fromhex("30053003020100")),
        "answered with something that is no timestamp.",
    ),
    "refused without a reason": (
        _http(bytes.fromhex("30053003020102")),
        "refused to stamp (it gave no reason).",
    ),
}


@pytest.mark.parametrize("what", ODD)
def test_what_is_no_authority_at_all_is_refused(stamper_root: x509.Certificate, what: str) -> None:
    said, refusal = ODD[what]
    with _listening(_saying(said)) as url:
        assert _refusal(Client(url, stamper_root, 5)) == refusal


@slow
@pytest.mark.parametrize("where", ["head", "body"])
def test_an_answer_that_trickles_in_ends_in_time(
    stamper_root: x509.Certificate, where: str
) -> None:
    def trickle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n")
        if where == "body":
            connection.sendall(b"\r\n")
        for _ in range(40):
            connection.sendall(b"X: y\r\n")
            time.sleep(0.1)

    start = time.monotonic()
    with _listening(trickle) as url:
        said = _refusal(Client(url, stamper_root, 0.5))
    assert said == "did not answer within 0.5 seconds."
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "http://[::bad/", "nowhere"]
)
def test_an_address_that_leads_nowhere_is_told(stamper_root: x509.Certificate, url: str) -> None:
    assert _refusal(Client(url, stamper_root, 5)) == "cannot be reached."
