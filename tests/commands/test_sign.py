"""The commands of a version's life: what they say, one sentence for each refusal, exit codes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.commands.helpers import Command
from tests.helpers import edit
from tests.lifecycle.helpers import demand_registered, events, everything, register_of, set_settings
from tests.lifecycle.test_clock import decline_tomorrow
from tests.lifecycle.test_sign import drawing
from tests.register.sample_events import records
from tests.story import (
    CAROLE,
    JULY,
    SALLY,
    elsewhere,
    field_of,
    key_file,
    phrase,
    scanned,
    signed_by,
)
from tools.authority import Authority

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]
CAROLES = "Carole Clemens for July 2017, head teachers and JCC"
PDF = f"  output/{JULY}/action-plan-{JULY}.pdf\n"


@slow
def test_issue_says_what_was_certified_and_what_comes_next(at: At, capsys: Capture) -> None:
    plan = Command(at("enrolled"), capsys)
    said = plan.succeed("issue", JULY, *plan.office())
    assert said.startswith("2017-07  issued      certified by the office, PAdES B-B\n" + PDF)
    assert "Next: plan send 2017-07, or: plan sign 2017-07 --as PERSON" in said
    assert "issued already" in plan.fail(ExitCode.SIGNING, "issue", JULY, *plan.office())


def test_issue_without_keys_is_9_and_says_what_to_do(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    said = plan.fail(ExitCode.SIGNING, "issue", JULY, *plan.office())
    assert "has no keys yet" in said
    assert "plan keys init" in said


def test_building_an_issued_version_again_ends_with_7(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    edit(plan.folder.source / JULY / "people.yaml", "name: Kevin Snow", "name: Kevin Snowe")
    said = plan.fail(ExitCode.FROZEN, "build")
    assert "Version 2017-07 has been issued and is frozen, but people.yaml was changed." in said
    assert "plan new NAME --from 2017-07" in said


@slow
def test_sign_says_who_signed_what(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("july issued"), capsys)
    (tmp_path / "ink.png").write_bytes(drawing())
    key = plan.folder.root / "keys/people" / f"{CAROLE}.p12"
    words = ["--key", str(key), "--picture", str(tmp_path / "ink.png"), "--review", "july-2017"]
    said = plan.succeed("sign", JULY, "--as", CAROLE, *words, *plan.person(CAROLE))
    assert f"2017-07  signed      by {CAROLES}, PAdES B-B\n" + PDF in said
    demand_registered(plan.folder)


def test_sign_out_of_turn_is_9(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    said = plan.fail(ExitCode.SIGNING, "sign", JULY, "--as", SALLY, *plan.person(SALLY))
    assert "Carole Clemens signs July 2017" in said


def test_a_picture_that_is_too_large_is_2(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("july issued"), capsys)
    with (tmp_path / "ink.png").open("wb") as large:
        large.truncate(101_000_000)
    before = everything(plan.folder)
    words = ["sign", JULY, "--as", CAROLE, *plan.person(CAROLE), "--picture"]
    refusals = {str(tmp_path / "ink.png"): "is larger than 100 MB", "/dev/zero": "is a device"}
    for file, why in refusals.items():
        said = plan.fail(ExitCode.USAGE, *words, file)
        assert f"{file} {why}" in said
        assert "Name the picture itself." in said
    assert everything(plan.folder) == before


def test_sign_wants_to_know_who_signs(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    assert "--as" in plan.fail(ExitCode.USAGE, "sign", JULY, *plan.office())
    assert "no person" in plan.fail(ExitCode.USAGE, "sign", JULY, "--as", "carole", *plan.office())


def test_a_version_without_sources_is_3(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    plan.fail(ExitCode.SOURCE, "sign", "2019-01", "--as", CAROLE, *plan.office())
    assert 'there is no version "2019-01"' in plan.out


@slow
def test_receive_says_whose_signature_it_took(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("july issued"), capsys)
    (tmp_path / "back.pdf").write_bytes(elsewhere(plan.folder, JULY, CAROLE))
    said = plan.succeed("receive", str(tmp_path / "back.pdf"), *plan.office())
    courier = "no longer PDF/A or PDF/UA: the font Courier is not embedded"
    assert f"2017-07  signed      by {CAROLES}, received; {courier}\n" + PDF in said
    assert "only an archive that insists on PDF/A may refuse the file.\n" in said


@slow
def test_receive_shows_the_reason_that_a_signature_gives(
    at: At, capsys: Capture, tmp_path: Path
) -> None:
    plan = Command(at("july issued"), capsys)
    key, reason = key_file(plan.folder, CAROLE).read_bytes(), "I do not agree " * 5
    issued = plan.folder.pdf(JULY).read_bytes()
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE), reason=reason)
    (tmp_path / "back.pdf").write_bytes(data)
    said = plan.succeed("receive", str(tmp_path / "back.pdf"), *plan.office())
    short = f"{reason[:57]}…"
    assert f"2017-07  signed      by {CAROLES}, received; reason given: {short}; " in said
    assert f"  It counts as signed, whatever its reason says: {reason.strip()}\n" in said


@pytest.mark.parametrize("what", ["text", "missing", "folder", "endless", "large"])
def test_what_cannot_be_received_is_one_sentence(
    at: At, capsys: Capture, tmp_path: Path, what: str
) -> None:
    plan = Command(at("july issued"), capsys)
    file, code = tmp_path / "file.pdf", ExitCode.USAGE
    if what == "text":
        file.write_text("Dear office, please find attached")
        code = ExitCode.SIGNING
    elif what == "folder":
        file.mkdir()
    elif what == "endless":
        file = Path("/dev/zero")
    elif what == "large":
        with file.open("wb") as large:
            os.truncate(large.fileno(), 101_000_000)
    before = everything(plan.folder)
    plan.fail(code, "receive", str(file), *plan.office())
    assert everything(plan.folder) == before


@slow
def test_scan_says_where_the_page_is_kept(at: At, capsys: Capture, tmp_path: Path) -> None:
    plan = Command(at("july issued"), capsys)
    page = scanned(plan.folder.pdf(JULY).read_bytes(), field_of(CAROLE))
    (tmp_path / "page.jpg").write_bytes(page)
    said = plan.succeed("scan", JULY, "--as", CAROLE, str(tmp_path / "page.jpg"), *plan.office())
    assert f"2017-07  signed      by {CAROLES}, on paper\n" in said
    assert "  output/2017-07/scans/july-2017-carole-clemens-" in said
    (tmp_path / "page.jpg").write_bytes(b"")
    words = ["scan", JULY, "--as", SALLY, str(tmp_path / "page.jpg"), *plan.office()]
    assert "The scan is empty" in plan.fail(ExitCode.SIGNING, *words)


@slow
def test_scan_says_how_an_empty_box_is_entered_and_what_it_could_not_see(
    at: At, capsys: Capture, tmp_path: Path
) -> None:
    plan = Command(at("july issued"), capsys)
    file = tmp_path / "page.jpg"
    words = ["scan", JULY, "--as", CAROLE, str(file), *plan.office()]
    file.write_bytes(scanned(plan.folder.pdf(JULY).read_bytes()))
    assert "run the same command with --ink-seen" in plan.fail(ExitCode.SIGNING, *words)
    assert "2017-07  signed      by" in plan.succeed(*words, "--ink-seen")
    assert "2017-07  withdrawn" in plan.succeed(
        *("withdraw", JULY, "--as", CAROLE, "--reason", "Nobody signed.", *plan.office())
    )
    page = Image.open(file)
    page.crop((0, 0, page.width, page.height // 5)).save(file)  # as of a folded sheet
    said = plan.succeed(*words)
    assert "Whether the box is signed could not be told from that scan: look yourself." in said


@slow
def test_whoever_saw_the_ink_has_said_nothing_of_the_clock(
    at: At, capsys: Capture, tmp_path: Path
) -> None:
    plan = Command(at("july issued"), capsys)
    decline_tomorrow(plan.folder)
    file = tmp_path / "page.jpg"
    file.write_bytes(scanned(plan.folder.pdf(JULY).read_bytes(), field_of(CAROLE)))
    words = ["scan", JULY, "--as", CAROLE, str(file), "--ink-seen", *plan.office()]
    assert "Set the clock" in plan.fail(ExitCode.SIGNING, *words)


def test_decline_enters_the_reason_and_refuses_none(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    words = ["decline", JULY, "--as", CAROLE, *plan.office()]
    assert "--reason" in plan.fail(ExitCode.USAGE, *words)
    assert "A reason is needed" in plan.fail(ExitCode.USAGE, *words, "--reason", " ")
    said = plan.succeed(*words, "--reason", "not without the appendix")
    assert f"2017-07  declined    by {CAROLES}: not without the appendix\n" in said
    assert records(register_of(plan.folder))[-1]["reason"] == "not without the appendix"


def test_seal_wants_both_or_neither_of_incomplete_and_reason(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    for words in (["--incomplete"], ["--reason", "x"], ["--incomplete", "--reason", " "]):
        assert "takes both" in plan.fail(ExitCode.USAGE, "seal", JULY, *words, *plan.office())
    said = plan.fail(ExitCode.SIGNING, "seal", JULY, *plan.office())
    assert "has not been signed by everybody: Sally Beardsley" in said
    assert events(plan.folder)[-1] == "signed"


@slow
def test_seal_names_the_file_and_the_receipt_to_keep(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    words = ["--incomplete", "--reason", "the year is over", *plan.office()]
    said = plan.succeed("seal", JULY, *words)
    assert "2017-07  sealed      PAdES B-B, incomplete: the year is over\n" + PDF in said
    assert "  output/2017-07/receipt-2017-07.pdf\n" in said
    assert "keep the receipt outside the office" in said


@slow
def test_an_authority_that_is_down_is_10_and_nothing_is_changed(at: At, capsys: Capture) -> None:
    plan = Command(at("july, Carole"), capsys)
    with Authority() as authority:
        (plan.folder.source / "root.pem").write_bytes(authority.root.read_bytes())
        url = authority.url
    authority_settings = [f"  url: {url}", "  certificate: source/root.pem"]
    set_settings(plan.folder, "timestamp-authority:", *authority_settings)
    before = everything(plan.folder)
    said = plan.fail(ExitCode.SERVICE, "sign", JULY, "--as", SALLY, *plan.person(SALLY))
    assert "The timestamp authority cannot be reached" in said
    assert everything(plan.folder) == before


def test_send_names_each_draft_and_who_has_no_address(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    assert "e-mail address" in plan.fail(ExitCode.USAGE, "send", JULY, *plan.office())
    set_settings(plan.folder, "people:", f"  {SALLY}:", "    email: sally@school.example")
    said = plan.succeed("send", JULY, *plan.office())
    assert "2017-07  draft for Sally Beardsley\n" in said
    assert f"  output/2017-07/letters/{SALLY}.eml\n" in said
    assert "Carole Clemens has no address in source/settings.yaml, so nothing is sent" in said
    assert said.endswith("Next: open each draft and send it\n")


def test_a_mail_server_that_is_down_is_10(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    set_settings(
        plan.folder,
        "people:",
        f"  {SALLY}:",
        "    email: sally@school.example",
        "mail:",
        "  server: localhost",
        "  port: 9",
        "  sender: office@school.example",
    )
    said = plan.fail(ExitCode.SERVICE, "send", JULY, *plan.office())
    assert "The mail server localhost cannot be reached" in said
    assert events(plan.folder)[-1] == "issued"


def test_a_register_that_was_changed_is_8(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    plan.folder.signature.unlink()
    said = plan.fail(ExitCode.VERIFICATION, "sign", JULY, "--as", CAROLE, *plan.person(CAROLE))
    assert "its signature is gone" in said


def test_a_key_that_would_never_end_is_refused_at_once(at: At, capsys: Capture) -> None:
    plan = Command(at("july issued"), capsys)
    words = ["sign", JULY, "--as", CAROLE, "--key", "/dev/zero", *plan.person(CAROLE)]
    said = plan.fail(ExitCode.FAILED, *words)
    assert "/dev/zero cannot be read or written: it is a device, not a file." in said


def test_a_key_folder_that_may_not_be_written_is_1(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    (plan.folder.root / "keys").write_text("in the way")
    said = plan.fail(ExitCode.FAILED, "keys", "init", *plan.office())
    assert "keys cannot be read or written" in said
