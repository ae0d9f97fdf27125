from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree
from signed_plan.document.context import describe, qr_text
from signed_plan.document.render import fill_plan, render_plan, render_signoff
from signed_plan.document.word import pack, set_properties
from signed_plan.document.word_text import story_roots
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version

from tests.document.helpers import (
    PLAN_TEMPLATE,
    SIGNOFF_TEMPLATE,
    Papers,
    a_plan,
    an_area,
    cell_texts,
    changed_template,
    opened,
    paragraphs_of,
    text_of,
)
from tests.helpers import REPO

ODD_TEXTS = [
    "Fish & Chips <b>",
    "Share R&D <minutes> weekly",
    "{{ evil }}",
    "{{ title.__class__ }}",
    "{% x %}",
    "{%p if x %}",
    "{%tr for x in y %}",
    "{# note #}",
    "{_{",
    "%_}",
    "}} %} #}",
    "{_{ title }_}",
    "{",
    "&amp;",
    "&#123;&lt;",
    "</w:t></w:r></w:p>",
    "<w:t>x</w:t>",
    "]]>",
    "<!-- x -->",
    "\\n",
    "\\",
    "C:\\temp\\new",
    "\"straight\" 'single' “curly” ‘curly’ «angle»",
    "two  spaces, three   spaces",
    "non\u00a0breaking",
    "😀 👩\u200d🏫 🇬🇧",
    "שלום עולם (5)",
    "مرحبا بالعالم 2017",
    "e\u0301 becomes é; ŵ stays",
    "None",
    "False",
    "0",
    "${x} %s %(x)s $x",
    "_x000D_",
    "A" * 5000,
    "many words " * 454 + "end",
]
SHORT_TEXTS = [text for text in ODD_TEXTS if len(text) < 100]


# Text


@pytest.mark.parametrize("column", range(1, 5), ids=CELLS)
def test_odd_text_arrives_exactly_in_its_own_cell(tmp_path: Path, column: int) -> None:
    texts = [text for text in ODD_TEXTS if not text.startswith("e\u0301")]
    version = a_plan(tmp_path, an_area(1), an_area(2, **{CELLS[column - 1]: texts}))
    rendered = render_plan(version, PLAN_TEMPLATE).data
    assert cell_texts(rendered, 2, column) == texts
    assert cell_texts(rendered, 1, column) == [f"The {CELLS[column - 1]} of area 1"]


def test_decomposed_letters_arrive_composed(tmp_path: Path) -> None:
    version = a_plan(tmp_path, an_area(key=["cafe\u0301"]))
    assert cell_texts(render_plan(version, PLAN_TEMPLATE).data, 1, 1) == ["caf\u00e9"]


@pytest.mark.parametrize("kind", ["paragraph", "heading", "bullet", "sub-bullet"])
def test_odd_text_arrives_exactly_in_every_kind_of_block(tmp_path: Path, kind: str) -> None:
    blocks = [{"id": f"b{at}", kind: text} for at, text in enumerate(SHORT_TEXTS[:20])]
    version = a_plan(tmp_path, an_area(actions=blocks))
    assert cell_texts(render_plan(version, PLAN_TEMPLATE).data, 1, 2) == SHORT_TEXTS[:20]


ODD = "{{ evil }} & <b> {% x %}"


def test_odd_text_arrives_exactly_outside_the_cells_too(tmp_path: Path) -> None:
    version = a_plan(
        tmp_path,
        an_area(name=f"name {ODD}"),
        title=f"title {ODD}",
        period=f"period {ODD}",
        amendment=f"amendment {ODD}",
        columns={name: f"{name} {ODD}" for name in ("reference", *CELLS)},
        overriding_objective=f"overriding {ODD}",
        objectives=[{"number": 1, "text": f"objective {ODD}"}],
    )
    document = opened(render_plan(version, PLAN_TEMPLATE).data)
    lines = [text_of(paragraph) for paragraph in paragraphs_of(document)]
    for name in ("name", "title", "period", "amendment", "overriding", "objective", *CELLS):
        assert f"{name} {ODD}" in lines
    footer = document.sections[0].footer.paragraphs[0].text
    assert footer.startswith("title {{ evil }} & <b>")  # and then shortened
    assert f"… period {ODD}, version 2020-01\t" in footer
    assert document.core_properties.title == f"title {ODD} period {ODD}"


def test_odd_text_arrives_exactly_in_the_signoff_pages(tmp_path: Path) -> None:
    review = {
        "id": "spring",
        "title": f"review {ODD}",
        "version": "2020-01",
        "date": "2020-03",
        "statements": [f"statement {ODD}"],
        "signatories": ["ann"],
    }
    version = a_plan(
        tmp_path,
        title=f"title {ODD}",
        schools=[{"id": "a-school", "name": f"school {ODD}"}],
        people=[{"id": "ann", "name": f"name {ODD}", "role": f"role {ODD}", "school": "a-school"}],
        reviews=[review],
    )
    document = opened(render_signoff(version, SIGNOFF_TEMPLATE).data)
    lines = [text_of(paragraph) for paragraph in paragraphs_of(document)]
    for name in ("review", "statement", "school", "name", "role"):
        assert f"{name} {ODD}" in lines


def test_every_word_of_a_real_version_stands_in_its_own_cell(papers: Papers) -> None:
    table = opened(papers.plan_docx).tables[0]
    assert len(table.rows) == 1 + len(papers.version.plan.areas)
    for row, area in zip(list(table.rows)[1:], papers.version.plan.areas, strict=True):
        first = [paragraph.text for paragraph in row.cells[0].paragraphs]
        links = ["Links:"] if area.links else []
        assert first == [area.name, *links, *(f"Objective {number}" for number in area.links)]
        for cell, name in zip(row.cells[1:], CELLS, strict=True):
            expected = [block.text for block in getattr(area, name)]
            assert [paragraph.text for paragraph in cell.paragraphs] == (expected or [""])


def test_july_has_no_amendment_line_and_november_has_it(july: Papers, november: Papers) -> None:
    said = "Amended and updated following review by head teachers – November 2017"
    assert said in [paragraph.text for paragraph in opened(november.plan_docx).paragraphs]
    assert said not in [paragraph.text for paragraph in opened(july.plan_docx).paragraphs]


def test_a_plan_without_reviews_renders(tmp_path: Path) -> None:
    version = a_plan(tmp_path, reviews=[])
    lines = [
        text_of(one)
        for one in paragraphs_of(opened(render_signoff(version, SIGNOFF_TEMPLATE).data))
    ]
    assert "Sign-off" in lines
    assert "Signatory" not in lines


# Word's own structures


def _style(paragraph: Any) -> str:
    return str(paragraph.style.name)


def test_every_objective_has_its_bookmark(papers: Papers) -> None:
    body = opened(papers.plan_docx).element.body
    marked = {
        start.get(qn("w:name")): text_of(start.getparent())
        for start in body.iter(qn("w:bookmarkStart"))
    }
    ends = [end.get(qn("w:id")) for end in body.iter(qn("w:bookmarkEnd"))]
    for objective in papers.version.plan.objectives:
        assert marked[f"objective{objective.number}"] == objective.text
    assert len(ends) == len(set(ends)) == len(marked)


def test_every_link_line_is_a_hyperlink_to_its_objective(papers: Papers) -> None:
    body = opened(papers.plan_docx).element.body
    marks = {start.get(qn("w:name")) for start in body.iter(qn("w:bookmarkStart"))}
    links = list(body.iter(qn("w:hyperlink")))
    assert [text_of(link) for link in links] == [
        f"Objective {number}" for area in papers.version.plan.areas for number in area.links
    ]
    for link in links:
        assert link.get(qn("w:anchor")) == text_of(link).replace("Objective ", "objective")
        assert link.get(qn("w:anchor")) in marks


@pytest.mark.parametrize(
    ("kind", "style", "level"), [("bullet", "List Bullet", 0), ("sub-bullet", "List Bullet 2", 1)]
)
def test_bullets_are_a_real_word_list(tmp_path: Path, kind: str, style: str, level: int) -> None:
    version = a_plan(tmp_path, an_area(key=[{"id": "b", kind: "A point"}]))
    document = opened(render_plan(version, PLAN_TEMPLATE).data)
    (paragraph,) = document.tables[0].cell(1, 1).paragraphs
    assert _style(paragraph) == style
    assert paragraph.text == "A point"
    numbered = paragraph.style.element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    found = numbered.find(qn("w:ilvl"))
    assert int(found.get(qn("w:val")) if found is not None else 0) == level


def test_both_levels_of_bullets_belong_to_one_list() -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    lists = {
        document.styles[name]
        .element.find(f"{qn('w:pPr')}/{qn('w:numPr')}/{qn('w:numId')}")
        .get(qn("w:val"))
        for name in ("List Bullet", "List Bullet 2")
    }
    assert len(lists) == 1


def _own_list(data: bytes, column: int) -> tuple[int, int]:
    """Which list the bullet in that cell of the first area belongs to by itself, on what level."""
    properties = opened(data).tables[0].cell(1, column).paragraphs[0]._p.pPr.numPr
    return (0, 0) if properties is None else (properties.numId.val, properties.ilvl.val)


@pytest.mark.parametrize(("kind", "level"), [("bullet", 0), ("sub-bullet", 1)])
def test_bullets_of_neighbouring_cells_belong_to_different_lists(
    tmp_path: Path, kind: str, level: int
) -> None:
    """Else LibreOffice tags them as one list, which then stands in the first of the two cells."""
    version = a_plan(tmp_path, an_area(1, **{cell: [{"id": cell, kind: "x"}] for cell in CELLS}))
    data = render_plan(version, PLAN_TEMPLATE).data
    lists = [_own_list(data, column) for column in range(1, 5)]
    assert lists[1] == lists[3] == (0, 0)
    assert lists[0] == lists[2] == (3, level)
    numbering = opened(data).part.numbering_part.element
    twin, first = numbering.num_having_numId(3), numbering.num_having_numId(1)
    assert twin.abstractNumId.val == first.abstractNumId.val


def test_bullets_keep_the_indent_that_a_clerk_gives_their_style(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.styles["List Bullet"].paragraph_format.left_indent = Pt(30)
    document.save(str(tmp_path / "plan.docx"))
    data = render_plan(a_plan(tmp_path), tmp_path / "plan.docx").data
    row = opened(data).tables[0].rows[1]
    for cell in row.cells[1:]:
        (paragraph,) = cell.paragraphs
        listed = paragraph._p.pPr.numPr is not None
        indent = paragraph.paragraph_format.left_indent
        assert indent == (Pt(30) if listed else None)


def test_the_header_row_repeats_and_no_row_breaks_across_pages(papers: Papers) -> None:
    rows = opened(papers.plan_docx).tables[0].rows
    assert rows[0]._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None
    for row in rows:
        assert row._tr.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None


def test_names_of_areas_and_signatories_are_bold(papers: Papers) -> None:
    plan = opened(papers.plan_docx)
    assert all(row.cells[0].paragraphs[0].style.font.bold for row in plan.tables[0].rows)
    people = {person.name for person in papers.version.plan.people}
    names = [
        paragraph
        for table in opened(papers.signoff_docx).tables
        for row in table.rows
        for paragraph in row.cells[0].paragraphs
        if paragraph.text in people
    ]
    assert names
    assert all(run.bold or name.style.font.bold for name in names for run in name.runs)


# Properties and bytes


def test_the_properties_tell_of_the_plan_and_not_of_the_tools(papers: Papers) -> None:
    properties = opened(papers.plan_docx).core_properties
    version = papers.version
    day = version.plan.last_day
    assert properties.title == "Collaboration Action Plan 2017"
    assert properties.subject == f"Version {version.name}"
    assert properties.author == (
        "Bank Road Infant and Nursery School and William Lilley Infant and Nursery School"
    )
    assert version.fingerprint.hex in properties.comments
    assert properties.language == "en-GB"
    assert properties.created == datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert properties.modified == properties.created


def test_no_part_names_the_library_that_wrote_it(papers: Papers) -> None:
    for data in (papers.plan_docx, papers.signoff_docx):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            assert not parts.testzip()
            for name in parts.namelist():
                assert b"python-docx" not in parts.read(name)
                assert b"2013-12-23" not in parts.read(name)


def test_no_tag_is_left_in_a_rendered_file(papers: Papers) -> None:
    for data in (papers.plan_docx, papers.signoff_docx):
        for paragraph in paragraphs_of(opened(data)):
            assert not re.search(r"\{[{%#]|[%#}]\}", text_of(paragraph))


def test_rendering_twice_gives_the_same_bytes(papers: Papers) -> None:
    version = papers.version
    assert render_plan(version, PLAN_TEMPLATE).data == papers.plan_docx
    assert render_signoff(version, SIGNOFF_TEMPLATE).data == papers.signoff_docx


_RENDER = """
import sys
from pathlib import Path
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
for version in load(PlanFolder(Path(sys.argv[1]))):
    for name, render in (("plan", render_plan), ("signoff", render_signoff)):
        data = render(version, Path(sys.argv[1], "templates", name + ".docx")).data
        Path(sys.argv[1], version.name + "-" + name).write_bytes(data)
"""


@pytest.mark.slow("builds, signs, or starts a process")
def test_another_folder_time_zone_and_language_give_the_same_bytes(
    tmp_path: Path, both: dict[str, Papers]
) -> None:
    folder = tmp_path / "dossier à part"
    folder.mkdir()
    for name in ("source", "templates"):
        subprocess.run(["cp", "-r", str(REPO / name), str(folder)], check=True)
    env = os.environ | {
        "TZ": "Pacific/Auckland",
        "LANG": "tr_TR.UTF-8",
        "LC_ALL": "C",
        "HOME": str(folder),
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(REPO),
    }
    subprocess.run([sys.executable, "-c", _RENDER, str(folder)], check=True, env=env, cwd=folder)
    for name, papers in both.items():
        assert (folder / f"{name}-plan").read_bytes() == papers.plan_docx
        assert (folder / f"{name}-signoff").read_bytes() == papers.signoff_docx


# Mistakes in a template


def _mistake(version: Version, template: Path) -> str:
    with pytest.raises(TemplateError) as raised:
        if template.name == SIGNOFF_TEMPLATE.name:
            render_signoff(version, template)
        else:
            render_plan(version, template)
    assert raised.value.exit_code == ExitCode.TEMPLATE
    assert raised.value.remedy
    assert raised.value.message.startswith(template.name)
    return raised.value.message


# The template says the same for each of the four cells: what stands nth there is of cell n.
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(
    "mistake",
    [
        ("for block in", "for blok in", "block", '{%p if block.kind == "paragraph" %}'),
        (
            'kind == "paragraph"',
            'knid == "paragraph"',
            "knid",
            '{%p if block.knid == "paragraph" %}',
        ),
    ],
    ids=["loop variable", "value"],
)
def test_a_misspelt_condition_is_named_with_template_area_and_cell(
    tmp_path: Path, cell: str, mistake: tuple[str, str, str, str]
) -> None:
    old, new, name, tag = mistake
    template = changed_template(tmp_path, PLAN_TEMPLATE, old, new, CELLS.index(cell))
    message = _mistake(a_plan(tmp_path), template)
    assert f"tag {tag}: there is no value named {name}" in message
    assert message.endswith(f"(met at area area-1, cell {cell}).")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("wrong", ["{{ block.txet }}", "{{ blok.text }}"])
def test_a_misspelt_tag_is_named_with_template_area_and_cell(
    tmp_path: Path, cell: str, wrong: str
) -> None:
    (name,) = {"txet", "blok"} & set(re.findall(r"\w+", wrong))
    # Of the four kinds of blocks the first is a paragraph, and only the second area has one.
    second = an_area(2, **{one: [{"id": one, "paragraph": "P"}] for one in CELLS})
    nth = 4 * CELLS.index(cell)
    template = changed_template(tmp_path, PLAN_TEMPLATE, "{{ block.text }}", wrong, nth)
    message = _mistake(a_plan(tmp_path, an_area(1), second), template)
    assert f"tag {wrong}: there is no value named {name}" in message
    assert message.endswith(f"(met at area area-2, cell {cell}).")


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("{{ title }}", "{{ titel }}"),
        ("{{ amendment }}", "{{ amendement }}"),
        ("{{ columns.key }}", "{{ columns.kye }}"),
        ("{{ short_fingerprint }}", "{{ shortfingerprint }}"),
        ("{%tr for area in areas %}", "{%tr for area in aeras %}"),
        ("{%p for objective in objectives %}", "{%p for objective in objektives %}"),
        ("{{ statement }}", "{{ statment }}"),
        ("{{ supersedes.version }}", "{{ supersedes.verion }}"),
        ("{%p if review.open %}", "{%p if review.opened %}"),
        ("{{ signatory.role }}", "{{ signatory.rôle }}"),
    ],
)
def test_a_misspelt_tag_outside_the_cells_is_named(
    november: Papers, tmp_path: Path, right: str, wrong: str
) -> None:
    template = next(one for one in (PLAN_TEMPLATE, SIGNOFF_TEMPLATE) if right in _texts(one))
    (name,) = set(re.findall(r"\w+", wrong)) - set(re.findall(r"\w+", right))
    message = _mistake(november.version, changed_template(tmp_path, template, right, wrong))
    assert f"tag {wrong}: there is no value named {name}" in message


def _texts(template: Path) -> str:
    return "\n".join(map(text_of, paragraphs_of(docx.Document(str(template)))))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("{{ area.name }}", "{{ area.nmae }}"),
        ("{%p for block in area.actions %}", "{%p for block in area.action %}"),
    ],
)
def test_a_misspelt_cell_is_placed_at_its_area_and_at_no_other_cell(
    november: Papers, tmp_path: Path, right: str, wrong: str
) -> None:
    message = _mistake(november.version, changed_template(tmp_path, PLAN_TEMPLATE, right, wrong))
    assert f"tag {wrong}: " in message
    assert message.endswith("(met at area safeguarding).")


TEXT, TITLE = "{{ block.text }}", "{{ title }}"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{%p endfor %}", "no end", "endfor"),
        ("{%tr endfor %}", "no end", "endfor"),
        ("{%tr for area in areas %}", "no start", "endfor"),
        ("{%p endif %}", "no end", "endif"),
        (TEXT, "{% shout %}", "tag {% shout %}: Encountered unknown tag 'shout'"),
        (TEXT, "{{ block.text + }}", "tag {{ block.text + }}"),
        (TEXT, "{{ block.text", 'unfinished tag in the paragraph "{{ block.text"'),
        (TITLE, "{{ title }", 'unfinished tag in the paragraph "{{ title }"'),
        (TITLE, "{ title }}", 'unfinished tag in the paragraph "{ title }}"'),
        ("{%p endif %}", "{%p endif }", 'unfinished tag in the paragraph "{%p endif }"'),
        (TITLE, "{{ objectives }}", "tag {{ objectives }}: a tag prints a whole list"),
        (TEXT, "{{ area.actions }}", "tag {{ area.actions }}: a tag prints a whole list"),
        (TEXT, "{{ 1 / 0 }}", "tag {{ 1 / 0 }}"),
        (TEXT, "{{ block.text + 1 }}", "tag {{ block.text + 1 }}"),
        (TEXT, "{% include 'x' %}", "tag {% include 'x' %}"),
        (TITLE, "{{ title.__class__.__mro__ }}", "tag {{ title.__class__.__mro__ }}: access to"),
        (TITLE, "{{ self.__init__.__globals__ }}", "tag {{ self.__init__.__globals__ }}: access"),
        (TITLE, "{{ areas.append(1) }}", "tag {{ areas.append(1) }}"),
        (TITLE, "{{ range(999999999) | list }}", "tag {{ range(999999999) | list }}: a tag can"),
    ],
)
def test_a_template_mistake_is_a_sentence_that_names_the_tag(
    november: Papers, tmp_path: Path, old: str, new: str, said: str
) -> None:
    assert said in _mistake(november.version, changed_template(tmp_path, PLAN_TEMPLATE, old, new))


def test_an_empty_cell_without_a_paragraph_is_refused(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    cell = document.tables[0].rows[2].cells[1]
    *_, otherwise, empty, _ = cell.paragraphs
    assert text_of(otherwise._p) == "{%p else %}"
    for paragraph in (otherwise, empty):
        cell._tc.remove(paragraph._p)
    document.save(str(tmp_path / "plan.docx"))
    message = _mistake(a_plan(tmp_path, an_area(key=[])), tmp_path / "plan.docx")
    assert "table cell without a paragraph" in message
    render_plan(a_plan(tmp_path / "full", an_area()), tmp_path / "plan.docx")


def _without_picture(folder: Path, alt: str) -> Path:
    """The sign-off template without the picture of that name or alternative text."""
    document = docx.Document(str(SIGNOFF_TEMPLATE))
    roots = [document.element.body, document.sections[0].header._element]
    named = [
        drawing
        for root in roots
        for drawing in root.iter(qn("w:drawing"))
        if any(alt in part.attrib.values() for part in drawing.iter())
    ]
    assert len(named) == 1
    named[0].getparent().remove(named[0])
    document.save(str(folder / "signoff.docx"))
    return folder / "signoff.docx"


def test_a_missing_qr_picture_is_refused(july: Papers, tmp_path: Path) -> None:
    template = _without_picture(tmp_path, "qr.png")
    assert "no picture named qr.png" in _mistake(july.version, template)


@pytest.mark.parametrize("name", ["plan.docx", "signoff.docx"])
@pytest.mark.parametrize(
    "data",
    [b"", b"not a Word file", b"PK\x03\x04garbage", PLAN_TEMPLATE.read_bytes()[:5000]],
    ids=["empty", "text", "garbage", "truncated"],
)
def test_a_template_that_is_no_word_file_is_refused(
    july: Papers, tmp_path: Path, name: str, data: bytes
) -> None:
    (tmp_path / name).write_bytes(data)
    assert "is not a Word file" in _mistake(july.version, tmp_path / name)


def _rezipped(target: Path, change: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(PLAN_TEMPLATE) as source, zipfile.ZipFile(target, "w") as written:
        for name in source.namelist():
            if change.get(name) != b"":
                written.writestr(name, change.get(name, source.read(name)))
    return target


@pytest.mark.parametrize(
    "change",
    [
        {"word/document.xml": b""},
        {"[Content_Types].xml": b""},
        {"word/document.xml": b"<w:document"},
        {"word/document.xml": b"<x/>"},
        {"word/styles.xml": b"<x"},
        {"word/footer1.xml": b"<x"},
    ],
    ids=lambda change: " ".join(f"{name}={data.decode()}" for name, data in change.items()),
)
def test_a_damaged_template_is_refused(
    july: Papers, tmp_path: Path, change: dict[str, bytes]
) -> None:
    _mistake(july.version, _rezipped(tmp_path / "plan.docx", change))


def test_a_missing_template_is_refused(july: Papers, tmp_path: Path) -> None:
    assert "is not a Word file" in _mistake(july.version, tmp_path / "plan.docx")


def test_the_qr_text_names_version_and_fingerprint(papers: Papers) -> None:
    version = papers.version
    assert qr_text(version) == f"signed-plan:{version.name}:{version.fingerprint.hex}"


def test_a_filled_plan_is_the_rendered_one_before_it_is_written(november: Papers) -> None:
    plan = fill_plan(november.version, PLAN_TEMPLATE)
    set_properties(plan.document, describe(november.version))
    assert pack(plan.filled).data == november.plan_docx


def test_every_paragraph_of_a_filled_plan_has_the_keys_of_what_it_prints(
    november: Papers,
) -> None:
    plan = fill_plan(november.version, PLAN_TEMPLATE)
    said = {keys: text_of(paragraph) for paragraph, keys in plan.keys.items()}
    for area in november.version.plan.areas:
        assert said[f"area/{area.id}",] == area.name
        for block in area.blocks:
            assert said[f"block/{block.id}",] == block.text
    (footer,) = (keys for keys in said if len(keys) > 1)
    assert footer == ("title", "period", "version", "fingerprint")


def test_a_key_leaves_nothing_behind_wherever_its_text_is_printed(tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.sections[0].header.paragraphs[0].text = "{{ title }} {{ period|upper }}"
    first = document.paragraphs[0]
    first._p.get_or_add_pPr().get_or_add_pStyle().set(qn("w:rsid"), "{{ version }}")
    template = tmp_path / "plan.docx"
    document.save(str(template))
    plan = fill_plan(a_plan(tmp_path), template)
    roots = story_roots(plan.document)
    assert "\ue000" not in "".join(etree.tostring(root, encoding="unicode") for root in roots)
    (header,) = (keys for one, keys in plan.keys.items() if text_of(one) == "A Plan 2020")
    assert header == ("title",), "a filter makes another text, which has no key"


def test_a_template_that_leaves_words_out_cannot_be_filled_either(tmp_path: Path) -> None:
    template = changed_template(tmp_path, PLAN_TEMPLATE, "{{ period }}", "in a year")
    with pytest.raises(TemplateError, match="leaves out"):
        fill_plan(a_plan(tmp_path, period="the year 2020"), template)
