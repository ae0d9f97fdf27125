"""Two texts, word by word: what was removed, what was added, and how much that matters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import takewhile
from typing import Literal

from signed_plan.compare.common_words import common_stretches

PieceKind = Literal["same", "removed", "added"]

_Token = tuple[str, str]
"""A word or a sign, and the spaces behind it."""

_TOKEN = re.compile(r"(\w+(?:['’.,:/-]\w+)*|[^\w\s]|^)(\s*)")
# A number keeps what is inside it, and a sign or a point that nothing precedes: 1.5 is not 15, and
# neither -5 nor .5 is 5.
_WORD = re.compile(
    r"(?:(?<![\w)])-(?=\.?\d))?(?:(?<![\w).])\.)?\d+(?:[.,:/-]\d+)*|[^\W\d_]+|[^\w\s]"
)
_DASHES = str.maketrans("‐‑–−", "----")
_SILENT = frozenset(".,;:!…'\"‘’‚“”„«»()[]-‐‑–—")
"""Punctuation that changes no meaning by itself; a question mark or a percent sign does."""


class Scale(IntEnum):
    """How much a change matters, least first."""

    NONE = 0
    LAYOUT = 1
    """The same words, in another place of the same list, in another form, or spaced otherwise."""
    EDITORIAL = 2
    """The same words; only capitals or punctuation differ."""
    SUBSTANTIVE = 3
    """Other words or numbers, or words that now belong to something else."""

    @property
    def words(self) -> str:
        return ("none", "layout only", "editorial", "substantive")[self]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text that both sides have, or only one."""

    kind: PieceKind
    text: str


def difference(old: str, new: str) -> tuple[Piece, ...]:
    """The pieces that make up both texts: without those added the old one, character for
    character, and without those removed the new one. What is removed comes before what is added.

    The other way round, the same pieces come out with the two exchanged.
    """
    if old == new:
        return (Piece("same", old),) if old else ()
    if old > new:  # other words may be found in common the other way round
        return tuple(join_stretches(_mirror(_pieces(new, old))))
    return tuple(join_stretches(_pieces(old, new)))


def join_stretches(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Each stretch in one piece, the removed before the added, and unchanged spaces behind both.

    Empty pieces are left out.
    """
    texts: dict[PieceKind, list[str]] = {"removed": [], "added": [], "same": []}
    for piece in (*pieces, None):
        # What is the same ends a change, and a change ends what is the same.
        if piece is None or (piece.text and piece.kind != "same" and texts["same"]):
            yield from _stretch(*("".join(texts[kind]) for kind in ("removed", "added", "same")))
            texts = {"removed": [], "added": [], "same": []}
        if piece is not None and piece.text:
            texts[piece.kind].append(piece.text)


def scale_of(old: str, new: str) -> Scale:
    """How much a change of text matters."""
    if old == new:
        return Scale.NONE
    if old.split() == new.split():
        return Scale.LAYOUT
    if words_of(old) == words_of(new):
        return Scale.EDITORIAL
    return Scale.SUBSTANTIVE


def words_of(text: str) -> list[str]:
    """The words, numbers and signs that carry the text's meaning, in small letters."""
    found = _WORD.findall(text.casefold().translate(_DASHES))
    return [word for word in found if word not in _SILENT]


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    theirs, ours = ([word for word, _ in side] for side in (before, after))
    i = k = 0
    for start, place, length in (
        *common_stretches(theirs, ours),
        (len(before), len(after), 0),
    ):
        yield Piece("removed", "".join(word + space for word, space in before[i:start]))
        yield Piece("added", "".join(word + space for word, space in after[k:place]))
        i, k = start + length, place + length
        yield from _same(before[start:i], after[place:k])


def _same(old: Sequence[_Token], new: Sequence[_Token]) -> Iterator[Piece]:
    """The same words, with whatever spaces follow them."""
    for (word, space), (_, other) in zip(old, new, strict=True):
        yield Piece("same", word)
        if space == other:
            yield Piece("same", space)
        else:
            yield Piece("removed", space)
            yield Piece("added", other)


def _mirror(pieces: Iterable[Piece]) -> Iterator[Piece]:
    other: dict[PieceKind, PieceKind] = {"same": "same", "removed": "added", "added": "removed"}
    for piece in pieces:
        yield Piece(other[piece.kind], piece.text)


def _stretch(removed: str, added: str, same: str) -> Iterator[Piece]:
    ends = zip(reversed(removed), reversed(added), strict=False)
    shared = sum(1 for _ in takewhile(lambda end: end[0] == end[1] and end[0].isspace(), ends))
    texts: tuple[tuple[PieceKind, str], ...] = (
        ("removed", removed[: len(removed) - shared]),
        ("added", added[: len(added) - shared]),
        ("same", removed[len(removed) - shared :] + same),
    )
    for kind, text in texts:
        if text:
            yield Piece(kind, text)
