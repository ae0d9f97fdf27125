"""The sign-off pages are appended to the plan's, and every possible signature gets its field.

Fields added after the office has certified the file would break its seal (ISO 32000-2, 12.8.2.2),
so all of them are made here: empty, tagged, with an appearance and a name to be spoken.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD, field_name
from signed_plan.document.page_codes import name_pages, review_pages
from signed_plan.document.tags import TagTree, mend_and_close
from signed_plan.errors import TemplateError
from signed_plan.libreoffice.pdf_objects import (
    as_array,
    as_dictionary,
    as_integer,
    attribute_of,
    reference_to,
)
from signed_plan.libreoffice.pdf_output import open_pdf, read_pdf
from signed_plan.plan.source import Version

_PRINTED = 4  # annotation flag "Print"; ISO 32000-2, table 167


def append_signoff(pdfs: Iterable[bytes], version: Version) -> PdfWriter:
    """The plan's pages and then the sign-off pages, as one tagged document with one outline.

    The two PDFs are taken one after the other, for the second may still be in the making.

    Raises TemplateError where the sign-off template has no place for one of the signatures.
    """
    files = iter(pdfs)
    writer = open_pdf(next(files))
    tags = TagTree(writer)
    (signoff,) = map(read_pdf, files)
    tags.append(signoff)
    _join_outlines(writer, signoff)
    hidden = _add_fields(writer, tags, version)
    name_pages(writer, version, _field_pages(writer))
    mend_and_close(tags, hidden)
    return writer


def spoken_names(version: Version) -> dict[str, str]:
    """For each signature field of a version, by name, what a screen reader says of it."""
    plan = version.plan
    names = {
        SEAL_FIELD: f"Office seal on version {plan.version}",
        TIMESTAMP_FIELD: f"Archive timestamp on version {plan.version}",
    }
    for review in plan.open_reviews:
        for person in map(plan.person, review.signatories):
            school = plan.school(person.school).name
            names[field_name(review, person)] = (
                f"Signature of {person.name}, {person.role}, {school}, for {review.title}"
            )
    return names


def field_pages(pdf: bytes) -> dict[str, int]:
    """The page of each field of a version's own PDF, counted from 1, by the field's name."""
    return _field_pages(PdfReader(io.BytesIO(pdf)))


def field_edges(pdf: bytes) -> dict[str, tuple[float, float, float, float]]:
    """The left, bottom, right and top of each field of a version's own PDF, in points, by name."""
    found = {}
    for field in _fields(PdfReader(io.BytesIO(pdf))):
        left, bottom, right, top = map(float, as_array(field["/Rect"]))
        found[str(field["/T"])] = (left, bottom, right, top)
    return found


def statements_beside(writer: PdfWriter, version: Version) -> list[tuple[int, str]]:
    """What has to stand on each page with boxes, counted from 1: what is signed in those boxes."""
    pages = _field_pages(writer)
    return [
        (page, statement)
        for review in version.plan.open_reviews
        for page in sorted(review_pages(version, review, pages))
        for statement in review.statements
    ]


def _field_pages(document: PdfReader | PdfWriter) -> dict[str, int]:
    numbers = {reference_to(page): at for at, page in enumerate(document.pages, 1)}
    return {
        str(field["/T"]): numbers[reference_to(as_dictionary(field["/P"]))]
        for field in _fields(document)
    }


def _fields(document: PdfReader | PdfWriter) -> Iterator[DictionaryObject]:
    form = as_dictionary(document.root_object["/AcroForm"])
    return map(as_dictionary, as_array(form["/Fields"]))


def _add_fields(
    writer: PdfWriter, tags: TagTree, version: Version
) -> dict[IndirectObject, set[int]]:
    """Turns the template's placeholder pictures into signature fields of the same size.

    Gives, for each page, the ids of the pictures' own content, which is not to be read aloud.
    """
    wanted = spoken_names(version)
    fields = ArrayObject()
    hidden: dict[IndirectObject, set[int]] = {}
    for figure in list(tags.elements("/Figure")):
        name = str(figure.get("/Alt", ""))
        if name not in wanted:
            continue
        page, content = tags.forget_content(figure)
        hidden.setdefault(reference_to(page), set()).update(content)
        widget = _widget(name, wanted.pop(name), page, _box(figure))
        writer._add_object(widget)
        for key in ("/Alt", "/A"):
            figure.pop(key, None)
        figure[NameObject("/S")] = NameObject("/Form")
        tags.attach(widget, figure)
        fields.append(reference_to(widget))
        annotations = as_array(page.setdefault(NameObject("/Annots"), ArrayObject()))
        annotations.append(reference_to(widget))
    if wanted:
        raise TemplateError(
            f"signoff.docx has no place to sign for {next(iter(wanted.values()))}.",
            "Put the shipped template's empty picture back into its box (templates/README.md).",
        )
    _give_looks(writer, [as_dictionary(field) for field in fields])
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(
        DictionaryObject({NameObject("/Fields"): fields})
    )
    return hidden


def _box(figure: DictionaryObject) -> ArrayObject:
    """The rectangle of a figure on its page, in points, as its tag records it."""
    return ArrayObject(map(FloatObject, as_array(attribute_of(figure, "/BBox"))))


def _give_looks(writer: PdfWriter, fields: list[DictionaryObject]) -> None:
    """What each field shows until it is signed: nothing, in its size.

    Fields of one size share it, and the archive timestamp's, which stays empty longest, has that of
    most people: some programs free the look of a field that they sign unless another field has it
    too, and what is free is taken for something else.
    """
    sizes = {str(field["/T"]): _size(field) for field in fields}
    of_people = [sizes[name] for name in sizes if name not in (SEAL_FIELD, TIMESTAMP_FIELD)]
    if of_people:
        ((sizes[TIMESTAMP_FIELD], _),) = Counter(of_people).most_common(1)
    looks = {size: writer._add_object(_empty_look(size)) for size in dict.fromkeys(sizes.values())}
    for field in fields:
        look = looks[sizes[str(field["/T"])]]
        field[NameObject("/AP")] = DictionaryObject({NameObject("/N"): look})


def _size(field: DictionaryObject) -> tuple[float, float]:
    left, bottom, right, top = map(float, as_array(field["/Rect"]))
    return round(right - left, 3), round(top - bottom, 3)


def _empty_look(size: tuple[float, float]) -> StreamObject:
    """Without /Resources: EU DSS remarks upon it where the look that replaces it has none."""
    look = StreamObject()
    look.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(FloatObject, (0, 0, *size))),
        }
    )
    look.set_data(b"")
    return look


def _widget(name: str, spoken: str, page: DictionaryObject, box: ArrayObject) -> DictionaryObject:
    """An empty signature field that is its own widget (ISO 32000-2, 12.7.5.5)."""
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject(name),
            NameObject("/TU"): TextStringObject(spoken),
            NameObject("/Rect"): box,
            NameObject("/F"): NumberObject(_PRINTED),
            NameObject("/P"): reference_to(page),
        }
    )


def _join_outlines(writer: PdfWriter, other: PdfReader) -> None:
    """Hangs the other document's bookmarks behind the ones that are there.

    Where one has none, the other's are not hung anywhere: see `require_outline`.
    """
    if any("/Outlines" not in root for root in (writer.root_object, other.root_object)):
        return
    theirs = as_dictionary(other.root_object["/Outlines"])
    ours = as_dictionary(writer.root_object["/Outlines"])
    for top in _siblings(theirs["/First"]):
        del top["/Parent"]
    first = as_dictionary(theirs["/First"]).clone(writer)
    as_dictionary(ours["/Last"])[NameObject("/Next")] = reference_to(first)
    first[NameObject("/Prev")] = ours.raw_get("/Last")
    for item in _siblings(first):
        item[NameObject("/Parent")] = reference_to(ours)
        ours[NameObject("/Last")] = reference_to(item)
    shown = as_integer(ours["/Count"]) + as_integer(theirs["/Count"])
    ours[NameObject("/Count")] = NumberObject(shown)


def _siblings(item: PdfObject) -> Iterator[DictionaryObject]:
    found: PdfObject | None = item
    while found is not None:
        current = as_dictionary(found)
        yield current
        found = current.get("/Next")
