from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from signed_plan.processes import close_pipes, end_session, kill_session, start_session

from tests.helpers import REPO

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
    except (FileNotFoundError, ProcessLookupError):
        return False


def ends(number: int, seconds: float = 10) -> bool:
    """Whether that process has ended within so many seconds."""
    end = time.monotonic() + seconds
    while lives(number) and time.monotonic() < end:
        time.sleep(0.05)
    return not lives(number)


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


FORKING = """
import os, signal, time
from signed_plan.processes import die_with_parent
child = os.fork()
if child == 0:
    die_with_parent()
    print(os.getpid(), flush=True)
    time.sleep(60)
signal.pause()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends it at once")
def test_a_process_that_dies_with_its_parent_ends_when_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", FORKING], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    assert ends(child)


CRASHING = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
{before}
os.kill(os.getpid(), int(sys.argv[1]))
"""


def dumps_core(before: str, number: int, folder: Path) -> bool:
    """Whether a process that does this, and is sent that signal then, leaves an image."""
    code = CRASHING.format(before=before)
    process = subprocess.Popen([sys.executable, "-c", code, str(number)], cwd=folder)
    _, status = os.waitpid(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == -number
    return os.WCOREDUMP(status) or any(folder.iterdir())


CRASHES = [signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGQUIT]


@pytest.mark.parametrize("number", CRASHES)
def test_a_crash_leaves_no_image_of_a_memory_that_may_not_be_dumped(
    number: int, tmp_path: Path
) -> None:
    before = "from signed_plan.processes import forbid_core_dumps; forbid_core_dumps()"
    assert not dumps_core(before, number, tmp_path)


UNLOCKED = """
from tests.story import OFFICE
from signed_plan.signing.identity import lock_register_key, unlock_register_key
from signed_plan.signing.passphrase import Secret
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
secret = Secret(OFFICE)
key = unlock_register_key(lock_register_key(Ed25519PrivateKey.generate(), secret), secret)
"""


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("number", CRASHES)
def test_a_crash_while_a_key_is_open_leaves_no_image(number: int, tmp_path: Path) -> None:
    at_home = f"import sys; sys.path.append({str(REPO)!r})"
    assert not dumps_core(f"{at_home}\n{UNLOCKED}", number, tmp_path)
