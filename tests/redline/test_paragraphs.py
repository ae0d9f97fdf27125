"""Whatever becomes of a cell's paragraphs, Word's rules give both documents back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from itertools import zip_longest
from typing import Any

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph
from signed_plan.plan.model import Area, Block
from signed_plan.redline import paragraphs
from signed_plan.redline.lists_bookmarks import Lists
from signed_plan.redline.paragraphs import MergedParagraph, Paragraphs
from signed_plan.redline.revision_marks import Marks

from tests.redline.resolving import JULY, demand_exact, with_areas

slow = pytest.mark.slow("merges many made-up texts")

Cell = tuple[Block, ...]


def block(kind: str, text: str) -> Block:
    return Block.model_validate({kind: text, "id": "a-new-one"})


def other_kind(one: Block) -> Block:
    kind = "sub-bullet" if one.kind == "bullet" else "bullet"
    return Block.model_validate({kind: one.text, "id": one.id})


CELLS: dict[str, Callable[[Cell], Cell]] = {
    "a last bullet added": lambda cell: (*cell, block("bullet", "The last.")),
    "a last heading added": lambda cell: (*cell, block("heading", "Spring 2018")),
    "the last removed": lambda cell: cell[:-1],
    "the last two removed": lambda cell: cell[:-2],
    "the last one's kind changed": lambda cell: (*cell[:-1], other_kind(cell[-1])),
    "the first removed": lambda cell: cell[1:],
    "all of one kind made another": lambda cell: tuple(map(other_kind, cell)),
    "emptied": lambda cell: (),
    "all replaced": lambda cell: (block("paragraph", "Nothing of it is left."),),
    "turned round": lambda cell: cell[::-1],
    "signs that mean something elsewhere": lambda cell: (
        *cell,
        block("bullet", "R&D <minutes> {{ title }} {%p if x %} 100% </w:t>"),
    ),
}


def show(element: Any) -> str:
    """A paragraph with its mark as ¶, and {+…+} around what is added."""
    text = "".join(
        f"{{+{run.text}+}}" if run.getparent().tag == qn("w:ins") else run.text
        for run in element.iter(qn("w:r"))
    )
    added = element.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:ins')}") is not None
    return text + ("{+¶+}" if added else "¶")


def test_the_example_in_the_docstring_is_what_happens() -> None:
    lines = re.findall(r"^    (older|newer|merged) +(.*)$", paragraphs.__doc__ or "", re.MULTILINE)
    texts = dict(lines)
    document = Document()
    older, newer = (
        [document.add_paragraph(text.removesuffix("¶"))._p for text in texts[side].split()]
        for side in ("older", "newer")
    )
    entries = [MergedParagraph(old, new) for old, new in zip_longest(older, newer)]
    marks = Marks("A review", date(2017, 11, 14), 1)
    merged = Paragraphs(Lists(document), marks).merge(entries)
    assert " ".join(map(show, merged)) == texts["merged"]


@pytest.mark.parametrize(("said", "style"), [("Two.", "Heading 3"), ("Gone.", "List Bullet")])
def test_what_libreoffice_takes_for_moved_has_the_format_of_what_follows(
    said: str, style: str
) -> None:
    """It is removed here, and added to the end of the paragraph above or not."""
    document = Document()
    one, two, three = (document.add_paragraph(text)._p for text in ("One.", said, "Three."))
    new_one, new_three = (document.add_paragraph(text)._p for text in ("One. Two.", "Three."))
    for paragraph, name in ((two, "List Bullet"), (three, "Heading 3"), (new_three, "Heading 3")):
        Paragraph(paragraph, document).style = name
    merging = Paragraphs(Lists(document), Marks("A review", date(2017, 11, 14), 1))
    entries = [(one, new_one), (two, None), (three, new_three)]
    merged = list(merging.merge([MergedParagraph(*sides) for sides in entries]))
    body = OxmlElement("w:body")
    body.extend(merged)
    merging.settle_moved([body])
    assert merged[1].xpath("w:pPr/w:pStyle/@w:val") == [style.replace(" ", "")]
    assert merged[1].xpath("w:pPr/w:rPr/w:del"), "its mark is still tracked"
    older = merged[1].xpath("w:pPr/w:pPrChange/w:pPr/w:pStyle/@w:val")
    assert older == (["ListBullet"] if style != "List Bullet" else [])


@slow
@pytest.mark.parametrize("name", CELLS)
def test_whatever_becomes_of_a_cell_resolves_both_ways(name: str) -> None:
    def change(areas: tuple[Area, ...]) -> tuple[Area, ...]:
        actions = CELLS[name](areas[4].actions)
        return (*areas[:4], areas[4].model_copy(update={"actions": actions}), *areas[5:])

    demand_exact(JULY, with_areas(change))


def test_a_block_that_moved_to_another_cell_is_taken_out_and_put_in() -> None:
    def change(areas: tuple[Area, ...]) -> tuple[Area, ...]:
        first = areas[0]
        return (
            first.model_copy(
                update={
                    "impact": first.impact[1:],
                    "outcome": (*first.outcome, first.impact[0]),
                }
            ),
            *areas[1:],
        )

    demand_exact(JULY, with_areas(change))
