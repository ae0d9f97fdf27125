"""What tests of several wings share: a plan folder of their own, and the command itself."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from pipeline.paths import PlanFolder

REPO = Path(__file__).resolve().parent.parent
VERSIONS = ("2017-07", "2017-11")


def copy_plan(target: Path) -> PlanFolder:
    """The real plan's sources in a folder of the test's own, with nothing built."""
    shutil.copytree(REPO / "source", target / "source")
    return PlanFolder(target)


def run_plan(
    folder: PlanFolder, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `plan` on the folder in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline.cli", *words, "-C", str(folder.root)],
        cwd=REPO,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def edit(path: Path, old: str, new: str) -> None:
    """Replaces a text that must stand in the file exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")
