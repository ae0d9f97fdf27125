"""What a file is, and if it is not what it should be, what became of it: in one plain sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from signed_plan.digest import Digest
from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.names import NamesById
from signed_plan.register.chain import FileState, Register
from signed_plan.register.events import (
    BuiltEvent,
    EnrolledEvent,
    Event,
    IssuedEvent,
    SealedEvent,
    SignedEvent,
    SignedOnPaper,
)
from signed_plan.register.issued import readable_names
from signed_plan.signing.untrusted_pdf import (
    FoundSignature,
    Question,
    Reading,
    page_text,
    read_untrusted,
)
from signed_plan.verify.checks import Differs, Older, SameWords

_ANYWAY = ("the metadata (XMP)", "the document's properties")
"""What every program sets again when it saves a file; not named beside anything else."""
_SHOWN = 3


def signed_field(event: Event) -> str | None:
    """The field of the PDF that was signed in an event; None where none was."""
    if isinstance(event, IssuedEvent):
        return SEAL_FIELD
    if isinstance(event, SealedEvent):
        return TIMESTAMP_FIELD if event.level == "B-LTA" else None
    if isinstance(event, SignedEvent) and not isinstance(event, SignedOnPaper):
        return f"{event.review}:{event.person}"
    return None


def recognise(register: Register, data: bytes) -> tuple[FileState, Sequence[FileState]] | None:
    """The state that the file is, byte for byte, and those that came after it."""
    digest = Digest.of_bytes(data).hex
    for file in register.files:
        states = register.states_since_built(file)
        for at, state in enumerate(states):
            if state.record.sha256 == digest:
                return state, states[at + 1 :]
    return None


def earlier_draft(register: Register, data: bytes) -> Older | None:
    """Where the file is one that was built again since, byte for byte."""
    digest = Digest.of_bytes(data).hex
    for entry in register.entries:
        for record in entry.event.file_records:
            if record.sha256 == digest:
                kind = entry.event.kind
                return Older(
                    f"it is {record.file} as it was when it was {kind} at entry {entry.number}; "
                    f"it was {kind} again since then"
                )
    return None


def diagnose(folder: PlanFolder, register: Register, data: bytes) -> Differs:
    """Why a file that is none of the registered ones is none; the file is anybody's."""
    if not data:
        return Differs("the file is empty")
    known = earlier_draft(register, data) or _diagnose_other_file(folder, register, data)
    if known is not None:
        return known
    versions = register.versions[::-1]
    for version in versions:
        found = _compare_with(folder, register, data, version)
        if found is not None:
            return found
    for version in versions:
        states = register.states_since_built(pdf_file(version))
        for state in reversed(states):
            if state.record.begins(data):
                return _diagnose_grown(
                    folder, register, data, state, is_present=state is states[-1]
                )
    return _diagnose_unlike(folder, register, data)


def _diagnose_other_file(folder: PlanFolder, register: Register, data: bytes) -> Differs | None:
    """Where the file is a receipt, or any other but a plan's PDF, and was changed."""
    plans = {pdf_file(version) for version in register.versions}
    for name in register.files:
        genuine = None if name in plans else read_if_there(folder.output / name)
        if not genuine or Digest.of_bytes(genuine).hex != register.states(name)[-1].record.sha256:
            continue
        if data.startswith(genuine):
            return Differs(f"it is {name} with something added behind it")
        if len(data) == len(genuine):
            at = _first_difference(data, genuine)
            if data[at + 1 :] == genuine[at + 1 :]:
                return Differs(f"it is {name}, but byte {at + 1} was changed")
    return None


def older_words(state: FileState, later: Sequence[FileState], names: NamesById) -> str:
    """What an older state is, and what came after it."""
    since = ", then ".join(one.what(names) for one in later)
    return f"as it was when it was {state.what(names)}; since then it was {since}"


def _diagnose_grown(
    folder: PlanFolder, register: Register, data: bytes, state: FileState, *, is_present: bool
) -> Differs:
    """What was added behind a registered state."""
    version = state.version
    signed = frozenset(
        field
        for entry in register.of(version)
        if entry.number <= state.entry.number and (field := signed_field(entry.event)) is not None
    )
    question = _question(folder, register, state.record.size, signed)
    reading = read_untrusted(data, question)
    new = [one for one in reading.signatures if one.field not in question.signed]
    since = f"after version {version} was {state.what(readable_names(folder, register, version))}"
    faults = [(one.field, one.fault or _other_owner(register, one)) for one in new]
    said = [
        f"a signature in the field {field} that is not good: {fault}"
        for field, fault in faults
        if fault
    ][:1]
    # What one signature brings with it is left out already; see Question.
    theirs = [one.field for one in new] if len(new) > 1 or not signed else []
    changed = _list_changes(reading, theirs)
    if changed and (signed or not said):  # a draft that somebody else has issued is all changed
        return Differs("; ".join([f"{since}, something was changed: {changed}", *said]))
    if reading.flaw:
        return Differs(f"something was added {since}: {reading.flaw}")
    if said:
        return Differs(f"it holds what was added {since}: {said[0]}")
    return Differs(_describe_new(new, since, is_present=is_present))


def _other_owner(register: Register, signature: FoundSignature) -> str:
    """Who else it is that has signed in that person's field; "" if nobody else."""
    for event in (entry.event for entry in register.each(EnrolledEvent)):
        if event.certificate == signature.certificate:
            if signature.field.endswith(f":{event.person}"):
                return ""
            return f"its certificate is that of {event.name}"
    return ""


def _describe_new(new: list[FoundSignature], since: str, *, is_present: bool) -> str:
    """What to say of good signatures that the register does not know."""
    if not new:
        return f"something was added {since}"
    if len(new) > 1:
        return (
            f"it holds {len(new)} signatures, added {since}, that the register does not know: the "
            "register was set back, or several have signed elsewhere"
        )
    held = f"it holds a signature in the field {new[0].field}, added {since}"
    if is_present:
        return f"{held}, that the register does not know; run: plan receive FILE"
    return f"{held}, but not what the register has come after that"


def _list_changes(reading: Reading, new: list[str]) -> str:
    """What was changed, and where, besides what signatures in these new fields bring with them."""
    found = [
        (revision, what)
        for revision, what in reading.changes
        if not any(what.endswith(f"the field {field}") for field in new)
        and not (new and what == "the validation data")
    ]
    telling = [one for one in found if one[1] not in _ANYWAY] or found
    if not telling:
        return ""
    names = list(dict.fromkeys(what for _, what in telling))
    first, last = (end(revision for revision, _ in telling) for end in (min, max))
    where = f"in revision {first}" if first == last else f"in revisions {first} to {last}"
    more = f", and more ({len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}, {where}"


def _compare_with(
    folder: PlanFolder, register: Register, data: bytes, version: str
) -> Differs | None:
    """Where the file departs from the version's PDF, if it is as long, or that cut off."""
    # Imported where a file is not what it should be: verifying a good one does not wait for it.
    from signed_plan.signing.revision_diff import what_is_at

    states = register.states_since_built(pdf_file(version))
    genuine = _genuine_bytes(folder, states)
    if genuine is not None and genuine.startswith(data):
        return Differs(f"it is version {version} cut off after {len(data)} of {len(genuine)} bytes")
    if genuine is None or len(data) != len(genuine):
        return _diagnose_same_length(folder, register, data, states)
    at = _first_difference(data, genuine)
    part = next(state for state in states if at < state.record.size)
    return Differs(
        f"byte {at + 1} was changed, in {what_is_at(genuine, at)}, which was written when version "
        f"{version} was {part.what(readable_names(folder, register, version))}"
    )


def _first_difference(data: bytes, genuine: bytes) -> int:
    """Where two files of one length, which are not the same, begin to differ."""
    both = enumerate(zip(data, genuine, strict=True))
    return next(at for at, (one, other) in both if one != other)


def _genuine_bytes(folder: PlanFolder, states: Sequence[FileState]) -> bytes | None:
    """The version's PDF, if it lies in its place as the register has it."""
    present = states[-1].record
    data = read_if_there(folder.output / present.file)
    if data is None or Digest.of_bytes(data).hex != present.sha256:
        return None
    return data


def _diagnose_same_length(
    folder: PlanFolder, register: Register, data: bytes, states: Sequence[FileState]
) -> Differs | None:
    """Which part of a file as long as one of the states is another than in that state."""
    if len(data) not in [state.record.size for state in states]:
        return None
    wrong = next(state for state in states if not state.record.begins(data))
    reading = read_untrusted(data, _question(folder, register))
    faulty = [one for one in reading.signatures if one.fault]
    told = f"; {reading.flaw}" if reading.flaw else ""
    if faulty:
        told = f"; the signature in {faulty[0].field}: {faulty[0].fault}"
    return Differs(
        f"its bytes were changed in what was written when version {wrong.version} was "
        f"{wrong.what(readable_names(folder, register, wrong.version))}{told}"
    )


def _diagnose_unlike(folder: PlanFolder, register: Register, data: bytes) -> Differs:
    """What to say of a file that begins with nothing known."""
    reading = read_untrusted(data, _question(folder, register))
    for version in reversed(register.versions):
        built = register.last(BuiltEvent, version)
        if built is None or built.event.fingerprint not in reading.text:
            continue
        lost = "its signatures no longer hold" if reading.signatures else "it has no signatures"
        genuine = _genuine_bytes(folder, register.states_since_built(pdf_file(version)))
        if genuine is not None and _shows_same_words(folder, register, version, reading):
            if reading.disguise:
                return Differs(f"it has the words of version {version}, but {reading.disguise}")
            return SameWords(
                f"it shows the same words as version {version}, but was printed or saved again: "
                f"{lost}"
            )
        but = (
            "but other words" if genuine is not None else f"but was printed or saved again: {lost}"
        )
        return Differs(f"it shows the fingerprint of version {version}, {but}")
    why = f": {reading.flaw}" if reading.flaw else ""
    return Differs(f"it is no document of this register{why}")


def _shows_same_words(
    folder: PlanFolder, register: Register, version: str, reading: Reading
) -> bool:
    """Whether some state of the version shows just those words."""
    states = register.states_since_built(pdf_file(version))
    genuine = _genuine_bytes(folder, states) or b""
    return any(
        page_text(genuine[: state.record.size])[0] == reading.text_digest for state in states
    )


def _question(
    folder: PlanFolder, register: Register, size: int = 0, signed: frozenset[str] = frozenset()
) -> Question:
    from signed_plan.register.certificates import trusted_certificates

    trusted = trusted_certificates(folder, register)
    return Question(trusted.roots, trusted.authorities, datetime.now(UTC), size, signed)


def older_state(
    folder: PlanFolder, register: Register, state: FileState, later: Sequence[FileState]
) -> Older:
    """The file is genuine, but an older state: what it lacks."""
    if not state.version:
        return Older(
            f"it is {state.record.file} as it was at entry {state.entry.number}; at entry "
            f"{later[-1].entry.number} it was made again"
        )
    names = readable_names(folder, register, state.version)
    return Older(f"it is version {state.version} {older_words(state, later, names)}")
