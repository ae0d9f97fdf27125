"""`plan verify`, `plan status` and `plan log`, as a user sees them: words, exit codes, JSON."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from signed_plan.errors import ExitCode
from signed_plan.lifecycle.keys import revoke
from signed_plan.lifecycle.send import send
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.helpers import run_plan
from tests.verify.signed_plan import (
    JULY,
    KEVIN,
    NOVEMBER,
    SEALED,
    Story,
    clerk,
    flipped,
    story_of,
)


@pytest.fixture(scope="session")
def story(built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The folder after each step; not to be changed."""
    return story_of(built_once, tmp_path_factory)


def said(folder: PlanFolder, *words: str, code: ExitCode = ExitCode.OK) -> str:
    """What the command prints; it has to end with that exit code, and without a traceback."""
    done = run_plan(folder, *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())


# ---- verify


def test_verify_tells_its_steps_its_verdict_and_what_is_missing(story: Story) -> None:
    told = said(story.at("july, Carole"), "verify", JULY)
    assert told.startswith("1. the register's entries are whole and chained holds 2. ")
    assert "VERIFIED, INCOMPLETE, NOT ANCHORED: 2017-07 is signed by 1 of 4." in told
    assert "not signed: Sally Beardsley (July 2017, head teachers and JCC, 2017-07)" in told
    assert f"The register's head is {read(story.at('july, Carole').register).head}." in told
    assert "Nothing outside this folder vouches for it so far" in told


def test_verify_with_a_receipt_says_that_it_is_anchored(story: Story) -> None:
    folder = story.at(SEALED)
    told = said(folder, "verify", JULY, "--anchor", str(folder.receipt(NOVEMBER)))
    assert "VERIFIED, ANCHORED: 2017-07 is signed by 4 of 4 and sealed; what anchors it rea" in told
    assert "Nothing outside" not in told


def resaved(folder: PlanFolder, out: Path) -> None:
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
        lambda story, out: resaved(story.at(SEALED), out),
        ExitCode.OTHER_FILE,
        "ANOTHER FILE at step 4 (what the file is): it shows the same words as version 2017-07",
    ),
    "nothing": (
        lambda story, out: out.write_bytes(b""),
        ExitCode.VERIFICATION,
        "the file is empty",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_verify_tells_what_a_file_is_by_its_exit_code(
    story: Story, tmp_path: Path, name: str
) -> None:
    make, code, expected = FILES[name]
    file = tmp_path / 'o\'dd "näme" $(x);\n2017-07.pdf'
    make(story, file)
    assert expected in said(story.at(SEALED), "verify", str(file), code=code)


def test_verify_refuses_what_is_no_file_of_a_plan(story: Story, tmp_path: Path) -> None:
    folder = story.at(SEALED)
    huge = tmp_path / "huge.pdf"
    with huge.open("wb") as file:
        file.truncate(101_000_000)
    assert "is larger than 100 MB: it is no document of this plan. Name the" in said(
        folder, "verify", str(huge), code=ExitCode.USAGE
    )
    for word in (str(tmp_path), str(tmp_path / "none.pdf"), "2018-03", "certificates"):
        told = said(folder, "verify", word, code=ExitCode.USAGE)
        assert f'"{word[:80]}" is neither a version of this plan nor a file.' in told


def test_verify_takes_one_file_at_a_time_and_a_receipt_or_a_head_as_an_anchor(
    story: Story, tmp_path: Path
) -> None:
    folder = story.at(SEALED)
    plan = str(folder.pdf(JULY))
    assert "One file is looked at at a time." in said(
        folder, "verify", plan, plan, code=ExitCode.USAGE
    )
    told = said(folder, "verify", "--anchor", plan, code=ExitCode.USAGE)
    assert "action-plan-2017-07.pdf is not a receipt of a sealed plan." in told


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
    assert verdict["steps"][-1]["difference"].startswith("The register does not hold at entry 3")
    assert verdict["sentence"] in " ".join(done.stderr.split())


# ---- status


def test_status_tells_who_signed_how_and_who_is_next(story: Story) -> None:
    told = said(story.at("july, Andy"), "status")
    assert "2017-07 issued, signed by 3 of 4 July 2017, head teachers and JCC Carole" in told
    moment = r"\d+ \w+ 20\d\d, \d\d:\d\d UTC"
    for pattern in (
        rf"Carole Clemens signed with their own certificate, {moment}",
        rf"Sally Beardsley signed with their own certificate, in another program, {moment}",
        "Kevin Snow is next",
        "2017-11 built; to sign: Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow",
        f"Next: plan sign 2017-07 --as {KEVIN}",
    ):
        assert re.search(pattern, told), pattern


STATUS: dict[str, tuple[str, ...]] = {
    "july, Kevin": ("2017-07 issued, signed by 4 of 4", "Next: plan seal 2017-07"),
    "july sealed": ("2017-07 sealed, signed by 4 of 4", "Next: plan verify"),
    "november issued": (
        "2017-07 sealed and superseded, signed by 4 of 4",
        "2017-11 issued, signed by 0 of 6 November 2017, head teachers Carole Clemens is next "
        "Sally Beardsley has not signed 14th November 2017, JCC Carole Clemens is next",
    ),
    "jcc, Sally declined": ("Sally Beardsley declined, ", ": The library bid is missing. Andy"),
    "november sealed": ("2017-11 sealed, signed by 6 of 6", "Kevin Snow signed on paper, "),
}


@pytest.mark.parametrize("step", STATUS)
def test_status_tells_how_far_each_version_has_come(story: Story, step: str) -> None:
    told = said(story.at(step), "status")
    for part in STATUS[step]:
        assert part in told


def test_status_for_machines_has_each_person_of_each_review(story: Story) -> None:
    july, november = json.loads(
        run_plan(story.at("jcc, Sally declined"), "status", "--json").stdout
    )
    assert (july["stage"], november["stage"]) == ("superseded", "issued")
    assert november["to_sign"] == ["Sally Beardsley", "Andy Hitchcock", "Kevin Snow"]
    heads, jcc = november["reviews"]
    assert [one["status"] for one in heads["people"]] == ["signed with their own certificate"] * 2
    assert heads["next"] == []
    assert [(one["person"], one["status"]) for one in jcc["people"]] == [
        ("carole-clemens", "signed with their own certificate"),
        ("sally-beardsley", "declined"),
        ("andy-hitchcock", "not signed"),
        ("kevin-snow", "not signed"),
    ]
    assert jcc["people"][3]["at"] is None
    assert jcc["next"] == ["andy-hitchcock", "sally-beardsley"]


# ---- log


LOG = {
    "built": "7 pages, fingerprint ",
    "keys": "Bank Road and William Lilley Schools Collaboration, root certificate ",
    "enrolled": "Kevin Snow, certificate ",
    "revoked": "Kevin Snow, certificate ",
    "issued": "certified by the office, PAdES B-B",
    "signed": "kevin-snow for november-2017-jcc, on paper",
    "declined": "sally-beardsley for november-2017-jcc: The library bid is missing.",
    "sealed": "PAdES B-B",
    "receipt": "names the head ",
    "sent": "as drafts to ",
    "superseded": "by 2017-11",
}


def test_log_has_a_line_for_every_kind_of_event(story: Story, tmp_path: Path) -> None:
    folder = story.copy(SEALED, tmp_path / "plan")
    with (folder.source / "settings.yaml").open("a") as settings:
        settings.write("people:\n")
        for person in ("carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"):
            settings.write(f"  {person}:\n    email: {person}@school.example\n")
    revoke(folder, KEVIN, clerk())
    send(folder, NOVEMBER, clerk())
    events = read(folder.register).events
    lines = run_plan(folder, "log").stdout.splitlines()[: len(events)]
    kinds = dict.fromkeys(event["event"] for event in events)
    assert set(kinds) == set(LOG)
    for event, line in zip(events, lines, strict=True):
        moment = event["at"].replace("T", " ").removesuffix("Z")
        assert line.split()[:2] == [str(event["seq"]), moment.split()[0]]
        assert line.split()[3:5] == [event["version"] or "-", event["event"]]
    for kind, words in LOG.items():
        assert any(f"  {kind} " in line and words in line for line in lines), kind
    assert any("sally-beardsley for july-2017, received" in line for line in lines)
    assert any("carole-clemens for july-2017, PAdES B-B" in line for line in lines)


def test_log_for_machines_is_the_register_itself(story: Story) -> None:
    folder = story.at("july, Carole")
    told = json.loads(run_plan(folder, "log", "--json").stdout)
    assert told == list(read(folder.register).events)
