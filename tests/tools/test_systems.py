"""What is tried in fresh root file systems is what README promises; else it says why not."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers import REPO

TOOL = REPO / "tools/systems"


def promised(text: str) -> list[str]:
    """The commands that README's first screen shows."""
    return re.findall(r"^\$ (make \w+)", text.split("![", maxsplit=1)[0], flags=re.MULTILINE)


def test_readmes_commands_are_tried_first_and_in_its_order() -> None:
    commands = promised((REPO / "README.md").read_text(encoding="utf-8"))
    steps = TOOL.read_text(encoding="utf-8").split("STEPS='")[1].split("'")[0].splitlines()
    assert len(commands) == 2
    assert steps[:2] == commands
    assert {"make test-quick", "make conformance"} < set(steps)


def test_ci_tries_the_newest_system_that_readme_names() -> None:
    named = re.findall(r"Debian (\d+)", (REPO / "README.md").read_text(encoding="utf-8"))
    suites = {"12": "bookworm", "13": "trixie"}
    tried = re.search(r"SYSTEMS := (.*)", (REPO / "Makefile").read_text(encoding="utf-8"))
    assert tried is not None
    assert tried[1].split() == [suites[one] for one in sorted(set(named))]
    ci = (REPO / ".ci/run").read_text(encoding="utf-8")
    assert f"make systems SYSTEMS={suites[max(named)]}\n" in ci


@pytest.mark.parametrize("lacking", ["debootstrap", "root"])
def test_without_what_it_needs_it_says_so_and_makes_nothing(lacking: str, tmp_path: Path) -> None:
    for name in ("sh", "dirname", "id", "cat"):
        program = shutil.which(name)
        assert program is not None
        (tmp_path / name).symlink_to(program)
    if lacking == "root":
        (tmp_path / "id").unlink()
        (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n", encoding="ascii")
        (tmp_path / "id").chmod(0o755)
    done = subprocess.run(
        [TOOL, "trixie"], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5
    assert lacking in done.stderr
    assert done.stdout == ""
