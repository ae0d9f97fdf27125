"""Whatever becomes of the table's rows, Word's rules give both documents back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from signed_plan.plan.model import Area

from tests.redline.resolving import JULY, demand_exact, with_areas

ROWS: dict[str, Callable[[tuple[Area, ...]], tuple[Area, ...]]] = {
    "the first is new": lambda areas: (areas[0].model_copy(update={"id": "new"}), *areas[1:]),
    "the last is gone": lambda areas: areas[:-1],
    "only one is left": lambda areas: areas[3:4],
    "one moved to the end": lambda areas: (*areas[:2], *areas[3:], areas[2]),
    "all turned round": lambda areas: areas[::-1],
}


@pytest.mark.parametrize("name", ROWS)
def test_whatever_becomes_of_the_rows_resolves_both_ways(name: str) -> None:
    demand_exact(JULY, with_areas(ROWS[name]))
