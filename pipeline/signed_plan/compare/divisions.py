"""Paragraphs of one cell that were split in parts, or joined to one, with no word lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from signed_plan.compare.text_diff import Piece, Scale, difference, scale_of, words_of
from signed_plan.plan.model import Block

_NUMBERS = {2: "two", 3: "three", 4: "four"}


@dataclass(frozen=True, slots=True)
class Division:
    """One paragraph on one side, and on the other side its parts, one behind the other."""

    old: tuple[Block, ...]
    new: tuple[Block, ...]

    @property
    def pair(self) -> tuple[Block, Block]:
        """The part that stands for the whole: the one with its id, or else the first."""
        ids = {one.id for one in self.old} & {one.id for one in self.new}
        theirs, ours = (
            next((one for one in side if one.id in ids), side[0]) for side in (self.old, self.new)
        )
        return theirs, ours

    @property
    def was_split(self) -> bool:
        return len(self.old) == 1

    @property
    def scale(self) -> Scale:
        texts = (" ".join(one.text for one in side) for side in (self.old, self.new))
        return max(scale_of(*texts), Scale.LAYOUT)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The words of both sides, each part in a line of its own."""
        return difference(*("\n".join(one.text for one in side) for side in (self.old, self.new)))

    def describe(self, block: Block) -> str:
        """What a line says that a block of it stands in."""
        parts = self.new if self.was_split else self.old
        count = _NUMBERS.get(len(parts), str(len(parts)))
        if block in self.pair:
            return (
                f"split in {count}, no words lost"
                if self.was_split
                else (f"joined from {count}, no words lost")
            )
        return f"part {parts.index(block) + 1} of {len(parts)}"


def divisions(old: Sequence[Block], new: Sequence[Block]) -> Iterator[Division]:
    """The paragraphs of a cell that were split or joined; each block is in one at most."""
    theirs, ours = _without_the_others(old, new), _without_the_others(new, old)
    for whole, parts in _divided(theirs, ours):
        yield Division((whole,), parts)
    for whole, parts in _divided(ours, theirs):
        yield Division(parts, (whole,))


_Candidate = tuple[Block, list[str]]


def _without_the_others(side: Sequence[Block], other: Sequence[Block]) -> list[_Candidate | None]:
    """The blocks that may be wholes or parts, with their words; None for one the other side has."""
    texts = {block.text for block in other}
    return [None if one.text in texts else (one, words_of(one.text)) for one in side]


def _divided(
    wholes: list[_Candidate | None], parts: list[_Candidate | None]
) -> Iterator[tuple[Block, tuple[Block, ...]]]:
    """What the parts of the other side add up to. What is taken is None from then on."""
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for at, part in enumerate(parts):
        if part is not None and part[1]:
            starts[part[1][0]].append(at)
    for at, whole in enumerate(wholes):
        if whole is None or not whole[1]:
            continue
        for start in starts[whole[1][0]]:
            end = _end_of(whole[1], parts, start)
            if end - start > 1:
                yield whole[0], tuple(part[0] for part in parts[start:end] if part is not None)
                wholes[at], parts[start:end] = None, [None] * (end - start)
                break


def _end_of(words: list[str], parts: Sequence[_Candidate | None], start: int) -> int:
    """Behind the parts whose words are these and no others; `start` where they are not."""
    done = 0
    for end in range(start, len(parts)):
        part = parts[end]
        if done == len(words):
            return end
        if part is None or not part[1] or words[done : done + len(part[1])] != part[1]:
            return start
        done += len(part[1])
    return len(parts) if done == len(words) else start
