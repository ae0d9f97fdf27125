"""`plan restore`, and how `status`, `check` and `build` send one there."""

from __future__ import annotations

import shutil
from collections.abc import Callable

import pytest
from signed_plan.errors import ExitCode
from signed_plan.lifecycle.issue import issue
from signed_plan.paths import PlanFolder

from tests.helpers import edit, run_plan
from tests.story import JULY, NOVEMBER, prompts

At = Callable[[str], PlanFolder]


def said(folder: PlanFolder, *words: str) -> tuple[int, str]:
    ended = run_plan(folder, *words)
    return ended.returncode, f"{ended.stdout}{ended.stderr}"


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("spoil", ["changed", "gone"])
def test_every_command_says_what_was_changed_after_issue_and_restore_mends_it(
    at: At, spoil: str
) -> None:
    folder = at("july, Carole")
    people = folder.source / "2017-07/people.yaml"
    if spoil == "changed":
        edit(people, "Kevin Snow", "Kelvin Frost")
        reason = "people.yaml was changed"
    else:
        shutil.rmtree(people.parent)
        reason = "its sources are gone"
    code, told = said(folder, "status")
    assert code == 0
    assert f"2017-07  issued, signed by 1 of 4; BUT {reason}" in told
    assert "Carole Clemens" in told
    assert "Kevin Snow" in told
    assert "Next: plan restore 2017-07" in told
    for command in ("check", "build"):
        code, told = said(folder, command)
        assert code == ExitCode.FROZEN, command
        assert f"2017-07 has been issued and is frozen, but {reason}" in told
        assert "plan restore 2017-07" in told
    code, told = said(folder, "restore", JULY)
    assert code == 0
    assert "restored" in told
    assert ("kept as" in told) == (spoil == "changed")
    assert said(folder, "check")[0] == 0
    assert said(folder, "verify")[0] == 0
    assert "Nothing was changed" in said(folder, "restore", JULY)[1]


def test_where_all_copies_are_lost_status_still_shows_who_has_signed(at: At) -> None:
    folder = at("july, Carole")
    copy = folder.root / "copy.pdf"
    shutil.copy(folder.pdf(JULY), copy)
    folder.pdf(JULY).unlink()
    shutil.rmtree(folder.source / "2017-07")
    code, told = said(folder, "status")
    assert code == ExitCode.SOURCE  # of the version that is built on the lost one
    assert "by carole-clemens for july-2017" in told
    assert "neither its sources nor action-plan-2017-07.pdf are as they were" in told
    code, told = said(folder, "status", JULY)
    assert code == 0
    assert "Next: plan restore 2017-07 --from FILE" in told
    code, told = said(folder, "restore", JULY)
    assert code == ExitCode.VERIFICATION
    assert "still lacks what was issued" in told
    assert said(folder, "restore", JULY, "--from", str(copy))[0] == 0
    assert said(folder, "verify")[0] == 0


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_draft_that_an_issued_version_is_built_on_comes_back_from_its_pdf(at: At) -> None:
    folder = at("enrolled")
    issue(folder, NOVEMBER, prompts())
    shutil.rmtree(folder.source / "2017-07")
    code, told = said(folder, "build")
    assert code == ExitCode.FROZEN
    assert "plan extract FILE" in told
    assert said(folder, "extract", str(folder.pdf(JULY)), "--output", str(folder.root))[0] == 0
    assert said(folder, "build")[0] == 0


@pytest.mark.slow("builds, signs, or starts a process")
def test_what_was_added_to_a_pdf_in_its_place_has_remedies_that_work(at: At) -> None:
    folder = at("july, Carole")
    with folder.pdf(JULY).open("ab") as pdf:
        pdf.write(b"x")
    assert "Next: plan restore 2017-07" in said(folder, "status", JULY)[1]
    remedy = "plan restore 2017-07 --from output/2017-07/action-plan-2017-07.pdf"
    code, told = said(folder, "sign", JULY, "--as", "sally-beardsley")
    assert (code, remedy in told) == (ExitCode.VERIFICATION, True)
    code, told = said(folder, "restore", JULY)
    assert code == 0
    assert "Nothing was changed" not in told
    assert f"If not, run: {remedy}" in told
    assert said(folder, *remedy.split()[1:])[0] == 0
    assert said(folder, "verify", JULY)[0] == 0
