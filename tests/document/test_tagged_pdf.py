"""A PDF is read once, and what it is made of is told truly."""

from __future__ import annotations

from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject
from signed_plan.document.tagged_pdf import Tag, TaggedPdf, _read_marks, read_cells

from tests.document.helpers import Papers, content_ids, elements, kind, standard_kind, tree_root

_PIECE = b"/P<</MCID 3>>BDC\n"


@pytest.mark.slow("looks up each type of a whole tree by other code")
def test_the_walk_meets_every_element_in_reading_order(
    november: Papers, finished: PdfWriter
) -> None:
    tags = TaggedPdf(finished).tags
    expected = list(elements(tree_root(november.reader)))
    assert [str(tag.element["/S"]) for tag in tags] == [kind(one) for one in expected]
    assert [f"/{tag.kind}" for tag in tags] == [
        standard_kind(november.reader, one) for one in expected
    ]
    assert [[piece for _, piece in tag.pieces] for tag in tags] == [
        content_ids(one) for one in expected
    ]


@pytest.mark.parametrize(
    ("content", "loose", "mixed"),
    [
        (_PIECE + b"<01> Tj\nEMC\nq 1 0 0 1 0 0 cm\nQ", False, False),
        (b"/Artifact BMC\n/Artifact BMC\nS\nEMC\nf*\nEMC", False, False),
        (b"/Artifact <</Type /Pagination>> BDC\nS\nEMC", False, False),
        (_PIECE + b"EMC\n0 0 m 9 9 l S", True, False),
        (b"f*\n" + _PIECE + b"EMC", True, False),
        (b"0 0 9 9 re f " + _PIECE + b"EMC", True, False),
        (b"/Span<</Lang(en-GB)>>BDC\n<01>Tj\nEMC", True, False),
        (_PIECE + b"/Artifact BMC\nS\nEMC\nEMC", False, True),
        (b"/Artifact BMC\n" + _PIECE + b"S\nEMC\nEMC", False, True),
        (_PIECE + b"<0BDC0EC0> Tj\nEMC", False, False),
    ],
)
def test_what_is_painted_is_tagged_or_an_artifact_and_not_both(
    content: bytes, loose: bool, mixed: bool
) -> None:
    found = _read_marks(content)
    assert (found.loose, found.mixed) == (loose, mixed)
    assert found.pieces == ([3] if b"MCID" in content else [])


def _table(*rows: list[tuple[int, int]]) -> Tag:
    """A table of cells that span so many rows and columns."""

    def tag(kind: str, *kids: Tag, **attributes: int) -> Tag:
        group = {NameObject(f"/{key}"): NumberObject(value) for key, value in attributes.items()}
        element: Any = DictionaryObject({NameObject("/A"): DictionaryObject(group)})
        return Tag(element, kind, None, 0, kids=list(kids))

    cells = ([tag("TD", RowSpan=down, ColSpan=right) for down, right in row] for row in rows)
    first, *others = (tag("TR", *row) for row in cells)
    return tag("Table", tag("THead", first), tag("TBody", *others), tag("Caption"))


@pytest.mark.parametrize(
    ("rows", "even"),
    [
        ([[(1, 1), (1, 1)], [(1, 1), (1, 1)]], True),
        ([[(1, 2)], [(1, 1), (1, 1)]], True),
        ([[(2, 1), (1, 1)], [(1, 1)]], True),
        ([[(1, 1), (2, 1)], [(1, 1)]], True),
        ([[(1, 1)]], True),
        ([[(1, 1), (1, 1)], [(1, 1)]], False),
        ([[(1, 1)], [(1, 1), (1, 1)]], False),
        ([[(2, 1), (1, 1)], [(1, 1), (1, 1)]], False),
        ([[(1, 1), (1, 1)], [(2, 1), (1, 1)]], False),
        ([[(1, 1), (2, 1), (1, 1)], [(1, 2)]], False),
    ],
)
def test_a_table_is_even_or_it_is_not(rows: list[list[tuple[int, int]]], even: bool) -> None:
    assert (read_cells(_table(*rows)) is not None) is even


def test_each_cell_has_its_rows_and_columns() -> None:
    cells = read_cells(_table([(2, 1), (1, 2)], [(1, 1), (1, 1)])) or []
    assert [(list(one.rows), list(one.columns)) for one in cells] == [
        ([0, 1], [0]),
        ([0], [1, 2]),
        ([1], [1]),
        ([1], [2]),
    ]
