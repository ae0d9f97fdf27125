"""What the tests of the signing wing share: who signs, and ways to look at what was signed."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pypdf import PdfReader
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import Identity, OfficeKeys
from signed_plan.signing.pades import Statement
from signed_plan.signing.validation import Trust

SEAL, TIMESTAMP = "office-seal", "archive-timestamp"
CAROLE, SALLY = "november-2017-heads:carole-clemens", "november-2017-heads:sally-beardsley"
FINGERPRINT = "2d69 9e22 2d0b"


@dataclass(frozen=True)
class People:
    """An office, and two people to whom it has given certificates."""

    office: OfficeKeys
    carole: Identity
    sally: Identity
    revocations: bytes


@dataclass(frozen=True)
class Signing:
    """One plan as it grows: each state begins with the one before it."""

    plan: bytes
    certified: bytes
    once: bytes
    twice: bytes


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def trust(people: People, moment: datetime, *authorities: x509.Certificate) -> Trust:
    """Judges by the office's root, at that moment."""
    roots = (der(people.office.root.certificate),)
    return Trust(roots, tuple(map(der, authorities)), lambda _: moment)


def seal_statement() -> Statement:
    lines = ("Certified 23 November 2017, 18:05 UTC", f"Version 2017-11 · {FINGERPRINT}")
    return Statement("Trent office", "Version 2017-11", Look("Trent CofE and St Mary's", lines))


def statement_of(name: str, picture: bytes | None = None) -> Statement:
    lines = (
        "Head Teacher, Burton Joyce Primary School",
        f"Signed 23 November 2017, 18:05 UTC · fingerprint {FINGERPRINT}",
    )
    return Statement(name, f"{name} agrees to this plan", Look(name, lines, picture))


def run(*words: str | Path, given: bytes = b"", code: int = 0) -> str:
    """What a program prints; it has to end with that exit code."""
    done = subprocess.run(
        list(map(str, words)), input=given, capture_output=True, timeout=60, check=False
    )
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode == code, said
    return said


@dataclass(frozen=True)
class Box:
    """A field's place as poppler measures it: points from the page's upper left corner."""

    page: int
    left: float
    top: float
    right: float
    bottom: float


def box_of(pdf: bytes, name: str) -> Box:
    reader = PdfReader(io.BytesIO(pdf))
    for at, page in enumerate(reader.pages, 1):
        for annotation in page.get("/Annots", []):
            found = annotation.get_object()
            if found.get("/T") == name:
                height = float(page.mediabox.height)
                left, bottom, right, top = map(float, found["/Rect"])
                return Box(at, left, height - top, right, height - bottom)
    raise AssertionError(f"there is no field {name}")


@dataclass(frozen=True)
class Word:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def is_in(self, box: Box) -> bool:
        """Whether its middle lies there."""
        across, down = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        return box.left <= across <= box.right and box.top <= down <= box.bottom


_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>'
)


def words_in(pdf: bytes, box: Box) -> list[Word]:
    """What pdftotext finds in a box, as whole words with their places."""
    page = str(box.page)
    told = run("pdftotext", "-bbox", "-f", page, "-l", page, "-", "-", given=pdf)
    found = [Word(unescape(text), *map(float, at)) for *at, text in _WORD.findall(told)]
    return [word for word in found if word.is_in(box)]


def said_in(pdf: bytes, name: str) -> str:
    """What pdftotext finds in a field's box."""
    return " ".join(word.text for word in words_in(pdf, box_of(pdf, name)))


def certificate_names(certificate: x509.Certificate) -> dict[str, str]:
    return {one.rfc4514_attribute_name: str(one.value) for one in certificate.subject}


def flipped(data: bytes, *places: int) -> bytes:
    """The bytes with one bit of each of those changed."""
    changed = bytearray(data)
    for at in places:
        changed[at] ^= 1
    return bytes(changed)


def replaced_once(data: bytes, old: bytes, new: bytes) -> bytes:
    """The bytes with a part, which stands there exactly once, replaced by one of its length."""
    assert data.count(old) == 1, f"{old!r} stands {data.count(old)} times"
    assert len(old) == len(new)
    return data.replace(old, new)
