from __future__ import annotations

import datetime as dt
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from signed_plan.errors import ServiceError
from signed_plan.lifecycle.smtp import post
from signed_plan.lifecycle.smtp_errors import explain, quote_reply
from signed_plan.plan.settings import Mail

from tests.lifecycle.mail_server import NOW, SENDER, USER, Authority, Box, free_port, mail_server
from tests.lifecycle.test_smtp import ANN, BOB, letters, refused

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


@pytest.mark.slow("builds, signs, or starts a process")
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


def test_a_certificate_that_breaks_a_rule_is_told_from_one_that_is_not_trusted(
    tmp_path: Path,
) -> None:
    """Python looks for it from 3.13 on; this asks every Python to."""
    authority = Authority(tmp_path, strictly=False)
    strict = ssl.create_default_context(cafile=str(authority.root))
    strict.verify_flags |= ssl.VERIFY_X509_STRICT
    with (
        mail_server(Box(), authority.context(), "tls") as server,
        socket.create_connection(("localhost", server.port)) as connection,
        pytest.raises(ssl.SSLCertVerificationError) as raised,
    ):
        strict.wrap_socket(connection, server_hostname="localhost")
    message, remedy = explain(server, 1, raised.value)

    assert message.startswith("The certificate of the mail server localhost breaks a rule")
    assert "key usage" in message
    assert "Delete the section mail: in source/settings.yaml" in remedy


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


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_server_that_says_nothing_is_told_within_the_time_set() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error, _ = refused(settings(silent.getsockname()[1]), ANN, seconds=0.3)

    assert error.message == "The mail server localhost did not answer within 0.3 seconds."
    assert "587" in error.remedy


@pytest.mark.slow("builds, signs, or starts a process")
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


# What servers say that take no password, as the people who run them have written it down

DRAFTS = (
    "Delete the section mail: in source/settings.yaml. Then plan send writes the letters as "
    "drafts, which you open and send in your own mail program."
)
WITHOUT_PASSWORDS = (
    "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.prod.outlook]",
    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
    "535 5.7.139 Authentication unsuccessful, user is locked by your organization's policy.",
)


def refusing_log_in(reply: str) -> dict[str, Any]:
    return {"authenticator": lambda *_: AuthResult(success=False, handled=False, message=reply)}


@pytest.mark.parametrize("reply", WITHOUT_PASSWORDS)
@pytest.mark.parametrize("excluded", ["LOGIN", "PLAIN"])
def test_a_server_that_has_turned_passwords_off_is_named_as_such_with_drafts_as_the_way_on(
    trusted: Authority, reply: str, excluded: str
) -> None:
    options = refusing_log_in(reply) | {"auth_exclude_mechanism": [excluded]}
    with mail_server(Box(), trusted.context(), **options) as server:
        error, _ = refused(server, ANN)

    assert error.message.startswith(
        f"The mail server localhost refused the log-in of {USER}: Microsoft 365 has turned log-in "
        "with a password (basic authentication) off (535 5.7.139 "
    )
    assert error.remedy == f"This program knows no newer way to log in (OAuth). {DRAFTS}"


@pytest.mark.parametrize(
    "reply",
    [
        "534 5.7.9 Application-specific password required. For more information, go to gsmtp",
        "534 5.7.14 <https://accounts.example/> Please log in via your web browser",
    ],
)
def test_a_server_that_wants_an_app_password_is_named_as_such(
    trusted: Authority, reply: str
) -> None:
    with mail_server(Box(), trusted.context(), **refusing_log_in(reply)) as server:
        error, _ = refused(server, ANN)

    assert "it wants an app password, not the usual one (534" in error.message
    assert error.remedy.startswith("Make an app password in the settings of that account")
    assert error.remedy.endswith(DRAFTS)


@pytest.mark.parametrize(
    "reply",
    ["535 5.7.8 Username and Password not accepted.", "535 5.7.3 Authentication unsuccessful"],
)
def test_a_refusal_that_may_mean_either_names_both(trusted: Authority, reply: str) -> None:
    with mail_server(Box(), trusted.context(), **refusing_log_in(reply)) as server:
        error, _ = refused(server, ANN)

    assert error.message == (f"The mail server localhost refused the log-in of {USER} ({reply}).")
    assert error.remedy.startswith("Check the password, and user in source/settings.yaml")
    assert error.remedy.endswith(DRAFTS)


def test_a_server_that_cannot_look_the_password_up_now_is_to_be_tried_again(
    trusted: Authority,
) -> None:
    busy = refusing_log_in("454 4.7.0 Temporary authentication failure")
    with mail_server(Box(), trusted.context(), **busy) as server:
        error, _ = refused(server, ANN)

    assert error.remedy == "Try again in a while."


class NewerWaysOnly(Box):
    """Offers no way to log in with a password."""

    async def auth_XOAUTH2(self, server: Any, args: list[str]) -> AuthResult:  # noqa: N802
        raise AssertionError(f"asked to log in with {args}")


def test_a_server_that_offers_only_newer_ways_to_log_in_is_named_as_such(
    trusted: Authority,
) -> None:
    options: dict[str, Any] = {"auth_exclude_mechanism": ["PLAIN", "LOGIN"]}
    with mail_server(NewerWaysOnly(), trusted.context(), **options) as server:
        error, _ = refused(server, ANN)

    assert error.message == (
        "The mail server localhost takes no log-in with a password, only XOAUTH2."
    )
    assert error.remedy == f"This program does not know that way. {DRAFTS}"


class ForMembersOnly(Box):
    async def handle_MAIL(self, *_: Any) -> str:  # noqa: N802
        return "530 5.7.57 Client not authenticated to send mail."


def test_a_server_that_wants_a_log_in_says_so_once_for_all_letters(trusted: Authority) -> None:
    no_log_in: dict[str, Any] = {"authenticator": None, "auth_required": False}
    with (
        mail_server(ForMembersOnly(), trusted.context(), **no_log_in) as server,
        pytest.raises(ServiceError) as caught,
    ):
        anonymous = server.model_copy(update={"user": None})
        post(anonymous, None, letters(ANN, BOB), lambda _: None, seconds=5)

    assert caught.value.message == (
        "The mail server localhost takes letters only after a log-in "
        "(530 5.7.57 Client not authenticated to send mail.)."
    )
    assert caught.value.remedy.startswith("Write user: below mail: in source/settings.yaml")
    assert caught.value.remedy.endswith(DRAFTS)


def test_a_sender_that_is_not_the_users_own_mailbox_is_named_as_such(trusted: Authority) -> None:
    class Strict(Box):
        async def handle_DATA(self, *_: Any) -> str:  # noqa: N802
            return "550 5.7.60 SMTP; Client does not have permissions to send as this sender"

    with mail_server(Strict(), trusted.context()) as server:
        error, _ = refused(server, ANN)

    assert error.remedy.startswith("Check user and sender in source/settings.yaml")
