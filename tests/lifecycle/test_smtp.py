from __future__ import annotations

import asyncio
import datetime as dt
import email
import traceback
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from signed_plan.errors import ExitCode, ServiceError, UsageError
from signed_plan.lifecycle.email_message import Letter, LetterAttachment, message
from signed_plan.lifecycle.smtp import post
from signed_plan.plan.settings import Mail

from tests.lifecycle.mail_server import PASSWORD, SENDER, USER, Authority, Box, mail_server
from tests.lifecycle.test_email_message import attached, body

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")  # which only these servers do

MOMENT = dt.datetime(2017, 11, 14, 9, 30, tzinfo=dt.UTC)
PDF = b"%PDF-1.7\r\n\x00\xff\n.\n..\r\n" + bytes(range(256)) * 50
ANN, BOB, ZOE = "ann@school.example", "bob@school.example", "zoe@school.example"


def letters(*addresses: str) -> list[EmailMessage]:
    return [
        message(
            Letter(
                "Zoë Åberg", to, "Bitte – sign", ".\nDear Zoë\n", (LetterAttachment("a.pdf", PDF),)
            ),
            SENDER,
            MOMENT,
        )
        for to in addresses
    ]


def send(server: Mail, *addresses: str, password: str | None = PASSWORD) -> list[str]:
    """Sends a letter to each; gives the addresses that were told to be sent."""
    told: list[str] = []
    post(server, password, letters(*addresses), lambda sent: told.append(to(sent)), seconds=5)
    return told


def refused(server: Mail, *addresses: str, seconds: float = 5) -> tuple[ServiceError, list[str]]:
    """The error that sending ends in, and the addresses that were told to be sent before."""
    told: list[str] = []
    with pytest.raises(ServiceError) as caught:
        post(server, PASSWORD, letters(*addresses), lambda sent: told.append(to(sent)), seconds)
    assert caught.value.exit_code == ExitCode.SERVICE
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))
    return caught.value, told


def to(sent: EmailMessage) -> str:
    return str(sent["To"].addresses[0].addr_spec)


class Refusing(Box):
    """A server that answers as it is told to where a letter to Bob comes by."""

    def __init__(self, **answers: str) -> None:
        super().__init__()
        self.answers = answers

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address == BOB and "rcpt" in self.answers:
            return self.answers["rcpt"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if envelope.rcpt_tos == [BOB] and "data" in self.answers:
            return self.answers["data"]
        return await super().handle_DATA(server, session, envelope)


# Letters that arrive


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_letter_arrives_as_it_was_written(trusted: Authority, security: str) -> None:
    box = Box()
    with mail_server(box, trusted.context(), security) as server:
        assert send(server, ZOE) == [ZOE]

    ((sender, recipients, octets),) = box.letters
    found = email.message_from_bytes(octets, policy=default)
    assert isinstance(found, EmailMessage)
    assert (sender, recipients) == ("office@school.example", [ZOE])
    assert str(found["From"]) == '"Bürger, Office" <office@school.example>'
    assert str(found["To"]) == f"Zoë Åberg <{ZOE}>"
    assert found["Subject"] == "Bitte – sign"
    assert body(found) == ".\nDear Zoë\n"
    assert attached(found) == [("a.pdf", "application/pdf", PDF)]


def test_every_letter_goes_to_its_own_recipient_alone(trusted: Authority) -> None:
    box = Box()
    with mail_server(box, trusted.context()) as server:
        assert send(server, ANN, BOB, ZOE) == [ANN, BOB, ZOE]

    assert [recipients for _, recipients, _ in box.letters] == [[ANN], [BOB], [ZOE]]


def test_a_server_without_passwords_is_not_given_one(trusted: Authority) -> None:
    box = Box()
    with mail_server(box, trusted.context(), authenticator=None, auth_required=False) as with_user:
        server = with_user.model_copy(update={"user": None})
        assert send(server, ANN, password=None) == [ANN]

    assert len(box.letters) == 1


def test_a_server_that_knows_only_the_older_log_in_is_served(trusted: Authority) -> None:
    box = Box()
    with mail_server(box, trusted.context(), auth_exclude_mechanism=["PLAIN"]) as server:
        assert send(server, ANN) == [ANN]


# Letters that do not


def test_an_address_that_is_refused_is_named_and_does_not_keep_back_the_others(
    trusted: Authority,
) -> None:
    box = Refusing(rcpt="550 5.1.1 no such mailbox")
    with mail_server(box, trusted.context()) as server:
        error, told = refused(server, ANN, BOB, ZOE)

    assert told == [ANN, ZOE]
    assert [recipients for _, recipients, _ in box.letters] == [[ANN], [ZOE]]
    assert error.message == (
        "The mail server localhost did not take every letter: it refused the address "
        f"{BOB} (550 5.1.1 no such mailbox)."
    )
    assert error.remedy == (
        f"Mend the address {BOB} in source/settings.yaml. Sent to {ANN}, {ZOE}. Not sent to {BOB}."
    )


def test_a_refusal_for_the_time_being_asks_to_try_again(trusted: Authority) -> None:
    with mail_server(Refusing(rcpt="451 greylisted"), trusted.context()) as server:
        error, _ = refused(server, BOB)

    assert error.remedy == f"Try again in a while. Not sent to {BOB}."


def test_a_letter_that_the_server_says_is_too_large_is_told_before_it_is_sent(
    trusted: Authority,
) -> None:
    announced: list[str] = []

    class Small(Box):
        async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802
            announced.append(given[3])
            return "250 OK"

    with mail_server(Small(), trusted.context(), data_size_limit=5000) as server:
        error, told = refused(server, ANN)

    assert (told, announced) == ([], [])
    assert f"the letter to {ANN} is too large for it (552" in error.message
    assert "in another way" in error.remedy


def test_a_letter_that_turns_out_too_large_does_not_keep_back_the_others(
    trusted: Authority,
) -> None:
    with mail_server(Refusing(data="554 5.3.4 too big"), trusted.context()) as server:
        error, told = refused(server, BOB, ANN)

    assert told == [ANN]
    assert f"the letter to {BOB} is too large for it (554" in error.message


def test_a_letter_whose_content_is_refused_is_named(trusted: Authority) -> None:
    with mail_server(Refusing(data="554 5.7.1 looks like spam"), trusted.context()) as server:
        error, told = refused(server, ANN, BOB)

    assert told == [ANN]
    assert f"it refused the letter to {BOB} (554 5.7.1 looks like spam)" in error.message


def test_a_sender_that_is_refused_is_told(trusted: Authority) -> None:
    class Strict(Box):
        async def handle_MAIL(self, *_: Any) -> str:  # noqa: N802
            return "553 5.7.1 not your address"

    with mail_server(Strict(), trusted.context()) as server:
        error, _ = refused(server, ANN)

    assert "refused the sender" in error.message
    assert "Check user and sender" in error.remedy


def test_a_connection_lost_in_the_middle_tells_what_became_of_each_letter(
    trusted: Authority,
) -> None:
    class Dying(Box):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            if envelope.rcpt_tos == [BOB]:
                server.transport.abort()
            return await super().handle_DATA(server, session, envelope)

    with mail_server(Dying(), trusted.context()) as server:
        error, told = refused(server, ANN, BOB, ZOE)

    assert told == [ANN]
    assert error.message == (
        "The connection to the mail server localhost was lost while the letter to "
        f"{BOB} was being sent."
    )
    assert error.remedy == (
        f"Try again in a while. Sent to {ANN}. Not sent to {ZOE}. "
        f"It is not certain whether {BOB} got it."
    )


def test_a_server_that_closes_down_before_a_letter_did_certainly_not_get_it(
    trusted: Authority,
) -> None:
    with mail_server(Refusing(rcpt="421 closing down"), trusted.context()) as server:
        error, told = refused(server, ANN, BOB, ZOE)

    assert told == [ANN]
    assert error.remedy == f"Try again in a while. Sent to {ANN}. Not sent to {BOB}, {ZOE}."


def test_what_was_refused_before_the_connection_is_lost_is_told_too(trusted: Authority) -> None:
    class Dying(Refusing):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            server.transport.abort()
            return "250 OK"

    with mail_server(Dying(rcpt="550 nobody"), trusted.context()) as server:
        error, _ = refused(server, BOB, ANN)

    assert f"it refused the address {BOB} (550 nobody)" in error.message
    assert f"Mend the address {BOB}" in error.remedy


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_server_that_is_slow_over_a_letter_is_told(trusted: Authority) -> None:
    class Slow(Box):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            await asyncio.sleep(2)
            return "250 OK"

    with mail_server(Slow(), trusted.context()) as server:
        error, _ = refused(server, ANN, seconds=0.5)

    assert error.message == (
        "The mail server localhost did not answer within 0.5 seconds while the letter to "
        f"{ANN} was being sent."
    )
    assert f"not certain whether {ANN} got it" in error.remedy


def test_a_record_that_cannot_be_written_ends_sending_with_its_own_error(
    trusted: Authority,
) -> None:
    box = Box()

    def full(_: EmailMessage) -> None:
        raise OSError("the disk is full")

    with mail_server(box, trusted.context()) as server, pytest.raises(OSError, match="disk"):
        post(server, PASSWORD, letters(ANN, BOB), full, seconds=5)

    assert len(box.letters) == 1


@pytest.mark.parametrize("octets", [b"\x1b[2J", "\u202e".encode(), b"\xff"])
def test_what_a_server_answers_cannot_act_on_the_screen(trusted: Authority, octets: bytes) -> None:
    class Odd(Box):
        async def handle_MAIL(self, server: Any, *_: Any) -> str:  # noqa: N802
            await server.push(b"553 a" + octets + b"b " + b"c" * 200)
            return "553 again"

    with mail_server(Odd(), trusted.context()) as server:
        error, _ = refused(server, ANN)

    assert error.message.isprintable()
    assert "c" * 100 in error.message
    assert "c" * 200 not in error.message


# Passwords


@pytest.mark.parametrize("excluded", ["LOGIN", "PLAIN"])
@pytest.mark.parametrize("wrong", ["wrong-word", "wröng-wörd", "wrong\udce9", ""])
def test_a_log_in_that_is_refused_shows_no_password(
    trusted: Authority, wrong: str, excluded: str
) -> None:
    with (
        mail_server(Box(), trusted.context(), auth_exclude_mechanism=[excluded]) as server,
        pytest.raises(ServiceError) as caught,
    ):
        send(server, ANN, password=wrong)

    error = caught.value
    assert f"refused the log-in of {USER} (535" in error.message
    assert "password" in error.remedy
    shown = "".join(traceback.format_exception(error)) + repr(error) + error.remedy
    assert not wrong or wrong not in shown
    assert (error.__cause__, error.__context__) == (None, None)


def test_a_server_that_takes_no_passwords_is_told(trusted: Authority) -> None:
    with mail_server(Box(), trusted.context(), auth_exclude_mechanism=["PLAIN", "LOGIN"]) as server:
        error, _ = refused(server, ANN)

    assert error.message == "The mail server localhost takes no log-in with a password."


def test_a_user_without_a_password_is_refused_before_anything_is_sent() -> None:
    server = Mail(server="mail.invalid", user=USER, sender=SENDER)

    with pytest.raises(UsageError, match=f"asks for the password of {USER}"):
        send(server, ANN, password=None)


def test_a_message_without_a_sender_is_not_sent() -> None:
    server = Mail(server="mail.invalid", sender=SENDER)
    draft_only = message(Letter("Ann", ANN, "s", "t"), None, MOMENT)

    with pytest.raises(ValueError, match="without a sender"):
        post(server, None, [draft_only], lambda _: None)
