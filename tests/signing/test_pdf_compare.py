"""Objects are equal if they say the same, whatever their order, and references by their numbers."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.writer import PdfFileWriter
from signed_plan.signing.pdf_compare import comparable, differ_only_in, is_same, text_of


def dictionary(**values: generic.PdfObject) -> generic.DictionaryObject:
    return generic.DictionaryObject({named(f"/{key}"): value for key, value in values.items()})


def test_the_order_of_keys_is_no_difference() -> None:
    one, two = generic.NumberObject(1), generic.NumberObject(2)
    assert comparable(dictionary(A=one, B=two)) == comparable(dictionary(B=two, A=one))


def test_a_name_is_not_the_string_of_the_same_letters() -> None:
    assert comparable(named("/A")) != comparable(generic.pdf_string("/A"))


def test_streams_differ_in_their_bytes() -> None:
    one, other = (generic.StreamObject(stream_data=data) for data in (b"q Q", b"Q q"))
    assert comparable(one) != comparable(other)


def test_references_differ_in_number_and_generation() -> None:
    first, *others = (generic.IndirectObject(*at, None) for at in ((1, 0), (2, 0), (1, 1)))
    assert all(comparable(first) != comparable(other) for other in others)


def test_only_the_named_keys_may_differ() -> None:
    old, new = dictionary(A=named("/a")), dictionary(A=named("/a"), B=named("/b"))
    assert differ_only_in(old, new, frozenset({"/B"}))
    assert not differ_only_in(old, new, frozenset())
    assert not differ_only_in(old, named("/a"), frozenset({"/A", "/B"}))
    assert is_same(old, new, "/A")
    assert is_same(old, new, "/C")
    assert not is_same(old, new, "/B")


def test_a_text_is_read_also_where_it_is_an_object_of_its_own_or_in_no_known_encoding() -> None:
    writer = PdfFileWriter()
    said = dictionary(
        Apart=writer.add_object(generic.pdf_string("I do not agree")),
        Odd=generic.ByteStringObject(b"no\x9f"),
        Name=named("/Agreed"),
        Nothing=generic.NullObject(),
    )
    assert text_of(said, "/Apart") == "I do not agree"
    assert text_of(said, "/Odd") == "no\x9f"
    assert [text_of(said, key) for key in ("/Name", "/Nothing", "/Missing")] == [""] * 3
