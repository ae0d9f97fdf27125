"""The checks of an issued version: every state of its PDF, every signature, scan and receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial

from signed_plan.digest import Digest
from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version
from signed_plan.register.certificates import trusted_certificates
from signed_plan.register.chain import Event, Register, files_of, moment_of
from signed_plan.signing.validation import BROKEN, UNREADABLE, Signature, Trust, read_signatures
from signed_plan.verify.built_checks import require_file
from signed_plan.verify.checks import Check, Differs
from signed_plan.verify.diagnosis import (
    KnownFile,
    diagnose,
    known_files,
    later_words,
    pdf_name,
    recognise,
    signed_field,
)


def pdf_check(folder: PlanFolder, register: Register, name: str) -> Check:
    """The version's PDF as it lies in the folder: byte for byte the present state."""
    return name, "its PDF, byte for byte", partial(_present, folder, register, name)


def signed_checks(
    folder: PlanFolder, register: Register, version: Version, data: bytes
) -> Iterator[Check]:
    """The signatures in the present state of an issued version's PDF."""
    name = version.name
    states = known_files(register, pdf_name(folder, name))
    yield name, "each state that its PDF grew from", lambda: _grown_from(states, data)
    found: dict[str, Signature] = {}
    yield name, "its signatures can be read", lambda: _read(folder, register, name, data, found)
    issued = register.last("issued", name)
    assert issued is not None
    yield name, "the office's certification", lambda: _certification(register, issued, found)
    signed = [event for event in register.of(name) if event["event"] == "signed"]
    for event in signed:
        field = signed_field(event)
        if field is not None:
            person = version.plan.person(event["person"]).name
            yield (
                name,
                f"signature of {person}, {event['review']}",
                partial(_signature, register, event, found, field),
            )
    yield name, "nothing else is signed in it", lambda: _nothing_else(register, name, found)


def evidence_checks(folder: PlanFolder, register: Register, version: Version) -> Iterator[Check]:
    """The scans of what was signed on paper, and the receipt."""
    name = version.name
    for event in register.of(name):
        for kind, recorded in files_of(event).items():
            if kind == "scan":
                yield (
                    name,
                    f"page that {version.plan.person(event['person']).name} signed on paper",
                    partial(require_file, folder, recorded),
                )
    receipt = register.last("receipt", name)
    if receipt is not None:
        yield name, "its receipt", partial(_receipt, folder, register, receipt)


def _present(folder: PlanFolder, register: Register, name: str) -> None:
    states = known_files(register, pdf_name(folder, name))
    data = read_if_there(folder.pdf(name))
    if data is None:
        raise Differs(f"{folder.pdf(name).name} is not there")
    if Digest.of_bytes(data).hex == states[-1].recorded["sha256"]:
        return
    known = recognise(register, data)
    if known is None:
        raise diagnose(folder, register, data)
    state, later = known
    if state.version != name:
        raise Differs(f"the file is that of version {state.version}")
    raise Differs(
        f"it is an older state, as it was when it was {state.what}: since then it was "
        f"{later_words(later)}"
    )


def _grown_from(states: list[KnownFile], data: bytes) -> None:
    for state in states:
        if Digest.of_bytes(data[: state.size]).hex != state.recorded["sha256"]:
            raise Differs(f"it does not begin with the file as it was when it was {state.what}")


def _read(
    folder: PlanFolder, register: Register, name: str, data: bytes, found: dict[str, Signature]
) -> None:
    trusted = trusted_certificates(folder, register)
    moments = {signed_field(event): moment_of(event) for event in register.of(name)}
    trust = Trust(
        trusted.roots, trusted.authorities, lambda field: moments.get(field, datetime.now(UTC))
    )
    try:
        found.update({one.field: one for one in read_signatures(data, trust)})
    except (*UNREADABLE, *BROKEN) as error:
        raise Differs(f"they cannot be read ({type(error).__name__})") from error


def _good(found: dict[str, Signature], field: str) -> Signature:
    if field not in found:
        raise Differs("it is not in the PDF")
    if found[field].fault:
        raise Differs(found[field].fault)
    return found[field]


def _certification(register: Register, issued: Event, found: dict[str, Signature]) -> None:
    signature = _good(found, SEAL_FIELD)
    keys = register.last("keys", "") or {}
    if signature.kind != "certification" or signature.certificate != keys.get("seal"):
        raise Differs("it is by another certificate than the office's seal: an unknown key")
    head = register.heads[int(issued["seq"]) - 2]
    for what, digits in (("fingerprint", issued["fingerprint"]), ("register head", head)):
        if f"{what} {digits}" not in signature.reason:
            raise Differs(
                f"it vouches for another {what} than the register has: the register was rewritten"
            )


def _signature(register: Register, event: Event, found: dict[str, Signature], field: str) -> None:
    signature = _good(found, field)
    if signature.certificate != event["certificate"]:
        raise Differs("it is by another certificate than the register says: an unknown key")
    enrolled = [
        one
        for one in register.of("")
        if one.get("person") == event["person"] and one["seq"] < event["seq"]
    ]
    if not enrolled or enrolled[-1]["certificate"] != event["certificate"]:
        raise Differs("its certificate was not enrolled for that person when it was signed")
    if enrolled[-1]["event"] == "revoked":
        raise Differs(
            f"its certificate was revoked before it signed, at entry {enrolled[-1]['seq']}"
        )


def _nothing_else(register: Register, name: str, found: dict[str, Signature]) -> None:
    known = {signed_field(event) for event in register.of(name)}
    for field in found:
        if field not in known:
            raise Differs(f"the field {field} is signed, and the register does not know of it")
    if TIMESTAMP_FIELD in known:
        _good(found, TIMESTAMP_FIELD)


def _receipt(folder: PlanFolder, register: Register, receipt: Event) -> None:
    from signed_plan.document.receipt import read_record

    recorded = receipt["files"]["receipt"]
    require_file(folder, recorded)
    record = json.loads(read_record((folder.output / recorded["file"]).read_bytes()) or b"{}")
    if record.get("head") not in register.heads:
        raise Differs("it names a head that the register does not have")
