"""The plan of one version, as it was agreed: frozen, without files and without a clock.

Field names are the keys a clerk writes in YAML, with `-` for `_`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from signed_plan.digest import Digest
from signed_plan.plan import text

FORMAT = 1
"""The version of the canonical form that fingerprints are computed from."""

ID_PATTERN = r"[a-z0-9]+(-[a-z0-9]+)*"
MAX_ID = 60
NUMBER_PATTERN = r"[1-9][0-9]{0,3}"
KINDS = ("paragraph", "heading", "bullet", "sub-bullet")

BlockKind = Literal["paragraph", "heading", "bullet", "sub-bullet"]

NOT_WORDS = ("id", "version", "supersedes", "date", "number", "school", "links", "signatories")
"""The keys whose values are names and numbers for the machine, not words of the plan."""

NOT_ONE_KIND = (
    "a block is exactly one of paragraph, heading, bullet and sub-bullet",
    "Give each text its own line that begins with a hyphen.",
)
"""What is wrong with any other block, and the remedy."""


def refuse(message: str, remedy: str) -> PydanticCustomError:
    """The error with this message and remedy, which the clerk reads (problems.structure)."""
    return PydanticCustomError("plan", "{message}", {"message": message, "remedy": remedy})


def _text(value: str) -> str:
    value = text.normalise(value)
    found = text.flaw(value)
    if found is not None:
        raise refuse(*found)
    return value


def _id(value: str) -> str:
    if not value:
        raise refuse("there is no id here", "Write the id, such as peer-review.")
    if len(value) > MAX_ID or not re.fullmatch(ID_PATTERN, value):
        raise refuse(
            f'"{value}" cannot be an id',
            f"Use up to {MAX_ID} small letters, digits and hyphens, such as peer-review.",
        )
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(NUMBER_PATTERN, value):
        raise refuse(
            f'"{value}" is not an objective\'s number',
            "Write it in digits alone, such as 3; put a comma between two numbers.",
        )
    return value


def _date(value: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?", value) or _as_date(value) is None:
        raise refuse(
            f'"{value}" is not a date', "Write 2017-11-14, or 2017-11 if the day is not known."
        )
    return value


def _as_date(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value if len(value) == 10 else f"{value}-01")
    except ValueError:
        return None


# Editors read `2017` or `no` as a number or a truth value. Here every scalar is text.
_ANY_SCALAR: Any = {"type": ["string", "number", "boolean"]}

Text = Annotated[str, AfterValidator(_text), WithJsonSchema(_ANY_SCALAR)]
Id = Annotated[
    str,
    AfterValidator(_id),
    WithJsonSchema({"type": "string", "pattern": f"^{ID_PATTERN}$", "maxLength": MAX_ID}),
]
ObjectiveNumber = Annotated[int, BeforeValidator(_number), WithJsonSchema({"type": "integer"})]
PartialDate = Annotated[str, AfterValidator(_date), WithJsonSchema({"type": "string"})]


Keys = tuple[str, ...]
"""The keys that lead to a value, as in YAML: ("areas", "key", "bullet")."""


class Record(BaseModel):
    """What all parts of the plan share: they cannot be changed, and unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=lambda name: name.replace("_", "-"),
        validate_by_alias=True,
    )

    def content(self) -> dict[str, Any]:
        """The record as JSON data, with the keys of the YAML files.

        Defaults are left out, so that a key added later does not change older fingerprints.
        """
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def words(self, *without: str) -> Iterator[tuple[Keys, str]]:
        """Every text of the content that people read, in order, with the keys that lead to it.

        Such as `("areas", "key", "bullet"), "Share what works"`. Left out are the keys of
        NOT_WORDS and those named in `without`.
        """
        for name, field in type(self).model_fields.items():
            key = field.alias or name
            value = getattr(self, name)
            if key in NOT_WORDS or key in without or value == field.default:
                continue
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, Record):
                    for keys, words in one.words():
                        yield (key, *keys), words
                elif isinstance(one, str):
                    yield (key,), one


class School(Record):
    """A school of the collaboration."""

    id: Id
    """What people refer to the school by."""
    name: Text
    short: Text | None = None
    """The school's initials, as the plan's own texts use them."""


class Person(Record):
    """Someone who signs."""

    id: Id
    """What reviews refer to the person by."""
    name: Text
    role: Text
    """Such as Head Teacher; printed below the name."""
    school: Id
    """The id of the person's school."""


class Objective(Record):
    """One of the numbered objectives that the areas link to."""

    number: ObjectiveNumber
    """1, 2, 3 and so on, in order."""
    text: Text


class Block(Record):
    """One paragraph of a cell: one of the four kinds, and an id that stays with it."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [kind]} for kind in KINDS],
        }
    )

    paragraph: Text | None = None
    """A paragraph of plain text."""
    heading: Text | None = None
    """A heading inside the cell, such as Autumn 2017."""
    bullet: Text | None = None
    """A bullet."""
    sub_bullet: Text | None = None
    """A bullet on the second level."""
    id: Id
    """Stays the same when the words change. `plan ids` writes missing ones."""

    @model_validator(mode="after")
    def _exactly_one_kind(self) -> Block:
        if len(self.model_fields_set - {"id"}) != 1:
            raise refuse(*NOT_ONE_KIND)
        return self

    @property
    def kind(self) -> BlockKind:
        return self._kind_and_text[0]

    @property
    def text(self) -> str:
        return self._kind_and_text[1]

    @property
    def _kind_and_text(self) -> tuple[BlockKind, str]:
        """The one kind that was given, and its text."""
        texts: dict[BlockKind, str | None] = {
            "paragraph": self.paragraph,
            "heading": self.heading,
            "bullet": self.bullet,
            "sub-bullet": self.sub_bullet,
        }
        return next((kind, text) for kind, text in texts.items() if text is not None)


class Area(Record):
    """One row of the table."""

    id: Id
    """Stays the same from version to version."""
    name: Text
    """Printed in the first column."""
    links: tuple[ObjectiveNumber, ...] = ()
    """The numbers of the objectives that this area serves."""
    key: tuple[Block, ...]
    """The cell "Key Objective/Action"."""
    actions: tuple[Block, ...]
    """The cell "Specific actions to achieve key objectives"."""
    outcome: tuple[Block, ...]
    """The cell "The intended outcome/impact"."""
    impact: tuple[Block, ...]
    """The cell "Impact to date"."""

    @property
    def cells(self) -> dict[str, tuple[Block, ...]]:
        """The cells by their keys, left to right."""
        return {cell: getattr(self, cell) for cell in CELLS}

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of all the cells, left to right."""
        return tuple(block for blocks in self.cells.values() for block in blocks)

    @property
    def digest(self) -> Digest:
        return Digest.of_json(self.content())


CELLS = tuple(
    name for name, field in Area.model_fields.items() if field.annotation == tuple[Block, ...]
)
"""The keys of a row's cells, left to right: the fields of `Area` that are tuples of blocks.

This is the one list of them. `Columns` has a heading of the same name for each.
"""


class Columns(Record):
    """The headings of the table's columns, left to right."""

    reference: Text
    """Above the names of the areas."""
    key: Text
    """Above the cells named key."""
    actions: Text
    """Above the cells named actions."""
    outcome: Text
    """Above the cells named outcome."""
    impact: Text
    """Above the cells named impact."""

    @property
    def headings(self) -> dict[str, str]:
        """The headings by their keys; "" in a version from before a column was added."""
        return {name: getattr(self, name) or "" for name in ("reference", *CELLS)}


class Review(Record):
    """One review of the plan, and who signs it."""

    id: Id
    """Stays the same from version to version."""
    title: Text
    """Printed as the heading of the sign-off block."""
    version: Text
    """The version on which this review is signed."""
    date: PartialDate
    """When the review took place: a day, or a month if the day is not known."""
    statements: tuple[Text, ...] = Field(min_length=1)
    """What the signatories agree to, a paragraph each."""
    signatories: tuple[Id, ...] = Field(min_length=1)
    """The ids of the people who sign, in the order they sign in."""

    @property
    def day(self) -> dt.date:
        found = _as_date(self.date)
        assert found is not None, "the model refuses any other date"
        return found


class Plan(Record):
    """A whole plan: the content of one review version."""

    version: Text
    """The version's name: that of its folder."""
    supersedes: Text | None = None
    """The version that this one replaces."""
    title: Text
    """The first line of the title block."""
    period: Text
    """The year or years, below the title."""
    amendment: Text | None = None
    """The line of the title block that says what was amended, and when."""
    columns: Columns
    """The headings of the table."""
    overriding_objective: Text
    """The sentence above the numbered objectives."""
    schools: tuple[School, ...] = Field(min_length=1)
    """The schools of the collaboration."""
    people: tuple[Person, ...] = Field(min_length=1)
    """Everybody who signs."""
    objectives: tuple[Objective, ...] = Field(min_length=1)
    """The numbered objectives."""
    areas: tuple[Area, ...] = Field(min_length=1)
    """The rows of the table, top to bottom."""
    reviews: tuple[Review, ...]
    """The sign-off blocks, first to last."""

    @property
    def full_title(self) -> str:
        return f"{self.title} {self.period}"

    @property
    def last_day(self) -> dt.date:
        """The day of the latest review. It is the date of all files: no clock may be read."""
        return max((review.day for review in self.reviews), default=dt.date(1980, 1, 1))

    @property
    def open_reviews(self) -> tuple[Review, ...]:
        return tuple(review for review in self.reviews if review.version == self.version)

    def person(self, person_id: str) -> Person:
        return next(person for person in self.people if person.id == person_id)

    def school(self, school_id: str) -> School:
        return next(school for school in self.schools if school.id == school_id)

    def texts(self) -> Iterator[str]:
        """Every text of the plan, wherever it stands."""
        return _strings(self.content())

    def fingerprint(self, superseded: Digest | None) -> Digest:
        """SHA-256 of the plan's canonical content (RFC 8785) and the superseded fingerprint.

        Every word, id and order is part of it, and through the chain every version before.
        Layout and comments of the YAML are not.
        """
        return Digest.of_json(
            {
                "format": FORMAT,
                "content": self.content(),
                "supersedes": None if superseded is None else superseded.hex,
            }
        )


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
