"""Closed, full or unread output never stops the work, and never shows a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.commands.streams import Stream
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.helpers import copy_plan

At = Callable[[str], PlanFolder]
slow = pytest.mark.slow("runs commands that build, each in a shell")


def shell(command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What a shell does with that line; PLAN stands for the command."""
    return subprocess.run(
        [
            "bash",
            "-o",
            "pipefail",
            "-c",
            command.replace("PLAN", f"{sys.executable} -m signed_plan.cli"),
        ],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


CLOSED = ["2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-", "1</dev/null", "| true", "2>&1 | true"]


@pytest.mark.parametrize(
    "how", [pytest.param(">&-"), *(pytest.param(how, marks=slow) for how in CLOSED)]
)
def test_a_command_succeeds_though_nobody_reads_it(built_once: PlanFolder, how: str) -> None:
    done = shell(f"PLAN status {how}", built_once.root)
    assert done.returncode == ExitCode.OK
    assert done.stderr == ""


@slow
@pytest.mark.parametrize("how", CLOSED)
def test_a_failure_keeps_its_code_though_nobody_reads_it(built_once: PlanFolder, how: str) -> None:
    done = shell(f"PLAN biuld {how}", built_once.root)
    assert done.returncode == ExitCode.USAGE
    assert "Traceback" not in done.stderr + done.stdout


@slow
def test_a_full_disk_is_one_sentence_and_fails_what_else_succeeded(built_once: PlanFolder) -> None:
    done = shell("PLAN status >/dev/full", built_once.root)
    assert done.returncode == ExitCode.FAILED
    assert done.stderr == (
        "plan: What it had to say could not be written: No space left on device.\n"
    )
    assert shell("PLAN biuld >/dev/full", built_once.root).returncode == ExitCode.USAGE
    done = shell("PLAN status 2>/dev/full", built_once.root)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")


@slow
@pytest.mark.parametrize(
    "how", ["| head -n 1", "2>&1 | head -n 1", "| true", ">&-", ">&- 2>&-", "<&- >&- 2>&-"]
)
@pytest.mark.parametrize(
    ("words", "made"),
    [
        ("compare 2017-07 2017-11 --no-pdf", "output/compare/2017-07-to-2017-11/report.html"),
        ("build --force", "output/2017-11/action-plan-2017-11.pdf"),
        ("batch . --output out --jobs 1", "out/plan/2017-11/action-plan-2017-11.pdf"),
    ],
    ids=["compare", "build", "batch"],
)
def test_the_work_goes_on_to_its_end_though_nobody_reads_it(
    at: At, words: str, made: str, how: str
) -> None:
    root = at("built").root
    (root / made).unlink(missing_ok=True)
    done = shell(f"PLAN {words} {how}", root)
    assert (done.returncode, done.stderr) == (ExitCode.OK, "")
    assert (root / made).is_file()


@slow
def test_with_everything_closed_a_built_plan_is_entered_whole(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    assert shell("PLAN build <&- >&- 2>&-", folder.root).returncode == ExitCode.OK
    assert [entry.event.kind for entry in read(folder.register).entries] == ["built", "built"]
    assert not (shell("PLAN verify", folder.root).returncode)


def test_a_reader_that_lets_one_wait_gets_every_word() -> None:
    """As where the other end has set the pipe to O_NONBLOCK."""
    theirs, ours = os.pipe()
    os.set_blocking(ours, False)
    stream, got = Stream(ours, "utf-8"), bytearray()

    def listen() -> None:
        time.sleep(0.05)
        while data := os.read(theirs, 65536):
            got.extend(data)

    listener = threading.Thread(target=listen)
    listener.start()
    for number in range(40_000):
        print("line", number, file=stream)
    stream.flush()
    os.close(ours)
    listener.join()
    os.close(theirs)
    assert bytes(got) == b"".join(b"line %d\n" % number for number in range(40_000))
    assert stream.failure == ""


def test_a_letter_that_the_encoding_lacks_is_an_escape(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        stream = Stream(file.fileno(), "latin-1")
        print("漢é", file=stream)
        stream.flush()
    assert (tmp_path / "out").read_bytes() == b"\\u6f22\xe9\n"
