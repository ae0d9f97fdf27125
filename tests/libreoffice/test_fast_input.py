"""Links are taken out for LibreOffice only where it puts back the very same ones."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter
from signed_plan.document.pdfa import archive_plan
from signed_plan.libreoffice import fast_input
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.fast_input import without_links

from tests.document.helpers import Papers

slow = pytest.mark.slow("starts LibreOffice many times and makes it fail")


def _links(word_file: bytes) -> list[Any]:
    return list(docx.Document(io.BytesIO(word_file)).element.body.iter(qn("w:hyperlink")))


def _texts(word_file: bytes) -> list[str]:
    body = docx.Document(io.BytesIO(word_file)).element.body
    return ["".join(text.text or "" for text in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def test_only_the_links_are_taken_out(papers: Papers) -> None:
    bare = without_links(papers.plan_docx)
    assert bare is not None
    assert len(_links(papers.plan_docx)) > 20
    assert _links(bare) == []
    assert _texts(bare) == _texts(papers.plan_docx)


@slow
def test_the_pdf_is_the_same_to_the_byte_as_with_the_links_left_in(
    monkeypatch: pytest.MonkeyPatch, papers: Papers
) -> None:
    made = []
    with start_converter(find_libreoffice()) as converter:
        for _ in range(2):
            ((pdf,),) = converter.convert([[papers.plan_docx]])
            plan = PdfWriter(clone_from=io.BytesIO(pdf))
            made.append(archive_plan(plan, papers.version))
            monkeypatch.setattr(fast_input, "without_links", lambda word_file: None)
    assert made[0] == made[1]
    pages = PdfReader(io.BytesIO(made[0])).pages
    assert sum(len(page.get("/Annots", [])) for page in pages) > 20


def _a_tracked_change(link: Any) -> None:
    link.getparent().addnext(OxmlElement("w:ins"))


def _other_words(link: Any) -> None:
    next(link.iter(qn("w:t"))).text = "Objective 1 and more"


def _another_target(link: Any) -> None:
    link.set(qn("w:anchor"), "elsewhere1")


def _a_tooltip(link: Any) -> None:
    link.set(qn("w:tooltip"), "Look here")


def _words_beside_it(link: Any) -> None:
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:tab"))
    link.addprevious(run)


def _a_bookmark_in_it(link: Any) -> None:
    link.insert(0, OxmlElement("w:bookmarkStart"))


@pytest.mark.parametrize(
    "change",
    [
        *(_a_tracked_change, _other_words, _another_target),
        *(_a_tooltip, _words_beside_it, _a_bookmark_in_it),
    ],
)
def test_a_file_with_a_link_that_its_number_does_not_tell_is_taken_as_it_is(
    july: Papers, change: Callable[[Any], None]
) -> None:
    document = docx.Document(io.BytesIO(july.plan_docx))
    change(next(document.element.body.iter(qn("w:hyperlink"))))
    changed = io.BytesIO()
    document.save(changed)
    assert without_links(changed.getvalue()) is None


def test_a_file_without_links_is_taken_as_it_is(july: Papers) -> None:
    assert without_links(july.signoff_docx) is None
