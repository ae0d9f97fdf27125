"""Taking back what was entered by mistake: a scan of the wrong page, a decline of somebody else."""

from __future__ import annotations

from signed_plan.errors import SigningError, UsageError
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import (
    Session,
    open_office_keys,
    open_session,
    require_person,
    require_reason,
    require_stage,
)
from signed_plan.lifecycle.sign import Signing
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Person, Review
from signed_plan.plan.names import name_of
from signed_plan.plan.source import Version
from signed_plan.register.chain import RegisterEntry
from signed_plan.register.events import WithdrawnEvent
from signed_plan.register.issued import known_version
from signed_plan.register.signoff_status import can_be_withdrawn, signoff_statuses


def withdraw(
    folder: PlanFolder, signing: Signing, reason: str, prompts: Prompts
) -> RegisterEntry[WithdrawnEvent]:
    """Takes back a scan or a decline that was entered by mistake; gives the new entry.

    The old entry and the scan stay in the register: it tells what was done, mistakes too. Raises
    SigningError where there is nothing to withdraw, or the person has signed in the PDF itself.
    """
    reason = require_reason(reason)
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, signing.version)
        person = require_person(version, signing.person)
        require_stage(session, version.name, "issued")
        review = _mistaken_review(session, version, person, signing.review)
        office = open_office_keys(session, prompts)
        event = WithdrawnEvent(review=review.id, person=person.id, reason=reason)
        register, entry = session.register.enter(version.name, event)
        session.enter(office, register, {})
        return entry


def _mistaken_review(
    session: Session, version: Version, person: Person, review: str | None
) -> Review:
    """The review of that id, or the one that the last scan or decline of the person was about."""
    told = name_of(version.plan, person)
    acts = [
        (mark.entry, one.review)
        for one in signoff_statuses(session.register, version.plan)
        if (mark := one.mark(person.id)) is not None
        and mark.entry is not None
        and review in (None, one.review.id)
    ]
    mistaken = [pair for pair in acts if can_be_withdrawn(pair[0])]
    if mistaken:
        return max(mistaken, key=lambda pair: pair[0].number)[1]
    if acts:
        raise SigningError(
            f"{told} has signed in the PDF itself, and nobody can take that out of it.",
            f"What is to be changed belongs in the next version: plan new NAME --from "
            f"{version.name}",
        )
    where = ""
    if review is not None:
        ids = [one.id for one in version.plan.open_reviews]
        if review not in ids:
            raise UsageError(
                f'Version {version.name} has no open review "{review}".',
                f"The open reviews are: {', '.join(ids)}.",
            )
        where = f" for the review {review}"
    raise SigningError(
        f"Nothing was scanned for {told}{where}, and they have not declined.", "See: plan status"
    )
