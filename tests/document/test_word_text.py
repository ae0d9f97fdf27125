"""What a Word file says is read as a reader of its pages would see it."""

from __future__ import annotations

import docx
import pytest
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from signed_plan.document.word_text import OWN_WORDS, read_text, story_roots, with_text
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.pages.proof import COUNT, ITEM, NUMBER, TOTAL

from tests.document.helpers import PLAN_TEMPLATE


def test_paragraphs_are_read_in_order_with_what_they_are_of() -> None:
    document = docx.Document()
    document.add_paragraph("A title")
    document.add_paragraph("   ")
    document.add_paragraph("in Autumn 2017, too")
    document.add_paragraph("Signed by")
    known = [("A title", "the key title"), ("Autumn 2017", "the key period")]
    text = read_text(document, known, "plan.docx")
    assert [(one.words, one.place, one.template) for one in text.paragraphs] == [
        ("A title", "the key title", "plan.docx"),
        ("in Autumn 2017, too", "the key period", "plan.docx"),
        ("Signed by", OWN_WORDS, "plan.docx"),
    ]


def test_the_paragraphs_of_one_cell_are_a_group() -> None:
    document = docx.Document()
    table = document.add_table(1, 2)
    for cell in table.rows[0].cells:
        cell.paragraphs[0].text = "One"
        cell.add_paragraph("Two")
    groups = [one.group for one in read_text(document, [], "").paragraphs]
    assert groups[0] == groups[1] != groups[2] == groups[3]


def in_a_run(document: Document, xml: str) -> None:
    document.add_paragraph("Before ")._p.append(parse_xml(f"<w:r {nsdecls('w')}>{xml}</w:r>"))


@pytest.mark.parametrize(
    "xml, said",
    [
        ("<w:delText>gone</w:delText>", "Before "),
        ("<w:noBreakHyphen/><w:t>x</w:t>", "Before -x"),
        ("<w:tab/><w:t>x</w:t>", "Before x"),
        ('<w:sym w:font="Symbol" w:char="00B1"/><w:t>x</w:t>', "Before \u00b1x"),
    ],
)
def test_only_what_is_printed_counts(xml: str, said: str) -> None:
    document = docx.Document()
    in_a_run(document, xml)
    assert read_text(document, [], "").paragraphs[0].words == said


FIELD = (
    '<w:fldChar w:fldCharType="begin"/><w:instrText> {} </w:instrText>'
    '<w:fldChar w:fldCharType="separate"/><w:t>7</w:t><w:fldChar w:fldCharType="end"/>'
)


@pytest.mark.parametrize(
    "instruction, said",
    [
        *(("PAGE", NUMBER), ("page", NUMBER), ("NUMPAGES \\* MERGEFORMAT", TOTAL)),
        ("REF x", "7"),
    ],
)
def test_a_number_that_depends_on_the_pages_is_a_sign(instruction: str, said: str) -> None:
    document = docx.Document()
    in_a_run(document, FIELD.format(instruction))
    assert read_text(document, [], "").paragraphs[0].words == f"Before {said}"


@pytest.mark.parametrize("instruction, said", [("PAGE", NUMBER), ("REF x", "7")])
def test_a_simple_field_is_read_in_the_same_way(instruction: str, said: str) -> None:
    document = docx.Document()
    document.add_paragraph("Before ")._p.append(
        parse_xml(
            f'<w:fldSimple {nsdecls("w")} w:instr=" {instruction} "><w:r><w:t>7</w:t></w:r>'
            "</w:fldSimple>"
        )
    )
    assert read_text(document, [], "").paragraphs[0].words == f"Before {said}"


def test_a_field_that_has_no_result_yet_is_a_sign_as_well() -> None:
    document = docx.Document()
    parts = FIELD.format("PAGE").split("<w:fldChar")
    in_a_run(document, "<w:fldChar".join((*parts[:2], parts[3])))
    assert read_text(document, [], "").paragraphs[0].words == f"Before {NUMBER}"


def test_what_stands_before_an_item_is_known() -> None:
    document = docx.Document()
    for style in ("List Number", "List Bullet", "Normal", "List Number"):
        document.add_paragraph("A", style=style)
    labels = [one.label for one in read_text(document, [], "").paragraphs]
    assert labels == ["1", ITEM, "", "2"]


def test_of_a_shape_with_a_fallback_the_words_count_once_and_apart() -> None:
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Boxed</w:t></w:r></w:p></w:txbxContent>"
    document.add_paragraph("Around")._p.append(
        parse_xml(
            f"<w:r {nsdecls('w')}><mc:AlternateContent "
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
            f'<mc:Choice Requires="wps">{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback>'
            "</mc:AlternateContent></w:r>"
        )
    )
    assert [one.words for one in read_text(document, [], "").paragraphs] == ["Around", "Boxed"]


@pytest.mark.parametrize("code", ["none", "110000", "F" * 30, "-1"])
def test_a_symbol_with_a_code_that_no_character_has_is_an_error(code: str) -> None:
    document = docx.Document()
    symbol = f'<w:r {nsdecls("w")}><w:sym w:char="{code}"/></w:r>'
    document.add_paragraph()._p.append(parse_xml(symbol))
    with pytest.raises(ValueError):
        read_text(document, [], "")


def test_headers_footers_and_repeated_headings_are_running() -> None:
    document = docx.Document()
    document.sections[0].footer.paragraphs[0].text = "A footer"
    row = document.add_table(2, 1).rows[0]
    row.cells[0].text = "A heading"
    row._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    text = read_text(document, [], "")
    assert sorted(text.running) == ["A footer", "A heading"]
    assert [one.words for one in text.paragraphs] == ["A heading"]
    assert len(story_roots(document)) == 2


def test_the_labels_of_lists_are_known() -> None:
    labels = read_text(docx.Document(), [], "").labels
    assert f"{COUNT}." in labels
    assert read_text(docx.Document(str(PLAN_TEMPLATE)), [], "").labels


def test_the_file_and_what_it_says_go_together() -> None:
    text = read_text(docx.Document(), [], "")
    assert with_text(WordFile(b"PK", b"PK2"), text).without_links == b"PK2"
    assert with_text(WordFile(b"PK"), text).text is text


@pytest.mark.parametrize(
    "look, said",
    {
        "<w:pPr><w:bidi/></w:pPr>": "Left-to-right",
        "<w:rPr><w:vanish/></w:rPr>": "Font > Hidden",
        '<w:rPr><w:spacing w:val="-80"/></w:rPr>': "Spacing and Position Normal",
        '<w:rPr><w:position w:val="40"/></w:rPr>': "Spacing and Position Normal",
        '<w:rPr><w:w w:val="20"/></w:rPr>': "Scale be 100%",
        '<w:pPr><w:spacing w:line="60" w:lineRule="exact"/></w:pPr>': "Line spacing: Single",
        '<w:pPr><w:ind w:left="-900"/></w:pPr>': "no indentation be less than 0",
        '<w:pPr><w:ind w:left="900"/></w:pPr>': "Make the column wider",
    }.items(),
)
def test_the_likely_cause_may_be_in_the_style_or_in_a_style_before_it(look: str, said: str) -> None:
    document = docx.Document()
    base = document.styles["List"]
    base.element.append(parse_xml(look.replace("Pr>", f"Pr {nsdecls('w')}>", 1)))
    cell = document.add_table(1, 1).cell(0, 0).paragraphs[0]
    cell.text = "Words"
    style = document.styles.add_style("Mine", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = base
    cell.style = style
    text = read_text(document, [], "plan.docx")
    assert said in text.remedy(text.paragraphs[0])
