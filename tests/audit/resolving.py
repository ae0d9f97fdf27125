"""What the redline's tests share: July changed in memory, and the demand that it resolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.audit.compare import compare
from pipeline.audit.redline import make_redline
from pipeline.document.render import render_plan
from pipeline.paths import PlanFolder
from pipeline.plan.model import Area, Plan
from pipeline.plan.source import Version, load
from tests.audit.resolver import resolved
from tests.helpers import REPO

TEMPLATE = REPO / "templates/plan.docx"
JULY = load(PlanFolder(REPO))[0]


def with_areas(change: Callable[[tuple[Area, ...]], tuple[Area, ...]]) -> Version:
    plan: Plan = JULY.plan.model_copy(update={"version": "later", "areas": change(JULY.plan.areas)})
    return replace(JULY, plan=plan)


def demand_exact(old: Version, new: Version) -> None:
    for before, after in ((old, new), (new, old)):
        marked = make_redline(compare(before, after), TEMPLATE)
        assert resolved(marked, "accept") == resolved(render_plan(after, TEMPLATE))
        assert resolved(marked, "reject") == resolved(render_plan(before, TEMPLATE))
