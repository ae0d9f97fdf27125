"""Metadata may be spelt anew and dated; whatever else they say is a change."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from signed_plan.document.pdfa import _XMP
from signed_plan.signing.xmp_diff import MAX_XMP, has_same_metadata, has_same_properties

ISSUED = _XMP.format(
    title="Collaboration Action Plan 2017",
    author="Bank Road",
    subject="Version 2017-07",
    identifier="urn:sha256:00",
    version="2017-07",
    creator="Signed Plan",
    producer="LibreOffice, pypdf",
    day="2017-07-11",
)


def stream(text: str, **more: Any) -> generic.StreamObject:
    keys = {"Type": named("/Metadata"), "Subtype": named("/XML")} | more
    values = {named(f"/{key}"): value for key, value in keys.items()}
    return generic.StreamObject(values, stream_data=text.encode())


def same(text: str, **more: Any) -> bool:
    return has_same_metadata(stream(ISSUED), stream(text, **more))


def changed(old: str, new: str) -> str:
    assert ISSUED.count(old) == 1
    return ISSUED.replace(old, new)


ADDED = {
    "attribute": ('rdf:about=""', 'rdf:about="" xmp:MetadataDate="2017-07-11T10:00:00+01:00"'),
    "element": (
        "<pdfaid:part>",
        "<xmp:MetadataDate>2017-07-11T10:00Z</xmp:MetadataDate><pdfaid:part>",
    ),
    "ids": (
        "<pdfaid:part>",
        "<xmpMM:DocumentID>uuid:12345678-1234-1234-1234-123456789012</xmpMM:DocumentID>"
        "<xmpMM:InstanceID>xmp.iid:1234567890ABCDEF</xmpMM:InstanceID><pdfaid:part>",
    ),
    "date of another program": ('rdf:about=""', 'rdf:about="" xmp:ModifyDate="2018-01-01T00:00Z"'),
    "toolkit": ('ns:meta/"', 'ns:meta/" x:xmptk="Adobe XMP Core 5.6-c017"'),
    "producer": ("LibreOffice, pypdf", "LibreOffice, pypdf; modified using iText® 5.5.13 ©2000"),
    "date": ("<xmp:ModifyDate>2017-07-11T00:00:00Z", "<xmp:ModifyDate>2018-01-02T03:04:05.6Z"),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_every_program_sets_is_no_change(what: str) -> None:
    assert same(changed(*ADDED[what]))


def test_another_spelling_is_no_change() -> None:
    short = changed("<pdfaid:part>3</pdfaid:part>", "").replace(
        'rdf:about=""', 'pdfaid:part="3" rdf:about=""'
    )
    assert same(short)
    assert same(re.sub(r">\s+<", "><", ISSUED) + " " * 2000)


HOSTILE = {
    "another title": ("Plan 2017", "Plan 2018"),
    "a title more": ("<dc:format>", "<dc:title>Other</dc:title><dc:format>"),
    "claim gone": ("<pdfaid:part>3</pdfaid:part>", ""),
    "words beside elements": ("<dc:format>", "I do not agree<dc:format>"),
    "words behind an element": ("</dc:format>", "</dc:format>not agreed"),
    "words beside a list": ("<dc:creator><rdf:Seq>", "<dc:creator>Kevin<rdf:Seq>"),
    "a comment": ("<dc:format>", "<!-- not agreed --><dc:format>"),
    "an instruction": ("<dc:format>", "<?not agreed?><dc:format>"),
    "a packet's words": (
        'id="W5M0MpCehiHzreSzNTczkc9d"',
        'id="W5M0MpCehiHzreSzNTczkc9d" I disagree',
    ),
    "another producer": (
        "<pdf:Producer>",
        "<pdf:NotTheProducer>x</pdf:NotTheProducer><pdf:Producer>",
    ),
    "another one's date": ("<dc:format>", "<dc:ModifyDate>2018-01-01</dc:ModifyDate><dc:format>"),
    "a date of words": ("<xmp:ModifyDate>2017-07-11T00:00:00Z", "<xmp:ModifyDate>not agreed"),
    "a date with more": (
        "<xmp:ModifyDate>2017-07-11T00:00:00Z</xmp:ModifyDate>",
        '<xmp:ModifyDate dc:rights="not agreed">2017-07-11T00:00:00Z</xmp:ModifyDate>',
    ),
    "three dates": (
        "<dc:format>",
        "<xmp:ModifyDate>2018-01-01T00:00Z</xmp:ModifyDate>" * 2 + "<dc:format>",
    ),
    "an id of words": (
        "<dc:format>",
        "<xmpMM:InstanceID>I do not agree</xmpMM:InstanceID><dc:format>",
    ),
    "about something else": ('rdf:about=""', 'rdf:about="other"'),
    "an attribute": ("<rdf:RDF", '<rdf:RDF rdf:ID="x"'),
    "more than RDF": ("</rdf:RDF>", "</rdf:RDF><more/>"),
    "a long toolkit": ('ns:meta/"', f'ns:meta/" x:xmptk="{"x" * 400}"'),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_anything_else_is_a_change(what: str) -> None:
    assert not same(changed(*HOSTILE[what]))


def test_declarations_and_entities_are_a_change() -> None:
    head = '<!DOCTYPE x [<!ENTITY who "nobody">]>'
    assert not same(changed("<x:xmpmeta", f"{head}<x:xmpmeta"))
    assert not same(changed("<x:xmpmeta", f"{head}<x:xmpmeta").replace("Bank Road", "&who;"))


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (ISSUED, {"PieceInfo": generic.DictionaryObject()}),
        (ISSUED, {"F": generic.pdf_string("other.xml")}),
        (ISSUED, {"Subtype": named("/Other")}),
        (ISSUED, {"Filter": named("/Crypt")}),
        (ISSUED + " " * MAX_XMP, {}),
        ("<x/>", {}),
        ("", {}),
    ],
    ids=["keys", "another file", "subtype", "filter", "size", "no XMP", "empty"],
)
def test_the_stream_itself_is_looked_at(text: str, more: dict[str, Any]) -> None:
    assert not same(text, **more)


def properties(**more: str) -> generic.DictionaryObject:
    held = {"Title": "Plan", "Producer": "pypdf", "ModDate": "D:20170711000000Z"} | more
    return generic.DictionaryObject(
        {named(f"/{key}"): generic.pdf_string(value) for key, value in held.items()}
    )


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, True),
        ({"Producer": "pypdf; modified using OpenPDF 2.0.3"}, True),
        ({"ModDate": "D:20261128230524+00'00'"}, True),
        ({"ModDate": "D:20261128230524+01'00"}, True),
        ({"ModDate": "not agreed"}, False),
        ({"Producer": "x" * 400}, False),
        ({"Producer": "a\nb"}, False),
        ({"Title": "Other"}, False),
        ({"Keywords": "not agreed"}, False),
    ],
)
def test_properties_may_be_dated_and_nothing_else(more: dict[str, str], expected: bool) -> None:
    assert has_same_properties(properties(), properties(**more)) == expected


def test_properties_are_not_taken_away() -> None:
    for key in ("/Producer", "/ModDate", "/Title"):
        less = properties()
        del less[key]
        assert not has_same_properties(properties(), less)
