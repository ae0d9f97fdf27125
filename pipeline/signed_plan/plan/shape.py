"""Which keys belong where, as the models of the plan and of the settings have it."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args, get_origin

from annotated_types import MinLen
from pydantic.fields import FieldInfo

from signed_plan.plan.model import Record


def record_at(model: type[Record], path: tuple[str | int, ...]) -> type[Record]:
    """The kind of record that stands there, or else the one around it."""
    found = model
    for part in path:
        fields = {field.alias or name: field for name, field in found.model_fields.items()}
        if part in fields:
            found = record_in(fields[str(part)]) or found
    return found


def keys_of(record: type[Record]) -> list[str]:
    """The keys of a record, in their order."""
    return [field.alias or name for name, field in record.model_fields.items()]


def field_of(record: type[Record], key: str) -> FieldInfo:
    """The field that a key of the record fills."""
    fields = record.model_fields.items()
    return next(field for name, field in fields if key == (field.alias or name))


def is_list(field: FieldInfo) -> bool:
    """Whether a field takes a list."""
    return get_origin(field.annotation) is tuple


def may_be_empty(field: FieldInfo) -> bool:
    """Whether the list that a field takes may be an empty one."""
    return not any(isinstance(rule, MinLen) for rule in field.metadata)


def every_key(model: type[Record]) -> list[str]:
    """All the keys that may stand anywhere in such a record."""
    return list(dict.fromkeys(key for _, record in _records(model) for key in keys_of(record)))


def homes(key: str, model: type[Record]) -> list[str]:
    """The keys below which a key may stand, such as people for role; "" is the top."""
    return [at for at, record in _records(model) if key in keys_of(record)]


@cache
def _records(model: type[Record]) -> tuple[tuple[str, type[Record]], ...]:
    """Each record with the key it stands below."""
    found = [("", model)]
    for _, record in found:
        for name, field in record.model_fields.items():
            inner = record_in(field)
            if inner is not None:
                found.append((field.alias or name, inner))
    return tuple(found)


def record_in(field: FieldInfo) -> type[Record] | None:
    """The record that a field holds, be it one, a list of them, or each under its name."""
    return _record_among(field.annotation)


def _record_among(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next(filter(None, map(_record_among, get_args(annotation))), None)
