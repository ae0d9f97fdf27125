"""Lists of entries: what was added, removed, changed and moved, exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.compare.changes import Change, Where
from signed_plan.compare.entries import Listed, Listing, all_words, compare_entries, compare_values
from signed_plan.compare.text_diff import Piece, Scale

from tests.plan.helpers import UNTIMED

ANN = Listing("ann", {"name": "Ann Lee", "role": "Head Teacher"})
BOB = Listing("bob", {"name": "Bob Ray", "role": "Chair of Governors"})
EVA = Listing("eva", {"name": "Eva Moss", "role": "Bursar"})


def compared(old: list[Listing], new: list[Listing]) -> Listed:
    return compare_entries("person", "People", old, new)


def brief(changes: tuple[Change, ...]) -> list[tuple[str, str, str, Scale]]:
    return [(one.where.id, one.value, one.action, one.scale) for one in changes]


@st.composite
def entries(draw: st.DrawFn) -> list[Listing]:
    ids = draw(st.lists(st.sampled_from("abcdef"), unique=True))
    text = st.lists(st.sampled_from(["Ann", "Lee", "Head", "5", "."]), max_size=3).map(" ".join)
    named = st.text("Nn", min_size=1, max_size=3)
    return [Listing(one, {"name": draw(named), "role": draw(text)}) for one in ids]


def test_a_list_and_itself_differ_in_nothing() -> None:
    assert compared([ANN, BOB], [ANN, BOB]) == Listed((), (), {"ann": "ann", "bob": "bob"})


def test_an_entry_added_or_removed_is_told_with_all_that_it_says() -> None:
    where = Where("person", "eva", "People")
    said = "Eva Moss · Bursar"
    (added,) = compared([ANN], [ANN, EVA]).changes
    assert added == Change(where, "", "added", Scale.SUBSTANTIVE, (Piece("added", said),))
    (removed,) = compared([ANN, EVA], [ANN]).changes
    assert removed == Change(where, "", "removed", Scale.SUBSTANTIVE, (Piece("removed", said),))


def test_a_changed_value_is_told_word_by_word() -> None:
    new = Listing("ann", {"name": "Ann Lee", "role": "Acting Head Teacher"})
    (change,) = compared([ANN, BOB], [new, BOB]).changes
    pieces = (Piece("added", "Acting "), Piece("same", "Head Teacher"))
    where = Where("person", "ann", "People")
    assert change == Change(where, "role", "changed", Scale.SUBSTANTIVE, pieces)


@pytest.mark.parametrize(
    ("old", "new", "action"),
    [("", "BR", "added"), ("BR", "", "removed"), ("BR", "WL", "changed")],
)
def test_a_value_that_one_side_has_not_was_added_or_removed(
    old: str, new: str, action: str
) -> None:
    where = Where("school", "bank-road", "Schools")
    (change,) = compare_values(where, {"name": "B", "short": old}, {"name": "B", "short": new})
    assert (change.value, change.action) == ("short", action)
    assert (change.old, change.new) == (old, new)


def test_every_value_that_differs_is_a_change_of_its_own_in_their_order() -> None:
    new = Listing("ann", {"name": "Ann Lee-Ray", "role": "head teacher"})
    assert brief(compared([ANN], [new]).changes) == [
        ("ann", "name", "changed", Scale.SUBSTANTIVE),
        ("ann", "role", "changed", Scale.EDITORIAL),
    ]


def test_the_one_that_changed_its_place_has_moved_and_that_is_layout() -> None:
    (change,) = compared([ANN, BOB, EVA], [EVA, ANN, BOB]).changes
    where = Where("person", "eva", "People")
    assert change == Change(where, "order", "moved", Scale.LAYOUT, (Piece("same", "Eva Moss"),))


def test_an_entry_that_moved_and_changed_is_told_both() -> None:
    new = Listing("eva", {"name": "Eva Moss", "role": "Clerk"})
    assert brief(compared([ANN, BOB, EVA], [new, ANN, BOB]).changes) == [
        ("eva", "order", "moved", Scale.LAYOUT),
        ("eva", "role", "changed", Scale.SUBSTANTIVE),
    ]


def test_an_entry_with_another_id_is_recognised_told_and_no_change() -> None:
    found = compared([ANN, BOB], [Listing("ann-lee", ANN.values), BOB])
    assert found.changes == ()
    (one,) = found.recognised
    assert (one.part, one.old, one.new, one.what) == ("person", "ann", "ann-lee", "Ann Lee")
    assert found.ids == {"ann": "ann-lee", "bob": "bob"}


def test_a_change_is_told_under_the_newer_id() -> None:
    new = Listing("ann-lee", {"name": "Ann Lee", "role": "Acting Head Teacher"})
    assert brief(compared([ANN], [new]).changes) == [
        ("ann-lee", "role", "changed", Scale.SUBSTANTIVE)
    ]


def test_a_removed_entry_is_told_where_it_was() -> None:
    changes = compared([ANN, BOB, EVA], [Listing("ann", {"name": "Ann", "role": ""}), EVA]).changes
    assert [one.where.id for one in changes] == ["ann", "ann", "bob"]
    new = [ANN, Listing("eva", {"name": "Eva Moss", "role": "Clerk"})]
    assert [one.where.id for one in compared([ANN, BOB, EVA], new).changes] == ["bob", "eva"]


def test_a_value_that_names_an_entry_under_its_other_name_has_not_changed() -> None:
    values = {"name": "Ann Lee", "school": "North"}
    old = Listing("ann", values, {"school": ["north"]})
    renamed = Listing("ann", {**values, "school": "North Academy"}, {"school": ["north"]})
    assert compared([old], [renamed]).changes == ()
    other = Listing("ann", {**values, "school": "South"}, {"school": ["south"]})
    assert brief(compared([old], [other]).changes) == [
        ("ann", "school", "changed", Scale.SUBSTANTIVE)
    ]


def test_an_entry_is_matched_by_the_words_of_all_its_values() -> None:
    assert ANN.item.text == "Ann Lee"
    assert ANN.item.words == all_words(["Ann Lee", "Head Teacher"])
    assert ANN.item.words == ("ann", "lee", "head", "teacher")
    renamed = Listing("new", {"name": "Ann Ray", "role": "Head Teacher"})
    assert compared([ANN], [renamed]).ids == {"ann": "new"}


@UNTIMED
@given(entries(), entries())
def test_the_older_list_and_the_changes_give_the_newer_one(
    old: list[Listing], new: list[Listing]
) -> None:
    found = compared(old, new)
    now = {found.ids.get(one.id, f"gone {one.id}"): dict(one.values) for one in old}
    for change in found.changes:
        if change.action == "removed" and not change.value:
            del now[f"gone {change.where.id}"]
        elif change.action == "added" and not change.value:
            name, _, role = change.new.partition(" · ")
            now[change.where.id] = {"name": name, "role": role}
        elif change.action != "moved":
            assert now[change.where.id][change.value] == change.old
            now[change.where.id][change.value] = change.new
    assert now == {one.id: one.values for one in new}


@UNTIMED
@given(entries(), entries())
def test_the_other_way_round_added_and_removed_are_exchanged(
    old: list[Listing], new: list[Listing]
) -> None:
    forth, back = compared(old, new), compared(new, old)
    assert {new: old for old, new in back.ids.items()} == forth.ids
    exchanged = {"added": "removed", "removed": "added"}
    mirrored = sorted(
        # What one side alone has keeps its id; else the newer one is told.
        (
            forth.ids[one.where.id] if one.value else one.where.id,
            one.value,
            exchanged.get(one.action, one.action),
        )
        for one in back.changes
    )
    assert mirrored == sorted((one.where.id, one.value, one.action) for one in forth.changes)
