"""check, new, ids, schema: what they say, and what they change."""

from __future__ import annotations

import re

import pytest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.commands.helpers import Command
from tests.helpers import edit

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def plan(built_plan: PlanFolder, capsys: Capture) -> Command:
    return Command(built_plan, capsys)


def test_check_says_that_there_are_no_mistakes(plan: Command) -> None:
    said = plan.succeed("check", "2017-07")
    assert "No mistakes in 2017-07." in said
    assert said.endswith("Next: plan build\n")


def test_check_shows_slips_and_says_that_nothing_was_changed(plan: Command) -> None:
    said = plan.succeed("check", "2017-11")
    assert '"top date" may be meant to be "to date"' in said
    assert "advice. Nothing was changed: the words are yours." in said


def test_check_shows_each_mistake_with_its_place_and_ends_with_3(plan: Command) -> None:
    edit(plan.folder.source / "2017-11/people.yaml", "name: Kevin Snow", "nmae: Kevin Snow")
    assert "problems in the sources" in plan.fail(ExitCode.SOURCE, "check")
    assert "source/2017-11/people.yaml:" in plan.out
    assert '"nmae" is not known here' in plan.out


def test_new_copies_and_says_what_to_change(plan: Command) -> None:
    said = plan.succeed("new", "2018-03", "--from", "2017-11")
    assert "2018-03 is a copy of 2017-11 and supersedes it" in said
    assert (plan.folder.source / "2018-03/plan.yaml").is_file()
    assert "2018-03" in plan.fail(ExitCode.USAGE, "new", "2018-03")


def test_ids_says_that_none_is_missing_or_which_were_given(plan: Command) -> None:
    assert "Every entry has an id." in plan.succeed("ids")
    areas = plan.folder.source / "2017-11/areas.yaml"
    edit(areas, "      - id: staff-maths-leads-meet-spring\n        bullet:", "      - bullet:")
    said = plan.succeed("ids")
    assert "2017-11  staff-maths-leads-meet-spring" in said
    assert "The ids are written." in said


def test_schema_names_the_file_that_it_wrote(plan: Command) -> None:
    assert "source/plan.schema.json is up to date." in plan.succeed("schema")


def test_check_refuses_a_name_that_no_signature_can_show(plan: Command) -> None:
    people = plan.folder.source / "2017-11/people.yaml"
    edit(people, "name: Kevin Snow", "name: 张伟")
    assert "1 problem in the sources" in plan.fail(ExitCode.SOURCE, "check", "2017-11")
    assert 'can show "张"' in plan.out


def test_check_tells_missing_ids_in_one_line_after_the_mistakes(plan: Command) -> None:
    areas = plan.folder.source / "2017-11/areas.yaml"
    text = areas.read_text(encoding="utf-8")
    areas.write_text(re.sub(r"- id: [a-z0-9-]+\n +", "- ", text), encoding="utf-8")
    edit(plan.folder.source / "2017-11/people.yaml", "name: Kevin Snow", "nmae: Kevin Snow")
    assert "3 problems in the sources" in plan.fail(ExitCode.SOURCE, "check", "2017-11")
    lines = plan.out.splitlines()
    (told,) = [at for at, line in enumerate(lines) if "no id" in line]
    assert told > max(at for at, line in enumerate(lines) if "people.yaml" in line)
    assert "`plan ids`" in lines[told + 1]
