"""What PDF/UA-1 (ISO 14289-1) asks of a PDF, a rule to a function: an accessible document.

These are the rules in which converters differ, or which a template can break. veraPDF is the judge
of all of them, in the tests.
"""

from __future__ import annotations

import re

from pypdf.generic import BooleanObject, DictionaryObject, NullObject, StreamObject

from signed_plan.document.tagged_pdf import (
    OTHER_PROGRAM,
    STANDARD,
    TaggedPdf,
    dictionary_of,
    read_cells,
)
from signed_plan.errors import ConversionError
from signed_plan.libreoffice.pdf_objects import attribute_of

_LANGUAGE = re.compile(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*")  # RFC 3066, as ISO 32000-1 has it
_HEADING = re.compile(r"H([1-6])")

# Which elements may be in which, where that is prescribed: ISO 32000-1, 14.8.4.3.
_HOLDERS = {
    "TR": {"Table", "THead", "TBody", "TFoot"},
    **{part: {"Table"} for part in ("THead", "TBody", "TFoot")},
    **{cell: {"TR"} for cell in ("TH", "TD")},
    "LI": {"L"},
    "LBody": {"LI"},
    "TOCI": {"TOC"},
}
_HELD = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    **{part: {"TR"} for part in ("THead", "TBody", "TFoot")},
    "TR": {"TH", "TD"},
    "L": {"L", "LI", "Caption"},
    "LI": {"Lbl", "LBody"},
    "TOC": {"TOC", "TOCI", "Caption"},
}
_OF_ANNOTATIONS = {"/Link": ("Link", "a link", "7.18.5"), "/Widget": ("Form", "a field", "7.18.4")}
_OTHER_ANNOTATION = ("Annot", "a note", "7.18.1")

_PDFUA = "{http://www.aiim.org/pdfua/ns/id/}part"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"

_STYLE = "Give the style another name in the template."
_LEVELS = "In the template, begin with the style Heading 1, and leave out no level after it."
_FONT = "Use another font in the template."
_ROWS = "Give each row of the table in the template as many cells."
_HEADER = "In Word, select the table's first row, then Layout > Repeat Header Rows."
_ALT = "In Word, describe the picture: right-click it, then View Alt Text."
_NOTES = "Take the footnotes out of the template."
_NO_LANGUAGE = "In Word, set the language of all text: Review > Language."


def require_tags(pdf: TaggedPdf) -> None:
    """The document says that it is tagged, and has tags: ISO 14289-1, 6.2 and 7.1."""
    if not pdf.tags:
        raise _fault("7.1", "it has no tags")
    if not _has(pdf.catalog, "/MarkInfo", "/Marked"):
        raise _fault("6.2", "it has no tags that count")


def require_language(pdf: TaggedPdf) -> None:
    """The document names its language, in the way of RFC 3066: ISO 14289-1, 7.2."""
    named = [tag.element["/Lang"] for tag in pdf.tags if "/Lang" in tag.element]
    for language in (pdf.catalog.get("/Lang", ""), *named):
        if not _LANGUAGE.fullmatch(str(language)):
            what = f'"{language}" is no language' if language else "it names no language"
            raise _fault("7.2", what, _NO_LANGUAGE)


def require_shown_title(pdf: TaggedPdf) -> None:
    """A reader shows the title in place of the file's name: ISO 14289-1, 7.1."""
    if not _has(pdf.catalog, "/ViewerPreferences", "/DisplayDocTitle"):
        raise _fault("7.1", "its title would not be shown")


def require_known_tags(pdf: TaggedPdf) -> None:
    """Each element's type is one of the standard, or is mapped to one: ISO 14289-1, 7.1."""
    for tag in pdf.tags:
        own = str(tag.element["/S"])[1:]
        if own in STANDARD and pdf.roles.get(own, own) != own:
            raise _fault("7.1", f"its tags say {own} and mean {pdf.roles[own]}", _STYLE)
        if tag.kind not in STANDARD:
            raise _fault("7.1", f'nothing tells what a "{own}"{pdf.place(tag)} is', _STYLE)


def require_tree(pdf: TaggedPdf) -> None:
    """Each element names the element that it is in: ISO 14289-1, 7.1."""
    for tag in pdf.tags:
        above = pdf.tree if tag.parent is None else tag.parent.element
        parent = tag.element.get("/P")
        if parent is None or parent.get_object() is not above:
            raise _fault("7.1", f"a tag{pdf.place(tag)} does not name the one that it is in")


def require_tagged_content(pdf: TaggedPdf) -> None:
    """All that is painted is tagged or an artifact, never both: ISO 14289-1, 7.1."""
    owners = {piece: tag.element for tag in pdf.tags for piece in tag.pieces}
    for (number, at), page, marked in zip(pdf.numbers.items(), pdf.pages, pdf.marked, strict=True):
        row = pdf.parents.get(int(page.get("/StructParents", -1)))
        elements = [] if row is None else row.get_object()
        if marked.loose:
            raise _fault("7.1", f"something on page {at} is not tagged")
        if marked.mixed:
            raise _fault("7.1", f"something on page {at} is tagged and left out as well")
        for piece in marked.pieces:
            owner = owners.get((number, piece))
            found = elements[piece].get_object() if piece < len(elements) else None
            if owner is None or found is not owner:
                raise _fault("7.1", f"something on page {at} is not in the tag tree")


def require_nesting(pdf: TaggedPdf) -> None:
    """Parts of tables and lists are where they belong: ISO 14289-1, 7.2."""
    for tag in pdf.tags:
        holder = tag.parent.kind if tag.parent is not None else "document"
        if holder not in _HOLDERS.get(tag.kind, {holder}):
            raise _fault("7.2", f"a {tag.kind} is in a {holder}{pdf.place(tag)}")
        held = _HELD.get(tag.kind)
        if held is not None:
            for kid in tag.kids:
                if kid.kind not in held:
                    raise _fault("7.2", f"a {kid.kind} is in a {tag.kind}{pdf.place(kid)}")


def require_regular_tables(pdf: TaggedPdf) -> None:
    """All rows of a table have as many columns, cells that span some included: ISO 14289-1, 7.2."""
    for table in pdf.of_kind("Table"):
        if read_cells(table) is None:
            raise _fault("7.2", f"rows of the table{pdf.place(table)} differ in columns", _ROWS)


def require_table_headers(pdf: TaggedPdf) -> None:
    """Where a table has headings, each cell has one in its row or column: ISO 14289-1, 7.5.

    A table that only lays out what is in it has none.
    """
    for table in pdf.of_kind("Table"):
        cells = read_cells(table) or []
        headings = [cell for cell in cells if cell.tag.kind == "TH"]
        rows, columns = set[int](), set[int]()
        for heading in headings:
            scope = attribute_of(heading.tag.element, "/Scope")
            rows.update(heading.rows if scope in ("/Row", "/Both") else ())
            columns.update(heading.columns if scope in ("/Column", "/Both") else ())
        for cell in cells if headings else ():
            alone = rows.isdisjoint(cell.rows) and columns.isdisjoint(cell.columns)
            if cell.tag.kind == "TD" and alone:
                where = pdf.place(cell.tag)
                raise _fault("7.5", f"a cell of a table{where} has no heading", _HEADER)


def require_heading_levels(pdf: TaggedPdf) -> None:
    """Headings begin with level 1 and leave none out: ISO 14289-1, 7.4.2 and 7.4.4."""
    last = 0
    for tag in pdf.tags:
        if tag.kind == "H":
            raise _fault("7.4.4", f"a heading{pdf.place(tag)} has no level", _LEVELS)
        heading = _HEADING.fullmatch(tag.kind)
        if heading is None:
            continue
        level = int(heading[1])
        if level > last + 1:
            after = f"one of level {last}" if last else "none"
            raise _fault(
                "7.4.2", f"a heading of level {level} follows {after}{pdf.place(tag)}", _LEVELS
            )
        last = level


def require_described_pictures(pdf: TaggedPdf) -> None:
    """Each picture and each formula says in words what it shows: ISO 14289-1, 7.3 and 7.7."""
    for clause, kind in (("7.3", "Figure"), ("7.7", "Formula")):
        for tag in pdf.of_kind(kind):
            if not (tag.element.get("/Alt") or tag.element.get("/ActualText")):
                raise _fault(clause, f"a picture{pdf.place(tag)} does not say what it shows", _ALT)


def require_named_notes(pdf: TaggedPdf) -> None:
    """Each footnote has a name of its own: ISO 14289-1, 7.9."""
    names = [tag.element.get("/ID") for tag in pdf.of_kind("Note")]
    if not all(names) or len({*names}) < len(names):
        raise _fault("7.9", "not every footnote has a name of its own", _NOTES)


def require_tagged_annotations(pdf: TaggedPdf) -> None:
    """Each link and field is in the tag tree, in an element of its kind.

    That is ISO 14289-1, 7.18.1, 7.18.4 and 7.18.5. From the annotation, the parent tree leads to
    that element (ISO 32000-1, 14.7.4.4).
    """
    holders = {number: tag for tag in pdf.tags for number in tag.objects}
    for page, annotation in pdf.annotations:
        kind, name, clause = _kind_of(annotation)
        reference = annotation.indirect_reference
        holder = holders.get(reference.idnum) if reference is not None else None
        parent = pdf.parents.get(int(annotation.get("/StructParent", -1)))
        if (
            holder is None
            or holder.kind != kind
            or parent is None
            or parent.get_object() is not holder.element
        ):
            raise _fault(clause, f"{name} on page {page} is not tagged as one")
        if kind == "Form" and (len(holder.objects) != 1 or holder.kids or holder.pieces):
            raise _fault(clause, f"the tag of a field on page {page} holds something else too")


def require_described_annotations(pdf: TaggedPdf) -> None:
    """Each link and field says what it is: ISO 14289-1, 7.18.1 and 7.18.5."""
    for page, annotation in pdf.annotations:
        kind, name, _ = _kind_of(annotation)
        if not annotation.get("/TU" if kind == "Form" else "/Contents"):
            clause = "7.18.5" if kind == "Link" else "7.18.1"
            raise _fault(clause, f"{name} on page {page} does not say what it is")


def require_tab_order(pdf: TaggedPdf) -> None:
    """The tabulator key follows the tags: ISO 14289-1, 7.18.3."""
    for at, page in enumerate(pdf.pages, 1):
        if page.get("/Annots") and page.get("/Tabs") != "/S":
            raise _fault("7.18.3", f"the tabulator key does not follow the tags on page {at}")


def require_fonts(pdf: TaggedPdf) -> None:
    """Fonts are embedded and tell which letters they print: ISO 14289-1, 7.21.4.1 and 7.21.7."""
    for font in pdf.fonts:
        name = str(font.get("/BaseFont", ""))[1:]
        described = font.get("/DescendantFonts", [font])[0].get_object()
        descriptor = dictionary_of(described.get("/FontDescriptor"))
        if not any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")):
            raise _fault("7.21.4.1", f"the font {name} is not embedded", _FONT)
        table = font.get("/ToUnicode", NullObject()).get_object()
        if not isinstance(table, StreamObject):
            raise _fault("7.21.7", f"the font {name} does not tell which letters it prints", _FONT)


def require_outline(pdf: TaggedPdf) -> None:
    """There are bookmarks, as ISO 14289-1, 7.17, advises."""
    if not dictionary_of(pdf.catalog.get("/Outlines")).get("/First"):
        raise _fault("7.17", "it has no bookmarks", _LEVELS)


def require_identity(pdf: TaggedPdf) -> None:
    """Its metadata name its title, and say that it is PDF/UA-1: ISO 14289-1, 5 and 7.1."""
    if not pdf.metadata.get(_TITLE):
        raise _fault("7.1", "its metadata name no title")
    if pdf.metadata.get(_PDFUA) != "1":
        raise _fault("5", "its metadata do not say so")


PAGE_RULES = (
    *(require_tags, require_language, require_shown_title, require_known_tags, require_tree),
    *(require_tagged_content, require_nesting, require_regular_tables, require_table_headers),
    *(require_heading_levels, require_described_pictures, require_named_notes),
    *(require_tagged_annotations, require_described_annotations, require_tab_order, require_fonts),
    require_outline,
)
"""What holds without a claim as well; the ones first that others build on."""


def _kind_of(annotation: DictionaryObject) -> tuple[str, str, str]:
    """The element that an annotation belongs in, what people call it, and the clause about it."""
    return _OF_ANNOTATIONS.get(str(annotation.get("/Subtype")), _OTHER_ANNOTATION)


def _has(catalog: DictionaryObject, holder: str, key: str) -> bool:
    return bool(dictionary_of(catalog.get(holder)).get(key) == BooleanObject(True))


def _fault(clause: str, what: str, remedy: str = OTHER_PROGRAM) -> ConversionError:
    return ConversionError(
        f"The PDF cannot be called accessible: {what} (PDF/UA-1, ISO 14289-1, {clause}).", remedy
    )
