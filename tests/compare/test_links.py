"""The links of an area to objectives, by what they mean: a number alone means nothing.

In the small plan, Staff serves 1 Learning and 2 Teaching, and Parents serves 2 Teaching.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from signed_plan.compare.changes import Change, Comparison
from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Scale
from signed_plan.plan.source import Version, load

from tests.compare.helpers import Data, edited
from tests.compare.random_plans import a_version, pairs
from tests.plan.helpers import real_plan, small_data

_, NOVEMBER = load(real_plan())


def put_in_front(data: Data, text: str = "Reading") -> None:
    data["objectives"].insert(0, {"number": 0, "text": text})
    for number, objective in enumerate(data["objectives"], 1):
        objective["number"] = number


def swap(data: Data, one: int = 0, other: int = 1) -> None:
    first, second = data["objectives"][one], data["objectives"][other]
    first["text"], second["text"] = second["text"], first["text"]


def links(found: Comparison) -> dict[str, Change]:
    return {one.where.id: one for one in found.changes if one.value == "links"}


def told(found: Comparison) -> dict[str, tuple[str, str, Scale]]:
    return {area: (one.old, one.new, one.scale) for area, one in links(found).items()}


def test_two_objectives_swapped_under_unchanged_numbers_change_the_areas_that_link_to_one() -> None:
    found = edited(swap)
    assert told(found) == {
        "parents": ("Objective 2 (“Teaching”)", "Objective 2 (“Learning”)", Scale.SUBSTANTIVE)
    }
    assert [area.now_points_elsewhere for area in found.areas] == [False, True]
    assert found.areas[1].status == "changed"


def test_an_objective_put_in_front_with_links_left_changes_each_area_that_has_links() -> None:
    found = edited(put_in_front)
    assert told(found) == {
        "staff": (
            "Objective 1 (“Learning”), Objective 2 (“Teaching”)",
            "Objective 1 (“Reading”), Objective 2 (“Learning”)",
            Scale.SUBSTANTIVE,
        ),
        "parents": ("Objective 2 (“Teaching”)", "Objective 2 (“Learning”)", Scale.SUBSTANTIVE),
    }
    assert all(area.now_points_elsewhere for area in found.areas)
    assert found.renumbered == {"1": "2", "2": "3"}


@pytest.mark.parametrize("move", [put_in_front, swap])
def test_links_that_follow_their_objectives_are_no_change(move: Callable[[Data], None]) -> None:
    def act(data: Data) -> None:
        move(data)
        numbers = {"Learning": 0, "Teaching": 0}
        numbers |= {one["text"]: one["number"] for one in data["objectives"]}
        data["areas"][0]["links"] = [numbers["Learning"], numbers["Teaching"]]
        data["areas"][1]["links"] = [numbers["Teaching"]]

    found = edited(act)
    assert links(found) == {}
    assert {area.status for area in found.areas} == {"unchanged"}
    assert found.recognised == (), "a number is no id that could be lost"
    assert {one.where.part for one in found.changes} == {"objective"}


def test_renumbering_alone_is_layout() -> None:
    def act(data: Data) -> None:
        swap(data)
        data["areas"][1]["links"] = [1]

    assert edited(act).scale is Scale.LAYOUT


@pytest.mark.parametrize(
    ("area", "numbers", "action", "now"),
    [
        (0, [1], "changed", "Objective 1"),
        (0, [2], "changed", "Objective 2"),
        (0, [], "removed", ""),
        (1, [2, 1], "changed", "Objective 2, Objective 1 (“Learning”)"),
        (1, [1], "changed", "Objective 1 (“Learning”)"),
    ],
)
def test_other_links_are_told_with_the_words_of_what_came_and_went(
    area: int, numbers: list[int], action: str, now: str
) -> None:
    (change,) = edited(lambda data: data["areas"][area].update(links=numbers)).changes
    assert (change.where.id, change.value) == (("staff", "parents")[area], "links")
    assert (change.action, change.new, change.scale) == (action, now, Scale.SUBSTANTIVE)
    assert (
        not edited(lambda data: data["areas"][area].update(links=numbers))
        .areas[area]
        .now_points_elsewhere
    )


def test_links_in_another_order_are_layout() -> None:
    (change,) = edited(lambda data: data["areas"][0].update(links=[2, 1])).changes
    assert (change.value, change.scale) == ("links", Scale.LAYOUT)


def test_an_objective_that_another_took_the_place_of_changes_the_areas_that_link_to_it() -> None:
    found = edited(lambda data: data["objectives"][0].update(text="Serving good lunches"))
    assert [(one.action, one.old, one.new) for one in found.before] == [
        ("removed", "Learning", ""),
        ("added", "", "Serving good lunches"),
    ]
    assert list(links(found)) == ["staff"]


def test_objectives_of_similar_words_are_told_apart_when_they_are_swapped() -> None:
    data = small_data()
    for objective, subject in zip(data["objectives"], ("reading", "writing"), strict=True):
        objective["text"] = f"Improving {subject} in all classes of both schools"
    old = a_version(data)
    swap(data)
    found = compare(old, a_version(data))
    assert [(one.where.part, one.action) for one in found.changes] == [
        ("objective", "moved"),
        ("area", "changed"),
    ]


def test_in_the_real_plan_the_areas_that_point_elsewhere_are_those_that_link_to_one_of_both() -> (
    None
):
    data = NOVEMBER.plan.content()
    swap(data, 5, 6)
    found = compare(NOVEMBER, a_version(data))
    affected = {area.id for area in NOVEMBER.plan.areas if len({6, 7} & set(area.links)) == 1}
    assert len(affected) > 2
    assert set(links(found)) == affected
    assert {area.area.id for area in found.areas if area.status == "changed"} == affected


def meant(version: Version, area: int) -> set[str]:
    plan = version.plan
    return {plan.objectives[number - 1].text for number in plan.areas[area].links}


@pytest.mark.slow("builds, signs, or starts a process")
def test_whatever_becomes_of_objectives_links_differ_where_their_words_do() -> None:
    for old, new in pairs(150, seed=31):
        found = compare(old, new)
        now = found.ids["objective"]
        for row in found.areas:
            if row.old and row.new:
                before = {now.get(str(link), "gone") for link in row.old.links}
                differs = before != {str(link) for link in row.new.links}
                change = links(found).get(row.new.id)
                assert differs == (change is not None and change.scale is Scale.SUBSTANTIVE)
