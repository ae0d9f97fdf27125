"""No template is so large, or so made, that reading it takes long."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.document.fonts import families
from signed_plan.document.render import render_plan
from signed_plan.document.template_limits import require_size, require_tags
from signed_plan.errors import ExitCode, TemplateError

from tests.document.helpers import PLAN_TEMPLATE, RECEIPT_TEMPLATE, SIGNOFF_TEMPLATE, a_plan, opened

BODY = "word/document.xml"
SHIPPED = [PLAN_TEMPLATE, SIGNOFF_TEMPLATE, RECEIPT_TEMPLATE]


def rezip(
    folder: Path, change: dict[str, Callable[[bytes], bytes]], more: dict[str, bytes] | None = None
) -> Path:
    """A copy of the plan's template with some of its parts changed, and others put in."""
    target = folder / "plan.docx"
    with (
        zipfile.ZipFile(PLAN_TEMPLATE) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as written,
    ):
        for name in source.namelist():
            data = source.read(name)
            written.writestr(name, change[name](data) if name in change else data)
        for name, data in (more or {}).items():
            written.writestr(name, data)
    return target


def add(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(b"<w:body>", b"<w:body>" + xml, 1)


def of_styles(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda styles: styles.replace(b"</w:styles>", xml + b"</w:styles>", 1)


PARAGRAPH = b"<w:p><w:r><w:t>x</w:t></w:r></w:p>"
STYLES = b"".join(b'<w:style w:styleId="S%d"/>' % number for number in range(1_000))
TOO_LARGE = {
    "a body of a million bytes": ({BODY: add(PARAGRAPH * 30_000)}, {}, "bytes of XML in word/doc"),
    "a bomb of blanks": ({BODY: add(b" " * 2_000_000)}, {}, "bytes of XML in word/document.xml"),
    "XML under another name": ({}, {"word/media/a.png": b"\xef\xbb\xbf <" * 300_000}, "a.png"),
    "much XML in many parts": (
        {},
        {f"word/x{n}.xml": b"<x>" * 300_000 for n in range(9)},
        "bytes of XML in word/x8.xml",
    ),
    "a picture that is a bomb": (
        {},
        {f"word/media/{n}.png": b"\0" * 26_000_000 for n in range(2)},
        "52 MB when it is unpacked",
    ),
    "many parts": ({}, {f"x/{n}": b"" for n in range(1_000)}, "1,0"),
    "many sections": ({BODY: add(b"<w:sectPr/>" * 200)}, {}, "more than 200 sections"),
    "many styles": ({"word/styles.xml": of_styles(STYLES)}, {}, "more than 1,000 styles"),
    "many lists": (
        {"word/numbering.xml": lambda xml: xml + b"<w:num >" * 501},
        {},
        "more than 500 lists",
    ),
}


@pytest.mark.parametrize("change, more, said", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_template_that_is_too_large_is_refused_before_it_is_read(
    change: dict[str, Callable[[bytes], bytes]], more: dict[str, bytes], said: str, tmp_path: Path
) -> None:
    template = rezip(tmp_path, change, more)
    with pytest.raises(TemplateError, match=r"plan\.docx is too large for a template: ") as raised:
        require_size(template)
    assert said in raised.value.message
    assert raised.value.exit_code == ExitCode.TEMPLATE


def test_a_large_file_is_not_even_opened(tmp_path: Path) -> None:
    with (tmp_path / "plan.docx").open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(TemplateError, match="it has 20 MB"):
        require_size(tmp_path / "plan.docx")


@pytest.mark.parametrize("how", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2], ids=["LZMA", "bzip2"])
def test_a_part_that_word_could_not_unpack_makes_it_no_word_file(how: int, tmp_path: Path) -> None:
    template = rezip(tmp_path, {})
    with zipfile.ZipFile(template, "a", how) as more:
        more.writestr("word/media/x.png", b"x" * 1000)
    with pytest.raises(TemplateError, match="is not a Word file"):
        render_plan(a_plan(tmp_path), template)


@pytest.mark.parametrize("template", SHIPPED, ids=lambda template: template.name)
def test_a_shipped_template_with_a_large_picture_is_within_all_limits(
    template: Path, tmp_path: Path
) -> None:
    copy = tmp_path / template.name
    copy.write_bytes(template.read_bytes())
    with zipfile.ZipFile(copy, "a") as more:
        more.writestr("word/media/photograph.jpg", b"\xff\xd8" * 6_000_000)
    require_size(copy)


def test_styles_that_are_based_on_each_other_are_no_trap(tmp_path: Path) -> None:
    ring = b"".join(
        b'<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="%s"/>'
        b"</w:style>" % (one, one, other)
        for one, other in ((b"RingA", b"RingB"), (b"RingB", b"RingA"))
    )
    text = b'<w:p><w:pPr><w:pStyle w:val="RingA"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    cell = b"<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc>" + text + b"</w:tc><w:tc>" + text
    table = cell + b"</w:tc></w:tr></w:tbl>"
    change = {"word/styles.xml": of_styles(ring), BODY: add(text + table)}
    document = opened(render_plan(a_plan(tmp_path), rezip(tmp_path, change)).data)
    assert document.paragraphs[0].style.name == "RingA"


def test_tables_have_no_more_rows_than_there_is_to_put_in_them(tmp_path: Path) -> None:
    rows = b"<w:tr><w:tc><w:p/></w:tc></w:tr>" * 1_000
    table = b"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid>" + rows + b"</w:tbl>"
    with pytest.raises(TemplateError, match=r"plan\.docx: its tables have 1,002 rows, which is mo"):
        render_plan(a_plan(tmp_path), rezip(tmp_path, {BODY: add(table)}))


def test_a_template_names_only_so_many_fonts(tmp_path: Path) -> None:
    fonts = b"".join(b'<w:rFonts w:ascii="F%d"/>' % number for number in range(101))
    with pytest.raises(TemplateError, match="names more than 100 fonts"):
        families(rezip(tmp_path, {"word/styles.xml": of_styles(fonts)}))


# Tags


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    "text",
    ["{{ a", "a }}", "{{p " * 100_000, "{" * 200_000, "-%} " * 100_000, "{{ '{%' }}", "{% a }}"],
    ids=lambda text: text[:12],
)
def test_a_tag_that_does_not_end_as_it_begins_is_refused_with_its_paragraph(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        require_tags([paragraph("{{ title }}"), paragraph(text)], "plan.docx")
    assert raised.value.message.startswith(
        f'plan.docx has an unfinished tag in the paragraph "{text[:50]}'
    )
    assert len(raised.value.message) < 140


def test_a_tag_is_read_however_word_has_parted_it() -> None:
    run = '</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">'
    require_tags([paragraph(f"{{{run}{{ ti{run}tle }}{run}}} and {{%p x %{run}}}")], "plan.docx")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ " + "x" * 500 + " }}", "it is longer than 500 characters"),
        ("{% colspan" + " " * 400 + "x %}", "there is no such tag"),
        ("{% cellbg x %}", "there is no such tag"),
        ("{%- vm %}", "there is no such tag"),
        ("{%hm%}", "there is no such tag"),
        ("{%tr for a in areas %}", "it is not in a paragraph or row of its own"),
        ("{{tc a }}", "it is not in a paragraph or row of its own"),
        ("{{ a }}" * 2_001, "there are more than 2,000 tags"),
    ],
    ids=lambda text: text[:20],
)
def test_a_tag_that_docxtpl_would_look_at_for_long_is_refused(text: str, said: str) -> None:
    with pytest.raises(TemplateError, match=said) as raised:
        require_tags([paragraph(text)], "signoff.docx")
    assert raised.value.message.startswith(f"signoff.docx, tag {text[:7]}")


def test_a_tag_in_an_alternative_text_counts_too() -> None:
    with pytest.raises(TemplateError, match=r'unfinished tag in the paragraph "Seal'):
        require_tags(['<w:p><w:t>Seal</w:t><wp:docPr descr="{{ seal.field"/></w:p>'], "x")
