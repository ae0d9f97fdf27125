"""Real PDFs, broken in one way each: for the rules of the program, and for veraPDF, to find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from signed_plan.document.claims import require_claims
from signed_plan.document.tagged_pdf import TaggedPdf
from signed_plan.errors import ConversionError, ExitCode

UA, A = "PDF/UA-1", "PDF/A-3b"


class Patient:
    """A finished PDF that can be broken. Undoing the patch makes it whole again."""

    def __init__(self, writer: PdfWriter, patch: pytest.MonkeyPatch) -> None:
        self.writer = writer
        self._patch = patch

    @property
    def pdf(self) -> TaggedPdf:
        return TaggedPdf(self.writer)

    @property
    def catalog(self) -> DictionaryObject:
        return self.writer.root_object

    @property
    def page(self) -> Any:
        """The second one, which has words, links, a table and lists."""
        return self.writer.pages[1]

    def element(self, kind: str, at: int = 0) -> DictionaryObject:
        return self.pdf.of_kind(kind)[at].element

    def annotation(self, kind: str) -> Any:
        """The annotation of the first element of a kind: Link or Form."""
        return self.writer.get_object(self.pdf.of_kind(kind)[0].objects[0])

    def put(self, holder: Any, key: str, value: Any) -> None:
        """Sets an entry; a text that begins with a slash is a name."""
        if isinstance(value, str):
            value = NameObject(value) if value.startswith("/") else TextStringObject(value)
        elif isinstance(value, bool):
            value = BooleanObject(value)
        elif isinstance(value, int):
            value = NumberObject(value)
        self._patch.setitem(holder, NameObject(key), value)

    def drop(self, holder: Any, *keys: str) -> None:
        for key in keys:
            self._patch.delitem(holder, NameObject(key))

    def paint(self, holder: Any, key: str, data: bytes) -> None:
        """Puts another stream in the place of one, with the same entries."""
        old = holder[key].get_object()
        new = StreamObject()
        new.update({key: old[key] for key in old if key not in ("/Filter", "/Length")})
        new.set_data(data)
        self.put(holder, key, self.writer._add_object(new))

    def kids(self, element: Any, *kids: Any) -> None:
        self.put(element, "/K", ArrayObject(kids))


@dataclass(frozen=True)
class Break:
    """One way to break it, and what is said of that."""

    how: Callable[[Patient], None]
    standard: str
    said: str
    clause: str
    verapdf: str = ""
    """The clause that veraPDF names, where it is another one."""

    @property
    def name(self) -> str:
        return self.how.__name__


def refusal(one: Break, patient: Patient) -> str:
    """What the program says of a PDF that is broken in that way, which it refuses."""
    one.how(patient)
    with pytest.raises(ConversionError) as raised:
        require_claims(patient.writer)
    assert one.said in raised.value.message
    assert raised.value.remedy
    assert raised.value.exit_code == ExitCode.CONVERSION
    return raised.value.message


def _dictionary(**entries: Any) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject(f"/{key}"): NameObject(value) if type(value) is str else value
            for key, value in entries.items()
        }
    )


def not_marked(it: Patient) -> None:
    it.put(it.catalog["/MarkInfo"], "/Marked", False)


def no_tags(it: Patient) -> None:
    it.drop(it.catalog, "/StructTreeRoot")


def _kids(element: Any) -> list[Any]:
    return list(element["/K"])


def no_language(it: Patient) -> None:
    it.drop(it.catalog, "/Lang")


def a_language_that_is_none(it: Patient) -> None:
    it.put(it.catalog, "/Lang", "the Queen's English")


def an_element_in_a_language_that_is_none(it: Patient) -> None:
    it.put(it.element("H1"), "/Lang", "en_GB")


def a_title_that_is_not_shown(it: Patient) -> None:
    it.drop(it.catalog, "/ViewerPreferences")


def a_type_that_nothing_explains(it: Patient) -> None:
    it.put(it.element("H1"), "/S", "/Heading")


def a_standard_type_with_another_meaning(it: Patient) -> None:
    it.put(it.pdf.tree["/RoleMap"], "/H3", "/P")


def types_that_explain_each_other(it: Patient) -> None:
    roles = it.pdf.tree["/RoleMap"]
    it.put(roles, "/One", "/Other")
    it.put(roles, "/Other", "/One")
    it.put(it.element("H1"), "/S", "/One")


def an_element_without_its_parent(it: Patient) -> None:
    it.drop(it.element("H1"), "/P")


def _content(it: Patient) -> bytes:
    return bytes(it.page["/Contents"].get_object().get_data())


def content_that_is_not_tagged(it: Patient) -> None:
    it.paint(it.page, "/Contents", _content(it) + b"\n0 0 m 9 9 l S\n")


def an_artifact_inside_of_tagged_content(it: Patient) -> None:
    data = _content(it).replace(b"\nBT\n", b"\n/Artifact BMC\nBT\n")
    it.paint(it.page, "/Contents", data.replace(b"\nET\n", b"\nET\nEMC\n"))


def tagged_content_inside_of_an_artifact(it: Patient) -> None:
    it.paint(it.page, "/Contents", b"/Artifact BMC\n" + _content(it) + b"\nEMC\n")


def a_piece_that_the_parent_tree_does_not_know(it: Patient) -> None:
    row = int(it.page["/StructParents"])
    rows: Any = it.pdf.tree["/ParentTree"]
    numbers = ArrayObject(rows["/Nums"])
    numbers[numbers[::2].index(row) * 2 + 1] = ArrayObject()
    it.put(rows, "/Nums", numbers)


def a_page_without_its_row(it: Patient) -> None:
    it.drop(it.page, "/StructParents")


def a_row_outside_of_a_table(it: Patient) -> None:
    it.put(it.element("Table"), "/S", "/Sect")


def a_paragraph_among_rows(it: Patient) -> None:
    it.put(it.element("TR"), "/S", "/P")


def an_item_outside_of_a_list(it: Patient) -> None:
    it.put(it.element("L"), "/S", "/Div")


def a_paragraph_in_an_item(it: Patient) -> None:
    it.put(it.element("LBody"), "/S", "/P")


def a_cell_that_is_missing(it: Patient) -> None:
    row, other = it.element("TR", 1), it.element("TR", 2)
    *cells, last = _kids(row)
    it.kids(row, *cells)
    it.kids(other, *_kids(other), last)
    it.put(last.get_object(), "/P", other.indirect_reference)


def a_cell_that_is_too_wide(it: Patient) -> None:
    it.put(it.element("TD"), "/A", _dictionary(O="/Table", ColSpan=NumberObject(2)))


def a_cell_that_is_too_high(it: Patient) -> None:
    it.put(it.element("TD", -1), "/A", _dictionary(O="/Table", RowSpan=NumberObject(2)))


def headings_of_nothing(it: Patient) -> None:
    for tag in it.pdf.of_kind("TH"):
        _take_scope(it, tag.element)


def _take_scope(it: Patient, heading: Any) -> None:
    groups = [dict(group.get_object()) for group in heading["/A"]]
    for group in groups:
        group.pop("/Scope", None)
    it.put(heading, "/A", ArrayObject(map(DictionaryObject, groups)))


def a_cell_that_no_heading_is_for(it: Patient) -> None:
    headings = it.pdf.of_kind("TH")
    _take_scope(it, headings[1].element)  # of the second column
    it.put(headings[5].element, "/S", "/TD")  # of the first area


def a_first_heading_of_level_two(it: Patient) -> None:
    it.put(it.element("H1"), "/S", "/P")


def a_level_left_out(it: Patient) -> None:
    it.put(it.element("H2"), "/S", "/H3")


def a_heading_without_a_level(it: Patient) -> None:
    it.put(it.element("H3"), "/S", "/H")


def a_picture_without_words(it: Patient) -> None:
    it.put(it.element("H3"), "/S", "/Figure")


def a_picture_with_empty_words(it: Patient) -> None:
    it.put(it.element("H3"), "/Alt", "")
    it.put(it.element("H3"), "/S", "/Figure")


def a_formula_without_words(it: Patient) -> None:
    it.put(it.element("H3"), "/S", "/Formula")


def a_note_without_a_name(it: Patient) -> None:
    it.put(it.element("H3"), "/S", "/Note")


def notes_of_one_name(it: Patient) -> None:
    for _ in (0, 1):
        it.put(it.element("H3"), "/ID", "note")
        it.put(it.element("H3"), "/S", "/Note")


def a_link_without_words(it: Patient) -> None:
    it.drop(it.annotation("Link"), "/Contents")


def a_link_with_empty_words(it: Patient) -> None:
    it.put(it.annotation("Link"), "/Contents", "")


def a_link_that_leads_to_no_element(it: Patient) -> None:
    it.drop(it.annotation("Link"), "/StructParent")


def a_link_tagged_as_text(it: Patient) -> None:
    it.put(it.element("Link"), "/S", "/Span")


def a_link_tagged_as_another(it: Patient) -> None:
    it.put(it.annotation("Link"), "/StructParent", int(it.page["/StructParents"]))


def a_field_without_words(it: Patient) -> None:
    it.drop(it.annotation("Form"), "/TU")


def a_field_tagged_as_a_picture(it: Patient) -> None:
    form = it.element("Form")
    it.put(form, "/Alt", "A field")
    it.put(form, "/S", "/Figure")


def a_field_with_content(it: Patient) -> None:
    form, cell = it.element("Form"), it.element("TD")
    first, *rest = _kids(cell)
    it.kids(cell, *rest)
    it.kids(form, form["/K"], first)
    it.put(first.get_object(), "/P", form.indirect_reference)


def a_note_that_is_not_tagged(it: Patient) -> None:
    note = _dictionary(Type="/Annot", Subtype="/Square", F=NumberObject(4))
    note[NameObject("/Contents")] = TextStringObject("A square")
    note[NameObject("/Rect")] = ArrayObject(map(NumberObject, (10, 10, 30, 30)))
    reference = it.writer._add_object(note)
    it.put(it.page, "/Annots", ArrayObject([*it.page["/Annots"], reference]))


def a_tabulator_that_goes_elsewhere(it: Patient) -> None:
    it.drop(it.page, "/Tabs")


def _font(it: Patient) -> Any:
    fonts = it.page["/Resources"]["/Font"].get_object()
    return fonts[next(iter(fonts))]


def a_font_that_is_not_embedded(it: Patient) -> None:
    it.drop(_font(it)["/FontDescriptor"], "/FontFile2")


def a_font_that_does_not_tell_its_letters(it: Patient) -> None:
    it.drop(_font(it), "/ToUnicode")


def no_colour_profile(it: Patient) -> None:
    it.drop(it.catalog, "/OutputIntents")


def a_profile_of_something_else(it: Patient) -> None:
    intents: Any = it.catalog["/OutputIntents"]
    found = intents[0].get_object()
    data = found["/DestOutputProfile"].get_data()
    it.paint(found, "/DestOutputProfile", data[:12] + b"scnr" + data[16:])


def words_in_cmyk(it: Patient) -> None:
    it.paint(it.page, "/Contents", b"0 0 0 1 k\n" + _content(it))


def a_picture_in_cmyk(it: Patient) -> None:
    (*_, (_, picture)) = it.pdf.pictures
    it.put(picture, "/ColorSpace", "/DeviceCMYK")
    it.put(picture, "/Width", 1)
    it.put(picture, "/Height", 1)


def a_link_that_is_not_printed(it: Patient) -> None:
    it.put(it.annotation("Link"), "/F", 0)


def a_field_that_is_hidden(it: Patient) -> None:
    it.put(it.annotation("Form"), "/F", 6)


def a_film(it: Patient) -> None:
    it.put(it.annotation("Link"), "/Subtype", "/Screen")
    it.put(it.element("Link"), "/S", "/Annot")


def a_field_without_a_look(it: Patient) -> None:
    it.drop(it.annotation("Form"), "/AP")


def a_field_with_two_looks(it: Patient) -> None:
    look = it.annotation("Form")["/AP"]
    it.put(look, "/D", look.raw_get("/N"))


def a_field_that_does_something(it: Patient) -> None:
    it.put(it.annotation("Form"), "/AA", DictionaryObject())


def a_form_in_xml(it: Patient) -> None:
    it.put(it.catalog["/AcroForm"], "/XFA", ArrayObject())


def a_program_at_the_start(it: Patient) -> None:
    it.put(it.catalog, "/OpenAction", _dictionary(S="/JavaScript", JS=TextStringObject("1")))


def a_link_to_a_program(it: Patient) -> None:
    link = it.annotation("Link")
    it.drop(link, "/Dest")
    it.put(link, "/A", _dictionary(S="/Launch", F=TextStringObject("a.exe")))


def a_page_that_does_something(it: Patient) -> None:
    it.put(it.page, "/AA", DictionaryObject())


def a_document_that_does_something(it: Patient) -> None:
    it.put(it.catalog, "/AA", DictionaryObject())


def _attachment(it: Patient) -> Any:
    return it.catalog["/AF"][0]  # type: ignore[index]


def an_attachment_of_nothing(it: Patient) -> None:
    it.drop(_attachment(it).get_object(), "/AFRelationship")


def an_attachment_of_no_type(it: Patient) -> None:
    it.drop(_attachment(it).get_object()["/EF"]["/F"], "/Subtype")


def an_attachment_without_a_name(it: Patient) -> None:
    it.drop(_attachment(it).get_object(), "/UF")


def an_attachment_beside_the_document(it: Patient) -> None:
    it.drop(it.catalog, "/AF")


def a_type_of_128_letters(it: Patient) -> None:
    it.put(it.pdf.tree["/RoleMap"], "/" + 128 * "a", "/H1")
    it.put(it.element("H1"), "/S", "/" + 128 * "a")


def no_metadata(it: Patient) -> None:
    it.drop(it.catalog, "/Metadata")


def _metadata(it: Patient, old: bytes, new: bytes) -> None:
    data = it.catalog["/Metadata"].get_object().get_data()  # type: ignore[union-attr]
    assert old in data
    it.paint(it.catalog, "/Metadata", data.replace(old, new))


def metadata_that_cannot_be_read(it: Patient) -> None:
    _metadata(it, b"</rdf:RDF>", b"")


def metadata_of_another_standard(it: Patient) -> None:
    _metadata(it, b"<pdfaid:part>3<", b"<pdfaid:part>2<")


def metadata_that_do_not_say_accessible(it: Patient) -> None:
    _metadata(it, b"<pdfuaid:part>1</pdfuaid:part>", b"")


def metadata_without_a_title(it: Patient) -> None:
    data = it.catalog["/Metadata"].get_object().get_data()  # type: ignore[union-attr]
    begin, end = data.index(b"<dc:title>"), data.index(b"</dc:title>")
    _metadata(it, data[begin : end + len(b"</dc:title>")], b"")


OF_UA = (
    Break(not_marked, UA, "it has no tags that count", "6.2"),
    Break(no_tags, UA, "it has no tags", "7.1"),
    Break(no_language, UA, "it names no language", "7.2"),
    Break(a_language_that_is_none, UA, "is no language", "7.2"),
    Break(an_element_in_a_language_that_is_none, UA, "is no language", "7.2"),
    Break(a_title_that_is_not_shown, UA, "its title would not be shown", "7.1"),
    Break(a_type_that_nothing_explains, UA, 'nothing tells what a "Heading"', "7.1"),
    Break(a_standard_type_with_another_meaning, UA, "say H3 and mean P", "7.1"),
    Break(types_that_explain_each_other, UA, 'nothing tells what a "One"', "7.1"),
    Break(an_element_without_its_parent, UA, "does not name the one that it is in", "7.1"),
    Break(content_that_is_not_tagged, UA, "something on page 2 is not tagged", "7.1"),
    Break(an_artifact_inside_of_tagged_content, UA, "on page 2 is tagged and left out", "7.1"),
    Break(tagged_content_inside_of_an_artifact, UA, "on page 2 is tagged and left out", "7.1"),
    Break(a_piece_that_the_parent_tree_does_not_know, UA, "not in the tag tree", "7.1"),
    Break(a_page_without_its_row, UA, "not in the tag tree", "7.1"),
    Break(a_row_outside_of_a_table, UA, "a TR is in a Sect", "7.2"),
    Break(a_paragraph_among_rows, UA, "a P is in a Table", "7.2"),
    Break(an_item_outside_of_a_list, UA, "a LI is in a Div", "7.2"),
    Break(a_paragraph_in_an_item, UA, "a P is in a LI", "7.2"),
    Break(a_cell_that_is_missing, UA, "rows of the table", "7.2"),
    Break(a_cell_that_is_too_wide, UA, "rows of the table", "7.2"),
    Break(a_cell_that_is_too_high, UA, "rows of the table", "7.2"),
    Break(headings_of_nothing, UA, "has no heading", "7.5"),
    Break(a_cell_that_no_heading_is_for, UA, "has no heading", "7.5"),
    Break(a_first_heading_of_level_two, UA, "a heading of level 2 follows none", "7.4.2"),
    Break(a_level_left_out, UA, "a heading of level 3 follows one of level 1", "7.4.2"),
    Break(a_heading_without_a_level, UA, "has no level", "7.4.4"),
    Break(a_picture_without_words, UA, "does not say what it shows", "7.3"),
    Break(a_picture_with_empty_words, UA, "does not say what it shows", "7.3"),
    Break(a_formula_without_words, UA, "does not say what it shows", "7.7"),
    Break(a_note_without_a_name, UA, "name of its own", "7.9"),
    Break(notes_of_one_name, UA, "name of its own", "7.9"),
    Break(a_link_without_words, UA, "a link on page 2 does not say what it is", "7.18.5"),
    Break(a_link_with_empty_words, UA, "a link on page 2 does not say what it is", "7.18.5"),
    Break(a_link_that_leads_to_no_element, UA, "a link on page 2 is not tagged", "7.18.5"),
    Break(a_link_tagged_as_text, UA, "a link on page 2 is not tagged", "7.18.5"),
    Break(a_link_tagged_as_another, UA, "a link on page 2 is not tagged", "7.18.5"),
    Break(a_field_without_words, UA, "a field on page 7 does not say what it is", "7.18.1"),
    Break(a_field_tagged_as_a_picture, UA, "a field on page 7 is not tagged", "7.18.4"),
    Break(a_field_with_content, UA, "holds something else", "7.18.4"),
    Break(a_note_that_is_not_tagged, UA, "a note on page 2 is not tagged", "7.18.1"),
    Break(a_tabulator_that_goes_elsewhere, UA, "the tabulator key", "7.18.3"),
    Break(a_font_that_is_not_embedded, UA, "is not embedded", "7.21.4.1"),
    Break(a_font_that_does_not_tell_its_letters, UA, "does not tell which letters", "7.21.7"),
    Break(metadata_without_a_title, UA, "name no title", "7.1"),
    Break(metadata_that_do_not_say_accessible, UA, "do not say so", "5"),
)
OF_A = (
    Break(no_colour_profile, A, "it has no colour profile", "6.2.3", verapdf="6.2.4.3"),
    Break(a_profile_of_something_else, A, "it has no colour profile", "6.2.3"),
    Break(words_in_cmyk, A, "something on page 2 has colours in CMYK", "6.2.4.3"),
    Break(a_picture_in_cmyk, A, "a picture on page 8 has colours in CMYK", "6.2.4.3"),
    Break(a_film, A, "a film or the like on page 2", "6.3.1"),
    Break(a_link_that_is_not_printed, A, "on page 2 would not be printed", "6.3.2"),
    Break(a_field_that_is_hidden, A, "on page 7 would not be printed", "6.3.2"),
    Break(a_field_without_a_look, A, "on page 7 has no look, or several", "6.3.3"),
    Break(a_field_with_two_looks, A, "on page 7 has no look, or several", "6.3.3"),
    Break(a_field_that_does_something, A, "do something by itself", "6.5.2", verapdf="6.4.1"),
    Break(a_form_in_xml, A, "do something by itself", "6.5.2", verapdf="6.4.2"),
    Break(a_program_at_the_start, A, "would start a program", "6.5.1"),
    Break(a_link_to_a_program, A, "a link on page 2 would start a program", "6.5.1"),
    Break(a_page_that_does_something, A, "do something by itself", "6.5.2"),
    Break(a_document_that_does_something, A, "do something by itself", "6.5.2"),
    Break(an_attachment_of_nothing, A, "does not say what it is", "6.8"),
    Break(an_attachment_of_no_type, A, "does not say what it is", "6.8"),
    Break(an_attachment_without_a_name, A, "does not say what it is", "6.8"),
    Break(an_attachment_beside_the_document, A, "does not say what it is", "6.8"),
    Break(a_type_of_128_letters, A, 'the style "aaaaaaaaaaaaaaaaaaaa…" is too long', "6.1.13"),
    Break(no_metadata, A, "its metadata cannot be read", "6.6.2.1"),
    Break(metadata_that_cannot_be_read, A, "its metadata cannot be read", "6.6.2.1"),
    Break(metadata_of_another_standard, A, "do not say so", "6.6.4"),
)
BREAKS = (*OF_UA, *OF_A)
