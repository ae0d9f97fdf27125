"""Signing at the office, one person in one field; and declining to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from signed_plan.document.context import field_name
from signed_plan.errors import SigningError
from signed_plan.files import read_if_there
from signed_plan.lifecycle.keys import person_key
from signed_plan.lifecycle.prompts import Clerk, Wanted
from signed_plan.lifecycle.session import (
    at_desk,
    authority_files,
    demand_enrolled,
    demand_stage,
    evidence,
    find_due,
    find_person,
    in_box,
    open_office,
    plain_reason,
    registered_pdf,
)
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Person
from signed_plan.plan.source import Version, load_one
from signed_plan.plan.text import in_words
from signed_plan.register.chain import Event
from signed_plan.register.publish import by_kind
from signed_plan.register.signoff_status import HERE
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import Identity, check_certificate, unlocked_identity
from signed_plan.signing.pades import Words
from signed_plan.signing.pades import sign as sign_pdf


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs what with what."""

    version: str
    person: str
    """The person's id."""
    review: str | None = None
    """The review's id; None for the one that the person is due in."""
    key: Path | None = None
    """A PKCS#12 file; None for the one that the office made for the person."""
    picture: bytes | None = None
    """A picture of the person's handwriting."""


def sign(folder: PlanFolder, signing: Signing, clerk: Clerk) -> Event:
    """Signs the version's PDF in the person's field and enters it; gives the entry.

    The person's passphrase is asked for, then the office's. Raises SigningError where it is not
    this person's turn, or the key is not the one that they were enrolled with.
    """
    with at_desk(folder, clerk) as desk:
        version = load_one(folder, signing.version)
        person = find_person(version, signing.person)
        demand_stage(desk, version.name, "issued")
        review = find_due(desk, version, person, signing.review).review
        enrolled = demand_enrolled(desk.register, person)
        pdf = registered_pdf(desk, version.name)
        identity = _unlocked(signing.key or person_key(desk, person.id), person, clerk)
        _check_enrolled(identity, enrolled, person)
        office = open_office(desk, clerk)
        words = Words(
            name=person.name,
            reason=f"{review.title}: version {version.name}, fingerprint {version.fingerprint}",
            look=_look(version, person, in_box(desk, person.name), signing.picture),
        )
        signed = sign_pdf(pdf, field_name(review, person), identity, words, evidence(desk, office))
        files = {folder.pdf(version.name): signed.pdf, **authority_files(desk)}
        body: Event = {
            "review": review.id,
            "person": person.id,
            "how": HERE,
            "certificate": identity.digest.hex,
            "level": signed.level,
            "files": by_kind(folder, files),
        }
        register = desk.register.add("signed", version.name, body)
        desk.enter(office, register, files)
        return register.events[-1]


def decline(folder: PlanFolder, signing: Signing, reason: str, clerk: Clerk) -> Event:
    """Enters that a person will not sign a review, and why; gives the entry.

    They may think again for as long as the version is not sealed.
    """
    reason = plain_reason(reason)
    with at_desk(folder, clerk) as desk:
        version = load_one(folder, signing.version)
        person = find_person(version, signing.person)
        demand_stage(desk, version.name, "issued")
        review = find_due(desk, version, person, signing.review).review
        office = open_office(desk, clerk)
        body: Event = {"review": review.id, "person": person.id, "reason": reason}
        register = desk.register.add("declined", version.name, body)
        desk.enter(office, register, {})
        return register.events[-1]


def _unlocked(path: Path, person: Person, clerk: Clerk) -> Identity:
    data = read_if_there(path)
    if data is None:
        raise SigningError(
            f"There is no key file of {person.name} at {path}.",
            "Name it: --key FILE; if they signed elsewhere, run: plan receive FILE",
        )
    return unlocked_identity(
        data, clerk.ask(Wanted("person", f"the key of {person.name}")), person.name
    )


def _check_enrolled(identity: Identity, enrolled: Event, person: Person) -> None:
    if identity.digest.hex != enrolled["certificate"]:
        raise SigningError(
            f"That key is not the one that {person.name} is enrolled with.",
            f"Use the right key file, or: plan revoke {person.id}, then enrol this certificate.",
        )
    check_certificate(identity.certificate, datetime.now(UTC))


def _look(version: Version, person: Person, name: str, picture: bytes | None) -> Look:
    """What stands in the person's box."""
    school = version.plan.school(person.school).name
    signed = f"Signed {in_words(datetime.now(UTC))} · fingerprint {version.fingerprint.short}"
    return Look(name, (f"{person.role}, {school}", signed), picture)
