"""LibreOffice gets a Word file without links only where it makes the very same ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader
from signed_plan.document.context import describe
from signed_plan.document.recipe import finish
from signed_plan.document.render import render_plan
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.fast_input import LINK_STYLE
from signed_plan.libreoffice.word_file import WordFile

from tests.document.helpers import PLAN_TEMPLATE, Papers

slow = pytest.mark.slow("starts LibreOffice many times and makes it fail")


def _links(word_file: bytes) -> list[Any]:
    return list(docx.Document(io.BytesIO(word_file)).element.body.iter(qn("w:hyperlink")))


def _texts(word_file: bytes) -> list[str]:
    body = docx.Document(io.BytesIO(word_file)).element.body
    return ["".join(text.text or "" for text in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def test_only_the_links_are_not_there_yet(papers: Papers) -> None:
    word = papers.plan_word
    assert len(_links(word.data)) > 20
    assert _links(word.without_links) == []
    assert _texts(word.without_links) == _texts(word.data)


@slow
def test_the_pdf_is_the_same_to_the_byte_as_with_the_links_left_in(papers: Papers) -> None:
    made = []
    with start_converter(find_libreoffice()) as converter:
        for word in (papers.plan_word, WordFile(papers.plan_docx)):
            ((pdf,),) = converter.convert([[word]])
            made.append(finish(pdf, describe(papers.version)))
    assert made[0] == made[1]
    pages = PdfReader(io.BytesIO(made[0])).pages
    assert sum(len(page.get("/Annots", [])) for page in pages) > 20


def _other_words(paragraph: Any) -> None:
    list(paragraph.iter(qn("w:t")))[-1].text += " and more"


def _no_number(paragraph: Any) -> None:
    for text in paragraph.iter(qn("w:t")):
        text.text = "See the objectives"


def _another_link(paragraph: Any) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), "elsewhere1")
    paragraph.append(link)


def _a_link_with_a_tooltip(paragraph: Any) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), "objective1")
    link.set(qn("w:tooltip"), "Look here")
    link.extend(paragraph.findall(qn("w:r")))
    paragraph.append(link)


def _a_field_beside_its_words(paragraph: Any) -> None:
    paragraph.append(OxmlElement("w:fldSimple"))


@pytest.mark.parametrize(
    "change",
    [
        *(_other_words, _no_number, _another_link),
        *(_a_link_with_a_tooltip, _a_field_beside_its_words),
    ],
)
def test_a_file_with_a_link_that_its_number_does_not_tell_is_taken_as_it_is(
    july: Papers, tmp_path: Path, change: Callable[[Any], None]
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    paragraphs = [
        paragraph
        for cell in document.tables[-1]._cells
        for paragraph in cell.paragraphs
        if paragraph.style is not None and paragraph.style.name == LINK_STYLE
    ]
    change(next(one._p for one in paragraphs if "{{" in one.text))
    document.save(str(tmp_path / "plan.docx"))
    word = render_plan(july.version, tmp_path / "plan.docx")
    assert word.without_links == b""
    assert _texts(word.data)


def test_a_file_without_links_is_taken_as_it_is(july: Papers) -> None:
    assert july.signoff_word.without_links == b""
