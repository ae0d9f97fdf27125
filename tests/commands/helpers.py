"""What the tests of the commands share: passphrases in files, and the command in this process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from signed_plan.cli import run
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder

from tests.helpers import run_plan
from tests.story import EVERYBODY, OFFICE, SECRETS, phrase


def files(folder: PlanFolder) -> dict[str, str]:
    """A file with the passphrase of each, beside the plan folder."""
    found = {"office": str(folder.root.parent / "office.txt")}
    Path(found["office"]).write_text(OFFICE + "\n", encoding="utf-8")
    for person in EVERYBODY:
        found[person] = str(folder.root.parent / f"{person}.txt")
        Path(found[person]).write_text(phrase(person) + "\n", encoding="utf-8")
    return found


class Command:
    """`plan`, typed in one folder, and what it said last."""

    def __init__(self, folder: PlanFolder, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self._files = files(folder)
        self.out = ""
        self.err = ""

    def office(self) -> list[str]:
        return ["--passphrase-file", self._files["office"]]

    def person(self, person: str) -> list[str]:
        return [*self.office(), "--person-passphrase-file", self._files[person]]

    def __call__(self, *words: str) -> int:
        self._capsys.readouterr()
        with contextlib.chdir(self.folder.root):
            code = run([*words])
        self.out, self.err = self._capsys.readouterr()
        assert not [secret for secret in SECRETS if secret in self.out + self.err]
        return code

    def succeed(self, *words: str) -> str:
        """What it says of a command that succeeds: the last line tells what to do next."""
        code = self(*words)
        assert code == 0, self.err
        assert self.err == ""
        assert self.out.splitlines()[-1].startswith("Next: ")
        return self.out

    def fail(self, code: ExitCode, *words: str) -> str:
        """The one sentence of a command that ends with that code."""
        assert self(*words) == code, self.out + self.err
        lines = self.err.splitlines()
        assert lines[0].startswith("plan: ")
        assert len(lines) <= 2
        assert all(line.startswith("      ") for line in lines[1:])
        return self.err


def process(
    folder: PlanFolder, *words: str, given: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, with that on standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "signed_plan.cli", *words],
        cwd=folder.root,
        input=given,
        capture_output=True,
        env={**os.environ, "PYTHONUTF8": "1"},
        timeout=60,
        check=False,
        start_new_session=True,  # so that there is no terminal to ask at
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def run_and_read(folder: PlanFolder, *words: str, code: ExitCode = ExitCode.OK) -> str:
    """What the command prints; it has to end with that exit code, and without a traceback."""
    done = run_plan(folder, *words)
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return " ".join((done.stdout + done.stderr).split())
