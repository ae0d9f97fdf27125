"""Kills every command that writes, at random moments: what is left is always a registered state.

python -m tools.fuzz.kills [--count N] [COMMAND…]

Each command runs in a process of its own on a copy of a plan at that step of its life. After the
kill, `plan status` and `plan verify` are content, every file is as the register says, and the same
command does its work or says that it is done.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from signed_plan.cli import run
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.lifecycle.helpers import demand_registered
from tests.story import (
    ANDY,
    CAROLE,
    JULY,
    OFFICE,
    SALLY,
    Story,
    elsewhere,
    field_of,
    phrase,
    scanned,
)
from tools.fuzz.contract import plan

_OFFICE = ("--passphrase-file", "{work}/office")
_PERSON = ("--person-passphrase-file", "{work}/person")
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "build": ("built", ("build", "--force")),
    "keys": ("built", ("keys", "init", *_OFFICE)),
    "enrol": ("keys", ("enrol", CAROLE, *_OFFICE, *_PERSON)),
    "issue": ("enrolled", ("issue", JULY, *_OFFICE)),
    "sign": ("july issued", ("sign", JULY, "--as", CAROLE, *_OFFICE, *_PERSON)),
    "decline": ("july issued", ("decline", JULY, "--as", CAROLE, "--reason", "No.", *_OFFICE)),
    "send": ("july issued", ("send", JULY, *_OFFICE)),
    "revoke": ("july issued", ("revoke", CAROLE, *_OFFICE)),
    "receive": ("july, Carole", ("receive", "{work}/returned.pdf", *_OFFICE)),
    "scan": ("july, Carole", ("scan", JULY, "{work}/page.jpg", "--as", SALLY, *_OFFICE)),
    "withdraw": (
        "july, Andy",
        ("withdraw", JULY, "--as", ANDY, "--reason", "The wrong page.", *_OFFICE),
    ),
    "seal": ("july, Kevin", ("seal", JULY, *_OFFICE)),
    "evidence": ("july sealed", ("evidence",)),
    "compare": ("july sealed", ("compare",)),
}
"""At which step of its life each finds the plan, and how it is typed."""
_DONE = (
    *("already", "it has no new signature", "not asked to sign", "has no certificate"),
    "Nothing was scanned for",
)
"""How a command says that what it is for has been done."""


class Kills:
    """One folder to work in, in which each command finds its plan again and again."""

    def __init__(self, story: Story, work: Path) -> None:
        self.story = story
        self.work = work
        self.folder = work / "plan"
        self._lasts: dict[str, float] = {}
        (work / "office").write_text(OFFICE)
        (work / "person").write_text(phrase(CAROLE))
        before = story.at("july, Carole")
        (work / "returned.pdf").write_bytes(elsewhere(before, JULY, SALLY))
        (work / "page.jpg").write_bytes(scanned(before.pdf(JULY).read_bytes(), field_of(SALLY)))

    def kill(self, name: str, part: float) -> None:
        """Kills it after that part of the time that it takes. Raises AssertionError, or Broken."""
        if name not in self._lasts:
            start = time.monotonic()
            self._prepare(name)
            _, status = os.waitpid(self._start(name), 0)
            assert status == 0, f"{name} fails by itself"
            self._lasts[name] = time.monotonic() - start
        self._prepare(name)
        child = self._start(name)
        time.sleep(part * self._lasts[name])
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self._require_registered(f"{name} was killed")
        code, said = plan(self.folder, *self._words(name))
        assert code == 0 or any(word in said for word in _DONE), said
        self._require_registered(f"{name} was run again")

    def _prepare(self, name: str) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.story.copy(COMMANDS[name][0], self.folder)
        if name == "send":
            told = f"people:\n  {SALLY}:\n    email: sally@example.org\n"
            (self.folder / "source" / "settings.yaml").write_text(told)

    def _words(self, name: str) -> list[str]:
        return [word.format(work=self.work) for word in COMMANDS[name][1]]

    def _start(self, name: str) -> int:
        child = os.fork()
        if child == 0:
            code = int(ExitCode.FAILED)
            try:
                os.setsid()
                nowhere = os.open(os.devnull, os.O_RDWR)
                for stream in range(3):
                    os.dup2(nowhere, stream)
                code = run([*self._words(name), "-C", str(self.folder)])
            finally:
                os._exit(code)
        return child

    def _require_registered(self, when: str) -> None:
        for words in (["status"], ["verify"]):
            code, said = plan(self.folder, *words)
            assert code == 0, f"after {when}, plan {words[0]}: {said[-400:]}"
        demand_registered(PlanFolder(self.folder))


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz.kills")
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help=", ".join(COMMANDS))
    parser.add_argument("--count", type=int, default=500)
    wanted = parser.parse_args(words)
    names = wanted.commands or list(COMMANDS)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="signed-plan-kills-") as place:
        (Path(place) / "story").mkdir()
        (Path(place) / "work").mkdir()
        tempfile.tempdir = str(Path(place) / "work")
        kills = Kills(Story(Path(place) / "story"), Path(place) / "work")
        for at in range(wanted.count):
            name, part = names[at % len(names)], secrets.randbelow(1050) / 1000
            try:
                kills.kill(name, part)
            except AssertionError as error:
                failed += 1
                print(f"  {name} at {part:.3f} of its time: {str(error)[:600]}", flush=True)
            if (at + 1) % 50 == 0:
                print(f"{at + 1} kills, {failed} failed", flush=True)
    print(f"{wanted.count} kills: {wanted.count - failed} registered states", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
