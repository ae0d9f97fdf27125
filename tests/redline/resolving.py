"""What the redline's tests share: July changed in memory, and the demand that it resolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Area, Plan
from signed_plan.plan.source import Version, load
from signed_plan.redline.redline import make_redline

from tests.helpers import REPO
from tests.redline.resolver import resolved

TEMPLATE = REPO / "templates/plan.docx"
JULY = load(PlanFolder(REPO))[0]


def with_areas(change: Callable[[tuple[Area, ...]], tuple[Area, ...]]) -> Version:
    plan: Plan = JULY.plan.model_copy(update={"version": "later", "areas": change(JULY.plan.areas)})
    return replace(JULY, plan=plan)


def demand_exact(old: Version, new: Version) -> None:
    for before, after in ((old, new), (new, old)):
        marked = make_redline(compare(before, after), TEMPLATE)
        assert resolved(marked, "accept") == resolved(render_plan(after, TEMPLATE).data)
        assert resolved(marked, "reject") == resolved(render_plan(before, TEMPLATE).data)
