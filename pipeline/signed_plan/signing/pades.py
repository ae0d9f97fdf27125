"""PAdES signatures (ETSI EN 319 142-1) into fields that wait for them.

Everything is an incremental update (ISO 32000-2, 7.5.6): the bytes before it are not touched, so
every earlier signature stays valid. A signature is one update. What is needed to validate it later
(certificates, revocation lists) is a second one behind it: validators count it only if it comes
after the signature.
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
class Statement:
    """What a signature says: who signs, why, and how it looks on the page."""

    name: str
    reason: str
    look: Look


@dataclass(frozen=True, slots=True)
class ValidationMaterial:
    """What is added to a signature so that it can be validated later."""

    roots: tuple[certificates.Certificate, ...]
    """The certificates that issued those of the signatories."""
    revocations: bytes = field(repr=False)
    """The office's own revocation list, in DER."""
    authority: Authority | None = None
    """The timestamp authority; without one no network is used."""

    def context(self) -> ValidationContext:
        """A fresh context for pyHanko. It remembers what it met: use one for each signature."""
        roots = [_to_asn1(root) for root in self.roots]
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
    pdf: bytes, name: str, seal: Identity, statement: Statement, material: ValidationMaterial
) -> SignedPdf:
    """The PDF with the office's certification in the field of that name.

    From then on nothing but further signatures may be added (DocMDP level 2, ISO 32000-2, 12.8.2.2;
    the only fields are those for signatures). Raises ServiceError if a timestamp authority is
    asked and fails.
    """
    return _add_signature(
        pdf, seal, _metadata(name, statement, certifying=True), statement.look, material
    )


def sign(
    pdf: bytes, name: str, person: Identity, statement: Statement, material: ValidationMaterial
) -> SignedPdf:
    """The PDF with one person's signature in the field of that name; raises as `certify` does."""
    return _add_signature(
        pdf, person, _metadata(name, statement, certifying=False), statement.look, material
    )


def archive(pdf: bytes, name: str, look: Look, material: ValidationMaterial) -> SignedPdf:
    """The PDF with validation material for every signature in it and, if there is an authority, its
    archive timestamp over everything (ISO 32000-2, 12.8.5) in the field of that name."""

    async def run() -> SignedPdf:
        context = material.context()
        try:
            return await _add_archive_timestamp(pdf, name, look, material, context)
        finally:
            await context.aclose()

    return asyncio.run(run())


class _Writer(IncrementalPdfFileWriter):
    """Adds to a file and leaves its metadata alone, since they were signed too."""

    def __init__(self, pdf: io.BytesIO) -> None:
        super().__init__(pdf)
        # pyHanko leaves one number out, and some programs take that for an object of their own.
        self._lastobj_id = int(self.prev.trailer["/Size"]) - 1

    def _update_meta(self) -> None:
        pass


def _metadata(name: str, statement: Statement, *, certifying: bool) -> PdfSignatureMetadata:
    return PdfSignatureMetadata(
        field_name=name,
        name=statement.name,
        reason=statement.reason,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=certifying,
        docmdp_permissions=MDPPerm.FILL_FORMS,
    )


def _add_signature(
    pdf: bytes,
    identity: Identity,
    metadata: PdfSignatureMetadata,
    look: Look,
    material: ValidationMaterial,
) -> SignedPdf:
    signer = PdfSigner(
        metadata,
        _load_signer(identity),
        timestamper=material.authority,
        stamp_style=Style(border_width=0, look=look),
    )
    out = io.BytesIO()
    signer.sign_pdf(_Writer(io.BytesIO(pdf)), existing_fields_only=True, output=out)
    return asyncio.run(_add_material(out.getvalue(), material))


async def _add_material(pdf: bytes, material: ValidationMaterial) -> SignedPdf:
    """The PDF, and behind its last signature what it takes to validate it, if that can be had."""
    writer = _Writer(io.BytesIO(pdf))
    context = material.context()
    last = writer.prev.embedded_signatures[-1]
    try:
        paths = await _validation_paths(last, context)
    finally:
        await context.aclose()
    if not paths:  # the issuer of a certificate has no revocation list that can be reached
        return SignedPdf(pdf, TIMESTAMPED if material.authority else BASIC)
    DocumentSecurityStore.supply_dss_in_writer(
        writer, None, paths=paths, validation_context=context
    )
    out = io.BytesIO()
    writer.write(out)
    return SignedPdf(out.getvalue(), LONG_TERM if material.authority else BASIC)


async def _add_archive_timestamp(
    pdf: bytes, name: str, look: Look, material: ValidationMaterial, context: ValidationContext
) -> SignedPdf:
    writer = _Writer(io.BytesIO(pdf))
    signatures = writer.prev.embedded_regular_signatures
    paths = [path for one in signatures for path in await _validation_paths(one, context)]
    out = io.BytesIO()
    if material.authority is None:
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, paths=paths, validation_context=context
        )
        writer.write(out)
        return SignedPdf(out.getvalue(), BASIC)
    reference = next(field for _, _, field in enumerate_sig_fields(writer, with_name=name))
    _draw(writer, reference, look)
    settings = TimestampDSSContentSettings(include_vri=False, update_before_ts=True)
    stamper = PdfTimeStamper(material.authority, field_name=name)
    try:
        await stamper.async_timestamp_pdf(
            writer,
            "sha256",
            context,
            validation_paths=paths,
            output=out,
            dss_settings=settings,
        )
    except (PathError, ValidationError) as error:
        raise ServiceError(
            "The timestamp authority's certificate cannot be validated for the archive: no "
            "revocation list of its issuer can be had.",
            "Nothing was changed. Try again later, or ask who runs it.",
        ) from error
    return SignedPdf(out.getvalue(), ARCHIVAL)


async def _validation_paths(
    embedded: EmbeddedPdfSignature, context: ValidationContext
) -> list[ValidationPath]:
    """The paths from a signature's certificate, and its timestamp's, to their roots; none if what
    it takes to validate them cannot be had."""
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


def _draw(writer: IncrementalPdfFileWriter, reference: generic.IndirectObject, look: Look) -> None:
    """Gives a field its appearance before a timestamp, which brings none."""
    widget = reference.get_object()
    left, bottom, right, top = (float(number) for number in widget["/Rect"])
    box = BoxConstraints(width=right - left, height=top - bottom)
    Style(border_width=0, look=look).create_stamp(writer, box, {}).apply_appearance(widget)
    writer.mark_update(reference)


def _load_signer(identity: Identity) -> SimpleSigner:
    store = SimpleCertificateStore()
    store.register_multiple(_to_asn1(one) for one in identity.issuers)
    key = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return SimpleSigner(
        signing_cert=_to_asn1(identity.certificate),
        signing_key=keys.PrivateKeyInfo.load(key),
        cert_registry=store,
    )


def _to_asn1(certificate: certificates.Certificate) -> x509.Certificate:
    return x509.Certificate.load(certificate.public_bytes(Encoding.DER))
