"""`plan status` as a user sees it: who has signed, who is next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.errors import ExitCode
from signed_plan.lifecycle.send import send
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one

from tests.commands.helpers import Command, run_and_read
from tests.helpers import copy_plan, run_plan
from tests.lifecycle.helpers import set_settings
from tests.story import JULY, KEVIN, NOVEMBER, Story, prompts

slow = pytest.mark.slow("runs commands that build or sign, each in a process")


def test_status_shows_who_signed_how_and_who_is_next(story: Story) -> None:
    told = run_and_read(story.at("july, Andy"), "status")
    assert "2017-07 issued, signed by 3 of 4 July 2017, head teachers and JCC Carole" in told
    moment = r"\d+ \w+ 20\d\d, \d\d:\d\d UTC"
    for pattern in (
        rf"Carole Clemens signed with their own certificate, {moment}",
        rf"Sally Beardsley signed with their own certificate, in another program, {moment}",
        "Kevin Snow is next",
        "2017-11 built; to sign: Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow",
        f"Next: plan send 2017-07, or: plan sign 2017-07 --as {KEVIN}",
    ):
        assert re.search(pattern, told), pattern


@slow
def test_whoever_was_sent_the_file_is_waited_for(story: Story, tmp_path: Path) -> None:
    folder = story.copy("july, Andy", tmp_path / "plan")
    set_settings(folder, "people:", f"  {KEVIN}:", "    email: kevin@school.example")
    send(folder, JULY, prompts())
    told = run_and_read(folder, "status")
    assert f"Next: plan receive FILE, or: plan sign 2017-07 --as {KEVIN}" in told


STATUS: dict[str, tuple[str, ...]] = {
    "july, Kevin": ("2017-07 issued, signed by 4 of 4", "Next: plan seal 2017-07"),
    "july sealed": ("2017-07 sealed, signed by 4 of 4", "Next: plan verify"),
    "november issued": (
        "2017-07 sealed and superseded, signed by 4 of 4",
        "2017-11 issued, signed by 0 of 6 November 2017, head teachers Carole Clemens is next "
        "Sally Beardsley has not signed 14th November 2017, JCC Carole Clemens is next",
    ),
    "jcc, Sally declined": ("Sally Beardsley declined, ", ": The library bid is missing. Andy"),
    "november sealed": ("2017-11 sealed, signed by 6 of 6", "Kevin Snow signed on paper, "),
}


@slow
@pytest.mark.parametrize("step", STATUS)
def test_status_shows_how_far_each_version_has_come(story: Story, step: str) -> None:
    told = run_and_read(story.at(step), "status")
    for part in STATUS[step]:
        assert part in told


def test_status_for_machines_has_each_person_of_each_review(story: Story) -> None:
    july, november = json.loads(
        run_plan(story.at("jcc, Sally declined"), "status", "--json").stdout
    )
    assert (july["stage"], november["stage"]) == ("superseded", "issued")
    assert november["to_sign"] == ["Sally Beardsley", "Andy Hitchcock", "Kevin Snow"]
    heads, jcc = november["reviews"]
    assert [one["status"] for one in heads["people"]] == ["signed with their own certificate"] * 2
    assert heads["next"] == []
    assert [(one["person"], one["status"]) for one in jcc["people"]] == [
        ("carole-clemens", "signed with their own certificate"),
        ("sally-beardsley", "declined"),
        ("andy-hitchcock", "not signed"),
        ("kevin-snow", "not signed"),
    ]
    assert jcc["people"][3]["at"] is None
    assert jcc["next"] == ["andy-hitchcock", "sally-beardsley"]


def test_two_people_of_one_name_are_told_apart_by_role_and_school(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copy_plan(tmp_path)
    for version in (JULY, NOVEMBER):
        people = folder.source / version / "people.yaml"
        people.write_text(people.read_text().replace("name: Andy Hitchcock", "name: Kevin Snow"))
    said = Command(folder, capsys).succeed("status", NOVEMBER)
    plan = load_one(folder, NOVEMBER).plan
    for one in (plan.person("andy-hitchcock"), plan.person(KEVIN)):
        assert f"Kevin Snow ({one.role}, {plan.school(one.school).name})" in said


def test_a_mistake_in_a_draft_does_not_hide_who_has_signed(at: Callable[[str], PlanFolder]) -> None:
    folder = at("july, Carole")
    (folder.source / "2017-11/people.yaml").write_text("people: [")
    ended = run_plan(folder, "status")
    assert ended.returncode == ExitCode.SOURCE
    assert "2017-07  issued, signed by 1 of 4" in ended.stdout
    assert "source/2017-11/people.yaml:1" in ended.stdout
