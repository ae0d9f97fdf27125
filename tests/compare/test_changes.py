"""What a comparison finds, as plain data: both texts of a change, and how much it all matters."""

from __future__ import annotations

from dataclasses import replace

from signed_plan.compare.changes import (
    WITHIN,
    AreaChanges,
    Cell,
    Change,
    Comparison,
    Line,
    Where,
    block_scale,
    largest,
)
from signed_plan.compare.text_diff import Piece, Scale
from signed_plan.plan.model import Area, Block

from tests.compare.random_plans import a_version
from tests.plan.helpers import small_data

SMALL = a_version(small_data())
STAFF, PARENTS = SMALL.plan.areas
SAME = Piece("same", "Meet each ")


def block(text: str, kind: str = "bullet") -> Block:
    return Block.model_validate({"id": "a", kind: text})


def change(scale: Scale, *pieces: Piece) -> Change:
    return Change(Where("block", "a", "Staff, Actions", "staff"), "text", "changed", scale, pieces)


def row(
    *lines: Line,
    old: Area | None = STAFF,
    new: Area | None = STAFF,
    changes: tuple[Change, ...] = (),
) -> AreaChanges:
    cells = (Cell("key", "Key", lines[:1]), Cell("actions", "Actions", lines[1:]))
    return AreaChanges(old, new, cells, changes)


def gone(moved: str) -> Line:
    scale = Scale.LAYOUT if moved == WITHIN else Scale.SUBSTANTIVE
    return Line(block("Meet"), None, (Piece("removed", "Meet"),), moved, scale)


UNTOUCHED = Line(block("Meet"), block("Meet"), (Piece("same", "Meet"),), "", Scale.NONE)


def test_a_change_gives_both_texts() -> None:
    said = change(Scale.SUBSTANTIVE, SAME, Piece("removed", "term"), Piece("added", "year"))
    assert (said.old, said.new) == ("Meet each term", "Meet each year")


def test_a_line_is_the_same_where_nothing_became_of_it() -> None:
    assert UNTOUCHED.same
    assert not replace(UNTOUCHED, scale=Scale.LAYOUT).same
    assert not gone("").same


def test_another_form_is_layout_and_other_words_are_what_they_are() -> None:
    assert block_scale(block("Meet"), block("Meet")) is Scale.NONE
    assert block_scale(block("Meet"), block("Meet", "heading")) is Scale.LAYOUT
    assert block_scale(block("Meet"), block("meet", "heading")) is Scale.EDITORIAL
    assert block_scale(block("Meet"), block("Share")) is Scale.SUBSTANTIVE


def test_an_area_is_added_removed_changed_or_unchanged() -> None:
    assert row(old=None).status == "added"
    assert row(new=None).status == "removed"
    assert row(UNTOUCHED).status == "unchanged"
    assert row(UNTOUCHED, changes=(change(Scale.LAYOUT),)).status == "changed"


def test_an_area_that_a_block_has_left_is_changed_though_that_is_told_elsewhere() -> None:
    left = row(UNTOUCHED, gone("moved to Parents, Key"), changes=(change(Scale.EDITORIAL),))
    assert (left.status, left.scale) == ("changed", Scale.SUBSTANTIVE)


def test_an_area_of_both_versions_is_as_it_is_now() -> None:
    assert row(old=STAFF, new=PARENTS).area is PARENTS
    assert row(old=STAFF, new=None).area is STAFF


def test_an_area_s_lines_are_those_of_all_its_cells() -> None:
    away = gone("")
    assert row(UNTOUCHED, away).lines == (UNTOUCHED, away)


def test_the_largest_scale_is_that_of_the_change_that_matters_most() -> None:
    assert largest(()) is Scale.NONE
    assert largest(map(change, (Scale.LAYOUT, Scale.EDITORIAL, Scale.LAYOUT))) is Scale.EDITORIAL


def test_a_comparison_tells_everything_in_the_order_of_the_document() -> None:
    title, inside, review = map(change, (Scale.LAYOUT, Scale.EDITORIAL, Scale.NONE))
    areas = (row(UNTOUCHED, changes=(inside,)), row(old=None), row(UNTOUCHED), row(UNTOUCHED))
    found = Comparison(SMALL, SMALL, (title,), areas, (review,), (), {})
    assert found.changes == (title, inside, review)
    assert found.scale is Scale.EDITORIAL
    assert found.counts == {"changed": 1, "added": 1, "unchanged": 2}
