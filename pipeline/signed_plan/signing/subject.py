"""Whom a certificate names (RFC 5280, 4.1.2.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

SPECIMEN = "SPECIMEN"
"""What the certificates of a demonstration are marked with."""

_OF_NO_VALUE = ", of no value"
_NAME_BYTES = 64
"""RFC 5280 allows 64 characters for each part of a name; the library takes 64 bytes."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a certificate names."""

    name: str
    organisation: str
    mark: str = ""
    """What stands before a name of no value, such as SPECIMEN."""
    unit: str = ""
    """Which of the organisation's certificates it is, where it has several."""


def mark_of(certificate: x509.Certificate) -> str:
    """The mark in a certificate of no value, such as SPECIMEN; "" in any other."""
    units = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)
    said = (str(one.value) for one in units)
    return next((one.removesuffix(_OF_NO_VALUE) for one in said if one.endswith(_OF_NO_VALUE)), "")


def x509_name(subject: Subject) -> x509.Name:
    """The name in a certificate; of an organisation, no word is left out (X.520, 6.4.1)."""
    common = f"{subject.mark} {subject.name}".strip()
    worth = f"{subject.mark}{_OF_NO_VALUE}" if subject.mark else ""
    parts = [
        (NameOID.COMMON_NAME, _shorten(common, _NAME_BYTES)),
        *((NameOID.ORGANIZATION_NAME, piece) for piece in _pieces(subject.organisation)),
        *((NameOID.ORGANIZATIONAL_UNIT_NAME, unit) for unit in (subject.unit, worth) if unit),
    ]
    return x509.Name([x509.NameAttribute(*part) for part in parts])


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces, none of them longer than a part of a name may be."""
    while text:
        piece = _shorten(text, _NAME_BYTES)
        yield piece
        text = text[len(piece) :].lstrip()


def _shorten(text: str, size: int) -> str:
    """The start of a text, at most so many bytes of UTF-8, cut between words if possible."""
    start = text.encode("utf-8")[:size].decode("utf-8", "ignore")
    whole = start.rpartition(" ")[0]
    return whole if start != text and len(whole) > len(start) / 2 else start
