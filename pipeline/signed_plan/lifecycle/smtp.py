"""Sending letters: only over TLS, to a server whose certificate is trusted for its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from signed_plan.errors import ServiceError, UsageError
from signed_plan.lifecycle.smtp_errors import IN_SETTINGS, answer, explained, lost, octets
from signed_plan.plan.addresses import name_and_address
from signed_plan.plan.settings import Mail

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

SECONDS = 30.0
"""How long the server may take for each of its answers."""

OWN_NAME = "[127.0.0.1]"
"""What this computer calls itself; else smtplib asks the network for its name, and waits."""


def post(
    server: Mail,
    password: str | None,
    messages: Sequence[EmailMessage],
    sent: Callable[[EmailMessage], None],
    seconds: float = SECONDS,
) -> None:
    """Sends the messages one by one; `sent` is called after each that the server has accepted.

    A message that is refused does not keep back the others. Raises ServiceError, which tells who
    was written to and who was not, unless every message was accepted.
    """
    if server.user is not None and password is None:
        raise UsageError(
            f"The mail server {server.server} asks for the password of {server.user}.",
            "Type it when you are asked for it.",
        )
    if any(message["From"] is None for message in messages):
        raise ValueError("a message without a sender can only become a draft")
    so_far = _SoFar(messages)
    with closing(_opened(server, password, seconds)) as smtp:
        for message in messages:
            handed_over = False
            try:
                refusal = _announce(smtp, server, message)
                if refusal is None:
                    handed_over = True
                    refusal = _hand_over(smtp, message)
            except OSError as error:
                raise so_far.broken_off(
                    lost(server, seconds, error), message, handed_over
                ) from error
            if refusal is None:
                so_far.accepted.append(message)
                sent(message)
            else:
                so_far.refused.append(refusal)
        with suppress(OSError):  # what was accepted stays accepted
            smtp.quit()
    if so_far.refused:
        raise so_far.error(f"The mail server {server.server} did not take every letter")


@dataclass(frozen=True, slots=True)
class _SoFar:
    """What has become of the messages up to now."""

    messages: Sequence[EmailMessage]
    accepted: list[EmailMessage] = field(default_factory=list)
    refused: list[_Refusal] = field(default_factory=list)

    def broken_off(self, why: str, at: EmailMessage, handed_over: bool) -> ServiceError:
        """The error where the connection ends in one letter, which the server may or may not
        have got if it was handed over."""
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
            " ".join(filter(None, [*remedies, *self._account(unsure)])),
        )

    def _account(self, unsure: EmailMessage | None) -> Iterator[str]:
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
    """Why the server did not take one message."""

    reason: str
    remedy: str


def _opened(server: Mail, password: str | None, seconds: float) -> smtplib.SMTP:
    """A connection that is encrypted and logged in; raises ServiceError where there is none."""
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
            raise ServiceError(*explained(server, seconds, error)) from error
        undo.pop_all()
    return smtp


def _log_in(smtp: smtplib.SMTP, server: Mail, password: str | None) -> None:
    """Logs in by PLAIN or LOGIN, in UTF-8.

    smtplib's own way knows only ASCII passwords, and quotes any other in its error.
    """
    if server.user is None or password is None:
        return
    user, secret = (
        word.encode("utf-8", errors="surrogatepass") for word in (server.user, password)
    )
    offered = smtp.esmtp_features.get("auth", "").upper().split()
    if "PLAIN" in offered:
        code, said = smtp.docmd("AUTH", "PLAIN " + _base64(b"\0" + user + b"\0" + secret))
    elif "LOGIN" in offered:
        code, said = smtp.docmd("AUTH", "LOGIN")
        for word in (user, secret):
            if code == 334:
                code, said = smtp.docmd(_base64(word))
    else:
        raise ServiceError(
            f"The mail server {server.server} takes no log-in with a password.",
            f"Delete the line user: {IN_SETTINGS} if it needs none; else ask whoever runs it.",
        )
    if code != 235:
        said_so = answer(code, b"" if secret in said else said)
        raise ServiceError(
            f"The mail server {server.server} refused the log-in of {server.user} {said_so}.",
            f"Check the password, and user {IN_SETTINGS}; some servers want an app password.",
        )


def _base64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode("ascii")


def _announce(smtp: smtplib.SMTP, server: Mail, message: EmailMessage) -> _Refusal | None:
    """Asks the server for leave to hand a message over; what it has against it, or None."""
    to, sender = _recipient(message), name_and_address(server.sender)[1]
    size = [f"size={len(message.as_bytes())}"] if smtp.has_extn("size") else []
    reply = smtp.mail(sender, size)
    if reply[0] != 250:
        what = f"it refused the sender of the letter to {to}"
        return _refusal(smtp, to, reply, what, f"Check user and sender {IN_SETTINGS}.")
    reply = smtp.rcpt(to)
    if reply[0] not in (250, 251):
        what = f"it refused the address {to}"
        return _refusal(smtp, to, reply, what, f"Mend the address {to} {IN_SETTINGS}.")
    return None


def _hand_over(smtp: smtplib.SMTP, message: EmailMessage) -> _Refusal | None:
    """Hands the message over; what the server has against it, or None where it took it."""
    import smtplib

    to = _recipient(message)
    try:
        reply = smtp.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        reply = error.smtp_code, octets(error.smtp_error)
    if reply[0] == 250:
        return None
    what = f"it refused the letter to {to}"
    return _refusal(smtp, to, reply, what, "Ask whoever runs the mail server.")


def _refusal(
    smtp: smtplib.SMTP, to: str, reply: tuple[int, bytes], what: str, remedy: str
) -> _Refusal:
    """What the server answered, in words; the connection is ready for the next message."""
    import smtplib

    code, said = reply
    if code == 421:
        raise smtplib.SMTPServerDisconnected("the server is closing down")
    with suppress(OSError):  # the next message will tell
        smtp.rset()
    if code == 552 or b"5.3.4" in said:
        what = f"the letter to {to} is too large for it"
        remedy = "Hand over in another way what is too large."
    elif 400 <= code < 500:
        remedy = "Try again in a while."
    return _Refusal(f"{what} {answer(code, said)}", remedy)


def _recipients(messages: Sequence[EmailMessage]) -> str:
    return ", ".join(_recipient(message) for message in messages)


def _recipient(message: EmailMessage) -> str:
    address: str = message["To"].addresses[0].addr_spec
    return address
