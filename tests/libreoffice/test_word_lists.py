from __future__ import annotations

from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from signed_plan.libreoffice.word_lists import part_lists


def test_the_bullets_of_every_second_cell_are_another_list_of_the_same_look() -> None:
    document = Document()
    style = document.styles["List Bullet"].element.pPr.numPr.numId.val
    table = document.add_table(1, 4)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].style = "List Bullet"
        cell.add_paragraph("no bullet")
    part_lists(document)
    numbers = [own_number(cell.paragraphs[0]) for cell in table.rows[0].cells]
    assert numbers == [None, numbers[1], None, numbers[1]]
    assert numbers[1] not in (None, style)
    looks = document.part.numbering_part.element
    assert look(looks, numbers[1]) == look(looks, style)
    assert all(own_number(cell.paragraphs[1]) is None for cell in table.rows[0].cells)


def test_a_bullet_keeps_its_level_and_the_indent_of_its_style() -> None:
    document = Document()
    style: Any = document.styles["List Bullet"].element.pPr
    style.get_or_add_ind().set(qn("w:left"), "123")
    style.numPr.get_or_add_ilvl().val = 1
    table = document.add_table(1, 2)
    paragraph = table.rows[0].cells[1].paragraphs[0]
    paragraph.style = "List Bullet"
    part_lists(document)
    own = paragraph._p.pPr
    assert own.numPr.ilvl.val == 1
    assert own.ind.get(qn("w:left")) == "123"


@pytest.mark.parametrize("number", [0, 99], ids=["none", "one that is not there"])
def test_a_paragraph_that_is_of_no_list_stays_so(number: int) -> None:
    document = Document()
    paragraph = document.add_table(1, 2).rows[0].cells[1].paragraphs[0]
    paragraph.style = "List Bullet"
    paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = number
    part_lists(document)
    assert own_number(paragraph) == number


def own_number(paragraph: Paragraph) -> int | None:
    own: Any = paragraph._p.pPr
    return None if own is None or own.numPr is None else int(own.numPr.numId.val)


def look(numbering: Any, number: Any) -> int:
    return int(numbering.num_having_numId(number).abstractNumId.val)
