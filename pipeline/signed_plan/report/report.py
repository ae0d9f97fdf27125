"""The report that a governor reads: one HTML page that needs nothing else, nor a script.

It follows the HTML Living Standard and WCAG 2.2, at level AAA for contrast (1.4.6).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from signed_plan.compare.changes import AreaChanges, Change, Comparison, Line, Part, Status
from signed_plan.compare.text_diff import Piece
from signed_plan.plan.model import Area, Block, Plan, Review
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.report.facts import Proof
from signed_plan.report.sentences import (
    LISTS,
    MEANINGS,
    ONLY,
    TITLES,
    is_it,
    sentences,
    summary,
    who_signed,
    words_of,
)
from signed_plan.report.timeline import moments, timeline_svg
from signed_plan.report.trace import Signer, Traced
from signed_plan.wording import in_words, pluralise

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).with_name("report.html.j2")

_Alike = tuple[list[Block], str, list[tuple[str, str]]]
"""Lines that stand together, since when they do, and who has signed them in which versions."""


@dataclass(frozen=True, slots=True)
class _Side:
    """What one version says in a row."""

    kind: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table, with what became of it."""

    mark: str
    """"same", "added", "removed", "changed" or "moved"."""
    note: str
    """The mark in words, with any notes."""
    old: _Side | None
    new: _Side | None


@dataclass(frozen=True, slots=True)
class _Area:
    """One area, side by side."""

    id: str
    name: str
    status: Status
    summary: str
    links: str
    """The objectives that it serves."""
    itself: tuple[tuple[str, tuple[Piece, ...]], ...]
    """What changed of the area's own values: the name of each, and its words."""
    cells: tuple[tuple[str, tuple[_Row, ...]], ...]
    """The heading of each cell in which there is anything, and its lines."""

    @property
    def same(self) -> bool:
        """Whether every line says the same in both versions."""
        return all(row.mark == "same" for _, rows in self.cells for row in rows)


@dataclass(frozen=True, slots=True)
class _Outside:
    """One change outside the table."""

    what: str
    mark: str
    pieces: tuple[Piece, ...]


def make_report(
    comparison: Comparison, proof: Proof, traced: Sequence[Traced], register: Register
) -> bytes:
    """The page in UTF-8; the same bytes for the same findings."""
    names = [known.name for known in proof.versions]
    line = (*reversed(list(comparison.new.ancestors())), comparison.old, comparison.new)
    versions = [one for one in line if isinstance(one, Version)]
    old, new = _labels(comparison.old, comparison.new)
    words = words_of(proof.verdict, issued=any(known.issued for known in proof.versions))
    page = page_template().render(
        title=comparison.new.plan.full_title,
        schools=[school.name for school in comparison.new.plan.schools],
        heading=f"What changed from {old} to {new}" if old != new else f"{new} beside itself",
        old=old,
        new=new,
        changed=sentences(comparison),
        is_it=is_it(proof),
        who_signed=[who_signed(known) for known in proof.versions],
        verdict=proof.verdict,
        words_meant=[(word, MEANINGS[word]) for word in words],
        proof=proof,
        outside=list(_outside(comparison)),
        areas=[_area(area) for area in comparison.areas],
        timeline=timeline_svg(register, versions, names),
        moments=[
            (one.version, one.what, in_words(one.at)) for one in moments(register, versions, names)
        ],
        traced=list(_group_by_area(traced)),
        unsigned=sum(not line.signers for line in traced),
        lines=pluralise(len(traced), "line"),
    )
    return f"{page}\n".encode()


@cache
def page_template() -> Template:
    """The page's template, compiled. That takes longer than filling it in."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _labels(old: Version, new: Version) -> tuple[str, str]:
    """What the two versions are called; with their fingerprints where the names are the same."""
    if old.name != new.name or old.fingerprint == new.fingerprint:
        return old.name, new.name
    return f"{old.name} ({old.fingerprint.short})", f"{new.name} ({new.fingerprint.short})"


def _area(area: AreaChanges) -> _Area:
    titles = {"name": "Name", "links": "Serves"}
    return _Area(
        area.area.id,
        area.area.name,
        area.status,
        summary(area),
        ", ".join(f"{link}" for link in area.area.links),
        tuple(
            (titles[change.value], change.pieces)
            for change in area.changes
            if change.where.part == "area" and change.value in titles
        ),
        tuple((cell.heading, tuple(map(_row, cell.lines))) for cell in area.cells if cell.lines),
    )


def _row(line: Line) -> _Row:
    old, new = line.old, line.new
    if old is not None and new is not None:
        was, now = (
            _Side(block.kind, tuple(piece for piece in line.pieces if piece.kind != other))
            for block, other in ((old, "added"), (new, "removed"))
        )
        form = f"from {old.kind} to {new.kind}" if old.kind != new.kind else ONLY[line.scale]
        if not line.scale:
            return _Row("same", "the same", was, now)
        return _Row("changed", f"changed {form}".rstrip(), was, now)
    mark = "moved" if line.moved else "removed" if new is None else "added"
    here = new or old
    assert here is not None, "a line has a block"
    side = _Side(here.kind, line.pieces)
    return _Row(mark, line.moved or mark, *((side, None) if new is None else (None, side)))


def _outside(comparison: Comparison) -> Iterator[_Outside]:
    """What changed above and below the table."""
    names = {**_names(comparison.old.plan), **_names(comparison.new.plan)}
    reviews = {
        review.id: _whole(plan, review)
        for plan in (comparison.old.plan, comparison.new.plan)
        for review in plan.reviews
    }
    for change in (*comparison.before, *comparison.after):
        pieces = change.pieces
        if change.where.part == "review" and change.action in ("added", "removed"):
            pieces = (Piece(change.action, reviews[change.where.id]),)
        yield _Outside(_what(change, names), change.action, pieces)


def _names(plan: Plan) -> dict[tuple[Part, str], str]:
    """What the entries of the lists are called."""
    return {
        **{("objective", str(one.number)): f"number {one.number}" for one in plan.objectives},
        **{("school", one.id): one.name for one in plan.schools},
        **{("person", one.id): one.name for one in plan.people},
        **{("review", one.id): one.title for one in plan.reviews},
    }


def _whole(plan: Plan, review: Review) -> str:
    """What a review says, and whom it asks."""
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


def _group_by_area(
    traced: Sequence[Traced],
) -> Iterator[tuple[Area, list[tuple[str, list[_Alike]]]]]:
    """The lines by area, in it by column, and there those that share their history."""
    for area, lines in groupby(traced, lambda line: line.area):
        cells = groupby(lines, lambda line: line.heading)
        yield area, [(heading, list(_group_by_history(inside))) for heading, inside in cells]


def _group_by_history(lines: Iterable[Traced]) -> Iterator[_Alike]:
    for (since, signers), found in groupby(lines, lambda line: (line.since, line.signers)):
        yield [line.block for line in found], since, _group_signers(signers)


def _group_signers(signers: Sequence[Signer]) -> list[tuple[str, str]]:
    """Who has signed a line, and in which versions, those of the same versions together."""
    by_versions: dict[tuple[str, ...], list[str]] = {}
    for signer in signers:
        by_versions.setdefault(signer.versions, []).append(signer.name)
    return [(", ".join(names), ", ".join(versions)) for versions, names in by_versions.items()]
