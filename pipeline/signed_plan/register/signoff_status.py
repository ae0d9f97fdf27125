"""How far a version has come: who has signed which review, how and when, and who is next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from signed_plan.plan.model import Person, Plan, Review
from signed_plan.register.chain import Event, Register

if TYPE_CHECKING:
    from signed_plan.plan.settings import Order

Stage = Literal["", "built", "issued", "sealed", "superseded"]

HERE, ELSEWHERE, PAPER = "here", "elsewhere", "on paper"
"""The three ways to sign: at the office with `plan sign`, in another program, in ink."""

IN_WORDS = {
    HERE: "signed with their own certificate",
    ELSEWHERE: "signed with their own certificate, in another program",
    PAPER: "signed on paper",
    "declined": "declined",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What one person has done about one review; `event` is None where that is nothing yet."""

    person: Person
    event: Event | None

    @property
    def signed(self) -> bool:
        return self.event is not None and self.event["event"] == "signed"

    @property
    def declined(self) -> bool:
        return self.event is not None and self.event["event"] == "declined"

    @property
    def on_paper(self) -> bool:
        return self.event is not None and self.signed and self.event["how"] == PAPER

    @property
    def words(self) -> str:
        """Such as "signed on paper", or "" where nothing has been done yet."""
        if self.event is None:
            return ""
        return IN_WORDS[self.event["how"] if self.signed else "declined"]


@dataclass(frozen=True, slots=True)
class SignoffStatus:
    """One open review: its people in the order they sign in, and what each has done."""

    review: Review
    marks: tuple[Mark, ...]

    @property
    def missing(self) -> tuple[Person, ...]:
        """Who has not signed; whoever declined is among them."""
        return tuple(mark.person for mark in self.marks if not mark.signed)

    def due(self, order: Order) -> tuple[Person, ...]:
        """Who may sign now: the next in order, and whoever declined and thinks again."""
        waiting = [mark.person for mark in self.marks if mark.event is None]
        declined = [mark.person for mark in self.marks if mark.declined]
        return (*(waiting if order == "any" else waiting[:1]), *declined)

    def mark(self, person_id: str) -> Mark | None:
        """That person's mark; None where the review does not ask them."""
        return next((mark for mark in self.marks if mark.person.id == person_id), None)


def signoff_statuses(register: Register, plan: Plan) -> tuple[SignoffStatus, ...]:
    """The open reviews of a version, in the order they stand in."""
    acts: dict[tuple[str, str], Event] = {
        (event["review"], event["person"]): event
        for event in register.of(plan.version)
        if event["event"] in ("signed", "declined")
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


def tally(standing: tuple[SignoffStatus, ...]) -> tuple[int, int]:
    """How many have signed, and how many are asked to, counted for each review."""
    marks = [mark for one in standing for mark in one.marks]
    return sum(mark.signed for mark in marks), len(marks)


def stage_of(register: Register, version: str) -> Stage:
    """The last step of its life that the version has taken; "" for one never built."""
    taken = {event["event"] for event in register.of(version)}
    stages: tuple[Stage, ...] = ("superseded", "sealed", "issued", "built")
    return next((stage for stage in stages if stage in taken), "")


def is_issued(register: Register, version: str) -> bool:
    """Whether the version has been issued, whatever has become of it since."""
    return stage_of(register, version) in ("issued", "sealed", "superseded")


def enrolment(register: Register, person: str) -> Event | None:
    """The certificate that stands for a person now: the last enrolled, unless it was revoked."""
    for event in reversed(register.of("")):
        if event.get("person") == person:
            return event if event["event"] == "enrolled" else None
    return None
