"""Other programs, each in its own session, so that all that one has started ends with it."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE = 1, 4


def start_session(
    command: Sequence[str],
    *,
    talks: bool = False,
    printed: int | IO[bytes] = subprocess.DEVNULL,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a program as the leader of a new session, which Ctrl-C in the terminal does not reach.

    With `talks`, its standard input and output are pipes to this process; without, it reads
    nothing. What else it prints goes to `printed`, by default nowhere. Raises OSError if it cannot
    be started.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
        stdout=subprocess.PIPE if talks else printed,
        stderr=printed,
        cwd=cwd,
        env=env,
        start_new_session=True,
    )


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """Kills a program of `start_session` with all that it has started. Does not wait for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def end_session(process: subprocess.Popen[bytes]) -> None:
    """Kills such a program, waits until it has ended, and closes its pipes."""
    kill_session(process)
    process.wait()
    close_pipes(process)


def close_pipes(process: subprocess.Popen[bytes]) -> None:
    """Closes this side's ends of the pipes. What the program no longer reads is dropped."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()


def forbid_core_dumps() -> None:
    """From now on a crash of this process leaves no image of its memory, nor may one be asked for.

    There is no way back: what was freed still lies in the memory.
    """
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        # The bound does not hold where a program takes the images (core(5)), but this does.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def die_with_parent(parent: int | None = None) -> None:
    """Ends this process as soon as the one that started it has ended, however that was.

    Only Linux does that at once. With the parent's number, also where it has ended already.
    """
    import ctypes  # loaded here on every system, since a sandbox cannot do so later on

    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent not in (None, os.getppid()):
        os._exit(1)
