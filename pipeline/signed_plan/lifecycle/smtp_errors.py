"""Why a mail server cannot be reached, as a clerk would say it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signed_plan.plan.settings import Mail
from signed_plan.wording import printable

if TYPE_CHECKING:
    import ssl

IN_SETTINGS = "in source/settings.yaml"

_PORTS = f"Check port and security {IN_SETTINGS}: starttls is mostly at 587, tls at 465."
_ONLINE = f"Check server and port {IN_SETTINGS}, and that this computer is online."
_DRAFTS = (
    f"Delete the section mail: {IN_SETTINGS}. Then plan send writes the letters as drafts, which "
    "you open and send in your own mail program."
)
_NO_PASSWORDS = ("5.7.139", "basic authentication", "smtpclientauthentication")
_APP_PASSWORD = ("5.7.9 ", "application-specific password", "5.7.14 ")

# OpenSSL's numbers for what can be wrong with a certificate (X509_V_ERR_…).
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_NUMBER = 9, 10, 62, 64
# What RFC 5280 forbids, and is looked for where it is asked for: by Python from 3.13 on.
_AGAINST_THE_RULES = range(79, 95)


def quote_reply(code: int, reply: bytes) -> str:
    """The server's reply, short and without control characters."""
    words = " ".join(reply.decode("utf-8", errors="replace").split())
    plain = "".join(character for character in words if character.isprintable())
    return f"({code} {plain[:120]})" if plain else f"({code})"


def as_bytes(reply: bytes | str) -> bytes:
    """A server's reply as bytes; smtplib gives some as text."""
    return reply.encode() if isinstance(reply, str) else reply


def lost_connection(server: Mail, seconds: float, error: OSError) -> str:
    """What happened to the connection, without a full stop."""
    if _is_slow(error):
        return f"The mail server {server.server} did not answer within {seconds:g} seconds"
    return f"The connection to the mail server {server.server} was lost"


def _is_slow(error: OSError) -> bool:
    """smtplib raises the same error for a late answer as for a lost connection."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def explain(server: Mail, seconds: float, error: OSError) -> tuple[str, str]:
    """Why there is no connection, and what to do."""
    import smtplib
    import socket
    import ssl

    name = f"The mail server {server.server}"
    if isinstance(error, ssl.SSLCertVerificationError):
        explanation = _explain_certificate(server, error)
    elif _is_slow(error):
        explanation = f"{lost_connection(server, seconds, error)}.", _PORTS
    elif isinstance(error, ssl.SSLError):
        explanation = f"{name} cannot agree on encryption at port {server.port}.", _PORTS
    elif isinstance(error, socket.gaierror):
        explanation = f"The name of the mail server, {server.server}, is not known.", _ONLINE
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        explanation = (
            f"{name} offers no encryption (STARTTLS) at port {server.port}.",
            f"{_PORTS} Letters are never sent unencrypted.",
        )
    elif isinstance(error, smtplib.SMTPResponseException):
        reply = quote_reply(error.smtp_code, as_bytes(error.smtp_error))
        explanation = f"{name} turned this computer away {reply}.", "Ask the people who run it."
    elif isinstance(error, smtplib.SMTPException | ConnectionResetError):
        explanation = (
            f"{lost_connection(server, seconds, error)}.",
            f"Try again in a while. {_PORTS}",
        )
    else:
        explanation = f"{name} cannot be reached at port {server.port}.", _ONLINE
    return explanation


def explain_log_in(server: Mail, code: int, reply: bytes) -> tuple[str, str]:
    """Why a server does not take the user's name and password, and what to do.

    The replies of Microsoft 365 and of Google name the cause in their enhanced codes (RFC 3463).
    """
    refused = f"The mail server {server.server} refused the log-in of {server.user}"
    quoted = quote_reply(code, reply)
    said = reply.decode("utf-8", errors="replace").casefold()
    if any(sign in said for sign in _NO_PASSWORDS):
        who = "Microsoft 365" if "5.7.139" in said or "smtpclient" in said else "it"
        return (
            f"{refused}: {who} has turned log-in with a password (basic authentication) off "
            f"{quoted}.",
            f"This program knows no newer way to log in (OAuth). {_DRAFTS}",
        )
    if any(sign in said for sign in _APP_PASSWORD):
        return (
            f"{refused}: it wants an app password, not the usual one {quoted}.",
            "Make an app password in the settings of that account, and type it when you are asked. "
            f"If none can be made: {_DRAFTS}",
        )
    if 400 <= code < 500:
        return f"{refused} {quoted}.", "Try again in a while."
    return (
        f"{refused} {quoted}.",
        f"Check the password, and user {IN_SETTINGS}; some servers want an app password, and some "
        f"take none at all. If it takes none: {_DRAFTS}",
    )


def explain_offer(server: Mail, offered: list[str]) -> tuple[str, str]:
    """Why nobody can log in with a password where a server offers only these ways, or none."""
    refused = f"The mail server {server.server} takes no log-in with a password"
    if not offered:
        return (
            f"{refused}.",
            f"If it needs no log-in, delete the line user: {IN_SETTINGS}. Else: {_DRAFTS}",
        )
    ways = printable(" ".join(offered))[:60]
    return f"{refused}, only {ways}.", f"This program does not know that way. {_DRAFTS}"


def explain_anonymous(server: Mail, code: int, reply: bytes) -> tuple[str, str]:
    """What to do where a server takes letters only from those who have logged in."""
    return (
        f"The mail server {server.server} takes letters only after a log-in "
        f"{quote_reply(code, reply)}.",
        f"Write user: below mail: {IN_SETTINGS}; the password is asked for. If you have none: "
        f"{_DRAFTS}",
    )


def _explain_certificate(server: Mail, error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    code = error.verify_code
    certificate = f"The certificate of the mail server {server.server}"
    if code in (_EXPIRED, _NOT_YET_VALID):
        when = "has expired" if code == _EXPIRED else "is not yet valid"
        return (
            f"{certificate} {when}.",
            "Check this computer's date; if it is right, ask the people who run the server.",
        )
    if code in (_OTHER_NAME, _OTHER_NUMBER):
        return (
            f"{certificate} is for another name.",
            f"Write the name that the provider gives for it after server: {IN_SETTINGS}.",
        )
    if code in _AGAINST_THE_RULES:
        return (
            f"{certificate} breaks a rule for certificates ({error.verify_message}).",
            "Ask the people who run it for certificates that keep to RFC 5280. "
            f"Until then: {_DRAFTS}",
        )
    return (
        f"{certificate} is not trusted by this computer.",
        f"Check server {IN_SETTINGS}; for your own server, set the environment "
        "variable SSL_CERT_FILE to the file of its root certificate.",
    )
