"""Every line of a version: since when its words stand there, and who has signed them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from signed_plan.compare.compare import compare
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version, load
from signed_plan.register.chain import Register, read
from signed_plan.report.trace import Signer, Traced, trace

from tests.compare.random_plans import a_version
from tests.lifecycle.helpers import register_of
from tests.plan.helpers import real_plan, small_data
from tests.register.sample_events import enter
from tests.story import Story

Data = dict[str, Any]

JULY, NOVEMBER = load(real_plan())
FIRST, SECOND, THIRD = "2018-03", "2018-07", "2018-11"


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return read(tmp_path / "register.jsonl")


def sign(register: Register, version: str, person: str, review: str = "spring") -> Register:
    return enter(register, "signed", version, review=review, person=person)


def chain(*acts: Callable[[Data], object]) -> Version:
    """The small plan as it is after those acts, each a version of its own."""
    data = small_data()
    version = a_version(data)
    for name, act in zip((SECOND, THIRD), acts, strict=False):
        act(data)
        data |= {"version": name, "supersedes": version.name}
        data["reviews"][0]["version"] = name
        version = a_version(data, version)
    return version


def nothing(_: Data) -> None:
    """Leaves all as it is."""


def say(text: str) -> Callable[[Data], None]:
    """Gives one line other words."""
    return lambda data: cell(data, 0, "actions")[1].update(bullet=text)


def cell(data: Data, area: int, name: str) -> list[Data]:
    found: list[Data] = data["areas"][area][name]
    return found


def since(version: Version, register: Register) -> dict[str, str]:
    """Since when each block is there."""
    traced = trace(version, register)
    return {one.line.id: one.since for one in traced if one.line.part == "block"}


def everything(version: Version, register: Register) -> dict[tuple[str, str], str]:
    """Since when each text is there, by its id and value."""
    return {(one.line.id, one.line.value): one.since for one in trace(version, register)}


def signers(lines: tuple[Traced, ...], block: str = "staff-meet") -> list[tuple[str, ...]]:
    """Who has signed a line, each followed by the versions."""
    (line,) = [line for line in lines if line.line.id == block]
    return [(signer.name, *signer.versions) for signer in line.signers]


# Since when


def test_july_s_words_are_since_july_and_november_s_since_november(register: Register) -> None:
    july = {block.id for area in JULY.plan.areas for block in area.blocks}
    traced = since(NOVEMBER, register)
    assert {id_ for id_, name in traced.items() if name == JULY.name} == july
    assert {name for id_, name in traced.items() if id_ not in july} == {NOVEMBER.name}
    assert {*since(JULY, register).values()} == {JULY.name}


def test_every_line_is_told_once_in_the_document_s_order(register: Register) -> None:
    plan = NOVEMBER.plan
    lines = [one.line for one in trace(NOVEMBER, register) if one.line.part == "block"]
    assert [(line.area, line.heading, line.id, line.text) for line in lines] == [
        (area, getattr(plan.columns, name), block.id, block.text)
        for area in plan.areas
        for name in CELLS
        for block in getattr(area, name)
    ]


def test_a_version_that_supersedes_none_is_the_beginning_of_all(register: Register) -> None:
    assert {*since(chain(), register).values()} == {FIRST}


@pytest.mark.parametrize("text", ["Meet each year", "Meet each  term", "Meet each term."])
def test_words_that_were_changed_at_all_are_since_then(register: Register, text: str) -> None:
    traced = since(chain(nothing, say(text)), register)
    assert traced.pop("staff-meet") == THIRD
    assert {*traced.values()} == {FIRST}
    assert since(chain(say(text), nothing), register)["staff-meet"] == SECOND


def test_words_that_went_and_came_again_are_since_they_came_again(register: Register) -> None:
    again = chain(say("Share good practice"), say("Meet each term"))
    assert since(again, register)["staff-meet"] == THIRD


def test_a_line_taken_out_and_put_in_again_is_since_it_was_put_in(register: Register) -> None:
    taken: list[Data] = []
    again = chain(
        lambda data: taken.append(cell(data, 0, "actions").pop(1)),
        lambda data: cell(data, 0, "actions").insert(1, taken[0]),
    )
    assert since(again, register)["staff-meet"] == THIRD


def test_a_line_that_moved_within_its_cell_or_took_another_form_says_what_it_said(
    register: Register,
) -> None:
    def act(data: Data) -> None:
        block = cell(data, 0, "actions").pop(1)
        cell(data, 0, "actions").append({"id": block["id"], "heading": block["bullet"]})

    assert since(chain(act, nothing), register)["staff-meet"] == FIRST


@pytest.mark.parametrize("place", [(0, "impact"), (1, "actions")])
def test_a_line_that_moved_to_another_cell_is_there_since_it_came(
    register: Register, place: tuple[int, str]
) -> None:
    def move(data: Data) -> None:
        cell(data, *place).append(cell(data, 0, "actions").pop(1))

    once = sign(register, FIRST, "ann")
    lines = trace(chain(move, nothing), once)
    assert {one.since for one in lines if one.line.id == "staff-meet"} == {SECOND}
    assert signers(lines) == [], "who signed it as an action has not signed it as an impact"
    assert signers(lines, "staff-tour") == [("Ann Lee", FIRST)]


# Title, objectives and links


def swap(data: Data) -> None:
    one, other = data["objectives"]
    one["text"], other["text"] = other["text"], one["text"]


def test_title_headings_objectives_names_and_links_are_traced(register: Register) -> None:
    traced = everything(chain(), register)
    assert set(traced) >= {
        *(("title", name) for name in ("title", "period", "overriding-objective")),
        *(("columns", name) for name in ("reference", *CELLS)),
        *(("1", "text"), ("2", "text"), ("staff", "name"), ("staff", "links")),
    }
    assert ("title", "amendment") not in traced, "it has none"


def test_another_title_and_another_objective_are_since_then(register: Register) -> None:
    def act(data: Data) -> None:
        data["title"], data["objectives"][0]["text"] = "Another Plan", "Learning well"
        data["columns"]["key"] = "Aims"

    traced = everything(chain(nothing, act), register)
    assert {way for way, name in traced.items() if name == THIRD} == {
        *(("title", "title"), ("1", "text"), ("columns", "key")),
    }


def test_links_are_since_they_mean_these_objectives_whatever_their_numbers(
    register: Register,
) -> None:
    traced = everything(chain(nothing, swap), register)
    assert traced["parents", "links"] == THIRD, "2 means another objective"
    assert traced["staff", "links"] == FIRST, "1 and 2 are both still linked to"
    assert {traced["1", "text"], traced["2", "text"]} == {FIRST}

    def renumber(data: Data) -> None:
        swap(data)
        data["areas"][1]["links"] = [1]

    assert {*everything(chain(nothing, renumber), register).values()} == {FIRST}


def test_a_comparison_at_hand_is_not_made_again(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = chain(say("Meet each year"), nothing)
    known = [compare(older, newer) for newer, older in pairwise([version, *version.ancestors()])]
    expected = trace(version, register)
    monkeypatch.setattr("signed_plan.report.trace.compare", None)
    assert trace(version, register, known) == expected


def test_a_line_that_lost_its_id_says_what_it_said(register: Register) -> None:
    def lose(data: Data) -> None:
        cell(data, 0, "actions")[1]["id"] = "renumbered"

    def lose_again(data: Data) -> None:
        cell(data, 0, "actions")[1]["id"] = "renumbered-again"

    assert since(chain(lose, lose_again), register)["renumbered-again"] == FIRST


def test_new_words_under_the_id_of_others_are_since_they_came(register: Register) -> None:
    def exchange(data: Data) -> None:
        meet, tour = cell(data, 0, "actions")[1:]
        meet["id"], tour["id"] = tour["id"], meet["id"]

    assert {*since(chain(exchange), register).values()} == {FIRST}
    assert since(chain(exchange, say("Share")), register) == {
        **dict.fromkeys(since(chain(), register), FIRST),
        "staff-tour": THIRD,
    }


# Who has signed


def test_where_nobody_has_signed_nobody_is_named(register: Register) -> None:
    assert {line.signers for line in trace(NOVEMBER, register)} == {()}


def test_who_signed_an_earlier_version_has_signed_the_words_that_it_held(
    register: Register,
) -> None:
    lines = trace(chain(nothing), sign(register, FIRST, "ann"))
    assert {line.signers for line in lines} == {(Signer("Ann Lee", (FIRST,)),)}


def test_who_signed_other_words_has_not_signed_these(register: Register) -> None:
    once = sign(register, FIRST, "ann")
    lines = trace(chain(say("Meet each year")), once)
    assert signers(lines) == []
    assert signers(lines, "staff-tour") == [("Ann Lee", FIRST)]
    assert signers(trace(chain(say("Meet each year")), sign(once, SECOND, "bob"))) == [
        ("Bob Ray", SECOND)
    ]


def test_a_signature_on_a_later_version_says_nothing_about_an_earlier_one(
    register: Register,
) -> None:
    later = sign(register, SECOND, "ann")
    assert {line.signers for line in trace(chain(), later)} == {()}


def test_a_line_between_two_edits_is_signed_by_those_of_that_time_alone(
    register: Register,
) -> None:
    for name in (FIRST, SECOND, THIRD):
        register = sign(register, name, "ann")
    version = chain(say("Meet each year"), nothing)
    assert signers(trace(version, register)) == [("Ann Lee", SECOND, THIRD)]


def test_the_first_to_sign_stands_first_with_the_oldest_version_first(register: Register) -> None:
    for version, person in ((THIRD, "ann"), (SECOND, "bob"), (THIRD, "bob")):
        register = sign(register, version, person)
    assert signers(trace(chain(nothing, nothing), register)) == [
        ("Bob Ray", SECOND, THIRD),
        ("Ann Lee", THIRD),
    ]


def test_who_signed_two_reviews_of_one_version_is_named_once(register: Register) -> None:
    for review in ("november-2017-heads", "november-2017-jcc"):
        register = sign(register, NOVEMBER.name, "carole-clemens", review)
    lines = trace(NOVEMBER, register)
    assert {line.signers for line in lines} == {(Signer("Carole Clemens", (NOVEMBER.name,)),)}


def test_who_declined_has_not_signed(register: Register) -> None:
    signed = sign(register, FIRST, "ann")
    declined = enter(signed, "declined", FIRST, review="spring", person="ann")
    assert {line.signers for line in trace(chain(), declined)} == {()}
    assert signers(trace(chain(), sign(declined, FIRST, "ann"))) == [("Ann Lee", FIRST)]


def test_who_has_another_name_by_now_is_one_person_under_that_name(register: Register) -> None:
    both = sign(sign(register, FIRST, "ann"), SECOND, "ann")
    married = chain(lambda data: data["people"][0].update(name="Ann Lee-Ray"))
    assert signers(trace(married, both)) == [("Ann Lee-Ray", FIRST, SECOND)]


def test_two_people_of_one_name_are_two(register: Register) -> None:
    both = sign(sign(register, FIRST, "ann"), SECOND, "bob")
    namesakes = chain(lambda data: data["people"][1].update(name="Ann Lee"))
    assert signers(trace(namesakes, both)) == [
        ("Ann Lee (Head Teacher, North School)", FIRST),
        ("Ann Lee (Head Teacher, South School)", SECOND),
    ]


# A plan that was really signed


@pytest.fixture(scope="module")
def signed(story: Story) -> PlanFolder:
    """July, issued and signed by one of the four."""
    return story.at("july, Carole")


def test_july_s_words_are_signed_and_november_s_stand_out(signed: PlanFolder) -> None:
    july, november = load(signed)
    carole = (Signer("Carole Clemens", (july.name,)),)
    register = register_of(signed)
    assert {line.signers for line in trace(july, register)} == {carole}
    assert {(line.since, line.signers) for line in trace(november, register)} == {
        (july.name, carole),
        (november.name, ()),
    }


def test_once_the_heads_have_signed_november_no_line_stands_out(signed: PlanFolder) -> None:
    july, november = load(signed)
    register = register_of(signed)
    for person in ("sally-beardsley", "carole-clemens"):
        register = sign(register, november.name, person, "november-2017-heads")
    sally = Signer("Sally Beardsley", (november.name,))
    assert {(line.since, line.signers) for line in trace(november, register)} == {
        (july.name, (Signer("Carole Clemens", (july.name, november.name)), sally)),
        (november.name, (Signer("Carole Clemens", (november.name,)), sally)),
    }
