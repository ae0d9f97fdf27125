"""Each fault that LibreOffice leaves in a PDF, made by hand, and mended."""

from __future__ import annotations

from typing import Any

import pytest
from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)
from signed_plan.libreoffice.pdf_mending import (
    describe_links,
    mark_loose_content,
    mend_lists,
    mend_types,
    undate_colour_profiles,
)
from signed_plan.libreoffice.pdf_objects import (
    as_array,
    as_dictionary,
    as_integer,
    children,
    walk,
)


@pytest.fixture
def writer() -> PdfWriter:
    return PdfWriter()


def element(
    writer: PdfWriter, kind: str, *kids: DictionaryObject | NumberObject
) -> DictionaryObject:
    made = DictionaryObject({NameObject("/S"): NameObject(kind)})
    writer._add_object(made)
    made[NameObject("/K")] = ArrayObject(
        kid.indirect_reference if isinstance(kid, DictionaryObject) else kid for kid in kids
    )
    for kid in kids:
        if isinstance(kid, DictionaryObject):
            kid[NameObject("/P")] = made.indirect_reference
    return made


def shape(found: DictionaryObject) -> Any:
    return [str(found["/S"]), *map(shape, children(found))]


def page_with(writer: PdfWriter, content: bytes) -> PageObject:
    page = writer.add_blank_page(100, 100)
    stream = StreamObject()
    stream.set_data(content)
    page[NameObject("/Contents")] = writer._add_object(stream)
    return page


def resources_with(writer: PdfWriter, *codes: str) -> DictionaryObject:
    """A page's resources with a font F1 whose codes have these meanings."""
    table = StreamObject()
    pairs = "".join(f"<{code}>\n" for code in codes)
    table.set_data(f"{len(codes)} beginbfchar\n{pairs}endbfchar".encode())
    font = DictionaryObject({NameObject("/ToUnicode"): writer._add_object(table)})
    fonts = DictionaryObject({NameObject("/F1"): font})
    return DictionaryObject({NameObject("/Font"): fonts})


def content_of(page: PageObject) -> list[bytes]:
    stream = page["/Contents"].get_object()
    assert isinstance(stream, StreamObject)
    return stream.get_data().split(b"\n")


def test_items_outside_a_list_get_a_list_of_their_own(writer: PdfWriter) -> None:
    def item() -> DictionaryObject:
        return element(writer, "/LI", element(writer, "/LBody"))

    root = element(
        writer,
        "/Document",
        element(writer, "/L", item()),
        element(writer, "/TD", item(), item(), element(writer, "/P"), item()),
    )
    mend_lists(root, writer)
    one = ["/LI", ["/LBody"]]
    assert shape(root) == [
        "/Document",
        ["/L", one],
        ["/TD", ["/L", one, one], ["/P"], ["/L", one]],
    ]
    for parent in walk(root):
        for kid in children(parent):
            assert kid["/P"] == parent


def test_a_style_with_the_name_of_a_standard_type_is_what_it_stands_for(writer: PdfWriter) -> None:
    root = element(writer, "/Document", element(writer, "/Quote"), element(writer, "/H1"))
    roles = {"/Quote": "/P", "/H1": "/P", "/My Style": "/P"}
    root[NameObject("/RoleMap")] = DictionaryObject(
        {NameObject(name): NameObject(role) for name, role in roles.items()}
    )
    mend_types(root)
    assert shape(root) == ["/Document", ["/P"], ["/H1"]]
    assert list(as_dictionary(root["/RoleMap"])) == ["/H1", "/My Style"]


def test_what_is_painted_outside_the_tags_is_an_artifact(writer: PdfWriter) -> None:
    page = page_with(writer, b"/P<</MCID 0>>BDC\n(a) Tj\nEMC\n0 0 m\n9 9 l\nS\nq\nQ")
    mark_loose_content(page)
    assert content_of(page) == [
        *(b"/P<</MCID 0>>BDC", b"(a) Tj", b"EMC"),
        *(b"/Artifact BMC", b"0 0 m", b"9 9 l", b"S", b"q", b"Q", b"EMC"),
    ]


def test_where_nothing_is_painted_outside_the_tags_all_stays_and_hidden_content_is_an_artifact(
    writer: PdfWriter,
) -> None:
    page = page_with(writer, b"q\n/P<</MCID 0>>BDC\n(a) Tj\nEMC\n/P<</MCID 1>>BDC\nS\nEMC\nQ")
    mark_loose_content(page, {1})
    assert content_of(page) == [
        *(b"q", b"/P<</MCID 0>>BDC", b"(a) Tj", b"EMC"),
        *(b"/Artifact BMC", b"S", b"EMC", b"Q"),
    ]


def test_a_link_that_is_not_described_is_described_by_its_words(writer: PdfWriter) -> None:
    page = page_with(
        writer,
        b"/Link<</MCID 0>>BDC\nBT\n/F1 9 Tf[<01>4<02>]TJ\nET\nEMC\n"
        b"/Link<</MCID 1>>BDC\nBT\n/F1 9 Tf<02>Tj\nET\nEMC",
    )
    page[NameObject("/Resources")] = resources_with(writer, "01> <0048", "02> <00690020")
    elements = [
        element(writer, "/Link", NumberObject(0)),
        element(writer, "/Link", element(writer, "/Span", NumberObject(1))),
        element(writer, "/Link", NumberObject(0)),
        element(writer, "/Link", element(writer, "/Figure")),
        element(writer, "/Link"),
    ]
    next(children(elements[3]))[NameObject("/Alt")] = TextStringObject("A logo")
    links = [
        DictionaryObject(
            {NameObject("/Subtype"): NameObject("/Link"), NameObject("/StructParent"): number}
        )
        for number in map(NumberObject, range(len(elements)))
    ]
    links[2][NameObject("/Contents")] = TextStringObject("Go")
    note = DictionaryObject({NameObject("/Subtype"): NameObject("/Text")})
    page[NameObject("/Annots")] = ArrayObject([*links, note])
    describe_links(page, dict(enumerate(elements)))
    said = [as_dictionary(one).get("/Contents") for one in as_array(page["/Annots"])]
    assert said == ["Hi", "i", "Go", "A logo", None, None]


def test_a_colour_profile_does_not_say_when_it_was_made(writer: PdfWriter) -> None:
    profile = StreamObject()
    profile.set_data(bytes(range(1, 100)))
    profile[NameObject("/N")] = NumberObject(3)
    intent = DictionaryObject({NameObject("/DestOutputProfile"): writer._add_object(profile)})
    writer.root_object[NameObject("/OutputIntents")] = ArrayObject([intent])
    undate_colour_profiles(writer)
    undated = as_dictionary(intent["/DestOutputProfile"])
    assert isinstance(undated, StreamObject)
    data = undated.get_data()
    assert data == bytes(range(1, 25)) + bytes(12) + bytes(range(37, 100))
    assert as_integer(undated["/N"]) == 3
