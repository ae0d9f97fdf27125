"""Every change in words, place by place, as the report opens with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from signed_plan.compare.changes import WITHIN, AreaChanges, Change, Comparison, Line, Part, Status
from signed_plan.compare.text_diff import Piece, PieceKind
from signed_plan.plan.model import Plan
from signed_plan.report.sentences import LISTS, ONLY, TITLES, describe_links, summary
from signed_plan.report.weighty import NAMES, Words, weigh

_LONG = 160
"""So many unchanged characters in a row are shown whole; of more, the two ends."""
_END = 60


@dataclass(frozen=True, slots=True)
class Told:
    """One change."""

    mark: str
    """"added", "removed", "changed" or "moved"; "split" also for what was joined."""
    note: str
    """The mark in words, with any notes."""
    words: tuple[Words, ...]
    weighty: str
    """What is weighty among the words that came or went, in words."""


@dataclass(frozen=True, slots=True)
class ChangedPlace:
    """A part of the plan in which something changed."""

    name: str
    area: str
    """The area's id; "" for what is not in the table."""
    status: Status
    summary: str
    changes: tuple[tuple[str, tuple[Told, ...]], ...]
    """What is changed there (the heading of a column, or an entry of a list), and how."""


def changed_places(comparison: Comparison) -> Iterator[ChangedPlace]:
    """Where anything changed, in the order of the document; what moved away is told there too."""
    yield from _outside(comparison, comparison.before)
    for area in comparison.areas:
        if area.status != "unchanged":
            yield _area(comparison, area)
    yield from _outside(comparison, comparison.after)


def mark_of(line: Line) -> tuple[str, str]:
    """What became of a line of the table: its mark, and that in words."""
    if line.divided:
        return "split", "; ".join(filter(None, (line.divided, line.moved)))
    if line.moved:
        return "moved", line.moved
    if line.old is None:
        return "added", "added"
    if line.new is None:
        return "removed", "removed"
    if not line.scale:
        return "same", "the same"
    form = ONLY[line.scale]
    if line.old.kind != line.new.kind:
        form = f"from {line.old.kind} to {line.new.kind}"
    return "changed", f"changed {form}".rstrip()


def _area(comparison: Comparison, area: AreaChanges) -> ChangedPlace:
    found: list[tuple[str, tuple[Told, ...]]] = []
    itself = tuple(_itself(area))
    if itself:
        found.append((comparison.new.plan.columns.reference, itself))
    divided = {one.where.id: one for one in area.changes if one.action in ("split", "joined")}
    for cell in area.cells:
        told = tuple(_lines(cell.lines, divided))
        if told:
            found.append((cell.heading, told))
    return ChangedPlace(area.area.name, area.area.id, area.status, summary(area), tuple(found))


def _itself(area: AreaChanges) -> Iterator[Told]:
    for change in area.changes:
        if change.where.part != "area" or not change.value:
            continue
        if change.value == "order":
            yield _told("moved", "moved in the table", change.pieces)
        elif change.value == "links":
            told = _told("changed", describe_links(area, change), change.pieces)
            words = tuple(replace(one, weighty="") for one in told.words)  # numbers, but no figures
            yield replace(told, words=words, weighty="")
        else:
            yield _told("changed", "renamed", change.pieces)


def _lines(lines: Iterable[Line], divided: dict[str, Change]) -> Iterator[Told]:
    for line in lines:
        left_within = line.new is None and line.moved == WITHIN
        if line.same or left_within:
            continue
        mark, note = mark_of(line)
        if not line.divided:
            yield _told(mark, note, line.pieces)
        elif line.new is not None and line.new.id in divided:
            yield _told(mark, note, divided[line.new.id].pieces)


def _told(mark: str, note: str, pieces: Sequence[Piece]) -> Told:
    words = tuple(weigh(pieces))
    kinds = {one.weighty for one in words if one.weighty}
    return Told(mark, note, tuple(_elided(words)), ", ".join(NAMES[kind] for kind in sorted(kinds)))


def _elided(words: Sequence[Words]) -> Iterator[Words]:
    """The same without the middle of what is long and did not change, if anything did."""
    last = len(words) - 1
    for at, one in enumerate(words):
        if one.kind != "same" or len(one.text) <= _LONG or not last:
            yield one
            continue
        begin = one.text[:_END].rpartition(" ")[0] + " " if at else ""
        end = " " + one.text[-_END:].partition(" ")[2] if at < last else ""
        yield replace(one, text=f"{begin}…{end}")


def _outside(comparison: Comparison, changes: Sequence[Change]) -> Iterator[ChangedPlace]:
    """What changed above or below the table."""
    old, new = (version.plan for version in (comparison.old, comparison.new))
    before, after = _names(old), _names(new)
    for place, found in groupby(changes, lambda change: change.where.place):
        told = []
        for change in found:
            pieces, action = change.pieces, change.action
            # Another entry may have the id of one that is gone.
            is_gone = action == "removed" and not change.value
            if change.where.part == "review" and action in ("added", "removed"):
                kind: PieceKind = "added" if action == "added" else "removed"
                pieces = (Piece(kind, _whole(old if is_gone else new, change.where.id)),)
            what = _what(change, before if is_gone else after)
            told.append((what, (_told(action, action, pieces),)))
        yield ChangedPlace(place, "", "changed", "", tuple(told))


def _names(plan: Plan) -> dict[tuple[Part, str], str]:
    """What the entries of the lists are called."""
    return {
        **{("objective", str(one.number)): f"number {one.number}" for one in plan.objectives},
        **{("school", one.id): one.name for one in plan.schools},
        **{("person", one.id): one.name for one in plan.people},
        **{("review", one.id): one.title for one in plan.reviews},
    }


def _whole(plan: Plan, review_id: str) -> str:
    """What a review says, and whom it asks."""
    review = next(one for one in plan.reviews if one.id == review_id)
    names = ", ".join(plan.person(one).name for one in review.signatories)
    return "\n".join((*review.statements, f"To be signed by {names}."))


def _what(change: Change, names: dict[tuple[Part, str], str]) -> str:
    """What a change outside the table is about."""
    part, value = change.where.part, change.value
    if part == "title":
        return TITLES[value].capitalize()
    if part not in LISTS:
        return "Heading of a column"
    name = f"{LISTS[part][0].capitalize()}: {names[part, change.where.id]}"
    return name if value in ("", "order", "text", "name", "title") else f"{name}, {value}"
