"""The rows of the table: which area is which, and what became of it."""

from __future__ import annotations

from signed_plan.compare.text_diff import Scale

from tests.compare.helpers import Data, edited, only
from tests.compare.random_plans import a_version
from tests.plan.helpers import small_data


def test_a_removed_area_is_told_with_all_its_lines_where_it_was() -> None:
    found = edited(lambda data: data["areas"].pop(0))
    assert [(row.area.id, row.status) for row in found.areas] == [
        ("staff", "removed"),
        ("parents", "unchanged"),
    ]
    blocks = [block.id for block in a_version(small_data()).plan.areas[0].blocks]
    assert [(one.where.id, one.action) for one in found.changes] == [
        (id_, "removed") for id_ in ("staff", *blocks)
    ]
    assert {one.where.area for one in found.changes} == {"staff"}


def test_an_area_that_moved_brings_its_lines_with_it() -> None:
    found = edited(lambda data: data["areas"].reverse())
    (part, _, *rest) = only(found)
    assert (part, *rest) == ("area", "order", "moved", Scale.LAYOUT)
    assert [row.area.id for row in found.areas] == ["parents", "staff"]
    assert all(line.same for row in found.areas for line in row.lines)


def test_an_area_that_lost_its_id_and_its_name_is_recognised_by_its_lines() -> None:
    def rename(data: Data) -> None:
        data["areas"][0] |= {"id": "people", "name": "People who work here"}

    found = edited(rename)
    assert only(found) == ("area", "people", "name", "changed", Scale.SUBSTANTIVE)
    assert [(one.part, one.old, one.new) for one in found.recognised] == [
        ("area", "staff", "people")
    ]
