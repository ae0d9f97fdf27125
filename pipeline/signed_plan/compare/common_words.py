"""Which words two texts have in common, in their order, in time that grows with their length.

Short texts are left to difflib, whose stretches read well, but whose time grows with the square of
the length and more. Long ones are first cut at what each of them says just once, as patience diff
does.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence
from difflib import SequenceMatcher
from itertools import pairwise, takewhile

Stretch = tuple[int, int, int]
"""Where it begins in the older and in the newer text, and its length, in words."""

_Place = tuple[int, int]
"""A place in the older text, and one in the newer."""

_FEW_WORDS, _FEW_PAIRS = 90_000, 20_000
"""So many words of one side by those of the other, and so many pairs of equal ones, are few."""
_RUNS = (1, 4, 16)
"""How many words in a row are looked for as something that is said once."""
_DEEPEST = 8
"""How often a text is cut again. What is still long then has hardly anything in common."""


def common_stretches(old: Sequence[str], new: Sequence[str]) -> list[Stretch]:
    """The stretches of words that both have, first to last; none overlaps another.

    What both begin with, and end with, is always among them: words put in remove no others.
    """
    found: list[Stretch] = []
    parts = [(0, len(old), 0, len(new), 0)]
    while parts:
        i, j, k, m, depth = parts.pop()
        begun = _alike(old[i:j], new[k:m])
        ended = _alike(old[i + begun : j][::-1], new[k + begun : m][::-1])
        found += [(i, k, begun), (j - ended, m - ended, ended)]
        i, j, k, m = i + begun, j - ended, k + begun, m - ended
        theirs, ours = old[i:j], new[k:m]
        if _are_few(theirs, ours):
            blocks = SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks()
            found += [(i + one.a, k + one.b, one.size) for one in blocks]
        elif depth < _DEEPEST and (cuts := _cuts(theirs, ours)):
            ends = [(0, 0), *cuts, (j - i, m - k)]
            parts += [
                (i + one[0], i + other[0], k + one[1], k + other[1], depth + 1)
                for one, other in pairwise(ends)
            ]
    return sorted(stretch for stretch in found if stretch[2])


def rising(pairs: Sequence[_Place]) -> list[int]:
    """The places of the longest part of the pairs in which both numbers only rise, last to first.

    The pairs are sorted by the first number (patience sorting).
    """
    tops: list[int] = []
    last: list[int] = []
    before: list[int | None] = []
    for at, (_, place) in enumerate(pairs):
        pile = bisect_left(tops, place)
        tops[pile : pile + 1] = [place]
        last[pile : pile + 1] = [at]
        before.append(last[pile - 1] if pile else None)
    found = []
    current = last[-1] if last else None
    while current is not None:
        found.append(current)
        current = before[current]
    return found


def _alike(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words two texts have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda both: both[0] == both[1], zip(one, other, strict=False)))


def _are_few(old: Sequence[str], new: Sequence[str]) -> bool:
    if len(old) * len(new) > _FEW_WORDS:
        return False
    counts = Counter(old)
    return sum(counts[word] for word in new) <= _FEW_PAIRS


def _cuts(old: Sequence[str], new: Sequence[str]) -> list[_Place]:
    """Where both texts say the same, in their order: where each says it once, or else as often."""
    found = max((_rising(_said_once(old, new, run)) for run in _RUNS), key=len)
    return found or _rising(_said_as_often(old, new))


def _rising(pairs: list[_Place]) -> list[_Place]:
    return [pairs[at] for at in reversed(rising(pairs))]


def _said_once(old: Sequence[str], new: Sequence[str], run: int) -> list[_Place]:
    places: list[dict[Hashable, int]] = []
    for side in (old, new):
        runs = list(zip(*(side[at:] for at in range(run)), strict=False))
        counts = Counter(runs)
        places.append({words: at for at, words in enumerate(runs) if counts[words] == 1})
    theirs, ours = places
    return [(at, ours[words]) for words, at in theirs.items() if words in ours]


def _said_as_often(old: Sequence[str], new: Sequence[str]) -> list[_Place]:
    """The first of a word with the first, the second with the second, and so on."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in reversed(list(enumerate(new))):
        places[word].append(at)
    return [(at, places[word].pop()) for at, word in enumerate(old) if places[word]]
