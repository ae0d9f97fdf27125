"""Sealing a version: the archive timestamp, the last entry, and the receipt that anchors it all."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from signed_plan.digest import Digest, canonical
from signed_plan.document.context import TIMESTAMP_FIELD
from signed_plan.document.receipt import FileLine, Receipt, SignatureLine, make_receipt
from signed_plan.document.signature_boxes import timestamp_text
from signed_plan.errors import SigningError, VerificationError
from signed_plan.lifecycle.boxes import box_look
from signed_plan.lifecycle.entering import enter_signed
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import (
    Session,
    authority_files,
    office_event,
    open_office_keys,
    open_session,
    read_registered_pdf,
    require_reason,
    validation_material,
)
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Plan
from signed_plan.plan.names import name_of
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register, RegisterEntry
from signed_plan.register.events import (
    Event,
    KeysEvent,
    ReceiptEvent,
    SealedEvent,
    SignedHere,
    SignedOnPaper,
)
from signed_plan.register.issued import known_version
from signed_plan.register.publish import file_record, grown_pdf, scratch
from signed_plan.register.returned import SignedElsewhere
from signed_plan.register.shapes import ReceiptFile
from signed_plan.register.signoff_status import Mark, SignoffStatus, signoff_statuses, stage_of
from signed_plan.signing.pades import archive
from signed_plan.wording import in_words

RECEIPT_TEMPLATE = "receipt.docx"


def seal(
    folder: PlanFolder, name: str, incomplete: str | None, prompts: Prompts
) -> RegisterEntry[SealedEvent]:
    """Seals a version that everybody has signed, and makes its receipt; gives the entry.

    With a reason in `incomplete`, signatures may be missing. Both entries are written at once, when
    the receipt is there. A seal without a receipt, from an older program that was broken off, is
    given one. Raises SigningError, naming who has not signed, and what `make_receipt` raises.
    """
    if incomplete is not None:
        incomplete = require_reason(incomplete)
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, name)
        sealed = session.register.last(SealedEvent, name)
        if sealed is not None:
            if session.register.last(ReceiptEvent, name) is not None:
                raise SigningError(f"Version {name} is sealed already.", "See: plan status")
            office = open_office_keys(session, prompts)
            register, files = _add_receipt(folder, session.register, version)
            session.enter(office, register, files)
            return sealed
        _require_issued(session, name)
        standing = signoff_statuses(session.register, version.plan)
        missing = _missing(version.plan, standing)
        if missing and not incomplete:
            raise SigningError(
                f"Version {name} has not been signed by everybody: {'; '.join(missing)}.",
                f'Wait for them, or seal it as it is: plan seal {name} --incomplete --reason "…"',
            )
        if incomplete and not missing:
            raise SigningError(
                f"Nobody is missing: version {name} is complete.", f"Run: plan seal {name}"
            )
        pdf = read_registered_pdf(session, name)
        office = open_office_keys(session, prompts)
        text = timestamp_text(version, in_words(datetime.now(UTC)))
        look = box_look(office_event(session).mark, text)
        archived = archive(pdf, TIMESTAMP_FIELD, look, validation_material(session, office))
        files = {folder.pdf(name): archived.pdf, **authority_files(session)}
        event = SealedEvent(
            fingerprint=version.fingerprint.hex,
            level=archived.level,
            incomplete=incomplete or "",
            missing=tuple(missing),
            files=grown_pdf(folder, files),
        )
        register, entry = session.register.enter(name, event)
        register, receipt = _add_receipt(folder, register, version)
        enter_signed(session, office, register, version, files | receipt)
        return entry


def _require_issued(session: Session, name: str) -> None:
    if stage_of(session.register, name) not in ("issued", "superseded"):
        raise SigningError(f"Version {name} has not been issued yet.", f"Run: plan issue {name}")


def _missing(plan: Plan, standing: tuple[SignoffStatus, ...]) -> list[str]:
    return [
        f"{name_of(plan, mark.person)} ({one.review.title})"
        + (" declined" if mark.declined else "")
        for one in standing
        for mark in one.marks
        if not mark.signed
    ]


def _add_receipt(
    folder: PlanFolder, register: Register, version: Version
) -> tuple[Register, dict[Path, bytes]]:
    """Makes the receipt, which names the register's head after the seal; gives the register with
    its entry, which is not written yet, and the file."""
    receipt = receipt_of(folder, register, version)
    template = folder.template(RECEIPT_TEMPLATE)
    pdf = make_receipt(receipt, record_of(register, version), template, scratch(folder))
    path = folder.receipt(version.name)
    event = ReceiptEvent(
        head=receipt.head.hex, files=ReceiptFile(receipt=file_record(folder, path, pdf))
    )
    return register.add(version.name, event), {path: pdf}


def receipt_of(folder: PlanFolder, register: Register, version: Version) -> Receipt:
    """What the receipt of a sealed version says, from the register alone."""
    sealed = register.last(SealedEvent, version.name)
    keys = register.last(KeysEvent)
    if sealed is None or keys is None:
        raise VerificationError(f"Version {version.name} is not sealed.", "See: plan status")
    older = version.superseded
    at = sealed.number
    return Receipt(
        title=version.plan.full_title,
        version=version.name,
        fingerprint=version.fingerprint,
        superseded=(older.name, older.fingerprint) if older else None,
        schools=tuple(school.name for school in version.plan.schools),
        sealed=sealed.at,
        incomplete=sealed.event.incomplete,
        missing=sealed.event.missing,
        signatures=tuple(
            _line(version, standing, mark)
            for standing in signoff_statuses(register, version.plan)
            for mark in standing.marks
            if mark.signed
        ),
        files=tuple(_files(folder, register, version)),
        entries=at,
        head=Digest(register.heads[at - 1]),
        register_key=Digest.of_bytes(bytes.fromhex(keys.event.register_key)),
        root=Digest(keys.event.root),
    )


def record_of(register: Register, version: Version) -> bytes:
    """What a program needs of a receipt, in canonical JSON (RFC 8785)."""
    sealed = register.last(SealedEvent, version.name)
    keys = register.last(KeysEvent)
    assert sealed is not None
    assert keys is not None
    at = sealed.number
    return canonical(
        {
            "format": 1,
            "version": version.name,
            "fingerprint": version.fingerprint.hex,
            "head": register.heads[at - 1],
            "entries": at,
            "register_key": keys.event.register_key,
            "root": keys.event.root,
        }
    )


def _line(version: Version, standing: SignoffStatus, mark: Mark) -> SignatureLine:
    assert mark.entry is not None
    return SignatureLine(
        review=standing.review.title,
        name=mark.person.name,
        role=mark.person.role,
        school=version.plan.school(mark.person.school).name,
        how=f"{mark.words}{mark.remark}",
        when=in_words(mark.entry.at),
        evidence=_evidence(mark.entry.event),
    )


def _evidence(event: Event) -> str:
    if isinstance(event, SignedHere | SignedElsewhere):
        return f"certificate {Digest(event.certificate).short}"
    if isinstance(event, SignedOnPaper):
        return f"scan {Digest(event.files.scan.sha256).short}"
    return ""


def _files(folder: PlanFolder, register: Register, version: Version) -> list[FileLine]:
    """The version's files as they were when it was sealed."""
    lines = []
    for path, what in (
        (folder.pdf(version.name), "the plan, signed and sealed"),
        (folder.docx(version.name), "the plan as a Word file"),
    ):
        record = register.states(folder.below_output(path))[-1].record
        lines.append(FileLine(path.name, Digest(record.sha256), what))
    for mark in (mark for one in signoff_statuses(register, version.plan) for mark in one.marks):
        if isinstance(mark.event, SignedOnPaper):  # and not withdrawn
            scanned = mark.event.files.scan
            name = scanned.file.rpartition("/")[2]
            what = f"page that {mark.person.name} signed on paper"
            lines.append(FileLine(name, Digest(scanned.sha256), what))
    return lines
