"""`plan compare` and `make audit` as a user sees them: words, files, JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder
from signed_plan.plan.next_version import start_version
from signed_plan.report.outputs import PDF

from tests.commands.helpers import Command
from tests.helpers import copy_plan, edit
from tests.story import Story

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

PAPERS = ["changes.json", "redline.docx", PDF, "report.html"]
EDITED = "2018-03"


@pytest.fixture
def plan(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command on the real sources, of which nothing was built."""
    return Command(copy_plan(tmp_path / "plan"), capsys)


@pytest.fixture
def edited(plan: Command) -> Command:
    """A third version, with a change of every kind in the area Staff."""
    start_version(plan.folder, EDITED, "2017-11")
    areas = plan.folder.source / EDITED / "areas.yaml"
    edit(
        areas,
        "bullet: SENcos to meet (5 December 2017)",
        "bullet: SENcos to meet (6 December 2017)",
    )
    edit(areas, "bullet: Maths leads to meet Spring 1", "sub-bullet: Maths leads to meet, Spring 1")
    leads = (
        "      - id: staff-english-leads-4-december\n        bullet: English leads (4 December)\n"
    )
    edit(areas, leads, "")
    heading = "      - id: staff-autumn-2017\n"
    edit(areas, heading, leads + heading)
    shared = "      - id: safeguarding-governor-training-shared\n"
    edit(areas, f"{shared}        bullet: Governor training shared\n", "")
    edit(areas, "- id: safeguarding-scr-reviewed-hts-office\n", "- id: another\n")
    return plan


def output_folder(folder: PlanFolder) -> Path:
    return folder.comparison("2017-07", "2017-11")


def test_the_last_two_versions_are_compared_overview_first(plan: Command) -> None:
    told = plan.succeed("compare", "--no-pdf").splitlines()
    assert told[:2] == [
        "From 2017-07 to 2017-11",
        "  6 of 10 areas changed, 2 added, 2 unchanged.",
    ]
    at = told.index("Safeguarding: 2 lines added")
    assert told[at + 1 : at + 4] == [
        "  Specific actions to achieve key objectives",
        "    + Autumn 2017",
        "    + • Safeguarding governors from both schools to compare Safeguarding audits",
    ]
    assert "Parents: unchanged" in told


@slow
def test_all_papers_are_made_and_named(
    built_plan: PlanFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Command(built_plan, capsys)
    told = command.succeed("compare", "2017-07", "2017-11")
    made = output_folder(built_plan)
    assert sorted(path.name for path in made.iterdir()) == PAPERS
    assert [f"  output/compare/2017-07-to-2017-11/{name}" for name in PAPERS] == [
        line for line in told.splitlines() if line.startswith("  output/")
    ]
    assert "VERIFIED" in (made / "report.html").read_text(encoding="utf-8")
    assert command("verify") == 0, "nothing in output/compare is taken for an output of the plan"


@slow
def test_papers_are_the_same_bytes_each_time(plan: Command) -> None:
    plan.succeed("compare", "--no-pdf")
    first = {path.name: path.read_bytes() for path in output_folder(plan.folder).iterdir()}
    plan.succeed("compare", "--no-pdf")
    assert first == {path.name: path.read_bytes() for path in output_folder(plan.folder).iterdir()}


def test_an_older_pdf_does_not_stay_beside_newer_papers(plan: Command) -> None:
    made = output_folder(plan.folder)
    made.mkdir(parents=True)
    (made / PDF).write_bytes(b"of other changes")
    plan.succeed("compare", "--no-pdf")
    assert not (made / PDF).exists()


@slow
def test_changes_are_marked_without_colour(edited: Command) -> None:
    told = edited.succeed("compare", "--no-pdf")
    assert "From 2017-11 to 2018-03" in told
    for line in (
        "    ~ • SENcos to meet ([-5-]{+6+} December 2017)",
        "    ~ – Maths leads to meet{+,+} Spring 1 (was a bullet, is a sub-bullet) (editorial)",
        "    > • English leads (4 December) (moved within this cell)",
        "    < • English leads (4 December) (moved within this cell)",
        "    - • Governor training shared",
        "  1 entry has another id now; it was recognised by its words.",
    ):
        assert f"{line}\n" in told
    assert "safeguarding-scr-reviewed-hts-office is" not in told
    more = edited.succeed("compare", "--no-pdf", "-v")
    assert "  block safeguarding-scr-reviewed-hts-office is another now: SCR – rev" in more


@slow
def test_a_file_typed_again_without_its_ids_is_one_line(plan: Command) -> None:
    start_version(plan.folder, EDITED, "2017-11")
    areas = plan.folder.source / EDITED / "areas.yaml"
    text = areas.read_text(encoding="utf-8")
    areas.write_text(re.sub(r"(?m)^( +- id: )(.*)$", r"\1again-\2", text), encoding="utf-8")
    told = plan.succeed("compare", "--no-pdf")
    lost = text.count("- id: ")
    assert lost > 100
    assert f"  {lost} entries have other ids now; they were recognised by their words.\n" in told
    assert told.count("again-") == 0
    assert "  Nothing changed: the two versions say the same, word for word.\n" in told


def test_what_moved_or_was_split_looks_neither_added_nor_removed(plan: Command) -> None:
    start_version(plan.folder, EDITED, "2017-11")
    areas = plan.folder.source / EDITED / "areas.yaml"
    edit(
        areas,
        "bullet: SENcos to meet (5 December 2017)",
        "bullet: SENcos to meet\n      - id: split-off\n        bullet: (5 December 2017)",
    )
    told = plan.succeed("compare", "--no-pdf")
    for line in (
        "  1 paragraph was split: no words lost.",
        "Staff: 1 line split in two",
        "    / • SENcos to meet (split in two, no words lost)",
        "    / • (5 December 2017) (part 2 of 2)",
    ):
        assert f"{line}\n" in told
    assert "[-" not in told and "{+" not in told


@slow
def test_an_anchor_is_held_against_the_register_as_verify_does(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    command = Command(story.at("july sealed"), capsys)
    receipt = command.folder.receipt("2017-07")
    told = command.succeed("compare", "--no-pdf", "--anchor", str(receipt))
    assert "VERIFIED, ANCHORED: 2017-07 is signed by 4 of 4" in told
    said = command.fail(ExitCode.VERIFICATION, "compare", "--no-pdf", "--anchor", "0" * 64)
    assert "it has no entry with that head" in said
    page = output_folder(command.folder) / "report.html"
    assert "it has no entry with that head" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--anchor", "nonsense"), "neither a receipt nor a register"),
        (("--anchor", "0" * 64, "--json"), "With --json no report is made"),
    ],
)
def test_an_anchor_that_can_not_be_used_is_refused(
    plan: Command, options: tuple[str, ...], why: str
) -> None:
    assert why in plan.fail(ExitCode.USAGE, "compare", *options)


def test_objectives_put_in_front_with_links_left_say_which_areas_point_elsewhere(
    plan: Command,
) -> None:
    start_version(plan.folder, EDITED, "2017-11")
    path = plan.folder.source / EDITED / "objectives.yaml"
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"- number: (\d+)", lambda one: f"- number: {int(one[1]) + 1}", text)
    first = "objectives:\n  - number: 1\n    text: Reading aloud."
    path.write_text(text.replace("objectives:\n", f"{first}\n", 1), encoding="utf-8")
    told = plan.succeed("compare", "--no-pdf")
    assert "  8 areas now point to other objectives, since the numbers of their links " in told
    assert "Safeguarding: its links now point to other objectives\n" in told
    assert "{+Objective 1 (“Reading aloud.”), Objective 2 (“Demonstrating a commit" in told


def test_one_version_is_compared_with_the_one_it_supersedes(edited: Command) -> None:
    assert "From 2017-07 to 2017-11" in edited.succeed("compare", "2017-11", "--no-pdf")


def test_the_first_version_alone_has_nothing_to_be_compared_with(plan: Command) -> None:
    said = plan.fail(ExitCode.USAGE, "compare", "2017-07")
    assert "2017-07 supersedes no other, so there is nothing to compare it with" in said


def test_three_versions_are_too_many(edited: Command) -> None:
    assert "Only two versions" in edited.fail(
        ExitCode.USAGE, "compare", "2017-07", "2017-11", EDITED
    )


def test_a_version_that_is_not_there_is_named(plan: Command) -> None:
    assert plan("compare", "2017-07", "2019-01") == ExitCode.SOURCE
    assert 'there is no version "2019-01"' in plan.out


def test_a_version_compared_with_itself_says_so_and_makes_nothing(plan: Command) -> None:
    assert "Nothing changed" in plan.succeed("compare", "2017-11", "2017-11")
    assert not plan.folder.output.exists()


@slow
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_exit_code_is_that_of_git_diff(plan: Command, options: tuple[str, ...]) -> None:
    assert plan("compare", "2017-11", "2017-11", "--exit-code", *options) == 0
    assert plan("compare", "--exit-code", "--no-pdf", *options) == ExitCode.DIFFERENT
    assert plan("compare", "--no-pdf", *options) == 0
    assert plan.err == ""


def test_json_has_the_shape_of_the_reference_and_makes_nothing(plan: Command) -> None:
    assert plan("compare", "--json") == 0
    told = json.loads(plan.out)
    assert [*told] == [
        *("format", "old", "new", "scale", "headline", "areas", "changes", "recognised"),
        *("renumbered", "patch"),
    ]
    assert (told["format"], told["scale"]) == (1, "substantive")
    assert [one["status"] for one in told["areas"]].count("changed") == 6
    amendment = told["changes"][0]
    assert (amendment["part"], amendment["value"], amendment["action"]) == (
        *("title", "amendment", "added"),
    )
    assert not plan.folder.output.exists()


def test_a_full_disk_is_one_sentence(plan: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    plan.folder.output.mkdir()
    (plan.folder.output / "compare").write_text("a file in the folder's way", encoding="utf-8")
    assert "cannot be written to" in plan.fail(ExitCode.FAILED, "compare", "--no-pdf")


def test_make_audit_takes_the_demo_where_no_own_version_was_issued(tmp_path: Path) -> None:
    assert run_audit(tmp_path, own="built", demo="issued") == [
        "compare demo",
        "trace demo",
        "evidence demo",
    ]
    assert run_audit(tmp_path, own="issued", demo="issued") == [
        "compare .",
        "trace .",
        "evidence .",
    ]
    assert run_audit(tmp_path, own="built", demo="") == ["compare .", "trace ."]


def run_audit(root: Path, **registers: str) -> list[str]:
    """What `make audit` runs, each with its folder, where the registers have such an event."""
    shutil.rmtree(root / "demo", ignore_errors=True)
    for name, event in registers.items():
        place = root if name == "own" else root / name
        if event:
            (place / "output").mkdir(parents=True, exist_ok=True)
            (place / "output/register.jsonl").write_text(f'{{"event":"{event}"}}\n')
    makefile = Path(__file__).parents[2] / "Makefile"
    done = subprocess.run(
        ["make", "-s", "-f", makefile, "audit", "-o", ".venv/ready", "PLAN=echo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "MAKEFLAGS": ""},
    )
    return [line.replace(" -C", "") for line in done.stdout.splitlines()]
