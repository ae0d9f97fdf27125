from __future__ import annotations

import json
from pathlib import Path

import pytest
from signed_plan.errors import Problem
from signed_plan.paths import PlanFolder
from signed_plan.plan.advice import advise
from signed_plan.plan.next_version import start_version
from signed_plan.plan.source import load

from tests.helpers import copy_plan, edit
from tests.plan.helpers import SMALL, load_one, real_plan, small_plan


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def advice(folder: PlanFolder, *texts: str) -> list[Problem]:
    """The advice on the small plan, with these texts in place of its first."""
    blocks = "".join(
        f"      - id: new-{number}\n        bullet: {json.dumps(text, ensure_ascii=False)}\n"
        for number, text in enumerate(texts)
    )
    areas = folder.source / SMALL / "areas.yaml"
    if texts:
        edit(areas, "      - id: staff-share\n        paragraph: Share what works\n", blocks)
    return advise(load_one(folder))


def messages(folder: PlanFolder, *texts: str) -> list[str]:
    return [one.message for one in advice(folder, *texts)]


def test_there_is_nothing_to_advise_on_a_plan_without_slips(folder: PlanFolder) -> None:
    assert messages(folder) == []


def test_advice_names_the_place_and_the_line(folder: PlanFolder) -> None:
    (one,) = advice(folder, "A good text", "Impact top date")

    assert one.place == f"source/{SMALL}/areas.yaml:9:17"
    assert one.text == '        bullet: "Impact top date"'
    assert one.message == '"top date" may be meant to be "to date": "…Impact top date…"'


def test_advice_changes_nothing(folder: PlanFolder) -> None:
    edit(folder.source / SMALL / "areas.yaml", "Share what works", "Impact top date in")
    before = {path: path.read_bytes() for path in folder.source.rglob("*.yaml")}

    assert len(messages(folder)) == 2
    assert {path: path.read_bytes() for path in folder.source.rglob("*.yaml")} == before


@pytest.mark.parametrize(
    ("text", "oddity"),
    [
        ("The impact top date is good", '"top date" may be meant to be "to date"'),
        ("Training (e.g spelling)", "the abbreviation has no full stop at its end"),
        ("Training, i.e spelling", "the abbreviation has no full stop at its end"),
        ("Visits to each others schools", "an apostrophe may be missing"),
        ("The main aspects of each settings plan", "an apostrophe may be missing"),
        ("Agreed by both school", "a plural may be missing after both"),
        ("Agreed by both governor", "a plural may be missing after both"),
        ("Meet in the the hall", "the same word stands twice"),
        ("Meet  each term", "there is more than one space in a row"),
        ("“Share what works”", "the curly quotation marks around the text will be printed"),
        ("Good practice being in", "the text seems to break off"),
        ("Share what works with the", "the text seems to break off"),
    ],
)
def test_a_likely_slip_is_advised_of(folder: PlanFolder, text: str, oddity: str) -> None:
    (message,) = messages(folder, text)

    assert message.startswith(f'{oddity}: "…')


@pytest.mark.parametrize(
    "text",
    [
        "The impact to date is good",
        "Training, e.g. spelling, i.e. letters",
        "Visit each other's schools",
        "Look at each school's plan",
        "Look at each schools' plan",
        "One for each class and each business",
        "Agreed by both schools and both governors",
        "Meet in the hall, then the library",
        "It was said that this is the theme",
        "Good practice comes in.",
        "Come in today",
        "T&L, SCR – reviewed, 30 Hrs",
    ],
)
def test_what_is_right_is_not_advised_of(folder: PlanFolder, text: str) -> None:
    assert messages(folder, text) == []


def test_every_slip_of_a_text_is_advised_of(folder: PlanFolder) -> None:
    found = messages(folder, "For both school, each others school, e.g this and")

    assert sorted(message.split(":")[0] for message in found) == [
        "a plural may be missing after both",
        "an apostrophe may be missing",
        "the abbreviation has no full stop at its end",
        "the text seems to break off",
    ]


def test_slips_are_looked_for_in_every_text(folder: PlanFolder) -> None:
    version = folder.source / SMALL
    edit(version / "plan.yaml", "impact: Impact", "impact: Impact top date")
    edit(version / "people.yaml", "name: South School", "name: South  School")
    edit(version / "reviews.yaml", "We agree", "We agree to")
    edit(version / "objectives.yaml", "text: Teaching", "text: Teaching for for all")

    files = [one.file.split("/")[-1] for one in advice(folder)]
    assert files == ["objectives.yaml", "people.yaml", "plan.yaml", "reviews.yaml"]


def test_a_name_spelt_two_ways_is_advised_of_where_it_is_rarer(folder: PlanFolder) -> None:
    found = advice(folder, "Go to Bank Road", "Meet at Banks Road", "See Banks Road again")

    assert [(one.line, one.message) for one in found] == [
        (7, '"Bank Road" is spelt "Banks Road" elsewhere')
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sally Beardsley", "Sally Beardsly"),
        ("Kevin Snow", "Kevin Show"),
        ("Andy Hitchcock", "Andi Hitchcock"),
        ("William Lilley", "Wiliam Lilley"),
    ],
)
def test_names_one_letter_apart_are_advised_of(folder: PlanFolder, one: str, other: str) -> None:
    (message,) = messages(folder, f"ask {one} first", f"ask {other} too", f"then {one}")

    assert message == f'"{other}" is spelt "{one}" elsewhere'


def test_a_name_is_found_within_a_longer_one(folder: PlanFolder) -> None:
    found = messages(folder, "The Bank Road School", "Banks Road")

    assert found == ['"Bank Road" is spelt "Banks Road" elsewhere']


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Head Teacher", "Head Teachers"),
        ("Bank Road", "Bank Street"),
        ("Bank Road", "Brink Road"),
        ("Bank Road", "bank road"),
        ("Ann Lee", "Ann Lee"),
    ],
)
def test_plurals_and_other_names_are_not_advised_of(
    folder: PlanFolder, one: str, other: str
) -> None:
    assert messages(folder, f"see {one}", f"see {other}") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Meet on Monday 23 January 2018", "23 January 2018 is a Tuesday, not a Monday"),
        ("Meet on Friday 29th February 2016", "29 February 2016 is a Monday, not a Friday"),
        ("Meet on Sunday, 1st of May 2017", "1 May 2017 is a Monday, not a Sunday"),
        ("Meet on Monday the 3rd of May, 2017", "3 May 2017 is a Wednesday, not a Monday"),
        ("Meet on Friday 30 February 2018", "there is no 30 February 2018"),
        ("Meet on Monday 0 May 2018", "there is no 0 May 2018"),
    ],
)
def test_a_date_that_is_not_that_weekday_is_advised_of(
    folder: PlanFolder, text: str, message: str
) -> None:
    assert messages(folder, text) == [message]


@pytest.mark.parametrize(
    "text",
    [
        "Meet on Tuesday 23 January 2018",
        "Meet on Tuesday, 23rd of January, 2018",
        "Meet on Monday 29 February 2016",
        "Meet on Monday 23 January",
        "Meet on 23 January 2018",
        "Meet each Monday, 23 of us",
    ],
)
def test_a_date_that_is_right_or_names_no_year_is_not_advised_of(
    folder: PlanFolder, text: str
) -> None:
    assert messages(folder, text) == []


def test_an_objective_that_no_area_serves_is_advised_of(folder: PlanFolder) -> None:
    edit(folder.source / SMALL / "areas.yaml", "links: [1, 2]", "links: [2]")

    (one,) = advice(folder)
    assert one.place == f"source/{SMALL}/objectives.yaml:3:5"
    assert one.message == "no area is linked to objective 1"


def test_an_empty_impact_is_advised_of_and_other_empty_cells_are_not(folder: PlanFolder) -> None:
    edit(
        folder.source / SMALL / "areas.yaml",
        "    impact:\n      - id: parents-letter\n        bullet: A letter was sent\n",
        "    impact: []\n",
    )

    (one,) = advice(folder)
    assert one.place == f"source/{SMALL}/areas.yaml:29:13"
    assert one.message == 'the impact of "Parents" is still empty'


def test_advice_stands_in_the_order_of_the_files(folder: PlanFolder) -> None:
    edit(folder.source / SMALL / "areas.yaml", "links: [1, 2]", "links: []")
    edit(folder.source / SMALL / "areas.yaml", "Done twice", "Done  twice in")
    edit(folder.source / SMALL / "areas.yaml", "Share what works", "Share what what works")

    found = [(one.file.split("/")[-1], one.line, one.column) for one in advice(folder)]
    assert found == [
        ("areas.yaml", 7, 20),
        ("areas.yaml", 20, 20),
        ("areas.yaml", 20, 20),
        ("objectives.yaml", 3, 5),
    ]


JULY = {
    "each settings": "an apostrophe may be missing",
    "both school.": "a plural may be missing after both",
    "each schools": "an apostrophe may be missing",
    "opportunities e.g Maths": "the abbreviation has no full stop at its end",
    "(e.g case studies)": "the abbreviation has no full stop at its end",
    "Visits to each others schools": "an apostrophe may be missing",
    "have visited each others schools": "an apostrophe may be missing",
    "practice being in": "the text seems to break off",
    "top date": '"top date" may be meant to be "to date"',
    "Bank Road": '"Bank Road" is spelt "Banks Road" elsewhere',
}
EMPTY = dict.fromkeys(("Governors", "Combined SIP priorities (2017-2018)"), "is still empty")


@pytest.mark.parametrize(
    ("version", "slips"), [("2017-07", JULY), ("2017-11", {**JULY, **EMPTY})], ids=["July", "Nov"]
)
def test_in_the_real_plan_exactly_the_known_slips_are_found(
    version: str, slips: dict[str, str]
) -> None:
    found = [one.message for one in advise(load_one(real_plan(), version))]

    for words, oddity in slips.items():
        assert [one for one in found if words in one and oddity in one], (words, oddity)
    assert len(found) == len(slips)


def test_nothing_is_claimed_about_a_weekday_of_the_real_plan() -> None:
    november = load_one(real_plan(), "2017-11")

    assert any("Tuesday 23 January 2018" in text for text in november.plan.texts())
    assert not [one for one in advise(november) if "2018 is a" in one.message]


def test_an_objective_with_other_words_than_before_is_pointed_out(tmp_path: Path) -> None:
    """As when one is taken out and the rest are numbered anew: links then mean other objectives."""
    folder = copy_plan(tmp_path)
    start_version(folder, "2018-03", "2017-11")
    objectives = folder.source / "2018-03/objectives.yaml"
    edit(objectives, "Enhancing the skills of, and career opportunities for staff.", "Reading.")

    (version,) = [found for found in load(folder) if found.name == "2018-03"]
    found = [one for one in advise(version) if "has other words" in one.message]
    assert [one.message for one in found] == [
        "objective 4 has other words than in version 2017-11; check that the areas linked to it "
        "still mean it"
    ]
    assert found[0].file == "source/2018-03/objectives.yaml"


def test_a_version_that_nobody_can_sign_yet_is_advised_of(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    start_version(folder, "2018-03", "2017-11")

    (version,) = [found for found in load(folder) if found.name == "2018-03"]
    messages = [one.message for one in advise(version)]
    assert "no review belongs to version 2018-03 yet, so nobody can sign it" in messages
