"""What a room may do with a stranger's file, tried from inside: each thing is really attempted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from signed_plan import errors
from signed_plan.errors import MissingError, PlanError, SigningError
from signed_plan.sandbox import MAX_ANSWER, SandboxError, run_in_sandbox

slow = pytest.mark.slow("waits for bounds of time and memory")

TRIAL_ROOM = """
def sandbox_main(data, *words):
    found = {"words": words}
    exec(data.decode(), found)
    return found["answer"]
"""


@pytest.fixture(autouse=True)
def trial_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A room that does what it is told, which only the children of this test find."""
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    (rooms / "trial.py").write_text(TRIAL_ROOM)
    (tmp_path / "sitecustomize.py").write_text(
        f"import signed_plan\nsigned_plan.__path__.append({str(rooms)!r})\n"
    )
    (tmp_path / "site-packages").mkdir()
    own = [str(tmp_path), str(tmp_path / "site-packages")]
    monkeypatch.setattr(sys, "path", [*own, *sys.path])
    return rooms


def tried(code: str, *words: str, **bounds: Any) -> Any:
    return run_in_sandbox("signed_plan.trial", code.encode(), *words, **bounds)


def left_behind() -> list[str]:
    """The children of these tests that are still there."""
    listed = subprocess.run(
        ["ps", "-eo", "ppid=,args="], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.split(maxsplit=1) for line in listed.splitlines()]
    return [
        words
        for parent, words in lines
        if parent == str(os.getpid()) and "signed_plan.sandbox" in words
    ]


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert left_behind() == []


def test_a_room_gets_the_bytes_and_the_words_and_its_answer_comes_back() -> None:
    assert tried("answer = [len(data := 'ä'), *words]", "one", "-m") == [1, "one", "-m"]
    assert tried("answer = {'a': None, 'b': 'ö', 'c': [1.5, True]}") == {
        "a": None,
        "b": "ö",
        "c": [1.5, True],
    }


def test_a_large_file_comes_through_whole() -> None:
    code = b"import hashlib; answer = 'ok'\n" + b"#" * 20_000_000
    assert run_in_sandbox("signed_plan.trial", code) == "ok"


@pytest.mark.parametrize(
    "room", ["os", "tests.helpers", "signed_plan", "signed_plan.x;y", "signed_plans.x", "-c"]
)
def test_only_rooms_of_this_house_are_entered(room: str) -> None:
    with pytest.raises(ValueError, match="is not a room of this house"):
        run_in_sandbox(room, b"")
    done = subprocess.run(
        [sys.executable, "-m", "signed_plan.sandbox", "9", "900", room],
        input=b"",
        capture_output=True,
        check=False,
    )
    assert b"is not a room of this house" in done.stdout


REFUSED = {
    "socket.__new__": "import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM)",
    "socket.connect": "import socket; socket.socket(socket.AF_UNIX).connect(words[0])",
    "socket.bind": "import socket; socket.socket(socket.AF_UNIX).bind(words[1])",
    "socket.sendto": "import socket; socket.socket(1, 2).sendto(b'x', words[0])",
    "socket.getaddrinfo": "import socket; socket.getaddrinfo('localhost', 80)",
    "socket.gethostbyname": "import socket; socket.gethostbyname('localhost')",
    "subprocess.Popen": "import subprocess; subprocess.run(['true'])",
    "os.system": "import os; os.system('true')",
    "os.exec": "import os; os.execv('/bin/true', ['true'])",
    "os.fork": "import os; os.fork() or os._exit(0)",
    "os.forkpty": "import os; os.forkpty()[0] or os._exit(0)",
    "os.posix_spawn": "import os; os.posix_spawn('/bin/true', ['true'], {})",
    "os.kill": "import os; os.kill(os.getppid(), 0)",
    "open": "open('/etc/passwd')",
    "open by another door": "import os; os.open('/etc/passwd', os.O_RDONLY)",
    "open by a way around": "import sys; open(sys.prefix + '/' + '../' * 20 + 'etc/passwd')",
    "open of bytes": "open(b'/etc/passwd')",
    "open of a path": "import pathlib; pathlib.Path('/etc/passwd').read_text()",
    "open through a link": "open(words[2])",
    "open in the plan's folder": "open(words[3])",
    "open of the process": "open('/proc/self/environ')",
    "open to write": "open(words[1], 'w')",
    "open to append": "open(words[3], 'a')",
    "open to change": "open(words[3], 'r+b')",
    "open to create": "open(words[1], 'x')",
    "open to write inside Python": "open(words[2] + '-new', 'w')",
    "open to write by another door": "import os; os.open(words[1], os.O_CREAT | os.O_WRONLY)",
    "open of a temporary file": "import tempfile; tempfile.TemporaryFile(dir=words[4])",
    "os.mkdir": "import os; os.mkdir(words[1])",
    "os.remove": "import os; os.remove(words[3])",
    "os.rename": "import os; os.rename(words[3], words[1])",
    "os.link": "import os; os.link(words[3], words[1])",
    "os.symlink": "import os; os.symlink(words[3], words[1])",
    "os.truncate": "import os; os.truncate(words[3], 0)",
    "os.chmod": "import os; os.chmod(words[3], 0)",
    "os.utime": "import os; os.utime(words[3], (0, 0))",
    "os.listdir": "import os; os.listdir('/')",
    "os.scandir": "import os; os.scandir(words[4])",
    "shutil.rmtree": "import shutil; shutil.rmtree(words[4])",
    "sqlite3.connect": "import sqlite3; sqlite3.connect(words[1])",
    "ctypes.dlopen": "import ctypes; ctypes.CDLL('libc.so.6')",
    "ctypes.dlopen of itself": "import ctypes; ctypes.CDLL(None)",
}


@pytest.fixture
def prey(tmp_path: Path, trial_room: Path) -> Iterator[tuple[str, ...]]:
    """What there is to be got at: a listening socket, no file yet, a link, a file, its folder."""
    folder = tmp_path / "prey"
    folder.mkdir()
    secret = folder / "secret"
    secret.write_text("secret")
    # A link inside a place that may be read leads out of it.
    link = tmp_path / "site-packages" / "link"
    link.symlink_to(secret)
    (link.parent / "module").write_text("fine")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        listening.listen()
        yield str(folder / "s"), str(folder / "new"), str(link), str(secret), str(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["s", "secret"]
    assert secret.read_text() == "secret"
    assert secret.stat().st_mtime > 1_000_000
    assert sorted(path.name for path in link.parent.iterdir()) == ["link", "module"]


def test_everything_but_computing_is_refused_by_name(prey: tuple[str, ...]) -> None:
    code = f"""
answer = {{}}
for name, attempt in {REFUSED!r}.items():
    try:
        exec(attempt, dict(words=words))
        answer[name] = "done"
    except PermissionError as error:
        answer[name] = error.strerror
    except BaseException as error:
        answer[name] = repr(error)
"""
    answer = tried(code, *prey)
    assert answer == {name: f"refused in the sandbox: {name.split()[0]}" for name in REFUSED}


def test_each_of_these_would_be_possible_outside_the_sandbox(
    prey: tuple[str, ...],
) -> None:
    """Or else the test above would prove nothing. Only what leaves no trace is done."""
    without_trace = (
        *("socket.__new__", "socket.connect", "socket.getaddrinfo", "subprocess.Popen"),
        *("os.system", "os.kill", "os.listdir", "os.scandir"),
        *(name for name in REFUSED if name.startswith("open") and " to " not in name),
        *("ctypes.dlopen", "ctypes.dlopen of itself"),
    )
    for name in without_trace:
        exec(REFUSED[name], {"words": prey})


@pytest.mark.usefixtures("prey")
def test_what_libraries_need_is_allowed(tmp_path: Path) -> None:
    assert tried(
        """
import asyncio, json, os, zoneinfo
async def nothing(): return 1
import PIL, pypdf, pyhanko.pdf_utils.reader, cryptography.x509
here = open(json.__file__).readline() and os.listdir(os.path.dirname(json.__file__))
module = open(words[0]).read()
answer = [bool(here), module, str(zoneinfo.ZoneInfo("Europe/London")), asyncio.run(nothing())]
""",
        str(tmp_path / "site-packages" / "module"),
    ) == [True, "fine", "Europe/London", 1]


def test_the_child_sees_next_to_nothing_of_the_user_s_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLAN_PASSPHRASE", "secret")
    names, folder = tried("import os; answer = [list(os.environ), os.getcwd()]")
    assert set(names) <= {"PYTHONPATH", "LANG", "LC_CTYPE", "TZ", "HOME", "LD_LIBRARY_PATH"}
    assert folder == "/"


@slow
@pytest.mark.parametrize(
    "code",
    ["while True: pass", "import time; time.sleep(60)"],
    ids=["busy", "asleep"],
)
def test_what_takes_too_long_is_ended(code: str) -> None:
    start = time.monotonic()
    with pytest.raises(SandboxError) as raised:
        tried(code, seconds=0.5)
    assert time.monotonic() - start < 3
    assert raised.value.kind == "time"
    assert raised.value.reason == "it took longer than 0.5 seconds to read"


@slow
def test_a_file_that_is_never_read_does_not_hold_up_its_sender(trial_room: Path) -> None:
    (trial_room / "deaf.py").write_text("import time\ntime.sleep(60)\n")
    with pytest.raises(SandboxError) as raised:
        run_in_sandbox("signed_plan.deaf", bytes(1_000_000), seconds=0.5)
    assert raised.value.kind == "time"


def test_what_a_room_started_ends_with_it(trial_room: Path) -> None:
    own = f"sleep 61.{os.getpid()}"
    # At its import the hook is not there yet.
    (trial_room / "brood.py").write_text(
        f"import subprocess\nsubprocess.Popen({own.split()!r})\n"
        "def sandbox_main(data): return 'fine'\n"
    )
    assert run_in_sandbox("signed_plan.brood", b"") == "fine"
    waited_for(lambda: own not in commands())


def commands() -> list[str]:
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True)
    return [line.strip() for line in listed.stdout.splitlines()]


def in_child(code: str, seconds: int = 60, **given: Any) -> subprocess.CompletedProcess[bytes]:
    """The child alone, without the parent that watches over it."""
    return subprocess.run(
        [sys.executable, "-m", "signed_plan.sandbox", str(seconds), "1500", "signed_plan.trial"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        input=code.encode(),
        stdout=subprocess.PIPE,
        timeout=30,
        check=False,
        **given,
    )


@slow
def test_the_kernel_bounds_computing_time_too() -> None:
    assert in_child("while True: pass", seconds=1).returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not bound memory")
def test_what_takes_too_much_memory_is_ended() -> None:
    with pytest.raises(SandboxError) as raised:
        tried("answer = len(bytes(400_000_000))", megabytes=300)
    assert raised.value.kind == "memory"
    assert raised.value.reason == "it takes too much memory to read"
    assert tried("answer = len(bytes(400_000_000))") == 400_000_000


@pytest.mark.parametrize(
    "code",
    [
        "import ctypes; ctypes.string_at(0)",
        "import os; os.abort()",
        "import os; os._exit(0)",
        "raise SystemExit(0)",
        "raise RuntimeError('bad')",
        "answer = object()",
        "answer = float('nan')",
        "answer = open",
        "def deeper(): deeper()\ndeeper()",
    ],
)
def test_what_breaks_the_reader_is_told_as_such(code: str) -> None:
    with pytest.raises(SandboxError) as raised:
        tried(code)
    assert raised.value.kind == "crash"
    assert raised.value.reason == "it makes the reader crash"
    assert raised.value.detail


def test_no_file_can_grow_even_behind_python_s_back(tmp_path: Path) -> None:
    with (tmp_path / "open").open("wb") as file:
        done = in_child("import os; answer = os.write(2, b'x')", stderr=file)
    assert b"File too large" in done.stdout
    assert (tmp_path / "open").read_bytes() == b""


def test_no_core_is_dumped_and_few_files_can_be_opened() -> None:
    assert tried(
        """
from resource import *
answer = [getrlimit(name) for name in (RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE)]
"""
    ) == [[0, 0], [0, 0], [64, 64]]


_CONNECT_BEHIND_PYTHON_S_BACK = """
import ctypes
libc = ctypes.pythonapi
address = bytes([2, 0]) + int(words[0]).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
answer = libc.connect(libc.socket(2, 1, 0), address, 16)
"""


def test_machine_code_reaches_no_network_where_the_kernel_can_take_it_away() -> None:
    may_leave = subprocess.run(["unshare", "-Un", "true"], check=False).returncode == 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert (tried(_CONNECT_BEHIND_PYTHON_S_BACK, port) == 0) is not may_leave


def test_what_is_printed_is_not_taken_for_the_answer() -> None:
    code = "import os; print('{}', flush=True); os.write(1, b'chatter'); answer = 7"
    assert tried(code) == 7


def test_an_answer_without_end_is_not_waited_for() -> None:
    with pytest.raises(SandboxError) as raised:
        tried(f"answer = 'x' * {MAX_ANSWER}")
    assert raised.value.kind == "crash"
    assert "without end" in raised.value.detail


@pytest.mark.parametrize("kind", [PlanError, SigningError, errors.OlderStateError])
def test_an_error_that_the_room_raises_is_the_same_outside(kind: type[PlanError]) -> None:
    with pytest.raises(PlanError) as raised:
        tried(f"from signed_plan.errors import *; raise {kind.__name__}('Süß “x”.', 'Do y.')")
    assert type(raised.value) is kind
    assert (raised.value.message, raised.value.remedy) == ("Süß “x”.", "Do y.")
    assert raised.value.exit_code == kind.exit_code


@pytest.mark.parametrize(
    "code",
    [
        "from signed_plan.errors import *; raise SourceError([])",
        "class SigningError(Exception): pass\nraise SigningError('no', 'no')",
        "from signed_plan.errors import *\nclass Mine(PlanError): pass\nraise Mine('no', 'no')",
    ],
)
def test_an_error_that_cannot_be_sent_is_a_crash(code: str) -> None:
    with pytest.raises(SandboxError) as raised:
        tried(code)
    assert raised.value.kind == "crash"


@pytest.mark.parametrize(
    "reply",
    [
        '{"refused": ["SourceError", "a", "b"]}',
        '{"refused": ["Path", "a", "b"]}',
        '{"refused": ["SigningError"]}',
        '{"refused": 1}',
        "[]",
        "[" * 100_000,
        "no",
    ],
)
def test_a_reply_that_was_tampered_with_is_a_crash(trial_room: Path, reply: str) -> None:
    # Before the hook is there, the answer's own way out is open.
    (trial_room / "liar.py").write_text(
        f"import os\nfor fd in range(3, 20):\n    try: os.write(fd, {reply.encode()!r})\n"
        "    except OSError: pass\nos._exit(0)\n"
    )
    with pytest.raises(SandboxError) as raised:
        run_in_sandbox("signed_plan.liar", b"")
    assert raised.value.kind == "crash"


def test_a_library_that_is_missing_is_told_as_such() -> None:
    with pytest.raises(MissingError, match="No module named 'no_such_library'"):
        tried("import no_such_library")


@pytest.mark.skipif(sys.platform != "linux", reason="macOS has no such signal")
def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    code = (
        "import sys; from signed_plan.sandbox import run_in_sandbox;"
        "run_in_sandbox('signed_plan.trial', b'import time; time.sleep(60)')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ) as parent:
        (child,) = waited_for(lambda: children_of(parent.pid))
        # By the time that its bounds are in place, it has asked to die with its parent.
        waited_for(lambda: "Max file size             0 " in limits_of(child))
        parent.kill()
    waited_for(lambda: has_ended(child))


def children_of(process: int) -> list[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(child) for child in listed.split()]


def has_ended(process: int) -> bool:
    """Whether or not somebody has taken note of it."""
    status = Path(f"/proc/{process}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


def limits_of(process: int) -> str:
    return Path(f"/proc/{process}/limits").read_text()


def waited_for(ask: Callable[[], Any]) -> Any:
    end = time.monotonic() + 10
    while not (found := ask()):
        assert time.monotonic() < end
        time.sleep(0.01)
    return found
