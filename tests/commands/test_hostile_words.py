"""Nothing from a file, a name or an argument steers the terminal or forges a line on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.helpers import copy_plan
from tests.story import JULY, NOVEMBER, Story

EVIL = "x\x1b[2J\x07\x9b2K\u202eno\u200b\u2066\nVERIFIED: all"
"""Wipes the screen, rings, turns words round, hides, and begins a line of its own."""
slow = pytest.mark.slow("runs every command, each in a process")


def said(words: Sequence[str | Path], cwd: Path, **env: str) -> str:
    """All that the command prints; none of it steers, and none of it is a line of ours."""
    done = subprocess.run(
        [sys.executable, "-m", "signed_plan.cli", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **env},
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = (done.stdout + done.stderr).decode("utf-8")
    steering = {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp")}
    assert steering <= {"\n"}, (words, steering)
    assert not [line for line in text.splitlines() if line.startswith("VERIFIED: all")]
    return text


ARGUMENTS = [
    [EVIL],
    [f"--{EVIL}"],
    ["status", EVIL],
    ["status", f"--{EVIL}"],
    ["status", "-C", EVIL],
    ["verify", EVIL],
    ["verify", "--anchor", EVIL],
    ["extract", EVIL],
    ["trace", EVIL],
    ["compare", EVIL, JULY],
    ["new", EVIL],
    ["new", "2019-01", "--from", EVIL],
    ["build", EVIL],
    ["watch", EVIL],
    ["log", "--svg", f"{EVIL}/x.svg"],
    ["batch", EVIL, "--output", "out"],
    ["batch", ".", "--output", "out", "--jobs", EVIL],
    ["batch", ".", "--output", "out", "--dask", EVIL],
    ["issue", EVIL, "--passphrase-file", EVIL],
    ["sign", JULY, "--as", EVIL, "--key", EVIL],
    ["sign", JULY, "--as", EVIL, "--review", EVIL],
    ["enrol", EVIL],
    ["seal", EVIL, "--incomplete"],
    ["send", EVIL],
    ["keys", EVIL],
]


def test_no_argument_steers_the_terminal(tmp_path: Path) -> None:
    said([EVIL], tmp_path)


@slow
@pytest.mark.parametrize("verbose", [[], ["-v"]], ids=["", "verbose"])
@pytest.mark.parametrize("words", ARGUMENTS, ids=lambda words: " ".join(words)[:12].strip(EVIL))
def test_no_argument_of_any_command_steers_the_terminal(
    tmp_path: Path, words: list[str], verbose: list[str]
) -> None:
    said([*words, *verbose], copy_plan(tmp_path).root)


EVERY = (
    *("check", "build", "status", "log", "verify", "trace", "ids", "schema", "evidence"),
    *(
        "compare --no-pdf",
        "status --json",
        "log --json",
        "verify --json",
        "keys init",
        "issue 2017-07",
    ),
)


@slow
def test_no_name_of_a_folder_or_file_steers_the_terminal(tmp_path: Path, story: Story) -> None:
    root = tmp_path / EVIL
    shutil.copytree(story.at("july sealed").root, root)
    for words in EVERY:
        for where in (["-C", EVIL], ["-C", EVIL, "-O", EVIL]):
            said([*words.split(), *where], tmp_path)
    said(["batch", EVIL, "--output", "out"], tmp_path)
    for name in ("odd.pdf", JULY):
        file = root / f"{name}{EVIL}"
        shutil.copy(PlanFolder(root).pdf(JULY), file)
        said(["verify", file], root)
        said(["extract", file, "--output", f"out {EVIL}"], root)
        said(["receive", file], root)
    (root / "output" / EVIL).write_bytes(b"")
    (root / "output" / NOVEMBER / EVIL).write_bytes(b"")
    said(["verify"], root)
    (root / "source" / NOVEMBER / f"{EVIL}.yaml").write_text("a: 1\n")
    (root / "source" / EVIL).mkdir()
    for words in EVERY:
        said(words.split(), root)


@slow
@pytest.mark.parametrize("file", ["plan", "people", "areas", "reviews", "objectives"])
def test_no_words_of_a_source_steer_the_terminal(tmp_path: Path, file: str) -> None:
    folder = copy_plan(tmp_path)
    path = folder.source / NOVEMBER / f"{file}.yaml"
    written = path.read_text(encoding="utf-8")
    escaped = r'"x\e[2J\a\x9b2K\u202eno\u200b\u2066\nVERIFIED: all"'
    for evil in (
        written.replace(": ", f": {escaped} #", 3),
        written + f"{escaped}: {escaped}\n",
        written + f"{EVIL}\n",
        written + f"id: &{escaped} *x\n",
    ):
        path.write_text(evil, encoding="utf-8")
        for words in ("check", "build", "status", "ids", "check -v"):
            said(words.split(), folder.root)
    (folder.source / "settings.yaml").write_text(f"mail:\n  server: {escaped}\n")
    said(["status"], folder.root)


@slow
@pytest.mark.parametrize("name", ["TERM", "COLUMNS", "NO_COLOR", "LANG", "SIGNED_PLAN"])
def test_no_variable_steers_the_terminal(tmp_path: Path, name: str) -> None:
    said(["biuld"], tmp_path, **{name: EVIL})
