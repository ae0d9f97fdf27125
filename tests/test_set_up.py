"""Set-up on a machine that lacks something: what is missing is named, and nothing half done."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers import REPO

slow = pytest.mark.slow("sets a checkout up")

PLAIN_TOOLS = ("sh", "dirname", "grep", "id", "env", "cat", "ldconfig", "mkdir", "ln", "python3")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with Python and the plainest tools, and no apt."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in PLAIN_TOOLS:
        real = (
            sys.executable
            if name == "python3"
            else shutil.which(name, path="/usr/sbin:/usr/bin:/bin")
        )
        assert real is not None, name
        (tools / name).symlink_to(Path(real).resolve())
    return {"PATH": str(tools), "HOME": str(tmp_path)}


def set_up(word: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "tools/set-up", word],
        cwd=REPO,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_apt_it_names_the_exact_packages_for_each_system(bare: dict[str, str]) -> None:
    done = set_up("plan", bare)
    assert done.returncode == 5
    assert (
        "sudo apt-get install --no-install-recommends libreoffice-writer-nogui openssl "
        "fontconfig fonts-crosextra-carlito fonts-liberation fonts-dejavu-core fonts-noto-core\n"
    ) in done.stderr
    assert "sudo dnf install libreoffice-writer google-carlito-fonts" in done.stderr
    assert "brew install --cask libreoffice font-carlito" in done.stderr


def test_the_conformance_check_also_needs_java_maven_and_certutil(bare: dict[str, str]) -> None:
    assert "libnss3-tools default-jdk-headless maven" in set_up("conformance", bare).stderr


def test_the_tests_also_need_their_tools(bare: dict[str, str]) -> None:
    said = set_up("test", bare).stderr
    assert "poppler-utils qpdf" in said
    assert " chromium" in said


def test_without_python_it_says_so(bare: dict[str, str]) -> None:
    (Path(bare["PATH"]) / "python3").unlink()
    done = set_up("plan", bare)
    assert done.returncode == 5
    assert done.stderr.startswith("Python 3.11 or later is missing.")


def test_an_older_python_is_not_enough(bare: dict[str, str]) -> None:
    python = Path(bare["PATH"]) / "python3"
    python.unlink()
    python.write_text("#!/bin/sh\nexit 1\n")  # as Python 3.10 answers when asked for its version
    python.chmod(0o755)
    assert set_up("plan", bare).stderr.startswith("Python 3.11 or later is missing.")


def test_where_everything_is_there_make_does_no_set_up_work() -> None:
    assert (REPO / ".venv/ready").exists(), "run the tests with make test, which sets up"
    done = subprocess.run(
        ["make", "-n", "plan"], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [".venv/bin/python", "-m", "signed_plan.cli", "build"]


@slow
def test_install_puts_a_command_on_the_path_that_works_in_any_plan_folder(
    bare: dict[str, str], tmp_path: Path
) -> None:
    bare["PATH"] = f"{tmp_path}/.local/bin:{bare['PATH']}"
    done = set_up("install", bare)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"The command plan is now {tmp_path}/.local/bin/plan.")
    shutil.copytree(REPO / "source", tmp_path / "ours/source")
    env = {**os.environ, "PATH": f"{tmp_path}/.local/bin:{os.environ['PATH']}"}
    used = subprocess.run(
        ["plan", "status"],
        cwd=tmp_path / "ours",
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert used.stdout.startswith("2017-07  missing (never built)")


def test_make_help_lists_every_target() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (REPO / "Makefile").read_text(), re.MULTILINE))
    done = subprocess.run(["make"], cwd=REPO, capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in done.stdout.splitlines()} == targets
