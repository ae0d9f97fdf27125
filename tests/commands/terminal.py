"""A real terminal with the command in it, somebody who types, and what they see."""

from __future__ import annotations

import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.helpers import REPO

PATIENCE = 60  # seconds until a silent command counts as hanging
_PIECE = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n\x07\b])|(.)", re.S)


def visible(written: str, width: int = 80) -> list[str]:
    """The lines that a terminal shows after all that was written to it."""
    lines, row, column = [""], 0, 0
    for how, act, control, letter in _PIECE.findall(written):
        if letter and column >= width:
            row, column = row + 1, 0
        lines += [""] * (row + 1 - len(lines))
        if letter:
            assert letter.isprintable() or letter in "\u200c\u200d", f"{letter!r} reached it"
            lines[row] = lines[row][:column].ljust(column) + letter + lines[row][column + 1 :]
            column += 1
        elif control == "\n":
            row, column = row + 1, 0
        elif control == "\r":
            column = 0
        elif act == "K":
            lines[row] = "" if how == "2" else lines[row][:column]
        elif act == "A":
            row = max(0, row - int(how or 1))
        elif act in ("H", "J"):
            lines, row, column = [""], 0, 0
        else:
            assert act == "m" or how.startswith("?"), f"{how}{act} is not known here"
    while len(lines) > 1 and not lines[-1]:
        lines.pop()
    return [line.rstrip() for line in lines]


class Terminal:
    """A terminal of some width, with the command in it."""

    def __init__(self, master: int, child: subprocess.Popen[bytes], width: int) -> None:
        self._master = master
        self._width = width
        self.child = child
        self.shown = ""

    @property
    def lines(self) -> list[str]:
        """What can be seen on it now."""
        return visible(self.shown, self._width)

    def wait_for(self, text: str) -> None:
        """Until the text has been shown and the command sleeps, waiting to be answered.

        A signal sent any earlier may come just before the read, which then begins all the same
        and never hears of it; whoever sits at a real keyboard presses again.
        """
        end = time.monotonic() + PATIENCE
        before = len(self.shown)
        while text not in self.shown[before:]:
            assert self._read(end), self.shown
        while self._state() != "S":
            assert time.monotonic() < end, self.shown
            time.sleep(0.01)

    def is_asked(self, question: str) -> None:
        """Until the question stands at the end of what can be seen, and stays there."""
        self.wait_for(question)
        end = time.monotonic() + 0.3  # in which a spinner would have turned four times
        while time.monotonic() < end:
            ready, _, _ = select.select([self._master], [], [], 0.05)
            if ready:
                self._read(end + PATIENCE)
        assert self.lines[-1] == question.rstrip(), self.lines

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def echoes(self) -> bool:
        """Whether what is typed is shown."""
        return bool(termios.tcgetattr(self._master)[3] & termios.ECHO)

    def end(self) -> int:
        end = time.monotonic() + PATIENCE
        while self._read(end):
            pass
        return self.child.wait(PATIENCE)

    def _read(self, end: float) -> bool:
        """Whether more was shown; not so when nobody is at the other side any more."""
        ready, _, _ = select.select([self._master], [], [], max(0, end - time.monotonic()))
        assert ready, f"nothing more was shown after {self.shown!r}"
        try:
            data = os.read(self._master, 65536)
        except OSError:  # how Linux tells it
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def _state(self) -> str:
        stat = Path(f"/proc/{self.child.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0]


@contextmanager
def terminal(
    *words: str, cwd: Path = REPO, width: int = 80, env: Mapping[str, str | None] = {}
) -> Iterator[Terminal]:
    """The command, in that folder and on a terminal of that width; of `env`, None is not set."""
    master, slave = os.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    told = {"TERM": "xterm-256color", "NO_COLOR": None, "COLUMNS": None, **env}
    child = subprocess.Popen(
        [sys.executable, "-m", "signed_plan.cli", *words],
        cwd=cwd,
        env={
            **{name: value for name, value in os.environ.items() if name not in told},
            **{name: value for name, value in told.items() if value is not None},
        },
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        # The first terminal that a session opens becomes its own.
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
    )
    os.close(slave)
    try:
        yield Terminal(master, child, width)
    finally:
        child.kill()
        child.wait()
        os.close(master)


def on_a_terminal(
    *words: str,
    cwd: Path = REPO,
    width: int = 80,
    code: int = 0,
    env: Mapping[str, str | None] = {},
) -> Terminal:
    """The terminal after the command has ended on it, with that code."""
    with terminal(*words, cwd=cwd, width=width, env=env) as screen:
        assert screen.end() == code, screen.shown
    return screen
