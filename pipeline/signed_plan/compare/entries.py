"""Lists of entries that have an id and values: what was added, removed, changed and moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from signed_plan.compare.changes import Action, Change, Part, Recognised, Where
from signed_plan.compare.matching import Item, Pair, Row, align, longest_in_order, match
from signed_plan.compare.text_diff import Piece, Scale, difference, scale_of, words_of

Values = Mapping[str, str]
"""What an entry says, by the name of each value; the first is what the entry is called."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of a list, as far as comparing goes."""

    id: str
    values: Values
    named: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    """The entries of other lists that a value names, by the ids of the newer version; None is one
    that the newer version has not. A person with a new name is still the same person."""

    @property
    def name(self) -> str:
        return next(iter(self.values.values()))

    @property
    def item(self) -> Item:
        return Item(self.id, self.name, all_words(self.values.values()))


def all_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of several texts, for matching."""
    return tuple(word for text in texts for word in words_of(text))


def recognise(
    part: Part, pairs: Iterable[Pair], old: Sequence[Item], new: Sequence[Item]
) -> tuple[Recognised, ...]:
    """The pairs that were found by their words alone."""
    return tuple(
        Recognised(part, old[pair.old].id, new[pair.new].id, new[pair.new].text)
        for pair in pairs
        if pair.by_words
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a list of entries."""

    changes: tuple[Change, ...]
    """In the order of the list."""
    recognised: tuple[Recognised, ...]
    ids: Mapping[str, str]
    """The newer id of each entry that both have, by the older one."""


def compare_entries(
    part: Part,
    place: str,
    old: Sequence[Listing],
    new: Sequence[Listing],
    *,
    numbered: bool = False,
) -> Listed:
    """Compares two lists of entries, which are matched by id, or else by their words.

    Entries that are only `numbered` have no id to lose: they are matched by their words.
    """
    before, after = ([entry.item for entry in side] for side in (old, new))
    pairs = match(before, after, numbered=numbered)
    rows = align(len(old), len(new), longest_in_order(before, after, pairs))
    return Listed(
        tuple(_changes(part, place, (old, new), pairs, rows)),
        () if numbered else recognise(part, pairs, before, after),
        {old[pair.old].id: new[pair.new].id for pair in pairs},
    )


def compare_values(where: Where, old: Values, new: Values) -> Iterator[Change]:
    """The values of one entry that differ; one that is empty on a side was added or removed."""
    for name, after in new.items():
        before = old[name]
        if before != after:
            action: Action = "changed" if before and after else "added" if after else "removed"
            pieces = difference(before, after)
            yield Change(where, name, action, scale_of(before, after), pieces)


def whole(where: Where, text: str, action: Literal["added", "removed"]) -> Change:
    """The change of an entry that one side has and the other has not."""
    return Change(where, "", action, Scale.SUBSTANTIVE, (Piece(action, text),))


def describe_move(where: Where, text: str, *, near: bool) -> Change:
    """The change of an entry that stands in another place: of the same list, or of another."""
    scale = Scale.LAYOUT if near else Scale.SUBSTANTIVE
    return Change(where, "order" if near else "place", "moved", scale, (Piece("same", text),))


def _changes(
    part: Part,
    place: str,
    sides: tuple[Sequence[Listing], Sequence[Listing]],
    pairs: Sequence[Pair],
    rows: Iterable[Row],
) -> Iterator[Change]:
    old, new = sides
    partner = {pair.new: old[pair.old] for pair in pairs}
    stayed = {pair.old for pair in pairs}
    for i, k in rows:
        if k is None:
            if i is not None and i not in stayed:
                yield whole(Where(part, old[i].id, place), _join_values(old[i]), "removed")
            continue
        where = Where(part, new[k].id, place)
        if k not in partner:
            yield whole(where, _join_values(new[k]), "added")
            continue
        if i is None:
            yield describe_move(where, new[k].name, near=True)
        yield from compare_values(where, partner[k].values, _differing(partner[k], new[k]))


def _differing(old: Listing, new: Listing) -> Values:
    """The newer values but those that name the same as the older ones do."""
    same = {name for name, ids in new.named.items() if ids == old.named[name]}
    return {name: text for name, text in new.values.items() if name not in same}


def _join_values(entry: Listing) -> str:
    return " · ".join(filter(None, entry.values.values()))
