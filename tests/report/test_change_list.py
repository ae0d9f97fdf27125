"""Every change in words, as the report opens with them: each once, and where it belongs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from signed_plan.compare.changes import WITHIN
from signed_plan.compare.compare import compare
from signed_plan.report.change_list import ChangedPlace, Told, changed_places

from tests.compare.random_plans import a_version, pairs
from tests.report.lives import NOVEMBER, edited, much_edited, real

Data = dict[str, Any]


def told(place: ChangedPlace) -> list[Told]:
    return [one for _, changes in place.changes for one in changes]


def words(one: Told) -> str:
    return "".join(part.text for part in one.words)


def only(act: Callable[[Data], object]) -> Told:
    (place,) = changed_places(edited(act))
    (one,) = told(place)
    return one


def test_places_stand_in_the_order_of_the_document() -> None:
    names = [one.name for one in changed_places(much_edited())]
    assert names == [
        *("Title block", "People", "Objectives", "Headings"),
        *("Teaching and Learning", "Staff", "CPD", "Moderation / assessment", "School Council"),
        *("Pupil Premium", "Parents and carers", "Reviews"),
    ]


def test_where_nothing_changed_nothing_is_told() -> None:
    assert list(changed_places(compare(NOVEMBER, NOVEMBER))) == []


def test_a_review_is_told_with_what_it_says_and_whom_it_asks() -> None:
    reviews = list(changed_places(real()))[-1]
    assert [what for what, _ in reviews.changes] == [
        *("Review: November 2017, head teachers", "Review: 14th November 2017, JCC"),
    ]
    assert words(told(reviews)[0]).endswith("To be signed by Carole Clemens, Sally Beardsley.")


def test_an_entry_that_is_gone_has_its_own_words_though_another_has_its_id_now() -> None:
    data = NOVEMBER.plan.content()
    data["people"] = [data["people"][0], data["people"][-1]]
    (review,) = data["reviews"] = data["reviews"][1:2]
    review["signatories"] = [data["people"][1]["id"]]
    other = {"id": "autumn", "title": "Autumn fair", "statements": ["We shall have cake."]}
    data["reviews"].append(review | other)

    def act(data: Data) -> None:
        for key in ("people", "reviews"):
            gone, kept = data[key]
            data[key] = [kept | {"id": gone["id"]}]
        data["reviews"][0]["signatories"] = [data["people"][0]["id"]]

    people, reviews = changed_places(edited(act, of=a_version(data)))
    (person, (one,)), (title, (other_one,)) = *people.changes, *reviews.changes
    assert (person, one.note) == ("Person: Carole Clemens", "removed")
    assert words(one).startswith("Carole Clemens · Head Teacher")
    assert (title, other_one.note) == ("Review: November 2017, head teachers", "removed")
    assert words(other_one).startswith("THIS ACTION PLAN WAS MONITORED")
    assert words(other_one).endswith("To be signed by Kevin Snow.")


def test_a_block_that_went_to_another_area_is_told_in_both() -> None:
    def act(data: Data) -> None:
        areas = {one["id"]: one["actions"] for one in data["areas"]}
        areas["cpd"].append(areas["staff"].pop())

    staff, cpd = changed_places(edited(act))
    assert [one.note.partition(",")[0] for one in (*told(staff), *told(cpd))] == [
        *("moved to CPD", "moved from Staff"),
    ]
    assert {part.kind for one in (*told(staff), *told(cpd)) for part in one.words} == {"same"}


def test_a_split_paragraph_is_told_once_with_both_its_parts() -> None:
    def act(data: Data) -> None:
        cell = data["areas"][0]["key"]
        first, rest = cell[0]["paragraph"].split(", ", 1)
        cell[0]["paragraph"] = f"{first},"
        cell.insert(1, {"id": "rest", "paragraph": rest})

    one = only(act)
    assert (one.mark, one.note) == ("split", "split in two, no words lost")
    assert words(one).split() == NOVEMBER.plan.areas[0].key[0].text.split()


@pytest.mark.parametrize(
    ("act", "note"),
    [
        (lambda data: data["areas"].append(data["areas"].pop(0)), "moved in the table"),
        (lambda data: data["areas"][0].update(name="Safety"), "renamed"),
        (lambda data: data["areas"][0].update(links=[1]), "other links"),
        (lambda data: data["areas"][0].update(links=[2, 1, 5, 10]), "links in another order"),
    ],
)
def test_what_became_of_an_area_itself_is_told(act: Callable[[Data], object], note: str) -> None:
    assert only(act).note == note


def test_whatever_became_of_a_plan_each_line_of_it_is_told_once() -> None:
    for old, new in pairs(40, seed=51):
        found = compare(old, new)
        shown = [one for place in changed_places(found) if place.area for one in told(place)]
        lines = [
            line
            for area in found.areas
            for line in area.lines
            if not line.same and not line.divided and not (line.moved == WITHIN and not line.new)
        ]
        divided = [one for one in found.changes if one.action in ("split", "joined")]
        areas = [one for one in found.changes if one.where.part == "area" and one.value]
        assert len(shown) == len(lines) + len(divided) + len(areas)
        around = [one for place in changed_places(found) if not place.area for one in told(place)]
        assert len(around) == len(found.before) + len(found.after)
