"""A letter as an e-mail message, and as a draft for a mail program."""

from __future__ import annotations

import datetime as dt
import re
from copy import deepcopy
from dataclasses import dataclass, field
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import make_msgid
from pathlib import PurePath
from typing import Any

from signed_plan.errors import UsageError
from signed_plan.plan.addresses import is_address, name_and_address, quote

TYPES = {
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".p7b": "application/x-pkcs7-certificates",
}
"""The types of attachments, by the ending of their names."""


@dataclass(frozen=True, slots=True)
class LetterAttachment:
    """A file that goes with a letter."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter to one person."""

    to_name: str
    to_address: str
    subject: str
    text: str
    attachments: tuple[LetterAttachment, ...] = ()


def message(letter: Letter, sender: str | None, moment: dt.datetime) -> EmailMessage:
    """The letter as an e-mail of that moment, which has its time zone.

    Without a sender, such as "Office <office@school.example>", it can only become a draft.
    Raises UsageError if the letter's address is not valid.
    """
    if not is_address(letter.to_address):
        raise UsageError(
            f"{quote(letter.to_address)} is not an e-mail address.",
            "Write one address in plain letters, such as ann@school.example.",
        )
    email = EmailMessage(policy=_POLICY)
    email["Date"] = moment
    if sender is not None:
        name, address = name_and_address(sender)
        email["From"] = _person(name, address)
        email["Message-ID"] = make_msgid(domain=address.rpartition("@")[2])
    email["To"] = _person(letter.to_name, letter.to_address)
    email["Subject"] = _one_line(letter.subject)
    # So that any server can pass it on, even one limited to seven bits.
    email.set_content(letter.text, cte="quoted-printable")
    for attachment in letter.attachments:
        ending = PurePath(attachment.name).suffix.lower()
        kind, _, subtype = TYPES.get(ending, "application/octet-stream").partition("/")
        email.add_attachment(
            attachment.data,
            maintype=kind,
            subtype=subtype,
            filename=_one_line(attachment.name),
            params={"charset": "utf-8"} if kind == "text" else None,
        )
    return email


def _person(name: str, address: str) -> Address:
    return Address(_one_line(name), addr_spec=address)


def _one_line(value: str) -> str:
    """The text on one line, so that it cannot start another header."""
    return " ".join(value.split())


def draft(message: EmailMessage) -> bytes:
    """The message as an .eml file that a mail program opens as a draft.

    X-Unsent says so to Outlook and Thunderbird, the other header to Apple Mail. The program that
    sends it gives it its date and its Message-ID.
    """
    copy = deepcopy(message)
    del copy["Date"], copy["Message-ID"]
    copy["X-Unsent"] = "1"
    copy["X-Uniform-Type-Identifier"] = "com.apple.mail-draft"
    return copy.as_bytes()


class _Policy(EmailPolicy):
    """Lines as SMTP wants them; names and subjects are folded by Python's older code.

    The newer code loses a name's quotation marks where it folds between them, so that a comma
    becomes the end of an address, and loses spaces between encoded words. It begins a long subject
    with an empty line, which mail programs show as a space.
    """

    def fold(self, name: str, value: Any) -> str:
        if name in ("From", "To"):
            (person,) = value.addresses
            shown, address = _encode_name(person.display_name, name), f"<{person.addr_spec}>"
            gap = " " if len(name) + len(shown) + len(address) < 75 else f"{self.linesep} "
            return f"{name}: {shown}{gap if shown else ''}{address}{self.linesep}"
        if name == "Subject":
            return f"{name}: {_encode_subject(str(value))}{self.linesep}"
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


def _encode_name(name: str, header: str) -> str:
    """The name as a header can hold it, on as many lines as it needs (RFC 2047)."""
    if re.fullmatch(r"[A-Za-z0-9' -]{0,60}", name):
        return name
    return Header(name, "utf-8", header_name=header).encode(linesep=_POLICY.linesep)


def _encode_subject(subject: str) -> str:
    """The subject as a header can hold it, on as many lines as it needs (RFC 2047)."""
    charset = "us-ascii" if subject.isascii() and "=?" not in subject else "utf-8"
    return Header(subject, charset, header_name="Subject").encode(linesep=_POLICY.linesep)


_POLICY = _Policy(linesep="\r\n")
