"""How far a version has come: who has signed which review, how and when, and who is next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
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
    WithdrawnEvent,
)
from signed_plan.register.returned import SignedElsewhere

if TYPE_CHECKING:
    from signed_plan.plan.settings import Order

    _Acts = defaultdict[tuple[str, str], list[RegisterEntry["ReviewAct"]]]

ReviewAct = SignedEvent | DeclinedEvent
Stage = Literal["", "built", "issued", "sealed", "superseded"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person has done about one review; `entry` is None where that is nothing yet."""

    person: Person
    entry: RegisterEntry[ReviewAct] | None

    @property
    def event(self) -> ReviewAct | None:
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
        """Why they declined, or what their own program wrote as the reason of their signature; ""
        where there is none."""
        if isinstance(self.event, DeclinedEvent | SignedElsewhere):
            return self.event.reason
        return ""

    @property
    def remark(self) -> str:
        """What a list adds to what they did and when: the reason, if there is one."""
        return self.event.remark if self.event is not None else ""


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
    acts, _ = _standing_acts(register.of(plan.version))
    return tuple(
        SignoffStatus(
            review,
            tuple(
                Mark(plan.person(person), next(reversed(acts[review.id, person]), None))
                for person in review.signatories
            ),
        )
        for review in plan.open_reviews
    )


def find_stray(entries: Iterable[RegisterEntry[Event]]) -> RegisterEntry[WithdrawnEvent] | None:
    """The first of a version's entries that withdraws what is not there, or cannot be withdrawn."""
    return _standing_acts(entries)[1]


def can_be_withdrawn(act: RegisterEntry[ReviewAct]) -> bool:
    """Whether it is in the register alone; a signature in the PDF stays in it."""
    return isinstance(act.event, SignedOnPaper | DeclinedEvent)


def _standing_acts(
    entries: Iterable[RegisterEntry[Event]],
) -> tuple[_Acts, RegisterEntry[WithdrawnEvent] | None]:
    """What each person has done about each review and was not withdrawn, the last at the end; and
    the first entry that withdraws nothing."""
    acts: _Acts = defaultdict(list)
    stray = None
    for entry in entries:
        if is_act(entry):
            acts[entry.event.review, entry.event.person].append(entry)
        elif _is_withdrawal(entry):
            done = acts[entry.event.review, entry.event.person]
            if done and can_be_withdrawn(done[-1]):
                done.pop()
            else:
                stray = stray or entry
    return acts, stray


def _is_withdrawal(entry: RegisterEntry[Event]) -> TypeGuard[RegisterEntry[WithdrawnEvent]]:
    return isinstance(entry.event, WithdrawnEvent)


def is_act(entry: RegisterEntry[Event]) -> TypeGuard[RegisterEntry[ReviewAct]]:
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
