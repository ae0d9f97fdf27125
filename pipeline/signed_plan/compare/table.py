"""The rows of the table: which area of the older version is which of the newer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from signed_plan.compare.cells import Blocks
from signed_plan.compare.changes import AreaChanges, Cell, Change, Where
from signed_plan.compare.entries import (
    all_words,
    compare_values,
    describe_move,
    recognise,
    whole,
)
from signed_plan.compare.links import Links
from signed_plan.compare.matching import Item, align, longest_in_order, match
from signed_plan.plan.model import CELLS, Area, Plan


class Table:
    """Both versions of the table, area by area."""

    def __init__(self, old: Plan, new: Plan, objectives: Mapping[str, str]) -> None:
        """`objectives` has the newer number of each that both versions have, by the older."""
        self._old, self._new = old, new
        before, after = ([_item(area) for area in plan.areas] for plan in (old, new))
        pairs = match(before, after)
        self._partner = {pair.new: pair.old for pair in pairs}
        self._kept = longest_in_order(before, after, pairs)
        self._links = Links(old, new, objectives)
        self.area_ids = {before[pair.old].id: after[pair.new].id for pair in pairs}
        self._blocks = Blocks(old, new, pairs)
        self.block_ids = self._blocks.ids
        areas = recognise("area", pairs, before, after)
        self.recognised = (*areas, *self._blocks.recognised)

    def rows(self) -> Iterator[AreaChanges]:
        """Each area once, in the newer order, a removed one where it was."""
        old, new = self._old.areas, self._new.areas
        for i, k in align(len(old), len(new), self._kept):
            if k is not None:
                then = old[self._partner[k]] if k in self._partner else None
                yield self._row(then, new[k], here=i is not None)
            elif i is not None and old[i].id not in self.area_ids:
                yield self._row(old[i], None, here=True)

    def _row(self, old: Area | None, new: Area | None, *, here: bool) -> AreaChanges:
        headings, blocks = self._new.columns.headings, self._blocks
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
        return AreaChanges(old, new, cells, (*self._itself(old, new, here=here), *inside))

    def _itself(self, old: Area | None, new: Area | None, *, here: bool) -> Iterator[Change]:
        if old is None and new is not None:
            yield whole(Where("area", new.id, new.name, new.id), new.name, "added")
        elif new is None and old is not None:
            yield whole(Where("area", old.id, old.name, old.id), old.name, "removed")
        elif old is not None and new is not None:
            where = Where("area", new.id, new.name, new.id)
            if not here:
                yield describe_move(where, new.name, near=True)
            yield from compare_values(where, {"name": old.name}, {"name": new.name})
            yield from self._links.changes(where, old, new)


def _item(area: Area) -> Item:
    return Item(area.id, area.name, all_words((area.name, *(one.text for one in area.blocks))))
