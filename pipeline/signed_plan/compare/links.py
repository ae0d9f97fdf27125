"""The links of an area to objectives, compared by the objectives that they mean.

In the sources a link is a number. Which objective has that number is another matter in each
version: where an objective is put in front, a number that was left as it was means another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from signed_plan.compare.changes import Action, Change, Where
from signed_plan.compare.matching import Item, Pair, align, longest_in_order
from signed_plan.compare.text_diff import Piece, Scale, difference, join_stretches
from signed_plan.plan.model import Area, Plan

_WORDS = 6
"""So many words of an objective tell which it is."""


class Links:
    """What the links of both versions mean."""

    def __init__(self, old: Plan, new: Plan, now: Mapping[str, str]) -> None:
        """`now` has the newer number of each objective that both versions have, by the older."""
        self._now = now
        self._texts = [
            {str(one.number): one.text for one in plan.objectives} for plan in (old, new)
        ]

    def changes(self, where: Where, old: Area, new: Area) -> Iterator[Change]:
        """What became of an area's links: nothing where each has only got another number."""
        before, after = ([str(link) for link in area.links] for area in (old, new))
        meant = [self._now.get(link, f"gone {link}") for link in before]
        same = {*meant} == {*after}
        if meant == after or (same and before == after):
            return
        action: Action = "changed" if before and after else "added" if after else "removed"
        kept = [Pair(at, after.index(link)) for at, link in enumerate(meant) if link in after]
        scale = Scale.LAYOUT if same else Scale.SUBSTANTIVE
        if any(before[pair.old] != after[pair.new] for pair in kept):
            # A number that both sides have means another objective here and there.
            texts = [
                ", ".join(self._name(side, number) for number in numbers)
                for side, numbers in enumerate((before, after))
            ]
            pieces = tuple(join_stretches((Piece("removed", texts[0]), Piece("added", texts[1]))))
        else:
            theirs = self._items(0, before, {pair.old for pair in kept})
            ours = self._items(1, after, {pair.new for pair in kept})
            pieces = _pieces(theirs, ours, kept)
        yield Change(where, "links", action, scale, pieces)

    def _items(self, side: int, numbers: Sequence[str], shared: set[int]) -> list[Item]:
        """The links of one side; what only this side links to is told with its words."""
        names = [
            f"Objective {number}" if at in shared else self._name(side, number)
            for at, number in enumerate(numbers)
        ]
        return [Item(name, name, ()) for name in names]

    def _name(self, side: int, number: str) -> str:
        """An objective's number, and its first words."""
        words = self._texts[side][number].split()
        more = "…" if len(words) > _WORDS else ""
        return f"Objective {number} (“{' '.join(words[:_WORDS])}{more}”)"


def _pieces(old: Sequence[Item], new: Sequence[Item], kept: Sequence[Pair]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for i, k in align(len(old), len(new), longest_in_order(old, new, kept)):
        texts = [_text(side, at) for side, at in ((old, i), (new, k))]
        found += difference(*texts)
    return tuple(join_stretches(found))


def _text(side: Sequence[Item], at: int | None) -> str:
    """One link, behind a comma unless it is the first."""
    return "" if at is None else f"{', ' if at else ''}{side[at].text}"
