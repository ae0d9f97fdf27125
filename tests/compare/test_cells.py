"""The cells of the table, both versions side by side: nothing is lost, and moves are told."""

from __future__ import annotations

import pytest
from signed_plan.compare.changes import WITHIN, Change, Comparison, Line, Where
from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Piece, Scale
from signed_plan.plan.model import CELLS, Block

from tests.compare.helpers import Data, edited
from tests.compare.random_plans import pairs

FOUND = [compare(*pair) for pair in pairs(150, seed=21)]


def cell(data: Data, area: int, name: str) -> list[Data]:
    found: list[Data] = data["areas"][area][name]
    return found


def lines(found: Comparison, area: int, name: str) -> list[tuple[str, str, str]]:
    """One cell: the ids on both sides of each line, and what is said of a move."""
    row = found.areas[area].cells[CELLS.index(name)]
    return [
        (line.old.id if line.old else "", line.new.id if line.new else "", line.moved)
        for line in row.lines
    ]


def only_change(found: Comparison) -> Change:
    (change,) = found.changes
    return change


def move(data: Data, start: tuple[int, str, int], end: tuple[int, str, int]) -> Data:
    """Moves a block; gives it."""
    block = cell(data, *start[:2]).pop(start[2])
    cell(data, *end[:2]).insert(end[2], block)
    return block


TOUR = (0, "actions", 2)
AUTUMN, MEET = ("staff-autumn", "staff-autumn", ""), ("staff-meet", "staff-meet", "")


def test_a_block_put_in_stands_alone_in_its_line() -> None:
    new = {"id": "new", "bullet": "Share plans"}
    found = edited(lambda data: cell(data, 0, "actions").insert(1, new))
    tour = ("staff-tour", "staff-tour", "")
    assert lines(found, 0, "actions") == [AUTUMN, ("", "new", ""), MEET, tour]
    where = Where("block", "new", "Staff, Actions", "staff")
    pieces = (Piece("added", "Share plans"),)
    assert only_change(found) == Change(where, "", "added", Scale.SUBSTANTIVE, pieces)


def test_a_block_taken_out_stands_alone_where_it_was() -> None:
    found = edited(lambda data: cell(data, 0, "actions").pop(2))
    assert lines(found, 0, "actions") == [AUTUMN, MEET, ("staff-tour", "", "")]
    where = Where("block", "staff-tour", "Staff, Actions", "staff")
    pieces = (Piece("removed", "Tour the school"),)
    assert only_change(found) == Change(where, "", "removed", Scale.SUBSTANTIVE, pieces)


def test_a_block_with_other_words_is_one_change_of_its_text() -> None:
    found = edited(lambda data: cell(data, *TOUR[:2])[2].update({"sub-bullet": "Tour the garden"}))
    pieces = (Piece("same", "Tour the "), Piece("removed", "school"), Piece("added", "garden"))
    where = Where("block", "staff-tour", "Staff, Actions", "staff")
    assert only_change(found) == Change(where, "text", "changed", Scale.SUBSTANTIVE, pieces)
    assert found.areas[0].cells[1].lines[2].pieces == pieces


def test_another_form_of_the_same_words_is_layout_only() -> None:
    def as_heading(data: Data) -> None:
        block = cell(data, *TOUR[:2])[2]
        block["heading"] = block.pop("sub-bullet")

    found = edited(as_heading)
    change = only_change(found)
    assert (change.where.id, change.value, change.action) == ("staff-tour", "kind", "changed")
    assert (change.old, change.new, change.scale) == ("sub-bullet", "heading", Scale.LAYOUT)
    assert lines(found, 0, "actions")[2] == ("staff-tour", "staff-tour", "")


def test_a_block_moved_within_its_cell_is_layout_only() -> None:
    found = edited(lambda data: move(data, TOUR, (0, "actions", 0)))
    tour = ("staff-tour", WITHIN)
    assert lines(found, 0, "actions") == [("", *tour), AUTUMN, MEET, (tour[0], "", tour[1])]
    where = Where("block", "staff-tour", "Staff, Actions", "staff")
    pieces = (Piece("same", "Tour the school"),)
    assert only_change(found) == Change(where, "order", "moved", Scale.LAYOUT, pieces)


@pytest.mark.parametrize(
    ("end", "came", "went", "where"),
    [
        (
            (0, "impact", 0),
            "moved from Staff, Actions",
            "moved to Staff, Impact",
            Where("block", "staff-tour", "Staff, Impact", "staff"),
        ),
        (
            (1, "actions", 0),
            "moved from Staff, Actions",
            "moved to Parents, Actions",
            Where("block", "staff-tour", "Parents, Actions", "parents"),
        ),
    ],
)
def test_a_block_moved_elsewhere_is_substantive_and_told_once_where_it_is_now(
    end: tuple[int, str, int], came: str, went: str, where: Where
) -> None:
    found = edited(lambda data: move(data, TOUR, end))
    assert lines(found, 0, "actions") == [AUTUMN, MEET, ("staff-tour", "", went)]
    assert ("", "staff-tour", came) in lines(found, *end[:2])
    pieces = (Piece("same", "Tour the school"),)
    assert only_change(found) == Change(where, "place", "moved", Scale.SUBSTANTIVE, pieces)
    assert found.areas[end[0]].changes == found.changes
    assert {row.status for row in found.areas if row.area.id in ("staff", where.area)} == {
        "changed"
    }


def test_a_block_moved_and_edited_is_told_both_and_its_words_against_those_it_had() -> None:
    def act(data: Data) -> None:
        move(data, TOUR, (1, "actions", 0))["sub-bullet"] = "Tour the garden"

    found = edited(act)
    assert [(one.value, one.action) for one in found.changes] == [
        ("place", "moved"),
        ("text", "changed"),
    ]
    (arrived,) = found.areas[1].cells[1].lines
    told = (Piece("same", "Tour the "), Piece("removed", "school"), Piece("added", "garden"))
    assert arrived.pieces == found.changes[1].pieces == told
    assert found.areas[0].cells[1].lines[2].pieces == (Piece("same", "Tour the school"),)


def test_a_block_that_lost_its_id_where_it_stands_differs_in_nothing() -> None:
    found = edited(lambda data: cell(data, *TOUR[:2])[2].update(id="renumbered"))
    assert lines(found, 0, "actions")[2] == ("staff-tour", "renumbered", "")
    assert found.changes == ()
    (told,) = found.recognised
    assert (told.part, told.old, told.new) == ("block", "staff-tour", "renumbered")
    assert told.what == "Tour the school"


def test_blocks_that_exchanged_their_ids_differ_in_nothing_but_that() -> None:
    def act(data: Data) -> None:
        meet, tour = cell(data, 0, "actions")[1:]
        meet["id"], tour["id"] = tour["id"], meet["id"]

    found = edited(act)
    assert found.changes == ()
    assert [(one.old, one.new) for one in found.recognised] == [
        ("staff-meet", "staff-tour"),
        ("staff-tour", "staff-meet"),
    ]


def test_a_cell_is_the_same_one_whatever_its_area_and_its_column_are_called_now() -> None:
    def act(data: Data) -> None:
        data["areas"][0]["name"], data["columns"]["actions"] = "People who work here", "To do"
        move(data, TOUR, (0, "actions", 0))

    found = edited(act)
    (moved,) = [one for one in found.changes if one.where.part == "block"]
    assert (moved.value, moved.where.place) == ("order", "People who work here, To do")


def test_a_block_saved_from_a_removed_area_has_moved_even_if_the_new_one_stands_there() -> None:
    """Two areas that have nothing to do with each other are not one place."""

    def act(data: Data) -> None:
        kept = cell(data, 1, "key")
        cells: Data = {name: [] for name in CELLS} | {"key": kept}
        data["areas"][1] = {"id": "governors", "name": "Governors", **cells}
        data["areas"][1]["impact"] = [{"id": "new", "bullet": "Both boards met this spring term"}]

    found = edited(act)
    assert [row.status for row in found.areas] == ["unchanged", "removed", "added"]
    assert lines(found, 1, "key") == [("parents-inform", "", "moved to Governors, Key")]
    assert lines(found, 2, "key") == [("", "parents-inform", "moved from Parents, Key")]
    (moved,) = [one for one in found.changes if one.action == "moved"]
    assert (moved.value, moved.scale) == ("place", Scale.SUBSTANTIVE)


def all_lines(found: Comparison) -> list[Line]:
    return [line for area in found.areas for line in area.lines]


def test_the_lines_of_a_cell_are_both_versions_cells_in_their_order() -> None:
    for found in FOUND:
        for row in found.areas:
            for one in row.cells:
                sides: tuple[list[Block | None], ...] = (
                    [line.old for line in one.lines if line.old],
                    [line.new for line in one.lines if line.new],
                )
                for side, area in zip(sides, (row.old, row.new), strict=True):
                    assert side == (list(getattr(area, one.name)) if area else [])


def test_the_pieces_of_every_line_are_the_words_of_both_versions() -> None:
    for found in FOUND:
        texts = {one.id: one.text for area in found.old.plan.areas for one in area.blocks}
        before = {new: texts[old] for old, new in found.ids["block"].items()}
        for line in all_lines(found):
            old, new = (
                "".join(piece.text for piece in line.pieces if piece.kind != other)
                for other in ("added", "removed")
            )
            if line.new or not line.moved:
                assert new == (line.new.text if line.new else "")
            if line.old:
                assert old == line.old.text
            elif line.new:
                assert old == before.get(line.new.id, "")


def test_what_moved_stands_once_where_it_was_and_once_where_it_is() -> None:
    for found in FOUND:
        now, moved = found.ids["block"], [line for line in all_lines(found) if line.moved]
        came = [line.new.id for line in moved if line.new]
        assert {now[line.old.id] for line in moved if line.old} == set(came)
        told = [one for one in found.changes if (one.where.part, one.action) == ("block", "moved")]
        assert came == [one.where.id for one in told]


def test_what_both_versions_have_is_neither_added_nor_removed() -> None:
    for found in FOUND:
        alone = [
            line for line in all_lines(found) if None in (line.old, line.new) and not line.moved
        ]
        gone = {line.old.id for line in alone if line.old}
        come = {line.new.id for line in alone if line.new}
        for version, ids, some in (
            (found.old, found.ids["block"].keys(), gone),
            (found.new, found.ids["block"].values(), come),
        ):
            every = {block.id for area in version.plan.areas for block in area.blocks}
            assert every - set(ids) == some
