"""This checkout, and the plan that it ships."""

from __future__ import annotations

import shutil
from pathlib import Path

from signed_plan.paths import PlanFolder

REPO = Path(__file__).resolve().parent.parent
VERSIONS = ("2017-07", "2017-11")


def copy_plan(target: Path) -> PlanFolder:
    """The shipped plan's sources in a folder of its own, with nothing built."""
    shutil.copytree(REPO / "source", target / "source")
    return PlanFolder(target)
