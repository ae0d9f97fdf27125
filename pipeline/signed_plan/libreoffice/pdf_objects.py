"""PDF objects as what they have to be (ISO 32000-2, 7.3), or a conversion error; and the elements
of a tag tree (14.7.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
)

from signed_plan.errors import ConversionError

PdfType = TypeVar("PdfType")


def as_dictionary(value: Any) -> DictionaryObject:
    """The dictionary that the value is or refers to."""
    return _resolve(value, DictionaryObject)


def as_array(value: Any) -> ArrayObject:
    """The array that the value is or refers to."""
    return _resolve(value, ArrayObject)


def as_integer(value: Any) -> int:
    """The integer that the value is or refers to."""
    return int(_resolve(value, NumberObject))


def reference_to(found: DictionaryObject) -> IndirectObject:
    """The reference by which other objects name this one."""
    reference = getattr(found, "indirect_reference", None)
    if not isinstance(reference, IndirectObject):
        raise _failure("a direct object where one with a number belongs")
    return reference


def raw_children(element: DictionaryObject) -> list[Any]:
    """What an element holds, as it is written: elements, numbers of marked content, references."""
    kids = element.get("/K")
    if kids is None:
        return []
    found = kids.get_object()
    return list(found) if isinstance(found, ArrayObject) else [element.raw_get("/K")]


def children(element: DictionaryObject) -> Iterator[DictionaryObject]:
    """The elements in an element."""
    for kid in raw_children(element):
        found = kid.get_object()
        if isinstance(found, DictionaryObject) and "/S" in found:
            yield found


def child_array(element: DictionaryObject) -> ArrayObject:
    """The list of what an element holds, to be changed."""
    kids = element["/K"].get_object()
    if not isinstance(kids, ArrayObject):
        kids = ArrayObject([element.raw_get("/K")])
        element[NameObject("/K")] = kids
    return kids


def attribute_of(element: DictionaryObject, name: str) -> Any:
    """An attribute of an element, of whatever owner (14.7.5); None if it has none of that name."""
    attributes = element.get("/A")
    found = None if attributes is None else attributes.get_object()
    for group in found if isinstance(found, ArrayObject) else [found]:
        value = None if group is None else group.get_object()
        if isinstance(value, DictionaryObject) and name in value:
            return value[name]
    return None


def walk(element: DictionaryObject) -> Iterator[DictionaryObject]:
    """An element and all elements in it, in reading order."""
    yield element
    for kid in children(element):
        yield from walk(kid)


def _resolve(value: Any, kind: type[PdfType]) -> PdfType:
    found = None if value is None else value.get_object()
    if not isinstance(found, kind):
        raise _failure(f"{type(found).__name__} where {kind.__name__} belongs")
    return found


def _failure(what: str) -> ConversionError:
    return ConversionError(
        f"LibreOffice built the PDF in a way that is not understood ({what}).",
        "Use the shipped templates, or another version of LibreOffice.",
    )
