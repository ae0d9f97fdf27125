"""What stands above and below the table, entry by entry."""

from __future__ import annotations

from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Scale

from tests.compare.helpers import Brief, Data, brief, edited, only
from tests.compare.random_plans import a_version
from tests.plan.helpers import small_data


def test_a_line_of_the_title_block_may_be_added_and_removed() -> None:
    def amend(data: Data) -> None:
        data["amendment"] = "Amended in spring"

    change = edited(amend).changes[0]
    assert (change.where.part, change.value, change.action) == ("title", "amendment", "added")
    back = compare(a_version(small_data() | {"amendment": "Amended"}), a_version(small_data()))
    assert only(back) == ("title", "title", "amendment", "removed", Scale.SUBSTANTIVE)


def test_a_renamed_school_or_person_is_one_change_and_not_one_wherever_it_is_named() -> None:
    def rename(data: Data) -> None:
        data["schools"][0]["name"], data["people"][0]["name"] = (
            "North School Academy",
            "Ann Lee-Ray",
        )
        data["schools"][0]["id"] = data["people"][0]["school"] = "north-academy"
        data["people"][0]["id"] = data["reviews"][0]["signatories"][0] = "renumbered"

    assert brief(edited(rename).changes) == [
        ("school", "north-academy", "name", "changed", Scale.SUBSTANTIVE),
        ("person", "renumbered", "name", "changed", Scale.SUBSTANTIVE),
    ]


def test_who_signs_and_in_what_order_counts() -> None:
    def signatories(*ids: str) -> tuple[Brief, str]:
        found = edited(lambda data: data["reviews"][0].update(signatories=[*ids]))
        return only(found), found.changes[0].new

    change = ("review", "spring", "signatories", "changed", Scale.SUBSTANTIVE)
    assert signatories("bob", "ann") == (change, "Bob Ray, Ann Lee")
    assert signatories("ann") == (change, "Ann Lee")


def test_whoever_takes_another_s_place_has_not_only_been_renamed() -> None:
    """The one who left and the one who came have nothing in common but the place."""

    def replace(data: Data) -> None:
        data["people"][1] = {"id": "eva", "name": "Eva Moss", "role": "Bursar", "school": "south"}
        data["reviews"][0]["signatories"] = ["ann", "eva"]

    assert [one[:4] for one in brief(edited(replace).changes)] == [
        ("person", "bob", "", "removed"),
        ("person", "eva", "", "added"),
        ("review", "spring", "signatories", "changed"),
    ]


def objectives(*texts: str) -> tuple[Brief, ...]:
    """What becomes of the objectives Learning and Teaching, which no area links to."""

    def act(data: Data) -> None:
        data["objectives"] = [{"number": at, "text": text} for at, text in enumerate(texts, 1)]

    data = small_data()
    for area in data["areas"]:
        area["links"] = []
    old = a_version(data)
    act(data)
    return tuple(brief(compare(old, a_version(data)).changes))


def test_an_objective_put_in_front_is_the_only_change_though_all_are_numbered_anew() -> None:
    added = ("objective", "1", "", "added", Scale.SUBSTANTIVE)
    assert objectives("Reading", "Learning", "Teaching") == (added,)


def test_objectives_in_another_order_have_moved() -> None:
    (change,) = objectives("Teaching", "Learning")
    assert change[2:] == ("order", "moved", Scale.LAYOUT)


def test_an_objective_that_is_not_alike_is_another_one_whatever_its_number() -> None:
    assert [one[3] for one in objectives("Learning", "Cooking")] == ["removed", "added"]
    assert [one[3] for one in objectives("Learning", "Teaching well")] == ["changed"]
