"""What might have happened instead, made once for the whole run; not to be changed."""

from __future__ import annotations

import pytest
from signed_plan.paths import PlanFolder

from tests.story import Story


@pytest.fixture(scope="session")
def stamped(story: Story) -> PlanFolder:
    """July, sealed incomplete, with an authority's word on every moment."""
    return story.at("stamped")


@pytest.fixture(scope="session")
def anew(story: Story) -> PlanFolder:
    """The same sources, issued and signed by an attacker who has an office of the same name."""
    return story.at("made again")
