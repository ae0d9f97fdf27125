"""`plan evidence`: what it says, what it leaves, and its exit codes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.commands.helpers import Command
from tests.lifecycle.helpers import everything, register_of
from tests.register.sample_events import records
from tests.story import JULY, NOVEMBER

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]


@slow
def test_evidence_says_what_is_in_it_and_how_to_check_it(
    at: At, capsys: Capture, tmp_path: Path
) -> None:
    plan = Command(at("november issued"), capsys)
    said = plan.succeed("evidence")
    assert "\noutput/evidence/evidence-2017-11.zip  " in said
    assert " MB, 2 versions: 2 PDFs, 1 receipt, 1 scan and " in said
    register = register_of(plan.folder)
    count = len(records(register))
    head = Digest(register.head).spaced
    assert f"The register's head, after {count} entries, is\n  {head}\n" in said
    assert said.splitlines()[-1].startswith("Next: keep it outside the office, and")

    shutil.unpack_archive(plan.folder.evidence / "evidence-2017-11.zip", tmp_path)
    bundle = tmp_path / "evidence-2017-11"
    checked = subprocess.run(
        ["sh", bundle / "check.sh", register.head], capture_output=True, text=True, check=True
    )
    assert f"; HEAD is entry {len(records(register))}. Head: {register.head}\n" in checked.stdout
    report = PlanFolder(bundle).comparison(JULY, NOVEMBER) / "report.html"
    assert "6 of 10 areas changed" in report.read_text(encoding="utf-8")
    assert Command(PlanFolder(bundle), capsys).succeed("verify").count("differs") == 0


def test_evidence_names_the_drafts_that_it_leaves_out(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    said = plan.succeed("evidence")
    assert " MB, 1 version: 1 PDF and " in said
    assert f"  without {NOVEMBER}, which was never issued\n" in said


@slow
def test_evidence_made_again_is_the_same_and_changes_nothing_else(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    before = everything(plan.folder)
    plan.succeed("evidence")
    first = everything(plan.folder)
    plan.succeed("evidence")
    assert everything(plan.folder) == first
    assert first.keys() - before.keys() == {"output/evidence/evidence-2017-07.zip"}
    assert plan("verify") == 0


def test_no_evidence_of_nothing(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    assert plan.fail(ExitCode.USAGE, "evidence") == (
        "plan: Nothing has been issued yet, so there is no evidence to keep.\n"
        "      plan issue VERSION\n"
    )
    assert not plan.folder.evidence.exists()


def test_no_evidence_of_what_does_not_hold(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    pdf = plan.folder.pdf(JULY)
    pdf.write_bytes(pdf.read_bytes()[:-1])
    said = plan.fail(ExitCode.VERIFICATION, "evidence")
    assert "output/2017-07/action-plan-2017-07.pdf is not as the register says." in said
    assert "plan verify" in said
    assert not plan.folder.evidence.exists()
