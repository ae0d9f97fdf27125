"""One signed plan for the whole run, and a copy of it at any step for each test that asks."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.story import Story

pytest_plugins = ("tests.document.fixtures",)


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
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A plan folder after each step of its life; not to be changed."""
    base = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):  # xdist: this is one of the folders of its workers
        base = base.parent
    root = base / "story"
    root.mkdir(exist_ok=True)
    return Story(root)


@pytest.fixture
def quiet() -> Iterator[None]:
    """For tests of damaged PDFs: pyHanko logs what it finds wrong, at length."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def at(story: Story, tmp_path: Path) -> Callable[[str], PlanFolder]:
    """Gives a copy of the folder after a step, which a test may change."""
    return lambda step: story.copy(step, tmp_path / "plan")


@pytest.fixture(scope="session")
def built_once(story: Story) -> PlanFolder:
    """The real plan, built by the command; not to be changed."""
    return story.at("built")


@pytest.fixture
def built_plan(at: Callable[[str], PlanFolder]) -> PlanFolder:
    """A copy of the built plan that a test may change."""
    return at("built")
