"""The small plan, and what becomes of it, in brief."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from signed_plan.compare.changes import Change, Comparison
from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Scale

from tests.compare.random_plans import a_version
from tests.plan.helpers import small_data

Data = dict[str, Any]
Brief = tuple[str, str, str, str, Scale]

SMALL = a_version(small_data())


def edited(act: Callable[[Data], object]) -> Comparison:
    """The small plan, and what becomes of it."""
    data = small_data()
    act(data)
    return compare(SMALL, a_version(data))


def brief(changes: tuple[Change, ...]) -> list[Brief]:
    return [(one.where.part, one.where.id, one.value, one.action, one.scale) for one in changes]


def only(found: Comparison) -> Brief:
    (change,) = brief(found.changes)
    return change
