"""What is done to a Word file once its text is in it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.word import require_complete
from signed_plan.errors import TemplateError
from signed_plan.paths import shipped_templates
from signed_plan.plan.source import Version

from tests.document.helpers import Papers


def changed(tmp_path: Path, name: str, change: Callable[[str], str]) -> Path:
    """The shipped template with the text of each paragraph changed."""
    document = Document(str(shipped_templates() / name))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    for paragraph in (*document.paragraphs, *(p for cell in cells for p in cell.paragraphs)):
        text = change(paragraph.text)
        if text != paragraph.text:
            paragraph.runs[0].text = text
            for run in paragraph.runs[1:]:
                run.text = ""
    document.save(str(tmp_path / name))
    return tmp_path / name


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("{{ block.text }}", "To ensure policies, procedures and arrangements to protect chi…"),
        ("{{ amendment }}", "Amended and updated following review by head teachers – Nov…"),
        ("{{ area.name }}", "Safeguarding"),
        ("{{ columns.impact }}", "Impact top date (July 2017)"),
        ("{{ objective.text }}", "Demonstrating a commitment to a sustained partnership bet…"),
    ],
)
def test_a_plan_template_that_leaves_words_out_is_refused(
    november: Papers, tmp_path: Path, tag: str, words: str
) -> None:
    template = changed(tmp_path, "plan.docx", lambda text: "" if text == tag else text)
    with pytest.raises(TemplateError, match=r"plan\.docx leaves out") as caught:
        render_plan(november.version, template)
    assert words[:20] in caught.value.message


@pytest.mark.parametrize("tag", ["{{ signatory.name }}", "{{ statement }}", "{{ review.title }}"])
def test_a_signoff_template_that_leaves_words_out_is_refused(
    november: Papers, tmp_path: Path, tag: str
) -> None:
    template = changed(
        tmp_path, "signoff.docx", lambda text: text.replace(tag, "") if tag in text else text
    )
    with pytest.raises(TemplateError, match=r"signoff\.docx leaves out"):
        render_signoff(november.version, template)


def test_a_tag_in_single_braces_is_refused(november: Papers, tmp_path: Path) -> None:
    template = changed(tmp_path, "plan.docx", lambda text: text.replace("{{ title }}", "{ title }"))
    with pytest.raises(TemplateError, match=r"unfinished tag in the paragraph \"{ title }\""):
        render_plan(november.version, template)


def test_a_text_that_stands_too_few_times_is_missed() -> None:
    document = Document()
    document.add_paragraph("Autumn 2017")
    document.add_paragraph("in Autumn 2017, too")
    text = ("Autumn 2017", "the column actions")
    require_complete(document, [text] * 2, "plan.docx")
    with pytest.raises(TemplateError, match=r"out \"Autumn 2017\" of the column actions"):
        require_complete(document, [text] * 3, "plan.docx")


def test_a_text_inside_another_is_not_that_text_where_tags_are_known() -> None:
    document = Document()
    document.add_paragraph("Autumn 2017")
    document.add_paragraph("in Autumn 2017, too")
    texts = [("Autumn 2017", "actions"), ("in Autumn 2017, too", "actions")]
    printed = list(texts)
    require_complete(document, texts, "plan.docx", printed)
    more = [*texts, ("Autumn 2017", "impact")]
    require_complete(document, more, "plan.docx")
    with pytest.raises(TemplateError, match='leaves out "Autumn 2017" of impact'):
        require_complete(document, more, "plan.docx", printed)
    document.add_paragraph("Autumn 2017: joined to it by the template")
    require_complete(document, more, "plan.docx", printed)


def test_a_title_longer_than_a_property_may_be_is_printed_whole(november: Papers) -> None:
    title = "A Collaboration Action Plan of many words " * 10 + "indeed"
    longer = Version(
        november.version.plan.model_copy(update={"title": title}),
        november.version.files,
        november.version.superseded,
        november.version.fingerprint,
        november.version.tree,
    )
    document = Document(io.BytesIO(render_plan(longer, shipped_templates() / "plan.docx").data))
    assert document.paragraphs[0].text == title
    assert document.core_properties.title == title[:255]


def test_the_zip_of_a_word_file_tells_nothing_of_when_it_was_made(papers: Papers) -> None:
    for document in (papers.plan_docx, papers.signoff_docx):
        entries = zipfile.ZipFile(io.BytesIO(document)).infolist()
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert entries[0].filename == "[Content_Types].xml"
