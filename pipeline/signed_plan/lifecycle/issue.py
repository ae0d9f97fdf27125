"""Issuing a version: the office certifies its PDF, and from then on it is frozen."""

from __future__ import annotations

from datetime import UTC, datetime

from signed_plan.digest import Digest
from signed_plan.document.context import SEAL_FIELD
from signed_plan.document.signature_boxes import seal_text
from signed_plan.errors import SigningError
from signed_plan.lifecycle.boxes import box_look, require_boxes
from signed_plan.lifecycle.entering import enter_signed
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import (
    Session,
    authority_files,
    office_event,
    open_office_keys,
    open_session,
    read_registered_pdf,
    require_stage,
    validation_material,
)
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load, load_one
from signed_plan.register.build_status import build_status, require_not_frozen
from signed_plan.register.chain import RegisterEntry
from signed_plan.register.events import IssuedEvent, SupersededEvent
from signed_plan.register.publish import grown_pdf
from signed_plan.register.signoff_status import stage_of
from signed_plan.signing.pades import Statement, certify
from signed_plan.wording import in_words


def issue(folder: PlanFolder, name: str, prompts: Prompts) -> RegisterEntry[IssuedEvent]:
    """Certifies the version's PDF as it was built, and enters it as issued; gives the entry.

    The certification's reason names the version, its fingerprint and the register's head, so that a
    signature outside the register confirms the head. The superseded version, if it was issued, is
    entered as superseded. Raises SigningError if the version is not built or not up to date.
    """
    with open_session(folder, prompts) as session:
        version = load_one(folder, name)
        require_stage(session, name, "built")
        state = build_status(folder, session.register, version)
        require_not_frozen(state)
        if state.name != "built":
            raise SigningError(
                f"Version {name} is not as it was built: {state.reason}.", "Run: plan build"
            )
        if not version.plan.open_reviews:
            raise SigningError(
                f"Nobody is to sign version {name}: no review in reviews.yaml names it.",
                "Add its review there, then run: plan build",
            )
        _require_no_successor(session, name)
        pdf = read_registered_pdf(session, name)
        office = open_office_keys(session, prompts)
        organisation, mark = office_event(session).organisation, office_event(session).mark
        require_boxes(version, organisation, mark, pdf)
        when = in_words(datetime.now(UTC))
        statement = Statement(
            name=organisation,
            reason=certification_reason(name, version.fingerprint, session.register.head),
            look=box_look(mark, seal_text(version, organisation, when)),
        )
        signed = certify(
            pdf, SEAL_FIELD, office.seal, statement, validation_material(session, office)
        )
        files = {folder.pdf(name): signed.pdf, **authority_files(session)}
        event = IssuedEvent(
            fingerprint=version.fingerprint.hex,
            head=session.register.head,
            certificate=office.seal.digest.hex,
            level=signed.level,
            files=grown_pdf(folder, files),
        )
        register, entry = session.register.enter(name, event)
        older = version.superseded
        if older is not None and stage_of(register, older.name) in ("issued", "sealed"):
            register = register.add(older.name, SupersededEvent(by=name))
        enter_signed(session, office, register, version, files)
        return entry


def _require_no_successor(session: Session, name: str) -> None:
    for later in load(session.folder):
        superseded = later.superseded is not None and later.superseded.name == name
        if superseded and stage_of(session.register, later.name) != "built":
            raise SigningError(
                f"Version {later.name}, which supersedes {name}, has been issued already.",
                f"Version {name} can no longer be issued; it stays in the record as a draft.",
            )


def certification_reason(version: str, fingerprint: Digest, head: str) -> str:
    """The reason that the office's certification gives."""
    return f"Version {version}, fingerprint {fingerprint}, register head {head}"
