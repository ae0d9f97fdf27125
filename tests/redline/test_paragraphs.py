"""Whatever becomes of a cell's paragraphs, Word's rules give both documents back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from signed_plan.plan.model import Area, Block

from tests.redline.resolving import JULY, demand_exact, with_areas

slow = pytest.mark.slow("merges many made-up texts")

Cell = tuple[Block, ...]


def block(kind: str, text: str) -> Block:
    return Block.model_validate({kind: text, "id": "a-new-one"})


def other_kind(one: Block) -> Block:
    kind = "sub-bullet" if one.kind == "bullet" else "bullet"
    return Block.model_validate({kind: one.text, "id": one.id})


CELLS: dict[str, Callable[[Cell], Cell]] = {
    "a last bullet added": lambda cell: (*cell, block("bullet", "The last.")),
    "a last heading added": lambda cell: (*cell, block("heading", "Spring 2018")),
    "the last removed": lambda cell: cell[:-1],
    "the last two removed": lambda cell: cell[:-2],
    "the last one's kind changed": lambda cell: (*cell[:-1], other_kind(cell[-1])),
    "the first removed": lambda cell: cell[1:],
    "all of one kind made another": lambda cell: tuple(map(other_kind, cell)),
    "emptied": lambda cell: (),
    "all replaced": lambda cell: (block("paragraph", "Nothing of it is left."),),
    "turned round": lambda cell: cell[::-1],
    "signs that mean something elsewhere": lambda cell: (
        *cell,
        block("bullet", "R&D <minutes> {{ title }} {%p if x %} 100% </w:t>"),
    ),
}


@slow
@pytest.mark.parametrize("name", CELLS)
def test_whatever_becomes_of_a_cell_resolves_both_ways(name: str) -> None:
    def change(areas: tuple[Area, ...]) -> tuple[Area, ...]:
        actions = CELLS[name](areas[4].actions)
        return (*areas[:4], areas[4].model_copy(update={"actions": actions}), *areas[5:])

    demand_exact(JULY, with_areas(change))


def test_a_block_that_moved_to_another_cell_is_taken_out_and_put_in() -> None:
    def change(areas: tuple[Area, ...]) -> tuple[Area, ...]:
        first = areas[0]
        return (
            first.model_copy(
                update={
                    "impact": first.impact[1:],
                    "outcome": (*first.outcome, first.impact[0]),
                }
            ),
            *areas[1:],
        )

    demand_exact(JULY, with_areas(change))
