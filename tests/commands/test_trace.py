"""`plan trace` as a user sees it: who stands behind each line, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.helpers import Command
from tests.helpers import copy_plan
from tests.story import Story


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command on the real sources, of which nothing was built."""
    return Command(copy_plan(tmp_path / "plan"), capsys)


def test_a_line_nobody_has_signed_stands_out(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Command(story.at("november issued"), capsys).succeed("trace", "2017-11").splitlines()
    assert told[0] == "2017-11: 135 lines, 42 of them signed by nobody yet"
    assert told[1].startswith("  1   93 lines since 2017-07, signed by Carole Clemens, Sally ")
    assert told[2] == "  2!  42 lines since 2017-11, SIGNED BY NOBODY YET"
    assert "    2!  Autumn 2017" in told
    assert "    1   1 Demonstrating a commitment to a sustained partnership" in "\n".join(told)
    assert "    1   Objective 1, Objective 2, Objective 5, Objective 10" in told
    assert "    1   • Governor training shared" in told


def test_the_last_version_is_traced_by_default(plan: Command) -> None:
    assert plan.succeed("trace").startswith("2017-11: 135 lines, 135 of them signed by nobody yet")


def test_trace_has_json(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    command = Command(story.at("november issued"), capsys)
    assert command("trace", "--json") == 0
    told = json.loads(command.out)
    assert (told["format"], told["version"]["version"], len(told["lines"])) == (1, "2017-11", 135)
    line = told["lines"][0]
    assert (line["part"], line["value"], line["since"]) == ("title", "title", "2017-07")
    assert told["lines"][-1]["area"] == "combined-sip-priorities"
    assert line["signed"][0] == {"name": "Carole Clemens", "versions": ["2017-07"]}
