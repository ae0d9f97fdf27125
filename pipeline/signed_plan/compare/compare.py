"""Two versions of a plan make an ordered list of changes: by stable ids, exact, and pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from signed_plan.compare.cells import Blocks
from signed_plan.compare.changes import AreaChanges, Cell, Change, Comparison, Where
from signed_plan.compare.entries import (
    Listing,
    Values,
    all_words,
    compare_entries,
    compare_values,
    describe_move,
    recognise,
    whole,
)
from signed_plan.compare.matching import Item, align, longest_in_order, match
from signed_plan.plan.model import CELLS, Area, Person, Plan, School
from signed_plan.plan.source import Version


def compare(old: Version, new: Version) -> Comparison:
    """All that changed from the older version to the newer.

    Every text of the plan counts, and so do form, order and place. The other way round, the same
    changes come out with "added" and "removed" exchanged.
    """
    plans = (old.plan, new.plan)
    title, columns = Where("title", "title", "Title block"), Where("column", "columns", "Headings")
    schools = compare_entries("school", "Schools", *map(_schools, plans))
    people = compare_entries(
        "person",
        "People",
        _people(old.plan, schools.ids),
        _people(new.plan, _own(new.plan.schools)),
    )
    objectives = compare_entries("objective", "Objectives", *map(_objectives, plans))
    areas = _AreaPairs(*plans)
    reviews = compare_entries(
        "review",
        "Reviews",
        _reviews(old.plan, people.ids),
        _reviews(new.plan, _own(new.plan.people)),
    )
    return Comparison(
        old,
        new,
        before=(
            *compare_values(title, *map(_title, plans)),
            *schools.changes,
            *people.changes,
            *objectives.changes,
            *compare_values(columns, *map(_columns, plans)),
        ),
        areas=tuple(areas.rows()),
        after=reviews.changes,
        recognised=(
            *(*schools.recognised, *people.recognised, *objectives.recognised),
            *(*areas.recognised, *areas.blocks.recognised, *reviews.recognised),
        ),
        ids={
            "school": schools.ids,
            "person": people.ids,
            "objective": objectives.ids,
            "area": areas.ids,
            "block": areas.blocks.ids,
            "review": reviews.ids,
        },
    )


class _AreaPairs:
    """Which row of the older version is which of the newer."""

    def __init__(self, old: Plan, new: Plan) -> None:
        self._old, self._new = old, new
        before, after = ([_item(area) for area in plan.areas] for plan in (old, new))
        pairs = match(before, after)
        self._partner = {pair.new: pair.old for pair in pairs}
        self._kept = longest_in_order(before, after, pairs)
        self.recognised = recognise("area", pairs, before, after)
        self.ids = {before[pair.old].id: after[pair.new].id for pair in pairs}
        self.blocks = Blocks(old, new, pairs)

    def rows(self) -> Iterator[AreaChanges]:
        """Each area once, in the newer order, a removed one where it was."""
        old, new = self._old.areas, self._new.areas
        for i, k in align(len(old), len(new), self._kept):
            if k is not None:
                then = old[self._partner[k]] if k in self._partner else None
                yield self._row(then, new[k], here=i is not None)
            elif i is not None and old[i].id not in self.ids:
                yield self._row(old[i], None, here=True)

    def _row(self, old: Area | None, new: Area | None, *, here: bool) -> AreaChanges:
        headings, blocks = self._new.columns.headings, self.blocks
        area = new or old
        assert area is not None, "an area is in one version at least"
        cells = tuple(
            Cell(name, headings[name], tuple(blocks.lines(old, new, name))) for name in CELLS
        )
        inside = (
            change
            for cell in cells
            for line in cell.lines
            for change in blocks.changes(line, area.id, f"{area.name}, {cell.heading}")
        )
        return AreaChanges(old, new, cells, (*_area_itself(old, new, here=here), *inside))


def _area_itself(old: Area | None, new: Area | None, *, here: bool) -> Iterator[Change]:
    if old is None and new is not None:
        yield whole(Where("area", new.id, new.name, new.id), new.name, "added")
    elif new is None and old is not None:
        yield whole(Where("area", old.id, old.name, old.id), old.name, "removed")
    elif old is not None and new is not None:
        where = Where("area", new.id, new.name, new.id)
        if not here:
            yield describe_move(where, new.name, near=True)
        yield from compare_values(where, _row(old), _row(new))


def _item(area: Area) -> Item:
    return Item(area.id, area.name, all_words((area.name, *(one.text for one in area.blocks))))


def _row(area: Area) -> Values:
    return {"name": area.name, "links": ", ".join(f"Objective {one}" for one in area.links)}


def _title(plan: Plan) -> Values:
    return {
        "title": plan.title,
        "period": plan.period,
        "amendment": plan.amendment or "",
        "overriding-objective": plan.overriding_objective,
    }


def _columns(plan: Plan) -> Values:
    return plan.columns.headings


def _own(entries: Iterable[School | Person]) -> dict[str, str]:
    return {one.id: one.id for one in entries}


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
