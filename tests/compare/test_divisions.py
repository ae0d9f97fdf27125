"""Paragraphs that were split or joined: told so, with no word lost, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest
from signed_plan.compare.changes import Comparison
from signed_plan.compare.compare import compare
from signed_plan.compare.divisions import divisions
from signed_plan.compare.text_diff import Scale
from signed_plan.plan.model import Block

from tests.compare.random_plans import a_version
from tests.plan.helpers import small_data

Data = dict[str, Any]

WHOLE = "Share what works in both schools. Meet each term to review it."
FIRST, SECOND = "Share what works in both schools.", "Meet each term to review it."


def block(id_: str, text: str) -> Block:
    return Block.model_validate({"id": id_, "bullet": text})


def blocks(*texts: str, prefix: str = "n") -> list[Block]:
    return [block(f"{prefix}{at}", text) for at, text in enumerate(texts)]


def compared(old: list[Block], new: list[Block]) -> Comparison:
    """What became of a cell that held these blocks."""
    sides = []
    for cell in (old, new):
        data = small_data()
        data["areas"][0]["actions"] = [one.content() for one in cell]
        sides.append(a_version(data))
    return compare(*sides)


def told(found: Comparison) -> list[tuple[str, str, str, Scale]]:
    return [(one.where.id, one.value, one.action, one.scale) for one in found.changes]


@pytest.mark.parametrize("ids", [("a", "new"), ("new", "a"), ("new", "newer")])
def test_a_paragraph_split_in_two_is_one_change_of_layout(ids: tuple[str, str]) -> None:
    parts = [block(one, text) for one, text in zip(ids, (FIRST, SECOND), strict=True)]
    found = compared([block("a", WHOLE)], parts)
    kept = "a" if "a" in ids else "new"
    assert told(found) == [(kept, "text", "split", Scale.LAYOUT)]
    (change,) = found.changes
    assert (change.old, change.new) == (WHOLE, f"{FIRST}\n{SECOND}")
    assert not [one for one in change.pieces if one.kind != "same" and one.text.strip()]
    lines = found.areas[0].cells[1].lines
    assert {line.divided for line in lines} >= {"split in two, no words lost"}
    assert found.areas[0].scale is Scale.LAYOUT


def test_paragraphs_joined_to_one_are_one_change_of_layout() -> None:
    found = compared([block("a", FIRST), block("b", SECOND)], [block("a", WHOLE)])
    assert told(found) == [("a", "text", "joined", Scale.LAYOUT)]
    assert [line.divided for line in found.areas[0].cells[1].lines] == [
        "joined from two, no words lost",
        "part 2 of 2",
    ]


def test_capitals_and_points_at_the_cut_make_it_editorial() -> None:
    old = block("a", "Share what works in both schools; meet each term to review it")
    found = compared([old], [block("a", FIRST), block("b", SECOND)])
    assert told(found) == [("a", "text", "split", Scale.EDITORIAL)]


def test_five_parts_are_counted() -> None:
    words = "Sing Dance Paint Read Write".split()
    found = compared([block("a", " ".join(words))], blocks(*words))
    assert [one[2] for one in told(found)] == ["split"]
    assert found.areas[0].cells[1].lines[0].divided == "split in 5, no words lost"


@pytest.mark.parametrize(
    "parts",
    [
        (FIRST, "Meet each year to review it."),
        (FIRST, "Not: meet each term to review it."),
        (SECOND, FIRST),
        (FIRST,),
        (FIRST, "Between", SECOND),
    ],
)
def test_where_a_word_is_other_or_elsewhere_nothing_was_split(parts: tuple[str, ...]) -> None:
    assert not list(divisions([block("a", WHOLE)], blocks(*parts)))
    assert not list(divisions(blocks(*parts), [block("a", WHOLE)]))
    found = compared([block("a", WHOLE)], blocks(*parts))
    assert found.scale is Scale.SUBSTANTIVE


def test_a_paragraph_that_is_still_there_was_not_split() -> None:
    old = [block("a", WHOLE)]
    assert not list(divisions(old, [*old, *blocks(FIRST, SECOND)]))


def test_each_part_belongs_to_one_paragraph_alone() -> None:
    old = [block("a", WHOLE), block("b", WHOLE)]
    (found,) = divisions(old, blocks(FIRST, SECOND))
    assert found.old == (old[0],)


def test_a_part_that_takes_another_form_is_still_a_part() -> None:
    heading = Block.model_validate({"id": "a", "heading": FIRST})
    found = compared([block("a", WHOLE)], [heading, block("b", SECOND)])
    assert [one[1:3] for one in told(found)] == [("text", "split"), ("kind", "changed")]


def test_a_paragraph_split_and_moved_is_told_both() -> None:
    other = block("z", "Nobody touched this one")
    found = compared([block("n0", WHOLE), other], [other, *blocks(FIRST, SECOND)])
    assert {one[2] for one in told(found)} == {"moved", "split"}
    assert found.scale is Scale.LAYOUT


def test_no_sign_alone_is_a_part() -> None:
    assert not list(divisions([block("a", "Meet – share")], blocks("Meet", "–", "share")))
