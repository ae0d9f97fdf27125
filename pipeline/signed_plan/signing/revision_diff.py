"""What a later revision of a PDF changed, named as a reader would name it.

A signature's own revision may add a value and an appearance to the field that was due, validation
data, and the date of the change. Everything else is reported. This is stricter than the usual
policies, which let a text field be filled in or metadata be rewritten (ISO 32000-2, 7.5.6 and
12.8.2.2).
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.xref import ObjStreamRef

from signed_plan.signing.file_diff import has_same_catalog, is_of_no_use, lost_from_trailer
from signed_plan.signing.form_diff import has_no_size, is_filled, is_same_form, only_adds
from signed_plan.signing.new_signature import INVISIBLE
from signed_plan.signing.pdf_compare import comparable, is_same
from signed_plan.signing.validation_data import validation_data_fault
from signed_plan.signing.xmp_diff import has_same_metadata, has_same_properties

MAX_OBJECTS = 200_000

_UNUSED = "an object that nothing leads to (added)"

_Way = tuple[str, ...]

_VALIDATION: _Way = ("/Root", "/DSS")
_FIELD: _Way = ("/Root", "/AcroForm", "/Fields", "[]")
_FORM_RESOURCES: _Way = ("/Root", "/AcroForm", "/DR")
_FORM_FONTS: _Way = (*_FORM_RESOURCES, "/Font")

_CROSS_LINKS = frozenset({"/Parent", "/P", "/Prev", "/D", "/Dest", "/Pg", "/Obj"})
"""Keys that lead to objects which are reached by another way."""

# The keys on the way to an object, and what a reader would call it.
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
class RevisionChange:
    """What a revision changed, as a reader would say it; revisions count from 1."""

    revision: int
    what: str


def changes(pdf: bytes, size: int, allowed_field: str | None = None) -> tuple[RevisionChange, ...]:
    """What was changed behind the first `size` bytes; () if nothing was.

    With `allowed_field`, one signature in that field is not a change. Raises what pyHanko raises
    for a file that cannot be read.
    """
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    old = PdfFileReader(io.BytesIO(pdf[:size]), strict=False)
    first = old.xrefs.total_revisions
    if len(pdf) <= size:
        return ()
    if reader.xrefs.total_revisions <= first:
        return (RevisionChange(first, "bytes behind the end of the file"),)
    if _table_starts(reader, first) != _table_starts(old, first):
        return (RevisionChange(first, "the chain of revisions"),)
    touched = {
        (reference.idnum, reference.generation): revision + 1
        for revision in range(first, reader.xrefs.total_revisions)
        for reference in reader.xrefs.explicit_refs_in_revision(revision)
    }
    before = old.get_historical_resolver(first - 1)
    found: dict[RevisionChange, None] = {}
    last = reader.xrefs.total_revisions
    lost = lost_from_trailer(reader, first)
    if lost:
        found[RevisionChange(last, lost)] = None
    used = set()
    for way, field, reference in _walk(reader):
        key = reference.idnum, reference.generation
        used.add(key)
        if key in touched:
            for what in _report(way, field, reference, before, allowed_field):
                found[RevisionChange(touched[key], what)] = None
    if not found:
        found |= {
            RevisionChange(touched[key], _UNUSED): None for key in _unused(reader, touched, used)
        }
    if not found and allowed_field is not None:
        fault = validation_data_fault(pdf, size)
        if fault:
            what = f"{_describe(_VALIDATION, '')} ({fault})"
            found[RevisionChange(last, what)] = None
    return tuple(found)


def what_is_at(pdf: bytes, offset: int) -> str:
    """What the byte at that offset (from 0) of a good PDF belongs to, as a reader would say it."""
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
                return _describe(way, field)
    return "the file's own structure"


def _table_starts(reader: PdfFileReader, revisions: int) -> list[int]:
    """Where the tables of objects of the first revisions start."""
    return [reader.xrefs.get_startxref_for_revision(at) for at in range(revisions)]


def _unused(
    reader: PdfFileReader, touched: dict[tuple[int, int], int], used: set[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The later objects that nothing leads to, but for those that say nothing or hold others."""
    last = reader.xrefs.total_revisions - 1
    references = {key: generic.Reference(*key, reader) for key in touched}
    places = {key: reader.xrefs.get_historical_ref(one, last) for key, one in references.items()}
    holders = {one.obj_stream_id for one in places.values() if isinstance(one, ObjStreamRef)}
    tables = {*_table_starts(reader, last + 1)}
    for key in touched.keys() - used:
        is_frame = key[0] in holders or places[key] in tables
        is_gone = places[key] is None
        if not is_frame and not is_gone and not is_of_no_use(reader.get_object(references[key])):
            yield key


def _walk(reader: PdfFileReader) -> Iterator[tuple[_Way, str, generic.Reference]]:
    """Each object that the document uses, the way that leads to it, and the field it belongs to.

    The form comes first and the pages next, so that a field's widget is met as a field. The
    validation data may hold anything, so they come last: nothing used elsewhere can hide there.
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
                queue.extend(((*way, step), field, inner) for step, inner in _steps_from(value))


def _steps_from(value: Any) -> Iterator[tuple[str, Any]]:
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


def _report(
    way: _Way,
    field: str,
    reference: generic.Reference,
    before: HistoricalResolver,
    allowed_field: str | None,
) -> Iterator[str]:
    new: Any = reference.get_object()
    old = _earlier(before, reference)
    if allowed_field is not None and _is_allowed(way, field == allowed_field, old, new):
        return
    if old is None:
        what = _describe(way, field)
        yield what if "field" in what or "/DSS" in way else f"{what} (added)"
    elif way == ("/Root",):
        keys = [key for key in sorted({*old, *new}) if not is_same(old, new, key)]
        yield from (_describe((*way, str(key)), "") for key in keys)
    elif comparable(old) != comparable(new):
        gone = way == _FIELD and has_no_size(new) and not has_no_size(old)
        yield f"{_describe(way, field)} {INVISIBLE}" if gone else _describe(way, field)


def _is_allowed(way: _Way, is_due: bool, old: Any, new: Any) -> bool:
    """Whether one signature in the due field makes such a change."""
    if way[:2] == _VALIDATION:
        return True
    if old is None:
        return (is_due and "/Fields" in way) or way[:3] == _FORM_RESOURCES
    # Of the objects that were there before, only the field may change: its appearance may lead to
    # objects of the page.
    return (
        (way == _FIELD and is_due and is_filled(old, new))
        or (way == ("/Root",) and has_same_catalog(old, new))
        or (way == ("/Root", "/AcroForm") and is_same_form(old, new))
        or (way in (_FORM_RESOURCES, _FORM_FONTS) and only_adds(old, new))
        or (way == ("/Info",) and has_same_properties(old, new))
        or (way == ("/Root", "/Metadata") and has_same_metadata(old, new))
    )


def _describe(way: _Way, field: str) -> str:
    for step, name in _NAMES:
        if step in way:
            return name.format(field=f"the field {field}" if field else "a field")
    return "something in the document's catalogue"


def _earlier(before: HistoricalResolver, reference: generic.Reference) -> Any:
    try:
        found = before.get_object(generic.Reference(reference.idnum, reference.generation, before))
    except Exception as error:
        if type(error).__name__ not in ("PdfReadError", "KeyError", "PdfIndirectObjectError"):
            raise
        return None
    return None if isinstance(found, generic.NullObject) else found
