"""A plan folder at any step of its life, as the tests of `lifecycle/` have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.lifecycle.helpers import Story, copy_of, story_of
from tests.verify import signed_plan


@pytest.fixture(scope="session")
def story(built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The folder after each step; not to be changed."""
    return story_of(built_once, tmp_path_factory)


@pytest.fixture(scope="session")
def signed_story(
    built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory
) -> signed_plan.Story:
    """The folder after each step of the story that `tests/verify/` has; not to be changed."""
    return signed_plan.story_of(built_once, tmp_path_factory)


@pytest.fixture
def at(story: Story, tmp_path: Path) -> Callable[[str], PlanFolder]:
    """Gives a copy of the folder after a step, which a test may change."""
    return lambda step: copy_of(story.at(step), tmp_path / "plan")
