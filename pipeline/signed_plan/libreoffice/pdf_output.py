"""LibreOffice's PDF, read and taken into a pypdf writer in a third of the time that pypdf needs.

The result is the same, object by object and number by number. pypdf reads a file byte by byte, and
copies each object that it has read. LibreOffice writes thousands of small dictionaries in one plain
way (ISO 32000-2, 7.3), so one regular expression reads them; and they move to the writer instead of
being copied.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Self

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
    create_string_object,
)

from signed_plan.libreoffice.engines import failure

_HEAD = re.compile(rb"\s*(\d+) 0 obj\s*(?=<<)")
_TOKEN = re.compile(
    rb"\s*(?:(?P<reference>\d+) 0 R\b|/(?P<name>[\w.+#-]+)|(?P<float>-?\d+\.\d+)|(?P<number>-?\d+)"
    rb"|(?P<begin><<|\[)|(?P<end>>>|\])|<(?P<text>(?:[0-9A-F]{2})*)>|(?P<last>endobj))"
)
_DAMAGED = (PyPdfError, AttributeError, KeyError, TypeError, ValueError)
_CHAINS = ("/Next", "/Prev", "/N", "/V")


def open_pdf(pdf: bytes) -> PdfWriter:
    """The PDF as `PdfWriter(clone_from=…)` gives it. Raises ConversionError if it is damaged."""
    reader = read_pdf(pdf)
    try:
        root = reader.trailer.raw_get("/Root")
        reader.resolved_objects[0, root.idnum] = _Catalog.of(root.get_object())
        return PdfWriter(clone_from=reader)
    except _DAMAGED as error:
        raise failure("LibreOffice made a file that is not a whole PDF") from error


def read_pdf(pdf: bytes) -> PdfReader:
    """The PDF as `PdfReader` gives it. Raises ConversionError if it is damaged."""
    try:
        reader = PdfReader(io.BytesIO(pdf))
        _read_dictionaries(pdf, reader)
    except _DAMAGED as error:
        raise failure("LibreOffice made a file that is not a whole PDF") from error
    return reader


def _read_dictionaries(pdf: bytes, reader: PdfReader) -> None:
    """Gives the reader all objects that are plain dictionaries; it reads the others by itself."""
    for number, start in reader.xref[0].items():
        head = _HEAD.match(pdf, start)
        if head is None or int(head[1]) != number:
            continue
        found = _dictionary(pdf, head.end(), reader)
        if found is not None and (0, number) not in reader.resolved_objects:
            reader.cache_indirect_object(0, number, found)


def _dictionary(pdf: bytes, start: int, reader: PdfReader) -> DictionaryObject | None:
    """The dictionary that begins there; None if it is a stream's or has anything unusual in it."""
    holders: list[list[PdfObject]] = []
    values: list[PdfObject] = []
    token = _TOKEN.match(pdf, start)
    while token is not None:
        kind, text = token.lastgroup, token[token.lastindex or 0]
        if kind == "reference":
            values.append(IndirectObject(int(text), 0, reader))
        elif kind == "name":
            values.append(_name(text))
        elif kind == "number":
            values.append(_number(text))
        elif kind == "float":
            values.append(FloatObject(text))
        elif kind == "begin":
            holders.append(values)
            values = []
        elif kind == "end":
            whole = _holder(text, values)
            if whole is None or not holders:
                return None
            values = holders.pop()
            values.append(whole)
        elif kind == "text":
            values.append(create_string_object(bytes.fromhex(text.decode("ascii"))))
        else:
            (only,) = values
            return only if not holders and isinstance(only, DictionaryObject) else None
        token = _TOKEN.match(pdf, token.end())
    return None


def _holder(end: bytes, values: Sequence[PdfObject]) -> PdfObject | None:
    """What ends there: an array, or a dictionary of keys and values that take turns."""
    if end == b"]":
        return ArrayObject(values)
    found = DictionaryObject(zip(values[::2], values[1::2], strict=False))
    return found if len(found) * 2 == len(values) else None


class _Name(NameObject):
    """A name that occurs often, so that what is written for it is worked out once."""

    def renumber(self) -> bytes:
        return _bytes_of(self)


@cache
def _bytes_of(name: str) -> bytes:
    return NameObject(name).renumber()


@cache
def _name(text: bytes) -> _Name:
    return _Name(NameObject.read_from_stream(io.BytesIO(b"/%s " % text), None))


@cache
def _number(text: bytes) -> NumberObject:
    return NumberObject(text)


class _Catalog(DictionaryObject):
    """A document's catalog whose clone is itself, moved to the writer with all that hangs on it."""

    @classmethod
    def of(cls, catalog: DictionaryObject) -> Self:
        found = cls(catalog)
        found.indirect_reference = catalog.indirect_reference
        return found

    def clone(
        self,
        pdf_dest: Any,
        force_duplicate: bool = False,
        ignore_fields: Sequence[str | int] | None = (),
    ) -> DictionaryObject:
        reference = self.indirect_reference
        assert reference is not None
        numbers = pdf_dest._id_translated.setdefault(
            id(reference.pdf), {"PreventGC": reference.pdf}
        )
        _move(reference, pdf_dest, numbers)
        return self


def _move(reference: IndirectObject, writer: Any, numbers: dict[Any, Any]) -> IndirectObject:
    """Moves what the reference leads to, unless it has moved; gives the reference in the writer.

    `numbers` are the moved objects' numbers in the writer. pypdf knows them by the same list, and
    numbers objects in the same order: an object first, then all that it leads to.
    """
    number = numbers.get(reference.idnum)
    if number is not None:
        return IndirectObject(number, 0, writer)
    found = reference.get_object()
    if isinstance(found, DictionaryObject) and _is_chain(found):
        return reference.clone(writer)  # pypdf numbers these in another order
    found = NullObject() if found is None else found
    writer._objects.append(found)
    numbers[reference.idnum] = len(writer._objects)
    moved = found.indirect_reference = IndirectObject(len(writer._objects), 0, writer)
    _move_parts(found, writer, numbers)
    return moved


def _move_parts(holder: PdfObject, writer: Any, numbers: dict[Any, Any]) -> None:
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(holder, DictionaryObject):
        parts = [*holder.items()]
    elif isinstance(holder, ArrayObject):
        parts = enumerate(holder)
    for key, part in parts:
        if isinstance(part, IndirectObject):
            holder[key] = _move(part, writer, numbers)  # type: ignore[index]
        else:
            _move_parts(part, writer, numbers)


def _is_chain(found: DictionaryObject) -> bool:
    return any(isinstance(dict.get(found, key), IndirectObject) for key in _CHAINS)
