"""Lists of a Word file, parted so that LibreOffice tags each bullet inside its own cell."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

_LONGEST_LINE = 20


def part_lists(document: Document) -> None:
    """Gives the bullets of every second cell of a row their own list, which looks the same.

    LibreOffice tags a bullet right after one of the same list as part of that one's list, and so
    of that one's cell, even where it stands in the next cell: a screen reader would read it there.
    """
    lists = _list_numbers(document)
    twins: dict[int, int] = {}
    of_style: dict[str | None, tuple[Any, Any]] = {}
    for row in document.element.body.iter(qn("w:tr")):
        for cell in row.findall(qn("w:tc"))[1::2]:
            for element in cell.findall(qn("w:p")):
                numbering, indent = _numbering(Paragraph(element, document), of_style)
                if numbering is None or numbering.numId is None:
                    continue
                number = numbering.numId.val
                if number not in lists:
                    continue  # 0 takes the list of the style away; Word shows no bullet of others
                if number not in twins:
                    twins[number] = _twin_list(document, number)
                properties = element.get_or_add_pPr()
                own = properties.get_or_add_numPr()
                own.get_or_add_ilvl().val = 0 if numbering.ilvl is None else numbering.ilvl.val
                own.get_or_add_numId().val = twins[number]
                if indent is not None and properties.ind is None:
                    # What the style says would now give way to what the list says.
                    properties._insert_ind(deepcopy(indent))


def _numbering(
    paragraph: Paragraph, of_style: dict[str | None, tuple[Any, Any]]
) -> tuple[Any, Any]:
    """The list that a paragraph or its style belongs to, and the indent that holds against it.

    What the styles say is noted by their ids: python-docx looks for each from the first one on.
    """
    own = paragraph._p.pPr
    indent = None if own is None else own.ind
    if own is not None and own.numPr is not None:
        return own.numPr, indent
    name = paragraph._p.style
    if name not in of_style:
        of_style[name] = _numbering_of_style(paragraph.style)
    numbering, inherited = of_style[name]
    return numbering, inherited if indent is None else indent


def _numbering_of_style(style: Any) -> tuple[Any, Any]:
    indent = None
    for one in lineage(style):
        properties = one.element.pPr
        if properties is not None:
            indent = properties.ind if indent is None else indent
            if properties.numPr is not None:
                return properties.numPr, indent
    return None, indent


def lineage(style: Any) -> Iterator[Any]:
    """A style, the one that it is based on, and so on; in a file from anywhere that may be a ring.

    Word itself allows for ten of them.
    """
    for _ in range(_LONGEST_LINE):
        if style is None:
            return
        yield style
        style = style.base_style


def _list_numbers(document: Document) -> frozenset[int]:
    """The numbers of the document's lists."""
    part = document.part
    return frozenset(
        int(one.numId)
        for rel in part.rels.values()
        if rel.reltype == RELATIONSHIP_TYPE.NUMBERING
        for one in rel.target_part.element.num_lst
    )


def _twin_list(document: Document, number: int) -> int:
    numbering = document.part.numbering_part.element
    return int(numbering.add_num(numbering.num_having_numId(number).abstractNumId.val).numId)
