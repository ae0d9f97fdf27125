"""A signed field may be locked, dated and styled, and the form get fonts; nothing else."""

from __future__ import annotations

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from signed_plan.signing.form_diff import (
    has_no_size,
    has_same_form,
    is_filled,
    is_same_form,
    only_adds,
)

from tests.signing.test_pdf_compare import dictionary

PRINTED = generic.NumberObject(4)


def field(**more: generic.PdfObject) -> generic.DictionaryObject:
    return dictionary(**{"FT": named("/Sig"), "F": PRINTED, **more})


VALUE = generic.IndirectObject(9, 0, None)
HELVETICA, OTHER = (generic.IndirectObject(number, 0, None) for number in (20, 21))


@pytest.mark.parametrize("flags", [4, 4 | 128, 4 | 512, 4 | 128 | 512])
def test_a_signed_field_may_be_locked(flags: int) -> None:
    assert is_filled(field(), field(F=generic.NumberObject(flags), V=VALUE))


@pytest.mark.parametrize("flags", [0, 6, 36, 128, 132 | 1, 132 | 2, 132 | 32, 132 | 256, 132 | 64])
def test_a_signed_field_may_not_be_hidden_or_left_unprinted(flags: int) -> None:
    assert not is_filled(field(), field(F=generic.NumberObject(flags), V=VALUE))


def test_flags_that_are_no_number_are_refused() -> None:
    assert not is_filled(field(), field(F=named("/No"), V=VALUE))


@pytest.mark.parametrize("key", ["M", "MK", "AS", "AP", "DR", "DA", "Border", "BS"])
def test_what_adobe_and_poppler_set_is_no_change(key: str) -> None:
    assert is_filled(field(), field(**{"V": VALUE, key: generic.DictionaryObject()}))


@pytest.mark.parametrize("key", ["A", "AA", "Rect", "T", "TU", "Parent", "Kids", "Lock", "SV", "P"])
def test_any_other_key_is_a_change(key: str) -> None:
    assert not is_filled(field(), field(**{"V": VALUE, key: generic.DictionaryObject()}))


def test_a_field_that_was_signed_is_not_filled_again() -> None:
    assert not is_filled(field(V=VALUE), field(V=OTHER))


def form(**more: generic.PdfObject) -> generic.DictionaryObject:
    return dictionary(Fields=generic.ArrayObject(), SigFlags=generic.NumberObject(3), **more)


def fonts(**named_fonts: generic.PdfObject) -> generic.DictionaryObject:
    return dictionary(Font=dictionary(**named_fonts))


def test_a_form_may_get_fonts() -> None:
    assert is_same_form(form(), form(DR=fonts(Helv=HELVETICA), DA=generic.pdf_string("/Helv")))
    assert is_same_form(form(DR=fonts(Helv=HELVETICA)), form(DR=fonts(Helv=HELVETICA, ZaDb=OTHER)))
    old, new = dictionary(AcroForm=form()), dictionary(AcroForm=form(DR=fonts(Helv=HELVETICA)))
    assert has_same_form(old, new)


def test_a_font_that_a_form_had_may_not_become_another() -> None:
    old = form(DR=fonts(Helv=HELVETICA))
    for new in (form(DR=fonts(Helv=OTHER)), form(DR=fonts(ZaDb=OTHER)), form()):
        assert not is_same_form(old, new)
    assert not only_adds(fonts(Helv=HELVETICA), fonts(Helv=OTHER))
    assert not only_adds(HELVETICA, OTHER)


@pytest.mark.parametrize("key", ["NeedAppearances", "XFA", "CO", "Q"])
def test_a_form_may_not_get_anything_else(key: str) -> None:
    assert not is_same_form(form(), form(**{key: generic.BooleanObject(True)}))


def test_a_form_may_not_lose_its_flags() -> None:
    bare = dictionary(Fields=generic.ArrayObject(), SigFlags=generic.NumberObject(1))
    assert not is_same_form(form(), bare)
    assert is_same_form(bare, form())
    assert not has_same_form(dictionary(AcroForm=form()), dictionary())


def test_a_box_without_width_or_height_is_not_to_be_seen() -> None:
    for corners, expected in (((0, 0, 0, 0), True), ((5, 5, 9, 5), True), ((0, 0, 9, 9), False)):
        box = generic.ArrayObject(map(generic.NumberObject, corners))
        assert has_no_size(field(Rect=box)) == expected
    assert not has_no_size(field())
    assert not has_no_size(field(Rect=generic.ArrayObject()))
