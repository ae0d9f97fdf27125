from __future__ import annotations

import copy
import datetime as dt
import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError
from signed_plan.digest import Digest
from signed_plan.paths import SCHEMA_FILE
from signed_plan.plan.model import (
    CELLS,
    KINDS,
    MAX_ID,
    NOT_WORDS,
    Columns,
    Plan,
    Record,
)
from signed_plan.plan.schema import json_schema
from signed_plan.plan.source import load

from tests.helpers import REPO, VERSIONS
from tests.plan.helpers import SMALL_FILES, load_one, real_plan, small_data

SOURCES = sorted((REPO / "source").glob("*/*.yaml"))


def small() -> Plan:
    return Plan.model_validate(small_data())


def refusal(data: dict[str, Any]) -> tuple[str, tuple[int | str, ...], str]:
    """The one reason why data is no plan: its kind, place and words."""
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(data)
    (found,) = caught.value.errors()
    return found["type"], found["loc"], found["msg"]


# What a plan is


def parts() -> list[Record]:
    plan = small()
    review, area = plan.reviews[0], plan.areas[0]
    return [
        plan,
        plan.columns,
        plan.schools[0],
        plan.people[0],
        plan.objectives[0],
        area,
        area.key[0],
        review,
    ]


@pytest.mark.parametrize("part", parts(), ids=lambda part: type(part).__name__)
def test_no_part_of_a_plan_can_be_changed(part: Record) -> None:
    for name in type(part).model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(part, name, getattr(part, name))


@pytest.mark.parametrize("part", parts(), ids=lambda part: type(part).__name__)
def test_no_list_in_a_plan_can_be_added_to(part: Record) -> None:
    assert not [name for name in type(part).model_fields if isinstance(getattr(part, name), list)]


@pytest.mark.parametrize(
    "way",
    [
        (),
        ("columns",),
        ("schools", 0),
        ("people", 0),
        ("objectives", 0),
        ("areas", 0),
        ("areas", 0, "key", 0),
        ("reviews", 0),
    ],
    ids=str,
)
def test_an_unknown_key_is_refused_in_every_part(way: tuple[str | int, ...]) -> None:
    data = small_data()
    part: Any = data
    for step in way:
        part = part[step]
    part["colour"] = "red"

    assert refusal(data)[:2] == ("extra_forbidden", (*way, "colour"))


def test_a_key_is_known_only_in_the_spelling_of_the_sources() -> None:
    data = small_data()
    data["areas"][0]["key"][0]["sub_bullet"] = "a second text"

    assert refusal(data)[:2] == ("extra_forbidden", ("areas", 0, "key", 0, "sub_bullet"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_block_is_of_the_kind_whose_key_it_has(kind: str) -> None:
    data = small_data()
    data["areas"][0]["key"] = [{"id": "a", kind: "Some words"}]

    (block,) = Plan.model_validate(data).areas[0].key
    assert (block.kind, block.text) == (kind, "Some words")


@pytest.mark.parametrize(
    "block", [{}, {"bullet": "a", "paragraph": "b"}, dict.fromkeys(KINDS, "a")], ids=len
)
def test_a_block_has_exactly_one_kind(block: dict[str, str]) -> None:
    data = small_data()
    data["areas"][0]["key"] = [{"id": "a", **block}]

    kind, place, words = refusal(data)
    assert (kind, place) == ("plan", ("areas", 0, "key", 0))
    assert words == "a block is exactly one of paragraph, heading, bullet and sub-bullet"


@pytest.mark.parametrize("good", ["a", "7", "peer-review", "a-1-b", "a" * MAX_ID])
def test_an_id_of_small_letters_digits_and_hyphens_is_taken(good: str) -> None:
    data = small_data()
    data["areas"][0]["id"] = good

    assert Plan.model_validate(data).areas[0].id == good


@pytest.mark.parametrize(
    "bad",
    ["", "A", "a b", "-a", "a-", "a--b", "a_b", "é", "a\n", "a/b", "../a", "a" * (MAX_ID + 1)],
)
def test_anything_else_is_no_id(bad: str) -> None:
    data = small_data()
    data["areas"][0]["id"] = bad

    assert refusal(data)[:2] == ("plan", ("areas", 0, "id"))


@pytest.mark.parametrize(
    "bad", ["", "0", "01", "1.0", "-1", "+1", "one", "1_0", "٣", "10000", " 1"]
)
def test_an_objective_is_linked_by_a_plain_number(bad: str) -> None:
    data = small_data()
    data["areas"][0]["links"] = [bad]

    assert refusal(data)[:2] == ("plan", ("areas", 0, "links", 0))


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("2017-11-14", dt.date(2017, 11, 14)),
        ("2016-02-29", dt.date(2016, 2, 29)),
        ("2017-11", dt.date(2017, 11, 1)),
    ],
)
def test_a_date_is_a_day_or_a_month(date: str, day: dt.date) -> None:
    data = small_data()
    data["reviews"][0]["date"] = date

    plan = Plan.model_validate(data)
    assert (plan.reviews[0].date, plan.reviews[0].day) == (date, day)


@pytest.mark.parametrize(
    "bad",
    "2017 17-11-14 2017-13 2017-00 2017-02-29 2017-11-31 20171114 14/11/2017 2017-W46-2 "
    "0000-01 2017-1-1 2017-11-14T00:00 ٢٠١٧-11".split(),
)
def test_anything_else_is_no_date(bad: str) -> None:
    data = small_data()
    data["reviews"][0]["date"] = bad

    assert refusal(data)[:2] == ("plan", ("reviews", 0, "date"))


@pytest.mark.parametrize(
    "way",
    [
        ("title",),
        ("period",),
        ("overriding-objective",),
        ("columns", "impact"),
        ("schools", 0, "name"),
        ("people", 0, "role"),
        ("objectives", 0, "text"),
        ("areas", 0, "name"),
        ("areas", 0, "key", 0, "paragraph"),
        ("reviews", 0, "title"),
        ("reviews", 0, "statements", 0),
    ],
    ids=str,
)
@pytest.mark.parametrize("bad", ["", "a\x07b", "a\u202eb", "a\nb"], ids=ascii)
def test_the_rules_of_text_hold_for_every_text(way: tuple[str | int, ...], bad: str) -> None:
    data = small_data()
    part: Any = data
    for step in way[:-1]:
        part = part[step]
    part[way[-1]] = bad

    assert refusal(data)[:2] == ("plan", way)


def test_texts_are_kept_composed() -> None:
    data = small_data()
    data["title"] = "Cafe\u0301"

    assert Plan.model_validate(data).title == "Caf\u00e9"


@pytest.mark.parametrize("empty", ["schools", "people", "objectives", "areas"])
def test_a_plan_has_schools_people_objectives_and_areas(empty: str) -> None:
    data = {**small_data(), empty: []}

    assert refusal(data)[:2] == ("too_short", (empty,))


@pytest.mark.parametrize("empty", ["statements", "signatories"])
def test_a_review_has_statements_and_signatories(empty: str) -> None:
    data = small_data()
    data["reviews"][0][empty] = []

    assert refusal(data)[:2] == ("too_short", ("reviews", 0, empty))


def test_a_plan_without_reviews_and_cells_without_blocks_are_fine() -> None:
    data = {**small_data(), "reviews": []}
    data["areas"][0] |= {"key": [], "actions": [], "outcome": [], "impact": []}

    plan = Plan.model_validate(data)
    assert (plan.reviews, plan.areas[0].blocks) == ((), ())


# What a plan tells


def test_a_plan_answers_for_its_title_people_and_schools() -> None:
    plan = small()

    assert plan.full_title == "A Plan 2018"
    assert plan.person("bob").name == "Bob Ray"
    assert plan.school("south").name == "South School"


def test_the_blocks_of_an_area_are_those_of_its_cells_from_left_to_right() -> None:
    assert [block.id for block in small().areas[0].blocks] == [
        "staff-share",
        "staff-autumn",
        "staff-meet",
        "staff-tour",
        "staff-skill",
        "staff-done",
    ]


def test_a_review_of_another_version_is_not_open() -> None:
    data = small_data()
    data["reviews"].insert(0, {**data["reviews"][0], "id": "before", "version": "2017-11"})

    assert [review.id for review in Plan.model_validate(data).open_reviews] == ["spring"]


def test_a_plan_is_dated_by_its_latest_review() -> None:
    data = small_data()
    data["reviews"].append({**data["reviews"][0], "id": "early", "date": "2018-01"})

    assert Plan.model_validate(data).last_day == dt.date(2018, 3, 20)
    assert Plan.model_validate({**data, "reviews": []}).last_day == dt.date(1980, 1, 1)


def test_every_cell_has_a_heading_of_the_same_name() -> None:
    assert CELLS == ("key", "actions", "outcome", "impact")
    assert tuple(Columns.model_fields) == ("reference", *CELLS)
    assert tuple(small().columns.headings) == ("reference", *CELLS)
    area = small().areas[0]
    assert tuple(area.cells) == CELLS
    assert area.blocks == area.key + area.actions + area.outcome + area.impact


def read_words(value: Any, *keys: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of JSON data with their keys, without the keys of NOT_WORDS."""
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, list):
        for one in value:
            yield from read_words(one, *keys)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in NOT_WORDS:
                yield from read_words(inner, *keys, key)


def test_the_words_of_a_plan_are_its_texts_with_their_keys_and_no_ids() -> None:
    words = list(small().words())

    assert words[0] == (("title",), "A Plan")
    assert (("areas", "key", "paragraph"), "Share what works") in words
    assert (("reviews", "statements"), "We agree") in words
    assert {keys[-1] for keys, _ in words}.isdisjoint(NOT_WORDS)
    assert sorted(words) == sorted(read_words(small().content()))
    assert "people" not in {keys[0] for keys, _ in small().words("people")}


def test_the_texts_of_a_plan_are_all_its_strings_in_order() -> None:
    texts = list(small().texts())

    assert texts[:3] == ["2018-03", "A Plan", "2018"]
    assert {"Share what works", "Autumn", "Tour the school", "North School", "We agree"} <= set(
        texts
    )


# Fingerprints


def test_content_has_the_keys_of_the_sources_and_leaves_defaults_out() -> None:
    content = small().content()

    assert "overriding-objective" in content
    assert content["areas"][0]["actions"][2] == {
        "id": "staff-tour",
        "sub-bullet": "Tour the school",
    }
    assert {"supersedes", "amendment"}.isdisjoint(content)
    assert "short" not in content["schools"][0]


def test_an_area_without_links_is_the_same_as_one_with_an_empty_list() -> None:
    one, other = small_data(), small_data()
    one["areas"][1]["links"] = []
    del other["areas"][1]["links"]

    prints = {Plan.model_validate(data).fingerprint(None).hex for data in (one, other)}
    assert len(prints) == 1


def test_content_is_a_plan_again() -> None:
    plan = small()

    assert Plan.model_validate(plan.content()) == plan


def composed(value: Any) -> Any:
    """Data as read from YAML, with its texts in NFC."""
    if isinstance(value, dict):
        return {key: composed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [composed(inner) for inner in value]
    return unicodedata.normalize("NFC", value)


def independent_fingerprint(folder: Path, superseded: str | None) -> str:
    """A version's fingerprint from its files, with none of the project's code."""
    content: dict[str, Any] = {}
    for path in folder.glob("*.yaml"):
        content |= yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    content = composed(content)
    for objective in content["objectives"]:
        objective["number"] = int(objective["number"])
    for area in content["areas"]:
        area["links"] = [int(number) for number in area["links"]]
        if not area["links"]:
            del area["links"]
    whole = {"format": 1, "content": content, "supersedes": superseded}
    # For keys in ASCII, and numbers that are integers, this is RFC 8785.
    canonical = json.dumps(whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def test_the_fingerprint_is_sha256_of_canonical_content_and_the_fingerprint_before() -> None:
    july = independent_fingerprint(REPO / "source" / "2017-07", None)
    november = independent_fingerprint(REPO / "source" / "2017-11", july)

    assert [version.fingerprint.hex for version in load(real_plan())] == [july, november]


@pytest.mark.parametrize(
    ("name", "fingerprint"),
    [
        ("2017-07", "ca9e03bb71c4c3bb7fe546e647b669371672feabd36d9abbd0bfcfad8304f9f9"),
        ("2017-11", "2d699e222d0b1de872cb0d5b105a20c92218da5400a15e88fcc445c9d4c9e96c"),
    ],
)
def test_the_real_versions_have_the_fingerprints_that_are_printed_on_them(
    name: str, fingerprint: str
) -> None:
    assert load_one(real_plan(), name).fingerprint.hex == fingerprint


def leaves(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every text and number in the data."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*way, key))
    else:
        yield way


def lists(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The way to every list with more than one entry."""
    if isinstance(value, list) and len(value) > 1:
        yield way
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from lists(inner, (*way, key))


def at(data: Any, way: tuple[str | int, ...]) -> Any:
    for step in way:
        data = data[step]
    return data


def other(way: tuple[str | int, ...], value: Any) -> Any:
    """A value that may stand in the same place and says something else."""
    if isinstance(value, int):
        return value + 1
    return "2018-04" if way[-1] == "date" else f"{value}x"


def test_the_fingerprint_changes_with_every_word_id_number_and_date() -> None:
    content = small().content()
    ways = list(leaves(content))
    prints = {small().fingerprint(None).hex}
    for way in ways:
        changed = copy.deepcopy(content)
        at(changed, way[:-1])[way[-1]] = other(way, at(content, way))
        prints.add(Plan.model_validate(changed).fingerprint(None).hex)

    assert len(ways) > 50
    assert len(prints) == len(ways) + 1


def test_the_fingerprint_changes_with_every_order() -> None:
    content = small().content()
    ways = list(lists(content))
    prints = {small().fingerprint(None).hex}
    for way in ways:
        changed = copy.deepcopy(content)
        at(changed, way).reverse()
        prints.add(Plan.model_validate(changed).fingerprint(None).hex)

    assert len(ways) >= 8
    assert len(prints) == len(ways) + 1


def test_the_fingerprint_changes_with_the_kind_of_a_block() -> None:
    data = small_data()
    block = data["areas"][0]["key"][0]
    block["bullet"] = block.pop("paragraph")

    assert Plan.model_validate(data).fingerprint(None) != small().fingerprint(None)


def test_the_fingerprint_changes_with_the_fingerprint_superseded() -> None:
    one, other = Digest.of_bytes(b"one"), Digest.of_bytes(b"other")

    prints = {small().fingerprint(before).hex for before in (None, one, other)}
    assert len(prints) == 3


def test_the_digest_of_an_area_changes_with_it_alone() -> None:
    data = small_data()
    data["areas"][0]["key"][0]["paragraph"] = "Share everything"

    before, after = small().areas, Plan.model_validate(data).areas
    assert after[0].digest != before[0].digest
    assert after[1].digest == before[1].digest


# The JSON Schema


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((REPO / "source" / SCHEMA_FILE).read_text(encoding="utf-8"))
    return found


def accepts(schema: dict[str, Any], data: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema).is_valid(data))


def test_the_schema_in_source_is_current(schema: dict[str, Any]) -> None:
    assert schema == json_schema(), "run: plan schema"


def test_the_schema_is_valid_in_the_draft_it_names(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_source_file_names_the_schema_in_its_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]

    named = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first)
    assert named is not None
    assert (path.parent / named[1]).resolve() == (REPO / "source" / SCHEMA_FILE).resolve()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_source_file_is_valid_by_the_schema_as_an_editor_reads_it(
    schema: dict[str, Any], path: Path
) -> None:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator(schema).validate(data)


def test_both_versions_are_among_the_source_files() -> None:
    assert {path.parent.name for path in SOURCES} == set(VERSIONS)
    assert len(SOURCES) >= 2 * len(SMALL_FILES)


def areas_of_one_block(**block: str) -> dict[str, Any]:
    """A source file with one area, whose only block has these keys."""
    cells: dict[str, list[Any]] = {cell: [] for cell in ("actions", "outcome", "impact")}
    return {"areas": [{"id": "a", "name": "A", "key": [block], **cells}]}


def test_the_schema_accepts_a_block_of_one_kind(schema: dict[str, Any]) -> None:
    assert accepts(schema, areas_of_one_block(id="b", bullet="words"))


@pytest.mark.parametrize(
    "block",
    [
        {"id": "b"},
        {"id": "b", "bullet": "words", "paragraph": "words"},
        {"id": "b", "bullet": "words", "colour": "red"},
        {"id": "b", "sub_bullet": "words"},
        {"id": "B", "bullet": "words"},
        {"bullet": "words"},
    ],
    ids=" ".join,
)
def test_the_schema_rejects_a_block_that_the_loader_would_refuse(
    schema: dict[str, Any], block: dict[str, str]
) -> None:
    assert not accepts(schema, areas_of_one_block(**block))


@pytest.mark.parametrize("key", ["colour", "overriding_objective", "area"])
def test_the_schema_rejects_an_unknown_key(schema: dict[str, Any], key: str) -> None:
    assert not accepts(schema, {key: "red"})


@pytest.mark.parametrize("key", ["areas", "people", "schools", "objectives"])
def test_the_schema_rejects_an_empty_list_where_entries_are_needed(
    schema: dict[str, Any], key: str
) -> None:
    assert not accepts(schema, {key: []})


@pytest.mark.parametrize("scalar", ["2017", "no", "1.10", "words"])
def test_the_schema_accepts_what_an_editor_takes_for_a_number_or_a_truth_value(
    schema: dict[str, Any], scalar: str
) -> None:
    assert accepts(schema, yaml.safe_load(f"period: {scalar}"))
