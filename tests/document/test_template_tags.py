"""Tags whose signs Word or a web page has changed, and tags that would take words with them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.document import Document
from docx.enum.text import WD_BREAK
from signed_plan.document.render import render_plan
from signed_plan.document.template_file import open_template
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.plan.source import Version

from tests.document.helpers import (
    PLAN_TEMPLATE,
    RECEIPT_TEMPLATE,
    SIGNOFF_TEMPLATE,
    a_plan,
    changed_template,
    opened,
)
from tests.document.word_parts import add_picture, shape

IF, TITLE, KIND = "{%p if amendment %}", "{{ title }}", '{%p if block.kind == "paragraph" %}'


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return a_plan(tmp_path_factory.mktemp("plan"))


@pytest.mark.parametrize(
    ("right", "written"),
    [
        (IF, "{%p\u00a0if\u00a0amendment\u00a0%}"),
        (IF, "{%p\u202fif amendment\u2009%}"),
        (IF, "{% p if amendment %}"),
        (IF, "{%\u00a0p\u00a0if amendment %}"),
        (IF, "{%p if\u200b amend\u00adment\ufeff %}"),
        (TITLE, "{{\u00a0title\u00a0}}"),
        (KIND, "{%p if block.kind == \u201cparagraph\u201d %}"),
        (KIND, "{%p if block.kind == \u201eparagraph\u201c %}"),
        (KIND, "{%p if block.kind == \u2018paragraph\u2019 %}"),
        (KIND, "{%p if block.kind == \u00ab\u00a0paragraph\u00a0\u00bb %}"),
        ("{%tr for area in areas %}", "{%tr\u00a0for area in\u00a0areas %}"),
        ("{%tr endfor %}", "{% tr endfor %}"),
    ],
)
def test_signs_in_a_tag_that_only_look_right_are_mended(
    version: Version, tmp_path: Path, right: str, written: str
) -> None:
    template = changed_template(tmp_path, PLAN_TEMPLATE, right, written)
    assert render_plan(version, template).data == render_plan(version, PLAN_TEMPLATE).data


@pytest.mark.parametrize(
    "pieces",
    [
        ("{%p\u00a0", "if\u00a0", "amend", "ment\u202f", "%}"),
        ("{%p\tif\namend", "ment %}"),
        ("{%p", "\t", "if amendment %}"),
    ],
    ids=["no-break spaces", "a tab and a line break", "a tab alone"],
)
def test_a_tag_in_many_pieces_is_mended_in_each(
    version: Version, tmp_path: Path, pieces: tuple[str, ...]
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    (found,) = [one for one in document.paragraphs if one.text == IF]
    first, *others = pieces
    found.runs[0].text = first
    for piece in others:
        found.add_run(piece).bold = True
    document.save(str(tmp_path / "plan.docx"))
    made = render_plan(version, tmp_path / "plan.docx").data
    assert made == render_plan(version, PLAN_TEMPLATE).data


def test_between_quotation_marks_and_outside_of_tags_every_sign_stays(
    version: Version, tmp_path: Path
) -> None:
    words = "10\u00a0% of \u201call\u201d\u00ad"
    written = f"{words} {TITLE}{{{{ 'a\u00a0b' }}}}"
    template = changed_template(tmp_path, PLAN_TEMPLATE, TITLE, written)
    made = opened(render_plan(version, template).data)
    assert made.paragraphs[0].text == f"{words} A Plana\u00a0b"


def _refused(version: Version, document: Document, folder: Path) -> TemplateError:
    document.save(str(folder / "plan.docx"))
    with pytest.raises(TemplateError) as raised:
        render_plan(version, folder / "plan.docx")
    assert raised.value.exit_code == ExitCode.TEMPLATE
    return raised.value


@pytest.mark.parametrize(
    ("right", "written", "beside", "whole"),
    [
        (IF, f"Please note: {IF}", '"Please note:"', "paragraph"),
        (IF, f"{IF} as said", '"as said"', "paragraph"),
        (IF, f"{IF}{{{{ title }}}}", '"{{ title }}"', "paragraph"),
        (IF, f"{IF}{{%p endif %}}", '"{%p endif %}"', "paragraph"),
        (IF, "{#p a note #} and words", '"and words"', "paragraph"),
        ("{%tr endfor %}", "{%tr endfor %} All areas", '"All areas"', "row"),
        ("{{ area.name }}", "{%tc if area %}{{ area.name }}", '"{{ area.name }}', "cell"),
    ],
)
def test_words_that_would_vanish_with_a_tag_are_named(
    version: Version, tmp_path: Path, right: str, written: str, beside: str, whole: str
) -> None:
    template = changed_template(tmp_path, PLAN_TEMPLATE, right, written)
    error = _refused(version, docx.Document(str(template)), tmp_path)
    assert f"plan.docx has {beside}" in error.message
    assert f"beside the tag {written[written.index('{') : written.index('}') + 1]}" in error.message
    assert f"Give it a {whole} of its own" in error.remedy


def test_words_in_another_cell_of_a_tag_s_row_are_named(version: Version, tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    row = document.tables[0].add_row()
    row.cells[0].text, row.cells[1].text = "{%tr if period %}", "Our areas"
    row._tr.addprevious(document.tables[0].add_row()._tr)
    error = _refused(version, document, tmp_path)
    assert 'has "Our areas" beside the tag {%tr if period %}' in error.message


def _break_section(document: Document) -> None:
    _tag(document)._p.get_or_add_pPr().append(deepcopy(document.sections[-1]._sectPr))


def _put_picture(document: Document) -> None:
    add_picture(_tag(document), descr="Our logo")


def _tag(document: Document) -> Any:
    (found,) = [one for one in document.paragraphs if one.text == IF]
    return found


@pytest.mark.parametrize(
    ("put", "named"),
    [
        (_break_section, "a section break"),
        (_put_picture, "a picture"),
    ],
)
def test_a_section_break_or_a_picture_that_would_vanish_with_a_tag_is_named(
    version: Version, tmp_path: Path, put: Callable[[Document], None], named: str
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    put(document)
    error = _refused(version, document, tmp_path)
    assert f"plan.docx has {named} beside the tag {IF}, and would lose it." in error.message


@pytest.mark.parametrize("kind", [WD_BREAK.LINE, WD_BREAK.PAGE])
def test_a_break_beside_a_tag_is_no_loss(version: Version, tmp_path: Path, kind: WD_BREAK) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    _tag(document).add_run("  ").add_break(kind)
    document.save(str(tmp_path / "plan.docx"))
    made = render_plan(version, tmp_path / "plan.docx").data
    assert made == render_plan(version, PLAN_TEMPLATE).data


@pytest.mark.parametrize("place", ["first page header", "text box", "footer"])
def test_an_unfinished_tag_is_found_wherever_it_is(
    version: Version, tmp_path: Path, place: str
) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    section = document.sections[0]
    if place == "first page header":
        section.first_page_header.paragraphs[0].text = "{{ title }"
    elif place == "footer":
        section.footer.paragraphs[0].text = "{{ title }"
    else:
        document.paragraphs[0]._p.append(shape("A box", words="{{ title }"))
    error = _refused(version, document, tmp_path)
    assert 'has an unfinished tag in the paragraph "{{ title }"' in error.message


def test_a_tag_in_single_braces_is_found_in_a_footer_too(version: Version, tmp_path: Path) -> None:
    document = docx.Document(str(PLAN_TEMPLATE))
    document.sections[0].footer.add_paragraph("of { title }")
    error = _refused(version, document, tmp_path)
    assert 'has an unfinished tag in the paragraph "of { title }"' in error.message


@pytest.mark.parametrize("template", [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE])
def test_no_sign_of_a_shipped_template_needs_mending(template: Path) -> None:
    assert open_template(template) == template.read_bytes()
