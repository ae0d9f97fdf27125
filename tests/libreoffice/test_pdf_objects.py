from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NullObject,
    NumberObject,
    TextStringObject,
)
from signed_plan.errors import ConversionError, ExitCode
from signed_plan.libreoffice.pdf_objects import (
    as_array,
    as_dictionary,
    as_integer,
    attribute_of,
    reference_to,
)

RIGHT = [
    (as_dictionary, DictionaryObject({NameObject("/A"): NumberObject(1)})),
    (as_array, ArrayObject([NumberObject(1)])),
    (as_integer, NumberObject(7)),
]
WRONG = [None, NullObject(), TextStringObject("7"), NameObject("/A")]


@pytest.mark.parametrize(("read", "value"), RIGHT)
def test_a_value_is_read_whether_it_stands_there_or_is_referred_to(
    read: Callable[[Any], Any], value: Any
) -> None:
    assert read(value) == value
    assert read(PdfWriter()._add_object(value)) == value


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("read", [as_dictionary, as_array, as_integer])
def test_anything_else_is_a_conversion_error(read: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(ConversionError, match="is not understood") as raised:
        read(value)
    assert raised.value.exit_code == ExitCode.CONVERSION
    assert raised.value.remedy


def test_the_reference_to_an_object_leads_back_to_it() -> None:
    writer = PdfWriter()
    found = DictionaryObject()
    writer._add_object(found)
    assert reference_to(found).get_object() is found


def test_an_object_without_a_number_has_no_reference() -> None:
    with pytest.raises(ConversionError, match="a direct object"):
        reference_to(DictionaryObject())


def test_an_attribute_is_found_whether_there_is_one_group_or_many_written_there_or_not() -> None:
    writer = PdfWriter()
    group = DictionaryObject({NameObject("/Scope"): NameObject("/Row")})
    other = DictionaryObject({NameObject("/O"): NameObject("/Layout")})
    for attributes in (
        group,
        writer._add_object(group),
        ArrayObject([other, writer._add_object(group)]),
        writer._add_object(ArrayObject([group, other])),
    ):
        element = DictionaryObject({NameObject("/A"): attributes})
        assert attribute_of(element, "/Scope") == "/Row"
        assert attribute_of(element, "/RowSpan") is None
    assert attribute_of(DictionaryObject(), "/Scope") is None
