from __future__ import annotations

from signed_plan.plan.model import CELLS, Area, Block, Columns, Plan
from signed_plan.plan.settings import Contact, Settings, TimestampAuthority
from signed_plan.plan.shape import (
    every_key,
    field_of,
    homes,
    is_list,
    keys_of,
    may_be_empty,
    record_at,
    record_in,
)


def test_the_record_at_a_place_is_found_through_lists_and_names() -> None:
    assert record_at(Plan, ()) is Plan
    assert record_at(Plan, ("areas", 2)) is Area
    assert record_at(Plan, ("areas", 2, "actions", 0)) is Block
    assert record_at(Plan, ("areas", 2, "actions", 0, "bullet")) is Block
    assert record_at(Settings, ("people", "ann")) is Contact
    assert record_at(Settings, ("timestamp-authority",)) is TimestampAuthority


def test_keys_are_named_as_a_clerk_writes_them() -> None:
    assert keys_of(Block) == ["paragraph", "heading", "bullet", "sub-bullet", "id"]
    assert {"overriding-objective", "sub-bullet", "signatories"} <= set(every_key(Plan))
    assert "timestamp-authority" in every_key(Settings)


def test_a_key_knows_where_it_may_stand() -> None:
    assert homes("title", Plan) == ["", "reviews"]
    assert homes("role", Plan) == ["people"]
    assert homes("bullet", Plan) == list(CELLS)
    assert homes("hue", Plan) == []


def test_a_field_knows_whether_it_takes_a_list_and_an_empty_one() -> None:
    areas, reviews, columns = (field_of(Plan, key) for key in ("areas", "reviews", "columns"))
    assert [is_list(field) for field in (areas, reviews, columns)] == [True, True, False]
    assert (may_be_empty(areas), may_be_empty(reviews)) == (False, True)
    assert record_in(columns) is Columns
    assert record_in(field_of(Plan, "title")) is None
