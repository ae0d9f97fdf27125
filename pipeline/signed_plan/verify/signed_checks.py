"""The checks of an issued version: every state of its PDF, every signature, scan and receipt."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeGuard

from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.names import NamesById, names_of
from signed_plan.plan.source import Version
from signed_plan.register.certificates import Trusted, trusted_certificates
from signed_plan.register.chain import FileState, Register, RegisterEntry
from signed_plan.register.events import (
    Event,
    IssuedEvent,
    KeysEvent,
    ReceiptEvent,
    RevokedEvent,
    SignedHere,
    SignedOnPaper,
)
from signed_plan.register.issued import readable_names
from signed_plan.register.returned import SignedElsewhere
from signed_plan.register.shapes import MAX_REASON
from signed_plan.register.signoff_status import signoff_statuses
from signed_plan.signing.validation import BROKEN, UNREADABLE, Signature, Trust, read_signatures
from signed_plan.verify.built_checks import content_check, read_recorded
from signed_plan.verify.checks import Check, Differs, Finding
from signed_plan.verify.diagnosis import (
    diagnose,
    older_words,
    recognise,
    signed_field,
)
from signed_plan.verify.kept_files import letter_checks
from signed_plan.verify.signing_time import judged_at, time_fault
from signed_plan.wording import on_one_line

ReadSignatures = Callable[[str], dict[str, Signature]]
"""Gives the signatures in a version's PDF, which is the registered one, by their fields."""


def issued_checks(
    folder: PlanFolder, register: Register, version: Version, read: ReadSignatures
) -> Iterator[Check]:
    """All about an issued version's PDF: first that it is the present state, byte for byte."""
    pdf = Finding(partial(_read_present, folder, register, version.name))
    yield version.name, "its PDF, byte for byte", pdf
    yield content_check(register, version, pdf.value)
    yield from signed_checks(register, version, pdf.value, partial(read, version.name))
    yield from _evidence_checks(folder, register, version)


def signed_checks(
    register: Register, version: Version, data: bytes, read: Callable[[], dict[str, Signature]]
) -> Iterator[Check]:
    """The signatures in the present state of an issued version's PDF."""
    name, names = version.name, names_of(version.plan)
    states = register.states_since_built(pdf_file(name))
    yield name, "each state that its PDF grew from", partial(_require_states, states, data, names)
    signatures = Finding(read)
    yield name, "its signatures can be read", signatures
    found = signatures.value
    issued = register.last(IssuedEvent, name)
    assert issued is not None
    what = "the office's certification"
    yield name, what, partial(_require_certification, register, issued, found)
    for entry in register.of(name):
        if _is_digital(entry):
            person, review = entry.event.person, entry.event.review
            yield (
                name,
                f"signature of {names.person(person)}, {names.review(review)}",
                partial(_require_signature, register, entry, found),
            )
    yield name, "nothing else is signed in it", partial(_require_no_more, register, name, found)


def _evidence_checks(folder: PlanFolder, register: Register, version: Version) -> Iterator[Check]:
    """The scans of what was signed on paper, and the receipt."""
    name, names = version.name, names_of(version.plan)
    marks = [mark for one in signoff_statuses(register, version.plan) for mark in one.marks]
    standing = {mark.entry.number for mark in marks if mark.entry is not None}
    for entry in register.each(SignedOnPaper, name):
        told = names.person(entry.event.person)
        if entry.number in standing:
            what = f"page that {told} signed on paper"
        else:
            what = f"page that was entered for {told}, and withdrawn"
        yield name, what, partial(read_recorded, folder, entry.event.files.scan)
    receipt = register.last(ReceiptEvent, name)
    if receipt is not None:
        yield name, "its receipt", partial(_require_receipt, folder, register, receipt.event)
    yield from letter_checks(folder, register, name)


def _is_digital(
    entry: RegisterEntry[Event],
) -> TypeGuard[RegisterEntry[SignedHere | SignedElsewhere]]:
    return isinstance(entry.event, SignedHere | SignedElsewhere)


def _read_present(folder: PlanFolder, register: Register, name: str) -> bytes:
    states = register.states_since_built(pdf_file(name))
    data = read_if_there(folder.pdf(name))
    if data is None:
        raise Differs(f"{folder.pdf(name).name} is not there")
    if states[-1].record.is_exactly(data):
        return data
    known = recognise(register, data)
    if known is None:
        raise diagnose(folder, register, data)
    state, later = known
    if state.version != name:
        raise Differs(f"the file is that of version {state.version}")
    names = readable_names(folder, register, name)
    raise Differs(f"it is an older state, {older_words(state, later, names)}")


def _require_states(states: Sequence[FileState], data: bytes, names: NamesById) -> None:
    for state in states:
        if not state.record.begins(data):
            raise Differs(
                f"it does not begin with the file as it was when it was {state.what(names)}"
            )


def read_present_signatures(
    folder: PlanFolder, register: Register, name: str, trusted: Callable[[], Trusted]
) -> dict[str, Signature]:
    """The signatures in the version's PDF. Raises Differs where it is not the registered one."""
    return _read_signatures(_read_present(folder, register, name), register, name, trusted())


def read_signatures_in(
    data: bytes,
    folder: PlanFolder,
    register: Register,
    name: str,
    coming: Mapping[Path, bytes] | None = None,
) -> dict[str, Signature]:
    """The signatures in a state of the version's PDF, by the field that each stands in.

    `coming` are the files that are to be written with the register's last entries.

    Raises Differs where they cannot be read.
    """
    return _read_signatures(data, register, name, trusted_certificates(folder, register, coming))


def _read_signatures(
    data: bytes, register: Register, name: str, trusted: Trusted
) -> dict[str, Signature]:
    moments = {signed_field(entry.event): judged_at(entry) for entry in register.of(name)}
    trust = Trust(
        trusted.roots, trusted.authorities, lambda field: moments.get(field, datetime.now(UTC))
    )
    try:
        return {one.field: one for one in read_signatures(data, trust)}
    except (*UNREADABLE, *BROKEN) as error:
        raise Differs(f"they cannot be read ({type(error).__name__})") from error


def _require_good(found: dict[str, Signature], field: str) -> Signature:
    if field not in found:
        raise Differs("it is not in the PDF")
    if found[field].fault:
        raise Differs(found[field].fault)
    return found[field]


def _require_certification(
    register: Register, issued: RegisterEntry[IssuedEvent], found: dict[str, Signature]
) -> None:
    signature = _require_good(found, SEAL_FIELD)
    keys = register.last(KeysEvent)
    seal = keys.event.seal if keys is not None else None
    if signature.kind != "certification" or signature.certificate != seal:
        raise Differs("it is by another certificate than the office's seal: an unknown key")
    for what, digits in (
        ("fingerprint", issued.event.fingerprint),
        ("register head", issued.previous),
    ):
        if f"{what} {digits}" not in signature.reason:
            raise Differs(
                f"it vouches for another {what} than the register has: the register was rewritten"
            )


def _require_signature(
    register: Register,
    entry: RegisterEntry[SignedHere | SignedElsewhere],
    found: dict[str, Signature],
) -> None:
    signed = entry.event
    signature = _require_good(found, f"{signed.review}:{signed.person}")
    if signature.certificate != signed.certificate:
        raise Differs("it is by another certificate than the register says: an unknown key")
    before = register.certificates_of(signed.person, entry.number)
    number, last = (before[-1].number, before[-1].event) if before else (0, None)
    if last is None or last.certificate != signed.certificate:
        raise Differs("its certificate was not enrolled for that person when it was signed")
    if isinstance(last, RevokedEvent):
        raise Differs(f"its certificate was revoked before it signed, at entry {number}")
    if _came_back(entry):
        _require_said(register, entry, signature)


def _came_back(
    entry: RegisterEntry[SignedHere | SignedElsewhere],
) -> TypeGuard[RegisterEntry[SignedElsewhere]]:
    return isinstance(entry.event, SignedElsewhere)


def _require_said(
    register: Register, entry: RegisterEntry[SignedElsewhere], signature: Signature
) -> None:
    """That what the entry says of the signature's words is what they are."""
    given = entry.event.reason
    if given and given != on_one_line(signature.reason, MAX_REASON):
        raise Differs("it gives another reason than the register says: the register was rewritten")
    issued = register.last(IssuedEvent, entry.version)
    assert issued is not None
    fault = time_fault(entry, signature, issued.at)
    if fault:
        raise Differs(fault)


def _require_no_more(register: Register, name: str, found: dict[str, Signature]) -> None:
    known = {signed_field(entry.event) for entry in register.of(name)}
    for field in found:
        if field not in known:
            raise Differs(f"the field {field} is signed, and the register does not know of it")
    if TIMESTAMP_FIELD in known:
        _require_good(found, TIMESTAMP_FIELD)


def _require_receipt(folder: PlanFolder, register: Register, receipt: ReceiptEvent) -> None:
    from signed_plan.document.receipt import read_record

    data = read_recorded(folder, receipt.files.receipt)
    record = json.loads(read_record(data) or b"{}")
    if record.get("head") not in register.heads:
        raise Differs("it names a head that the register does not have")
