"""What the register knows of the versions compared, as facts that a page can show."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from signed_plan.compare.changes import Comparison
from signed_plan.digest import Digest
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.model import Plan
from signed_plan.plan.source import Version
from signed_plan.register.chain import FileState, Register, RegisterEntry
from signed_plan.register.events import (
    BuiltEvent,
    Event,
    IssuedEvent,
    SealedEvent,
    SignedEvent,
    SupersededEvent,
)
from signed_plan.register.signoff_status import Mark, signoff_statuses
from signed_plan.verify.checks import Verdict
from signed_plan.wording import in_words

Act = Literal["signed", "on paper", "declined", "not signed"]


@dataclass(frozen=True, slots=True)
class SignatoryFact:
    """One person whom a review asks to sign, and what they did."""

    name: str
    role: str
    school: str
    act: Act
    how: str
    """In words; "" where nothing was done."""
    when: str
    reason: str
    """Why they declined, or what they gave as the reason of a signature, in their own words."""

    @property
    def signed(self) -> bool:
        return self.act in ("signed", "on paper")


@dataclass(frozen=True, slots=True)
class SignedFact:
    """One review of a version: what is signed there, and the people it asks."""

    title: str
    statements: tuple[str, ...]
    people: tuple[SignatoryFact, ...]


@dataclass(frozen=True, slots=True)
class PdfState:
    """The PDF of a version as it was from one moment on, until the next."""

    what: str
    """What made it so, such as "signed by Kevin Snow for 14th November 2017, JCC"."""
    when: str
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True)
class VersionFacts:
    """What the register knows of one version."""

    name: str
    fingerprint: Digest
    """Of the words that are compared."""
    recorded: Digest | None
    """The fingerprint that the register has; None where the version was never built."""
    file: str
    """The name of the PDF."""
    states: tuple[PdfState, ...]
    """Each state of the PDF since it was last built, the present one last."""
    issued: str
    """When the office certified it; "" where it has not."""
    sealed: str
    """When it was sealed; "" where it was not."""
    incomplete: str
    """Why it was sealed although somebody had not signed."""
    superseded_by: str
    reviews: tuple[SignedFact, ...]

    @property
    def pdf(self) -> PdfState | None:
        """The PDF as it is to be now."""
        return self.states[-1] if self.states else None

    @property
    def people(self) -> tuple[SignatoryFact, ...]:
        """Everybody who is asked, once for each review."""
        return tuple(person for review in self.reviews for person in review.people)

    @property
    def other_words(self) -> bool:
        """Whether the words compared are not those that the register knows."""
        return self.recorded not in (None, self.fingerprint)


@dataclass(frozen=True, slots=True)
class Proof:
    """The versions from the older to the newer one, and the result of verifying them."""

    versions: tuple[VersionFacts, ...]
    verdict: Verdict | None
    """None where nothing was ever built, so that there is nothing to verify."""
    entries: int
    """How many entries the register has."""

    @property
    def head(self) -> Digest | None:
        """The register's head; None where the register itself does not hold."""
        return Digest(self.verdict.head) if self.verdict and self.verdict.head else None

    @property
    def doubtful(self) -> bool:
        """Whether something that was built did not verify."""
        return self.verdict is not None and not self.verdict.holds


def gather(
    folder: PlanFolder, register: Register, comparison: Comparison, verdict: Verdict | None
) -> Proof:
    """The facts about the versions compared, and about those between them; reads no file."""
    known = tuple(_facts_of(folder, register, version) for version in _from_to(comparison))
    return Proof(known, verdict, len(register.entries))


def _from_to(comparison: Comparison) -> list[Version]:
    """The versions compared and those between them, from the one to the other."""
    old, new = comparison.old, comparison.new
    if old.fingerprint == new.fingerprint:
        return [new]
    return [old, *(_between(old, new) or reversed(_between(new, old))), new]


def _between(older: Version, newer: Version) -> list[Version]:
    """The versions that led from one to the other, where their words are at hand."""
    line = list(newer.ancestors())
    if older.name not in [one.name for one in line]:
        return []
    between = takewhile(lambda one: one.name != older.name, line)
    return [one for one in reversed(list(between)) if isinstance(one, Version)]


def _facts_of(folder: PlanFolder, register: Register, version: Version) -> VersionFacts:
    name, plan = version.name, version.plan
    sealed = register.last(SealedEvent, name)
    superseded = register.last(SupersededEvent, name)
    built = register.last(BuiltEvent, name)
    return VersionFacts(
        name=name,
        fingerprint=version.fingerprint,
        recorded=Digest(built.event.fingerprint) if built else None,
        file=folder.pdf(name).name,
        states=tuple(
            _pdf_state(plan, state) for state in register.states_since_built(pdf_file(name))
        ),
        issued=_when(register.last(IssuedEvent, name)),
        sealed=_when(sealed),
        incomplete=sealed.event.incomplete if sealed else "",
        superseded_by=superseded.event.by if superseded else "",
        reviews=tuple(
            SignedFact(
                one.review.title,
                one.review.statements,
                tuple(_signatory_facts(plan, mark) for mark in one.marks),
            )
            for one in signoff_statuses(register, plan)
        ),
    )


def _when(entry: RegisterEntry[Event] | None) -> str:
    return in_words(entry.at) if entry else ""


def _signatory_facts(plan: Plan, mark: Mark) -> SignatoryFact:
    act: Act = "not signed"
    if mark.signed:
        act = "on paper" if mark.on_paper else "signed"
    elif mark.declined:
        act = "declined"
    person = mark.person
    school = plan.school(person.school).name
    return SignatoryFact(
        person.name, person.role, school, act, mark.words, _when(mark.entry), mark.reason
    )


def _pdf_state(plan: Plan, state: FileState) -> PdfState:
    digest, size = Digest(state.record.sha256), state.record.size
    return PdfState(_what(plan, state.entry.event), _when(state.entry), digest, size)


def _what(plan: Plan, event: Event) -> str:
    if not isinstance(event, SignedEvent):
        return event.kind
    titles = {review.id: review.title for review in plan.reviews}
    names = {person.id: person.name for person in plan.people}
    person = names.get(event.person, event.person)
    return f"signed by {person} for {titles.get(event.review, event.review)}"
