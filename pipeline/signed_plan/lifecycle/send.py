"""Sending the present PDF to everybody who signs it: by the mail server, or as drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from signed_plan.beneath import write_beneath
from signed_plan.document.signoff import field_pages
from signed_plan.errors import SigningError, UsageError, VerificationError
from signed_plan.files import read_if_there
from signed_plan.lifecycle.email_message import Letter, LetterAttachment, draft, message
from signed_plan.lifecycle.letter_text import ROOT_FILE, TRUST_FILE, Occasion, write_letter
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.session import (
    Session,
    office_event,
    open_office_keys,
    open_session,
    read_registered_pdf,
)
from signed_plan.lifecycle.smtp import post
from signed_plan.lifecycle.trust_instructions import how_to_trust
from signed_plan.paths import PlanFolder, pdf_file, receipt_file
from signed_plan.plan.model import Person
from signed_plan.plan.settings import Mail
from signed_plan.plan.source import Version
from signed_plan.register.certificates import office_root
from signed_plan.register.events import ReceiptEvent, SentEvent
from signed_plan.register.issued import known_version
from signed_plan.register.shapes import Way
from signed_plan.register.signoff_status import is_issued
from signed_plan.signing.identity import OfficeKeys, certificate_file

Files = tuple[LetterAttachment, ...]


@dataclass(frozen=True, slots=True)
class Sending:
    """What became of the letters."""

    way: Way
    to: tuple[Person, ...]
    drafts: tuple[Path, ...]
    without_address: tuple[Person, ...]


def send(folder: PlanFolder, name: str, prompts: Prompts) -> Sending:
    """Writes to each signatory and enters the version as sent; without a mail server, makes drafts.

    Raises UsageError if no address is known, and ServiceError if the mail server does not take
    every letter; the letters it took are entered.
    """
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, name)
        if not is_issued(session.register, name):
            raise SigningError(
                f"Version {name} has not been issued yet.", f"Run: plan issue {name}"
            )
        people = _signatories(version)
        known = {
            person.id: address
            for person in people
            if (address := session.settings.email(person.id))
        }
        if not known:
            raise UsageError(
                f"Nobody who signs version {name} has an e-mail address in source/settings.yaml.",
                "Write it there, below people: and the person's id.",
            )
        pdf = read_registered_pdf(session, name)
        occasion, files = _occasion(session, version, pdf), _files(session, version, pdf)
        letters = {
            person.id: _letter(occasion, person, known[person.id], files)
            for person in people
            if person.id in known
        }
        office = open_office_keys(session, prompts)
        way: Way = "drafts" if session.settings.mail is None else "smtp"
        sent: list[str] = []
        drafts: list[Path] = []
        try:
            if session.settings.mail is None:
                drafts = _draft(folder.output, name, letters)
                sent = list(letters)
            else:
                _post(session.settings.mail, letters, sent, prompts)
        finally:
            if sent:
                _enter(session, version, sent, way, office)
        return Sending(
            way,
            tuple(person for person in people if person.id in sent),
            tuple(drafts),
            tuple(person for person in people if person.id not in known),
        )


def _signatories(version: Version) -> list[Person]:
    ids = [person for review in version.plan.open_reviews for person in review.signatories]
    return [version.plan.person(person) for person in dict.fromkeys(ids)]


def _draft(output: Path, version: str, letters: dict[str, Letter]) -> list[Path]:
    paths = []
    for person, letter in letters.items():
        path = output / version / "letters" / f"{person}.eml"
        write_beneath(output, path, draft(message(letter, None, datetime.now(UTC))))
        paths.append(path)
    return paths


def _post(mail: Mail, letters: dict[str, Letter], sent: list[str], prompts: Prompts) -> None:
    password = None
    if mail.user is not None:
        wanted = Prompt("mail", f"{mail.user} at {mail.server}")
        password = prompts.ask(wanted).reveal().decode("utf-8")
    messages = {
        person: message(letter, mail.sender, datetime.now(UTC))
        for person, letter in letters.items()
    }

    def note(accepted: EmailMessage) -> None:
        sent.extend(person for person, one in messages.items() if one is accepted)

    post(mail, password, list(messages.values()), note)


def _enter(
    session: Session, version: Version, sent: list[str], way: Way, office: OfficeKeys
) -> None:
    pdf = session.register.states(pdf_file(version.name))[-1].record
    event = SentEvent(to=tuple(sent), way=way, pdf=pdf.sha256)
    session.enter(office, session.register.add(version.name, event), {})


def _letter(occasion: Occasion, person: Person, address: str, files: Files) -> Letter:
    subject, text = write_letter(occasion, person)
    return Letter(person.name, address, subject, text, files)


def _occasion(session: Session, version: Version, pdf: bytes) -> Occasion:
    return Occasion(
        version=version,
        register=session.register,
        order=session.settings.order,
        organisation=office_event(session).organisation,
        pages=field_pages(pdf),
    )


def _files(session: Session, version: Version, pdf: bytes) -> Files:
    """What goes with every letter of the version."""
    folder, name = session.folder, version.name
    root = office_root(folder, session.register)
    page = how_to_trust(office_event(session).organisation, root, ROOT_FILE)
    files = {folder.pdf(name).name: pdf}
    if session.register.last(ReceiptEvent, name) is not None:
        files[folder.receipt(name).name] = _read_receipt(session, name)
    files |= {ROOT_FILE: certificate_file(root), TRUST_FILE: page.encode("utf-8")}
    return tuple(LetterAttachment(name, data) for name, data in files.items())


def _read_receipt(session: Session, version: str) -> bytes:
    """The version's receipt. Raises VerificationError where it is not as it was recorded."""
    path = session.folder.receipt(version)
    data = read_if_there(path)
    if data is None:
        raise VerificationError(f"{path.name} is gone.", "Bring it back from a copy.")
    if not session.register.states(receipt_file(version))[-1].record.is_exactly(data):
        raise VerificationError(
            f"{path.name} is not the file that the register knows.", "Bring it back from a copy."
        )
    return data
