"""Every order in which paragraphs can be kept, edited, added, removed and moved, in LibreOffice.

Word's rules are told by the standard; LibreOffice has habits of its own, and each of them was found
by such a table: it joins what is added at the end of a paragraph to what is added at the beginning
of the next, it takes texts for moved, in parts of a paragraph too, and it forgets levels of lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, count, permutations, product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import docx
import pytest
from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import a_plan_s_data, a_version, pairs
from tests.helpers import REPO
from tests.redline.resolver import Cell, Paragraph, Table, resolved
from tests.redline.test_restyled import static_lines
from tools.office import What, resolved_by_office

pytestmark = pytest.mark.slow("has LibreOffice accept and reject every change")

TEMPLATE = REPO / "templates/plan.docx"
KINDS = {"p": "paragraph", "h": "heading", "b": "bullet", "s": "sub-bullet"}

Blocks = list[dict[str, str]]
Case = tuple[str, Blocks, Blocks]
"""What it is about, and the blocks of a cell in both versions."""

_NUMBERS = count()


def text() -> str:
    return " ".join(f"{word}{next(_NUMBERS)}" for word in ("alpha", "beta", "gamma"))


def block(kind: str, said: str) -> dict[str, str]:
    return {"id": f"b{next(_NUMBERS)}", KINDS[kind]: said}


EDITS = {
    "=": lambda said: (said, said),
    "end added": lambda said: (said, f"{said} at the end"),
    "begin added": lambda said: (said, f"first of all {said}"),
    "end removed": lambda said: (f"{said} at the end", said),
    "changed": lambda said: (said, said.replace("beta", "changed")),
    "replaced": lambda said: (said, text()),
    "-": lambda said: (said, ""),
    "+": lambda said: ("", said),
}


def edits() -> Iterator[Case]:
    """Every row of up to three bullets, each with something that may become of a text."""
    for length in (1, 2, 3):
        for row in product(EDITS, repeat=length):
            sides: tuple[Blocks, Blocks] = ([], [])
            for name in row:
                one = block("b", "")
                for side, said in zip(sides, EDITS[name](text()), strict=True):
                    if said:
                        side.append(one | {KINDS["b"]: said})
            yield ", ".join(row), *sides


def kinds() -> Iterator[Case]:
    """Every row of two paragraphs of any kinds, added, removed, kept, or of another kind now.

    Those on two levels of a list come twice, since every second cell has lists of its own.
    """
    becoming = [*product(KINDS, KINDS), *product(KINDS, "-"), *product("+", KINDS)]
    for row in product(becoming, repeat=2):
        for _ in range(2 if {"b", "s"} <= set(chain(*row)) else 1):
            sides: tuple[Blocks, Blocks] = ([], [])
            for old, new in row:
                said, own = text(), f"b{next(_NUMBERS)}"
                for side, kind in zip(sides, (old, new), strict=True):
                    if kind in KINDS:
                        side.append({"id": own, KINDS[kind]: said})
            yield " ".join(f"{old}>{new}" for old, new in row), *sides


def kinds_and_words() -> Iterator[Case]:
    """A paragraph that is of another kind now and says something else, in two cells each."""
    for (old, new), name in product(permutations(KINDS, 2), list(EDITS)[1:-2]):
        for _ in range(2):
            own = f"b{next(_NUMBERS)}"
            before, after = EDITS[name](text())
            yield (
                f"{old}>{new}, {name}",
                [{"id": own, KINDS[old]: before}],
                [{"id": own, KINDS[new]: after}],
            )


def moves() -> Iterator[Case]:
    """Every order that three paragraphs can be brought into, with one more anywhere or nowhere."""
    for row in product("hb", repeat=3):
        for order in permutations(range(3)):
            for place in (None, 0, 1, 2, 3):
                old = [block(kind, text()) for kind in row]
                new = [old[at] for at in order]
                if place is not None:
                    new.insert(place, block("p", text()))
                yield f"{''.join(row)} to {order} and one at {place}", old, new


def moves_between_cells() -> Iterator[Case]:
    """A bullet from any place of one cell to any place of the next, or of the one before."""
    for others, theirs in product(range(3), repeat=2):
        for at, to in product(range(others + 1), range(theirs + 1)):
            for forwards in (True, False):
                moved = block("b", text())
                here = [block("h", text()) for _ in range(others)]
                there = [block("p", text()) for _ in range(theirs)]
                out = ([*here[:at], moved, *here[at:]], here)
                into = (there, [*there[:to], moved, *there[to:]])
                name = f"from {at} of {others} to {to} of {theirs}"
                for old, new in (out, into) if forwards else (into, out):
                    yield name, list(old), list(new)


def splits_and_joins() -> Iterator[Case]:
    """A paragraph that becomes two, of any kinds, between others; and two that become one."""
    around = list(product("-hb", repeat=2))
    for (one, other), (above, below), first_stays in product(
        product(KINDS, repeat=2), around, (True, False)
    ):
        for joins in (True, False):
            above_it, below_it = (
                [block(kind, text())] if kind in KINDS else [] for kind in (above, below)
            )
            parts = [block(one, f"{text()}."), block(other, f"{text()}.")]
            stays = parts[0] if first_stays else parts[1]
            (kind,) = (key for key in stays if key != "id")
            whole = {"id": stays["id"], kind: " ".join(text_of(part) for part in parts)}
            sides = [[*above_it, whole, *below_it], [*above_it, *parts, *below_it]]
            old, new = reversed(sides) if joins else sides
            yield f"{above}{one}{other}{below}, {'joined' if joins else 'split'}", old, new


def sentences_that_leave() -> Iterator[Case]:
    """A sentence of one paragraph becomes one of its own, or goes into another, and back."""
    for (one, other), place, at in product(product(KINDS, repeat=2), range(3), range(4)):
        for back, into in product((False, True), repeat=2):
            said = [f"{text()}." for _ in range(3)]
            long, far, end = block(one, " ".join(said)), block(other, text()), block("b", text())
            (kind,) = (key for key in long if key != "id")
            short = long | {kind: " ".join(said[:place] + said[place + 1 :])}
            old, new = [far, long, end], [far, short, end]
            if into:
                (kind,) = (key for key in far if key != "id")
                new[0] = far | {kind: f"{text_of(far)} {said[place]}"}
            else:
                new.insert(at, block(other, said[place]))
            if into <= (at == 0):
                yield f"{one}{other}, {place} to {at}", *((new, old) if back else (old, new))


def text_of(one: dict[str, str]) -> str:
    (said,) = (said for key, said in one.items() if key != "id")
    return said


def versions(cases: list[Case]) -> tuple[Version, Version]:
    """Two versions of a plan in which each cell is a case, but for the first of each row."""
    data = a_plan_s_data(Random(3))
    sides: tuple[dict[str, Any], dict[str, Any]] = (data, data | {"version": "2020-07"})
    for number, side in enumerate(sides, 1):
        side["areas"] = []
        for at in range(0, len(cases), len(CELLS)):
            cells: dict[str, Any] = {cell: [] for cell in CELLS}
            row = cases[at : at + len(CELLS)]
            cells |= {cell: case[number] for cell, case in zip(CELLS, row, strict=False)}
            side["areas"].append({"id": f"a{at}", "name": f"Area {at}", "links": [], **cells})
    old = a_version(sides[0])
    return old, a_version(sides[1], old)


class Look(NamedTuple):
    """A paragraph as people see it."""

    style: str
    level: str | None
    """Of the list that it is in."""
    content: tuple[tuple[str, str, str], ...]
    """Character by character, with its format."""


def cells(data: bytes) -> list[list[Look]]:
    """The paragraphs, cell by cell, as LibreOffice wrote them."""
    (table,) = (one for one in resolved(data)["word/document.xml"] if isinstance(one, Table))
    inner: Iterator[Cell] = chain.from_iterable(row[1:] for _, row in table.rows[1:])
    return [[look(one) for one in cell.blocks if isinstance(one, Paragraph)] for cell in inner]


def look(one: Paragraph) -> Look:
    return Look(one.style, one.numbering[1] if one.numbering else None, one.content)


def test_libreoffice_resolves_every_order_of_changes_both_ways(tmp_path: Path) -> None:
    tables = [
        list(table())
        for table in (
            *(edits, kinds, kinds_and_words, moves, moves_between_cells),
            *(splits_and_joins, sentences_that_leave),
        )
    ]
    jobs: list[tuple[bytes, What]] = []
    for cases in tables:
        old, new = versions(cases)
        redline = make_redline(compare(old, new), TEMPLATE)
        older, newer = render_plan(old, TEMPLATE).data, render_plan(new, TEMPLATE).data
        assert resolved(redline, "accept") == resolved(newer)
        assert resolved(redline, "reject") == resolved(older)
        jobs += [(redline, "accept"), (redline, "reject"), (newer, "keep"), (older, "keep")]
    made = list(map(cells, resolved_by_office(jobs, tmp_path)))
    wrong = []
    for at, cases in enumerate(tables):
        accepted, rejected, newer_cells, older_cells = made[4 * at : 4 * at + 4]
        for verdict, got, wanted in (
            ("accept", accepted, newer_cells),
            ("reject", rejected, older_cells),
        ):
            assert len(got) == len(wanted)
            wrong += [
                (verdict, case[0], one, other)
                for case, one, other in zip(cases, got, wanted, strict=False)
                if one != other
            ]
    assert sum(map(len, tables)) > 2500
    assert not wrong, f"{len(wrong)}: {wrong[:5]}"


def test_libreoffice_keeps_the_look_of_an_empty_line(tmp_path: Path) -> None:
    document = docx.Document(str(TEMPLATE))
    static_lines(document)
    template = tmp_path / "plan.docx"
    document.save(str(template))
    jobs: list[tuple[bytes, What]] = []
    for old, new in pairs(5, seed=40):
        redline = make_redline(compare(old, new), template)
        jobs += [(redline, "accept"), (render_plan(new, template).data, "keep")]
        jobs += [(redline, "reject"), (render_plan(old, template).data, "keep")]
    made = list(map(cells, resolved_by_office(jobs, tmp_path)))
    assert made[::2] == made[1::2]
