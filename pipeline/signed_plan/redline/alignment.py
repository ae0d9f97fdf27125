"""What each paragraph, row and table of a Word file is called, so that it can be found again in the
Word file of another version; and which of one file stands beside which of the other.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from signed_plan.compare.changes import Comparison
from signed_plan.compare.matching import Item, Pair, Row, align, longest_in_order
from signed_plan.plan.model import Plan
from signed_plan.redline.revision_marks import TBL, TR, P, shape, text_of

Name = tuple[str, ...]
"""Equal for the same thing in both files. It begins with "text" for what is only known by what it
says; everything else is known by keys of the plan."""

KeysOf = Mapping[Any, tuple[str, ...]]
"""The keys of the plan's texts that a paragraph prints (see `signed_plan.document.render`)."""


class Names:
    """The names of one side."""

    def __init__(self, keys: KeysOf, plan: Plan, now: Callable[[str], str] = str) -> None:
        self._keys = {paragraph: tuple(map(now, own)) for paragraph, own in keys.items()}
        self._areas = {
            now(f"{part}/{entry.id}"): now(f"area/{area.id}")
            for area in plan.areas
            for part, entries in (("area", (area,)), ("block", area.blocks))
            for entry in entries
        }

    def of(self, element: Any) -> Name:
        """The name of anything that stands in a body, a cell, a header or a footer."""
        if element.tag == P:
            keys = self._keys.get(element)
            return (P, *keys) if keys else ("text", P, text_of(element))
        if element.tag == TBL:
            first = element.find(TR)
            return ("text", TBL) if first is None else self._within(TBL, first)
        return self._within(element.tag, element)

    def of_row(self, row: Any) -> Name:
        """The name of a table's row: that of its area, if it has one."""
        return self._within(TR, row)

    def _within(self, tag: str, element: Any) -> Name:
        found = [key for paragraph in element.iter(P) for key in self._keys.get(paragraph, ())]
        for key in found:
            if key in self._areas:
                return (tag, self._areas[key])
        return (tag, found[0]) if found else ("text", tag, text_of(element) or repr(shape(element)))


def names_of(comparison: Comparison, old: KeysOf, new: KeysOf) -> tuple[Names, Names]:
    """The names of both sides, as the comparison has found which is which."""
    now = _unmoved_keys(comparison)

    def translate(key: str) -> str:
        part = key.partition("/")[0]
        return now.get(key, f"gone/{key}") if part in ("area", "block", "objective") else key

    return Names(old, comparison.old.plan, translate), Names(new, comparison.new.plan)


def _unmoved_keys(comparison: Comparison) -> dict[str, str]:
    """The newer key of each entry that has not moved, by its older key."""
    moved = {(one.where.part, one.where.id) for one in comparison.changes if one.action == "moved"}
    kept = {
        f"{part}/{old}": f"{part}/{new}"
        for part, ids in comparison.ids.items()
        for old, new in ids.items()
        if part in ("area", "objective") and (part, new) not in moved
    }
    lines = (line for area in comparison.areas for cell in area.cells for line in cell.lines)
    for line in lines:
        if line.old is not None and line.new is not None:
            kept[f"block/{line.old.id}"] = f"block/{line.new.id}"
    return kept


def side_by_side(old: Sequence[Name], new: Sequence[Name]) -> Iterator[Row]:
    """Two lists as one: what has the same name on both sides and kept its order in one row.

    Names from the plan come first; what has none is looked for between those.
    """
    by_key = _in_order(old, new, range(len(old)), range(len(new)), by_key=True)
    kept = list(by_key)
    i = k = 0
    for pair in (*sorted(by_key, key=lambda one: one.old), Pair(len(old), len(new))):
        kept += _in_order(old, new, range(i, pair.old), range(k, pair.new), by_key=False)
        i, k = pair.old + 1, pair.new + 1
    return align(len(old), len(new), kept)


def _in_order(
    old: Sequence[Name], new: Sequence[Name], before: range, after: range, *, by_key: bool
) -> frozenset[Pair]:
    places: defaultdict[Name, deque[int]] = defaultdict(deque)
    for k in after:
        if (new[k][0] != "text") == by_key:
            places[new[k]].append(k)
    pairs = [Pair(i, places[old[i]].popleft()) for i in before if places.get(old[i])]
    if not pairs:
        return frozenset()
    items = (_items(old, before), _items(new, after))
    return longest_in_order(*items, pairs)


def _items(names: Sequence[Name], places: range) -> list[Item]:
    return [Item("/".join(names[at]), "", ()) for at in places]
