"""Two paragraphs as one, word by word; formats and links on both sides are kept."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from signed_plan.redline import runs
from signed_plan.redline.revision_marks import Marks
from signed_plan.redline.runs import ends_with_added, merge_content, replace_content


@pytest.fixture
def marks() -> Marks:
    return Marks("A review", dt.date(2017, 11, 14), 1)


def paragraph(*texts: str) -> Paragraph:
    """Texts that begin with an asterisk are bold."""
    made = Document().add_paragraph()
    for text in texts:
        made.add_run(text.removeprefix("*")).bold = text.startswith("*") or None
    return made


def told(element: Any) -> str:
    """What is removed in [-…-], what is added in {+…+}."""
    found = ""
    for text in element.iter(qn("w:t"), qn("w:delText")):
        way = text.getparent().getparent().tag
        marked = {qn("w:ins"): "{{+{}+}}", qn("w:del"): "[-{}-]"}.get(way, "{}")
        found += marked.format(text.text)
    return found


def test_the_example_in_the_docstring_is_what_happens(marks: Marks) -> None:
    lines = re.findall(r"^    (older|newer|merged) +(.*)$", runs.__doc__ or "", re.MULTILINE)
    texts = dict(lines)
    old, new = paragraph(texts["older"]), paragraph(texts["newer"])
    merge_content(old._p, new._p, marks)
    assert told(new._p) == texts["merged"]


def test_only_the_words_that_changed_are_tracked(marks: Marks) -> None:
    old, new = paragraph("to meet on 5 December"), paragraph("to meet on 6 December")
    merge_content(old._p, new._p, marks)
    assert told(new._p) == "to meet on [-5-]{+6+} December"


def test_each_side_keeps_its_own_look(marks: Marks) -> None:
    old, new = paragraph("to meet"), paragraph("to ", "*meet")
    merge_content(old._p, new._p, marks)
    kept = [run for run in new._p.iter(qn("w:r")) if run.find(f".//{qn('w:b')}") is not None]
    assert "".join(text.text for run in kept for text in run.iter(qn("w:t"))) == "meet"
    assert told(new._p).replace("[-meet-]", "").replace("{+meet+}", "meet") == "to meet"


def test_replacing_puts_all_that_is_gone_before_all_that_is_new(marks: Marks) -> None:
    old, new = paragraph("the same words"), paragraph("the same words too")
    replace_content(old._p, new._p, marks)
    assert told(new._p) == "[-the same words-]{+the same words too+}"
    assert ends_with_added(new._p)


def test_apart_does_not_begin_with_something_added(marks: Marks) -> None:
    old, new = paragraph("to meet"), paragraph("Staff to meet")
    merge_content(old._p, new._p, marks, apart=True)
    assert not told(new._p).startswith("{+")
    assert not ends_with_added(new._p)
