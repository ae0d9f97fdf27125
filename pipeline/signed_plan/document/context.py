"""What the Word templates can say: the values behind every tag, and where rendering has got to;
and what a finished file says of itself.

`templates/README.md` lists these tags for the clerk; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from signed_plan.digest import Digest
from signed_plan.plan.model import CELLS, Area, Person, Plan, Review
from signed_plan.plan.source import Version

SEAL_FIELD = "office-seal"
TIMESTAMP_FIELD = "archive-timestamp"


@dataclass(frozen=True, slots=True)
class Description:
    """What a Word file and a PDF say of themselves in their properties."""

    title: str
    author: str
    version: str
    """The name of the plan's version."""
    fingerprint: Digest
    """That version's fingerprint."""
    identifier: str
    """A URI that no other document has."""
    day: date
    """The day that the file carries as that of its making, since no clock may be read."""

    @property
    def subject(self) -> str:
        return f"Version {self.version}"


class Keyed(str):
    """A text of the plan that knows which one it is, until a template makes another text of it."""

    key: str

    def __new__(cls, text: str, key: str) -> Self:
        made = super().__new__(cls, text)
        made.key = key
        return made


@dataclass(slots=True)
class Trail:
    """How far the filling-in has got, so that a template's mistake can be placed."""

    area: str = ""
    cell: str = ""

    def __str__(self) -> str:
        if not self.area:
            return ""
        cell = f", cell {self.cell}" if self.cell else ""
        return f" (met at area {self.area}{cell})"


class _Areas(list["_Area"]):
    """The rows, which leave their name on the trail as the template goes through them."""

    def __init__(self, areas: Iterable[_Area], trail: Trail) -> None:
        super().__init__(areas)
        self._trail = trail

    def __iter__(self) -> Iterator[_Area]:
        for area in super().__iter__():
            self._trail.area, self._trail.cell = area["id"], ""
            yield area
        self._trail.area = self._trail.cell = ""


class _Area(dict[str, Any]):
    """A row, which leaves the cell last asked for on the trail."""

    def __init__(self, values: dict[str, Any], trail: Trail) -> None:
        super().__init__(values)
        self._trail = trail

    def __getitem__(self, key: str) -> Any:
        self._trail.cell = key if key in CELLS else ""
        return super().__getitem__(key)


def describe(version: Version) -> Description:
    """What the files of a plan's version say of themselves."""
    plan = version.plan
    return Description(
        title=plan.full_title,
        author=" and ".join(school.name for school in plan.schools),
        version=plan.version,
        fingerprint=version.fingerprint,
        identifier=f"urn:sha256:{version.fingerprint}",
        day=plan.dated,
    )


def field_name(review: Review, person: Person) -> str:
    """The name of the signature field of one person in one review."""
    return f"{review.id}:{person.id}"


def qr_text(version: Version) -> str:
    """What the QR code on every sign-off page says."""
    return f"signed-plan:{version.name}:{version.fingerprint}"


def plan_context(version: Version, trail: Trail) -> dict[str, Any]:
    """The values of the tags in `plan.docx`."""
    plan = version.plan
    return {
        **_common(version),
        "amendment": Keyed(plan.amendment or "", "amendment"),
        "overriding_objective": Keyed(plan.overriding_objective, "overriding-objective"),
        "objectives": [
            {"number": one.number, "text": Keyed(one.text, f"objective/{one.number}")}
            for one in plan.objectives
        ],
        "columns": {
            name: Keyed(getattr(plan.columns, name), f"column/{name}")
            for name in ("reference", *CELLS)
        },
        "areas": _Areas((_Area(_area(area), trail) for area in plan.areas), trail),
    }


def signoff_context(version: Version) -> dict[str, Any]:
    """The values of the tags in `signoff.docx`."""
    older = version.superseded
    return {
        **_common(version),
        "fingerprint": version.fingerprint.spaced,
        "supersedes": {"version": older.name, "fingerprint": older.fingerprint.spaced}
        if older
        else {},
        "reviews": [_review(version, review) for review in version.plan.reviews],
        "seal": {"field": SEAL_FIELD},
        "timestamp": {"field": TIMESTAMP_FIELD},
    }


def plan_texts(version: Version) -> Iterator[str]:
    """Every text that the plan's pages have to show, however the template arranges them."""
    plan = version.plan
    yield from (plan.title, plan.period, plan.overriding_objective)
    if plan.amendment:
        yield plan.amendment
    yield from (getattr(plan.columns, name) for name in ("reference", *CELLS))
    yield from (objective.text for objective in plan.objectives)
    for area in plan.areas:
        yield area.name
        yield from (block.text for block in area.blocks)


def signoff_texts(version: Version) -> Iterator[str]:
    """Every text that the sign-off pages have to show."""
    plan = version.plan
    yield from (version.name, version.fingerprint.spaced)
    if version.superseded is not None:
        yield version.superseded.fingerprint.spaced
    for review in plan.reviews:
        yield from (review.title, *review.statements)
        for person in map(plan.person, review.signatories):
            yield from (person.name, person.role, plan.school(person.school).name)


def _common(version: Version) -> dict[str, Any]:
    return {
        "title": Keyed(version.plan.title, "title"),
        "period": Keyed(version.plan.period, "period"),
        "version": Keyed(version.name, "version"),
        "short_fingerprint": Keyed(version.fingerprint.short, "fingerprint"),
    }


def _area(area: Area) -> dict[str, Any]:
    cells = {
        cell: [
            {"kind": block.kind, "text": Keyed(block.text, f"block/{block.id}")}
            for block in getattr(area, cell)
        ]
        for cell in CELLS
    }
    key = f"area/{area.id}"
    return {
        "id": Keyed(area.id, key),
        "name": Keyed(area.name, key),
        "links": list(area.links),
        **cells,
    }


def _review(version: Version, review: Review) -> dict[str, Any]:
    plan = version.plan
    return {
        "title": review.title,
        "statements": list(review.statements),
        "open": review.version == plan.version,
        "version": review.version,
        "fingerprint": version.holding(review.version).fingerprint.spaced,
        "signatories": [_signatory(plan, review, person_id) for person_id in review.signatories],
    }


def _signatory(plan: Plan, review: Review, person_id: str) -> dict[str, Any]:
    person = plan.person(person_id)
    return {
        "name": person.name,
        "role": person.role,
        "school": plan.school(person.school).name,
        "field": field_name(review, person),
    }
