"""What has to hold whatever comes in: no traceback, no hang, no file outside, no accepted lie."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from signed_plan.cli import run
from signed_plan.errors import ExitCode, explain_unexpected

SECONDS = 90
"""Nothing that one file makes the program do may take longer."""
_UNEXPECTED = explain_unexpected(Exception()).partition(":")[0]
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod")
_LINKS = ("os.symlink", "os.link")


class Broken(AssertionError):
    """The contract does not hold."""


class _Hang(BaseException):
    """It took too long."""


class _Watch:
    """Notes which paths outside the allowed folders this process has changed."""

    def __init__(self) -> None:
        self.allowed: tuple[str, ...] = ()
        self.strayed: list[str] = []

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.allowed:
            return
        if event == "open":
            paths, changes = given[:1], isinstance(given[2], int) and given[2] & _WRITING
        else:
            # Of a link, what it leads to is not touched.
            paths, changes = given[event in _LINKS : 2], event in _CHANGES
        if not changes:
            return
        for path in paths:
            if isinstance(path, str | bytes) and os.path.isabs(path):  # noqa: PTH117
                folder, name = os.path.split(os.fsdecode(path))
                # A file is opened through a link; whatever else is done is done to the link.
                real = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118
                real = os.path.realpath(real) if event == "open" else real
                if not real.startswith(self.allowed):
                    self.strayed.append(real)


_WATCH = _Watch()
sys.addaudithook(_WATCH.hook)


@contextlib.contextmanager
def bounded(folder: Path) -> Iterator[None]:
    """Raises Broken where what is done takes too long, or changes a file outside the folder."""

    def too_long(*_: object) -> None:
        raise _Hang

    before = signal.signal(signal.SIGALRM, too_long)
    compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # Python's own files
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    _WATCH.strayed = []
    _WATCH.allowed = (str(folder.resolve()), "/dev/", "/proc/self/")
    try:
        yield
    except _Hang:
        raise Broken(f"it took longer than {SECONDS} seconds") from None
    finally:
        _WATCH.allowed = ()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.dont_write_bytecode = compiled
    if _WATCH.strayed:
        raise Broken(f"a file outside the folder was changed: {_WATCH.strayed[0]}")


def plan(folder: Path, *words: str) -> tuple[int, str]:
    """Runs `plan` in this process; gives its exit code and all that it said.

    Raises Broken where it does not end with a sentence.
    """
    out, err = io.StringIO(), io.StringIO()
    with bounded(folder.parent), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = int(run([*words, "-C", str(folder)]))
    said = out.getvalue() + err.getvalue()
    if "Traceback" in said or _UNEXPECTED in said:
        raise Broken(f"plan {words[0]}: {' '.join(err.getvalue().split())[:300]}")
    if code not in set(ExitCode):
        raise Broken(f"plan {words[0]} ended with {code}")
    if code and not err.getvalue().strip():
        raise Broken(f"plan {words[0]} ended with {code} and said nothing")
    return code, said
