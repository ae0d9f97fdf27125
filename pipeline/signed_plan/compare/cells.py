"""The cells of the table, both versions side by side, wherever a block has gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from signed_plan.compare.changes import WITHIN, Action, Change, Line, Where, block_scale
from signed_plan.compare.divisions import Division, divisions
from signed_plan.compare.entries import describe_move, recognise, whole
from signed_plan.compare.matching import Item, Pair, Together, align, longest_in_order, match
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
        divided = list(_divisions(before, after))
        pairs = match(theirs, ours, list(_places(divided, before, after)))
        self.recognised = recognise("block", pairs, theirs, ours)
        self._now = {before[pair.old].block.id: after[pair.new] for pair in pairs}
        self._then = {after[pair.new].block.id: before[pair.old] for pair in pairs}
        self._divided_old = {block.id: one for one in divided for block in one.old}
        self._divided_new = {block.id: one for one in divided for block in one.new}

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
                yield self._left_line(before[i])
            elif i is None and k is not None:
                yield self._arrived_line(after[k])
            elif i is not None and k is not None:
                yield self._kept_line(before[i], after[k])

    def changes(self, line: Line, area: str, place: str) -> Iterator[Change]:
        """What a line adds to the list of changes; a move is reported where the block is now."""
        if line.new is None:
            if line.old is not None and not line.moved and not line.divided:
                where = Where("block", line.old.id, place, area)
                yield whole(where, line.old.text, "removed")
            return
        new = line.new
        where = Where("block", new.id, place, area)
        then, division = self._then.get(new.id), self._divided_new.get(new.id)
        if then is None:
            if division is None:
                yield whole(where, new.text, "added")
            return
        old = then.block
        if line.old is None:
            yield describe_move(where, new.text, near=then.home == self._now[old.id].home)
        if division is not None:
            action: Action = "split" if division.was_split else "joined"
            yield Change(where, "text", action, division.scale, division.pieces)
        elif old.text != new.text:
            yield Change(where, "text", "changed", scale_of(old.text, new.text), line.pieces)
        if old.kind != new.kind:
            forms = (Piece("removed", old.kind), Piece("added", new.kind))
            yield Change(where, "kind", "changed", Scale.LAYOUT, forms)

    def _kept_line(self, old: Block, new: Block) -> Line:
        pieces = difference(old.text, new.text)
        division = self._divided_new.get(new.id)
        if division is None:
            return Line(old, new, pieces, "", block_scale(old, new))
        return Line(old, new, pieces, "", division.scale, division.describe(new))

    def _left_line(self, block: Block) -> Line:
        now, division = self._now.get(block.id), self._divided_old.get(block.id)
        if now is not None:
            moved = self._describe_move(self._then[now.block.id], now, f"to {now.where}")
            return Line(block, None, (Piece("same", block.text),), moved, _scale_of_move(moved))
        gone = (Piece("removed", block.text),)
        if division is not None:
            return Line(block, None, gone, "", division.scale, division.describe(block))
        return Line(block, None, gone, "", Scale.SUBSTANTIVE)

    def _arrived_line(self, block: Block) -> Line:
        then, division = self._then.get(block.id), self._divided_new.get(block.id)
        said = division.describe(block) if division is not None else ""
        if then is not None:
            moved = self._describe_move(then, self._now[then.block.id], f"from {then.where}")
            pieces = difference(then.block.text, block.text)
            return Line(None, block, pieces, moved, _scale_of_move(moved), said)
        come = (Piece("added", block.text),)
        scale = division.scale if division is not None else Scale.SUBSTANTIVE
        return Line(None, block, come, "", scale, said)

    def _describe_move(self, then: _Spot, now: _Spot, elsewhere: str) -> str:
        return WITHIN if then.home == now.home else f"moved {elsewhere}"


def _scale_of_move(moved: str) -> Scale:
    return Scale.LAYOUT if moved == WITHIN else Scale.SUBSTANTIVE


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


def _divisions(old: Sequence[_Spot], new: Sequence[_Spot]) -> Iterator[Division]:
    cells: defaultdict[tuple[int, int], tuple[list[Block], list[Block]]] = defaultdict(
        lambda: ([], [])
    )
    for side, spots in enumerate((old, new)):
        for spot in spots:
            cells[spot.home][side].append(spot.block)
    for before, after in cells.values():
        if before and after and before != after:
            yield from divisions(before, after)


def _places(
    divided: Sequence[Division], old: Sequence[_Spot], new: Sequence[_Spot]
) -> Iterator[Together]:
    """Where the blocks of each division stand, those that stand for the whole first."""
    theirs, ours = ({spot.block.id: at for at, spot in enumerate(side)} for side in (old, new))
    for one in divided:
        first, other = one.pair
        yield (
            [theirs[first.id], *(theirs[block.id] for block in one.old if block is not first)],
            [ours[other.id], *(ours[block.id] for block in one.new if block is not other)],
        )
