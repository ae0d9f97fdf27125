"""A session: the folder is locked, an interrupted command is finished, the register is read and its
signature checked. There is one way to enter what has happened.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from signed_plan.beneath import require_no_way_out
from signed_plan.digest import Digest
from signed_plan.document.fonts import require_coverage
from signed_plan.errors import SigningError, UsageError, VerificationError
from signed_plan.files import read_file, read_if_there
from signed_plan.lifecycle.clock import require_clock
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.paths import PlanFolder, as_typed, pdf_file
from signed_plan.plan.model import Person
from signed_plan.plan.names import name_of
from signed_plan.plan.settings import Settings, load_settings
from signed_plan.plan.source import Version
from signed_plan.plan.text import flaw, normalise
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.chain import Register, read
from signed_plan.register.events import EnrolledEvent, KeysEvent, RevokedEvent
from signed_plan.register.publish import KeptFile, lock_folder, publish, recover
from signed_plan.register.shapes import MAX_REASON
from signed_plan.register.signature import require_signature
from signed_plan.register.signoff_status import (
    Mark,
    SignoffStatus,
    Stage,
    enrolment,
    signoff_statuses,
    stage_of,
)
from signed_plan.signing.identity import (
    LARGEST_KEY,
    OfficeKeys,
    make_revocation_list,
    read_certificate,
    unlock_identity,
    unlock_register_key,
)
from signed_plan.signing.pades import ValidationMaterial
from signed_plan.signing.timestamp import Authority

OWNER_ONLY = 0o600
ROOT_KEY, SEAL_KEY, REGISTER_KEY = "office-root.p12", "office-seal.p12", "register-key.pem"


@dataclass(frozen=True, slots=True)
class Session:
    """The plan folder while one command, and no other, works in it."""

    folder: PlanFolder
    settings: Settings
    register: Register

    @property
    def keys(self) -> Path:
        return self.settings.keys_folder(self.folder)

    def enter(
        self, office: OfficeKeys, register: Register, files: dict[Path, bytes]
    ) -> list[KeptFile]:
        """Writes the register as it now is, signed, and puts the files in their places."""
        signature = office.register.sign(register.data)
        return publish(self.folder, register, files, signature)


@contextmanager
def open_session(folder: PlanFolder, prompts: Prompts) -> Iterator[Session]:
    """Locks the folder and finishes what an interrupted command has left.

    Raises VerificationError where the register is not as the office signed it: nothing may be
    added to that, or the next signature would vouch for it; OutputError where a link leads out of
    `output/` or of the keys' folder; and SigningError where the clock is off.
    """
    settings = load_settings(folder)
    with lock_folder(folder, prompts.wait):
        recover(folder)
        register = read(folder.register)
        require_begun_here(folder, register)
        require_signature(register, read_if_there(folder.signature))
        require_clock(register, prompts)
        require_no_way_out(settings.keys_folder(folder), depth=2)
        yield Session(folder, settings, register)


def open_office_keys(session: Session, prompts: Prompts) -> OfficeKeys:
    """The office's keys, unlocked.

    Raises SigningError where there are none yet, the passphrase is another one, or they are not
    the keys that this register was begun with.
    """
    begun = session.register.last(KeysEvent)
    files = [session.keys / name for name in (ROOT_KEY, SEAL_KEY, REGISTER_KEY)]
    if begun is None:
        raise SigningError("The office has no keys yet.", "Make them once: plan keys init")
    if not all(path.is_file() for path in files):
        raise SigningError(
            f"The office's keys are not in {session.keys}.",
            "Bring that folder back from your copy, or name it in source/settings.yaml.",
        )
    office = unlock_office_keys(session.keys, prompts)
    found = (office.root.digest.hex, office.seal.digest.hex, office.register_key.hex())
    keys = begun.event
    if found != (keys.root, keys.seal, keys.register_key):
        raise SigningError(
            f"The keys in {session.keys} are not the ones that this register was begun with.",
            "Name the right folder in source/settings.yaml.",
        )
    return office


def office_event(session: Session) -> KeysEvent:
    """What the register says of the office: its name and the public halves of its keys."""
    entry = session.register.last(KeysEvent)
    assert entry is not None, "the office's keys were opened before"
    return entry.event


def unlock_office_keys(keys: Path, prompts: Prompts) -> OfficeKeys:
    """The three keys in that folder, which one passphrase locks."""
    secret = prompts.ask(Prompt("office", "the office's keys"))
    root, seal = (
        unlock_identity(read_key(keys / name), secret, "the office")
        for name in (ROOT_KEY, SEAL_KEY)
    )
    register = unlock_register_key(read_key(keys / REGISTER_KEY), secret)
    return OfficeKeys(root, seal, register)


def read_key(path: Path) -> bytes:
    """A key file's bytes. If others might read it too, as after a copy, only its owner may now.

    Raises OSError where there is none, or no such small file.
    """
    data = read_file(path, LARGEST_KEY)
    if stat.S_IMODE(path.stat().st_mode) & ~OWNER_ONLY:
        with suppress(OSError):  # another's file, or a stick that knows no owners
            path.chmod(OWNER_ONLY)
    return data


def validation_material(session: Session, office: OfficeKeys) -> ValidationMaterial:
    """What is added to each signature: the office's own revocation list, and perhaps a time."""
    asked = session.settings.timestamp_authority
    authority = None
    if asked is not None:
        root = read_certificate(read_file(asked.certificate_file(session.folder), LARGEST_KEY))
        authority = Authority(asked.url, root, asked.seconds)
    return ValidationMaterial(
        (office.root.certificate,), revocation_list(session.register, office), authority
    )


def authority_files(session: Session) -> dict[Path, bytes]:
    """The timestamp authority's root certificate, to be kept with what it vouches for."""
    asked = session.settings.timestamp_authority
    if asked is None:
        return {}
    data = read_file(asked.certificate_file(session.folder), LARGEST_KEY)
    name = f"timestamp-authority-{Digest.of_bytes(data).hex[:8]}.crt"
    return {session.folder.certificates / name: data}


def revocation_list(
    register: Register, office: OfficeKeys, now_revoked: EnrolledEvent | None = None
) -> bytes:
    """The office's revocation list (RFC 5280) as the register has it now, in DER.

    `now_revoked` is a certificate that is revoked at this moment, and not entered yet.
    """
    revoked = [
        (int(entry.event.serial, 16), entry.at)
        for entry in register.each(RevokedEvent)
        if entry.event.issuer == "office"
    ]
    if now_revoked is not None and now_revoked.issuer == "office":
        revoked.append((int(now_revoked.serial, 16), register.moment()))
    return make_revocation_list(office.root, revoked, datetime.now(UTC))


def require_reason(reason: str) -> str:
    """A reason on one line.

    Raises UsageError where there is none, it is too long, or nothing that can be read; and
    MissingError for what no font can show: no receipt or report could print it.
    """
    plain = normalise(" ".join(reason.split()))
    found = flaw(plain)
    if not plain:
        raise UsageError("A reason is needed.", "Say it in a few words.")
    if found is not None:
        raise UsageError(f"The reason cannot be entered: {found[0]}.", found[1])
    if len(plain) > MAX_REASON:
        raise UsageError(
            f"The reason has {len(plain)} letters; at most {MAX_REASON} can be entered.",
            "Say it in fewer words, and keep the rest in a letter.",
        )
    require_coverage([plain])
    return plain


def require_stage(session: Session, version: str, stage: Stage) -> None:
    """Raises SigningError, saying what to do instead, unless the version is at that stage."""
    now = stage_of(session.register, version)
    if now == stage:
        return
    refusals = {
        "": (f"Version {version} was never built.", "Run: plan build"),
        "built": (f"Version {version} has not been issued yet.", f"Run: plan issue {version}"),
        "issued": (f"Version {version} has been issued already.", "See: plan status"),
        "sealed": (
            f"Version {version} is sealed: nothing is added to it any more.",
            "See: plan log",
        ),
        "superseded": (
            f"Version {version} was superseded by a later one: nothing is added to it any more.",
            "See: plan log",
        ),
    }
    raise SigningError(*refusals[now])


def read_registered_pdf(session: Session, version: str, *, grown: bool = False) -> bytes:
    """The version's PDF, byte for byte as the register last recorded it.

    With `grown`, also where somebody has signed it in its place since: without that signature.
    Raises VerificationError, saying what to do, for a file that is anything else.
    """
    path = session.folder.pdf(version)
    record = session.register.states(pdf_file(version))[-1].record
    data = read_if_there(path)
    back = f"Bring it back from a copy or a letter: plan restore {version} --from FILE"
    again = f"plan restore {version} --from {as_typed(path)}"
    if data is None:
        raise VerificationError(f"{path.name} is gone.", back)
    size = record.size
    if Digest.of_bytes(data[:size]).hex != record.sha256:
        raise VerificationError(f"{path.name} is not the file that the register knows.", back)
    if len(data) > size and not grown:
        raise VerificationError(
            f"{path.name} was signed or changed in its place since the register last saw it.",
            f"If it was signed, run: plan receive {as_typed(path)}. If not, run: {again}",
        )
    return data[:size]


def require_person(version: Version, person_id: str) -> Person:
    """The person of that id. Raises UsageError, listing the ids, where there is none."""
    for person in version.plan.people:
        if person.id == person_id:
            return person
    ids = ", ".join(person.id for person in version.plan.people)
    raise UsageError(f'Version {version.name} knows no person "{person_id}".', f"It knows: {ids}.")


def require_enrolment(register: Register, version: Version, person: Person) -> EnrolledEvent:
    """The enrolment of the person's certificate. Raises SigningError where there is none."""
    found = enrolment(register, person.id)
    if found is None:
        raise SigningError(
            f"{name_of(version.plan, person)} has no certificate that can be used.",
            f"Enrol one: plan enrol {person.id}",
        )
    return found


def require_due(
    session: Session, version: Version, person: Person, review: str | None
) -> SignoffStatus:
    """The open review that the person is to sign now, or the one of that id if they may sign it.

    Raises SigningError where there is nothing for them to sign, or somebody else comes first.
    """
    told = name_of(version.plan, person)
    asked = [
        standing
        for standing in signoff_statuses(session.register, version.plan)
        if standing.mark(person.id) is not None and review in (None, standing.review.id)
    ]
    if not asked:
        where = f"the review {review}" if review else f"any open review of version {version.name}"
        ids = ", ".join(one.id for one in version.plan.open_reviews) or "none"
        raise UsageError(f"{told} is not asked to sign {where}.", f"The open reviews are: {ids}.")
    open_for_them = [one for one in asked if person in one.missing]
    if not open_for_them:
        done = asked[-1].mark(person.id)
        raise SigningError(f"{told} has signed already{_when(done)}.", "See: plan status")
    for standing in open_for_them:
        if person in standing.due(session.settings.order):
            return standing
    first = open_for_them[0]
    (before, *_) = first.due(session.settings.order)
    raise SigningError(
        f"{name_of(version.plan, before)} signs {first.review.title} before {told}.",
        "Wait for that signature; source/settings.yaml can allow any order.",
    )


def _when(mark: Mark | None) -> str:
    return f" on {mark.entry.at:%d %B %Y}" if mark is not None and mark.entry else ""
