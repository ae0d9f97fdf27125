"""What was put on a page is found."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter
from pypdf.annotations import FreeText, Link
from signed_plan.pages.annotations import noted_page

from tests.pages.drawn import draw


def test_the_first_page_with_a_note_is_told_and_fields_and_links_are_none() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(draw("", "", field=(20, 20, 90, 40))))
    writer.add_annotation(0, Link(rect=(20, 50, 90, 60), url="https://example.org"))
    assert noted_page(written(writer)) == 0
    writer.add_annotation(1, FreeText(text="No.", rect=(20, 50, 90, 60)))
    assert noted_page(written(writer)) == 2
    with pytest.raises(ValueError, match="no PDF"):
        noted_page(b"%PDF-")


def written(writer: PdfWriter) -> bytes:
    data = io.BytesIO()
    writer.write(data)
    return data.getvalue()
