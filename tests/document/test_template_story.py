"""What Word leaves in a template: taken out where no word changes, else refused by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from signed_plan.document.render import render_plan
from signed_plan.document.template_file import open_template
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.plan.source import Version

from tests.document.helpers import PLAN_TEMPLATE, a_plan, opened
from tests.document.word_parts import add_picture, saved, shape, word_xml

SHIPPED = PLAN_TEMPLATE.read_bytes()
BY = "w:id='900' w:author='Clerk' w:date='2017-01-01T00:00:00Z'"


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return a_plan(tmp_path_factory.mktemp("plan"))


@pytest.fixture
def template(tmp_path: Path) -> Document:
    return docx.Document(str(PLAN_TEMPLATE))


def body_paragraph(document: Document, text: str) -> Any:
    return next(
        one
        for one in document.element.body.iter(qn("w:p"))
        if text in "".join(part.text or "" for part in one.iter(qn("w:t")))
    )


def is_like_shipped(document: Document, version: Version, folder: Path) -> bool:
    """Whether the template makes the Word file that the shipped one makes, byte for byte."""
    (folder / "plan.docx").write_bytes(saved(document))
    made = render_plan(version, folder / "plan.docx").data
    return made == render_plan(version, PLAN_TEMPLATE).data


def refusal(document: Document, folder: Path) -> TemplateError:
    (folder / "plan.docx").write_bytes(saved(document))
    with pytest.raises(TemplateError) as raised:
        open_template(folder / "plan.docx")
    assert raised.value.exit_code == ExitCode.TEMPLATE
    assert raised.value.message.startswith("plan.docx has ")
    assert raised.value.remedy
    return raised.value


# ------------------------------------------------------------------------------------ taken out


def comment(document: Document) -> None:
    """As Word writes it, around a tag in a cell, and one around nothing."""
    for text in ("{{ title }}", "{{ area.name }}"):
        found = document.paragraphs[0] if text == "{{ title }}" else None
        runs = found.runs if found else document.tables[0].rows[2].cells[0].paragraphs[0].runs
        document.add_comment(runs, "Is that so?", "Clerk", "C")


def comment_in_the_footer(document: Document) -> None:
    footer = document.sections[0].footer._element
    paragraph = next(footer.iter(qn("w:p")))
    paragraph.append(word_xml("<w:commentRangeStart w:id='7'/>"))
    paragraph.append(word_xml("<w:commentRangeEnd w:id='7'/>"))
    paragraph.append(word_xml("<w:r><w:rPr><w:b/></w:rPr><w:commentReference w:id='7'/></w:r>"))


def bookmark(document: Document) -> None:
    """One begins in a paragraph and ends behind the last paragraph of a cell."""
    cell = document.tables[0].rows[2].cells[1]._tc
    start = "<w:bookmarkStart w:id='1' w:name='_GoBack'/>"
    body_paragraph(document, "{{ title }}").append(word_xml(start))
    cell.append(word_xml("<w:bookmarkEnd w:id='1'/>"))


def wrap(name: str, properties: str = "", content: str = "") -> Callable[[Any], None]:
    """Puts an element into one of another kind, in its place."""

    def put(element: Any) -> None:
        wrapper = word_xml(f"<{name}>{properties}</{name}>")
        element.addprevious(wrapper)
        if content:
            wrapper.append(word_xml(f"<{content}/>"))
            wrapper[-1].append(element)
        else:
            wrapper.append(element)

    return put


BOUND = (
    "<w:sdtPr><w:id w:val='123456'/><w:dataBinding w:prefixMappings=\"xmlns:ns0="
    "'http://purl.org/dc/elements/1.1/'\" w:xpath='/ns1:coreProperties[1]/ns0:subject[1]' "
    "w:storeItemID='{6C3C8BC8-F283-45AE-878A-BAB7291924A1}'/><w:text/></w:sdtPr>"
)
control = wrap("w:sdt", BOUND, "w:sdtContent")


def control_words(document: Document) -> None:
    control(body_paragraph(document, "{{ title }}").find(qn("w:r")))


def control_paragraph(document: Document) -> None:
    control(body_paragraph(document, "{{ period }}"))


def control_end_of_cell(document: Document) -> None:
    control(document.tables[0].rows[2].cells[1].paragraphs[-1]._p)


def control_cell(document: Document) -> None:
    control(document.tables[0].rows[2].cells[1]._tc)


def control_row(document: Document) -> None:
    control(document.tables[0].rows[2]._tr)


def control_in_control(document: Document) -> None:
    control_paragraph(document)
    control(body_paragraph(document, "{{ period }}").find(qn("w:r")))
    control(body_paragraph(document, "{{ period }}").find(qn("w:sdt")))


def control_footer(document: Document) -> None:
    control(next(document.sections[0].footer._element.iter(qn("w:r"))))


def tag_smartly(document: Document) -> None:
    run = body_paragraph(document, "{{ title }}").find(qn("w:r"))
    wrap("w:smartTag", "<w:smartTagPr/>")(run)


def empty_control(document: Document) -> None:
    document.paragraphs[0]._p.append(word_xml("<w:sdt><w:sdtPr/><w:sdtContent/></w:sdt>"))


def track_later_changes(document: Document) -> None:
    document.settings.element.insert(0, word_xml("<w:trackRevisions/>"))


def track_a_style(document: Document) -> None:
    style = document.styles["Heading 1"].element.get_or_add_rPr()
    style.append(word_xml(f"<w:rPrChange {BY}><w:rPr><w:b/></w:rPr></w:rPrChange>"))


HARMLESS = [
    *(comment, comment_in_the_footer, bookmark, tag_smartly, empty_control),
    *(control_words, control_paragraph, control_end_of_cell, control_cell, control_row),
    *(control_in_control, control_footer, track_later_changes, track_a_style),
]


@pytest.mark.parametrize("put", HARMLESS)
def test_what_changes_no_word_is_taken_out_and_leaves_nothing_behind(
    put: Callable[[Document], None], template: Document, version: Version, tmp_path: Path
) -> None:
    put(template)
    assert is_like_shipped(template, version, tmp_path)


def test_a_bookmark_that_a_link_leads_to_stays_with_an_id_of_its_own(
    template: Document, version: Version, tmp_path: Path
) -> None:
    first = template.paragraphs[0]._p
    first.insert(1, word_xml("<w:bookmarkStart w:id='1' w:name='top'/>"))
    template.tables[0].rows[2].cells[1]._tc.append(word_xml("<w:bookmarkEnd w:id='1'/>"))
    first.append(word_xml("<w:hyperlink w:anchor='top'><w:r><w:t> up</w:t></w:r></w:hyperlink>"))
    (tmp_path / "plan.docx").write_bytes(saved(template))
    made = opened(render_plan(version, tmp_path / "plan.docx").data).element.body
    marks = [one for one in made.iter(qn("w:bookmarkStart")) if one.get(qn("w:name")) == "top"]
    ends = [one.get(qn("w:id")) for one in made.iter(qn("w:bookmarkEnd"))]
    assert len(marks) == 1
    assert ends.count(marks[0].get(qn("w:id"))) == 1
    ids = [one.get(qn("w:id")) for one in made.iter(qn("w:bookmarkStart"))]
    assert len(ids) == len(set(ids))
    assert all(cell[-1].tag == qn("w:p") for cell in made.iter(qn("w:tc")))


def test_a_bookmark_behind_the_last_paragraph_of_a_cell_goes_into_it(
    template: Document, version: Version, tmp_path: Path
) -> None:
    cells = [template.tables[0].rows[at].cells[0]._tc for at in (0, 1)]
    for cell, name in ((cells[0], "here"), (cells[0], "below")):
        cell.append(word_xml(f"<w:bookmarkStart w:id='{len(name)}' w:name='{name}'/>"))
    cells[0].append(word_xml("<w:bookmarkEnd w:id='4'/>"))
    cells[1].append(word_xml("<w:bookmarkEnd w:id='5'/>"))
    for name in ("here", "below"):
        link = f"<w:hyperlink w:anchor='{name}'><w:r><w:t> {name}</w:t></w:r></w:hyperlink>"
        template.paragraphs[0]._p.append(word_xml(link))
    (tmp_path / "plan.docx").write_bytes(saved(template))
    made = opened(render_plan(version, tmp_path / "plan.docx").data)
    cell = made.tables[0].rows[0].cells[0]._tc
    assert cell[-1].tag == qn("w:p")
    marks = [one for one in cell[-1] if one.tag.endswith(("bookmarkStart", "bookmarkEnd"))]
    assert [one.get(qn("w:name")) for one in marks] == ["here", None, "below", None]
    ids = [one.get(qn("w:id")) for one in marks]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_style_that_does_not_say_of_what_kind_it_is_is_one_of_paragraphs(
    template: Document, version: Version, tmp_path: Path
) -> None:
    for style in template.styles.element.iter(qn("w:style")):
        if style.get(qn("w:type")) == "paragraph":
            del style.attrib[qn("w:type")]
    (tmp_path / "plan.docx").write_bytes(saved(template))
    made = opened(render_plan(version, tmp_path / "plan.docx").data)
    assert {one.name for one in made.styles} == {
        one.name for one in docx.Document(str(PLAN_TEMPLATE)).styles
    }


def test_a_cell_that_ends_in_a_table_gets_its_paragraph(
    template: Document, version: Version, tmp_path: Path
) -> None:
    cell = template.tables[0].rows[0].cells[0]
    cell.add_table(1, 1).rows[0].cells[0].text = "inside"
    cell._tc.remove(cell._tc[-1])
    assert cell._tc[-1].tag == qn("w:tbl")
    (tmp_path / "plan.docx").write_bytes(saved(template))
    made = opened(render_plan(version, tmp_path / "plan.docx").data).element.body
    assert all(one[-1].tag == qn("w:p") for one in made.iter(qn("w:tc")))


# -------------------------------------------------------------------------------------- refused


def mark_run(change: str) -> Callable[[Document], None]:
    def put(document: Document) -> None:
        run = body_paragraph(document, "{{ title }}").find(qn("w:r"))
        wrap(change)(run)

    return put


def mark_format(document: Document) -> None:
    run = body_paragraph(document, "{{ title }}").find(qn("w:r"))
    run.get_or_add_rPr().append(word_xml(f"<w:rPrChange {BY}/>"))


def mark_properties(of: str, change: str) -> Callable[[Document], None]:
    def put(document: Document) -> None:
        for element in document.element.body.iter(qn(of)):
            element.append(word_xml(f"<{change}/>"))
            return

    return put


def mark_row(change: str) -> Callable[[Document], None]:
    def put(document: Document) -> None:
        document.tables[0].rows[1]._tr.get_or_add_trPr().append(word_xml(f"<{change} {BY}/>"))

    return put


def mark_in(place: str) -> Callable[[Document], None]:
    def put(document: Document) -> None:
        story = getattr(document.sections[0], place)
        if place != "footer":
            story.paragraphs[0].text = "Words"
        wrap("w:ins")(next(story._element.iter(qn("w:r"))))

    return put


TRACKED = {
    "inserted": (mark_run("w:ins"), 'the text, the first at "{{ title }}"'),
    "moved": (mark_run("w:moveTo"), 'the text, the first at "{{ title }}"'),
    "a format": (mark_format, 'the text, the first at "{{ title }}"'),
    "a paragraph's format": (mark_properties("w:pPr", "w:pPrChange"), "the text"),
    "a section's format": (mark_properties("w:sectPr", "w:sectPrChange"), "the text"),
    "a table's format": (mark_properties("w:tblPr", "w:tblPrChange"), "the text"),
    "a cell": (mark_properties("w:tcPr", "w:cellIns"), "the text"),
    "a row": (mark_row("w:del"), "the text"),
    "in the footer": (mark_in("footer"), "a footer"),
    "in the header": (mark_in("header"), 'a header, the first at "Words"'),
    "in the first page's header": (mark_in("first_page_header"), "a header"),
}


@pytest.mark.slow("tries many made-up templates")
@pytest.mark.parametrize(("put", "where"), TRACKED.values(), ids=TRACKED)
def test_tracked_changes_are_refused_with_their_place(
    put: Callable[[Document], None], where: str, template: Document, tmp_path: Path
) -> None:
    put(template)
    error = refusal(template, tmp_path)
    assert f"has tracked changes in {where}" in error.message
    assert "Accept All Changes" in error.remedy


def field(instruction: str, simple: bool) -> Any:
    quoted = instruction.replace('"', "&quot;")
    if simple:
        return word_xml(
            f'<w:fldSimple w:instr="{quoted}"><w:r><w:t>shown</w:t></w:r></w:fldSimple>'
        )
    half = len(instruction) // 2
    return word_xml(
        "<w:hyperlink><w:r><w:fldChar w:fldCharType='begin'/></w:r>"
        f"<w:r><w:instrText xml:space='preserve'>{instruction[:half]}</w:instrText></w:r>"
        f"<w:r><w:instrText xml:space='preserve'>{instruction[half:]}</w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>shown</w:t></w:r>"
        "<w:r><w:fldChar w:fldCharType='end'/></w:r></w:hyperlink>"
    )


@pytest.mark.slow("tries many made-up templates")
@pytest.mark.parametrize("simple", [True, False], ids=["one element", "in pieces"])
@pytest.mark.parametrize(
    ("instruction", "told"),
    [
        ('INCLUDEPICTURE "http://example.org/x.png" \\d', "leads out of the file"),
        (' includetext "C:\\\\x.docx" ', "leads out of the file"),
        ("DDEAUTO Excel Sheet1 R1C1", "leads out of the file"),
        ('HYPERLINK "file:///c:/x.docx"', "leads out of the file"),
        ('DATE \\@ "d MMMM yyyy"', "fill in anew"),
        ("DOCPROPERTY Subject", "fill in anew"),
        ('IF 1 = 1 "yes" "no"', "fill in anew"),
        ("MERGEFIELD Name", "fill in anew"),
        ("=SUM(ABOVE)", "fill in anew"),
        ('STYLEREF "Heading 1"', "fill in anew"),
        ("EQ \\f(1,2)", "fill in anew"),
        ("SECTIONPAGES", "fill in anew"),
    ],
)
def test_fields_that_fetch_or_compute_words_are_refused_by_name(
    instruction: str, told: str, simple: bool, template: Document, tmp_path: Path
) -> None:
    template.sections[0].footer.paragraphs[0]._p.append(field(instruction, simple))
    error = refusal(template, tmp_path)
    assert f'the field "{instruction.strip()}" in a footer' in error.message
    assert told in error.message
    assert "Ctrl+Shift+F9" in error.remedy


@pytest.mark.parametrize(
    "instruction",
    ["PAGE", " NUMPAGES \\* Arabic ", 'HYPERLINK "https://example.org/"', 'HYPERLINK \\l "top"'],
)
def test_fields_that_number_pages_or_lead_to_web_pages_are_taken(
    instruction: str, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[0]._p.append(field(instruction, simple=False))
    (tmp_path / "plan.docx").write_bytes(data := saved(template))
    assert open_template(tmp_path / "plan.docx") == data


def test_line_numbers_are_refused(template: Document, tmp_path: Path) -> None:
    template.sections[0]._sectPr.append(word_xml("<w:lnNumType w:countBy='5'/>"))
    assert "line numbers" in refusal(template, tmp_path).message


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ("<m:oMath><m:r><m:t>a = b</m:t></m:r></m:oMath>", "an equation"),
        ("<w:r><w:yearLong/></w:r>", "a date that Word fills in"),
    ],
)
def test_what_word_prints_and_libreoffice_leaves_out_is_refused_by_name(
    inside: str, what: str, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[0]._p.append(parse_xml(inside.replace(">", f" {nsdecls('w', 'm')}>", 1)))
    error = refusal(template, tmp_path)
    assert f'has {what} in the text, near "{{{{ title }}}}", which the PDF would' in error.message
    assert error.remedy.startswith("Type it as plain text")


# ------------------------------------------------------------------------------------- pictures

DECORATIVE = (
    "<a:extLst><a:ext uri='{C183D7F6-B498-43B3-948B-1728B52AA6E4}'>"
    "<adec:decorative val='1'/></a:ext></a:extLst>"
)


def test_a_picture_without_an_alternative_text_is_named_with_its_place(
    template: Document, tmp_path: Path
) -> None:
    add_picture(template.paragraphs[0].insert_paragraph_before(), name="Picture 3", descr=" ")
    template.paragraphs[0].insert_paragraph_before("Our school")
    error = refusal(template, tmp_path)
    assert error.message == (
        "plan.docx has a picture without an alternative text in the text: "
        '"Picture 3", near "Our school".'
    )
    assert "Edit Alt Text" in error.remedy


@pytest.mark.parametrize("name", ["descr", "title"])
def test_a_picture_with_an_alternative_text_is_taken(
    name: str, template: Document, tmp_path: Path
) -> None:
    add_picture(template.paragraphs[0], **{name: "The school's logo"})
    add_picture(template.sections[0].header.paragraphs[0], **{name: "The school's logo"})
    (tmp_path / "plan.docx").write_bytes(data := saved(template))
    assert open_template(tmp_path / "plan.docx") == data


def test_a_decorative_picture_is_taken_in_a_header_and_in_the_text_it_is_refused(
    template: Document, tmp_path: Path
) -> None:
    add_picture(template.sections[0].header.paragraphs[0]).append(word_xml(DECORATIVE))
    (tmp_path / "plan.docx").write_bytes(data := saved(template))
    assert open_template(tmp_path / "plan.docx") == data
    add_picture(template.paragraphs[0]).append(word_xml(DECORATIVE))
    assert "only works in a header or footer" in refusal(template, tmp_path).remedy


def test_a_text_box_is_described_by_its_own_words(
    template: Document, version: Version, tmp_path: Path
) -> None:
    template.paragraphs[1]._p.append(shape(words="Our plan {{ version }}"))
    (tmp_path / "plan.docx").write_bytes(saved(template))
    made = opened(render_plan(version, tmp_path / "plan.docx").data).element.body
    (named,) = made.iter(qn("wp:docPr"))
    assert named.get("descr") == "Our plan 2020-01"


@pytest.mark.parametrize("words", ["", "{% if period %}{{ period }}{% endif %}"])
def test_a_shape_without_an_alternative_text_is_named(
    words: str, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[1]._p.append(shape(words=words))
    assert refusal(template, tmp_path).message == (
        'plan.docx has a drawing without an alternative text in the text: "Shape 1", near '
        f'"{{{{ period }}}}{words}".'
    )


def test_a_described_shape_that_is_not_in_line_is_taken(template: Document, tmp_path: Path) -> None:
    template.paragraphs[1]._p.append(shape("A rule"))
    (tmp_path / "plan.docx").write_bytes(data := saved(template))
    assert open_template(tmp_path / "plan.docx") == data


@pytest.mark.parametrize(("inline", "group"), [(True, False), (False, True)])
def test_a_drawing_whose_description_libreoffice_loses_is_refused(
    inline: bool, group: bool, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[1]._p.append(shape("A rule", inline=inline, group=group))
    error = refusal(template, tmp_path)
    assert "has a drawing in the text whose alternative text would be lost" in error.message
    assert "Wrap Text > Square" in error.remedy


DRAWN = {
    "a line": ("<v:line from='0,0' to='100,0'/>", "a drawing in the text"),
    "a picture": ("<v:shape alt='A logo'><v:imagedata/></v:shape>", "a drawing in the text"),
    "a rule": ("<v:rect o:hr='t'/>", "a drawing in the text"),
}


@pytest.mark.parametrize(("drawn", "named"), DRAWN.values(), ids=DRAWN)
def test_drawings_of_an_older_word_are_refused_since_their_descriptions_are_lost(
    drawn: str, named: str, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[1]._p.append(word_xml(f"<w:r><w:pict>{drawn}</w:pict></w:r>"))
    error = refusal(template, tmp_path)
    assert f'{named} that cannot have an alternative text, near "{{{{ period }}}}"' in error.message


def test_an_embedded_object_is_refused(template: Document, tmp_path: Path) -> None:
    inside = "<v:shape/><o:OLEObject ProgID='Excel.Sheet.12'/>"
    template.paragraphs[1]._p.append(word_xml(f"<w:r><w:object>{inside}</w:object></w:r>"))
    assert "has an embedded object in the text" in refusal(template, tmp_path).message


@pytest.mark.parametrize(
    "drawn",
    [
        "<v:shape><v:textbox><w:txbxContent><w:p/></w:txbxContent></v:textbox></v:shape>",
        "<v:shape><v:textpath string='VOID'/></v:shape>",
    ],
    ids=["a text box", "word art"],
)
def test_words_in_drawings_of_an_older_word_are_judged_on_the_page(
    drawn: str, template: Document, tmp_path: Path
) -> None:
    template.paragraphs[1]._p.append(word_xml(f"<w:r><w:pict>{drawn}</w:pict></w:r>"))
    (tmp_path / "plan.docx").write_bytes(saved(template))
    open_template(tmp_path / "plan.docx")
