"""`plan verify` as a user sees it: steps, verdict, exit codes, JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.commands.helpers import run_and_read
from tests.helpers import run_plan
from tests.story import JULY, NOVEMBER, SEALED, Story
from tests.verify.signed_plan import flipped

slow = pytest.mark.slow("runs commands that build or sign, each in a process")


@slow
def test_verify_shows_its_steps_its_verdict_and_what_is_missing(story: Story) -> None:
    told = run_and_read(story.at("july, Carole"), "verify", JULY)
    assert told.startswith("1. ok the register's entries are whole and chained 2. ok ")
    assert "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 1 of 4." in told
    assert "not signed: Sally Beardsley (July 2017, head teachers and JCC, 2017-07)" in told
    head = Digest(read(story.at("july, Carole").register).head).spaced
    assert f"The register's head is {head} Nothing outside" in told
    assert "Nothing outside this folder confirms it yet" in told


@slow
def test_verify_with_a_receipt_says_that_it_is_anchored(story: Story) -> None:
    folder = story.at(SEALED)
    told = run_and_read(folder, "verify", JULY, "--anchor", str(folder.receipt(NOVEMBER)))
    assert "VERIFIED, ANCHORED: 2017-07 is signed by 4 of 4 (1 on paper) and sealed; the" in told
    assert "the anchor covers entries 1 to 24 of 25" in told
    assert "Nothing outside" not in told


def save_again(folder: PlanFolder, out: Path) -> None:
    PdfWriter(clone_from=folder.pdf(JULY)).write(out)


FILES: dict[str, tuple[Callable[[Story, Path], object], ExitCode, str]] = {
    "the same file under an odd name": (
        lambda story, out: shutil.copy(story.at(SEALED).pdf(JULY), out),
        ExitCode.OK,
        "VERIFIED, NOT ANCHORED: the file is output/2017-07/action-plan-2017-07.pdf; 2017-07 is",
    ),
    "a changed file": (
        lambda story, out: out.write_bytes(flipped(story.at(SEALED).pdf(JULY).read_bytes(), 5000)),
        ExitCode.VERIFICATION,
        "NOT VERIFIED at step 4 (what the file is): byte 5001 was changed, in ",
    ),
    "an older state": (
        lambda story, out: shutil.copy(story.at("july, Andy").pdf(JULY), out),
        ExitCode.OLDER_STATE,
        "AN OLDER STATE at step 4 (what the file is): it is version 2017-07 as it was when",
    ),
    "the same words in another file": (
        lambda story, out: save_again(story.at(SEALED), out),
        ExitCode.OTHER_FILE,
        "ANOTHER FILE at step 4 (what the file is): it shows the same words as version 2017-07",
    ),
    "nothing": (
        lambda story, out: out.write_bytes(b""),
        ExitCode.VERIFICATION,
        "the file is empty",
    ),
}


@slow
@pytest.mark.parametrize("name", FILES)
def test_verify_says_what_a_file_is_by_its_exit_code(
    story: Story, tmp_path: Path, name: str
) -> None:
    make, code, expected = FILES[name]
    file = tmp_path / 'o\'dd "näme" $(x);\n2017-07.pdf'
    make(story, file)
    assert expected in run_and_read(story.at(SEALED), "verify", str(file), code=code)


@slow
def test_verify_refuses_what_is_no_file_of_a_plan(story: Story, tmp_path: Path) -> None:
    folder = story.at(SEALED)
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.truncate(101_000_000)
    assert "is larger than 100 MB, so it is no document of this plan. Name the" in run_and_read(
        folder, "verify", str(huge), code=ExitCode.USAGE
    )
    for word in (str(tmp_path), str(tmp_path / "none.pdf"), "2018-03", "certificates"):
        told = run_and_read(folder, "verify", word, code=ExitCode.USAGE)
        assert f'"{word[:80]}" is neither a version of this plan nor a file.' in told


@slow
def test_verify_takes_one_file_at_a_time_and_a_receipt_or_a_head_as_an_anchor(
    story: Story, tmp_path: Path
) -> None:
    folder = story.at(SEALED)
    plan = str(folder.pdf(JULY))
    assert "Only one file can be checked at a time." in run_and_read(
        folder, "verify", plan, plan, code=ExitCode.USAGE
    )
    told = run_and_read(folder, "verify", "--anchor", plan, code=ExitCode.USAGE)
    assert "action-plan-2017-07.pdf is not a receipt of a sealed plan." in told


@slow
def test_verify_prints_its_verdict_for_machines(story: Story) -> None:
    verdict = json.loads(run_plan(story.at("july, Carole"), "verify", JULY, "--json").stdout)
    steps = verdict.pop("steps")
    assert [step["number"] for step in steps] == list(range(1, len(steps) + 1))
    assert set(steps[0]) == {"number", "version", "what", "difference"}
    assert verdict == {
        "sentence": "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 1 of 4.",
        "remedy": "",
        "kind": "verified",
        "head": read(story.at("july, Carole").register).head,
        "anchored": False,
        "incomplete": [
            "Sally Beardsley (July 2017, head teachers and JCC, 2017-07)",
            "Andy Hitchcock (July 2017, head teachers and JCC, 2017-07)",
            "Kevin Snow (July 2017, head teachers and JCC, 2017-07)",
        ],
        "holds": True,
    }


def test_a_register_that_does_not_hold_is_a_verdict_for_machines_too(
    story: Story, tmp_path: Path
) -> None:
    folder = story.copy("july, Carole", tmp_path / "plan")
    folder.register.write_bytes(folder.register.read_bytes().replace(b'"seq":3', b'"seq":4'))
    done = run_plan(folder, "verify", "--json")
    assert done.returncode == ExitCode.VERIFICATION
    verdict = json.loads(done.stdout)
    assert (verdict["holds"], verdict["kind"], verdict["head"]) == (False, "differs", "")
    assert verdict["steps"][-1]["difference"].startswith("The register was changed at entry 3")
    assert verdict["sentence"] in " ".join(done.stderr.split())
