"""`plan batch`, as somebody types it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from signed_plan.errors import ExitCode

from tests.batch.helpers import is_whole, processes, spoil, wait_for, write_small_plans
from tests.helpers import REPO

pytestmark = pytest.mark.slow("runs commands that build or sign, each in a process")

BATCH = (sys.executable, "-m", "signed_plan.cli", "batch")


def batch(folders: list[Path], out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*BATCH, *map(str, folders), "--output", str(out), *words]
    return subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)


def states(out: Path) -> list[str]:
    plans = json.loads((out / "summary.json").read_text("utf-8"))["plans"]
    return [one["status"] for one in plans]


def test_a_bad_plan_fails_alone_and_resume_does_only_what_is_left(tmp_path: Path) -> None:
    plans = write_small_plans(tmp_path / "in", 3)
    folders = [one.root for one in plans]
    good = (plans[1].source / "2017-11/plan.yaml").read_text("utf-8")
    spoil(plans[1])
    done = batch(folders, tmp_path / "out")
    assert done.returncode == ExitCode.BATCH
    assert "1 of 3 plans failed. The others are built." in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert re.search(r"^birch +failed", done.stdout, re.MULTILINE)
    assert "plan.yaml:" in done.stdout
    assert re.search(r"2 built, 1 failed; [\d.]+ s, \d+ plans a minute", done.stdout)
    assert states(tmp_path / "out") == ["built", "failed", "built"]

    (plans[1].source / "2017-11/plan.yaml").write_text(good, "utf-8")
    before = (tmp_path / "out/ash/register.jsonl").stat().st_mtime_ns
    done = batch(folders, tmp_path / "out", "--resume")
    assert (done.returncode, done.stderr) == (0, "")
    assert states(tmp_path / "out") == ["up to date", "built", "up to date"]
    assert (tmp_path / "out/ash/register.jsonl").stat().st_mtime_ns == before
    assert all(is_whole(one, tmp_path / "out") for one in plans)
    assert done.stdout.splitlines()[-1].startswith("Next: plan verify -C ")


@pytest.mark.quick
def test_two_plans_of_one_name_are_refused_before_anything_is_built(tmp_path: Path) -> None:
    folders = [write_small_plans(tmp_path / place, 1)[0].root for place in ("a", "b")]
    done = batch(folders, tmp_path / "out")
    assert done.returncode == ExitCode.USAGE
    assert "have the same name" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_batch_ends_cleanly_and_resumes(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNED_PLAN_TEST", str(tmp_path))
    plans = write_small_plans(tmp_path / "in", 6)
    folders = [one.root for one in plans]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else children would ignore it
    process = subprocess.Popen(
        [*BATCH, *map(str, folders), "--output", str(tmp_path / "out"), "--jobs", "2"],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Interrupted." in said
    wait_for(lambda: not processes(f"SIGNED_PLAN_TEST={tmp_path}"), 10)
    assert "not reached" in states(tmp_path / "out")
    done = batch(folders, tmp_path / "out", "--resume")
    assert done.returncode == 0
    assert all(is_whole(one, tmp_path / "out") for one in plans)


def test_on_a_terminal_there_is_a_bar_with_rate_and_time_left(tmp_path: Path) -> None:
    (plan,) = write_small_plans(tmp_path / "in", 1)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*BATCH, str(plan.root), "--output", str(tmp_path / "out")],
        cwd=REPO,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:  # how Linux says that the other side has ended
            break
        if not read:
            break
        said += read
    assert process.wait() == 0
    os.close(ours)
    text = said.decode()
    assert re.search(r"1/1", text)
    assert "a minute" in text
    assert re.search(r"\d:\d\d:\d\d", text)
