"""A small plan that every test of this wing may spoil in its own way, and how to read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from signed_plan.errors import Problem, SourceError
from signed_plan.paths import PlanFolder
from signed_plan.plan import source
from signed_plan.plan.source import Version, load

from tests.helpers import REPO

UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties, which must hold on a slow machine too."""

SMALL = "2018-03"
"""The name of the small plan's only version."""

SMALL_FILES = {
    "plan.yaml": """\
version: "2018-03"
title: A Plan
period: "2018"
columns:
  reference: Reference
  key: Key
  actions: Actions
  outcome: Outcome
  impact: Impact
""",
    "objectives.yaml": """\
overriding-objective: To do better through
objectives:
  - number: 1
    text: Learning
  - number: 2
    text: Teaching
""",
    "people.yaml": """\
schools:
  - id: north
    name: North School
  - id: south
    name: South School
people:
  - id: ann
    name: Ann Lee
    role: Head Teacher
    school: north
  - id: bob
    name: Bob Ray
    role: Head Teacher
    school: south
""",
    "areas.yaml": """\
areas:
  - id: staff
    name: Staff
    links: [1, 2]
    key:
      - id: staff-share
        paragraph: Share what works
    actions:
      - id: staff-autumn
        heading: Autumn
      - id: staff-meet
        bullet: Meet each term
      - id: staff-tour
        sub-bullet: Tour the school
    outcome:
      - id: staff-skill
        bullet: More skill
    impact:
      - id: staff-done
        paragraph: Done twice
  - id: parents
    name: Parents
    links: [2]
    key:
      - id: parents-inform
        paragraph: Inform parents
    actions: []
    outcome: []
    impact:
      - id: parents-letter
        bullet: A letter was sent
""",
    "reviews.yaml": """\
reviews:
  - id: spring
    title: Spring review
    version: "2018-03"
    date: "2018-03-20"
    statements:
      - We agree
      - And we sign
    signatories:
      - ann
      - bob
""",
}


def real_plan() -> PlanFolder:
    """The plan folder of this repository; not to be changed."""
    return PlanFolder(REPO)


def write_version(folder: PlanFolder, name: str, files: dict[str, str]) -> Path:
    """Writes the files of a version; gives its folder."""
    target = folder.source / name
    target.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (target / file).write_text(text, encoding="utf-8", newline="")
    return target


def small_plan(root: Path) -> PlanFolder:
    """A plan folder with one small version that has no mistake in it."""
    folder = PlanFolder(root)
    write_version(folder, SMALL, SMALL_FILES)
    return folder


def small_data() -> dict[str, Any]:
    """The data of the small version, every scalar a string, as the model takes it."""
    import yaml

    data: dict[str, Any] = {}
    for text in SMALL_FILES.values():
        data.update(yaml.load(text, Loader=yaml.BaseLoader))
    return data


def load_one(folder: PlanFolder, name: str = SMALL) -> Version:
    return source.load_one(folder, name)


def problems(folder: PlanFolder, *names: str) -> tuple[Problem, ...]:
    """What loading complains of; it must complain."""
    with pytest.raises(SourceError) as caught:
        load(folder, names)
    return caught.value.problems


def only_problem(folder: PlanFolder, *names: str) -> Problem:
    """The one thing that loading complains of."""
    (problem,) = problems(folder, *names)
    return problem


def source_file(folder: PlanFolder, name: str = "areas.yaml", version: str = SMALL) -> Path:
    return folder.source / version / name


def every_file(folder: PlanFolder) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder.root)): path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file()
    }


def every_id(version: Version) -> list[str]:
    """Every id of a version, in order."""
    plan = version.plan
    return [
        *(school.id for school in plan.schools),
        *(person.id for person in plan.people),
        *(area.id for area in plan.areas),
        *(review.id for review in plan.reviews),
        *(block.id for area in plan.areas for block in area.blocks),
    ]
