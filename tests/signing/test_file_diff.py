"""A program may raise a version and name Adobe's or ETSI's extensions, and keeps the rest."""

from __future__ import annotations

import io
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.signing.file_diff import has_same_catalog, is_of_no_use, lost_from_trailer
from signed_plan.signing.revision_diff import changes

from tests.signing.helpers import CAROLE, People, Signing
from tests.signing.test_pdf_compare import dictionary
from tests.signing.test_revision_diff import Mutation, _section, revised, signed

NUMBER = generic.NumberObject
FORM = dictionary(Fields=generic.ArrayObject())


def extension(**more: Any) -> generic.DictionaryObject:
    held: dict[str, Any] = {"BaseVersion": named("/1.7"), "ExtensionLevel": NUMBER(8)}
    return dictionary(**held | more)


ISO: dict[str, Any] = {
    "BaseVersion": named("/2.0"),
    "ExtensionLevel": NUMBER(32002),
    "URL": generic.pdf_string("https://www.iso.org/standard/45875.html"),
    "ExtensionRevision": generic.pdf_string(":2022"),
}
"""As pyHanko writes it when somebody signs with P-256."""


def same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return has_same_catalog(*(dictionary(**{"AcroForm": FORM} | keys) for keys in (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({}, {"Version": named("/1.7")}, True),
        ({}, {"Version": named("/2.0")}, True),
        ({}, {"Version": named("/1.4")}, False),
        ({}, {"Version": named("/NotAgreed")}, False),
        ({"Version": named("/2.0")}, {"Version": named("/1.7")}, False),
        ({"Version": named("/2.0")}, {}, False),
        ({}, {"Lang": generic.pdf_string("de")}, False),
        ({"DSS": dictionary()}, {}, False),
        ({"DSS": dictionary()}, {"DSS": dictionary(Certs=generic.ArrayObject())}, True),
    ],
)
def test_a_catalogue_s_version_is_only_raised(
    old: dict[str, Any], new: dict[str, Any], expected: bool
) -> None:
    assert same(old, new) == expected


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ({"ADBE": extension()}, True),
        ({"ESIC": extension(Type=named("/DeveloperExtensions"), ExtensionLevel=NUMBER(2))}, True),
        ({"ADBE": extension(), "ESIC": extension()}, True),
        ({"ISO_": generic.ArrayObject([extension(**ISO)])}, True),
        ({"ISO_": extension(**ISO | {"URL": generic.pdf_string("not agreed")})}, False),
        ({"ISO_": extension(**ISO | {"ExtensionRevision": generic.pdf_string("no")})}, False),
        ({"ISO_": generic.ArrayObject([generic.pdf_string("not agreed")])}, False),
        ({"ADBE": generic.ArrayObject()}, False),
        ({"NOPE": extension()}, False),
        ({"ADBE": extension(Words=generic.pdf_string("not agreed"))}, False),
        ({"ADBE": extension(BaseVersion=named("/NotAgreed"))}, False),
        ({"ADBE": extension(ExtensionLevel=NUMBER(20171123))}, False),
        ({"ADBE": extension(ExtensionLevel=generic.pdf_string("8"))}, False),
        ({"ADBE": generic.pdf_string("not agreed")}, False),
    ],
)
def test_extensions_are_adobe_s_or_etsi_s(extensions: dict[str, Any], expected: bool) -> None:
    assert same({}, {"Extensions": dictionary(**extensions)}) == expected


def test_an_extension_is_not_taken_away() -> None:
    held = {"Extensions": dictionary(ESIC=extension())}
    assert not same(held, {})
    assert not same(held, {"Extensions": dictionary(ADBE=extension())})


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (generic.StreamObject({named("/Subtype"): named("/Form")}, stream_data=b""), True),
        (generic.StreamObject({named("/Subtype"): named("/Form")}, stream_data=b"q Q"), False),
        (generic.StreamObject({named("/Subtype"): named("/XML")}, stream_data=b""), False),
        (generic.StreamObject({named("/Type"): named("/ObjStm")}, stream_data=b"1 0 null"), False),
        (generic.StreamObject({named("/Type"): named("/Font")}, stream_data=b"not agreed"), False),
        (dictionary(Type=named("/Font")), True),
        (dictionary(Type=named("/Font"), Words=generic.pdf_string("not agreed")), False),
        (generic.pdf_string("not agreed"), False),
        (generic.NullObject(), True),
    ],
)
def test_only_what_says_nothing_may_be_of_no_use(value: Any, expected: bool) -> None:
    assert is_of_no_use(value) == expected


def unused(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(generic.pdf_string("not agreed"))


def hidden(writer: IncrementalPdfFileWriter) -> None:
    kind = {named("/Type"): named("/XRef")}
    writer.add_object(generic.StreamObject(kind, stream_data=b"not agreed"))


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("mutation", [unused, hidden])
def test_an_object_that_nothing_leads_to_is_named(
    signing: Signing, people: People, mutation: Mutation
) -> None:
    pdf = signed(signing.certified, people, CAROLE, mutation)
    assert [one.what for one in changes(pdf, len(signing.certified), CAROLE)] == [
        "an object that nothing leads to (added)"
    ]


@pytest.mark.parametrize(
    ("lost", "said"),
    [(b"/Info", "the document's properties"), (b"/ID", "the file's identifier")],
)
def test_a_trailer_without_what_the_others_have_is_named(
    signing: Signing, lost: bytes, said: str
) -> None:
    base = revised(signing.certified)
    reader = PdfFileReader(io.BytesIO(base))
    revisions = reader.xrefs.total_revisions
    pdf = _section(base, reader.xrefs.get_startxref_for_revision(revisions - 1))
    pdf = pdf[: len(base)] + pdf[len(base) :].replace(lost, lost.upper() + b"X")
    assert lost_from_trailer(PdfFileReader(io.BytesIO(pdf), strict=False), revisions) == said
    assert said in [one.what for one in changes(pdf, len(base), CAROLE)]
