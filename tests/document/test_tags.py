"""The tag tree of the finished PDF, walked by other code than that which joined it."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NullObject, NumberObject
from signed_plan.document.tags import TagTree
from signed_plan.plan.model import CELLS

from tests.document.helpers import (
    MADE_UP,
    Papers,
    Word,
    content_ids,
    element_text,
    elements,
    is_element,
    kids,
    kind,
    object_id,
    operations,
    pages_of,
    piece_texts,
    standard_kind,
    tree_root,
    words,
)

slow = pytest.mark.slow("prints and reads many pages")

# ISO 32000-1, 14.8.4: what PDF 1.7 knows, and so all that PDF/UA-1 may use.
STANDARD = set(
    "/Document /Part /Sect /Div /P /H1 /H2 /H3 /L /LI /Lbl /LBody /Table /TR /TH /TD /THead "
    "/TBody /Span /Link /Figure /Form".split()
)
BULLETS = {"paragraph": "", "heading": "", "bullet": "•", "sub-bullet": "–"}
PAINTING = set("S s f F f* B B* b b* Do sh Tj TJ ' \" INLINE IMAGE".split(" "))


@pytest.fixture(scope="module", params=["2017-07", "2017-11", *MADE_UP])
def any_papers(
    request: pytest.FixtureRequest, both: dict[str, Papers], made_up: dict[str, Papers]
) -> Papers:
    return (both | made_up)[request.param]


@pytest.fixture(scope="module")
def reader(any_papers: Papers) -> PdfReader:
    return any_papers.reader


def _painted_ids(page: Any) -> list[int]:
    return [
        int(operands[1]["/MCID"])
        for operands, operator in operations(page)
        if operator == "BDC" and isinstance(operands[1], dict) and "/MCID" in operands[1]
    ]


def _parent_tree(reader: PdfReader) -> dict[int, Any]:
    numbers = tree_root(reader)["/ParentTree"].get_object()["/Nums"]
    return {int(numbers[at]): numbers[at + 1].get_object() for at in range(0, len(numbers), 2)}


def _annotations(page: Any) -> Iterator[Any]:
    for annotation in page.get("/Annots", ArrayObject()).get_object():
        yield annotation.get_object()


# Content and tree agree


@slow
def test_every_piece_of_content_belongs_to_exactly_one_element(reader: PdfReader) -> None:
    owners: Counter[tuple[int, int]] = Counter()
    for element in elements(tree_root(reader)):
        for content_id in content_ids(element):
            owners[object_id(element["/Pg"].get_object()), content_id] += 1
    painted = Counter(
        (object_id(page), content_id)
        for page in pages_of(reader)
        for content_id in _painted_ids(page)
    )
    assert painted == owners
    assert set(painted.values()) == {1}


@slow
def test_the_parent_tree_leads_from_every_piece_of_content_to_its_element(
    reader: PdfReader,
) -> None:
    rows = _parent_tree(reader)
    reachable = {object_id(element) for element in elements(tree_root(reader))}
    for page in pages_of(reader):
        row = rows[int(page["/StructParents"])]
        painted = _painted_ids(page)
        for content_id in painted:
            element = row[content_id].get_object()
            assert content_id in content_ids(element)
            assert object_id(element["/Pg"].get_object()) == object_id(page)
            assert object_id(element) in reachable
        unused = [entry for at, entry in enumerate(row) if at not in painted]
        assert all(isinstance(entry.get_object(), NullObject) for entry in unused)


def test_every_element_names_its_parent(reader: PdfReader) -> None:
    root = tree_root(reader)
    (document,) = kids(root)
    assert kind(document) == "/Document"
    for parent in (root, *elements(root)):
        for kid in filter(is_element, kids(parent)):
            assert object_id(kid["/P"].get_object()) == object_id(parent)


def test_no_row_of_the_parent_tree_is_used_twice_or_not_at_all(reader: PdfReader) -> None:
    # A page that only continues a row may have nothing that is tagged.
    used = [int(page["/StructParents"]) for page in pages_of(reader) if "/StructParents" in page]
    for page in pages_of(reader):
        used += [int(annotation["/StructParent"]) for annotation in _annotations(page)]
    rows = _parent_tree(reader)
    assert sorted(used) == sorted(rows)
    assert int(tree_root(reader)["/ParentTreeNextKey"]) > max(rows)


def test_every_annotation_belongs_to_an_element_and_every_reference_to_a_page(
    reader: PdfReader,
) -> None:
    _check_annotations(reader)


def _check_annotations(reader: PdfReader) -> None:
    rows = _parent_tree(reader)
    by_page = {
        object_id(annotation): object_id(page)
        for page in pages_of(reader)
        for annotation in _annotations(page)
    }
    referred = []
    for element in elements(tree_root(reader)):
        for kid in kids(element):
            if not isinstance(kid, NumberObject) and kid.get("/Type") == "/OBJR":
                annotation = kid["/Obj"].get_object()
                assert (
                    kind(element) == {"/Link": "/Link", "/Widget": "/Form"}[annotation["/Subtype"]]
                )
                assert by_page[object_id(annotation)] == object_id(
                    kid.get("/Pg", element.get("/Pg")).get_object()
                )
                assert object_id(rows[int(annotation["/StructParent"])]) == object_id(element)
                referred.append(object_id(annotation))
    assert sorted(referred) == sorted(by_page)


def test_pages_that_bring_links_of_their_own_can_be_appended(
    july: Papers, november: Papers
) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(november.plan_pdf))
    tags = TagTree(writer)
    tags.append(PdfReader(io.BytesIO(july.plan_pdf)))
    tags.close()
    written = io.BytesIO()
    writer.write(written)
    _check_annotations(PdfReader(written))


@slow
def test_nothing_is_painted_outside_tags_and_artifacts(reader: PdfReader) -> None:
    for page in pages_of(reader):
        depth = 0
        for operands, operator in operations(page):
            if operator in ("BDC", "BMC"):
                depth += 1
            elif operator == "EMC":
                depth -= 1
            assert depth >= 1 or operator not in PAINTING, (operator, operands)
        assert depth == 0


@slow
def test_marked_content_begins_and_ends_outside_text_objects_or_inside_one(
    reader: PdfReader,
) -> None:
    """ISO 32000-1, 14.6.1: the two kinds of brackets may not cross."""
    for page in pages_of(reader):
        open_brackets: list[str] = []
        for _, operator in operations(page):
            if operator in ("BDC", "BMC", "BT"):
                open_brackets.append("ET" if operator == "BT" else "EMC")
            elif operator in ("EMC", "ET"):
                assert open_brackets.pop() == operator
        assert not open_brackets


# What the tags say


def test_every_tag_is_a_standard_one_or_stands_for_one(reader: PdfReader) -> None:
    for element in elements(tree_root(reader)):
        assert standard_kind(reader, element) in STANDARD


def test_the_roles_of_both_templates_are_known(papers: Papers) -> None:
    roles = tree_root(papers.reader)["/RoleMap"].get_object()
    assert roles["/Links Label"] == roles["/Version Detail"] == "/P"


def test_lists_are_lists(reader: PdfReader) -> None:
    found = list(elements(tree_root(reader)))
    for element in found:
        below = {kind(kid) for kid in kids(element) if is_element(kid)}
        if kind(element) == "/L":
            assert below <= {"/LI", "/L"}
            assert "/LI" in below
            assert len(content_ids(element)) == 0
        elif kind(element) == "/LI":
            assert below <= {"/Lbl", "/LBody"}
            assert "/LBody" in below
        else:
            assert "/LI" not in below
    assert any(kind(element) == "/L" for element in found)


def _cell_lists(papers: Papers) -> list[list[Any]]:
    """For each area of the plan, the lists in its second cell: each bullet, and how deep it is."""
    reader = papers.reader
    pieces = piece_texts(reader)
    table = next(one for one in elements(tree_root(reader)) if kind(one) == "/Table")
    found = []
    for row in list(filter(is_element, kids(table)))[1:]:
        cell = list(filter(is_element, kids(row)))[2]
        lists = [kid for kid in kids(cell) if kind(kid) == "/L"]
        found.append([list(_bullets(one, pieces)) for one in lists])
    return found


def _bullets(
    element: Any, pieces: dict[tuple[int, int], str], depth: int = 1
) -> Iterator[tuple[str, int]]:
    for kid in filter(is_element, kids(element)):
        if kind(kid) == "/LI":
            yield element_text(kid, pieces)[0], depth
        yield from _bullets(kid, pieces, depth + (kind(kid) == "/L"))


@slow
def test_second_level_bullets_are_a_list_within_the_first_levels_item(
    november: Papers,
) -> None:
    areas = [area.id for area in november.version.plan.areas]
    (_, nested) = _cell_lists(november)[areas.index("pupil-premium")]
    assert nested == [("•", 1), ("–", 2), ("–", 2), ("–", 2)]


@pytest.mark.parametrize("name", ["lists", "tall"])
def test_no_bullet_is_left_out_whatever_it_follows_on_however_many_pages(
    name: str, made_up: dict[str, Papers]
) -> None:
    papers = made_up[name]
    for area, lists in zip(papers.version.plan.areas, _cell_lists(papers), strict=True):
        expected = [BULLETS[block.kind] for block in area.actions if BULLETS[block.kind]]
        assert [bullet for one in lists for bullet, _ in one] == expected


def test_headings_begin_with_the_title_and_leave_no_level_out(reader: PdfReader) -> None:
    levels = [
        int(kind(element)[2])
        for element in elements(tree_root(reader))
        if kind(element)[:2] == "/H"
    ]
    assert levels[0] == 1
    assert all(level <= before + 1 for before, level in itertools.pairwise(levels))


@slow
def test_titles_areas_and_reviews_are_headings(papers: Papers) -> None:
    reader = papers.reader
    pieces = piece_texts(reader)
    said: dict[str, list[str]] = {"/H1": [], "/H2": [], "/H3": []}
    for element in elements(tree_root(reader)):
        if kind(element) in said:
            said[kind(element)].append(element_text(element, pieces))
    plan = papers.version.plan
    assert said["/H1"] == ["Collaboration Action Plan", "Sign-off"]
    assert said["/H2"] == [
        plan.overriding_objective,
        *(area.name for area in plan.areas),
        "For the office",
        *(review.title for review in plan.reviews),
    ]


def test_every_cell_holds_its_own_text_in_reading_order(papers: Papers) -> None:
    reader = papers.reader
    pieces = piece_texts(reader)
    table = next(one for one in elements(tree_root(reader)) if kind(one) == "/Table")
    rows = list(filter(is_element, kids(table)))[1:]
    for row, area in zip(rows, papers.version.plan.areas, strict=True):
        for cell, name in zip(list(filter(is_element, kids(row)))[1:], CELLS, strict=True):
            expected = "".join(BULLETS[block.kind] + block.text for block in getattr(area, name))
            assert element_text(cell, pieces) == expected


def _attributes(element: Any) -> dict[str, Any]:
    found = element.get("/A", DictionaryObject()).get_object()
    groups = found if isinstance(found, ArrayObject) else [found]
    merged: dict[str, Any] = {}
    for group in groups:
        attributes = group.get_object()
        assert isinstance(attributes, DictionaryObject), "attributes within attributes"
        merged |= attributes
    return merged


def test_the_first_rows_of_every_table_head_its_columns(reader: PdfReader) -> None:
    """One, or two where the statement that is signed stands over all columns."""
    tables = [element for element in elements(tree_root(reader)) if kind(element) == "/Table"]
    assert len(tables) >= 2
    for table in tables:
        rows = [kids(row) for row in filter(is_element, kids(table))]
        heads = list(itertools.takewhile(lambda row: kind(row[-1]) == "/TH", rows))
        assert 1 <= len(heads) <= 2
        for head in heads:
            assert all(_attributes(cell)["/Scope"] == "/Column" for cell in head)
            spans = [int(_attributes(cell).get("/ColSpan", 1)) for cell in head]
            assert sum(spans) == len(heads[-1])
        assert rows[len(heads) :]
        for cells in rows[len(heads) :]:
            assert len(cells) == len(heads[-1])
            assert all(kind(cell) in ("/TD", "/TH") for cell in cells)
            assert all(kind(cell) == "/TD" for cell in cells[1:])


def test_the_name_of_an_area_heads_its_row(papers: Papers) -> None:
    table = next(one for one in elements(tree_root(papers.reader)) if kind(one) == "/Table")
    for row in list(filter(is_element, kids(table)))[1:]:
        assert kind(kids(row)[0]) == "/TH"
        assert _attributes(kids(row)[0])["/Scope"] == "/Row"


def test_every_figure_has_a_text_in_its_place(reader: PdfReader) -> None:
    for element in elements(tree_root(reader)):
        if kind(element) == "/Figure":
            assert str(element["/Alt"]).strip()


@slow
def test_every_link_leads_to_its_objective(papers: Papers) -> None:
    reader = papers.reader
    pages = {object_id(page): at for at, page in enumerate(reader.pages)}
    height = float(reader.pages[0].mediabox.height)
    printed = words(papers.path)
    links = 0
    for page in pages_of(reader):
        for annotation in _annotations(page):
            if annotation["/Subtype"] != "/Link":
                continue
            links += 1
            target, how, _, top, _ = annotation["/Dest"]
            assert how == "/XYZ"
            number = str(annotation["/Contents"]).removeprefix("Objective ")
            first = _first_word_below(
                printed, pages[object_id(target.get_object())], height - float(top)
            )
            assert first.text == f"{number}."
    assert links >= sum(len(area.links) for area in papers.version.plan.areas)


def _first_word_below(printed: list[Word], page: int, top: float) -> Word:
    below = [word for word in printed if word.page == page and word.top >= top - 3]
    return min(below, key=lambda word: (round(word.top), word.left))
