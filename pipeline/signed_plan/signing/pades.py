"""PAdES signatures (ETSI EN 319 142-1) into fields that wait for them.

Everything is an incremental update (ISO 32000-2, 7.5.6): the bytes before it are not touched, so
that every earlier signature stays as it was. A signature is one update, and what is needed to
validate it later (certificates, revocation lists) is another behind it, since it counts as
evidence only where it comes after what it is evidence of.
"""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass, field

from asn1crypto import crl, keys, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner
from pyhanko.sign.signers.pdf_signer import TimestampDSSContentSettings
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.registry import SimpleCertificateStore

from signed_plan.errors import ServiceError
from signed_plan.signing.appearance import Look, Style
from signed_plan.signing.identity import Identity
from signed_plan.signing.timestamp import Authority
from signed_plan.signing.validation import tokens

BASIC, TIMESTAMPED, LONG_TERM, ARCHIVAL = "B-B", "B-T", "B-LT", "B-LTA"
"""The PAdES baseline levels."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a signature says of itself: who, why, and what is seen of it on the page."""

    name: str
    reason: str
    look: Look


@dataclass(frozen=True, slots=True)
class ValidationMaterial:
    """What is added to a signature so that it can be validated later."""

    roots: tuple[certificates.Certificate, ...]
    """The certificates that those of the signatories lead to."""
    revocations: bytes = field(repr=False)
    """The office's own revocation list, in DER."""
    authority: Authority | None = None
    """Who puts a time to it; without one no network is used."""

    def context(self) -> ValidationContext:
        """What to validate certificates by. It remembers what it meets: one for each signature."""
        roots = [_asn1(root) for root in self.roots]
        if self.authority is not None:
            roots.append(self.authority.root)
        return ValidationContext(
            trust_roots=roots,
            crls=[crl.CertificateList.load(self.revocations)],
            allow_fetching=self.authority is not None,
            revocation_mode="require",
        )


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """A PDF that has grown, and the PAdES level of what was added."""

    pdf: bytes
    level: str


def certify(
    pdf: bytes, name: str, seal: Identity, words: Words, evidence: ValidationMaterial
) -> SignedPdf:
    """The PDF with the office's certification in the field of that name.

    From then on nothing but further signatures may be added (DocMDP level 2, ISO 32000-2, 12.8.2.2;
    there are no fields to fill in but those for signatures). Raises ServiceError where a timestamp
    authority is to be asked and does not do its part.
    """
    return _add(pdf, seal, _metadata(name, words, certifying=True), words.look, evidence)


def sign(
    pdf: bytes, name: str, person: Identity, words: Words, evidence: ValidationMaterial
) -> SignedPdf:
    """The PDF with one person's signature in the field of that name; raises as `certify` does."""
    return _add(pdf, person, _metadata(name, words, certifying=False), words.look, evidence)


def archive(pdf: bytes, name: str, look: Look, evidence: ValidationMaterial) -> SignedPdf:
    """The PDF with evidence for every signature in it and, if there is an authority, its archive
    timestamp over everything (ISO 32000-2, 12.8.5) in the field of that name."""

    async def in_a_loop() -> SignedPdf:
        context = evidence.context()
        try:
            return await _archive(pdf, name, look, evidence, context)
        finally:
            await context.aclose()

    return asyncio.run(in_a_loop())


class _Writer(IncrementalPdfFileWriter):
    """Adds to a file and leaves its metadata alone: they were signed, and nobody need wonder."""

    def _update_meta(self) -> None:
        pass


def _metadata(name: str, words: Words, *, certifying: bool) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=name,
        name=words.name,
        reason=words.reason,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=certifying,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )


def _add(
    pdf: bytes,
    identity: Identity,
    metadata: PdfSignatureMetadata,
    look: Look,
    evidence: ValidationMaterial,
) -> SignedPdf:
    signer = PdfSigner(
        metadata,
        _signer(identity),
        timestamper=evidence.authority,
        stamp_style=Style(border_width=0, look=look),
    )
    out = io.BytesIO()
    signer.sign_pdf(_Writer(io.BytesIO(pdf)), existing_fields_only=True, output=out)
    return asyncio.run(_with_evidence(out.getvalue(), evidence))


async def _with_evidence(pdf: bytes, evidence: ValidationMaterial) -> SignedPdf:
    """The PDF, and behind its last signature what it takes to validate that, if it is to be had."""
    writer = _Writer(io.BytesIO(pdf))
    context = evidence.context()
    last = writer.prev.embedded_signatures[-1]
    try:
        paths = await _paths(last, context)
    finally:
        await context.aclose()
    if not paths:  # the issuer of a certificate has no revocation list that can be reached
        return SignedPdf(pdf, TIMESTAMPED if evidence.authority else BASIC)
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=paths, validation_context=context
    )
    out = io.BytesIO()
    writer.write(out)
    return SignedPdf(out.getvalue(), LONG_TERM if evidence.authority else BASIC)


async def _archive(
    pdf: bytes, name: str, look: Look, evidence: ValidationMaterial, context: ValidationContext
) -> SignedPdf:
    writer = _Writer(io.BytesIO(pdf))
    signatures = writer.prev.embedded_regular_signatures
    paths = [path for one in signatures for path in await _paths(one, context)]
    out = io.BytesIO()
    if evidence.authority is None:
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, paths=paths, validation_context=context
        )
        writer.write(out)
        return SignedPdf(out.getvalue(), BASIC)
    reference = next(field for _, _, field in enumerate_sig_fields(writer, with_name=name))
    _show(writer, reference, look)
    with_evidence = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    stamper = PdfTimeStamper(evidence.authority, field_name=name)
    try:
        await stamper.async_timestamp_pdf(
            writer,
            "sha256",
            context,
            validation_paths=paths,
            output=out,
            dss_settings=with_evidence,
        )
    except (PathError, ValidationError) as error:
        raise ServiceError(
            "The timestamp authority's certificate cannot be validated for the archive: no "
            "revocation list of its issuer can be had.",
            "Nothing was changed. Try again later, or ask who runs it.",
        ) from error
    return SignedPdf(out.getvalue(), ARCHIVAL)


async def _paths(
    embedded: EmbeddedPdfSignature, context: ValidationContext
) -> list[ValidationPath]:
    """The ways from a signature's certificate, and its timestamp's, to their roots; none if what
    it takes to validate them is not to be had."""
    try:
        by_signer = CertificateValidator(
            embedded.signer_cert, embedded.other_embedded_certs, validation_context=context
        )
        paths = [await by_signer.async_validate_path()]
        for held in map(extract_certificate_info, tokens(embedded)):
            by_authority = CertificateValidator(
                held.signer_cert, held.other_certs, validation_context=context
            )
            paths.append(await by_authority.async_validate_usage(set(), {"time_stamping"}))
    except (PathError, ValidationError):
        return []
    return paths


def _show(writer: IncrementalPdfFileWriter, reference: generic.IndirectObject, look: Look) -> None:
    """Gives a field its appearance before a timestamp, which brings none of its own."""
    widget = reference.get_object()
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    box = BoxConstraints(width=right - left, height=top - bottom)
    Style(border_width=0, look=look).create_stamp(writer, box, {}).apply_appearance(widget)
    writer.mark_update(reference)


def _signer(identity: Identity) -> SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple(_asn1(one) for one in identity.issuers)
    key = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=_asn1(identity.certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=store,
    )


def _asn1(certificate: certificates.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
