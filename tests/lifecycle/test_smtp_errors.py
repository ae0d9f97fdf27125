from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from signed_plan.lifecycle.smtp_errors import quote_reply
from signed_plan.plan.settings import Mail

from tests.lifecycle.mail_server import NOW, SENDER, USER, Authority, Box, free_port, mail_server
from tests.lifecycle.test_smtp import ANN, refused

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # which only these servers do


def settings(port: int, security: str = "starttls", server: str = "localhost") -> Mail:
    return Mail.model_validate(
        {"server": server, "port": port, "security": security, "user": USER, "sender": SENDER}
    )


@contextmanager
def talker(*says: bytes) -> Iterator[int]:
    """A server of a few words: it says them one by one, after each line it hears, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            connection, _ = listening.accept()
            with connection, connection.makefile("rb") as heard:
                for at, words in enumerate(says):
                    if at:
                        heard.readline()
                    connection.sendall(words)

        thread = threading.Thread(target=talk)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            thread.join(10)


def test_a_server_that_nobody_runs_is_told() -> None:
    port = free_port()
    error, _ = refused(settings(port), ANN)

    assert error.message == f"The mail server localhost cannot be reached at port {port}."
    assert "online" in error.remedy


def test_a_name_that_is_not_known_is_told() -> None:
    error, _ = refused(settings(587, server="mail.invalid"), ANN)

    assert error.message == "The name of the mail server, mail.invalid, is not known."
    assert "server" in error.remedy


def test_a_server_without_encryption_gets_neither_password_nor_letter(
    trusted: Authority,
) -> None:
    box = Box()
    with mail_server(box, None, auth_require_tls=False) as server:
        error, _ = refused(server, ANN)

    assert f"offers no encryption (STARTTLS) at port {server.port}" in error.message
    assert "never sent unencrypted" in error.remedy
    assert box.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    authority: Authority, security: str
) -> None:
    box = Box()
    with mail_server(box, authority.context(), security) as server:
        error, _ = refused(server, ANN)

    assert error.message == (
        "The certificate of the mail server localhost is not trusted by this computer."
    )
    assert "SSL_CERT_FILE" in error.remedy
    assert box.letters == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_is_not_trusted(trusted: Authority, security: str) -> None:
    with mail_server(Box(), trusted.context("mail.other.example"), security) as server:
        error, _ = refused(server, ANN)

    assert error.message == "The certificate of the mail server localhost is for another name."
    assert "server:" in error.remedy


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_has_expired_is_not_trusted(trusted: Authority, security: str) -> None:
    old = trusted.context(until=NOW - dt.timedelta(days=1))
    with mail_server(Box(), old, security) as server:
        error, _ = refused(server, ANN)

    assert error.message == "The certificate of the mail server localhost has expired."
    assert "date" in error.remedy


def test_a_certificate_for_a_name_is_not_trusted_for_a_number(trusted: Authority) -> None:
    with mail_server(Box(), trusted.context()) as server:
        error, _ = refused(settings(server.port, server="127.0.0.1"), ANN)

    assert "is for another name" in error.message


def test_a_server_that_speaks_tls_only_when_asked_is_told_from_one_that_always_does(
    trusted: Authority,
) -> None:
    with mail_server(Box(), trusted.context()) as server:
        error, _ = refused(settings(server.port, "tls"), ANN)

    assert f"cannot agree on encryption at port {server.port}" in error.message
    assert "starttls is mostly at 587, tls at 465" in error.remedy


def test_only_safe_versions_of_tls_are_spoken(trusted: Authority) -> None:
    old = trusted.context()
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    with mail_server(Box(), old) as server:
        error, _ = refused(server, ANN)

    assert "cannot agree on encryption" in error.message


def test_a_server_that_says_nothing_is_told_within_the_time_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error, _ = refused(settings(silent.getsockname()[1]), ANN, seconds=0.3)

    assert error.message == "The mail server localhost did not answer within 0.3 seconds."
    assert "587" in error.remedy


def test_a_server_that_says_nothing_to_encryption_is_told_within_the_time_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error, _ = refused(settings(silent.getsockname()[1], "tls"), ANN, seconds=0.3)

    assert error.message == "The mail server localhost did not answer within 0.3 seconds."


def test_a_server_that_turns_callers_away_is_told_in_its_words() -> None:
    with talker(b"554 no service for\r\n") as port:
        error, _ = refused(settings(port), ANN)

    assert error.message == (
        "The mail server localhost turned this computer away (554 no service for)."
    )


def test_a_server_that_hangs_up_before_any_letter_is_told() -> None:
    with talker(b"220 hello\r\n", b"250-here\r\n250 STARTTLS\r\n", b"") as port:
        error, _ = refused(settings(port), ANN)

    assert error.message == "The connection to the mail server localhost was lost."


def test_encryption_that_is_offered_and_then_denied_is_not_gone_without() -> None:
    with talker(b"220 hello\r\n", b"250-here\r\n250 STARTTLS\r\n", b"454 not now\r\n") as port:
        error, _ = refused(settings(port), ANN)

    assert "turned this computer away (454 not now)" in error.message


def test_an_answer_without_words_is_its_number() -> None:
    assert quote_reply(550, b" \r\n") == "(550)"
