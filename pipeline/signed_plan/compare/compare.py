"""Two versions of a plan make an ordered list of changes: by stable ids, exact, and pure."""

from __future__ import annotations

from signed_plan.compare.changes import Comparison
from signed_plan.compare.lists import (
    compare_columns,
    compare_objectives,
    compare_people,
    compare_reviews,
    compare_schools,
    compare_title,
)
from signed_plan.compare.table import Table
from signed_plan.plan.source import Version


def compare(old: Version, new: Version) -> Comparison:
    """All that changed from the older version to the newer.

    Every text of the plan counts, and so do form, order and place. The other way round, the same
    changes come out with "added" and "removed" exchanged, and "split" and "joined".
    """
    plans = old.plan, new.plan
    title = compare_title(*plans)
    schools = compare_schools(*plans)
    people = compare_people(*plans, schools.ids)
    objectives = compare_objectives(*plans)
    columns = compare_columns(*plans)
    table = Table(*plans, objectives.ids)
    reviews = compare_reviews(*plans, people.ids)
    return Comparison(
        old,
        new,
        before=(*title, *schools.changes, *people.changes, *objectives.changes, *columns),
        areas=tuple(table.rows()),
        after=reviews.changes,
        recognised=(
            *schools.recognised,
            *people.recognised,
            *table.recognised,
            *reviews.recognised,
        ),
        ids={
            "school": schools.ids,
            "person": people.ids,
            "objective": objectives.ids,
            "area": table.area_ids,
            "block": table.block_ids,
            "review": reviews.ids,
        },
    )
