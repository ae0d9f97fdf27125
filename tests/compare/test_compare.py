"""Two versions make an ordered list of changes: every text counts, exactly, from both sides."""

from __future__ import annotations

import ast
import copy
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from signed_plan.compare import cells
from signed_plan.compare.changes import Change, Comparison
from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Piece, Scale, difference
from signed_plan.plan.model import CELLS, KINDS
from signed_plan.plan.source import Version, load, load_one

from tests.compare.helpers import SMALL, Data, brief, edited, only
from tests.compare.random_plans import a_version, pairs
from tests.helpers import REPO
from tests.plan.helpers import real_plan, small_data
from tools.plans import VERSION, write_long_plan

slow = pytest.mark.slow("tries many changes")

Way = tuple[str | int, ...]

JULY, NOVEMBER = load(real_plan())
PAIRS = list(pairs(150, seed=20))
LISTS = {"schools": "school", "people": "person", "areas": "area", "reviews": "review"}
EXCHANGED = {"added": "removed", "removed": "added", "split": "joined", "joined": "split"}


def november() -> Data:
    """The real plan's data, with somebody who signs nothing."""
    data = NOVEMBER.plan.content()
    school = data["schools"][0]["id"]
    data["people"].append({"id": "nora-new", "name": "Nora New", "role": "Clerk", "school": school})
    return data


REAL = a_version(november())


def really_edited(act: Callable[[Data], object]) -> Comparison:
    """The real plan, and what becomes of it."""
    data = november()
    act(data)
    return compare(REAL, a_version(data))


def renumber(value: Any, old: str, new: str = "renumbered") -> None:
    """Replaces an id wherever it is given or named."""
    for key, one in list(value.items() if isinstance(value, dict) else enumerate(value)):
        if one == old:
            value[key] = new
        elif isinstance(one, dict | list):
            renumber(one, old, new)


def lose_ids(areas: list[Data]) -> int:
    """Gives every area and block an id of no meaning, as a new export would; tells how many."""
    entries = [*areas, *(block for area in areas for cell in CELLS for block in area[cell])]
    for number, entry in enumerate(entries):
        entry["id"] = f"export-{number}"
    return len(entries)


# The real plan


def test_november_against_july_is_what_the_review_added() -> None:
    found = compare(JULY, NOVEMBER)
    assert [(row.area.name, row.status) for row in found.areas] == [
        ("Safeguarding", "changed"),
        ("Teaching and Learning", "changed"),
        ("Staff", "changed"),
        ("CPD", "changed"),
        ("Moderation / assessment", "unchanged"),
        ("School Council", "changed"),
        ("Pupil Premium", "changed"),
        ("Parents", "unchanged"),
        ("Governors", "added"),
        ("Combined SIP priorities (2017-2018)", "added"),
    ]
    assert {change.action for change in found.changes} == {"added"}
    assert found.scale is Scale.SUBSTANTIVE
    assert found.recognised == ()


def test_in_the_six_areas_it_is_the_autumn_s_actions_that_were_added() -> None:
    for row in compare(JULY, NOVEMBER).areas:
        if row.status == "changed":
            texts = [block.text for block in row.area.actions]
            assert [change.new for change in row.changes] == texts[texts.index("Autumn 2017") :]


def test_around_the_table_the_amendment_and_two_reviews_were_added() -> None:
    found = compare(JULY, NOVEMBER)
    assert brief((*found.before, *found.after)) == [
        ("title", "title", "amendment", "added", Scale.SUBSTANTIVE),
        ("review", "november-2017-heads", "", "added", Scale.SUBSTANTIVE),
        ("review", "november-2017-jcc", "", "added", Scale.SUBSTANTIVE),
    ]
    assert found.before[0].new == NOVEMBER.plan.amendment


def test_the_other_way_round_november_s_additions_were_removed() -> None:
    forth, back = compare(JULY, NOVEMBER), compare(NOVEMBER, JULY)
    assert {change.action for change in back.changes} == {"removed"}
    assert [change.old for change in back.changes] == [change.new for change in forth.changes]
    assert back.counts == {"changed": 6, "unchanged": 2, "removed": 2}


@pytest.mark.parametrize("version", [JULY, NOVEMBER, PAIRS[0][0]], ids=["july", "november", "any"])
def test_a_version_and_itself_differ_in_nothing(version: Version) -> None:
    found = compare(version, version)
    assert (found.changes, found.recognised, found.scale) == ((), (), Scale.NONE)
    assert found.counts == {"unchanged": len(version.plan.areas)}
    assert all(line.same for row in found.areas for line in row.lines)


# Every text counts: each that is changed alone is that change and no other


def ways(value: Any, way: Way = ()) -> Iterator[Way]:
    """The way to every text of a plan but ids, its own name and that of the one before it."""
    for key, one in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(one, dict | list):
            yield from ways(one, (*way, key))
        elif isinstance(one, str) and key != "id" and (way or key not in ("version", "supersedes")):
            yield (*way, key)


def at(data: Data, way: Way) -> Any:
    found: Any = data
    for key in way:
        found = found[key]
    return found


def another(data: Data, way: Way) -> str:
    """What may stand in that text's place."""
    if way[-1] == "date":
        return "2016-02-29"
    if way[-1] == "school":
        (other,) = {school["id"] for school in data["schools"]} - {at(data, way)}
        return str(other)
    if "signatories" in way:
        return "nora-new"
    return f"{at(data, way)} anew"


def told_as(data: Data, way: Way) -> tuple[str, str, str]:
    """The part, the id and the value that a change of that text has to name."""
    match way:
        case (name,):
            return "title", "title", str(name)
        case ("columns", name):
            return "column", "columns", str(name)
        case ("objectives", _, "text"):
            return "objective", str(at(data, way[:2])["number"]), "text"
        case ("areas", _, _, _, _):
            return "block", at(data, way[:4])["id"], "text"
        case (str(name), _, value, *_):
            return LISTS[name], at(data, way[:2])["id"], str(value)
    raise AssertionError(f"a text that nobody has thought of: {way}")


def named(way: Way) -> str:
    return "-".join(map(str, way))


@slow
@pytest.mark.parametrize("way", list(ways(november())), ids=named)
def test_every_text_that_is_changed_alone_is_that_change_and_no_other(way: Way) -> None:
    data = november()
    at(data, way[:-1])[way[-1]] = text = another(data, way)
    found = compare(REAL, a_version(data))
    assert only(found) == (*told_as(data, way), "changed", Scale.SUBSTANTIVE)
    assert found.recognised == ()
    (change,) = found.changes
    if text.endswith(" anew"):
        words = [(piece.kind, piece.text.strip()) for piece in change.pieces]
        assert [one for one in words if one[0] != "same" and one[1]] == [("added", "anew")]
        assert text in change.new


def test_every_block_that_takes_another_form_is_that_change_and_no_other() -> None:
    data = small_data()
    for block in [one for area in data["areas"] for cell in CELLS for one in area[cell]]:
        (kind,) = block.keys() - {"id"}
        form = KINDS[KINDS.index(kind) - 1]
        block[form] = block.pop(kind)
        found = compare(SMALL, a_version(data))
        assert only(found) == ("block", block["id"], "kind", "changed", Scale.LAYOUT)
        assert (found.changes[0].old, found.changes[0].new) == (kind, form)
        block[kind] = block.pop(form)


@pytest.mark.parametrize("name", LISTS)
def test_an_entry_in_another_place_has_moved_and_that_is_layout_only(name: str) -> None:
    found = really_edited(lambda data: data[name].insert(0, data[name].pop()))
    part, id_, *rest = only(found)
    assert (part, *rest) == (LISTS[name], "order", "moved", Scale.LAYOUT)
    assert id_ in [entry["id"] for entry in november()[name]]


@pytest.mark.parametrize("name", LISTS)
def test_an_entry_that_lost_its_id_is_told_and_no_change(name: str) -> None:
    for entry in november()[name]:
        found = really_edited(partial(renumber, old=entry["id"]))
        assert found.changes == ()
        (told,) = found.recognised
        assert (told.part, told.old, told.new) == (LISTS[name], entry["id"], "renumbered")


# What else may become of a plan


def test_capitals_and_spaces_in_all_texts_are_told_as_what_they_are() -> None:
    def shout(data: Data) -> None:
        data["title"] = data["title"].upper()
        data["areas"][0]["key"][0]["paragraph"] = "Share  what works"

    found = edited(shout)
    assert [change.scale for change in found.changes] == [Scale.EDITORIAL, Scale.LAYOUT]
    assert found.scale is Scale.EDITORIAL


# Lost ids


def test_headings_that_all_say_autumn_find_their_own_area_s_when_their_ids_are_lost() -> None:
    data = NOVEMBER.plan.content()
    data["areas"].reverse()
    lost = 0
    for area in data["areas"]:
        for block in area["actions"]:
            if block.get("heading") == "Autumn 2017":
                block["id"] = f"lost-{area['id']}"
                lost += 1
    found = compare(NOVEMBER, a_version(data))
    assert lost == len(found.recognised) == 6
    assert not [change for change in found.changes if change.where.part == "block"]


def test_without_any_ids_november_against_july_is_the_same_and_told_so() -> None:
    data = NOVEMBER.plan.content()
    lose_ids(data["areas"])
    found, right = compare(JULY, a_version(data)), compare(JULY, NOVEMBER)
    assert [change.pieces for change in found.changes] == [one.pieces for one in right.changes]
    assert [row.status for row in found.areas] == [row.status for row in right.areas]
    assert len(found.recognised) == len(right.ids["block"]) + len(right.ids["area"])


def test_a_plan_of_ninety_areas_without_any_ids_is_the_same_plan(tmp_path: Path) -> None:
    long = load_one(write_long_plan(tmp_path, 90), VERSION)
    data = long.plan.content()
    lost = lose_ids(data["areas"])
    found = compare(long, a_version(data))
    assert found.changes == ()
    assert len(found.recognised) == lost
    assert found.counts == {"unchanged": 90}


def steps(act: Callable[[], object]) -> int:
    """How many calls the rooms of this wing take to do it."""
    count = 0

    def counted(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and "/compare/" in frame.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        act()
    finally:
        sys.setprofile(before)
    return count


@slow
def test_twice_as_long_a_plan_takes_twice_the_work(tmp_path: Path) -> None:
    data = load_one(write_long_plan(tmp_path, 80), VERSION).plan.content()
    half = data | {"areas": data["areas"][:40]}
    work = []
    for old in (half, data):
        new = copy.deepcopy(old)
        lose_ids(new["areas"])
        new["areas"].insert(0, new["areas"].pop())
        work.append(steps(partial(compare, a_version(old), a_version(new))))
    assert 0 < work[1] <= 2.1 * work[0]


# Exactly, from both sides, and nothing else


def said(version: Version) -> dict[tuple[str, str], dict[str, str]]:
    """What the random pairs change, by part and id, and by the name of each value."""
    plan = version.plan
    found = {("title", "title"): {"title": plan.title, "period": plan.period}}
    found["title", "title"] |= {"amendment": plan.amendment or ""}
    found["title", "title"] |= {"overriding-objective": plan.overriding_objective}
    found["column", "columns"] = dict(plan.columns.model_dump())
    for objective in plan.objectives:
        found["objective", str(objective.number)] = {"text": objective.text}
    for area in plan.areas:
        found["area", area.id] = {"name": area.name}
        for block in area.blocks:
            found["block", block.id] = {"text": block.text, "kind": block.kind}
    return found


def divide(state: Any, target: Any, change: Change) -> None:
    """Puts the parts of a paragraph in its place, or the paragraph in place of its parts."""
    key = ("block", change.where.id)
    before, after = change.old.split("\n"), change.new.split("\n")
    assert state[key]["text"] in before and target[key]["text"] in after
    gone = [one for one in state if one[1].startswith("-") and state[one].get("text") in before]
    come = [one for one in target if one not in state and target[one].get("text") in after]
    for one in gone:
        del state[one]
    state |= {one: target[one] for one in come}
    state[key]["text"] = target[key]["text"]


@slow
def test_the_older_texts_and_the_changes_give_the_newer_texts() -> None:
    for old, new in PAIRS:
        found, target = compare(old, new), said(new)
        ids: Any = found.ids
        state = {
            (
                part,
                ids.get(part, {}).get(id_, id_ if part in ("title", "column") else f"-{id_}"),
            ): one
            for (part, id_), one in said(old).items()
        }
        for change in found.changes:
            key = (change.where.part, change.where.id)
            if key[0] in ("review", "person", "school") or change.action == "moved":
                continue
            if change.value == "links":
                continue  # see test_links
            if change.action in ("split", "joined"):
                divide(state, target, change)
            elif change.value:
                assert state[key][change.value] == change.old
                state[key][change.value] = change.new
            elif change.action == "removed":
                gone = state.pop((key[0], f"-{key[1]}"))
                assert change.old in gone.values()
            else:
                assert change.new in target[key].values()
                state[key] = target[key]
        assert state == target


def told(found: Comparison) -> Counter[tuple[str, ...]]:
    """What is told of each change, in whatever order; of a move, not in which version's words."""
    return Counter(
        (
            *(one.where.part, one.where.id, one.value, one.action, one.scale.words),
            *((one.old, one.new) if one.action != "moved" else ()),
        )
        for one in found.changes
    )


def mirrored(found: Comparison) -> Counter[tuple[str, ...]]:
    """What has to be told the other way round."""
    former: dict[str, dict[str, str]] = {
        part: {new: old for old, new in ids.items()} for part, ids in found.ids.items()
    }
    return Counter(
        {
            (
                part,
                former.get(part, {}).get(id_, id_) if value else id_,
                value,
                EXCHANGED.get(action, action),
                scale,
                *reversed(texts),
            ): count
            for (part, id_, value, action, scale, *texts), count in told(found).items()
        }
    )


@slow
def test_the_other_way_round_the_same_changes_are_found() -> None:
    for old, new in PAIRS:
        forth, back = compare(old, new), compare(new, old)
        assert told(back) == mirrored(forth)
        assert {(one.part, one.new, one.old) for one in back.recognised} == {
            (one.part, one.old, one.new) for one in forth.recognised
        }
        assert Counter((row.status, row.scale) for row in back.areas) == Counter(
            (EXCHANGED.get(row.status, row.status), row.scale) for row in forth.areas
        )


@slow
def test_the_other_way_round_each_text_has_the_same_pieces() -> None:
    kinds = {"same": "same", "removed": "added", "added": "removed"}
    for old, new in PAIRS:
        forth, back = (
            [change.pieces for change in one.changes if change.action == "changed"]
            for one in (compare(old, new), compare(new, old))
        )
        assert Counter(frozenset((one.kind, one.text) for one in some) for some in back) == Counter(
            frozenset((kinds[one.kind], one.text) for one in some) for some in forth
        )


@slow
def test_changes_stand_in_the_order_of_the_document() -> None:
    order = ("title", "school", "person", "objective", "column", "area", "block", "review")
    for old, new in PAIRS:
        found = compare(old, new)
        parts = [order.index(one.where.part) for one in (*found.before, *found.after)]
        assert parts == sorted(parts)
        kept = [row.area.id for row in found.areas if row.new]
        assert kept == [area.id for area in new.plan.areas]
        areas = [one.where.area for one in found.changes if one.where.area]
        assert list(dict.fromkeys(areas)) == [row.area.id for row in found.areas if row.changes]
        for row in found.areas:
            blocks = [block.id for block in row.area.blocks]
            told = [
                one.where.id
                for one in row.changes
                # What is gone may have left its id to another one.
                if one.where.id in blocks and (one.action != "removed" or row.new is None)
            ]
            assert told == sorted(told, key=blocks.index)


def test_no_two_texts_are_held_against_each_other_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    held: Counter[tuple[str, str]] = Counter()

    def counted(old: str, new: str) -> tuple[Piece, ...]:
        held[old, new] += old != new
        return difference(old, new)

    monkeypatch.setattr(cells, "difference", counted)
    data = november()
    blocks = [block for area in data["areas"] for cell in CELLS for block in area[cell]]
    for at, block in enumerate(blocks):
        (kind,) = block.keys() - {"id"}
        block[kind] = f"{block[kind]} anew {at}"
    data["areas"][0]["key"].append(data["areas"][1]["actions"].pop(0))
    assert compare(REAL, a_version(data)).scale is Scale.SUBSTANTIVE
    assert len(held) >= len(blocks)
    assert max(held.values()) == 1


def test_the_same_two_versions_always_compare_the_same() -> None:
    old, new = PAIRS[3]
    assert compare(old, new).changes
    assert compare(old, new) == compare(old, new)


def test_comparing_knows_no_files_no_clock_and_no_chance() -> None:
    pure = "__future__ bisect collections dataclasses difflib enum itertools re typing".split()
    for room in (REPO / "pipeline/signed_plan/compare").glob("*.py"):
        text = room.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                assert {one.name for one in node.names} <= {*pure}
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] in {*pure, "signed_plan"}
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id != "open"
