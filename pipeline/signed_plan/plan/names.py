"""What people read in place of the ids of a plan: names of persons, titles of reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from signed_plan.plan.model import Person, Plan


@dataclass(frozen=True, slots=True)
class NamesById:
    """Names by ids. An id that is not known is its own name."""

    people: Mapping[str, str] = field(default_factory=dict)
    reviews: Mapping[str, str] = field(default_factory=dict)

    def person(self, person_id: str) -> str:
        return self.people.get(person_id, person_id)

    def review(self, review_id: str) -> str:
        return self.reviews.get(review_id, review_id)


def names_of(plan: Plan) -> NamesById:
    """The names of a version's people, of whom no two are told apart by the id alone."""
    return NamesById(
        {person.id: name_of(plan, person) for person in plan.people},
        {review.id: review.title for review in plan.reviews},
    )


def name_of(plan: Plan, person: Person) -> str:
    """The person's name, with what tells them from others of that name: role, school, or id."""
    school = plan.school(person.school).name
    candidates = (
        lambda one: one.name,
        lambda one: f"{one.name} ({one.role})",
        lambda one: f"{one.name} ({one.role}, {plan.school(one.school).name})",
    )
    for told in candidates:
        if Counter(map(told, plan.people))[told(person)] == 1:
            return told(person)
    return f"{person.name} ({person.role}, {school}, {person.id})"
