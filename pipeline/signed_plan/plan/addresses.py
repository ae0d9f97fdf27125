"""What counts as an e-mail address, a sender, a server, a port and a web address in the settings.

All of them go into headers or commands of a protocol. Each is matched as a whole, since a line
break in one would start another header or command.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticKnownError

from signed_plan.plan import text
from signed_plan.plan.model import refuse
from signed_plan.wording import printable, shorten

MAX_ADDRESS = 254  # RFC 5321, without the angle brackets
MAX_SENDER = 400

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(\.{_LABEL})*"
_ADDRESS = rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+{_LABEL}"


def is_address(value: str) -> bool:
    """Whether this is exactly one plain e-mail address, such as ann@school.example."""
    return len(value) <= MAX_ADDRESS and re.fullmatch(_ADDRESS, value) is not None


def name_and_address(sender: str) -> tuple[str, str]:
    """The two parts of "Office <office@school.example>". The name of a bare address is ""."""
    found = re.fullmatch(r'\s*("?)(.*?)\1\s*<([^<>]*)>', sender)
    return ("", sender) if found is None else (found[2], found[3])


def scalar(value: Any) -> str:
    """The text that was given, without the line end that a folded YAML scalar leaves."""
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return text.normalise(value)


def quote(value: str) -> str:
    """The value in quotation marks, short and on one line."""
    return f'"{shorten(" ".join(printable(value).split()))}"'


def _url(value: Any) -> str:
    url = scalar(value)
    remedy = "Write the address as the authority gives it, such as https://tsa.example/timestamps."
    try:
        parts = urlsplit(url)
        host, user, _ = parts.hostname, parts.username, parts.port
    except ValueError:
        raise refuse(f"{quote(url)} is not a web address", remedy) from None
    if parts.scheme not in ("http", "https") or not host or not re.fullmatch("[!-~]+", url):
        raise refuse(f"{quote(url)} is not a web address (http or https)", remedy)
    if user is not None:
        raise refuse("this web address holds a user's name", "Leave out what stands before the @.")
    return url


def _server(value: Any) -> str:
    name = scalar(value)
    if not (re.fullmatch(_HOST, name) and len(name) <= 253) and not _is_ip(name):
        raise refuse(
            f"{quote(name)} is not the name of a server",
            "Write the bare name, such as mail.school.example; the port has its own line.",
        )
    return name


def _is_ip(value: str) -> bool:
    if "%" in value:  # a zone, in which anything may stand
        return False
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _port(value: Any) -> int:
    written = str(value) if isinstance(value, int) else scalar(value)
    if not re.fullmatch("[1-9][0-9]{0,4}", written) or int(written) > 65535:
        raise refuse(
            f"{quote(written)} is not a port",
            "Write a number from 1 to 65535. Most mail servers use 587.",
        )
    return int(written)


def _email(value: Any) -> str:
    address = scalar(value)
    if not is_address(address):
        raise refuse(
            f"{quote(address)} is not an e-mail address",
            "Write one address in plain letters, such as ann@school.example.",
        )
    return address


def _sender(value: Any) -> str:
    sender = scalar(value)
    name, address = name_and_address(sender) if len(sender) <= MAX_SENDER else ("", "")
    if not is_address(address) or re.search(r'[<>"\\]', name) or (name and text.flaw(name)):
        raise refuse(
            f"{quote(sender)} is not a sender of letters",
            "Write a name and one address, such as: Office <office@school.example>",
        )
    return sender


Url = Annotated[
    str,
    BeforeValidator(_url),
    WithJsonSchema({"type": "string", "format": "uri", "pattern": "^https?://"}),
]
Server = Annotated[str, BeforeValidator(_server), WithJsonSchema({"type": "string"})]
Port = Annotated[
    int,
    BeforeValidator(_port),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 65535}),
]
Email = Annotated[
    str, BeforeValidator(_email), WithJsonSchema({"type": "string", "format": "email"})
]
Sender = Annotated[
    str, BeforeValidator(_sender), WithJsonSchema({"type": "string", "pattern": "@"})
]
