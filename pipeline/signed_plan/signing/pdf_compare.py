"""Objects of a PDF compared by their content, with references by their numbers."""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic


def entry(dictionary: Any, key: str, missing: Any = None) -> Any:
    """What stands under that key, also where it is an object of its own."""
    if key not in dictionary:
        return missing
    return dictionary[key]  # pyHanko's `get` does not follow references


def text_of(dictionary: generic.DictionaryObject, key: str) -> str:
    """The text under that key, also where it is an object of its own; "" where no text is there."""
    found = dictionary.get(key)
    if isinstance(found, generic.IndirectObject):
        found = found.get_object()
    if isinstance(found, generic.ByteStringObject):  # in no encoding that a text may have
        return found.decode("latin-1")
    return str(found) if isinstance(found, generic.TextStringObject) else ""


def differ_only_in(old: Any, new: Any, may: frozenset[str]) -> bool:
    """Whether two dictionaries differ in those keys at most."""
    if not isinstance(old, generic.DictionaryObject) or not isinstance(
        new, generic.DictionaryObject
    ):
        return False
    return all(is_same(old, new, key) for key in ({*old} | {*new}) - may)


def is_same(old: generic.DictionaryObject, new: generic.DictionaryObject, key: str) -> bool:
    """Whether both have the same under that key, or both have nothing."""
    if key not in old or key not in new:
        return key not in old and key not in new
    return bool(comparable(old.raw_get(key)) == comparable(new.raw_get(key)))


def comparable(value: Any) -> Any:
    """A value that compares by content, with references by their numbers."""
    if isinstance(value, generic.IndirectObject):
        return ("reference", value.idnum, value.generation)
    if isinstance(value, generic.StreamObject):
        return ("stream", _pairs(value), value.encoded_data)
    if isinstance(value, generic.DictionaryObject):
        return ("dictionary", _pairs(value))
    if isinstance(value, generic.ArrayObject):
        return ("array", tuple(comparable(value.raw_get(at)) for at in range(len(value))))
    return (type(value).__name__, "" if isinstance(value, generic.NullObject) else str(value))


def _pairs(value: generic.DictionaryObject) -> tuple[Any, ...]:
    return tuple((str(key), comparable(value.raw_get(key))) for key in sorted(value))
