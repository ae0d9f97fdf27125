"""What the tests of extracting share."""

from __future__ import annotations

import pytest
from signed_plan.paths import PlanFolder

from tests.report.signed_files import SignedFiles


@pytest.fixture(scope="session")
def files(built_once: PlanFolder) -> SignedFiles:
    """The November plan, certified and signed in several ways."""
    return SignedFiles(built_once)
