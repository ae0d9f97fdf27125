"""Objects are equal if they say the same, whatever their order, and references by their numbers."""

from __future__ import annotations

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from signed_plan.signing.pdf_compare import comparable, differ_only_in, is_same


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
