"""Sending letters, only over TLS, and only to a server whose certificate is trusted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signed_plan.errors import ServiceError, UsageError
from signed_plan.lifecycle.smtp_errors import (
    IN_SETTINGS,
    as_bytes,
    explain,
    explain_anonymous,
    explain_log_in,
    explain_offer,
    lost_connection,
    quote_reply,
)
from signed_plan.plan.addresses import name_and_address
from signed_plan.plan.settings import Mail

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

SECONDS = 30.0
"""How long the server may take for each answer."""

OWN_NAME = "[127.0.0.1]"
"""The name this computer gives itself; without one, smtplib asks the network for it and waits."""


def post(
    server: Mail,
    password: str | None,
    messages: Sequence[EmailMessage],
    sent: Callable[[EmailMessage], None],
    seconds: float = SECONDS,
) -> None:
    """Sends the messages one by one; `sent` is called after each that the server has accepted.

    A refused message does not hold back the others. Raises ServiceError, which says who was
    written to and who was not, unless every message was accepted.
    """
    if server.user is not None and password is None:
        raise UsageError(
            f"The mail server {server.server} asks for the password of {server.user}.",
            "Type it when you are asked for it.",
        )
    if any(message["From"] is None for message in messages):
        raise ValueError("a message without a sender can only become a draft")
    progress = _Progress(messages)
    with closing(_connect(server, password, seconds)) as smtp:
        for message in messages:
            handed_over = False
            try:
                refusal = _announce(smtp, server, message)
                if refusal is None:
                    handed_over = True
                    refusal = _hand_over(smtp, message)
            except OSError as error:
                raise progress.error_during(
                    lost_connection(server, seconds, error), message, handed_over
                ) from error
            if refusal is None:
                progress.accepted.append(message)
                sent(message)
            else:
                progress.refused.append(refusal)
        with suppress(OSError):  # the accepted letters stay accepted
            smtp.quit()
    if progress.refused:
        raise progress.error(f"The mail server {server.server} did not take every letter")


@dataclass(frozen=True, slots=True)
class _Progress:
    """What has happened to the messages so far."""

    messages: Sequence[EmailMessage]
    accepted: list[EmailMessage] = field(default_factory=list)
    refused: list[_Refusal] = field(default_factory=list)

    def error_during(self, why: str, at: EmailMessage, handed_over: bool) -> ServiceError:
        """The error if the connection ends during a letter. If that was handed over, the server
        may have it or not."""
        return self.error(
            f"{why} while the letter to {_recipient(at)} was being sent",
            "Try again in a while.",
            at if handed_over else None,
        )

    def error(
        self, message: str, remedy: str = "", unsure: EmailMessage | None = None
    ) -> ServiceError:
        """The error with every refusal, what to do about each, and who was written to."""
        reasons = "; ".join(refusal.reason for refusal in self.refused)
        remedies = dict.fromkeys([*(refusal.remedy for refusal in self.refused), remedy])
        return ServiceError(
            f"{message}: {reasons}." if reasons else f"{message}.",
            " ".join(filter(None, [*remedies, *self._summarise(unsure)])),
        )

    def _summarise(self, unsure: EmailMessage | None) -> Iterator[str]:
        settled = [*self.accepted, unsure]
        rest = [one for one in self.messages if not any(one is other for other in settled)]
        if self.accepted:
            yield f"Sent to {_recipients(self.accepted)}."
        if rest:
            yield f"Not sent to {_recipients(rest)}."
        if unsure is not None:
            yield f"It is not certain whether {_recipient(unsure)} got it."


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why the server did not take a message."""

    reason: str
    remedy: str


def _connect(server: Mail, password: str | None, seconds: float) -> smtplib.SMTP:
    """An encrypted connection, logged in. Raises ServiceError if that fails."""
    import smtplib
    import ssl

    context = ssl.create_default_context()
    where = (server.server, server.port, OWN_NAME)
    with ExitStack() as undo:
        try:
            if server.security == "tls":
                smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=seconds, context=context)
            else:
                smtp = smtplib.SMTP(*where, timeout=seconds)
            undo.callback(smtp.close)
            if server.security != "tls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            _log_in(smtp, server, password)
        except OSError as error:
            raise ServiceError(*explain(server, seconds, error)) from error
        undo.pop_all()
    return smtp


def _log_in(smtp: smtplib.SMTP, server: Mail, password: str | None) -> None:
    """Logs in by PLAIN or LOGIN, in UTF-8.

    smtplib itself takes only ASCII passwords, and quotes any other in its error.
    """
    if server.user is None or password is None:
        return
    user, secret = (
        word.encode("utf-8", errors="surrogatepass") for word in (server.user, password)
    )
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, reply_text = smtp.docmd("AUTH", "PLAIN " + _base64(b"\0" + user + b"\0" + secret))
    elif "LOGIN" in offered:
        code, reply_text = smtp.docmd("AUTH", "LOGIN")
        for word in (user, secret):
            if code == 334:
                code, reply_text = smtp.docmd(_base64(word))
    else:
        raise ServiceError(*explain_offer(server, offered))
    if code != 235:
        raise ServiceError(
            *explain_log_in(server, code, b"" if secret in reply_text else reply_text)
        )


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode("ascii")


def _announce(smtp: smtplib.SMTP, server: Mail, message: EmailMessage) -> _Refusal | None:
    """Asks the server whether it takes a message; gives the refusal, or None.

    Raises ServiceError if it takes none without a log-in.
    """
    to, sender = _recipient(message), name_and_address(server.sender)[1]
    size = [f"size={len(message.as_bytes())}"] if smtp.has_extn("size") else []
    reply = smtp.mail(sender, size)
    if reply[0] == 530:
        raise ServiceError(*explain_anonymous(server, *reply))
    if reply[0] != 250:
        what = f"it refused the sender of the letter to {to}"
        return _refusal(smtp, to, reply, what, f"Check user and sender {IN_SETTINGS}.")
    reply = smtp.rcpt(to)
    if reply[0] not in (250, 251):
        what = f"it refused the address {to}"
        return _refusal(smtp, to, reply, what, f"Mend the address {to} {IN_SETTINGS}.")
    return None


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> _Refusal | None:
    """Hands the message over; gives the refusal, or None if the server took it."""
    import smtplib

    to = _recipient(message)
    try:
        reply = smtp.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        reply = error.smtp_code, as_bytes(error.smtp_error)
    if reply[0] == 250:
        return None
    what = f"it refused the letter to {to}"
    return _refusal(smtp, to, reply, what, "Ask the people who run the mail server.")


def _refusal(
    smtp: smtplib.SMTP, to: str, reply: tuple[int, bytes], what: str, remedy: str
) -> _Refusal:
    """The refusal as a sentence. The connection is then ready for the next message."""
    import smtplib

    code, reply_text = reply
    if code == 421:
        raise smtplib.SMTPServerDisconnected("the server is closing down")
    with suppress(OSError):  # if it is broken, the next message shows it
        smtp.rset()
    if b"5.7.60" in reply_text:  # so Microsoft 365 refuses a sender, after the whole letter
        remedy = f"Check user and sender {IN_SETTINGS}: they are not the same mailbox."
    elif code == 552 or b"5.3.4" in reply_text:
        what = f"the letter to {to} is too large for it"
        remedy = "Send the large files in another way."
    elif 400 <= code < 500:
        remedy = "Try again in a while."
    return _Refusal(f"{what} {quote_reply(code, reply_text)}", remedy)


def _recipients(messages: Sequence[EmailMessage]) -> str:
    return ", ".join(_recipient(message) for message in messages)


def _recipient(message: EmailMessage) -> str:
    address: str = message["To"].addresses[0].addr_spec
    return address
