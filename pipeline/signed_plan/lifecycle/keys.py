"""The office's keys, and the certificates that people sign with."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509.oid import NameOID

from signed_plan.beneath import write_beneath
from signed_plan.errors import SigningError, UsageError
from signed_plan.files import read_if_there
from signed_plan.lifecycle.boxes import office_name
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.session import (
    OWNER_ONLY,
    REGISTER_KEY,
    ROOT_KEY,
    SEAL_KEY,
    Session,
    office_event,
    open_office_keys,
    open_session,
    require_enrolment,
    require_person,
    revocation_list,
    unlock_office_keys,
)
from signed_plan.lifecycle.trust_instructions import how_to_trust
from signed_plan.paths import SETTINGS_FILE, PlanFolder
from signed_plan.plan.model import Person
from signed_plan.plan.names import name_of
from signed_plan.plan.source import Version, load
from signed_plan.plan.text import normalise
from signed_plan.register.events import EnrolledEvent, KeysEvent, RevokedEvent
from signed_plan.register.publish import file_record
from signed_plan.register.shapes import CertificateFile, RevocationFile
from signed_plan.register.signoff_status import enrolment
from signed_plan.signing.identity import (
    OfficeKeys,
    certificate_digest,
    is_same_key,
    lock_identity,
    lock_register_key,
    make_office_keys,
    make_person,
    make_revocation_list,
    pem,
    read_certificate,
    register_key_pem,
    require_usable,
)
from signed_plan.signing.passphrase import require_strength
from signed_plan.signing.subject import Subject, mark_of
from signed_plan.verify.built_checks import PUBLIC_KEY

_FOLDER_OWNER_ONLY = 0o700


def make_keys(folder: PlanFolder, prompts: Prompts, mark: str = "") -> tuple[str, Path]:
    """Makes the office's keys, or uses those in the key folder; gives its name and that folder.

    A mark, such as SPECIMEN, stands in every certificate they ever issue. The public halves go to
    `output/certificates/`. Raises SigningError if this register has keys already, and UsageError
    if somebody who is asked says that the office has another name.
    """
    with open_session(folder, prompts) as session:
        if session.register.last(KeysEvent) is not None:
            raise SigningError(
                f"The office has its keys already, in {session.keys}.",
                "Keep them, and a copy of that folder in a safe place.",
            )
        organisation = office_name(folder, session.settings.organisation)
        _require_right_name(folder, organisation, prompts)
        if (session.keys / ROOT_KEY).is_file():  # for another plan, or before a crash
            office = unlock_office_keys(session.keys, prompts)
            mark = mark_of(office.root.certificate)
        else:
            office = _make_office(session, prompts, organisation, mark)
        now = datetime.now(UTC)
        root = folder.certificates / "office-root.crt"
        files = {
            root: pem(office.root.certificate),
            folder.certificates / "office.crl": make_revocation_list(office.root, (), now),
            folder.certificates / "register-key.pem": register_key_pem(office.register_key),
            folder.certificates / "how-to-trust.txt": how_to_trust(
                organisation, office.root.certificate, root.name
            ).encode("utf-8"),
        }
        event = KeysEvent(
            organisation=organisation,
            mark=mark,
            root=office.root.digest.hex,
            seal=office.seal.digest.hex,
            register_key=office.register_key.hex(),
            files={path.name: file_record(folder, path, data) for path, data in files.items()},
        )
        session.enter(office, session.register.add("", event), files)
        return organisation, session.keys


def enrol(
    folder: PlanFolder,
    person_id: str,
    prompts: Prompts,
    certificate: bytes | None = None,
) -> tuple[str, Path | None]:
    """Binds a name to a certificate; gives its SHA-256, and the key file to hand over.

    A person who brings no certificate gets a new key, under their own passphrase, with a
    certificate that the office issues.
    """
    with open_session(folder, prompts) as session:
        version = _latest_with(folder, person_id)
        person = require_person(version, person_id)
        if enrolment(session.register, person_id) is not None:
            raise SigningError(
                f"{name_of(version.plan, person)} is enrolled already.",
                f"To take another certificate: plan revoke {person_id}, then enrol again.",
            )
        school = version.plan.school(person.school).name
        now = datetime.now(UTC)
        key_file: Path | None = None
        if certificate is not None:
            found = read_certificate(certificate)
            require_usable(found, now)
            _require_free(session, person, found)
            _require_own_name(version, person, found)
        office = open_office_keys(session, prompts)
        if certificate is None:
            told = name_of(version.plan, person)
            secret = prompts.ask(Prompt("person", f"the new key of {told}", new=True))
            require_strength(secret, (person.name, person.role, school))
            mark = office_event(session).mark
            identity = make_person(office.root, Subject(person.name, school, mark), now)
            found = identity.certificate
            key_file = _new_key_file(session, person_id, certificate_digest(found).hex)
            _write_key(session, key_file, lock_identity(identity, person.name, secret))
        digest = certificate_digest(found).hex
        path = folder.certificates / f"{person_id}-{digest[:8]}.crt"
        event = EnrolledEvent(
            person=person_id,
            name=person.name,
            certificate=digest,
            serial=f"{found.serial_number:x}",
            subject=found.subject.rfc4514_string(),
            issuer="own" if certificate is not None else "office",
            not_before=_day(found.not_valid_before_utc),
            not_after=_day(found.not_valid_after_utc),
            files=CertificateFile(certificate=file_record(folder, path, pem(found))),
        )
        session.enter(office, session.register.add("", event), {path: pem(found)})
        return digest, key_file


def revoke(folder: PlanFolder, person_id: str, prompts: Prompts) -> str:
    """Ends the use of a person's certificate from now on; gives its SHA-256.

    What was signed with it before stays signed.
    """
    with open_session(folder, prompts) as session:
        version = _latest_with(folder, person_id)
        person = require_person(version, person_id)
        enrolled = require_enrolment(session.register, version, person)
        office = open_office_keys(session, prompts)
        path = folder.certificates / "office.crl"
        revocations = revocation_list(session.register, office, enrolled)
        event = RevokedEvent(
            person=enrolled.person,
            name=enrolled.name,
            certificate=enrolled.certificate,
            serial=enrolled.serial,
            issuer=enrolled.issuer,
            files=RevocationFile(revocations=file_record(folder, path, revocations)),
        )
        session.enter(office, session.register.add("", event), {path: revocations})
        return enrolled.certificate


def person_key(session: Session, enrolled: EnrolledEvent) -> Path:
    """Where the key file of a person is kept until it is handed over."""
    plain, named = _key_files(session, enrolled.person, enrolled.certificate)
    return named if named.is_file() else plain


def _new_key_file(session: Session, person_id: str, certificate: str) -> Path:
    """Where a new key goes: never in place of one that is there, whatever that one opens."""
    plain, named = _key_files(session, person_id, certificate)
    return named if plain.exists() else plain


def _key_files(session: Session, person_id: str, certificate: str) -> tuple[Path, Path]:
    """The file of a person's first key, and that of this one if there was a key before it."""
    people = session.keys / "people"
    return people / f"{person_id}.p12", people / f"{person_id}-{certificate[:8]}.p12"


def _require_right_name(folder: PlanFolder, organisation: str, prompts: Prompts) -> None:
    question = (
        f'The office will be called "{organisation}" from now on, for good. Is that its full and '
        "right name?"
    )
    if prompts.confirm(question) is False:
        settings = folder.relative(folder.source / SETTINGS_FILE)
        raise UsageError(
            "No keys were made, since the office has another name.",
            f"Write its name into {settings}, as organisation: NAME, and run the same command "
            "again.",
        )


def _make_office(session: Session, prompts: Prompts, organisation: str, mark: str) -> OfficeKeys:
    secret = prompts.ask(Prompt("office", "the office's new keys", new=True))
    require_strength(secret, (organisation,))
    office = make_office_keys(organisation, datetime.now(UTC), mark)
    _write_key(session, session.keys / REGISTER_KEY, lock_register_key(office.register, secret))
    _write_key(session, session.keys / SEAL_KEY, lock_identity(office.seal, "office seal", secret))
    public = office.register_key.hex().encode("ascii")
    _write_key(session, session.keys / PUBLIC_KEY, public + b"\n")
    # Last, since this file means that all keys are there.
    _write_key(session, session.keys / ROOT_KEY, lock_identity(office.root, "office root", secret))
    return office


def _write_key(session: Session, path: Path, data: bytes) -> None:
    ignored = path.parent / ".gitignore"
    if not ignored.exists():
        text = b"# Keys stay in the office: never in git.\n*\n"
        write_beneath(session.keys, ignored, text, folders=_FOLDER_OWNER_ONLY)
    write_beneath(session.keys, path, data, OWNER_ONLY, folders=_FOLDER_OWNER_ONLY)


def _latest_with(folder: PlanFolder, person_id: str) -> Version:
    """The latest version that lists the person, or else the latest."""
    versions = load(folder)
    listing = [
        version
        for version in versions
        if any(person.id == person_id for person in version.plan.people)
    ]
    return (listing or versions)[-1]


def _require_own_name(version: Version, person: Person, certificate: x509.Certificate) -> None:
    """Refuses a certificate in the name of somebody else in the plan."""
    said = [_words(name) for name in _given_names(certificate)]
    others = [one for one in version.plan.people if _words(one.name) in said]
    if others and person not in others:
        raise UsageError(
            f"That certificate is in the name of {name_of(version.plan, others[0])}.",
            f"Name that of {person.name}, or enrol {others[0].id} with this one.",
        )


def _given_names(certificate: x509.Certificate) -> list[str]:
    """Every name of its owner: some certificates give several, or first name and surname apart."""
    of = certificate.subject.get_attributes_for_oid
    names = [str(one.value) for one in of(NameOID.COMMON_NAME)]
    parts = [str(one.value) for at in (NameOID.GIVEN_NAME, NameOID.SURNAME) for one in of(at)]
    return [*names, " ".join(parts)]


def _words(name: str) -> list[str]:
    """A name's words in one order: some authorities write "BEARDSLEY, Sally"."""
    return sorted(re.findall(r"[^\s,]+", normalise(name).casefold()))


def _require_free(session: Session, person: Person, certificate: x509.Certificate) -> None:
    digest = certificate_digest(certificate).hex
    for event in (entry.event for entry in session.register.each(EnrolledEvent)):
        if event.certificate == digest:
            raise UsageError(
                f"That certificate was enrolled for {event.name} already.",
                "Each person signs with their own certificate, and a revoked one stays revoked.",
            )
        kept = read_if_there(session.folder.output / event.files.certificate.file)
        is_others = event.person != person.id and kept is not None
        if is_others and kept and is_same_key(read_certificate(kept), certificate):
            raise UsageError(
                f"The key of that certificate is the one that {event.name} is enrolled with.",
                "Each person signs with a key of their own.",
            )


def _day(moment: datetime) -> str:
    return moment.date().isoformat()
