"""Whatever its paper and margins, a template's tables, pictures and tab stops stay between them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm
from pypdf import PdfReader
from signed_plan.document.page_fit import fit_to_pages
from signed_plan.document.recipe import Templates, make_plan
from signed_plan.document.shown import missing_text, version_texts
from signed_plan.libreoffice.converter import Converter, find_libreoffice, start_converter

from tests.document.helpers import (
    PLAN_TEMPLATE,
    RECEIPT_TEMPLATE,
    SIGNOFF_TEMPLATE,
    a_plan,
    an_area,
    words,
)

SHIPPED = [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE]
PAPERS = {
    "portrait": (210, 297, 15),
    "A3": (420, 297, 15),
    "letter": (279.4, 215.9, 15),
    "A5": (210, 148, 10),
    "wide margins": (297, 210, 50),
    "small margins": (297, 210, 5),
}


def put_on(document: Document, width: float, height: float, margin: float) -> int:
    """Gives a document that paper and that margin at both sides, in mm; the room in twips."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = Mm(margin)
    room: int = round(section.page_width.twips) - 2 * round(section.left_margin.twips)
    return room


def number(element: Any, name: str = "w") -> int:
    found: str = element.get(qn(f"w:{name}"))
    return int(found)


def grid(table: Any) -> list[int]:
    return [number(column) for column in table.find(qn("w:tblGrid"))]


def cell_widths(row: Any) -> list[int]:
    return [number(cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")) for cell in row.findall(qn("w:tc"))]


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.name)
def test_a_shipped_template_stays_as_it_is_to_the_byte(template: Path) -> None:
    before, after = docx.Document(str(template)), docx.Document(str(template))
    fit_to_pages(after)
    for key, relation in before.part.rels.items():
        if not relation.is_external and "/styles" not in relation.reltype:
            assert relation.target_part.blob == after.part.rels[key].target_part.blob
    assert before.part.blob == after.part.blob


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.name)
@pytest.mark.parametrize("paper", PAPERS)
def test_every_table_follows_the_paper_with_its_columns_in_proportion(
    template: Path, paper: str
) -> None:
    document = docx.Document(str(template))
    old = [grid(table._tbl) for table in document.tables]
    room = put_on(document, *PAPERS[paper])
    fit_to_pages(document)
    for before, table in zip(old, document.tables, strict=True):
        columns = grid(table._tbl)
        assert sum(columns) == number(table._tbl.tblPr.find(qn("w:tblW"))) == room
        for was, width in zip(before, columns, strict=True):
            assert width == pytest.approx(was * room / sum(before), abs=1)
        for row in table._tbl.findall(qn("w:tr")):
            assert cell_widths(row) in (columns, [room])


def stops(paragraph: Any) -> list[int]:
    return [number(one, "pos") for one in paragraph.iter(qn("w:tab")) if qn("w:pos") in one.attrib]


@pytest.mark.parametrize("paper", PAPERS)
def test_the_tab_stops_of_a_footer_follow_the_paper(paper: str) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    room = put_on(document, *PAPERS[paper])
    fit_to_pages(document)
    middle, end = stops(document.sections[0].footer.paragraphs[0]._p)
    assert end == room
    assert middle == pytest.approx(room / 2, abs=2)


def pictures(document: Document) -> list[tuple[int, int]]:
    found = document.element.body.iter(qn("wp:inline"))
    sizes = [(picture.find(qn("wp:extent")), next(picture.iter(qn("a:ext")))) for picture in found]
    assert all(outer.attrib.items() == drawn.attrib.items() for outer, drawn in sizes)
    return [(int(outer.get("cx")), int(outer.get("cy"))) for outer, _ in sizes]


@pytest.mark.parametrize("paper", ["portrait", "A3"])
def test_a_place_to_sign_leaves_as_much_of_its_cell_as_before_and_keeps_its_height(
    paper: str,
) -> None:
    document = docx.Document(str(SIGNOFF_TEMPLATE))
    before = pictures(document)
    room = put_on(document, *PAPERS[paper])
    fit_to_pages(document)
    shares = (7_569, 7_569, 7_484)  # of 15,138 are the widths of their cells
    for (was, high), (wide, now), cell in zip(before, pictures(document), shares, strict=True):
        assert now == high
        assert (wide - was) / 635 == pytest.approx(cell * room / 15_138 - cell, abs=2)


def test_what_a_clerk_has_made_narrower_stays_so() -> None:
    document = docx.Document()
    table = document.add_table(1, 3)
    for column in table._tbl.iter(qn("w:gridCol")):
        column.set(qn("w:w"), "1000")
    before = document.part.blob
    fit_to_pages(document)
    assert document.part.blob == before


def body(xml: str) -> Any:
    return parse_xml(f"<w:body {nsdecls('w', 'wp', 'a')}>{xml}</w:body>")


def tbl(widths: list[int], cells: str = "", properties: str = "") -> str:
    total = sum(widths)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    made = cells or "".join(cell(width) for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{total}" w:type="dxa"/>{properties}</w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid><w:tr>{made}</w:tr></w:tbl>"
    )


def cell(width: int, inside: str = "", properties: str = "") -> str:
    own = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{properties}</w:tcPr>'
    return f"<w:tc>{own}{inside}<w:p/></w:tc>"


def section(width: int, more: str = "") -> str:
    return (
        f'<w:sectPr><w:pgSz w:w="{width + 2000}" w:h="9000"/>'
        f'<w:pgMar w:left="1000" w:right="1000"/>{more}</w:sectPr>'
    )


def fitted(xml: str) -> Any:
    """That body after it was fitted."""
    document = docx.Document()
    document.element.replace(document.element.body, body(xml))
    fit_to_pages(document)
    return document.element.body


def test_a_table_in_a_cell_keeps_inside_of_the_cell_that_has_become_narrower() -> None:
    outer = cell(6000, tbl([3000, 2700])) + cell(6000)
    found = fitted(tbl([6000, 6000], outer) + section(6000))
    first, inner = found.iter(qn("w:tbl"))
    assert grid(first) == [3000, 3000]
    assert sum(grid(inner)) == 3000 - 2 * 108
    assert cell_widths(inner.find(qn("w:tr"))) == grid(inner)
    assert cell_widths(first.find(qn("w:tr"))) == [3000, 3000]


def test_the_margins_of_a_cell_or_its_table_count() -> None:
    margins = '<w:tblCellMar><w:left w:w="50"/><w:right w:w="70"/></w:tblCellMar>'
    own = '<w:tcMar><w:left w:w="500"/></w:tcMar>'
    outer = cell(4000, tbl([9000]), own)
    found = fitted(tbl([4000], outer, margins) + section(4000))
    assert grid(next(found.iter(qn("w:tc"))).find(qn("w:tbl"))) == [4000 - 500 - 70]


@pytest.mark.parametrize(("indent", "width"), [(500, 5500), (-100, 6000)])
def test_an_indent_takes_room_and_gives_none(indent: int, width: int) -> None:
    found = fitted(tbl([9000], properties=f'<w:tblInd w:w="{indent}"/>') + section(6000))
    assert grid(found.find(qn("w:tbl"))) == [width]


def test_each_section_has_its_own_width_and_so_has_a_column_of_one() -> None:
    turned = f"<w:p><w:pPr>{section(3000)}</w:pPr></w:p>"
    two = section(6000, '<w:cols w:num="2" w:space="400"/>')
    found = fitted(tbl([9000]) + turned + tbl([9000]) + two)
    assert [grid(table) for table in found.findall(qn("w:tbl"))] == [[3000], [2800]]


def test_a_column_with_a_width_of_its_own_counts() -> None:
    columns = '<w:cols w:num="2"><w:col w:w="1500"/><w:col w:w="4000"/></w:cols>'
    assert grid(fitted(tbl([9000]) + section(6000, columns)).find(qn("w:tbl"))) == [1500]


def test_cells_that_span_columns_or_begin_later_have_the_width_of_their_columns() -> None:
    late = '<w:trPr><w:gridBefore w:val="1"/><w:wBefore w:w="3000" w:type="dxa"/></w:trPr>'
    cells = late + cell(6000, properties='<w:gridSpan w:val="2"/>')
    row = fitted(tbl([3000, 3000, 3000], cells) + section(6000)).find(f".//{qn('w:tr')}")
    assert cell_widths(row) == [4000]
    assert number(row.find(f"{qn('w:trPr')}/{qn('w:wBefore')}")) == 2000


def test_a_share_of_the_page_stays_a_share() -> None:
    shares = '<w:tc><w:tcPr><w:tcW w:w="5000" w:type="pct"/></w:tcPr><w:p/></w:tc>'
    xml = tbl([9000], shares).replace('<w:tblW w:w="9000" w:type="dxa"/>',
                                      '<w:tblW w:w="5000" w:type="pct"/>')  # fmt: skip
    found = fitted(xml + section(6000)).find(qn("w:tbl"))
    assert grid(found) == [6000]
    assert cell_widths(found.find(qn("w:tr"))) == [5000]
    assert number(found.tblPr.find(qn("w:tblW"))) == 5000


def test_a_table_in_a_text_box_keeps_inside_of_the_box() -> None:
    box = (
        '<w:p><w:r><w:drawing><wp:anchor><wp:extent cx="2540000" cy="1"/><a:graphic>'
        f"<w:txbxContent>{tbl([9000])}</w:txbxContent></a:graphic></wp:anchor></w:drawing></w:r></w:p>"
    )
    found = fitted(box + section(6000))
    assert grid(next(found.iter(qn("w:tbl")))) == [4000 - 2 * 144]


def test_a_picture_wider_than_its_place_becomes_smaller_in_proportion() -> None:
    picture = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="{0}" cy="635000"/><wp:docPr descr="Logo"/>'
        '<a:graphic><a:ext cx="{0}" cy="635000"/></a:graphic></wp:inline></w:drawing></w:r>'
    )
    wide, small = picture.format(6000 * 635 * 2), picture.format(100 * 635)
    found = fitted(f"<w:p>{wide}{small}</w:p>{section(6000)}")
    sizes = [(one.get("cx"), one.get("cy")) for one in found.iter(qn("wp:extent"), qn("a:ext"))]
    assert sizes == 2 * [(f"{6000 * 635}", "317500")] + 2 * [(f"{100 * 635}", "635000")]


def test_a_table_in_a_header_keeps_between_the_margins_of_the_narrowest_page_that_has_it() -> None:
    document = docx.Document()
    header = document.sections[0].header
    header._element.insert(0, parse_xml(tbl([9000]).replace("<w:tbl>", f"<w:tbl {nsdecls('w')}>")))
    document.add_section()
    put_on(document, 200, 200, 10)
    document.sections[1].page_width = Mm(100)
    document.sections[1].left_margin = document.sections[1].right_margin = Mm(10)
    fit_to_pages(document)
    assert grid(header._element.find(qn("w:tbl"))) == [pytest.approx(80 * 1440 / 25.4, abs=2)]


# On the finished pages


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with start_converter(find_libreoffice()) as running:
        yield running


def restyled(template: Path, folder: Path, paper: str) -> Path:
    document = docx.Document(str(template))
    put_on(document, *PAPERS[paper])
    document.save(str(folder / template.name))
    return folder / template.name


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_plan_in_portrait_shows_every_column_and_its_fields_lie_on_their_pages(
    converter: Converter, tmp_path: Path
) -> None:
    version = a_plan(tmp_path, an_area())
    made = make_plan(
        version,
        Templates(*(restyled(one, tmp_path, "portrait") for one in SHIPPED[:2])),
        converter,
    )
    assert missing_text(made.pdf, version_texts(version)) == ""
    (tmp_path / "plan.pdf").write_bytes(made.pdf)
    assert all(one.left > 40 and one.right < 595 - 40 for one in words(tmp_path / "plan.pdf"))
    for page in PdfReader(io.BytesIO(made.pdf)).pages:
        for field in page.get("/Annots", []):
            left, _, right, _ = map(float, field.get_object()["/Rect"])
            assert 40 < left < right < 595 - 38  # the shipped one, too, is a little too wide


def test_pages_of_the_plan_and_of_its_sign_off_may_differ_in_size(
    converter: Converter, tmp_path: Path
) -> None:
    version = a_plan(tmp_path, an_area())
    templates = Templates(restyled(PLAN_TEMPLATE, tmp_path, "A3"), SIGNOFF_TEMPLATE)
    made = make_plan(version, templates, converter)
    sizes = [round(float(one.mediabox.width)) for one in PdfReader(io.BytesIO(made.pdf)).pages]
    assert set(sizes) == {1191, 842}
    assert sizes == sorted(sizes, reverse=True)
