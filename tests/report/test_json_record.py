"""The JSON that programs read: its keys are a promise."""

from __future__ import annotations

import json

from signed_plan.compare.compare import compare
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.register.chain import read
from signed_plan.report.json_record import FORMAT, comparison_record, trace_record
from signed_plan.report.trace import trace

from tests.helpers import REPO

JULY, NOVEMBER = load(PlanFolder(REPO))
REFERENCE = (REPO / "docs/reference.md").read_text(encoding="utf-8")


def test_every_change_is_told_with_its_pieces() -> None:
    comparison = compare(JULY, NOVEMBER)
    told = comparison_record(comparison)
    assert [
        ("".join(text for kind, text in one["pieces"] if kind != "added"), one["action"])
        for one in told["changes"]
    ] == [(change.old, change.action) for change in comparison.changes]
    assert told["new"] == {
        "version": "2017-11",
        "fingerprint": NOVEMBER.fingerprint.hex,
        "supersedes": JULY.fingerprint.hex,
    }
    assert told["old"]["supersedes"] is None
    assert json.loads(json.dumps(told)) == told


def test_every_line_is_traced() -> None:
    told = trace_record(NOVEMBER, trace(NOVEMBER, read(REPO / "tests/no-register")))
    blocks = [line["id"] for line in told["lines"] if line["part"] == "block"]
    assert blocks == [block.id for area in NOVEMBER.plan.areas for block in area.blocks]
    assert {line["since"] for line in told["lines"]} == {"2017-07", "2017-11"}
    assert all(line["signed"] == [] for line in told["lines"])


def test_the_reference_names_every_key_and_the_format() -> None:
    told = comparison_record(compare(JULY, NOVEMBER))
    lines = trace_record(NOVEMBER, trace(NOVEMBER, read(REPO / "tests/no-register")))
    keys = {*told, *told["areas"][0], *told["changes"][0], *lines, *lines["lines"][0]} - {"format"}
    assert [key for key in keys if f"`{key}`" not in REFERENCE] == []
    assert f'`"format": {FORMAT}`' in REFERENCE
