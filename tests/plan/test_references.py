from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_plan.plan.model import CELLS, KINDS
from signed_plan.plan.references import find_broken

from tests.plan.helpers import UNTIMED, small_data

slow = pytest.mark.slow("tries many made-up texts")


def broken(data: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Where something is wrong, and what."""
    return [(*way, message) for way, message, _ in find_broken(data)]


def test_nothing_is_wrong_with_a_plan_that_holds_together() -> None:
    assert broken(small_data()) == []


@pytest.mark.parametrize("kind", ["schools", "people", "areas", "reviews"])
def test_an_id_given_twice_is_refused_in_every_kind(kind: str) -> None:
    data = small_data()
    first = data[kind][0]
    data[kind].append({**first, **{cell: [] for cell in CELLS}})

    where = (kind, len(data[kind]) - 1, "id")
    assert broken(data) == [(*where, f'the id "{first["id"]}" is given a second time')]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("area", [0, 1])
def test_a_blocks_id_is_given_once_in_the_whole_table(area: int, cell: str) -> None:
    data = small_data()
    used = data["areas"][0]["key"][0]["id"]
    data["areas"][area][cell].append({"id": used, "bullet": "words"})

    at = len(data["areas"][area][cell]) - 1
    assert broken(data) == [
        ("areas", area, cell, at, "id", f'the id "{used}" is given a second time')
    ]


def test_an_id_given_three_times_is_named_twice() -> None:
    data = small_data()
    data["people"] += [dict(data["people"][0]), dict(data["people"][0])]

    assert [way[:2] for way in broken(data)] == [("people", 2), ("people", 3)]


def test_the_same_id_may_be_used_in_two_kinds() -> None:
    data = small_data()
    data["areas"][0]["id"] = data["people"][0]["id"]

    assert broken(data) == []


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        (["1", "1"], [(1, "objective number 1 stands where number 2 belongs")]),
        (["2", "3"], [(0, "objective number 2 stands where number 1 belongs")]),
        (["1", "3"], [(1, "objective number 3 stands where number 2 belongs")]),
    ],
)  # fmt: skip
def test_the_first_objective_out_of_order_is_named(
    numbers: list[str], wrong: list[tuple[int, str]]
) -> None:
    data = small_data()
    for objective, number in zip(data["objectives"], numbers, strict=True):
        objective["number"] = number
    for area in data["areas"]:
        area["links"] = []

    assert broken(data) == [("objectives", at, "number", message) for at, message in wrong]


def test_an_unknown_objective_is_refused() -> None:
    data = small_data()
    data["areas"][1]["links"] = ["2", "3", "11"]

    assert broken(data) == [
        ("areas", 1, "links", 1, "there is no objective number 3"),
        ("areas", 1, "links", 2, "there is no objective number 11"),
    ]


def test_the_remedy_for_an_unknown_objective_names_the_known_ones() -> None:
    data = small_data()
    data["areas"][1]["links"] = ["3"]

    assert [remedy for _, _, remedy in find_broken(data)] == [
        "Write a number from 1 to 2, or add the objective."
    ]


def test_an_objective_is_linked_once() -> None:
    data = small_data()
    data["areas"][0]["links"] = ["1", "2", "1"]

    assert broken(data) == [("areas", 0, "links", 2, "objective 1 is linked twice")]


def test_what_is_no_number_is_left_to_the_model() -> None:
    data = small_data()
    data["areas"][0]["links"] = ["one", "01", "0"]
    data["objectives"].append({"number": "three", "text": "words"})
    data["objectives"].append({"number": ["4"], "text": "words"})

    assert broken(data) == []


def test_an_unknown_school_is_refused_and_the_known_ones_named() -> None:
    data = small_data()
    data["people"][1]["school"] = "west"

    ((way, message, remedy),) = find_broken(data)
    assert (way, message) == (("people", 1, "school"), 'there is no school with the id "west"')
    assert remedy == "The ids are: north, south."


def test_an_unknown_person_is_refused_and_the_known_ones_named() -> None:
    data = small_data()
    data["reviews"][0]["signatories"] = ["ann", "eve"]

    ((way, message, remedy),) = find_broken(data)
    assert way == ("reviews", 0, "signatories", 1)
    assert message == 'there is no person with the id "eve"'
    assert remedy == "The ids are: ann, bob."


def test_a_person_signs_a_review_once() -> None:
    data = small_data()
    data["reviews"][0]["signatories"] = ["ann", "bob", "ann"]

    assert broken(data) == [
        ("reviews", 0, "signatories", 2, 'the signatory "ann" is given a second time')
    ]


@pytest.mark.parametrize("kinds", [[], ["bullet", "paragraph"], list(KINDS)], ids=len)
def test_a_block_of_no_kind_or_of_two_is_found_even_without_an_id(kinds: list[str]) -> None:
    data = small_data()
    data["areas"][1]["impact"] = [dict.fromkeys(kinds, "words")]

    (found,) = broken(data)
    assert found[:-1] == ("areas", 1, "impact", 0)
    assert found[-1] == "a block is exactly one of paragraph, heading, bullet and sub-bullet"


@pytest.mark.parametrize("missing", ["schools", "people", "objectives", "areas", "reviews"])
@pytest.mark.parametrize("instead", [None, "", {}])
def test_nothing_is_said_of_references_to_a_list_that_is_not_there(
    missing: str, instead: object
) -> None:
    data = small_data()
    del data[missing]
    if instead is not None:
        data[missing] = instead

    assert broken(data) == []


KEYS = st.sampled_from(
    (*"schools people objectives areas reviews id school links number".split(), *CELLS, *KINDS)
)
DATA = st.recursive(
    st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@slow
@settings(UNTIMED)
@given(st.dictionaries(KEYS, DATA, max_size=5))
def test_data_of_any_shape_is_looked_through(data: dict[str, Any]) -> None:
    for way, message, remedy in find_broken(data):
        assert way[0] in data
        assert message
        assert remedy
