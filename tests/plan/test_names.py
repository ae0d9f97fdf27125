"""People read names and titles, and two people of one name are told apart."""

from __future__ import annotations

from typing import Any

import pytest
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Plan
from signed_plan.plan.names import NamesById, name_of, names_of
from signed_plan.plan.source import load_one

from tests.helpers import REPO

PLAN = load_one(PlanFolder(REPO), "2017-11").plan


def with_people(*changes: dict[str, Any]) -> Plan:
    people = [
        person.model_copy(update=change)
        for person, change in zip(PLAN.people, [*changes, {}, {}, {}, {}], strict=False)
    ]
    return PLAN.model_copy(update={"people": tuple(people)})


def test_a_name_alone_is_enough_where_nobody_else_has_it() -> None:
    assert names_of(PLAN).person("carole-clemens") == "Carole Clemens"
    assert names_of(PLAN).review("november-2017-jcc") == "14th November 2017, JCC"


ANN = {"name": "Ann Lee"}
CASES = [
    (({**ANN, "role": "Head Teacher"}, {**ANN, "role": "Governor"}), "Ann Lee (Head Teacher)"),
    (
        (
            {**ANN, "role": "Head Teacher", "school": PLAN.schools[0].id},
            {**ANN, "role": "Head Teacher", "school": PLAN.schools[1].id},
        ),
        f"Ann Lee (Head Teacher, {PLAN.schools[0].name})",
    ),
    (
        (
            {**ANN, "id": "ann", "role": "Chair", "school": PLAN.schools[0].id},
            {**ANN, "id": "ann-2", "role": "Chair", "school": PLAN.schools[0].id},
        ),
        f"Ann Lee (Chair, {PLAN.schools[0].name}, ann)",
    ),
]


@pytest.mark.parametrize(("people", "told"), CASES, ids=["role", "school", "id"])
def test_two_of_one_name_are_told_apart(people: tuple[dict[str, Any], ...], told: str) -> None:
    plan = with_people(*people)
    first, second, *_ = plan.people
    assert name_of(plan, first) == told
    assert name_of(plan, second) != told
    assert name_of(plan, second).startswith("Ann Lee (")


def test_an_id_that_is_not_known_is_its_own_name() -> None:
    assert NamesById().person("ann") == "ann"
