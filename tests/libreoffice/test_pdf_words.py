"""The words of marked content, as a reader would speak them."""

from __future__ import annotations

import pytest
from pypdf import PdfWriter
from pypdf.generic import NameObject
from signed_plan.libreoffice.pdf_words import read_pieces

from tests.libreoffice.test_pdf_mending import page_with, resources_with


def _read(content: bytes, *codes: str) -> dict[int, str]:
    writer = PdfWriter()
    page = page_with(writer, content)
    page[NameObject("/Resources")] = resources_with(writer, *codes)
    return read_pieces(page)


LETTERS = ("01> <0041", "02> <00660069", "03> <0042")


def test_each_piece_has_its_own_words() -> None:
    content = b"/P<</MCID 0>>BDC\n/F1 9 Tf[<01>4<02>]TJ\nEMC\n/P<</MCID 7>>BDC\n<03>Tj\nEMC"
    assert _read(content, *LETTERS) == {0: "Afi", 7: "B"}


def test_what_belongs_to_no_piece_says_nothing() -> None:
    content = b"/F1 9 Tf<01>Tj\n/Artifact BMC\n<01>Tj\nEMC\n/P<</MCID 0>>BDC\n<03>Tj\nEMC\n<01>Tj"
    assert _read(content, *LETTERS) == {0: "B"}


@pytest.mark.parametrize(
    "opening",
    [b"/Span<</ActualText<FEFF00480069>>>BDC", b"/Span <</ActualText <FEFF00480069> >> BDC"],
)
def test_letters_that_stand_for_other_words_are_these(opening: bytes) -> None:
    content = b"/P<</MCID 0>>BDC\n/F1 9 Tf<01>Tj\n%s\n<03>Tj\nEMC\n<01>Tj\nEMC" % opening
    assert _read(content, *LETTERS) == {0: "AHiA"}


def test_a_piece_that_stands_for_other_words_itself() -> None:
    content = b"/Span<</MCID 0/ActualText<FEFF00480069>>>BDC\n/F1 9 Tf<01>Tj\nEMC"
    assert _read(content, *LETTERS) == {0: "Hi"}


def test_a_language_is_not_read_as_a_text() -> None:
    content = b"/P<</Lang<01>/MCID 0>>BDC\n/F1 9 Tf<03>Tj\nEMC"
    assert _read(content, *LETTERS) == {0: "B"}


def test_codes_of_two_bytes_and_codes_without_a_meaning() -> None:
    content = b"/P<</MCID 0>>BDC\n/F1 9 Tf<000100020003>Tj\nEMC"
    assert _read(content, "0001> <0041", "0003> <D83DDE00") == {0: "A\U0001f600"}
