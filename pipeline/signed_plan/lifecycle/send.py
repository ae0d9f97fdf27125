"""Sending the present PDF to everybody who signs it: by the mail server, or as drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from signed_plan.errors import SigningError, UsageError
from signed_plan.files import write_atomically
from signed_plan.lifecycle.email_message import Letter, LetterAttachment, draft, message
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.session import (
    Session,
    office_event,
    open_office_keys,
    open_session,
    read_registered_pdf,
)
from signed_plan.lifecycle.smtp import post
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.model import Person
from signed_plan.plan.settings import Mail
from signed_plan.plan.source import Version, load_one
from signed_plan.register.events import ReceiptEvent, SentEvent
from signed_plan.register.shapes import Way
from signed_plan.register.signoff_status import is_issued, signoff_statuses
from signed_plan.signing.identity import OfficeKeys

_TO_SIGN = """\
Dear {name},

please find attached version {version} of the {title}.
Its fingerprint is {fingerprint}.

{due}

On screen: open the PDF in Adobe Reader, go to the sign-off page, click the box beside your name
and sign with your certificate. Save it, and send the saved file back to us. Do not print it to PDF
and do not save it as another PDF: that would lose the signatures that are in it.

On paper: print the sign-off page, sign beside your name, and send us the page or a scan of all of
it, with the square code.

If Adobe Reader says that it does not know our certificate, see how-to-trust.txt.

{organisation}
"""

_SEALED = """\
Dear {name},

please find attached version {version} of the {title}, signed and
sealed. Its fingerprint is {fingerprint}.

Please keep the receipt in a place of your own, on paper or as a file: with it anybody can check
later that neither the plan nor our record of it was changed.

{organisation}
"""


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
        version = load_one(folder, name)
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
        letters = {
            person.id: _letter(session, version, person, known[person.id])
            for person in people
            if person.id in known
        }
        office = open_office_keys(session, prompts)
        way: Way = "drafts" if session.settings.mail is None else "smtp"
        sent: list[str] = []
        drafts: list[Path] = []
        try:
            if session.settings.mail is None:
                drafts = _draft(folder.output / name / "letters", letters)
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


def _draft(folder: Path, letters: dict[str, Letter]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for person, letter in letters.items():
        path = folder / f"{person}.eml"
        write_atomically(path, draft(message(letter, None, datetime.now(UTC))))
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


def _letter(session: Session, version: Version, person: Person, address: str) -> Letter:
    folder, name = session.folder, version.name
    sealed = session.register.last(ReceiptEvent, name) is not None
    organisation = office_event(session).organisation
    text = (_SEALED if sealed else _TO_SIGN).format(
        name=person.name,
        version=name,
        title=version.plan.full_title,
        fingerprint=version.fingerprint.short,
        due=_due(session, version, person),
        organisation=organisation,
    )
    attached = [LetterAttachment(folder.pdf(name).name, read_registered_pdf(session, name))]
    extra = [folder.receipt(name)] if sealed else []
    extra += [folder.certificates / "office-root.crt", folder.certificates / "how-to-trust.txt"]
    attached += [LetterAttachment(path.name, path.read_bytes()) for path in extra]
    what = "signed and sealed" if sealed else "for your signature"
    subject = f"{version.plan.full_title}, version {name}: {what}"
    return Letter(person.name, address, subject, text, tuple(attached))


def _due(session: Session, version: Version, person: Person) -> str:
    """What this person is asked to do now."""
    for standing in signoff_statuses(session.register, version.plan):
        if person not in standing.missing:
            continue
        due = standing.due(session.settings.order)
        if person in due:
            return f"It is your turn to sign: {standing.review.title}."
        before = due[0].name if due else "others"
        return (
            f"You are asked to sign: {standing.review.title}. Please wait until {before} has\n"
            "signed; we will send you the file with that signature in it."
        )
    return "You have signed it; this is for your information."
