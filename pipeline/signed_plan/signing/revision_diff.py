"""What a later revision of a PDF has changed, named by what a reader would see of it.

A signature's own revision may add a value and an appearance to the field that was due, validation
data, and the date of the change; everything else is named. Stricter than the usual policies, which
let a text field be filled in or metadata be rewritten (ISO 32000-2, 7.5.6 and 12.8.2.2).
"""

from __future__ import annotations

import io
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader

MAX_OBJECTS = 200_000

_Way = tuple[str, ...]

_VALIDATION: _Way = ("/Root", "/DSS")
_FIELD: _Way = ("/Root", "/AcroForm", "/Fields", "[]")

_WIDGET_MAY = frozenset({"/V", "/AP", "/M", "/MK", "/AS", "/DR", "/DA"})
_CATALOG_MAY = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Version"})
_FORM_MAY = frozenset({"/SigFlags", "/DR", "/DA"})
_INFO_MAY = frozenset({"/ModDate", "/Producer"})
_XMP_MAY = ("ModifyDate", "MetadataDate", "InstanceID", "DocumentID", "Producer", "xmptk")
"""What every program sets anew that saves a file."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_SYNTAX = (_RDF, "{http://www.w3.org/XML")
"""How RDF is written, as against what it says."""
_RESOURCE = f"{_RDF}resource"

_CROSS_LINKS = frozenset({"/Parent", "/P", "/Prev", "/D", "/Dest", "/Pg", "/Obj"})
"""Keys that lead to what has a place of its own elsewhere."""

# What a way through the document's objects leads past, and what a reader would call it.
_NAMES: tuple[tuple[str, str], ...] = (
    ("/StructTreeRoot", "the tag tree"),
    ("/OCProperties", "a layer"),
    ("/JavaScript", "a script"),
    ("/JS", "a script"),
    ("/OpenAction", "an action"),
    ("/AA", "an action"),
    ("/A", "an action"),
    ("/EmbeddedFiles", "an attached file"),
    ("/AF", "an attached file"),
    ("/Metadata", "the metadata (XMP)"),
    ("/Info", "the document's properties"),
    ("/Outlines", "the outline"),
    ("/OutputIntents", "the colour profile"),
    ("/Perms", "the certification"),
    ("/DSS", "the validation data"),
    ("/AP", "the appearance of {field}"),
    ("/V", "the signature in {field}"),
    ("/Fields", "{field}"),
    ("/Font", "a font"),
    ("/Annots", "an annotation"),
    ("/Contents", "the text of a page"),
    ("/Resources", "the pictures or fonts of a page"),
    ("/Pages", "a page"),
    ("/AcroForm", "the form"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a revision changed, in a reader's words; revisions count from 1."""

    revision: int
    what: str


def changes(pdf: bytes, size: int, allowed_field: str | None = None) -> tuple[Change, ...]:
    """What was changed behind the first `size` bytes; () if nothing that counts.

    With `allowed_field`, what one signature in that field brings with it does not count. Raises
    what pyHanko raises for a file that cannot be read.
    """
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    old = PdfFileReader(io.BytesIO(pdf[:size]), strict=False)
    first = old.xrefs.total_revisions
    if len(pdf) <= size:
        return ()
    if reader.xrefs.total_revisions <= first:
        return (Change(first, "bytes behind the end of the file"),)
    if _starts(reader, first) != _starts(old, first):
        return (Change(first, "the chain of revisions"),)
    touched = {
        (reference.idnum, reference.generation): revision + 1
        for revision in range(first, reader.xrefs.total_revisions)
        for reference in reader.xrefs.explicit_refs_in_revision(revision)
    }
    before = old.get_historical_resolver(first - 1)
    found: dict[Change, None] = {}
    if _properties(reader) != _properties(old):
        found[Change(reader.xrefs.total_revisions, _named(("/Info",), ""))] = None
    found |= dict.fromkeys(
        Change(touched[reference.idnum, reference.generation], said)
        for way, field, reference in _walk(reader)
        if (reference.idnum, reference.generation) in touched
        for said in _judge(way, field, reference, before, allowed_field)
    )
    return tuple(found)


def what_is_at(pdf: bytes, offset: int) -> str:
    """What the byte at that offset (from 0) of a good PDF is part of, in a reader's words."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    starts = {
        place: (reference.idnum, reference.generation)
        for revision in range(reader.xrefs.total_revisions)
        for reference in reader.xrefs.explicit_refs_in_revision(revision)
        if isinstance(place := reader.xrefs.get_historical_ref(reference, revision), int)
    }
    before = [place for place in starts if place <= offset]
    if before:
        key = starts[max(before)]
        for way, field, reference in _walk(reader):
            if (reference.idnum, reference.generation) == key:
                return _named(way, field)
    return "the file's own structure"


def _starts(reader: PdfFileReader, revisions: int) -> list[int]:
    """Where the first so many revisions have their tables of objects."""
    return [reader.xrefs.get_startxref_for_revision(at) for at in range(revisions)]


def _properties(reader: PdfFileReader) -> Any:
    """Which object the document's properties are, by its number."""
    return _plain(reader.trailer.raw_get("/Info")) if "/Info" in reader.trailer else None


def _walk(reader: PdfFileReader) -> Iterator[tuple[_Way, str, generic.Reference]]:
    """Each object that the document uses, with the way that leads to it, and the field it is of.

    The form comes first and the pages next, so that a field's widget is met as a field. The
    validation data, which may hold anything, come last: nothing that is used elsewhere hides there.
    """
    root = reader.root
    seeds: list[tuple[_Way, Any]] = [(("/Root",), reader.trailer.raw_get("/Root"))]
    keys = sorted(root, key=lambda key: (key != "/AcroForm", key != "/Pages", key))
    seeds += [(("/Root", str(key)), root.raw_get(key)) for key in keys if key != "/DSS"]
    if "/Info" in reader.trailer:
        seeds.append((("/Info",), reader.trailer.raw_get("/Info")))
    if "/DSS" in root:
        seeds.append((_VALIDATION, root.raw_get("/DSS")))
    seen: set[tuple[int, int]] = set()
    for seed_way, seed in seeds:
        queue: deque[tuple[_Way, str, Any]] = deque([(seed_way, "", seed)])
        while queue:
            way, field, value = queue.popleft()
            reference = None
            if isinstance(value, generic.IndirectObject):
                reference = value.reference
                if (reference.idnum, reference.generation) in seen:
                    continue
                seen.add((reference.idnum, reference.generation))
                if len(seen) > MAX_OBJECTS:
                    raise ValueError("too many objects")
                value = value.get_object()
            field = _field_name(value, way) or field
            if reference is not None:
                yield way, field, reference
            if seed_way != ("/Root",):
                queue.extend(((*way, step), field, inner) for step, inner in _inside(value))


def _inside(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, generic.DictionaryObject):
        for key in value:
            if key not in _CROSS_LINKS:
                yield str(key), value.raw_get(key)
    elif isinstance(value, generic.ArrayObject):
        for at in range(len(value)):
            yield "[]", value.raw_get(at)


def _field_name(value: Any, way: _Way) -> str:
    if "/Fields" in way and isinstance(value, generic.DictionaryObject) and "/FT" in value:
        return str(value.get("/T", ""))
    return ""


def _judge(
    way: _Way,
    field: str,
    reference: generic.Reference,
    before: HistoricalResolver,
    allowed_field: str | None,
) -> Iterator[str]:
    new: Any = reference.get_object()
    old = _old(before, reference)
    if allowed_field is not None and _is_allowed(way, field == allowed_field, old, new):
        return
    if old is None:
        named = _named(way, field)
        yield named if "field" in named or "/DSS" in way else f"{named} (added)"
    elif way == ("/Root",):
        keys = [key for key in sorted({*old, *new}) if not _same(old, new, key)]
        yield from (_named((*way, str(key)), "") for key in keys)
    elif _plain(old) != _plain(new):
        yield _named(way, field)


def _is_allowed(way: _Way, is_due: bool, old: Any, new: Any) -> bool:
    """Whether one signature, in the field that is due, brings such a change with it."""
    if way[:2] == _VALIDATION:
        return True
    if old is None:
        return is_due and "/Fields" in way
    # Of what was there before, the field alone: its appearance may lead to a page's own objects.
    return (
        (way == _FIELD and is_due and "/V" not in old and _only(old, new, _WIDGET_MAY))
        or (way == ("/Root",) and _only(old, new, _CATALOG_MAY) and _same_form(old, new))
        or (way == ("/Root", "/AcroForm") and _only(old, new, _FORM_MAY))
        or (way == ("/Info",) and _only(old, new, _INFO_MAY))
        or (way == ("/Root", "/Metadata") and _said_in(old) == _said_in(new))
    )


def _same_form(old: generic.DictionaryObject, new: generic.DictionaryObject) -> bool:
    """Whether the form, if it stands in the catalogue itself, differs only in what signing sets."""
    if _same(old, new, "/AcroForm"):
        return True
    forms = [catalogue.raw_get("/AcroForm") for catalogue in (old, new) if "/AcroForm" in catalogue]
    return len(forms) == 2 and _only(forms[0], forms[1], _FORM_MAY)


def _named(way: _Way, field: str) -> str:
    for step, name in _NAMES:
        if step in way:
            return name.format(field=f"the field {field}" if field else "a field")
    return "something in the document's catalogue"


def _only(old: Any, new: Any, may: frozenset[str]) -> bool:
    """Whether two dictionaries differ in nothing but those keys."""
    if not isinstance(old, generic.DictionaryObject) or not isinstance(
        new, generic.DictionaryObject
    ):
        return False
    return all(_same(old, new, key) for key in ({*old} | {*new}) - may)


def _same(old: generic.DictionaryObject, new: generic.DictionaryObject, key: str) -> bool:
    if key not in old or key not in new:
        return key not in old and key not in new
    return bool(_plain(old.raw_get(key)) == _plain(new.raw_get(key)))


def _old(before: HistoricalResolver, reference: generic.Reference) -> Any:
    try:
        found = before.get_object(generic.Reference(reference.idnum, reference.generation, before))
    except Exception as error:
        if type(error).__name__ not in ("PdfReadError", "KeyError", "PdfIndirectObjectError"):
            raise
        return None
    return None if isinstance(found, generic.NullObject) else found


def _plain(value: Any) -> Any:
    """A value that compares by content, with references by their numbers."""
    if isinstance(value, generic.IndirectObject):
        return ("reference", value.idnum, value.generation)
    if isinstance(value, generic.StreamObject):
        return ("stream", _pairs(value), value.encoded_data)
    if isinstance(value, generic.DictionaryObject):
        return ("dictionary", _pairs(value))
    if isinstance(value, generic.ArrayObject):
        return ("array", tuple(_plain(value.raw_get(at)) for at in range(len(value))))
    return (type(value).__name__, "" if isinstance(value, generic.NullObject) else str(value))


def _pairs(value: generic.DictionaryObject) -> tuple[Any, ...]:
    return tuple((str(key), _plain(value.raw_get(key))) for key in sorted(value))


def _said_in(stream: Any) -> Counter[tuple[str, str]]:
    """What an XMP packet says, however it is spelt, without what changes whenever it is saved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    said: Counter[tuple[str, str]] = Counter()
    for element in etree.fromstring(stream.data, parser).iter(etree.Element):
        tags = [str(at.tag) for at in (element, *element.iterancestors())]
        named = next((tag for tag in tags if not tag.startswith(_SYNTAX)), "")
        for name, text in element.attrib.items():
            if name == _RESOURCE:
                said[named, str(text)] += 1
            elif not str(name).startswith(_SYNTAX):
                said[str(name), str(text)] += 1
        if len(element) == 0 and (element.text or "").strip():
            said[named, (element.text or "").strip()] += 1
    return Counter({key: count for key, count in said.items() if not key[0].endswith(_XMP_MAY)})
