"""Takes back a PDF that was signed elsewhere, or refuses it and says what to do instead.

Four things must hold: it begins with the registered bytes; it adds one good signature, by the
certificate that its signatory was enrolled with; the signature is in the field that is due;
nothing else was changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from signed_plan.digest import Digest
from signed_plan.document.context import field_name
from signed_plan.errors import SigningError
from signed_plan.lifecycle.acceptance import (
    claimed_time,
    given_reason,
    require_acceptable,
    require_good,
    require_known_kind,
    require_made_in_between,
    require_nothing_else,
    without_type,
)
from signed_plan.lifecycle.entering import enter_signed
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import (
    Session,
    open_office_keys,
    open_session,
    read_registered_pdf,
    require_due,
    require_enrolment,
    require_stage,
)
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.model import Person, Review
from signed_plan.plan.names import names_of
from signed_plan.plan.source import Version
from signed_plan.register.certificates import trusted_certificates
from signed_plan.register.chain import RegisterEntry, time_text
from signed_plan.register.events import BuiltEvent, EnrolledEvent, IssuedEvent
from signed_plan.register.issued import KnownVersions
from signed_plan.register.publish import grown_pdf
from signed_plan.register.returned import SignedElsewhere
from signed_plan.register.shapes import MAX_REASON
from signed_plan.register.signoff_status import signoff_statuses, stage_of
from signed_plan.signing.new_signature import NewSignature
from signed_plan.signing.untrusted_pdf import FoundSignature, Question, read_untrusted
from signed_plan.verify.diagnosis import signed_field
from signed_plan.verify.signing_time import judged_at
from signed_plan.wording import on_one_line, printable

_END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF(?:\r\n|\r|\n)?\Z")
_SEND_AGAIN = "Send them the present file (plan send {version}), to be signed as it is."


@dataclass(frozen=True, slots=True)
class _ReturnedFile:
    """A returned file, and the version whose registered bytes it begins with."""

    data: bytes
    version: Version
    base: bytes


def receive(folder: PlanFolder, data: bytes, prompts: Prompts) -> RegisterEntry[SignedElsewhere]:
    """Puts a returned file in place of the registered one and enters it; gives the entry.

    Raises SigningError, with nothing changed, for any other file.
    """
    with open_session(folder, prompts) as session:
        returned = _recognise(session, data)
        name = returned.version.name
        signature, new, person, review = _new_signature(session, returned)
        _require_own_box(session, returned.version, signature, person)
        require_due(session, returned.version, person, review.id)
        require_known_kind(returned.version, signature, person)
        _require_certificate(session, returned.version, signature, person)
        signed_at = ""
        if signature.fault and new is not None:
            signed_at = _judged_as_made(session, returned, new, person, signature.field)
        if not signed_at:
            require_good(returned.version, signature, person)
        reason = ""
        if new is not None:
            require_acceptable(returned.version, new, person)
            reason = given_reason(returned.version, review, new, person)
        office = open_office_keys(session, prompts)
        files = {folder.pdf(name): data}
        event = SignedElsewhere(
            review=review.id,
            person=person.id,
            certificate=signature.certificate,
            files=grown_pdf(folder, files),
            reason=reason,
            signed_at=signed_at,
            unfit="" if new is None else on_one_line(new.unfit, MAX_REASON),
        )
        register, entry = session.register.enter(name, event)
        enter_signed(session, office, register, returned.version, files)
        return entry


def _recognise(session: Session, data: bytes) -> _ReturnedFile:
    """Finds the version whose present state the file begins with."""
    if not data.startswith(b"%PDF-"):
        raise SigningError(
            "That is not a PDF.", "Name the signed PDF file itself, not an e-mail or a picture."
        )
    known = KnownVersions(session.folder, session.register)
    versions = known.readable(session.register.built_versions)
    for version in versions:
        if stage_of(session.register, version.name) == "issued":
            base = read_registered_pdf(session, version.name, grown=True)
            if data == base:
                raise SigningError(
                    f"That is the present file of version {version.name}: it has no new signature.",
                    "Ask for the file that was saved after signing.",
                )
            if data.startswith(base):
                return _ReturnedFile(data, version, base)
    for version in reversed(versions):
        _require_not_older(session, version, data)
    raise _unknown_file(session, versions, data)


def _require_not_older(session: Session, version: Version, data: bytes) -> None:
    """Refuses a file that grew from an older state of the version."""
    states = session.register.states(pdf_file(version.name))
    for at in range(len(states) - 1, -1, -1):
        size = states[at].record.size
        if len(data) < size or Digest.of_bytes(data[:size]).hex != states[at].record.sha256:
            continue
        require_stage(session, version.name, "issued")
        if len(data) == size:
            raise SigningError(
                f"That is an older state of version {version.name}, without a new signature.",
                _SEND_AGAIN.format(version=version.name),
            )
        drafts = len(session.register.each(BuiltEvent, version.name))
        what = "before it was issued" if at < drafts else "while somebody else signed it too"
        raise SigningError(
            f"That file of version {version.name} was signed {what}, so it lacks something that "
            "the present one has.",
            _SEND_AGAIN.format(version=version.name),
        )


def _unknown_file(session: Session, versions: list[Version], data: bytes) -> SigningError:
    """Why a file that begins with no registered bytes is refused."""
    reading = read_untrusted(data, _question(session))
    for version in reversed(versions):
        if version.fingerprint.hex in reading.text:
            lost = "which breaks its signatures" if reading.signatures else "and holds no signature"
            return SigningError(
                f"That file shows version {version.name}, but it is not the file that was sent: it "
                f"was printed to PDF or saved again, {lost}.",
                "Ask them to open the file they were sent, click their box, sign, and send back "
                "the file that is saved then.",
            )
    why = f": {without_type(reading.flaw)}" if reading.flaw else ""
    return SigningError(f"That is not a PDF of this plan{why}.", "Name the signed PDF.")


def _question(session: Session) -> Question:
    trusted = trusted_certificates(session.folder, session.register)
    return Question(trusted.roots, trusted.authorities, datetime.now(UTC))


def _signed_fields(session: Session, version: Version) -> dict[str, datetime]:
    """The fields that the register knows to be signed, and when each signature is judged."""
    return {
        field: judged_at(entry)
        for entry in session.register.of(version.name)
        if (field := signed_field(entry.event)) is not None
    }


def _question_about(session: Session, returned: _ReturnedFile, **more: datetime) -> Question:
    """What to read the file for; `more` are fields whose signatures are judged at a time."""
    signed = _signed_fields(session, returned.version)
    return replace(
        _question(session),
        size=len(returned.base),
        signed=frozenset(signed),
        moments={**signed, **more},
    )


def _judged_as_made(
    session: Session, returned: _ReturnedFile, new: NewSignature, person: Person, field: str
) -> str:
    """When the signature says that it was made, if it was good then; "" if it was not.

    Raises SigningError where it was good then, but that was not between issue and return.
    """
    claimed = claimed_time(new)
    issued = session.register.last(IssuedEvent, returned.version.name)
    if claimed is None or issued is None:
        return ""
    question = _question_about(session, returned, **{field: claimed})
    again = read_untrusted(returned.data, question)
    if again.flaw or any(one.fault for one in again.signatures):
        return ""
    require_made_in_between(returned.version, claimed, issued.at, person)
    return time_text(claimed.astimezone(UTC))


def _new_signature(
    session: Session, returned: _ReturnedFile
) -> tuple[FoundSignature, NewSignature | None, Person, Review]:
    """The one signature that the file adds, and whose box it is in."""
    version = returned.version
    waiting = {
        field_name(standing.review, person): (person, standing.review)
        for standing in signoff_statuses(session.register, version.plan)
        for person in standing.missing
    }
    signed = _signed_fields(session, version)
    reading = read_untrusted(returned.data, _question_about(session, returned))
    again = _SEND_AGAIN.format(version=version.name)
    new = [found for found in reading.signatures if found.field not in signed]
    changed = f": {printable(reading.changes[0][1][:80])} was changed" if reading.changes else ""
    if reading.flaw:
        raise SigningError(
            f"That file is damaged: {without_type(reading.flaw)}.",
            "Ask them to send it once more, as it was saved after signing. If it is damaged again, "
            f"send them the present file (plan send {version.name}), to be signed anew.",
        )
    if not new:
        raise SigningError(f"There is no new signature in that file{changed}.", again)
    if len(new) > 1:
        raise SigningError(
            f"There are {len(new)} new signatures in that file; only one can be taken at a time.",
            again,
        )
    (signature,) = new
    if signature.field not in waiting:
        raise SigningError(
            "That signature is not in a box that waits for one. It is in the field "
            f'"{printable(signature.field[:80])}".',
            f"Ask them to click their own box on the sign-off page. {again}",
        )
    require_nothing_else(version, reading, ends_well=_ends_with_a_revision(returned.data))
    for found in reading.signatures:
        if found.field in signed and found.fault:
            raise SigningError(
                f"That file breaks the signature in the field {found.field}: {found.fault}.", again
            )
    return signature, reading.new, *waiting[signature.field]


def _ends_with_a_revision(data: bytes) -> bool:
    """Whether the file ends where its last revision does (ISO 32000-2, 7.5.5)."""
    found = _END.search(data, max(0, len(data) - 100))
    return found is not None and data.count(b"startxref", int(found[1])) == 1


def _require_own_box(
    session: Session, version: Version, signature: FoundSignature, person: Person
) -> None:
    """Refuses a signature in somebody else's box: whose turn that box waits for is no matter."""
    owners = _owners(session, signature)
    if not owners or person.id in owners:
        return
    names = names_of(version.plan)
    (owner, name), *_ = owners.items()
    signer = names.people.get(owner, name)
    raise SigningError(
        f"{signer} has signed in the box of {names.person(person.id)}.",
        f"Send {signer} the present file again (plan send {version.name}), to sign in the box "
        "beside their own name.",
    )


def _owners(session: Session, signature: FoundSignature) -> dict[str, str]:
    """The ids of those whom the signature's certificate was enrolled for, and their names."""
    enrolled = (entry.event for entry in session.register.each(EnrolledEvent))
    return {
        event.person: event.name for event in enrolled if event.certificate == signature.certificate
    }


def _require_certificate(
    session: Session, version: Version, signature: FoundSignature, person: Person
) -> None:
    enrolled = require_enrolment(session.register, version, person)
    told = names_of(version.plan).person(person.id)
    if signature.certificate == enrolled.certificate:
        return
    if person.id in _owners(session, signature):
        raise SigningError(
            f"{told} has signed with a certificate that was revoked.",
            "Ask them to sign again with their present certificate.",
        )
    raise SigningError(
        f'The signature in the box of {told} is by a certificate named "'
        f'{printable(signature.signer[:80])}" that the office does not know.',
        f"If it is theirs: plan revoke {person.id}, then "
        f"plan enrol {person.id} --certificate FILE; else ask them who signed.",
    )
