"""Files from outside are read in a child process that can only compute, and not for long.

To read a PDF or a picture means to run large libraries on bytes that anybody may have chosen.
What goes wrong in the child stays there. The kernel bounds time and memory and lets no file grow.
An audit hook (PEP 578) refuses the network, other programs, and every file except Python's own. The
hook holds for Python code. It does not hold for machine code that a broken library may run; that
reaches no network either where the kernel can take it away.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import importlib
import json
import math
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Literal

from signed_plan import errors
from signed_plan.errors import MissingError, PlanError
from signed_plan.namespaces import leave_network
from signed_plan.processes import die_with_parent, end_session, kill_session, start_session

LimitKind = Literal["time", "memory", "crash"]

MAX_ANSWER = 4_000_000
"""Bytes of JSON; no room answers with so many."""

_ROOM = re.compile(r"signed_plan(\.[a-z_]+)+")
_PACKAGE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Of these, only what _guard names is allowed: a new Python may bring new events.
_REFUSED = (
    "os.",
    "socket.",
    "subprocess.",
    "shutil.",
    "tempfile.",
    "pty.",
    "sqlite3.",
    "signal.",
    "syslog.",
)
_HARMLESS = ("os.putenv", "os.unsetenv")
_READING = ("os.listdir", "os.scandir", "ctypes.dlopen")


# Only an error that is made of a message and a remedy can be sent.
_KINDS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type)
    and issubclass(kind, PlanError)
    and kind.__init__ is PlanError.__init__
}


class SandboxError(Exception):
    """The file was not read to its end: it took too long or too much, or the reader broke."""

    def __init__(self, kind: LimitKind, seconds: float, detail: str = "") -> None:
        self.kind = kind
        self.seconds = seconds
        self.detail = detail
        super().__init__(f"{self.reason} ({detail})" if detail else self.reason)

    @property
    def reason(self) -> str:
        """Why, as the half of a sentence that comes after "because" or a colon."""
        return {
            "time": f"it took longer than {self.seconds:g} seconds to read",
            "memory": "it takes too much memory to read",
            "crash": "it makes the reader crash",
        }[self.kind]


def run_in_sandbox(
    room: str, data: bytes, *arguments: str, seconds: float = 60, megabytes: int = 1500
) -> Any:
    """What the room's `sandbox_main(data, *arguments)` gives, computed in a process with bounds.

    The answer travels as JSON: tuples come back as lists.

    Raises SandboxError if the process is stopped or breaks. Raises every PlanError that
    `sandbox_main` raises.
    """
    _require_room(room)
    expired = threading.Event()
    with _start_child(room, *arguments, seconds=seconds, megabytes=megabytes) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with _kill_after(seconds, process, expired):
            # A child that ends before it has read everything says why, or its exit code does.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(data)
                process.stdin.flush()
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
            reply = process.stdout.read(MAX_ANSWER + 1)
    return _read_reply(reply, expired.is_set(), process.returncode, seconds)


def _require_room(room: str) -> None:
    if not _ROOM.fullmatch(room):
        raise ValueError(f"{room!r} is not a room of this house")


@contextlib.contextmanager
def _start_child(
    room: str, *arguments: str, seconds: float, megabytes: int
) -> Iterator[subprocess.Popen[bytes]]:
    """The child, in its own session. At the end of the context all of that session is ended."""
    process = start_session(
        [
            *(sys.executable, "-P", "-B", "-m", "signed_plan.sandbox"),
            *(str(math.ceil(seconds)), str(megabytes), room, *arguments),
        ],
        talks=True,
        cwd=Path("/"),
        env=_environment(),
    )
    try:
        yield process
    finally:
        end_session(process)


def _environment() -> dict[str, str]:
    """No more than Python needs to find the same rooms as this process."""
    rooms = [place for place in sys.path if os.path.isabs(place)]  # noqa: PTH117
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    return kept | {
        "PYTHONPATH": os.pathsep.join([*rooms, os.path.dirname(_PACKAGE)]),  # noqa: PTH120
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": "/",
    }


@contextlib.contextmanager
def _kill_after(
    seconds: float, process: subprocess.Popen[bytes], expired: threading.Event
) -> Iterator[None]:
    def expire() -> None:
        expired.set()
        kill_session(process)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _read_reply(reply: bytes, expired: bool, exit_code: int, seconds: float) -> Any:
    """What the reply says. It comes from the child, so only its shape is trusted."""
    if len(reply) > MAX_ANSWER:
        raise SandboxError("crash", seconds, "it answered without end")
    try:
        said = json.loads(reply)
    except (ValueError, RecursionError):
        said = None
    match said:
        case {"answer": answer}:
            return answer
        case {"refused": [str(name), str(message), str(remedy)]}:
            if (kind := _KINDS.get(name)) is not None:
                raise kind(message, remedy)
        case {"memory": _}:
            raise SandboxError("memory", seconds)
        case {"crash": str(detail)}:
            raise SandboxError("crash", seconds, detail)
    if expired or exit_code == -signal.SIGXCPU:
        raise SandboxError("time", seconds)
    raise SandboxError("crash", seconds, f"it ended with {exit_code}")


# What follows is done in the child.


def main() -> None:
    """Reads a file from standard input and writes what a room makes of it, as JSON, to output."""
    seconds, megabytes, room, *arguments = sys.argv[1:]
    with os.fdopen(os.dup(1), "wb", buffering=0) as answer:
        os.dup2(2, 1)  # so that a library's chatter is not taken for the answer
        _send(answer, _reply(room, arguments, int(seconds), int(megabytes)))
    # Without the usual tidying up, in which libraries run their code once more.
    os._exit(0)


def _reply(room: str, arguments: list[str], seconds: int, megabytes: int) -> bytes:
    try:
        _require_room(room)
        leave_network()  # before the next, which a new name space would undo
        die_with_parent()
        sandbox_main: Callable[..., Any] = importlib.import_module(room).sandbox_main
        _limit(seconds, megabytes)
        _readable_places()
        sys.addaudithook(_guard)
        data = sys.stdin.buffer.read()
        return json.dumps({"answer": sandbox_main(data, *arguments)}, allow_nan=False).encode(
            "ascii"
        )
    except MemoryError:
        return b'{"memory": true}'
    except PlanError as error:
        if _KINDS.get(type(error).__name__) is type(error):
            return _message(refused=[type(error).__name__, error.message, error.remedy])
        return _message(crash=type(error).__name__)
    except ImportError as error:
        missing = MissingError(
            f"A library that reads other people's files cannot be loaded: {error}.",
            "Run `make setup`, which installs it.",
        )
        return _message(refused=[type(missing).__name__, missing.message, missing.remedy])
    except BaseException as error:
        return _message(crash=f"{type(error).__name__}: {error}"[:500])


def _message(**reply: Any) -> bytes:
    return json.dumps(reply).encode("ascii")


def _send(answer: IO[bytes], reply: bytes) -> None:
    while reply:
        reply = reply[answer.write(reply) :]


def _limit(seconds: int, megabytes: int) -> None:
    for name, wanted in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, megabytes * 1_000_000),
    ):
        _, most = resource.getrlimit(name)
        soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        # A second more for the computing time: at the hard limit the kernel does not say why.
        hard = soft + 1 if name == resource.RLIMIT_CPU and soft != most else soft
        # macOS knows some of these by name alone.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(name, (soft, hard))


def _guard(event: str, given: tuple[Any, ...]) -> None:
    """The audit hook: raises PermissionError, which libraries take for a file that is closed."""
    if event == "open":
        path, _, flags = given
        allowed = isinstance(path, int) or (not flags & _WRITING and _is_readable(path))
    elif event in _READING:
        allowed = _is_readable(given[0])
    elif event == "socket.__new__":
        allowed = given[1] == socket.AF_UNIX  # two ends inside the process, as asyncio wants them
    else:
        allowed = event in _HARMLESS or not event.startswith(_REFUSED)
    if not allowed:
        raise PermissionError(errno.EACCES, f"refused in the sandbox: {event}")


def _is_readable(path: Any) -> bool:
    if not isinstance(path, str | bytes | os.PathLike):
        return False
    real = os.path.realpath(os.fsdecode(path))
    return any(real == place or real.startswith(f"{place}/") for place in _readable_places())


@functools.cache
def _readable_places() -> tuple[str, ...]:
    """Where Python keeps its own, and what libraries look up in the system."""
    own = (
        *(sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, _PACKAGE),
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *(place for place in sys.path if place.endswith(("site-packages", "dist-packages"))),
    )
    system = (
        *("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts"),
        *("/usr/share/color", "/System/Library/ColorSync", "/Library/ColorSync"),
        *("/usr/share/zoneinfo", "/var/db/timezone"),
    )
    return tuple({os.path.realpath(place) for place in (*own, *system)})


if __name__ == "__main__":
    main()
