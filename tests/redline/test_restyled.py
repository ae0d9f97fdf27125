"""A clerk has restyled the template: what is which is still found, and resolves exactly."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import pairs
from tests.helpers import REPO
from tests.redline.resolver import resolved

pytestmark = pytest.mark.slow("makes redlines of many restyled templates")

TEMPLATE = REPO / "templates/plan.docx"


def paragraphs(document: Any, text: str) -> list[Any]:
    """The paragraphs that say that, wherever they stand."""
    every = document.element.body.iter(qn("w:p"))
    return [one for one in every if "".join(t.text for t in one.iter(qn("w:t"))) == text]


def say(paragraph: Any, text: str) -> Any:
    next(paragraph.iter(qn("w:t"))).text = text
    return paragraph


def names_twice(document: Any) -> None:
    """The area's name stands in its cell twice, and once more at the end of the last cell."""
    (name,) = paragraphs(document, "{{ area.name }}")
    name.addnext(say(deepcopy(name), "{{ area.name }}, once more"))
    last = name.getparent().getparent()[-1]
    last.append(say(deepcopy(name), "That was {{ area.name }}: {{ area.id }}"))


def static_lines(document: Any) -> None:
    """A line that is always the same below each block, and an empty one."""
    for block in paragraphs(document, "{{ block.text }}"):
        block.addnext(say(deepcopy(block), "– – –"))
        block.addnext(OxmlElement("w:p"))


def bold_and_numbered(document: Any) -> None:
    """Blocks whose first words and marks have a look of their own; a count of each list."""
    for block in paragraphs(document, "{{ block.text }}"):
        run = block.find(qn("w:r"))
        first = deepcopy(run)
        first.find(qn("w:t")).text = "{{ loop.index }}. {{ block.kind }}: "
        first.get_or_add_rPr().append(OxmlElement("w:b"))
        run.addprevious(first)
        mark = OxmlElement("w:rPr")
        mark.append(OxmlElement("w:i"))
        block.get_or_add_pPr().append(mark)


def filtered(document: Any) -> None:
    """Texts that a filter has changed, so that nobody knows any more which ones they are."""
    for block in paragraphs(document, "{{ block.text }}"):
        block.addnext(say(deepcopy(block), "{{ block.text|upper }}"))


def before_the_table(document: Any) -> None:
    """The amendment line comes and goes directly above the table, and another below it."""
    table = document.element.body.find(qn("w:tbl"))
    begin, line, end = (
        paragraphs(document, text)[0]
        for text in ("{%p if amendment %}", "{{ amendment }}", "{%p endif %}")
    )
    for one in (begin, line, end):
        table.addprevious(one)
    below = document.element.body[-2]
    for one in reversed((begin, line, end)):
        below.addnext(deepcopy(one))


def all_in_one_cell(document: Any) -> None:
    """The blocks of the last cell stand in a table inside the cell before it."""
    table = document.element.body.find(qn("w:tbl"))
    row = paragraphs(document, "{{ area.name }}")[0].getparent().getparent()
    inner = OxmlElement("w:tbl")
    for part in (qn("w:tblPr"), qn("w:tblGrid")):
        inner.append(deepcopy(table.find(part)))
    inner_row = OxmlElement("w:tr")
    inner_row.append(deepcopy(row[-1]))
    inner.append(inner_row)
    cell = row[-2]
    cell.append(inner)
    cell.append(OxmlElement("w:p"))


def title_in_a_control(document: Any) -> None:
    """The title stands in a content control, as in Word's own covers."""
    (title,) = paragraphs(document, "{{ title }}")
    control, inside = OxmlElement("w:sdt"), OxmlElement("w:sdtContent")
    control.append(OxmlElement("w:sdtPr"))
    control.append(inside)
    title.addprevious(control)
    inside.append(title)


def header(document: Any) -> None:
    """The title block and the version in the header, with a tab and a field."""
    paragraph = document.sections[0].header.paragraphs[0]
    paragraph.text = "{{ title }}\t{{ overriding_objective }}, {{ version }}"
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), " PAGE ")
    run = OxmlElement("w:r")
    run.append(OxmlElement("w:t"))
    run[0].text = "1"
    field.append(run)
    paragraph._p.append(field)


RESTYLED: tuple[Callable[[Any], None], ...] = (
    *(names_twice, static_lines, bold_and_numbered, filtered),
    *(before_the_table, all_in_one_cell, title_in_a_control, header),
)


@pytest.mark.parametrize("restyle", RESTYLED, ids=lambda one: str(one.__name__))
def test_a_restyled_template_resolves_exactly(
    restyle: Callable[[Any], None], tmp_path: Path
) -> None:
    document = docx.Document(str(TEMPLATE))
    restyle(document)
    template = tmp_path / "plan.docx"
    document.save(str(template))
    for old, new in pairs(8, seed=40):
        redline = make_redline(compare(old, new), template)
        assert resolved(redline, "accept") == resolved(render_plan(new, template).data)
        assert resolved(redline, "reject") == resolved(render_plan(old, template).data)
