"""The command `plan` as a clerk meets it: plain sentences, set exit codes, never a traceback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.helpers import REPO, copy_plan, edit, run_plan
from tests.register.sample_events import enter, records

slow = pytest.mark.slow("runs whole commands, each in a process")


def plan(*words: str, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "signed_plan.cli", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPO / "pipeline"), **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], code: ExitCode) -> str:
    """The sentence on standard error of a command that ended with this code."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("plan: ")
    return done.stderr


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    return copy_plan(tmp_path_factory.mktemp("sources"))


@slow
@pytest.mark.parametrize(
    "words",
    [["build"], ["check"], ["status"], ["log"], ["verify"], ["ids"], ["schema"]],
)
def test_every_command_ends_by_saying_what_comes_next(
    built_plan: PlanFolder, words: list[str]
) -> None:
    done = run_plan(built_plan, *words)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("Next: ")


@slow
def test_new_copies_the_last_version_and_says_what_comes_next(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    done = run_plan(folder, "new", "2018-03")
    assert done.returncode == 0, done.stderr
    assert "2018-03 is a copy of 2017-11" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("Next: change source/2018-03/")
    assert run_plan(folder, "check", "2018-03").returncode == 0


def test_the_nearest_parent_with_a_source_folder_is_the_plan_folder(built_once: PlanFolder) -> None:
    inside = built_once.output / "2017-11"
    done = plan("status", cwd=inside)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2017-07  built")


@slow
def test_c_names_another_plan_folder(built_once: PlanFolder, tmp_path: Path) -> None:
    assert plan("status", "-C", str(built_once.root), cwd=tmp_path).returncode == 0


@slow
def test_no_plan_folder_is_a_usage_error(tmp_path: Path) -> None:
    assert "There is no plan here" in refused(plan("build", cwd=tmp_path), ExitCode.USAGE)
    told = refused(plan("verify", "action-plan.pdf", cwd=tmp_path), ExitCode.USAGE)
    assert "There is no plan here" in told
    assert "What a PDF alone proves: plan extract FILE" in told


def test_c_with_a_folder_that_holds_no_plan_is_a_usage_error(tmp_path: Path) -> None:
    said = refused(plan("build", "-C", str(tmp_path), cwd=REPO), ExitCode.USAGE)
    assert "is not a plan folder" in said


@slow
@pytest.mark.parametrize("words", [["biuld"], ["build", "--quickly"], ["new"]])
def test_words_that_mean_nothing_are_a_usage_error(sources: PlanFolder, words: list[str]) -> None:
    assert "plan --help" in refused(plan(*words, cwd=sources.root), ExitCode.USAGE)


def test_plan_alone_lists_its_commands(sources: PlanFolder) -> None:
    done = plan(cwd=sources.root)
    assert done.returncode == ExitCode.USAGE
    assert "verify" in done.stdout
    assert done.stderr == ""


@slow
def test_mistakes_in_the_sources_are_all_shown_with_their_lines_and_exit_3(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    edit(folder.source / "2017-11/areas.yaml", "links: [1, 2, 7]", "links: [1, 2, 70]")
    edit(
        folder.source / "2017-11/people.yaml",
        "role: Head Teacher\n    school: bank-road",
        "rôle: Head Teacher\n    school: bank-road",
    )
    done = run_plan(folder, "build")
    said = refused(done, ExitCode.SOURCE)
    assert re.search(
        r"^source/2017-11/areas\.yaml:\d+:19: there is no objective number 70$", done.stdout, re.M
    )
    assert re.search(
        r'^source/2017-11/people\.yaml:\d+:5: the key "rôle" is not known here$', done.stdout, re.M
    )
    assert "    links: [1, 2, 70]" in done.stdout
    assert "\n                      ^\n" in done.stdout
    assert "3 problems in the sources" in said
    assert not folder.register.exists()


@slow
def test_a_template_mistake_is_exit_4(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/plan.docx").write_text("not a Word file")
    assert "plan.docx is not a Word file" in refused(run_plan(folder, "build"), ExitCode.TEMPLATE)


@slow
def test_a_missing_libreoffice_is_exit_5(sources: PlanFolder, tmp_path: Path) -> None:
    for name in ("fc-match", "fc-list"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    done = run_plan(sources, "build", env={**os.environ, "PATH": str(tmp_path)})
    assert "LibreOffice is not installed" in refused(done, ExitCode.MISSING)


@slow
def test_a_lying_libreoffice_is_exit_6_and_the_last_good_output_stays(
    built_plan: PlanFolder, tmp_path: Path
) -> None:
    fake = tmp_path / "bin/soffice"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexit 0\n")
    fake.chmod(0o755)
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    before = {path: path.read_bytes() for path in built_plan.output.rglob("*") if path.is_file()}
    path = f"{fake.parent}:{os.environ['PATH']}"
    done = run_plan(built_plan, "build", env={**os.environ, "PATH": path})
    assert "without making a PDF" in refused(done, ExitCode.CONVERSION)
    assert {path: path.read_bytes() for path in before} == before


def test_a_frozen_version_is_exit_7(built_plan: PlanFolder) -> None:
    enter(read(built_plan.register), "issued", "2017-07").save()
    built_plan.pdf("2017-07").unlink()
    assert "has been issued and is frozen" in refused(
        run_plan(built_plan, "build"), ExitCode.FROZEN
    )


@slow
def test_a_failed_verification_is_exit_8(built_plan: PlanFolder) -> None:
    built_plan.docx("2017-07").unlink()
    done = run_plan(built_plan, "verify")
    assert "NOT VERIFIED at step 11 (version 2017-07, its Word file)" in refused(
        done, ExitCode.VERIFICATION
    )
    assert done.stdout.splitlines()[-1] == " 11. differs  2017-07   its Word file"


def test_an_output_folder_that_cannot_be_written_is_exit_1(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    (tmp_path / "output").write_text("a file is in the way")
    assert "cannot be written to" in refused(run_plan(folder, "build"), ExitCode.FAILED)


def test_verbose_shows_the_traceback_below_the_sentence(tmp_path: Path) -> None:
    done = plan("build", "-v", "-C", str(tmp_path), cwd=REPO)
    assert done.stderr.startswith("plan: ")
    assert "Traceback" in done.stderr


def test_check_advises_and_changes_nothing(sources: PlanFolder) -> None:
    before = {path: path.read_bytes() for path in sources.source.rglob("*.yaml")}
    done = run_plan(sources, "check", "2017-11")
    assert done.returncode == 0
    assert '"top date" may be meant to be "to date"' in done.stdout
    assert "No mistakes in 2017-11." in done.stdout
    assert {path: path.read_bytes() for path in before} == before


def test_log_as_json_is_the_register(built_once: PlanFolder) -> None:
    done = run_plan(built_once, "log", "--json")
    assert json.loads(done.stdout) == list(records(read(built_once.register)))


def test_status_names_who_is_to_sign(built_once: PlanFolder) -> None:
    done = run_plan(built_once, "status", "--json")
    july, november = json.loads(done.stdout)
    assert july["state"] == november["state"] == "built"
    assert november["version"] == "2017-11"
    assert november["to_sign"] == [
        "Carole Clemens",
        "Sally Beardsley",
        "Andy Hitchcock",
        "Kevin Snow",
    ]


def test_status_of_a_changed_version_names_what_changed(built_plan: PlanFolder) -> None:
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    done = run_plan(built_plan, "status")
    assert "2017-11  stale (people.yaml was changed); to sign: Carole Clemens" in done.stdout
    assert done.stdout.endswith("Next: plan build\n")


def test_a_version_whose_sources_are_gone_is_named(built_plan: PlanFolder) -> None:
    (built_plan.source / "2017-11").rename(built_plan.root / "away")
    assert (
        "2017-11  in the register, but its sources are gone"
        in run_plan(built_plan, "status").stdout
    )


def test_a_file_that_cannot_be_read_is_one_sentence(built_plan: PlanFolder) -> None:
    built_plan.register.unlink()
    built_plan.register.mkdir()
    assert "register.jsonl cannot be read or written" in refused(
        run_plan(built_plan, "log"), ExitCode.FAILED
    )


def test_a_terminal_that_lacks_a_letter_is_no_error(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    edit(folder.source / "2017-11/people.yaml", "name: Kevin Snow", "name: [漢]")
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}
    assert "\\u6f22" in run_plan(folder, "check", env=env).stdout


def test_what_to_type_next_is_make_where_there_is_a_makefile(built_plan: PlanFolder) -> None:
    (built_plan.root / "Makefile").touch()
    assert run_plan(built_plan, "check").stdout.endswith("Next: make plan\n")


@slow
def test_verify_as_json_gives_every_step_and_the_verdict(built_plan: PlanFolder) -> None:
    good = json.loads(run_plan(built_plan, "verify", "--json").stdout)
    assert good["holds"] is True
    assert {"number", "version", "what", "difference"} == set(good["steps"][0])
    built_plan.pdf("2017-11").unlink()
    done = run_plan(built_plan, "verify", "--json")
    assert done.returncode == ExitCode.VERIFICATION
    assert json.loads(done.stdout)["holds"] is False


@slow
def test_ids_are_written_where_they_are_missing(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    areas = folder.source / "2017-11/areas.yaml"
    edit(areas, "      - id: staff-maths-leads-meet-spring\n        bullet:", "      - bullet:")
    assert "plan ids" in run_plan(folder, "check").stdout
    done = run_plan(folder, "ids")
    assert done.returncode == 0, done.stderr
    assert "2017-11  staff-maths-leads-meet-spring" in done.stdout
    assert run_plan(folder, "check").returncode == 0


@slow
def test_a_reader_that_stops_reading_is_no_error(built_once: PlanFolder) -> None:
    command = f"{sys.executable} -m signed_plan.cli verify -C '{built_once.root}' | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_an_interruption_that_python_drops_in_a_callback_prints_no_traceback() -> None:
    code = """if True:
        import sys
        from signed_plan import cli
        from signed_plan.commands.frame import Interrupted
        class Callback:
            def __del__(self):
                raise error
        sys.argv = ["plan", "--version"]
        try:
            cli.main()
        except SystemExit:
            for error in (Interrupted(), ValueError("another")):
                Callback()
        """
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert "Interrupted" not in done.stderr
    assert "ValueError: another" in done.stderr
