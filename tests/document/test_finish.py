"""A PDF of one Word file is finished as the plan's is: tagged, archivable, the same each time."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from docx import Document
from pypdf import PdfReader
from signed_plan.digest import Digest
from signed_plan.document.context import Description
from signed_plan.document.finish import finish
from signed_plan.document.pdfa import Attachment
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile

ABOUT = Description("A page", "A school", "v1", Digest("0" * 64), "urn:x", dt.date(2017, 11, 14))


@pytest.fixture(scope="module")
def page() -> bytes:
    """LibreOffice's PDF of a page with a heading and a list."""
    document = Document()
    document.add_heading("A heading", 1)
    document.add_paragraph("A bullet", style="List Bullet")
    written = io.BytesIO()
    document.save(written)
    with start_converter(find_libreoffice()) as running:
        ((pdf,),) = running.convert([(WordFile(written.getvalue()),)])
    return pdf


def test_it_says_what_it_is_and_is_tagged(page: bytes) -> None:
    found = PdfReader(io.BytesIO(finish(page, ABOUT)))
    assert found.metadata is not None
    assert (found.metadata.title, found.metadata.author) == ("A page", "A school")
    assert "/StructTreeRoot" in found.root_object
    assert [str(one["/Tabs"]) for one in found.pages] == ["/S"]
    assert found.xmp_metadata is not None
    assert found.xmp_metadata.pdfaid_part == "3"


def test_it_carries_what_it_is_given_and_no_empty_list_of_files(page: bytes) -> None:
    carried = Attachment("a.json", b"{}", "application/json", "Data", "A record")
    with_one = PdfReader(io.BytesIO(finish(page, ABOUT, [carried])))
    assert dict(with_one.attachments) == {"a.json": [b"{}"]}
    assert "/AF" not in PdfReader(io.BytesIO(finish(page, ABOUT))).root_object


def test_the_same_page_gives_the_same_bytes(page: bytes) -> None:
    assert finish(page, ABOUT) == finish(page, ABOUT)
