"""What tests of several wings share: a plan folder of their own, and the command itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from signed_plan.paths import PlanFolder

from tools.checkout import REPO, VERSIONS, copy_plan

__all__ = ["REPO", "VERSIONS", "copy_plan", "edit", "run_plan"]


def run_plan(
    folder: PlanFolder, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `plan` in the folder, in a process of its own, as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "signed_plan.cli", *words],
        cwd=folder.root,
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
