"""With the older version's content and `changes.json`, any program makes the newer version.

What is written here is such a program: it knows nothing of ours but the file that we write.
"""

from __future__ import annotations

import copy
import hashlib
import json
from typing import Any

import pytest
import yaml
from signed_plan.compare.compare import compare
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version, load
from signed_plan.report.json_record import comparison_record

from tests.compare.random_plans import a_version, pairs
from tests.helpers import REPO
from tests.plan.helpers import real_plan

Data = Any

JULY, NOVEMBER = load(real_plan())


def changes_json(old: Version, new: Version) -> Data:
    """The file, read again."""
    return json.loads(json.dumps(comparison_record(compare(old, new))))


def applied(content: Data, patch: list[Data]) -> Data:
    """RFC 6902, as far as the patch uses it."""
    content = copy.deepcopy(content)
    for operation in patch:
        *way, last = operation["path"].split("/")[1:]
        place = content
        for key in way:
            place = place[int(key)] if isinstance(place, list) else place[key]
        if operation["op"] == "add" and isinstance(place, list):
            assert int(last) <= len(place)
            place.insert(int(last), operation["value"])
            continue
        key = int(last) if isinstance(place, list) else last
        if operation["op"] == "remove":
            del place[key]
        elif operation["op"] == "replace":
            assert place[key] != operation["value"], "it is there, and another"
            place[key] = operation["value"]
        else:
            assert operation["op"] == "add"
            place[key] = operation["value"]
    return content


def fingerprint(content: Data, supersedes: str | None) -> str:
    """As the reference says: SHA-256 over RFC 8785, whose numbers here are whole."""
    record = {"content": content, "format": 1, "supersedes": supersedes}
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def as_written(name: str) -> Data:
    """A version's content as the reference says how to read it from its five files."""
    content: Data = {}
    for path in sorted((REPO / "source" / name).glob("*.yaml")):
        content |= yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    for objective in content["objectives"]:
        objective["number"] = int(objective["number"])
    for area in content["areas"]:
        links = [int(link) for link in area.pop("links", [])]
        if links:
            area["links"] = links
    return content


@pytest.mark.parametrize("names", [("2017-07", "2017-11"), ("2017-11", "2017-07")])
def test_the_shipped_versions_are_made_of_each_other_and_the_file(names: tuple[str, str]) -> None:
    versions = {"2017-07": JULY, "2017-11": NOVEMBER}
    told = changes_json(*(versions[name] for name in names))
    old, new = as_written(names[0]), as_written(names[1])
    assert fingerprint(old, told["old"]["supersedes"]) == told["old"]["fingerprint"]
    made = applied(old, told["patch"])
    assert made == new
    assert fingerprint(made, told["new"]["supersedes"]) == told["new"]["fingerprint"]
    assert told["new"]["fingerprint"] == versions[names[1]].fingerprint.hex


@pytest.mark.slow("builds, signs, or starts a process")
def test_whatever_became_of_a_plan_the_newer_is_made_of_the_older_and_the_file() -> None:
    seen = set()
    for old, new in pairs(150, seed=41):
        told = changes_json(old, new)
        made = applied(old.plan.content(), told["patch"])
        assert made == new.plan.content()
        assert fingerprint(made, told["new"]["supersedes"]) == new.fingerprint.hex
        seen |= {(one["part"], one["action"]) for one in told["changes"]}
    parts = {part for part, _ in seen}
    assert parts == {
        *("title", "column", "school", "person", "objective", "area", "block", "review")
    }
    assert {("block", action) for action in ("added", "moved", "split", "joined")} <= seen


def test_the_patch_says_no_more_than_what_changed() -> None:
    told = changes_json(JULY, NOVEMBER)
    text = json.dumps(told["patch"])
    kept = [block.text for area in JULY.plan.areas for block in area.blocks]
    assert not [one for one in kept if json.dumps(one) in text]
    assert changes_json(JULY, JULY)["patch"] == []


def test_a_moved_entry_and_one_without_its_id_are_not_the_whole_list() -> None:
    data = NOVEMBER.plan.content()
    data["areas"].append(data["areas"].pop(0))
    data["areas"][0]["id"] = "another"
    patch = changes_json(NOVEMBER, a_version(data))["patch"]
    assert [one["op"] for one in patch] == ["remove", "replace", "add"]
    assert [one["path"] for one in patch] == ["/areas/0", "/areas/0/id", "/areas/9"]
    assert all(cell in patch[2]["value"] for cell in CELLS)
