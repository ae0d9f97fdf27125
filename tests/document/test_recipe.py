"""From a version to its files; and a PDF of one Word file is finished as the plan's is."""

from __future__ import annotations

import datetime as dt
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader
from signed_plan.digest import Digest
from signed_plan.document.context import Description
from signed_plan.document.pdfa import EmbeddedFile
from signed_plan.document.recipe import Templates, finish, make_draft, make_plan
from signed_plan.errors import ConversionError, TemplateError
from signed_plan.libreoffice.converter import Converter, find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile

from tests.document.helpers import PLAN_TEMPLATE, SIGNOFF_TEMPLATE, Papers
from tests.document.word_parts import part_of, rezipped

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
    carried = EmbeddedFile("a.json", b"{}", "application/json", "Data", "A record")
    with_one = PdfReader(io.BytesIO(finish(page, ABOUT, [carried])))
    assert dict(with_one.attachments) == {"a.json": [b"{}"]}
    assert "/AF" not in PdfReader(io.BytesIO(finish(page, ABOUT))).root_object


def test_the_same_page_gives_the_same_bytes(page: bytes) -> None:
    assert finish(page, ABOUT) == finish(page, ABOUT)


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with start_converter(find_libreoffice()) as running:
        yield running


MAIN = "word/document.xml"
TEMPLATES = Templates(PLAN_TEMPLATE, SIGNOFF_TEMPLATE)


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_plan_has_a_word_file_and_a_pdf_of_all_pages(
    converter: Converter, papers: Papers
) -> None:
    files = make_plan(papers.version, TEMPLATES, converter)
    assert (files.docx, files.pdf) == (papers.plan_docx, papers.pdf)
    assert files.pages == len(papers.reader.pages)
    assert files.templates == TEMPLATES.digests()
    assert "Carlito-Regular.ttf" in files.fonts


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_draft_has_the_same_pages(converter: Converter, papers: Papers) -> None:
    draft, pages = make_draft(papers.version, TEMPLATES, converter)
    assert pages == len(papers.reader.pages)
    assert "DRAFT" in str(PdfReader(io.BytesIO(draft)).metadata)


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_template_that_is_saved_while_it_is_filled_in_is_refused_and_the_next_time_taken(
    converter: Converter, july: Papers, tmp_path: Path
) -> None:
    templates = Templates(
        *(Path(shutil.copy(one, tmp_path)) for one in (PLAN_TEMPLATE, SIGNOFF_TEMPLATE))
    )
    files = make_plan(july.version, templates, converter)

    @contextmanager
    def saving(step: str) -> Iterator[None]:
        if step == "Fill in the Word templates":
            document = Document(str(templates.plan))
            document.core_properties.author = "Somebody"
            document.save(str(templates.plan))
        yield

    with pytest.raises(TemplateError, match="saved while it was being filled in"):
        make_plan(july.version, templates, converter, saving)
    again = make_plan(july.version, templates, converter)
    assert (again.docx, again.pdf) == (files.docx, files.pdf)
    assert again.templates != files.templates


def test_a_template_without_headings_is_named_with_the_claim_that_it_breaks(
    converter: Converter, july: Papers, tmp_path: Path
) -> None:
    template = PLAN_TEMPLATE.read_bytes()
    text = re.sub('w:val="Heading[123]"', 'w:val="TableHeading"', part_of(template, MAIN))
    (tmp_path / "plan.docx").write_bytes(rezipped(template, **{MAIN: text.encode()}))
    with pytest.raises(ConversionError, match="a heading of level 2 follows none") as caught:
        make_plan(july.version, Templates(tmp_path / "plan.docx", SIGNOFF_TEMPLATE), converter)
    assert "Heading 1" in caught.value.remedy


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"^signoff\.docx is gone"):
        Templates(PLAN_TEMPLATE, tmp_path / "signoff.docx").digests()
