"""What stands above and below the table, as lists of entries: schools, people, objectives, reviews;
and the title block and the headings, as values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from signed_plan.compare.changes import Change, Where
from signed_plan.compare.entries import Listed, Listing, Values, compare_entries, compare_values
from signed_plan.plan.model import Person, Plan, School


def compare_title(old: Plan, new: Plan) -> tuple[Change, ...]:
    """The lines of the title block, and the sentence above the objectives."""
    where = Where("title", "title", "Title block")
    return tuple(compare_values(where, _title(old), _title(new)))


def compare_columns(old: Plan, new: Plan) -> tuple[Change, ...]:
    """The headings of the table."""
    where = Where("column", "columns", "Headings")
    return tuple(compare_values(where, old.columns.headings, new.columns.headings))


def compare_schools(old: Plan, new: Plan) -> Listed:
    """The schools, by their ids."""
    return compare_entries("school", "Schools", *map(_schools, (old, new)))


def compare_people(old: Plan, new: Plan, schools: Mapping[str, str]) -> Listed:
    """The people, by their ids; `schools` has the newer id of each school by the older."""
    before, after = _people(old, schools), _people(new, _own(new.schools))
    return compare_entries("person", "People", before, after)


def compare_objectives(old: Plan, new: Plan) -> Listed:
    """The objectives, by their words: a number only says in which place one stands."""
    both = map(_objectives, (old, new))
    return compare_entries("objective", "Objectives", *both, numbered=True)


def compare_reviews(old: Plan, new: Plan, people: Mapping[str, str]) -> Listed:
    """The reviews, by their ids; `people` has the newer id of each person by the older."""
    before, after = _reviews(old, people), _reviews(new, _own(new.people))
    return compare_entries("review", "Reviews", before, after)


def _own(entries: Iterable[School | Person]) -> dict[str, str]:
    return {one.id: one.id for one in entries}


def _title(plan: Plan) -> Values:
    return {
        "title": plan.title,
        "period": plan.period,
        "amendment": plan.amendment or "",
        "overriding-objective": plan.overriding_objective,
    }


def _schools(plan: Plan) -> list[Listing]:
    return [Listing(one.id, {"name": one.name, "short": one.short or ""}) for one in plan.schools]


def _people(plan: Plan, schools: Mapping[str, str]) -> list[Listing]:
    return [
        Listing(
            one.id,
            {"name": one.name, "role": one.role, "school": plan.school(one.school).name},
            {"school": [schools.get(one.school)]},
        )
        for one in plan.people
    ]


def _objectives(plan: Plan) -> list[Listing]:
    return [Listing(str(one.number), {"text": one.text}) for one in plan.objectives]


def _reviews(plan: Plan, people: Mapping[str, str]) -> list[Listing]:
    return [
        Listing(
            one.id,
            {
                "title": one.title,
                "date": one.date,
                "statements": "\n".join(one.statements),
                "signatories": ", ".join(plan.person(who).name for who in one.signatories),
                "version": f"signed on version {one.version}",
            },
            {"signatories": [people.get(who) for who in one.signatories]},
        )
        for one in plan.reviews
    ]
