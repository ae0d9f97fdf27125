"""The report that a governor reads: one HTML page that needs nothing else, nor a script.

It follows the HTML Living Standard and WCAG 2.2, at level AAA for contrast (1.4.6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from signed_plan.compare.changes import AreaChanges, Comparison, Line, Status
from signed_plan.compare.text_diff import Piece
from signed_plan.files import read_file
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.report.change_list import changed_places, mark_of
from signed_plan.report.facts import Proof
from signed_plan.report.sentences import (
    MEANINGS,
    is_it,
    sentences,
    summary,
    who_signed,
    words_of,
)
from signed_plan.report.timeline import moments, timeline_svg
from signed_plan.report.trace import Agreed, Signer, Traced
from signed_plan.report.weighty import Words, stretches, weigh
from signed_plan.wording import in_words, isolate, pluralise

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).with_name("report.html.j2")

_Alike = tuple[list[Agreed], str, list[tuple[str, str]]]
"""Lines that stand together, since when they do, and who has signed them in which versions."""


@dataclass(frozen=True, slots=True)
class _Side:
    """What one version says in a row."""

    kind: str
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table, with what became of it."""

    mark: str
    """"same", "added", "removed", "changed", "moved" or "split"."""
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
    cells: tuple[tuple[str, tuple[_Row, ...]], ...]
    """The heading of each cell in which there is anything, and its lines."""

    @property
    def same(self) -> bool:
        """Whether every line says the same in both versions."""
        return all(row.mark == "same" for _, rows in self.cells for row in rows)


def make_report(
    comparison: Comparison, proof: Proof, traced: Sequence[Traced], register: Register
) -> bytes:
    """The page in UTF-8; the same bytes for the same findings."""
    names = [known.name for known in proof.versions]
    line = (*reversed(list(comparison.new.ancestors())), comparison.old, comparison.new)
    versions = [one for one in line if isinstance(one, Version)]
    old, new = _labels(comparison.old, comparison.new)
    issued = any(known.issued for known in proof.versions)
    words = words_of(proof.verdict, issued=issued) if proof.verdict else []
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
        standing=", ".join(words) if words else "NEVER BUILT",
        words_meant=[(word, MEANINGS[word]) for word in words],
        proof=proof,
        places=list(changed_places(comparison)),
        areas=[_area(area) for area in comparison.areas],
        timeline=timeline_svg(register, versions, names),
        moments=[
            (one.version, one.what, in_words(one.at)) for one in moments(register, versions, names)
        ],
        traced=list(_group_by_area(traced)),
        behind=list(_count_alike(traced)),
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
    environment.filters["stretches"] = stretches
    environment.filters["isolate"] = isolate
    return environment.from_string(read_file(TEMPLATE).decode("utf-8"))


def _labels(old: Version, new: Version) -> tuple[str, str]:
    """What the two versions are called; with their fingerprints where the names are the same."""
    if old.name != new.name or old.fingerprint == new.fingerprint:
        return old.name, new.name
    return f"{old.name} ({old.fingerprint.short})", f"{new.name} ({new.fingerprint.short})"


def _area(area: AreaChanges) -> _Area:
    return _Area(
        area.area.id,
        area.area.name,
        area.status,
        summary(area),
        ", ".join(f"{link}" for link in area.area.links),
        tuple((cell.heading, tuple(map(_row, cell.lines))) for cell in area.cells if cell.lines),
    )


def _row(line: Line) -> _Row:
    mark, note = mark_of(line)
    old, new = line.old, line.new
    was = _Side(old.kind, _words(line, old.text, "added")) if old is not None else None
    now = _Side(new.kind, _words(line, new.text, "removed")) if new is not None else None
    return _Row(mark, note, was, now)


def _words(line: Line, text: str, other: str) -> tuple[Words, ...]:
    """The words of one side of a line; `other` are the pieces that stand on the other side.

    What moved stands alone, so it keeps those. What was split or joined lost no word.
    """
    if line.divided:
        return tuple(weigh((Piece("same", text),)))
    words = tuple(weigh(line.pieces))
    if line.old is None or line.new is None:
        return words
    return tuple(one for one in words if one.kind != other)


def _group_by_area(
    traced: Sequence[Traced],
) -> Iterator[tuple[str, str, list[tuple[str, list[_Alike]]]]]:
    """The lines by area, in it by column, and there those that share their history.

    Each area has its id and name; what stands above the table comes first, without an id.
    """
    for area, lines in groupby(traced, lambda one: one.line.area):
        cells = groupby(lines, lambda one: one.line.heading)
        found = [(heading, list(_group_by_history(inside))) for heading, inside in cells]
        yield (area.id, area.name, found) if area else ("", "Above the table", found)


def _group_by_history(lines: Iterable[Traced]) -> Iterator[_Alike]:
    for (since, signers), found in groupby(lines, _history):
        yield [one.line for one in found], since, _group_signers(signers)


def _history(traced: Traced) -> tuple[str, tuple[Signer, ...]]:
    return traced.since, traced.signers


def _count_alike(traced: Sequence[Traced]) -> Iterator[tuple[str, str, list[tuple[str, str]]]]:
    """How many lines share their history, wherever they stand; since when; and who has signed."""
    for (since, signers), count in Counter(map(_history, traced)).items():
        yield pluralise(count, "line"), since, _group_signers(signers)


def _group_signers(signers: Sequence[Signer]) -> list[tuple[str, str]]:
    """Who has signed a line, and in which versions, those of the same versions together."""
    by_versions: dict[tuple[str, ...], list[str]] = {}
    for signer in signers:
        by_versions.setdefault(signer.versions, []).append(signer.name)
    return [
        (", ".join(map(isolate, names)), ", ".join(versions))
        for versions, names in by_versions.items()
    ]
