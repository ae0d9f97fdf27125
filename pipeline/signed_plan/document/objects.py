"""PDF objects as what they have to be (ISO 32000-2, 7.3), or a conversion error."""

from __future__ import annotations

from typing import Any, TypeVar

from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NumberObject

from signed_plan.errors import ConversionError

Kind = TypeVar("Kind")


def as_dictionary(value: Any) -> DictionaryObject:
    """The dictionary that the value is or refers to."""
    return _resolved(value, DictionaryObject)


def as_array(value: Any) -> ArrayObject:
    """The array that the value is or refers to."""
    return _resolved(value, ArrayObject)


def as_integer(value: Any) -> int:
    """The integer that the value is or refers to."""
    return int(_resolved(value, NumberObject))


def reference_to(found: DictionaryObject) -> IndirectObject:
    """The reference by which other objects name this one."""
    reference = getattr(found, "indirect_reference", None)
    if not isinstance(reference, IndirectObject):
        raise _unexpected("a direct object where one with a number belongs")
    return reference


def _resolved(value: Any, kind: type[Kind]) -> Kind:
    found = None if value is None else value.get_object()
    if not isinstance(found, kind):
        raise _unexpected(f"{type(found).__name__} where {kind.__name__} belongs")
    return found


def _unexpected(what: str) -> ConversionError:
    return ConversionError(
        f"LibreOffice built the PDF in a way that is not understood ({what}).",
        "Use the shipped templates, or another version of LibreOffice.",
    )
