"""One real build of the real plan for the whole run, and a copy of it for each test that asks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.helpers import copy_plan, run_plan


def pytest_configure() -> None:
    """Lets the commands that are run keep what Python has compiled, as on anybody's machine."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden",
        action="store_true",
        help="Take the present output as the golden one; look at it first.",
    )


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """The real plan, built by the command; not to be changed."""
    folder = copy_plan(tmp_path_factory.mktemp("built"))
    done = run_plan(folder, "build")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def built_plan(built_once: PlanFolder, tmp_path: Path) -> PlanFolder:
    """A copy of the built plan that a test may change."""
    shutil.copytree(built_once.root, tmp_path / "plan")
    return PlanFolder(tmp_path / "plan")
