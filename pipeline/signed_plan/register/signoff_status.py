"""How far a version has come: who has signed which review, how and when, and who is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

from signed_plan.plan.model import Person, Plan, Review
from signed_plan.register.chain import Register, RegisterEntry
from signed_plan.register.events import (
    DeclinedEvent,
    EnrolledEvent,
    Event,
    SignedEvent,
    SignedOnPaper,
)

if TYPE_CHECKING:
    from signed_plan.plan.settings import Order

Stage = Literal["", "built", "issued", "sealed", "superseded"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person has done about one review; `entry` is None where that is nothing yet."""

    person: Person
    entry: RegisterEntry[SignedEvent | DeclinedEvent] | None

    @property
    def event(self) -> SignedEvent | DeclinedEvent | None:
        return self.entry.event if self.entry is not None else None

    @property
    def signed(self) -> bool:
        return isinstance(self.event, SignedEvent)

    @property
    def declined(self) -> bool:
        return isinstance(self.event, DeclinedEvent)

    @property
    def on_paper(self) -> bool:
        return isinstance(self.event, SignedOnPaper)

    @property
    def words(self) -> str:
        """Such as "signed on paper", or "" where nothing has been done yet."""
        return self.event.words if self.event is not None else ""

    @property
    def reason(self) -> str:
        """Why they declined, in their own words; "" where they did not."""
        return self.event.reason if isinstance(self.event, DeclinedEvent) else ""


@dataclass(frozen=True, slots=True)
class SignoffStatus:
    """One open review: its people in the order they sign in, and what each has done."""

    review: Review
    marks: tuple[Mark, ...]

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who has not signed; a person who declined is among them."""
        return tuple(mark.person for mark in self.marks if not mark.signed)

    def due(self, order: Order) -> tuple[Person, ...]:
        """Who may sign now: the next in order, and those who declined and may think again."""
        waiting = [mark.person for mark in self.marks if mark.entry is None]
        declined = [mark.person for mark in self.marks if mark.declined]
        return (*(waiting if order == "any" else waiting[:1]), *declined)

    def mark(self, person_id: str) -> Mark | None:
        """That person's mark; None where the review does not ask them."""
        return next((mark for mark in self.marks if mark.person.id == person_id), None)


def signoff_statuses(register: Register, plan: Plan) -> tuple[SignoffStatus, ...]:
    """The open reviews of a version, in the order they stand in."""
    acts: dict[tuple[str, str], RegisterEntry[SignedEvent | DeclinedEvent]] = {
        (entry.event.review, entry.event.person): entry
        for entry in register.of(plan.version)
        if is_act(entry)
    }
    return tuple(
        SignoffStatus(
            review,
            tuple(
                Mark(plan.person(person), acts.get((review.id, person)))
                for person in review.signatories
            ),
        )
        for review in plan.open_reviews
    )


def is_act(entry: RegisterEntry[Event]) -> TypeGuard[RegisterEntry[SignedEvent | DeclinedEvent]]:
    """Whether a person has signed or declined there."""
    return isinstance(entry.event, SignedEvent | DeclinedEvent)


def tally(statuses: tuple[SignoffStatus, ...]) -> tuple[int, int]:
    """How many have signed, and how many are asked to, counted for each review."""
    marks = [mark for one in statuses for mark in one.marks]
    return sum(mark.signed for mark in marks), len(marks)


def stage_of(register: Register, version: str) -> Stage:
    """The last step of its life that the version has taken; "" for one never built."""
    taken = {entry.event.kind for entry in register.of(version)}
    stages: tuple[Stage, ...] = ("superseded", "sealed", "issued", "built")
    return next((stage for stage in stages if stage in taken), "")


def is_issued(register: Register, version: str) -> bool:
    """Whether the version has been issued, and perhaps sealed or superseded since."""
    return stage_of(register, version) in ("issued", "sealed", "superseded")


def enrolment(register: Register, person: str) -> EnrolledEvent | None:
    """The certificate that stands for a person now: the last enrolled, unless it was revoked."""
    entered = register.certificates_of(person)
    last = entered[-1].event if entered else None
    return last if isinstance(last, EnrolledEvent) else None
