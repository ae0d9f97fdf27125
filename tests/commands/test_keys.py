"""keys init, enrol, revoke: what they say, and their exit codes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.commands.helpers import Command
from tests.lifecycle.helpers import WRONG, events, everything, register_of
from tests.lifecycle.test_keys import certificate, pem
from tests.register.sample_events import records
from tests.story import CAROLE, SALLY

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]


def last(folder: PlanFolder) -> str:
    return str(records(register_of(folder))[-1].get("certificate"))


def test_keys_init_says_where_the_keys_are_and_to_keep_a_copy(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    said = plan.succeed("keys", "init", *plan.office())
    assert "The office's keys are in keys. Keep a copy elsewhere." in said
    assert "  output/certificates\n" in said
    assert said.endswith("Next: plan enrol PERSON, for everybody who signs\n")
    assert events(plan.folder, "") == ["keys"]
    assert "has its keys already" in plan.fail(ExitCode.SIGNING, "keys", "init", *plan.office())


@pytest.mark.slow("builds, signs, or starts a process")
def test_keys_init_marks_specimens(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    plan.succeed("keys", "init", "--specimen", *plan.office())
    assert records(register_of(plan.folder))[-1]["mark"] == "SPECIMEN"


def test_a_weak_passphrase_is_9(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("built"), capsys)
    (tmp_path / "weak").write_text("letmein")
    said = plan.fail(ExitCode.SIGNING, "keys", "init", "--passphrase-file", str(tmp_path / "weak"))
    assert "too easy to guess" in said
    assert "letmein" not in said


@pytest.mark.slow("builds, signs, or starts a process")
def test_enrol_names_the_certificate_and_the_key_to_hand_over(at: At, capsys: Capture) -> None:
    plan = Command(at("keys"), capsys)
    said = plan.succeed("enrol", CAROLE, *plan.person(CAROLE))
    assert f"with the certificate {Digest(last(plan.folder)).short}." in said
    assert f"Their key, to hand over: keys/people/{CAROLE}.p12\n" in said
    assert "is enrolled already" in plan.fail(
        ExitCode.SIGNING, "enrol", CAROLE, *plan.person(CAROLE)
    )


@pytest.mark.slow("builds, signs, or starts a process")
def test_enrol_takes_a_certificate_that_they_have(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("keys"), capsys)
    (tmp_path / "own.cer").write_bytes(pem(certificate()))
    own = ["--certificate", str(tmp_path / "own.cer")]
    said = plan.succeed("enrol", CAROLE, *own, *plan.office())
    assert "to hand over" not in said
    assert "enrolled for Carole Clemens already" in plan.fail(
        ExitCode.USAGE, "enrol", SALLY, *own, *plan.office()
    )


def test_a_certificate_file_that_is_not_there_is_2(at: At, capsys: Capture) -> None:
    plan = Command(at("keys"), capsys)
    said = plan.fail(
        ExitCode.USAGE, "enrol", CAROLE, "--certificate", "/nowhere.cer", *plan.office()
    )
    assert "/nowhere.cer" in said


def test_a_certificate_file_that_is_too_large_is_2(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("keys"), capsys)
    with (tmp_path / "own.cer").open("wb") as large:
        large.truncate(101_000_000)
    before = everything(plan.folder)
    refusals = {str(tmp_path / "own.cer"): "is larger than 100 MB", "/dev/zero": "is a device"}
    for file, why in refusals.items():
        said = plan.fail(ExitCode.USAGE, "enrol", CAROLE, "--certificate", file, *plan.office())
        assert f"{file} {why}" in said
        assert "Name the certificate itself." in said
    assert everything(plan.folder) == before


def test_an_unknown_person_ends_with_2_and_lists_the_ids(at: At, capsys: Capture) -> None:
    plan = Command(at("keys"), capsys)
    said = plan.fail(ExitCode.USAGE, "enrol", "carole", *plan.office())
    assert 'knows no person "carole"' in said
    assert CAROLE in said


def test_a_wrong_passphrase_is_9(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("enrolled"), capsys)
    (tmp_path / "wrong").write_text(WRONG)
    for verbose in ([], ["-v"]):
        plan("revoke", CAROLE, "--passphrase-file", str(tmp_path / "wrong"), *verbose)
        assert plan.err.startswith("plan: That passphrase does not open the key of the office.\n")
        assert ("Traceback" in plan.err) is bool(verbose)
        assert WRONG not in plan.err


@pytest.mark.slow("builds, signs, or starts a process")
def test_revoke_names_the_certificate_and_how_to_enrol_another(at: At, capsys: Capture) -> None:
    plan = Command(at("enrolled"), capsys)
    said = plan.succeed("revoke", CAROLE, *plan.office())
    assert (
        f"The certificate {Digest(last(plan.folder)).short} of Carole Clemens is revoked." in said
    )
    assert f"Next: plan enrol {CAROLE}" in said
    assert "no certificate that can be used" in plan.fail(
        ExitCode.SIGNING, "revoke", CAROLE, *plan.office()
    )
