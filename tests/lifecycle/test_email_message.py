from __future__ import annotations

import dataclasses
import datetime as dt
import email
import re
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from signed_plan.errors import UsageError
from signed_plan.lifecycle.email_message import Letter, LetterAttachment, draft, message
from signed_plan.plan.text import flaw

from tests.plan.helpers import UNTIMED

SENDER = "Bürger, Office <office@school.example>"
MOMENT = dt.datetime(2017, 11, 14, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))
TEXT = "Dear Zoë,\n\nplease sign.\n.\nFrom here on: yours – the office\n" + "long " * 60 + "\n"
FILES = (
    LetterAttachment("plan.pdf", b"%PDF-1.7\r\n\x00\xff\n.\r\n"),
    LetterAttachment("Begründung für Zoë.txt", "Ä\r\nno line end".encode()),
    LetterAttachment("office.p7b", b"0\x82\x01"),
    LetterAttachment("more.xyz", b"\x00" * 100),
)
LETTER = Letter("Zoë Åberg", "zoe@school.example", "Bitte unterschreiben – Plan 2017", TEXT, FILES)


def received(octets: bytes) -> EmailMessage:
    found = email.message_from_bytes(octets, policy=default)
    assert isinstance(found, EmailMessage)
    return found


def body(found: EmailMessage) -> str:
    part = found.get_body(("plain",))
    assert part is not None
    text = part.get_content()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def attached(found: EmailMessage) -> list[tuple[str | None, str, bytes]]:
    """Name, type and bytes of each attachment."""
    return [
        (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))  # type: ignore[misc]
        for part in found.iter_attachments()
    ]


def sent(letter: Letter = LETTER, sender: str | None = SENDER) -> bytes:
    return message(letter, sender, MOMENT).as_bytes()


# Messages


def test_a_message_says_who_wrote_to_whom_and_when() -> None:
    found = received(sent())

    assert str(found["From"]) == '"Bürger, Office" <office@school.example>'
    assert str(found["To"]) == "Zoë Åberg <zoe@school.example>"
    assert found["Subject"] == LETTER.subject
    assert parsedate_to_datetime(str(found["Date"])) == MOMENT
    assert re.fullmatch(r"<\S+@school\.example>", str(found["Message-ID"]))


def test_each_message_has_a_message_id_of_its_own() -> None:
    assert received(sent())["Message-ID"] != received(sent())["Message-ID"]


def test_the_text_arrives_as_it_was_written() -> None:
    assert body(received(sent())) == TEXT


def test_attachments_arrive_byte_for_byte_with_their_names_and_types() -> None:
    assert attached(received(sent())) == [
        ("plan.pdf", "application/pdf", FILES[0].data),
        ("Begründung für Zoë.txt", "text/plain", FILES[1].data),
        ("office.p7b", "application/x-pkcs7-certificates", FILES[2].data),
        ("more.xyz", "application/octet-stream", FILES[3].data),
    ]


@pytest.mark.parametrize("text", [TEXT, "Zoë"])
def test_a_message_is_ascii_in_short_lines_that_end_as_smtp_wants(text: str) -> None:
    octets = sent(dataclasses.replace(LETTER, text=text))

    octets.decode("ascii")
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert b"\r" not in octets.replace(b"\r\n", b"")
    assert max(len(line) for line in octets.split(b"\r\n")) <= 78


def test_a_bare_sender_needs_no_name() -> None:
    found = received(sent(sender="office@school.example"))

    assert str(found["From"]) == "office@school.example"


def test_a_long_subject_begins_on_its_own_line() -> None:
    """An empty first line shows as a space before it."""
    long = "Collaboration Action Plan 2017, version 2017-07: not yet your turn to sign"
    octets = sent(dataclasses.replace(LETTER, subject=long))
    assert b"\r\nSubject: Collaboration Action Plan" in octets
    assert received(octets)["Subject"] == long


def older_reading(found: Message, header: str) -> list[tuple[str, str]]:
    """Names and addresses as read by another reader than the one that wrote them."""
    pairs = getaddresses([re.sub(r"\r?\n", "", str(found[header]))])
    return [(str(make_header(decode_header(name))), address) for name, address in pairs]


words = (
    st.text(st.one_of(st.sampled_from("ab ,.()@:;'é"), st.characters(codec="utf-8")), min_size=1)
    .map(lambda found: " ".join(found.split()))
    .filter(lambda found: flaw(found) is None)
)

# What Python's newer code for headers spoils: a quoted name and a space where a line ends.
LONG = "Smith, Ann " + "x" * 40 + ", Jr. " + "of a school with a long name " * 3 + "end"
SPLIT = "0" + "\u0800" * 14 + " )"


@UNTIMED
@given(words, words)
@example(LONG, "x")
@example("x", LONG)
@example("x", SPLIT)
@example(SPLIT, "x")
def test_any_name_and_subject_arrive_as_they_were_written(name: str, subject: str) -> None:
    found = email.message_from_bytes(sent(Letter(name, "ann@school.example", subject, "")))

    assert older_reading(found, "To") == [(name, "ann@school.example")]
    read = make_header(decode_header(re.sub(r"\r?\n", "", str(found["Subject"]))))
    assert str(read) == subject


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
def test_no_text_can_begin_a_header_of_its_own(end: str) -> None:
    evil = f"Ann{end}Bcc: eve@evil.example"
    letter = Letter(evil, "ann@school.example", evil, "", (LetterAttachment(f"{evil}.pdf", b""),))

    octets = sent(letter, SENDER)

    found = received(octets)
    assert "Bcc" not in found
    assert b"\nBcc" not in octets
    assert found["Subject"] == "Ann Bcc: eve@evil.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "ann",
        "ann@school",
        "ann@school.example\nBcc: eve@evil.example",
        "a@b.example, c@d.example",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="is not an e-mail address"):
        message(Letter("Ann", address, "s", "t"), SENDER, MOMENT)


# Drafts


def test_a_draft_says_that_it_is_still_to_be_sent_and_by_whom_is_left_to_the_program() -> None:
    octets = draft(message(LETTER, SENDER, MOMENT))
    found = received(octets)

    assert found["X-Unsent"] == "1"
    assert found["X-Uniform-Type-Identifier"] == "com.apple.mail-draft"
    assert "Message-ID" not in found
    assert "Date" not in found
    assert b"\n" not in octets.replace(b"\r\n", b"")


def test_a_draft_holds_the_whole_letter() -> None:
    found = received(draft(message(LETTER, SENDER, MOMENT)))

    assert str(found["To"]) == "Zoë Åberg <zoe@school.example>"
    assert found["Subject"] == LETTER.subject
    assert body(found) == TEXT
    assert [data for _, _, data in attached(found)] == [file.data for file in FILES]


def test_a_draft_needs_no_sender() -> None:
    found = received(draft(message(LETTER, None, MOMENT)))

    assert "From" not in found
    assert str(found["To"]) == "Zoë Åberg <zoe@school.example>"


def test_making_a_draft_leaves_the_message_as_it_is() -> None:
    made = message(LETTER, SENDER, MOMENT)
    before = made.as_bytes()

    draft(made)

    assert made.as_bytes() == before


def test_a_letter_shows_names_of_its_files_and_not_their_bytes() -> None:
    assert "plan.pdf" in repr(LETTER)
    assert "PDF-1.7" not in repr(LETTER)
