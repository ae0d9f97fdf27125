"""`plan build`: what it says."""

from __future__ import annotations

import pytest
from signed_plan.paths import PlanFolder

from tests.commands.helpers import Command

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def plan(built_plan: PlanFolder, capsys: Capture) -> Command:
    return Command(built_plan, capsys)


def test_a_build_with_nothing_to_do_names_the_fingerprints_and_what_to_open(plan: Command) -> None:
    said = plan.succeed("build")
    assert said.count("up to date  fingerprint") == 2
    assert said.endswith("Next: open output/2017-11/action-plan-2017-11.pdf, or run: plan verify\n")


@slow
def test_a_build_names_its_converter_when_details_are_wanted(plan: Command) -> None:
    assert "converted with" not in plan.succeed("build", "--force")
    assert "converted with LibreOfficeKit\n" in plan.succeed("build", "--force", "-v")


@slow
def test_a_build_names_its_files_pages_reason_and_what_it_kept(plan: Command) -> None:
    plan.folder.docx("2017-07").write_bytes(b"saved again in Word")
    said = plan.succeed("build", "2017-07")
    assert "2017-07  built       fingerprint" in said
    assert "pages  (action-plan-2017-07.docx is not as it was built)" in said
    assert "  output/2017-07/action-plan-2017-07.pdf\n" in said
    assert "the older file is kept as output/2017-07/action-plan-2017-07-changed-" in said
