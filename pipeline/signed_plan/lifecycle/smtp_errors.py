"""What keeps letters from a mail server, in a clerk's words."""

from __future__ import annotations

from signed_plan.plan.settings import Mail

IN_SETTINGS = "in source/settings.yaml"

_PORTS = f"Check port and security {IN_SETTINGS}: starttls is mostly at 587, tls at 465."
_ONLINE = f"Check server and port {IN_SETTINGS}, and that this computer is online."

# OpenSSL's numbers for what can be wrong with a certificate (X509_V_ERR_…).
_NOT_YET_VALID, _EXPIRED, _OTHER_NAME, _OTHER_NUMBER = 9, 10, 62, 64


def answer(code: int, said: bytes) -> str:
    """The server's own words, short and without anything that a screen could act on."""
    words = " ".join(said.decode("utf-8", errors="replace").split())
    plain = "".join(character for character in words if character.isprintable())
    return f"({code} {plain[:120]})" if plain else f"({code})"


def octets(said: bytes | str) -> bytes:
    """A server's words as they came; smtplib gives some as text."""
    return said.encode() if isinstance(said, str) else said


def lost(server: Mail, seconds: float, error: OSError) -> str:
    """What has become of the connection, without a full stop."""
    if _slow(error):
        return f"The mail server {server.server} did not answer within {seconds:g} seconds"
    return f"The connection to the mail server {server.server} was lost"


def _slow(error: OSError) -> bool:
    """smtplib tells of an answer that is late as of a connection that is lost."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def explained(server: Mail, seconds: float, error: OSError) -> tuple[str, str]:
    """Why there is no connection, in a clerk's words, and the remedy."""
    import smtplib
    import socket
    import ssl

    name = f"The mail server {server.server}"
    if isinstance(error, ssl.SSLCertVerificationError):
        told = _distrusted(server, error.verify_code)
    elif _slow(error):
        told = f"{lost(server, seconds, error)}.", _PORTS
    elif isinstance(error, ssl.SSLError):
        told = f"{name} cannot agree on encryption at port {server.port}.", _PORTS
    elif isinstance(error, socket.gaierror):
        told = f"The name of the mail server, {server.server}, is not known.", _ONLINE
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        told = (
            f"{name} offers no encryption (STARTTLS) at port {server.port}.",
            f"{_PORTS} Letters are never sent unencrypted.",
        )
    elif isinstance(error, smtplib.SMTPResponseException):
        said = answer(error.smtp_code, octets(error.smtp_error))
        told = f"{name} turned this computer away {said}.", "Ask whoever runs it."
    elif isinstance(error, smtplib.SMTPException | ConnectionResetError):
        told = f"{lost(server, seconds, error)}.", f"Try again in a while. {_PORTS}"
    else:
        told = f"{name} cannot be reached at port {server.port}.", _ONLINE
    return told


def _distrusted(server: Mail, code: int) -> tuple[str, str]:
    certificate = f"The certificate of the mail server {server.server}"
    if code in (_EXPIRED, _NOT_YET_VALID):
        when = "has expired" if code == _EXPIRED else "is not yet valid"
        return (
            f"{certificate} {when}.",
            "Check this computer's date; if it is right, ask whoever runs the server.",
        )
    if code in (_OTHER_NAME, _OTHER_NUMBER):
        return (
            f"{certificate} is for another name.",
            f"Write the name that the provider gives for it after server: {IN_SETTINGS}.",
        )
    return (
        f"{certificate} is not trusted by this computer.",
        f"Check server {IN_SETTINGS}; for a server of your own, put the file of its root "
        "certificate into the environment variable SSL_CERT_FILE.",
    )
