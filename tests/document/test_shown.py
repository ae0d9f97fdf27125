"""A PDF that lacks, hides or adds a word is refused, whatever in the template has made it so."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import RGBColor
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from signed_plan.document.context import plan_texts, signoff_texts
from signed_plan.document.recipe import Templates, make_draft, make_plan
from signed_plan.document.shown import missing_text, say, version_texts
from signed_plan.document.signoff import field_pages
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.extract.page_text import page_texts
from signed_plan.libreoffice.converter import Converter, find_libreoffice, start_converter
from signed_plan.pages.proof import Fault, PageText
from signed_plan.plan.source import Version

from tests.document.helpers import (
    PLAN_TEMPLATE,
    SIGNOFF_TEMPLATE,
    Papers,
    a_plan,
    an_area,
    elements,
    tree_root,
)
from tests.document.own_look import HEAD, LOGO, write_templates

MANY = pytest.mark.slow("prints plans of many sizes")


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with start_converter(find_libreoffice()) as running:
        yield running


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    long = "Share what works, and say what does not. " * 20
    bullets = [{"id": f"bullet-{n}", "bullet": f"{long} {n}"} for n in range(4)]
    return a_plan(tmp_path_factory.mktemp("plan"), an_area(actions=bullets))


def paragraph(document: Document, text: str) -> Any:
    return next(
        one
        for one in document.element.body.iter(qn("w:p"))
        if text in "".join(part.text or "" for part in one.iter(qn("w:t")))
    )


def set_run(document: Document, text: str, name: str, **values: str) -> None:
    for run in paragraph(document, text).iter(qn("w:r")):
        mark = OxmlElement(name)
        for key, value in values.items():
            mark.set(qn(f"w:{key}"), value)
        run.get_or_add_rPr().append(mark)


def hide(document: Document) -> None:
    set_run(document, "{{ title }}", "w:vanish")


def hide_by_style(document: Document) -> None:
    document.styles["Plan Period"].font.hidden = True


def hide_bullets(document: Document) -> None:
    document.styles["List Bullet"].font.hidden = True


def colour_white(document: Document) -> None:
    document.styles["Plan Period"].font.color.rgb = RGBColor(255, 255, 255)


def fix_height(document: Document) -> None:
    row = next(paragraph(document, "{{ area.name }}").iterancestors(qn("w:tr")))
    height = OxmlElement("w:trHeight")
    height.set(qn("w:val"), "900")
    height.set(qn("w:hRule"), "exact")
    row.get_or_add_trPr().append(height)


def fix_frame(document: Document) -> None:
    frame = OxmlElement("w:framePr")
    for key, value in (("w", "900"), ("h", "300"), ("hRule", "exact"), ("wrap", "around")):
        frame.set(qn(f"w:{key}"), value)
    paragraph(document, "{{ overriding_objective }}").get_or_add_pPr().insert(1, frame)


def cramp(document: Document) -> None:
    first, *_, last = document.tables[0]._tbl.iter(qn("w:gridCol"))
    first.set(qn("w:w"), "30000")
    last.set(qn("w:w"), "200")


def count_from_five(document: Document) -> None:
    style = document.styles["List Number"].element
    number = style.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}").get(qn("w:val"))
    lists = document.part.numbering_part.element
    (one,) = [one for one in lists.findall(qn("w:num")) if one.get(qn("w:numId")) == number]
    kind = one.find(qn("w:abstractNumId")).get(qn("w:val"))
    for abstract in lists.findall(qn("w:abstractNum")):
        if abstract.get(qn("w:abstractNumId")) == kind:
            abstract.find(f"{qn('w:lvl')}/{qn('w:start')}").set(qn("w:val"), "5")


def squeeze(document: Document) -> None:
    set_run(document, "{{ overriding_objective }}", "w:w", val="10")


def cover(document: Document) -> None:
    shape = parse_xml(
        f"<w:r {nsdecls('w', 'wp', 'a')} "
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor distT="0" distB="0" '
        'distL="0" distR="0" simplePos="0" relativeHeight="251" behindDoc="0" locked="0" '
        'layoutInCell="1" allowOverlap="1"><wp:simplePos x="0" y="0"/>'
        '<wp:positionH relativeFrom="page"><wp:posOffset>590550</wp:posOffset></wp:positionH>'
        '<wp:positionV relativeFrom="page"><wp:posOffset>627380</wp:posOffset></wp:positionV>'
        '<wp:extent cx="3924300" cy="223520"/><wp:wrapNone/>'
        '<wp:docPr id="99" name="B" descr="B"/>'
        "<a:graphic><a:graphicData "
        'uri="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><wps:wsp>'
        '<wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="3924300" cy="223520"/>'
        '</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill>'
        '<a:srgbClr val="FFFFFF"/></a:solidFill><a:ln><a:noFill/></a:ln></wps:spPr><wps:bodyPr/>'
        "</wps:wsp></a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>"
        "</mc:AlternateContent></w:r>"
    )
    paragraph(document, "{{ period }}").append(shape)


def add_turning_marks(document: Document) -> None:
    (tag,) = paragraph(document, "{{ overriding_objective }}").iter(qn("w:t"))
    tag.text = "In \u200f12\u200f 34 steps: {{ overriding_objective }}"


def add_page_number(document: Document) -> None:
    field = parse_xml(f'<w:fldSimple {nsdecls("w")} w:instr="PAGE"/>')
    added = document.add_paragraph("Page ")
    added._p.append(field)


def add_word_art(document: Document) -> None:
    shape = parse_xml(
        f'<w:r {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict>'
        '<v:shape style="width:400pt;height:160pt" fillcolor="silver"><v:textpath string="VOID"/>'
        "</v:shape></w:pict></w:r>"
    )
    document.sections[0].header.paragraphs[0]._p.append(shape)


def number_anew(document: Document) -> None:
    last = document.sections[-1]._sectPr
    first = deepcopy(last)
    holder = OxmlElement("w:p")
    holder.get_or_add_pPr().append(first)
    document.paragraphs[-1]._p.addprevious(holder)
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    last.append(start)


def turn_leftwards(document: Document) -> None:
    turned = paragraph(document, "{{ overriding_objective }}")
    turned.get_or_add_pPr().append(OxmlElement("w:bidi"))


def press_lines(document: Document) -> None:
    for one in document.element.body.iter(qn("w:p")):
        if "{{ block.text }}" in "".join(part.text or "" for part in one.iter(qn("w:t"))):
            space = OxmlElement("w:spacing")
            space.set(qn("w:line"), "120")
            space.set(qn("w:lineRule"), "exact")
            one.get_or_add_pPr().append(space)


FAULTS: dict[str, tuple[Callable[[Document], None], str, str]] = {
    "hidden text": (hide, '"A Plan" of the key title is missing', "Font > Hidden"),
    "a hidden style": (hide_by_style, '"2020" of the key period is missing', "Font > Hidden"),
    "a hidden style in a cell": (hide_bullets, "is missing", "Font > Hidden"),
    "white text": (colour_white, "it has the colour of what is behind it", "another colour"),
    "a row of exact height": (
        fix_height,
        "on page 2: something covers it or cuts it off",
        "Row height is: At least",
    ),
    "a frame of fixed size": (fix_frame, "of the key overriding-objective", "text box or frame"),
    "a column without room for letters": (cramp, "of the column", "Make the column wider"),
    "numbers that begin at 5": (count_from_five, "has not its number, 1, on page", "begin at 1"),
    "letters pressed together": (squeeze, "it is too small to be read", "the scale too"),
    "a shape that leaves only edges": (cover, "something covers it or cuts it off", "Look at it"),
    "words that change places": (
        add_turning_marks,
        "of the key overriding-objective is on page 1, but its words are not in their order",
        "Look at it",
    ),
    "the page's number in the text": (add_page_number, '"Page {PAGE}" of the template', "a field"),
    "a paragraph for Arabic": (
        turn_leftwards,
        "on page 1, but its words are not in their order",
        "Left-to-right",
    ),
    "lines that lie on each other": (
        press_lines,
        "other words or a field lie on it",
        "Line spacing",
    ),
    "word art": (add_word_art, '"VOID" of the template', "WordArt"),
}


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("change, message, remedy", FAULTS.values(), ids=FAULTS)
def test_a_template_that_hides_or_adds_words_is_refused_with_the_likely_cause(
    change: Callable[[Document], None],
    message: str,
    remedy: str,
    version: Version,
    converter: Converter,
    tmp_path: Path,
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    change(document)
    document.save(str(tmp_path / "plan.docx"))
    templates = Templates(tmp_path / "plan.docx", SIGNOFF_TEMPLATE)
    for make in (make_plan, make_draft):
        with pytest.raises(TemplateError) as raised:
            make(version, templates, converter)
        assert raised.value.exit_code == ExitCode.TEMPLATE
        assert raised.value.message.startswith("The PDF made with ")
        assert message in raised.value.message
        assert remedy in raised.value.remedy


def test_page_numbers_that_begin_again_are_refused(
    version: Version, converter: Converter, tmp_path: Path
) -> None:
    document = docx.Document(str(SIGNOFF_TEMPLATE))
    number_anew(document)
    document.save(str(tmp_path / "signoff.docx"))
    with pytest.raises(TemplateError, match="says that it is") as raised:
        make_plan(version, Templates(PLAN_TEMPLATE, tmp_path / "signoff.docx"), converter)
    assert "continue from the section before" in raised.value.remedy


def test_a_first_page_without_a_footer_is_refused_or_numbered_all_the_same(
    version: Version, converter: Converter, tmp_path: Path
) -> None:
    """LibreOffice 7.4 leaves its footer out, 25.2 does not."""
    document = docx.Document(str(PLAN_TEMPLATE))
    document.sections[0].different_first_page_header_footer = True
    document.sections[0].first_page_footer.is_linked_to_previous = False
    document.save(str(tmp_path / "plan.docx"))
    try:
        made = make_plan(version, Templates(tmp_path / "plan.docx", SIGNOFF_TEMPLATE), converter)
    except TemplateError as error:
        assert "page 1 of 5 has no number in its header or footer" in error.message
        assert "footer with the fields" in error.remedy
    else:
        assert "Page 1 of 5" in page_texts(made.pdf)[0]


def test_a_text_so_long_that_libreoffice_may_lose_its_end_is_whole_or_refused(
    converter: Converter, tmp_path: Path
) -> None:
    """LibreOffice 7.4 loses its last lines, 25.2 does not."""
    bullet = {"id": "long", "bullet": "many words " * 454 + "end"}
    version = a_plan(tmp_path, an_area(actions=[bullet]))
    try:
        made = make_plan(version, Templates(PLAN_TEMPLATE, SIGNOFF_TEMPLATE), converter)
    except TemplateError as error:
        assert "of the column actions is missing" in error.message
        assert error.remedy.startswith("It is very long")
    else:
        assert "".join(page_texts(made.pdf)).count("many") == 454


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("floating", [False, True], ids=["in line", "floating"])
def test_templates_with_a_logo_and_words_of_their_own_are_taken(
    floating: bool, version: Version, converter: Converter, tmp_path: Path
) -> None:
    write_templates(tmp_path / "own", floating=floating)
    own = Templates(tmp_path / "own/plan.docx", tmp_path / "own/signoff.docx")
    made = make_plan(version, own, converter)
    assert missing_text(made.pdf, version_texts(version)) == ""
    pages = PdfReader(io.BytesIO(made.pdf)).pages
    assert all(HEAD in page.extract_text() for page in pages)
    figures = [one.get("/Alt") for one in elements(tree_root(PdfReader(io.BytesIO(made.pdf))))]
    assert figures.count(LOGO) == 2, "in each file's text; what is in a header is not read out"


# What is signed, beside the boxes

STATEMENTS = ["It was monitored, and reviewed.", "We agree that it says what our schools will do."]
LEFTWARDS = "תוכנית העבודה נבדקה, ואושרה (בשנת 2017)."


def signed_by(folder: Path, count: int, statements: list[str] = STATEMENTS) -> Version:
    """A plan that as many people sign."""
    people = [
        {"id": f"p{at}", "name": f"Person{at} Example", "role": "Governor", "school": "a-school"}
        for at in range(count)
    ]
    review = {
        "id": "all",
        "title": "Everyone's review",
        "version": "2020-01",
        "date": "2020-03-02",
        "statements": statements,
        "signatories": [person["id"] for person in people],
    }
    return a_plan(folder, people=people, reviews=[review])


@pytest.mark.parametrize("count", [1, 5, pytest.param(25, marks=MANY), pytest.param(2, marks=MANY)])
def test_everybody_signs_on_a_page_that_says_what_is_signed(
    tmp_path: Path, converter: Converter, count: int
) -> None:
    templates = Templates(PLAN_TEMPLATE, SIGNOFF_TEMPLATE)
    pdf = make_plan(signed_by(tmp_path, count), templates, converter).pdf
    texts = [" ".join(text.split()) for text in page_texts(pdf)]
    pages = set(field_pages(pdf).values()) - {field_pages(pdf)["office-seal"]}
    boxes = [text for text in texts if "Governor" in text]
    assert count < 5 or len(boxes) == len(pages)
    for text in boxes:
        assert all(statement in text for statement in STATEMENTS)
        assert text.index(STATEMENTS[0]) < text.index("Signatory") < text.index("Governor")


def test_a_statement_written_leftwards_is_repeated_over_the_boxes_overleaf(
    tmp_path: Path, converter: Converter
) -> None:
    version = signed_by(tmp_path, 12, [LEFTWARDS])
    pdf = make_plan(version, Templates(PLAN_TEMPLATE, SIGNOFF_TEMPLATE), converter).pdf
    letters = sorted(LEFTWARDS.replace(" ", ""))
    for page in {page for name, page in field_pages(pdf).items() if name.startswith("all:")}:
        shown = sorted("".join(page_texts(pdf)[page - 1].split()))
        assert all(shown.count(letter) >= letters.count(letter) for letter in letters)


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_template_that_says_it_only_on_the_first_page_of_boxes_is_refused(
    tmp_path: Path, converter: Converter
) -> None:
    document = docx.Document(str(SIGNOFF_TEMPLATE))
    (row,) = {*paragraph(document, "{{ statement }}").iterancestors(qn("w:tr"))}
    row.trPr.remove(row.trPr.find(qn("w:tblHeader")))
    template = tmp_path / "signoff.docx"
    document.save(str(template))
    templates = Templates(PLAN_TEMPLATE, template)
    assert make_plan(signed_by(tmp_path / "few", 2), templates, converter).pages == 3
    said = rf'^People sign on page \d, but not all of "{re.escape(STATEMENTS[0])}" is there\.$'
    with pytest.raises(TemplateError, match="People sign on page") as caught:
        make_plan(signed_by(tmp_path / "many", 12), templates, converter)
    assert re.match(said, caught.value.message)
    assert "a heading row of the table" in caught.value.remedy
    with pytest.raises(TemplateError, match="People sign on page"):
        make_draft(signed_by(tmp_path / "draft", 12), templates, converter)


def test_the_shipped_plans_pages_show_every_text_of_it(papers: Papers) -> None:
    assert missing_text(papers.pdf, version_texts(papers.version)) == ""


def test_a_note_on_a_page_is_none_of_the_documents_own(july: Papers) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(july.pdf))
    writer.add_annotation(2, FreeText(text="NOT AGREED", rect=(400, 40, 500, 60)))
    with_note = io.BytesIO()
    writer.write(with_note)
    told = missing_text(with_note.getvalue(), version_texts(july.version))
    assert told == "on page 3 there is a note, a stamp or the like, which was put on it later"


def test_pages_of_another_version_lack_a_text_of_this_one(july: Papers, november: Papers) -> None:
    assert missing_text(july.pdf, version_texts(november.version)) == (
        '"Amended and updated following review by head teachers – N…" of the key amendment '
        "is missing"
    )


def test_all_texts_of_a_version_are_looked_for_and_those_of_a_list_are_a_group(
    papers: Papers,
) -> None:
    found = version_texts(papers.version)
    wanted = [*plan_texts(papers.version), *signoff_texts(papers.version)]
    assert [(one.words, one.place) for one in found] == wanted
    objectives = {one.group for one in found if one.place == "the key text"}
    assert len(objectives) == 1
    assert len({one.group for one in found}) > len(papers.version.plan.areas)


@pytest.mark.parametrize(
    "fault, said",
    [
        (Fault("missing", PageText("A", "the title")), '"A" of the title is missing'),
        (
            Fault("hidden", PageText("A", "the title"), 3, "it runs off the page"),
            '"A" of the title cannot be seen on page 3: it runs off the page',
        ),
        (
            Fault("order", PageText("A", "the title"), 3),
            '"A" of the title is on page 3, but not in its order',
        ),
        (
            Fault("surplus", PageText("A", ""), 3),
            'page 3 prints "A", which is not in the Word file',
        ),
        (
            Fault("number", PageText("1 of 9", "a footer"), 8, "8 of 8"),
            'page 8 of 8 says that it is "1 of 9"',
        ),
        (
            Fault("number", PageText("", "a footer"), 8, "8 of 8"),
            "page 8 of 8 has no number in its header or footer",
        ),
        (
            Fault("label", PageText("A", "the title"), 1, "3"),
            '"A" of the title has not its number, 3, on page 1',
        ),
    ],
)
def test_every_kind_of_fault_is_a_clause(fault: Fault, said: str) -> None:
    assert say(fault) == said
