from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from signed_plan.plan.addresses import (
    Email,
    Port,
    Sender,
    Server,
    Url,
    is_address,
    name_and_address,
    quote,
)

from tests.plan.helpers import UNTIMED

slow = pytest.mark.slow("tries many made-up texts")


def accepted(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        (found,) = error.errors(include_url=False)
        assert found["type"] in ("plan", "string_type"), found
        return False
    return True


BREAKS = ("\n", "\r", "\r\n", "\u2028", "\x0b", "\x00")


@pytest.mark.parametrize(
    "address",
    ["ann@school.example", "a.b+c@x.y.z.example", "o'brien@s-1.example", "x@xn--schle-jua.example"],
)
def test_an_e_mail_address_is_taken(address: str) -> None:
    assert accepted(Email, address)


@pytest.mark.parametrize(
    "address",
    [
        *("", "ann", "@", "ann@", "@school.example", "ann@school", "ann@school.example."),
        *("ann @school.example", "ann@school..example", ".ann@school.example", "a..b@c.example"),
        *("ann@-school.example", "ann@school.example,bob@school.example", "Ann <a@school.example>"),
        *("änn@school.example", "ann@schöol.example", "a" * 250 + "@b.example", "a@b@c.example"),
        *(f"ann@school.example{end}Bcc: eve@evil.example" for end in BREAKS),
        *(f"ann@school.example{end}" for end in BREAKS[1:]),
    ],
)
def test_what_is_no_single_plain_e_mail_address_is_refused(address: str) -> None:
    assert not accepted(Email, address)


@slow
@UNTIMED
@given(st.text())
def test_whatever_is_an_address_has_nothing_that_mail_would_act_on(value: str) -> None:
    if is_address(value):
        assert value.count("@") == 1
        assert not set(value) & set(' \r\n\t<>,;:"()[]\\')


@pytest.mark.parametrize(
    ("sender", "parts"),
    [
        ("office@school.example", ("", "office@school.example")),
        ("<office@school.example>", ("", "office@school.example")),
        ("Office <office@school.example>", ("Office", "office@school.example")),
        ("Büro, Nord <office@school.example>", ("Büro, Nord", "office@school.example")),
        ('"Office, North" <office@school.example>', ("Office, North", "office@school.example")),
    ],
)
def test_a_sender_is_a_name_and_an_address(sender: str, parts: tuple[str, str]) -> None:
    assert accepted(Sender, sender)
    assert name_and_address(sender) == parts


@pytest.mark.parametrize(
    "sender",
    [
        *(
            "",
            "Office",
            "Office <office>",
            "Office <office@school.example",
            "office@school.example>",
        ),
        *("Office office@school.example", "A <a@b.example> <c@d.example>", 'A " B <a@b.example>'),
        *("Office <office@school.example>, Eve <eve@evil.example>", "x" * 400 + " <a@b.example>"),
        *(f"Office{end}Bcc: eve@evil.example <office@school.example>" for end in BREAKS),
        *(f"Office <office@school.example{end}>" for end in BREAKS),
    ],
)
def test_what_is_no_sender_is_refused(sender: str) -> None:
    assert not accepted(Sender, sender)


@pytest.mark.parametrize("server", ["localhost", "mail.school.example", "192.0.2.1", "2001:db8::1"])
def test_a_server_is_a_bare_name_or_number(server: str) -> None:
    assert accepted(Server, server)


@pytest.mark.parametrize(
    "server",
    [
        *(
            "",
            "smtp://mail.school.example",
            "mail.school.example:587",
            "mail school",
            "mäil.example",
        ),
        *("mail.school.example/", "-mail.example", "mail..example", "a." * 130 + "example"),
        *("mail.school.example\nx", "fe80::1%a\nb", "user@mail.example"),
    ],
)
def test_what_is_no_server_is_refused(server: str) -> None:
    assert not accepted(Server, server)


@pytest.mark.parametrize("port", ["1", "25", "65535", 587])
def test_a_port_is_a_number_up_to_65535(port: str | int) -> None:
    assert accepted(Port, port)


@pytest.mark.parametrize("port", ["", "0", "65536", "-1", "587x", "5 87", "٥٨٧", "1e3", "0587", 0])
def test_what_is_no_port_is_refused(port: str | int) -> None:
    assert not accepted(Port, port)


@pytest.mark.parametrize(
    "url", ["http://tsa.example", "https://tsa.example:8080/a?b=c", "https://192.0.2.1/tsr"]
)
def test_a_web_address_is_http_or_https(url: str) -> None:
    assert accepted(Url, url)


@pytest.mark.parametrize(
    "url",
    [
        *("", "tsa.example", "ftp://tsa.example", "file:///etc/passwd", "https://", "https:///x"),
        *(
            "https://tsa.example:x/",
            "https://tsa.example:99999/",
            "https://[::1",
            "http://ä.example",
        ),
        *("https://tsa.example/a b", "https://user:word@tsa.example/", "javascript:alert(1)"),
        *(f"https://tsa.example/{end}x" for end in BREAKS),
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    assert not accepted(Url, url)


@pytest.mark.parametrize("kind", [Email, Sender, Server, Port, Url])
@pytest.mark.parametrize("value", [["a"], {"a": "b"}, None])
def test_lists_and_further_keys_are_refused(kind: Any, value: object) -> None:
    assert not accepted(kind, value)


def test_a_message_quotes_a_value_short_and_on_one_line() -> None:
    assert quote("a\n b\x1b[2J") == '"a b [2J"'
    assert len(quote("a" * 1000)) < 70
