"""Whatever a clerk hands in is opened as deep as people pack things, and never without end."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from random import Random

import pytest
from signed_plan.errors import UsageError
from signed_plan.extract import handed_in
from signed_plan.extract.handed_in import files_in

PLAN = b"%PDF-1.7 the plan\r\n\x00\xff"


def letter(attached: bytes | EmailMessage) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "The plan"
    made.set_content("Here it is.")
    if isinstance(attached, bytes):
        made.add_attachment(attached, maintype="application", subtype="octet-stream", filename="f")
    else:
        made.add_attachment(attached)
    return made


def zipped(*files: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for at, data in enumerate(files):
            packed.writestr(f"fü{at}", data)
    return out.getvalue()


def put_into(outer: EmailMessage) -> bytes:
    """As a mail server does that adds its own notice below a letter."""
    made = EmailMessage()
    made.set_content("Scanned for viruses.")
    made.make_mixed()
    del outer["MIME-Version"]
    made.attach(outer)
    return bytes(made)


def alone() -> bytes:
    made = EmailMessage()
    made.set_content(PLAN, maintype="application", subtype="pdf")
    return bytes(made)


@pytest.mark.parametrize(
    "pack",
    [
        lambda: PLAN,
        lambda: zipped(b"x", PLAN),
        lambda: bytes(letter(PLAN)),
        lambda: bytes(letter(letter(PLAN))),
        lambda: bytes(letter(bytes(letter(PLAN)))),
        lambda: bytes(letter(zipped(PLAN))),
        lambda: zipped(bytes(letter(PLAN))),
        lambda: zipped(bytes(letter(b"PK, but no zip")), PLAN),
        lambda: put_into(letter(PLAN)),
        alone,
    ],
)
def test_a_file_is_found_however_it_was_packed_or_forwarded(pack: Callable[[], bytes]) -> None:
    assert PLAN in list(files_in(pack()))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_read_or_refused_in_a_sentence(method: int) -> None:
    whole = zipped(b"hello" * 1000, PLAN, method=method)
    random = Random(method)
    for _ in range(500):
        spoilt = bytearray(whole)
        for _ in range(random.randint(1, 4)):
            spoilt[random.randrange(4, len(spoilt))] = random.choice(
                (0, 255, random.randrange(256))
            )
        try:
            list(files_in(bytes(spoilt)))
        except UsageError as error:
            assert "zip" in error.message


def test_what_is_not_opened_for_its_number_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MAX_FILES", 10)
    with pytest.raises(UsageError, match="too large to be evidence"):
        list(files_in(zipped(*[b""] * 10, PLAN)))


def test_zips_in_a_letter_share_the_room_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handed_in, "MAX_BYTES", 1000)
    made = letter(zipped(bytes(600)))
    made.add_attachment(zipped(bytes(601)), maintype="application", subtype="zip", filename="g")
    with pytest.raises(UsageError, match="too large to be evidence"):
        list(files_in(bytes(made)))


def test_letters_without_end_are_not_followed() -> None:
    made = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    list(files_in(made))
