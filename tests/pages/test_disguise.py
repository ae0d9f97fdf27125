"""A PDF that hides words or carries notes is told from one that was only saved again."""

from __future__ import annotations

import pytest
from signed_plan.pages.disguise import find_disguise

from tests.pages.drawn import draw, words

FIELD = (10, 20, 100, 80)


@pytest.mark.quick
def test_pages_whose_words_are_all_to_be_seen_have_no_disguise() -> None:
    assert find_disguise(draw(words("Hello"), words("Again"), field=FIELD)) == ""


def test_the_first_text_that_cannot_be_seen_is_told_with_its_page() -> None:
    covered = f"{words('Nobody sees')} 1 g 10 90 200 40 re f"
    said = '"Nobodysees" cannot be seen on page 2: something covers it or cuts it off'
    assert find_disguise(draw(words("Hello"), covered)) == said


@pytest.mark.parametrize("kind", ("FreeText", "Stamp", "Highlight", "Square", "Unheard"))
def test_a_note_on_a_page_is_told_and_a_link_is_not(kind: str) -> None:
    pdf = draw(words("Hello"), field=FIELD)
    field = b"/Subtype /Widget\n/FT /Sig"
    assert field in pdf
    noted = pdf.replace(field, f"/Subtype /{kind}".encode())
    assert find_disguise(noted) == "page 1 has notes or drawings on it"
    assert find_disguise(pdf.replace(field, b"/Subtype /Link")) == ""


def test_what_is_no_pdf_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no PDF"):
        find_disguise(b"%PDF-1.7 and no more")
