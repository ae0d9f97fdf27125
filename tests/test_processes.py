from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from signed_plan.processes import close_pipes, end_session, kill_session, start_session

# A program that starts another one, says that one's number, and waits.
PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def lives(number: int) -> bool:
    """Whether that process still computes; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_is_the_leader_of_a_session_of_its_own() -> None:
    process = start_session([sys.executable, "-c", "input()"], talks=True)
    assert os.getsid(process.pid) == process.pid
    end_session(process)


def test_what_a_program_has_started_ends_with_it() -> None:
    process = start_session([sys.executable, "-c", PARENT], talks=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    assert lives(child)
    end_session(process)
    assert process.returncode == -9
    assert process.stdout.closed
    for _ in range(100):
        if not lives(child):
            break
        time.sleep(0.02)
    assert not lives(child)


def test_without_talking_it_reads_nothing_and_prints_to_the_given_file(tmp_path: Path) -> None:
    with (tmp_path / "printed").open("wb") as printed:
        code = "import sys; print(sys.stdin.read() == '', flush=True); print(2, file=sys.stderr)"
        process = start_session([sys.executable, "-c", code], printed=printed, cwd=tmp_path)
        assert process.wait(20) == 0
    assert (tmp_path / "printed").read_text() == "True\n2\n"
    assert process.stdin is process.stdout is None


def test_what_is_gone_already_is_ended_without_a_word() -> None:
    process = start_session([sys.executable, "-c", "pass"], talks=True)
    process.wait(20)
    kill_session(process)
    end_session(process)
    close_pipes(process)


def test_pipes_are_closed_although_nobody_reads_any_more() -> None:
    process = start_session([sys.executable, "-c", "pass"], talks=True)
    process.wait(20)
    assert process.stdin is not None
    process.stdin.write(b"too late")
    close_pipes(process)
    assert process.stdin.closed


def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        start_session(["no-such-program"])
