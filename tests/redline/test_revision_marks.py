"""Word's marks, as ISO/IEC 29500-1 wants them: in the right place, each with an id of its own."""

from __future__ import annotations

import datetime as dt

import pytest
from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from signed_plan.redline.revision_marks import Marks, TrackedWay


@pytest.fixture
def marks() -> Marks:
    return Marks("A review", dt.date(2017, 11, 14), 7)


@pytest.mark.parametrize(("way", "text"), [("ins", "w:t"), ("del", "w:delText")])
def test_content_is_tracked_with_author_day_and_id(
    marks: Marks, way: TrackedWay, text: str
) -> None:
    paragraph = Document().add_paragraph("Some words")
    marks.track_content(paragraph._p, way)
    (mark,) = paragraph._p.iterchildren(qn(f"w:{way}"))
    assert [one.text for one in mark.iter(qn(text))] == ["Some words"]
    assert [mark.get(qn(f"w:{name}")) for name in ("id", "author", "date")] == [
        *("7", "A review", "2017-11-14T00:00:00Z"),
    ]


def test_marks_inside_a_link_stay_inside_it(marks: Marks) -> None:
    paragraph = Document().add_paragraph("before ")._p
    link = OxmlElement("w:hyperlink")
    link.append(Document().add_paragraph("a link").runs[0]._r)
    paragraph.append(link)
    marks.track_content(paragraph, "ins")
    assert [child.tag for child in link] == [qn("w:ins")]
    assert {mark.get(qn("w:id")) for mark in paragraph.iter(qn("w:ins"))} == {"7", "8"}


def test_a_paragraph_s_mark_is_tracked_first_in_the_mark_s_properties(marks: Marks) -> None:
    paragraph = Document().add_paragraph("x", style="List Bullet")._p
    marks.track_mark(paragraph, "del")
    properties = paragraph.find(qn("w:pPr"))
    assert [child.tag for child in properties] == [qn("w:pStyle"), qn("w:rPr")]
    assert properties.find(qn("w:rPr"))[0].tag == qn("w:del")


def test_a_row_is_tracked_with_all_but_each_cell_s_last_mark(marks: Marks) -> None:
    table = Document().add_table(1, 2)
    for cell in table.rows[0].cells:
        cell.text = "first"
        cell.add_paragraph("last")
    row = table.rows[0]._tr
    marks.track_row(row, "del")
    assert row.find(f"{qn('w:trPr')}/{qn('w:del')}") is not None
    for cell in row.iterchildren(qn("w:tc")):
        tracked = [
            paragraph.find(f"{qn('w:pPr')}/{qn('w:rPr')}/{qn('w:del')}") is not None
            for paragraph in cell.iterchildren(qn("w:p"))
        ]
        assert tracked == [True, False]
    ids = [one.get(qn("w:id")) for one in row.iter(qn("w:del"))]
    assert len(ids) == len(set(ids)) == 1 + 2 * 3


def test_other_properties_are_kept_in_a_change_that_comes_last(marks: Marks) -> None:
    document = Document()
    old, new = (document.add_paragraph("x", style=name)._p for name in ("List Bullet", "Normal"))
    marks.track_format(new, old.find(qn("w:pPr")))
    change = new.find(qn("w:pPr"))[-1]
    assert change.tag == qn("w:pPrChange")
    assert [style.get(qn("w:val")) for style in change.iter(qn("w:pStyle"))] == ["ListBullet"]


def test_the_same_properties_are_no_change(marks: Marks) -> None:
    document = Document()
    old, new = (document.add_paragraph("x", style="List Bullet")._p for _ in range(2))
    marks.track_format(new, old.find(qn("w:pPr")))
    assert new.find(qn("w:pPr")).find(qn("w:pPrChange")) is None


@pytest.mark.parametrize("letter", ["x", "\N{SEEDLING}"])
def test_an_author_is_no_longer_than_word_takes(letter: str) -> None:
    paragraph = Document().add_paragraph("Some words")._p
    Marks(300 * letter, dt.date(2017, 11, 14), 1).track_content(paragraph, "ins")
    author = paragraph[0].get(qn("w:author"))
    assert author.lstrip(letter) == "…"
    assert 252 < len(author.encode("utf-16-le")) // 2 <= 255
