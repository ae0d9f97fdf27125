"""Which kind of event an entry of the register is, by what it calls itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from signed_plan.register.events import (
    BuiltEvent,
    DeclinedEvent,
    EnrolledEvent,
    Event,
    IssuedEvent,
    KeysEvent,
    ReceiptEvent,
    RevokedEvent,
    SealedEvent,
    SentEvent,
    SignedHere,
    SignedOnPaper,
    SupersededEvent,
    WithdrawnEvent,
)
from signed_plan.register.returned import SignedElsewhere
from signed_plan.register.shapes import ShapeError, fault

_SHAPES: dict[tuple[str, str | None], type[Event]] = {
    ("signed", "here"): SignedHere,
    ("signed", "elsewhere"): SignedElsewhere,
    ("signed", "on paper"): SignedOnPaper,
    **{
        (event.kind, None): event
        for event in (
            *(BuiltEvent, KeysEvent, EnrolledEvent, RevokedEvent, IssuedEvent, SentEvent),
            *(DeclinedEvent, WithdrawnEvent, SealedEvent, ReceiptEvent, SupersededEvent),
        )
    },
}
KINDS = frozenset(kind for kind, _ in _SHAPES)
"""What the register calls each kind of event."""


def read_event(kind: object, fields: Mapping[str, Any]) -> Event:
    """The event of that kind with those fields. Raises ShapeError where it is none."""
    if not isinstance(kind, str) or kind not in KINDS:
        raise ShapeError('its "event" is not a kind that is known here')
    how = fields.get("how") if kind == "signed" else None
    shape = _SHAPES.get((kind, how)) if how is None or isinstance(how, str) else None
    if shape is None:
        raise ShapeError('its "how" is not what belongs there')
    optional = {name for name, field in shape.model_fields.items() if field.exclude_if}
    missing = shape.model_fields.keys() - optional - fields.keys()
    if missing:
        raise ShapeError(f'it lacks "{min(missing)}"')
    for name in sorted(optional & fields.keys()):
        if not fields[name]:
            raise ShapeError(f'its "{name}" is not what belongs there')
    try:
        return shape.model_validate(fields)
    except ValidationError as error:
        raise ShapeError(fault(error)) from error
