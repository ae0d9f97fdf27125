"""Which entry of one list is which of another: by id, and by its words where the id was lost.

Everything here is the same the other way round: a reader who compares November with July finds the
changes of July against November, with "added" and "removed" exchanged.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from signed_plan.compare.common_words import rising

ALIKE = 0.5
"""From this likeness on, two entries of one id are the same entry, edited."""
RECOGNISED = 0.6
"""From this likeness on, two entries of different ids are taken for the same."""
_COMMON = 30
"""A word in more entries than this does not help to find the right one."""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as far as matching goes."""

    id: str
    text: str
    """What it is called, or says."""
    words: tuple[str, ...]
    """All of its words, as `words_of` gives them."""
    home: tuple[int, ...] = ()
    """Where it stands, from the wide to the narrow; the same on both sides for the same place."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two places in two lists that hold the same entry."""

    old: int
    new: int
    by_words: bool = False
    """Whether the ids differ, so that the pair was found by its words."""


Row = tuple[int | None, int | None]


Together = tuple[Sequence[int], Sequence[int]]
"""Places of both lists that are known to belong together; the first of each are a pair."""


def match(
    old: Sequence[Item],
    new: Sequence[Item],
    known: Sequence[Together] = (),
    *,
    numbered: bool = False,
) -> list[Pair]:
    """The pairs, in the order of the old list.

    What is `known` is not looked for again. Where the ids are `numbered`, they only count places:
    the words come first, and two that are not alike are never the same for their number's sake.
    """
    if _key(old) > _key(new):
        turned = [(ours, theirs) for theirs, ours in known]
        found = _match(new, old, turned, numbered=numbered)
        found = [Pair(one.new, one.old, one.by_words) for one in found]
    else:
        found = _match(old, new, known, numbered=numbered)
    return sorted(found, key=lambda pair: pair.old)


def longest_in_order(
    old: Sequence[Item], new: Sequence[Item], pairs: Iterable[Pair]
) -> frozenset[Pair]:
    """The largest part of the pairs that stand in the same order on both sides; others moved."""
    if _key(old) > _key(new):
        ordered = sorted(pairs, key=lambda one: one.new)
        return frozenset(ordered[at] for at in rising([(one.new, one.old) for one in ordered]))
    ordered = sorted(pairs, key=lambda one: one.old)
    return frozenset(ordered[at] for at in rising([(one.old, one.new) for one in ordered]))


def align(old: int, new: int, kept: Iterable[Pair]) -> Iterator[Row]:
    """Two lists of these lengths side by side: each place once, pairs that kept their order in one
    row, what is gone before what is new."""
    i = k = 0
    for pair in (*sorted(kept, key=lambda one: one.old), Pair(old, new)):
        yield from ((at, None) for at in range(i, pair.old))
        yield from ((None, at) for at in range(k, pair.new))
        if pair.old < old:
            yield pair.old, pair.new
        i, k = pair.old + 1, pair.new + 1


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much two bags of words have in common: from 0 to 1 (Sørensen and Dice)."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _key(items: Sequence[Item]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.id, item.text, item.words) for item in items]


class _Open:
    """The places of both lists that have no pair yet."""

    def __init__(self, old: Sequence[Item], new: Sequence[Item]) -> None:
        self.old = dict(enumerate(old))
        self.new = dict(enumerate(new))
        self.pairs: list[Pair] = []

    def pair(self, i: int, k: int) -> None:
        by_words = self.old.pop(i).id != self.new.pop(k).id
        self.pairs.append(Pair(i, k, by_words))

    def settle(self, together: Together) -> None:
        theirs, ours = together
        self.pair(theirs[0], ours[0])
        for side, places in ((self.old, theirs[1:]), (self.new, ours[1:])):
            for at in places:
                del side[at]

    def same_id(self) -> list[tuple[int, int]]:
        place = {item.id: k for k, item in self.new.items()}
        return [(i, place[item.id]) for i, item in self.old.items() if item.id in place]


def _match(
    old: Sequence[Item], new: Sequence[Item], known: Sequence[Together], *, numbered: bool
) -> list[Pair]:
    left = _Open(old, new)
    bags = [[Counter(item.words) for item in side] for side in (old, new)]

    def alike(i: int, k: int) -> bool:
        return old[i].text == new[k].text or likeness(bags[0][i], bags[1][k]) >= ALIKE

    for together in known:
        left.settle(together)
    for i, k in () if numbered else left.same_id():
        if alike(i, k):
            left.pair(i, k)
    for depth in range(max((len(item.home) for item in old), default=0), -1, -1):
        for i, k in list(_same_text(left, depth)):
            left.pair(i, k)
    for *_, i, k in sorted(_similar_pairs(left, *bags)):
        if i in left.old and k in left.new:
            left.pair(i, k)
    for i, k in left.same_id():
        if not numbered or alike(i, k):
            left.pair(i, k)
    return left.pairs


def _same_text(left: _Open, depth: int) -> Iterator[tuple[int, int]]:
    """Equal texts under other ids, whose homes agree to that depth; the first with the first."""
    places: defaultdict[tuple[tuple[int, ...], str], list[int]] = defaultdict(list)
    for k, item in left.new.items():
        places[item.home[:depth], item.text].append(k)
    for i, item in left.old.items():
        same = places[item.home[:depth], item.text]
        if item.text and same:
            yield i, same.pop(0)


def _similar_pairs(
    left: _Open, old: Sequence[Counter[str]], new: Sequence[Counter[str]]
) -> Iterator[tuple[float, bool, int, int, int]]:
    """Places with much the same words: the most alike first, then the nearest."""
    having: defaultdict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, (places, bags) in enumerate(((left.old, old), (left.new, new))):
        for at in places:
            for word in bags[at]:
                having[word][side].append(at)
    seen = {
        (i, k)
        for before, after in having.values()
        if len(before) + len(after) <= _COMMON
        for i in before
        for k in after
    }
    for i, k in seen:
        score = likeness(old[i], new[k])
        if score >= RECOGNISED:
            yield -score, left.old[i].home != left.new[k].home, abs(i - k), i, k
