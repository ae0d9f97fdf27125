"""What the Word templates can say: the values behind every tag, and where rendering has got to;
and what a finished file says of itself.

`templates/README.md` lists these tags for the clerk; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from signed_plan.digest import Digest
from signed_plan.plan.model import CELLS, Area, Person, Plan, Review
from signed_plan.plan.source import Version

if TYPE_CHECKING:
    from segno import QRCode

SEAL_FIELD = "office-seal"
TIMESTAMP_FIELD = "archive-timestamp"
CODE_BORDER = 1
"""Modules of white around a QR code; the page's own white is the rest of the four asked for."""


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


Expected = tuple[str, str]
"""A text that a file has to show, and what it is of, such as "the column actions"."""


class Keyed(str):
    """A text of the plan that knows which one it is, until a template makes another text of it."""

    key: str
    place: str
    """What the text is of, as `plan_texts` says it."""

    def __new__(cls, text: str, key: str, place: str = "") -> Self:
        made = super().__new__(cls, text)
        made.key, made.place = key, place or f"the key {key}"
        return made


@dataclass(slots=True)
class Trail:
    """How far the filling-in has got, so that a template's mistake can be placed."""

    area: str = ""
    cell: str = ""
    _printed: dict[tuple[str, str], Expected] = field(default_factory=dict)

    def note(self, value: Any) -> Any:
        """Takes note of what a tag prints, and gives it back."""
        if isinstance(value, Keyed):
            self._printed[value.key, value] = (value, value.place)
        return value

    @property
    def printed(self) -> list[Expected]:
        """The plan's texts that a tag has printed as they are, each once."""
        return [*self._printed.values()]

    def __str__(self) -> str:
        if not self.area:
            return ""
        cell = f", cell {self.cell}" if self.cell else ""
        return f" (met at area {self.area}{cell})"


class _AreaList(list["_AreaRow"]):
    """The rows, which leave their name on the trail as the template goes through them."""

    def __init__(self, areas: Iterable[_AreaRow], trail: Trail) -> None:
        super().__init__(areas)
        self._trail = trail

    def __iter__(self) -> Iterator[_AreaRow]:
        for area in super().__iter__():
            self._trail.area, self._trail.cell = area["id"], ""
            yield area
        self._trail.area = self._trail.cell = ""


class _AreaRow(dict[str, Any]):
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
        day=plan.last_day,
    )


def field_name(review: Review, person: Person) -> str:
    """The name of the signature field of one person in one review."""
    return f"{review.id}:{person.id}"


def qr_text(version: Version) -> str:
    """What the QR code on every sign-off page begins with."""
    return f"signed-plan:{version.name}:{version.fingerprint}"


def page_code(version: Version, reviews: Iterable[Review], page: int) -> tuple[str, str]:
    """What the QR code on a page with boxes of those reviews says, in two parts.

    The second is in capitals: a code has more room for them than for small letters.
    """
    named = "+".join(review.id for review in reviews)
    return f"signed-plan:{version.name}:", f"{version.fingerprint}:{named}:{page}".upper()


def make_code(texts: Sequence[str], size: int | None = None) -> QRCode:
    """A QR code (ISO/IEC 18004) of such texts one after the other, at least of that version.

    Its modules are to be so large that a scan of 100 dpi is enough. So it has error correction M (a
    seventh may be smudged) and not more, and is drawn with `CODE_BORDER` around it.
    """
    import segno

    parts: Any = [*texts]  # segno takes several, whatever its types say
    return segno.make(parts, version=size, error="m", micro=False, boost_error=False)


def plan_context(version: Version, trail: Trail) -> dict[str, Any]:
    """The values of the tags in `plan.docx`."""
    plan = version.plan
    return {
        **_common(version),
        "amendment": Keyed(plan.amendment or "", "amendment"),
        "overriding_objective": Keyed(plan.overriding_objective, "overriding-objective"),
        "objectives": [
            {
                "number": one.number,
                "text": Keyed(one.text, f"objective/{one.number}", _place("objectives", "text")),
            }
            for one in plan.objectives
        ],
        "columns": {
            name: Keyed(heading, f"column/{name}", _place("columns", name))
            for name, heading in plan.columns.headings.items()
        },
        "areas": _AreaList((_AreaRow(_area(area), trail) for area in plan.areas), trail),
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


def plan_texts(version: Version) -> Iterator[Expected]:
    """Every text that the plan's pages have to show, however the template arranges them.

    These are all the words of the fingerprint but those of `signoff_texts`. Whatever is added to
    the model later is among them.
    """
    for keys, text in version.plan.words("schools", "people", "reviews"):
        yield text, _place(*keys)


def _place(*keys: str) -> str:
    """What a text is of, by the keys that lead to it."""
    of_a_column = keys[0] in ("areas", "columns") and keys[1] in ("reference", *CELLS)
    return f"the column {keys[1]}" if of_a_column else f"the key {keys[-1]}"


def signoff_texts(version: Version) -> Iterator[Expected]:
    """Every text that the sign-off pages have to show: of reviews, and of those who sign them."""
    plan = version.plan
    yield version.name, "the version"
    yield version.fingerprint.spaced, "the fingerprint"
    if version.superseded is not None:
        yield version.superseded.fingerprint.spaced, "the fingerprint of the version before"
    for review in plan.reviews:
        found = [*review.words()]
        for person in map(plan.person, review.signatories):
            found += [*person.words(), *plan.school(person.school).words("short")]
        for keys, text in found:
            yield text, f"the key {keys[-1]} of {review.id}"


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
            {
                "kind": block.kind,
                "text": Keyed(block.text, f"block/{block.id}", _place("areas", cell)),
            }
            for block in blocks
        ]
        for cell, blocks in area.cells.items()
    }
    key = f"area/{area.id}"
    return {
        "id": Keyed(area.id, key),
        "name": Keyed(area.name, key, _place("areas", "name")),
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
