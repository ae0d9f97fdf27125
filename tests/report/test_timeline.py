"""The life of versions as a picture: everything in its order, legible, and good by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from signed_plan.plan.model import Plan
from signed_plan.register.chain import Register
from signed_plan.report.timeline import KINDS, moments, timeline_svg
from signed_plan.wording import in_words

from tests.report.lives import (
    ANDY,
    CAROLE,
    JCC,
    JULY,
    NAMES,
    NOVEMBER,
    REVIEW,
    SALLY,
    Life,
    drafts,
    half_signed,
    july_signed,
    sealed,
)

SVG = "{http://www.w3.org/2000/svg}"
BOTH = (JULY, NOVEMBER)


def drawn(register: Register) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg(register, BOTH))


def titles(picture: ElementTree.Element) -> list[str]:
    """What each marker is, in the order they are drawn in."""
    found = (one.findtext(f"{SVG}title") for one in picture.iter(f"{SVG}g"))
    return [title for title in found if title is not None]


def boxes(picture: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """About where each text stands, in letters of seven units: left, top, right, bottom."""
    found = []
    for group in (picture, *picture.iter(f"{SVG}g")):
        moved = re.findall(r"-?\d+", group.get("transform", "translate(0 0)"))
        for text in group.findall(f"{SVG}text"):
            x = float(text.get("x", 0)) + float(moved[0])
            y = float(text.get("y", 0)) + float(moved[1])
            wide = 7 * len(text.text or "")
            left = x - wide / 2 if text.get("text-anchor") == "middle" else x
            found.append((left, y - 11, left + wide, y))
    return found


def many(count: int) -> Register:
    """A register in which as many have signed, one after the other."""
    life = Life().built(JULY).issued(JULY)
    for at in range(count - 2):
        life.signed(JULY, REVIEW, (CAROLE, ANDY)[at % 2])
    return life.register


def with_a_mistake() -> Register:
    return half_signed().withdrawn(NOVEMBER, JCC, SALLY, "That was Andy.").register


def test_everything_that_happened_is_drawn_in_its_order() -> None:
    register = with_a_mistake()
    found = moments(register, BOTH)
    assert [(one.version, one.kind) for one in found] == [
        ("2017-07", "built"),
        ("2017-07", "issued"),
        *[("2017-07", "signed")] * 2,
        ("2017-07", "on paper"),
        ("2017-07", "signed"),
        ("2017-07", "sealed"),
        ("2017-11", "built"),
        ("2017-11", "issued"),
        ("2017-07", "superseded"),
        *[("2017-11", "signed")] * 3,
        ("2017-11", "declined"),
        ("2017-11", "withdrawn"),
    ]
    assert {one.kind for one in found} == set(KINDS)
    told = [f"{one.version}: {one.what}, {in_words(one.at)}" for one in found]
    assert titles(drawn(register)) == told
    assert found[-1].what == (
        "withdrawn of Sally Beardsley for 14th November 2017, JCC: That was Andy."
    )


def test_moments_say_in_words_who_did_what() -> None:
    found = moments(half_signed().register, BOTH)
    assert found[4].what == "signed on paper by Andy Hitchcock for July 2017, head teachers and JCC"
    assert found[9].what == "superseded by 2017-11"
    assert found[-1].what == (
        "declined by Sally Beardsley for 14th November 2017, JCC: The library bid is missing."
    )


def test_of_many_builds_the_last_one_counts() -> None:
    found = moments(Life().built(JULY, JULY, JULY).issued(JULY).register, BOTH)
    assert [one.kind for one in found] == ["built", "issued"]
    assert in_words(found[0].at).startswith("6 July")


def test_only_the_versions_asked_for_are_drawn() -> None:
    assert {one.version for one in moments(sealed(), BOTH, ["2017-11"])} == {"2017-11"}
    assert {one.version for one in moments(sealed(), BOTH)} == set(NAMES)


def test_a_version_whose_sources_are_gone_is_drawn_with_the_register_s_own_words() -> None:
    told = [one.what for one in moments(july_signed().register, ())]
    assert "signed by carole-clemens for july-2017" in told


def test_each_kind_has_a_shape_of_its_own() -> None:
    shapes: dict[str, set[bytes]] = {}
    for group in drawn(with_a_mistake()).iter(f"{SVG}g"):
        title = group.findtext(f"{SVG}title")
        if title is not None:
            kind = next(kind for kind in reversed(KINDS) if KINDS[kind] in title)
            parts = [one for one in group if one.tag not in (f"{SVG}text", f"{SVG}title")]
            shapes.setdefault(kind, set()).add(b"".join(map(ElementTree.tostring, parts)))
    assert [len(one) for one in shapes.values()] == [1] * len(KINDS)
    assert len(set.union(*shapes.values())) == len(KINDS)


def test_it_is_valid_xml_with_a_name_and_a_description() -> None:
    picture = drawn(sealed())
    assert picture.tag == f"{SVG}svg"
    assert picture.get("role") == "img"
    labels = {one.get("id"): one.text for one in picture if one.get("id")}
    assert list(labels) == str(picture.get("aria-labelledby")).split()
    assert labels["timeline-desc"] == (
        "17 events in the life of 2 versions, from 4 July 2017, 09:37 UTC to "
        "20 July 2017, 11:29 UTC."
    )


def test_words_that_look_like_markup_stay_words() -> None:
    life = july_signed().issued(NOVEMBER)
    register = life.declined(NOVEMBER, JCC, ANDY, '</title><script>"&amp;"').register
    assert titles(drawn(register))[-1].partition(": ")[2].startswith("declined by Andy Hitchcock")
    assert "<script>" not in timeline_svg(register, BOTH)
    assert '</title><script>"&amp;"' in titles(drawn(register))[-1]


@pytest.mark.parametrize("count", [3, 12, 13, 25, 130])
def test_however_much_happened_no_text_lies_over_another(count: int) -> None:
    demand_apart(boxes(drawn(many(count))))


def demand_apart(found: list[tuple[float, float, float, float]]) -> None:
    for at, (left, top, right, bottom) in enumerate(found):
        for other in found[at + 1 :]:
            apart = other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
            assert apart, (found[at], other)


@pytest.mark.parametrize("register", [drafts(), half_signed().register, sealed(), many(130)])
def test_nothing_stands_outside_the_picture_or_in_its_margins(register: Register) -> None:
    demand_margins(drawn(register))


def demand_margins(picture: ElementTree.Element) -> None:
    width, height = (float(picture.get(side, 0)) for side in ("width", "height"))
    assert picture.get("viewBox") == f"0 0 {width:.0f} {height:.0f}"
    assert width <= 1000
    for left, top, right, bottom in boxes(picture):
        assert left >= 18 and top >= 18 and right <= width - 18 and bottom <= height - 14
    for path in picture.findall(f"{SVG}path"):
        start, end = re.findall(r"M(\d+) .*?(?:H(\d+)|$)", path.get("d", ""))[0]
        assert int(start) >= 20 and int(end or start) <= width - 20


LONG = "The Right Reverend Professor Dame Alexandra Featherstonehaugh-Cholmondeley of Long Eaton"
WORD = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2


def signed_by(*names: str) -> str:
    """The picture of a version that people of these names have signed."""
    people = tuple(
        JULY.plan.people[0].model_copy(update={"id": f"person-{at}", "name": name})
        for at, name in enumerate(names)
    )
    life = Life().built(JULY).issued(JULY)
    life.signed(JULY, REVIEW, *(person.id for person in people))
    plan = JULY.plan.model_copy(update={"people": (*JULY.plan.people, *people)})
    return timeline_svg(life.register, [replace(JULY, plan=plan)])


def labels(picture: ElementTree.Element) -> list[list[str]]:
    """The lines below each marker, without the time."""
    groups = [one for one in picture.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None]
    return [[text.text or "" for text in one.findall(f"{SVG}text")][:-1] for one in groups]


def test_whoever_acts_is_named_in_full_below_the_marker() -> None:
    names = ["Carl Coe", "Carole Coe", LONG, WORD, "Ö"]
    found = labels(ElementTree.fromstring(signed_by(*names)))
    assert ["built"] in found
    for name in names:
        whole = name.replace(" ", "")
        (lines,) = [one for one in found if "".join(one).replace(" ", "") == whole]
        assert max(map(len, lines)) <= 14


def test_two_people_of_one_name_are_told_apart() -> None:
    first, second, *_ = JULY.plan.people
    people = (first, second.model_copy(update={"name": first.name, "role": "Chair"}))
    plan = JULY.plan.model_copy(update={"people": (*people, *JULY.plan.people[2:])})
    life = Life().built(JULY).issued(JULY).signed(JULY, REVIEW, first.id, second.id)
    found = [" ".join(lines) for lines in labels(drawn_of(life.register, plan))]
    assert found[-2:] == [f"{first.name} (Head Teacher)", f"{first.name} (Chair)"]


def drawn_of(register: Register, plan: Plan) -> ElementTree.Element:
    return ElementTree.fromstring(timeline_svg(register, [replace(JULY, plan=plan)]))


def test_long_names_make_their_lane_higher_and_cover_nothing() -> None:
    picture = ElementTree.fromstring(signed_by(LONG, "Ann", WORD, *[LONG] * 12))
    demand_apart(boxes(picture))
    demand_margins(picture)


def test_a_picture_of_nothing_says_so() -> None:
    assert "Nothing has happened yet." in timeline_svg(Life().register, BOTH)


def test_the_same_register_makes_the_same_picture() -> None:
    assert timeline_svg(sealed(), BOTH) == timeline_svg(sealed(), BOTH)


def test_it_needs_no_script_and_nothing_from_outside() -> None:
    svg = timeline_svg(sealed(), BOTH)
    assert not re.search(r"<script|\bon\w+=|url\(|@import|href", svg)
