"""Forty pairs of versions: the shipped plan, changed as clerks change plans; the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from signed_plan.paths import PlanFolder
from signed_plan.plan.model import CELLS, Area, Block, Objective, Plan
from signed_plan.plan.source import Version, load

from tools.checkout import REPO

EACH = 4
WORDS = "pupils staff governors termly weekly shared agreed evaluated March 2018 12 not".split()

Areas = list[Area]


@dataclass(frozen=True)
class VersionPair:
    """What was done, and both versions."""

    kind: str
    old: Version
    new: Version


def version_pairs() -> Iterator[VersionPair]:
    """Four of each kind of edit, three of all kinds together, and the two real versions."""
    july, november = load(PlanFolder(REPO))
    for kind, edit in EDITS.items():
        for seed in range(EACH):
            yield VersionPair(kind, november, _changed(november, Random(seed), edit))
    for seed in range(3):
        yield VersionPair(
            "all of these", november, _changed(november, Random(seed), *EDITS.values())
        )
    yield VersionPair("the real pair", july, november)


Edit = Callable[[Areas, Random], None]


def _changed(version: Version, random: Random, *edits: Edit) -> Version:
    areas = list(version.plan.areas)
    plan = version.plan.model_copy(update={"version": "2018-03", "supersedes": version.name})
    if put_objective_first in edits:
        first = Objective.model_validate({"number": 1, "text": "Sharing what works well."})
        rest = (one.model_copy(update={"number": one.number + 1}) for one in plan.objectives)
        plan = plan.model_copy(update={"objectives": (first, *rest)})
    for edit in edits:
        edit(areas, random)
    plan = Plan.model_validate(plan.model_copy(update={"areas": tuple(areas)}))
    return replace(
        version, plan=plan, superseded=version, fingerprint=plan.fingerprint(version.fingerprint)
    )


def change_words(areas: Areas, random: Random) -> None:
    for _ in range(6):
        area, cell, blocks, at = _some_block(areas, random)
        words = blocks[at].text.split()
        place = random.randrange(len(words))
        words[place : place + random.randint(0, 2)] = random.sample(WORDS, random.randint(1, 2))
        _put(areas, area, cell, (*blocks[:at], _saying(blocks[at], words), *blocks[at + 1 :]))


def cut_clauses(areas: Areas, random: Random) -> None:
    for _ in range(4):
        area, cell, blocks, at = _some_block(areas, random, words=8)
        words = blocks[at].text.split()
        place = random.randrange(len(words) - 3)
        del words[place : place + 4]
        _put(areas, area, cell, (*blocks[:at], _saying(blocks[at], words), *blocks[at + 1 :]))


def split_blocks(areas: Areas, random: Random) -> None:
    for number in range(4):
        area, cell, blocks, at = _some_block(areas, random, words=8)
        words = blocks[at].text.split()
        place = random.randint(3, len(words) - 3)
        rest = _saying(blocks[at], words[place:], f"split-{number}")
        parts = _saying(blocks[at], words[:place]), rest
        _put(areas, area, cell, (*blocks[:at], *parts, *blocks[at + 1 :]))


def join_blocks(areas: Areas, random: Random) -> None:
    for _ in range(4):
        area, cell, blocks, at = _some_block(areas, random, others=1)
        at = min(at, len(blocks) - 2)
        words = f"{blocks[at].text} {blocks[at + 1].text}".split()
        _put(areas, area, cell, (*blocks[:at], _saying(blocks[at], words), *blocks[at + 2 :]))


def move_blocks(areas: Areas, random: Random) -> None:
    for _ in range(3):
        area, cell, blocks, at = _some_block(areas, random, others=1)
        _put(areas, area, cell, (*blocks[:at], *blocks[at + 1 :]))
        there, other, theirs, to = _some_block(areas, random)
        _put(areas, there, other, (*theirs[:to], blocks[at], *theirs[to:]))


def add_rows(areas: Areas, random: Random) -> None:
    for number in range(2):
        model = random.choice(areas)
        cells = {
            cell: tuple(
                _saying(one, one.text.split()[::-1], f"new-{number}-{cell}-{at}")
                for at, one in enumerate(blocks)
            )
            for cell, blocks in model.cells.items()
        }
        row = model.model_copy(
            update={"id": f"new-{number}", "name": f"New area {number}", **cells}
        )
        areas.insert(random.randint(0, len(areas)), row)


def remove_rows(areas: Areas, random: Random) -> None:
    for _ in range(2):
        del areas[random.randrange(len(areas))]


def move_rows(areas: Areas, random: Random) -> None:
    for _ in range(2):
        row = areas.pop(random.randrange(len(areas)))
        areas.insert(random.randint(0, len(areas)), row)


def put_objective_first(areas: Areas, random: Random) -> None:
    """The links lead where they led, under new numbers; one area loses a link and one gets one."""
    areas[:] = [
        area.model_copy(update={"links": tuple(number + 1 for number in area.links)})
        for area in areas
    ]
    for at, links in ((random.randrange(len(areas)), (1,)), (random.randrange(len(areas)), ())):
        areas[at] = areas[at].model_copy(update={"links": links + areas[at].links[1:]})


EDITS: dict[str, Edit] = {
    "words changed": change_words,
    "clauses cut": cut_clauses,
    "bullets split": split_blocks,
    "bullets joined": join_blocks,
    "bullets moved": move_blocks,
    "rows added": add_rows,
    "rows removed": remove_rows,
    "rows moved": move_rows,
    "objectives and links": put_objective_first,
}


def _some_block(
    areas: Areas, random: Random, *, words: int = 2, others: int = 0
) -> tuple[int, str, tuple[Block, ...], int]:
    """The number of an area, a cell, what is in it, and the number of a block with so many words
    and so many others beside it."""
    found = [
        (area, cell, blocks, at)
        for area, one in enumerate(areas)
        for cell, blocks in one.cells.items()
        for at, block in enumerate(blocks)
        if len(blocks) > others and len(block.text.split()) >= words
    ]
    return random.choice(found)


def _put(areas: Areas, area: int, cell: str, blocks: tuple[Block, ...]) -> None:
    assert cell in CELLS
    areas[area] = areas[area].model_copy(update={cell: blocks})


def _saying(block: Block, words: list[str], own_id: str = "") -> Block:
    return Block.model_validate({block.kind: " ".join(words), "id": own_id or block.id})
