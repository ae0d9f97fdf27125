"""What all commands share: their options, where they work, and how they end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from signed_plan.cli import run
from signed_plan.commands import frame
from signed_plan.commands.frame import (
    Interrupted,
    command,
    how_to_build,
    plan,
    print_json,
    read_handed_in,
    stage,
)
from signed_plan.commands.help import SECTIONS
from signed_plan.errors import UsageError
from signed_plan.paths import PlanFolder
from signed_plan.signing import untrusted_pdf

from tests.helpers import copy_plan

Capture = pytest.CaptureFixture[str]


def commands(group: click.Group = plan) -> Iterator[tuple[str, click.Command]]:
    for name, one in group.commands.items():
        if isinstance(one, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in commands(one))
        else:
            yield name, one


EVERY = dict(commands())


@pytest.mark.parametrize("name", EVERY)
def test_every_command_takes_a_folder_and_shows_details_on_demand(name: str) -> None:
    options = {option for parameter in EVERY[name].params for option in parameter.opts}
    assert {"-v", "--verbose"} <= options
    assert {"-C", "-O"} <= options or name == "batch", "which takes as many folders as it is given"


@pytest.mark.parametrize("name", EVERY)
def test_every_command_explains_itself_in_lines_that_fit(name: str, capsys: Capture) -> None:
    assert run([*name.split(), "--help"]) == 0
    said = capsys.readouterr().out
    assert EVERY[name].help
    assert (EVERY[name].help or "").splitlines()[0].endswith(".")
    assert max(map(len, said.splitlines())) <= 80


@pytest.mark.parametrize("name", EVERY)
def test_no_command_takes_a_passphrase_as_an_argument_or_from_the_environment(name: str) -> None:
    for parameter in EVERY[name].params:
        assert parameter.envvar is None
        for option in parameter.opts:
            if "pass" in option:
                assert option.endswith("-file")


def test_help_lists_every_command_with_a_whole_sentence(capsys: Capture) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out
    sections = said.partition("this message and exit.\n\n")[2]
    listed = [line for line in sections.splitlines() if line.startswith("  ")]
    assert [line.split()[0] for line in listed] == [one for row in SECTIONS.values() for one in row]
    assert {line.split()[0] for line in listed} == set(plan.commands)
    assert [line for line in listed if not line.endswith(".")] == []


def test_a_folder_that_is_no_plan_is_one_sentence(tmp_path: Path, capsys: Capture) -> None:
    assert run(["status", "-C", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "is not a plan folder" in said.err


@pytest.mark.parametrize(
    "words",
    [
        ["extract"],
        ["verify"],
        ["compare", "2017-07", "2017-11", "--anchor"],
        ["verify", "--anchor"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_a_file_that_would_never_end_is_refused_at_once(
    words: list[str], kind: str, tmp_path: Path, capsys: Capture
) -> None:
    place = Path("/dev/zero") if kind == "device" else tmp_path / "pipe"
    if kind == "pipe":
        os.mkfifo(place)
    assert run([*words, str(place), "-C", str(copy_plan(tmp_path).root)]) in (1, 2)
    said = capsys.readouterr().err
    assert str(place) in said
    assert len(said.splitlines()) <= 3


def test_a_file_that_is_read_handed_in_is_read_up_to_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(untrusted_pdf, "MAX_BYTES", 2_000_000)
    file = tmp_path / "file.pdf"
    file.write_bytes(bytes(2_000_000))
    assert read_handed_in(file, "Name it.") == bytes(2_000_000)
    file.write_bytes(bytes(2_000_001))
    for then in ("", ": it is no plan"):
        with pytest.raises(UsageError) as caught:
            read_handed_in(file, "Name it.", then)
        assert caught.value.message == f"{file} is larger than 2 MB{then}."
        assert caught.value.remedy == "Name it."


def test_what_to_type_is_make_where_there_is_a_makefile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "our plan"
    root.mkdir()
    monkeypatch.chdir(root)
    assert how_to_build(PlanFolder(root)) == "plan build"
    (root / "Makefile").touch()
    assert how_to_build(PlanFolder(root)) == "make plan"
    assert how_to_build(PlanFolder(root, tmp_path)) == "plan build", "make knows no other output"
    monkeypatch.chdir(tmp_path)
    assert how_to_build(PlanFolder(root)) == "make -C 'our plan' plan"


def test_json_on_a_terminal_cannot_steer_it(capsys: Capture) -> None:
    value = {"reason": "\x1b[2J\x9b2K\u202eno\u2028\ud800\U000e0041 Zoë"}
    print_json(value)
    said = capsys.readouterr().out
    assert all(line.isprintable() for line in said.splitlines())
    assert "Zoë" in said
    assert json.loads(said) == value


def test_a_command_that_works_anywhere_is_given_the_folder_that_there_is_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group, seen = click.Group("plan"), []

    @command("try", anywhere=True, group=group)
    def attempt(folder: PlanFolder | None) -> None:
        """Try."""
        seen.append(folder)

    monkeypatch.chdir(tmp_path)
    group.main(["try"], standalone_mode=False)
    with pytest.raises(UsageError, match="is not a plan folder"):
        group.main(["try", "-C", str(tmp_path)], standalone_mode=False)
    (tmp_path / "source").mkdir()
    group.main(["try"], standalone_mode=False)
    assert seen == [None, PlanFolder(tmp_path)]


def test_json_keeps_every_letter(capsys: Capture) -> None:
    print_json({"name": "Zoë"})
    assert capsys.readouterr().out == '{\n  "name": "Zoë"\n}\n'


def test_an_interrupt_that_a_library_swallowed_ends_the_command_at_the_next_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with stage("Read the sources"):
        pass
    monkeypatch.setattr(Interrupted, "came", True)
    with pytest.raises(Interrupted), stage("Write"):
        pytest.fail("went on")


def test_waiting_for_another_command_is_shown(capsys: Capture) -> None:
    frame.waiting()
    assert "Waiting for it to finish" in capsys.readouterr().out


def test_a_command_is_given_its_folder_and_its_words(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    group, seen = click.Group("plan"), []

    @command("try", many=True, as_json=True, group=group)
    def attempt(folder: PlanFolder, versions: tuple[str, ...], as_json: bool) -> None:
        """Try."""
        seen.append((folder, versions, as_json))

    words = ["try", "a", "b", "--json", "-C", str(tmp_path)]
    group.main(words, standalone_mode=False)
    assert seen == [(PlanFolder(tmp_path), ("a", "b"), True)]


@pytest.mark.parametrize("name", [".staged", "2017-07", "register.jsonl", "draft"])
@pytest.mark.parametrize("words", ["build", "status", "verify", "log", "check"])
def test_no_command_follows_a_link_out_of_the_outputs(
    words: str, name: str, tmp_path: Path, capsys: Capture
) -> None:
    folder = copy_plan(tmp_path / "plan")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "diary").write_text("private")
    folder.output.mkdir(exist_ok=True)
    (folder.output / name).symlink_to(tmp_path / "elsewhere")
    assert run([words, "-C", str(folder.root)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert f"{name} is a link to" in said
    assert "rm " in said
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["diary"]
    assert [path.name for path in folder.output.iterdir()] == [name]


@pytest.mark.slow("builds, signs, or starts a process")
def test_outputs_that_are_as_a_whole_behind_a_link_are_used(
    built_plan: PlanFolder, tmp_path: Path, capsys: Capture
) -> None:
    built_plan.output.rename(tmp_path / "drive")
    built_plan.output.symlink_to(tmp_path / "drive")
    built_plan.docx("2017-07").unlink()
    for words in ("build", "verify"):
        assert run([words, "-C", str(built_plan.root)]) == 0, capsys.readouterr().err
    assert built_plan.output.is_symlink()
    assert built_plan.docx("2017-07").is_file()
