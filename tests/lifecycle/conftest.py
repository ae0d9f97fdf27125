"""The authority whose certificates the tests of letters trust; and a plan folder at any step of its
life, made once for the whole run.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder

from tests.lifecycle.helpers import Story, copy_of, story_of
from tests.lifecycle.mail_server import Authority


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """The authority, trusted by this process as by any program that looks at SSL_CERT_FILE."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.root))
    return authority


@pytest.fixture(scope="session")
def story(built_once: PlanFolder, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The folder after each step; not to be changed."""
    return story_of(built_once, tmp_path_factory)


@pytest.fixture
def at(story: Story, tmp_path: Path) -> Callable[[str], PlanFolder]:
    """Gives a copy of the folder after a step, which a test may change."""
    return lambda step: copy_of(story.at(step), tmp_path / "plan")
