"""A plan at every step of its life, made once for the whole run; not to be changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.verify.signed_plan import Story, make_anew, seal_with_a_timestamp, story_of


@pytest.fixture(scope="session")
def story(built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The folder after each step."""
    return story_of(built_once, tmp_path_factory)


@pytest.fixture(scope="session")
def stamped(story: Story, tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """July, sealed incomplete, with an authority's word on every moment."""
    return seal_with_a_timestamp(story.at("enrolled"), tmp_path_factory.mktemp("stamped") / "plan")


@pytest.fixture(scope="session")
def anew(story: Story, tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """The same sources, issued and signed by an attacker who has an office of the same name."""
    return make_anew(story.at("built"), tmp_path_factory.mktemp("anew") / "plan")


@pytest.fixture
def after(story: Story, tmp_path: Path) -> Callable[[str], PlanFolder]:
    """Gives a copy of the folder after a step, which a test may change."""
    return lambda step: story.copy(step, tmp_path / "plan")
