"""Files are seen, and commands are typed, from where one stands."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from signed_plan.commands.help import SECTIONS
from signed_plan.commands.standpoint import Standpoint
from signed_plan.errors import Problem
from signed_plan.paths import PlanFolder

from tests.commands.test_frame import EVERY
from tests.helpers import copy_plan
from tests.test_cli import plan

HERE = Standpoint()


def there(root: Path, made: Path | None = None) -> Standpoint:
    return Standpoint(PlanFolder(root.resolve(), made and made.resolve()), root, made)


def test_a_command_needs_nothing_more_where_no_folder_was_named() -> None:
    text = "Run: plan issue 2017-07, or see source/settings.yaml"
    assert HERE.complete(text) == text


@pytest.mark.parametrize("name", [name for name in EVERY if name != "batch"])
def test_every_command_is_completed_with_the_folder_that_was_named(name: str) -> None:
    told = Standpoint(None, Path("our plan"), Path("out")).complete(f"Run: plan {name} A, then go.")
    assert told == f"Run: plan {name} -C 'our plan' -O out A, then go."


def test_what_is_complete_already_and_what_is_no_command_stay_as_they_are() -> None:
    away = Standpoint(None, Path("demo"))
    for text in (
        "plan verify -C other x.pdf",
        "plan --help lists every command.",
        "The plan was signed, and the plan issues are open.",
        "make plan",
        "plan batch a b",
    ):
        assert away.complete(text) == text
    assert away.complete("plan check, or: plan ids -C x") == "plan check -C demo, or: plan ids -C x"


def test_a_file_in_a_sentence_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    away = there(Path("demo"), Path("out"))
    assert away.complete("Write it in source/settings.yaml.") == (
        "Write it in demo/source/settings.yaml."
    )
    assert away.complete("Bring output/register.jsonl back.") == "Bring out/register.jsonl back."
    quoted = '"source/2017" is no version; nor is other/source/x or source/'
    assert away.complete(quoted) == quoted


def test_the_place_of_a_mistake_is_seen_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    problem = Problem("source/a.yaml", 3, 7, "it is odd", "")
    assert there(Path("demo")).place(problem) == "demo/source/a.yaml:3:7"
    assert HERE.place(problem) == "source/a.yaml:3:7"


@pytest.mark.slow("runs one command, and then the one that it names")
def test_what_to_do_next_works_when_it_is_pasted_where_one_stands(tmp_path: Path) -> None:
    root = tmp_path / "it's our plan"
    copy_plan(root)
    said = plan("check", "-C", root.name, cwd=tmp_path).stdout.splitlines()[-1]
    words = shlex.split(said.removeprefix("Next: "))
    assert words[:2] == ["plan", "build"]
    assert words[1] in {name for names in SECTIONS.values() for name in names}
    done = plan("status", *words[2:], cwd=tmp_path)
    assert done.returncode == 0, done.stderr
