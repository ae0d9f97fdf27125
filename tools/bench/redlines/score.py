"""How exact one program's redlines are."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tools.bench.redlines.judge import WordText, words_of


@dataclass(frozen=True)
class Pair:
    """Two Word files, and the same as LibreOffice saves them."""

    kind: str
    old: bytes
    new: bytes
    old_saved: bytes
    new_saved: bytes

    @cached_property
    def sides(self) -> tuple[WordText, WordText]:
        """What accepting has to give, and rejecting."""
        return WordText(self.new), WordText(self.old)

    @cached_property
    def saved_sides(self) -> tuple[WordText, WordText]:
        return WordText(self.new_saved), WordText(self.old_saved)

    @cached_property
    def fewest_words(self) -> int:
        """The fewest words that can be marked: those that no longest common sequence has."""
        new, old = (words_of(" ".join(line.text for line in side.lines)) for side in self.sides)
        return fewest_changes(old, new)


def fewest_changes(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words are outside the longest sequence that both have; bit by bit (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for at, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << at
    everything = (1 << len(one)) - 1
    row = everything
    for word in other:
        found = row & places.get(word, 0)
        row = ((row + found) | (row - found)) & everything
    return len(other) - len(one) + 2 * row.bit_count()


def _said(text: WordText) -> list[str]:
    return [line.text for line in text.lines if line.text]


@dataclass
class Score:
    """What was counted; each count is of pairs."""

    name: str
    made: int = 0
    accepted: int = 0
    rejected: int = 0
    words: int = 0
    looks: int = 0
    footers: int = 0
    office: int = 0
    clean: int = 0
    marked_words: int = 0
    fewest_words: int = 0
    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    """The kinds of pairs whose texts did not come back."""

    def judge(self, pair: Pair, redline: bytes, by_office: Sequence[bytes]) -> None:
        """Counts what is right in a redline. `by_office` are what LibreOffice saved after having
        accepted and rejected; empty where it could not."""
        got = WordText(redline, "accept"), WordText(redline, "reject")
        right = [one.texts == wanted.texts for one, wanted in zip(got, pair.sides, strict=True)]
        self.made += 1
        self.accepted += right[0]
        self.rejected += right[1]
        self.words += all(
            _said(one) == _said(wanted) for one, wanted in zip(got, pair.sides, strict=True)
        )
        if not all(right):
            self.failed[pair.kind] += 1
        # What LibreOffice has made may differ by its own habits from what we have.
        self.looks += any(
            all(one.lines == wanted.lines for one, wanted in zip(got, sides, strict=True))
            for sides in (pair.sides, pair.saved_sides)
        )
        self.footers += all(
            one.footers == wanted.footers for one, wanted in zip(got, pair.sides, strict=True)
        )
        self.office += all(
            docx and WordText(docx).texts == wanted.texts
            for docx, wanted in zip(by_office, pair.saved_sides, strict=True)
        )
        self.marked_words += got[0].changed_words
        self.fewest_words += pair.fewest_words

    @property
    def row(self) -> str:
        """A row of the table."""
        counts = (self.made, self.words, self.accepted, self.rejected, self.looks, self.footers)
        more = self.marked_words / self.fewest_words if self.fewest_words else 0
        middle = statistics.median(self.seconds) if self.seconds else 0
        rest = (str(self.office), str(self.clean), f"{more:.2f}", f"{middle:.2f} s")
        cells = (self.name, *map(str, counts), *rest)
        return f"| {' | '.join(cells)} |"
