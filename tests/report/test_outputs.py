"""The files that tell of a comparison: all of them, of the folder as it stands, or none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.compare.changes import Comparison
from signed_plan.compare.compare import compare
from signed_plan.errors import TemplateError
from signed_plan.paths import PlanFolder
from signed_plan.plan.next_version import start_version
from signed_plan.plan.source import load
from signed_plan.progress import silent
from signed_plan.report.outputs import PDF, make_papers, papers_of_the_issued, write_papers
from signed_plan.report.sentences import MEANINGS, NEVER_BUILT
from signed_plan.verify.anchor import Anchor, read_anchor

from tests.helpers import copy_plan, run_plan
from tests.story import Story
from tests.test_processes import ends

At = Callable[[str], PlanFolder]

slow = pytest.mark.slow("makes many reports")


def compared(folder: PlanFolder) -> Comparison:
    return compare(*load(folder))


@slow
def test_papers_tell_of_the_same_comparison(built_plan: PlanFolder) -> None:
    made = make_papers(built_plan, compared(built_plan), silent, pdf=False).files
    assert sorted(made) == ["changes.json", "redline.docx", "report.html"]
    told = json.loads(made["changes.json"])
    assert told["headline"][0].encode() in made["report.html"]


def test_the_report_has_the_verdict_of_the_folder_as_it_stands(built_plan: PlanFolder) -> None:
    built_plan.docx("2017-11").write_bytes(b"something else")
    made = make_papers(built_plan, compared(built_plan), silent, pdf=False)
    assert b"NOT VERIFIED" in made.files["report.html"]
    assert made.verdict is not None and not made.verdict.holds


def test_in_a_folder_that_was_never_built_nothing_is_said_to_be_wrong(tmp_path: Path) -> None:
    plan = copy_plan(tmp_path / "plan")
    made = make_papers(plan, compared(plan), silent, pdf=False)
    page = made.files["report.html"].decode()
    assert made.verdict is None
    assert NEVER_BUILT in page
    assert "NOT VERIFIED" not in page and MEANINGS["NOT VERIFIED"] not in page
    assert "2017-11: " in page and "since it was never built in this folder" in page


def test_outputs_without_a_register_are_not_taken_for_a_folder_never_built(
    built_plan: PlanFolder,
) -> None:
    built_plan.register.unlink()
    made = make_papers(built_plan, compared(built_plan), silent, pdf=False)
    assert b"NOT VERIFIED" in made.files["report.html"]


@slow
def test_beside_a_version_that_was_built_one_that_was_not_is_told_and_no_fault(
    built_plan: PlanFolder,
) -> None:
    start_version(built_plan, "2018-03", "2017-11")
    made = make_papers(built_plan, compare(*load(built_plan)[1:]), silent, pdf=False)
    assert made.verdict is not None and made.verdict.holds
    page = made.files["report.html"].decode()
    assert "2018-03 was never built: nobody can have signed it yet." in page


@slow
def test_the_report_tells_whether_an_anchor_vouches_for_the_register(story: Story) -> None:
    folder = story.at("july sealed")
    receipt = read_anchor(str(folder.receipt("2017-07")))
    made = make_papers(folder, compared(folder), silent, pdf=False, anchor=receipt)
    assert b"VERIFIED, ANCHORED" in made.files["report.html"]
    other = make_papers(folder, compared(folder), silent, pdf=False, anchor=Anchor("0" * 64))
    assert b"it has no entry with that head" in other.files["report.html"]


def test_two_versions_are_compared_once(
    built_plan: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison at hand is also what tracing goes by."""
    comparison = compared(built_plan)
    monkeypatch.setattr("signed_plan.report.trace.compare", None)
    assert make_papers(built_plan, comparison, silent, pdf=False).files


def test_a_broken_template_leaves_older_papers_as_they_were(built_plan: PlanFolder) -> None:
    comparison = compared(built_plan)
    paths, _ = write_papers(built_plan, comparison, silent, lambda: None, pdf=False)
    before = {path: path.read_bytes() for path in paths}
    (built_plan.root / "templates").mkdir()
    (built_plan.root / "templates/plan.docx").write_bytes(b"not a Word file")
    with pytest.raises(TemplateError):
        write_papers(built_plan, comparison, silent, lambda: None, pdf=False)
    assert before == {path: path.read_bytes() for path in paths}
    assert PDF not in [path.name for path in paths]


@slow
def test_papers_of_the_issued_compare_them_and_no_draft(story: Story) -> None:
    assert papers_of_the_issued(story.at("built"), silent) == {}
    assert papers_of_the_issued(story.at("july sealed"), silent) == {}
    made = papers_of_the_issued(story.at("november issued"), silent)
    assert sorted(made) == [
        f"2017-07-to-2017-11/{name}"
        for name in ("changes.json", "redline.docx", PDF, "report.html")
    ]


def _forks(process: int) -> list[int]:
    """The children of a process that are copies of it."""
    place = Path(f"/proc/{process}")
    command = (place / "cmdline").read_bytes()
    children = map(int, (place / f"task/{process}/children").read_text().split())
    return [one for one in children if Path(f"/proc/{one}/cmdline").read_bytes() == command]


@pytest.mark.slow("runs and kills a whole command")
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends them at once")
@pytest.mark.parametrize("words", [["compare", "--no-pdf"], ["verify"]])
def test_a_killed_command_leaves_no_process_that_works_on(words: list[str], at: At) -> None:
    folder = at("november sealed")
    command = [sys.executable, "-m", "signed_plan.cli", *words]
    process = subprocess.Popen(command, cwd=folder.root, stdout=subprocess.DEVNULL)
    while not (forked := _forks(process.pid)):
        assert process.poll() is None, "it has ended without a copy of itself"
    process.kill()
    process.wait()
    assert all(map(ends, forked))
    assert run_plan(folder, "status").returncode == 0
