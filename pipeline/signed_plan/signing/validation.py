"""The signatures in a PDF, and whether each is good: pyHanko's checks and a few of our own.

pyHanko computes the digests, checks the certificates and judges every later change. We also check
the digest algorithm, and that the unused space behind a signature is empty.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from asn1crypto import cms, parser, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import UnacceptableSignerError
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from signed_plan.digest import Digest
from signed_plan.signing.later_changes import LATER_CHANGES
from signed_plan.signing.pdf_compare import text_of

SignatureKind = Literal["certification", "signature", "timestamp"]

UNREADABLE = (
    PdfError,
    SignatureValidationError,
    UnacceptableSignerError,
    PathError,
    ValidationError,
)
"""What the library raises for a file that is not what it claims to be."""
BROKEN = (
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OverflowError,
)
"""What escapes from inside the library for files that were made to break it."""

_WEAK = ("md2", "md4", "md5", "sha1")


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature in a file; `fault` says what is wrong with it, "" if nothing is."""

    field: str
    kind: SignatureKind
    certificate: str
    """The SHA-256 of the signer's certificate, in hexadecimal digits."""
    signer: str
    """The name in that certificate, which proves nothing by itself."""
    reason: str
    moment: datetime | None
    """When it was made: from an authority's token, else from the signer's own clock."""
    stamped: bool
    """Whether the moment comes from an authority's token."""
    end: int
    """How long the file was when it was signed, in bytes."""
    fault: str


@dataclass(frozen=True, slots=True)
class Trust:
    """What signatures are judged by."""

    roots: tuple[bytes, ...]
    """A signer's certificate must be one of these, or be issued by one (DER)."""
    authorities: tuple[bytes, ...]
    """The certificate of a timestamp must be issued by one of these (DER)."""
    judged_at: Callable[[str], datetime]
    """The moment at which the signature in a field is judged, if it carries no token."""


def read_signatures(pdf: bytes, trust: Trust) -> tuple[Signature, ...]:
    """Every signature in the file, in the order they were made.

    Raises one of UNREADABLE or BROKEN if the file is no PDF, or was made to confuse.
    """
    return asyncio.run(_read_all(PdfFileReader(io.BytesIO(pdf)), trust))


async def _read_all(reader: PdfFileReader, trust: Trust) -> tuple[Signature, ...]:
    found = [await _read_signature(embedded, trust) for embedded in reader.embedded_signatures]
    known = {signature.field for signature in found}
    filled = enumerate_sig_fields(reader, filled_status=True)
    return (
        *found,
        *(_unknown_signature(str(name)) for name, _, _ in filled if str(name) not in known),
    )


def _unknown_signature(field: str) -> Signature:
    """A signature in a format that pyHanko does not know and skips."""
    fault = "it is of a kind that cannot be checked"
    return Signature(field, "signature", "", "", "", None, stamped=False, end=0, fault=fault)


async def _read_signature(embedded: EmbeddedPdfSignature, trust: Trust) -> Signature:
    is_timestamp = embedded.sig_object_type == "/DocTimeStamp"
    certifies = embedded.docmdp_level is not None
    ranges = [int(number) for number in embedded.byte_range]
    found = Signature(
        field=str(embedded.field_name),
        kind="timestamp" if is_timestamp else "certification" if certifies else "signature",
        certificate=Digest.of_bytes(embedded.signer_cert.dump()).hex,
        signer=_common_name(embedded.signer_cert),
        reason=text_of(embedded.sig_object, "/Reason"),
        moment=_token_time(embedded) or embedded.self_reported_timestamp,
        stamped=_token_time(embedded) is not None,
        end=ranges[-2] + ranges[-1],
        fault="",
    )
    fault = _form_fault(embedded) or await _trust_fault(embedded, trust, is_timestamp=is_timestamp)
    return replace(found, fault=fault)


def _form_fault(embedded: EmbeddedPdfSignature) -> str:
    """What is wrong with its form, whatever it signs; "" if nothing is."""
    if embedded.md_algorithm in _WEAK:
        return f"it uses {embedded.md_algorithm}, which can be forged"
    room = embedded.pkcs7_content
    # Not by writing it anew: some programs write BER, which is as good and has another length.
    if any(room[parser.peek(room) :]):
        return "its padding was changed: bytes stand where there should be none"
    return ""


async def _trust_fault(embedded: EmbeddedPdfSignature, trust: Trust, *, is_timestamp: bool) -> str:
    token = _token_time(embedded)
    by_authorities = ValidationContext(
        trust_roots=_load_certificates(trust.authorities), allow_fetching=False, moment=token
    )
    if is_timestamp:
        stamp = await async_validate_pdf_timestamp(
            embedded, by_authorities, diff_policy=LATER_CHANGES
        )
        return _fault_text(
            stamp.intact,
            stamp.valid,
            stamp.trusted,
            stamp.coverage,
            _later_changes_allowed(embedded),
        )
    moment = token or trust.judged_at(embedded.field_name)
    by_roots = ValidationContext(
        trust_roots=_load_certificates(trust.roots),
        other_certs=_load_certificates(trust.roots),
        allow_fetching=False,
        moment=moment,
    )
    status = await async_validate_pdf_signature(
        embedded,
        by_roots,
        by_authorities,
        key_usage_settings=KeyUsageConstraints(key_usage=set()),
        diff_policy=LATER_CHANGES,
    )
    fault = _fault_text(
        status.intact, status.valid, status.trusted, status.coverage, bool(status.docmdp_ok)
    )
    if fault:
        if not status.trusted and status.intact and status.valid:
            return _certificate_fault(embedded.signer_cert, moment)
        return fault
    # A certificate that is itself a root is trusted without a look at its dates.
    if not _is_valid(embedded.signer_cert, moment):
        return _certificate_fault(embedded.signer_cert, moment)
    stamp_status = status.timestamp_validity
    if stamp_status is not None and not (stamp_status.valid and stamp_status.trusted):
        return "its timestamp is not by an authority that the office has named"
    return ""


def _later_changes_allowed(embedded: EmbeddedPdfSignature) -> bool:
    result = embedded.summarise_integrity_info()
    return bool(result["docmdp_ok"])


def _fault_text(
    intact: bool,
    valid: bool,
    trusted: bool,
    coverage: SignatureCoverageLevel | None,
    unchanged: bool,
) -> str:
    if not intact:
        return "what it signed was changed afterwards"
    if not valid:
        return "it is not a true signature of its certificate"
    if coverage not in (
        SignatureCoverageLevel.ENTIRE_REVISION,
        SignatureCoverageLevel.ENTIRE_FILE,
    ):
        return "it does not cover the whole document as it was when it was signed"
    if not unchanged:
        return "something that may not change was changed behind it"
    if not trusted:
        return "its certificate is not known to the office"
    return ""


def _certificate_fault(certificate: x509.Certificate, moment: datetime) -> str:
    if not _is_valid(certificate, moment):
        return f"its certificate was not valid on {moment:%d %B %Y}, when it was signed"
    return "its certificate is not known to the office"


def _is_valid(certificate: x509.Certificate, moment: datetime) -> bool:
    return bool(certificate.not_valid_before <= moment <= certificate.not_valid_after)


def tokens(embedded: EmbeddedPdfSignature) -> list[cms.SignedData]:
    """The timestamp tokens (RFC 3161) that a signature carries."""
    return [
        value["content"]
        for attribute in embedded.signer_info["unsigned_attrs"] or ()
        if attribute["type"].native == "signature_time_stamp_token"
        for value in attribute["values"]
    ]


def _token_time(embedded: EmbeddedPdfSignature) -> datetime | None:
    """The time in the token of a timestamp, or in the one that a signature carries."""
    is_timestamp = embedded.sig_object_type == "/DocTimeStamp"
    for data in [embedded.signed_data] if is_timestamp else tokens(embedded):
        moment: datetime = data["encap_content_info"]["content"].parsed["gen_time"].native
        return moment
    return None


def _common_name(certificate: x509.Certificate) -> str:
    name = certificate.subject.native.get("common_name", "")
    return str(name or certificate.subject.human_friendly)


def _load_certificates(found: Iterable[bytes]) -> list[x509.Certificate]:
    return [x509.Certificate.load(one) for one in found]
