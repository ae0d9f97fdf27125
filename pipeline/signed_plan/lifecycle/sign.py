"""Signing at the office: one person in one field. And declining to sign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from signed_plan.document.context import field_name
from signed_plan.document.signature_boxes import person_reason, person_text
from signed_plan.errors import SigningError
from signed_plan.lifecycle.boxes import box_look
from signed_plan.lifecycle.entering import enter_signed
from signed_plan.lifecycle.keys import person_key
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.session import (
    authority_files,
    office_event,
    open_office_keys,
    open_session,
    read_key,
    read_registered_pdf,
    require_due,
    require_enrolment,
    require_person,
    require_reason,
    require_stage,
    validation_material,
)
from signed_plan.paths import PlanFolder, as_seen
from signed_plan.plan.names import name_of
from signed_plan.register.chain import RegisterEntry
from signed_plan.register.events import DeclinedEvent, EnrolledEvent, SignedHere
from signed_plan.register.issued import known_version
from signed_plan.register.publish import grown_pdf
from signed_plan.signing.identity import Identity, require_usable, unlock_identity
from signed_plan.signing.pades import Statement
from signed_plan.signing.pades import sign as sign_pdf
from signed_plan.wording import in_words


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs which review of which version, and with which key."""

    version: str
    person: str
    """The person's id."""
    review: str | None = None
    """The review's id; None for the one that waits for the person."""
    key: Path | None = None
    """A PKCS#12 file; None for the one that the office made."""
    picture: bytes | None = None
    """A picture of the person's handwriting."""


def sign(folder: PlanFolder, signing: Signing, prompts: Prompts) -> RegisterEntry[SignedHere]:
    """Signs the version's PDF in the person's field and enters it; gives the entry.

    Asks for the person's passphrase, then for the office's. Raises SigningError if it is not this
    person's turn, or the key is not the one they were enrolled with.
    """
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, signing.version)
        person = require_person(version, signing.person)
        require_stage(session, version.name, "issued")
        review = require_due(session, version, person, signing.review).review
        enrolled = require_enrolment(session.register, version, person)
        pdf = read_registered_pdf(session, version.name)
        key, told = signing.key or person_key(session, enrolled), name_of(version.plan, person)
        identity = _unlock_key(key, told, prompts)
        _require_enrolled(identity, enrolled, told)
        office = open_office_keys(session, prompts)
        text = person_text(version, person, in_words(datetime.now(UTC)))
        statement = Statement(
            name=person.name,
            reason=person_reason(version, review),
            look=box_look(office_event(session).mark, text, signing.picture),
        )
        signed = sign_pdf(
            pdf,
            field_name(review, person),
            identity,
            statement,
            validation_material(session, office),
        )
        files = {folder.pdf(version.name): signed.pdf, **authority_files(session)}
        event = SignedHere(
            review=review.id,
            person=person.id,
            certificate=identity.digest.hex,
            level=signed.level,
            files=grown_pdf(folder, files),
        )
        register, entry = session.register.enter(version.name, event)
        enter_signed(session, office, register, version, files)
        return entry


def decline(
    folder: PlanFolder, signing: Signing, reason: str, prompts: Prompts
) -> RegisterEntry[DeclinedEvent]:
    """Enters that a person will not sign a review, and why; gives the entry.

    They may change their mind until the version is sealed.
    """
    reason = require_reason(reason)
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, signing.version)
        person = require_person(version, signing.person)
        require_stage(session, version.name, "issued")
        review = require_due(session, version, person, signing.review).review
        office = open_office_keys(session, prompts)
        event = DeclinedEvent(review=review.id, person=person.id, reason=reason)
        register, entry = session.register.enter(version.name, event)
        session.enter(office, register, {})
        return entry


def _unlock_key(path: Path, name: str, prompts: Prompts) -> Identity:
    try:
        data = read_key(path)
    except FileNotFoundError:
        raise SigningError(
            f"There is no key file of {name} at {as_seen(path)}.",
            "Name it: --key FILE; if they signed elsewhere, run: plan receive FILE",
        ) from None
    return unlock_identity(data, prompts.ask(Prompt("person", f"the key of {name}")), name)


def _require_enrolled(identity: Identity, enrolled: EnrolledEvent, name: str) -> None:
    if identity.digest.hex != enrolled.certificate:
        raise SigningError(
            f"That key is not the one that {name} is enrolled with.",
            f"Use the right key file, or: plan revoke {enrolled.person}, then enrol this one.",
        )
    require_usable(identity.certificate, datetime.now(UTC))
