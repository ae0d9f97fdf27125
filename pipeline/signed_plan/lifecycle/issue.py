"""Issuing a version: the office certifies its PDF, and from then on it is frozen."""

from __future__ import annotations

from datetime import UTC, datetime

from signed_plan.digest import Digest
from signed_plan.document.context import SEAL_FIELD
from signed_plan.errors import SigningError
from signed_plan.lifecycle.prompts import Clerk
from signed_plan.lifecycle.session import (
    Desk,
    at_desk,
    authority_files,
    demand_stage,
    evidence,
    in_box,
    office_entry,
    open_office,
    registered_pdf,
)
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load, load_one
from signed_plan.plan.text import in_words
from signed_plan.register.build_status import refuse_frozen, state_of
from signed_plan.register.chain import Event
from signed_plan.register.publish import by_kind
from signed_plan.register.signoff_status import stage_of
from signed_plan.signing.appearance import Look
from signed_plan.signing.pades import Words, certify


def issue(folder: PlanFolder, name: str, clerk: Clerk) -> Event:
    """Certifies the version's PDF as it was built, and enters it as issued; gives the entry.

    The certification's reason names the version, its fingerprint and the register's head, which so
    is vouched for by a signature outside the register. The version that this one supersedes is
    entered as superseded, if it was issued. Raises SigningError where the version is not built, or
    not up to date.
    """
    with at_desk(folder, clerk) as desk:
        version = load_one(folder, name)
        demand_stage(desk, name, "built")
        state = state_of(folder, desk.register, version)
        refuse_frozen(state)
        if state.name != "built":
            raise SigningError(
                f"Version {name} is not as it was built: {state.reason}.", "Run: plan build"
            )
        if not version.plan.open_reviews:
            raise SigningError(
                f"Nobody is to sign version {name}: no review in reviews.yaml names it.",
                "Add its review there, then run: plan build",
            )
        _refuse_after_successor(desk, name)
        pdf = registered_pdf(desk, name)
        office = open_office(desk, clerk)
        organisation = office_entry(desk)["organisation"]
        short = version.fingerprint.short
        now = datetime.now(UTC)
        words = Words(
            name=organisation,
            reason=certification_reason(name, version.fingerprint, desk.register.head),
            look=Look(
                in_box(desk, organisation),
                (f"Certified {in_words(now)}", f"Version {name} · fingerprint {short}"),
            ),
        )
        signed = certify(pdf, SEAL_FIELD, office.seal, words, evidence(desk, office))
        files = {folder.pdf(name): signed.pdf, **authority_files(desk)}
        body: Event = {
            "fingerprint": version.fingerprint.hex,
            "head": desk.register.head,
            "certificate": office.seal.digest.hex,
            "level": signed.level,
            "files": by_kind(folder, files),
        }
        register = desk.register.add("issued", name, body)
        issued = register.events[-1]
        older = version.superseded
        if older is not None and stage_of(register, older.name) in ("issued", "sealed"):
            register = register.add("superseded", older.name, {"by": name})
        desk.enter(office, register, files)
        return issued


def _refuse_after_successor(desk: Desk, name: str) -> None:
    for later in load(desk.folder):
        superseded = later.superseded is not None and later.superseded.name == name
        if superseded and stage_of(desk.register, later.name) != "built":
            raise SigningError(
                f"Version {later.name}, which supersedes {name}, has been issued already.",
                f"Version {name} can no longer be issued; it stays in the record as a draft.",
            )


def certification_reason(version: str, fingerprint: Digest, head: str) -> str:
    """What the office's certification says it is for."""
    return f"Version {version}, fingerprint {fingerprint}, register head {head}"
