"""The cells of the table, both versions side by side, wherever a block has gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from signed_plan.compare.changes import WITHIN, Change, Line, Where
from signed_plan.compare.entries import describe_move, recognise, whole
from signed_plan.compare.matching import Item, Pair, align, longest_in_order, match
from signed_plan.compare.text_diff import Piece, Scale, difference, scale_of, words_of
from signed_plan.plan.model import Area, Block, Plan


@dataclass(frozen=True, slots=True)
class _Spot:
    """A block, and the cell that it stands in."""

    block: Block
    where: str
    """The cell in the plan's own words."""
    home: tuple[int, int]
    """Equal for the same cell of both versions."""


class Blocks:
    """Which block of the older version is which of the newer."""

    def __init__(self, old: Plan, new: Plan, areas: Sequence[Pair]) -> None:
        unused = count()
        homes: tuple[dict[int, int], dict[int, int]] = ({}, {})
        for pair in areas:
            homes[0][pair.old] = homes[1][pair.new] = next(unused)
        before, after = (
            list(_spots(plan, home, unused)) for plan, home in zip((old, new), homes, strict=True)
        )
        theirs, ours = ([_item(spot) for spot in side] for side in (before, after))
        pairs = match(theirs, ours)
        self.recognised = recognise("block", pairs, theirs, ours)
        self._now = {before[pair.old].block.id: after[pair.new] for pair in pairs}
        self._then = {after[pair.new].block.id: before[pair.old] for pair in pairs}

    @property
    def ids(self) -> dict[str, str]:
        """The newer id of each block that both versions have, by the older."""
        return {old: spot.block.id for old, spot in self._now.items()}

    def lines(self, old: Area | None, new: Area | None, cell: str) -> Iterator[Line]:
        """One cell, line by line."""
        before, after = (area.cells[cell] if area else () for area in (old, new))
        places = {block.id: k for k, block in enumerate(after)}
        pairs = [
            Pair(i, places[now.block.id])
            for i, block in enumerate(before)
            if (now := self._now.get(block.id)) is not None and now.block.id in places
        ]
        theirs, ours = ([Item(one.id, one.text, ()) for one in side] for side in (before, after))
        kept = longest_in_order(theirs, ours, pairs)
        for i, k in align(len(before), len(after), kept):
            if k is None and i is not None:
                yield self._removed_line(before[i])
            elif i is None and k is not None:
                yield self._added_line(after[k])
            elif i is not None and k is not None:
                yield Line(before[i], after[k], difference(before[i].text, after[k].text), "")

    def changes(self, line: Line, area: str, place: str) -> Iterator[Change]:
        """What a line adds to the list of changes; a move is reported where the block is now."""
        if line.new is None:
            if line.old is not None and not line.moved:
                where = Where("block", line.old.id, place, area)
                yield whole(where, line.old.text, "removed")
            return
        new = line.new
        where = Where("block", new.id, place, area)
        then = self._then.get(new.id)
        if then is None:
            yield whole(where, new.text, "added")
            return
        old = then.block
        if line.old is None:
            yield describe_move(where, new.text, near=then.home == self._now[old.id].home)
        if old.text != new.text:
            pieces, scale = difference(old.text, new.text), scale_of(old.text, new.text)
            yield Change(where, "text", "changed", scale, pieces)
        if old.kind != new.kind:
            forms = (Piece("removed", old.kind), Piece("added", new.kind))
            yield Change(where, "kind", "changed", Scale.LAYOUT, forms)

    def _removed_line(self, block: Block) -> Line:
        now = self._now.get(block.id)
        words = self._describe_move(self._then[now.block.id], now, f"to {now.where}") if now else ""
        return Line(block, None, (Piece("removed", block.text),), words)

    def _added_line(self, block: Block) -> Line:
        then = self._then.get(block.id)
        if then is None:
            return Line(None, block, (Piece("added", block.text),), "")
        words = self._describe_move(then, self._now[then.block.id], f"from {then.where}")
        return Line(None, block, difference(then.block.text, block.text), words)

    def _describe_move(self, then: _Spot, now: _Spot, elsewhere: str) -> str:
        return WITHIN if then.home == now.home else f"moved {elsewhere}"


def _spots(plan: Plan, homes: Mapping[int, int], unused: Iterator[int]) -> Iterator[_Spot]:
    for at, area in enumerate(plan.areas):
        # An area that only one side has shares its home with nothing.
        home = homes[at] if at in homes else next(unused)
        for number, (cell, blocks) in enumerate(area.cells.items()):
            where = f"{area.name}, {plan.columns.headings[cell]}"
            for block in blocks:
                yield _Spot(block, where, (home, number))


def _item(spot: _Spot) -> Item:
    block = spot.block
    return Item(block.id, block.text, tuple(words_of(block.text)), spot.home)
