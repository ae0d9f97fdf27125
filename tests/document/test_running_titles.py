"""However long a title is, the foot of each page keeps its three texts apart, and its number."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm
from signed_plan.document.recipe import Templates, make_plan
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.errors import TemplateError
from signed_plan.libreoffice.converter import Converter, find_libreoffice, start_converter
from signed_plan.plan.source import Version

from tests.document.helpers import (
    PLAN_TEMPLATE,
    SIGNOFF_TEMPLATE,
    Word,
    a_plan,
    real_versions,
    words,
)

PLAIN = "Collaboration Action Plan of the Infant and Nursery Schools of Long Eaton and Derby "
TITLES = {
    "70 letters": PLAIN[:70].strip(),
    "140 letters": (PLAIN * 2)[:140].strip(),
    "one word": ("Schulentwicklungsplanungszusammenarbeit" * 4)[:140],
    "wide letters": "W" * 140,
}


@pytest.fixture(scope="module")
def converter() -> Iterator[Converter]:
    with start_converter(find_libreoffice()) as running:
        yield running


def footer(data: bytes) -> list[str]:
    """What stands at each tab stop of the footer."""
    paragraph = Document(io.BytesIO(data)).sections[-1].footer.paragraphs[0]
    return str(paragraph.text).split("\t")


def portrait(folder: Path, template: Path) -> Path:
    document: Any = Document(str(template))
    section = document.sections[-1]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    document.save(str(folder / template.name))
    return folder / template.name


def titled(folder: Path, title: str, **more: Any) -> Version:
    return a_plan(folder, title=title, period="2017 to 2018", **more)


def test_titles_that_have_room_are_whole() -> None:
    for version in real_versions():
        for word in (
            render_plan(version, PLAN_TEMPLATE),
            render_signoff(version, SIGNOFF_TEMPLATE),
        ):
            first = footer(word.data)[0]
            assert first == f"Collaboration Action Plan 2017, version {version.name}"


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_title_that_has_no_room_is_shortened_and_period_and_version_stay(
    tmp_path: Path, title: str
) -> None:
    first, second, third = footer(render_plan(titled(tmp_path, title), PLAN_TEMPLATE).data)
    start, _, rest = first.partition("…")
    assert len(start) >= 20 and title.startswith(start)
    assert rest == " 2017 to 2018, version 2020-01"
    assert second.startswith("Fingerprint ") and third.startswith("Page ")


def test_a_period_that_has_no_room_is_shortened_too(tmp_path: Path) -> None:
    version = a_plan(tmp_path, title="A Plan", period="from autumn to summer " * 9 + "2018")
    first, *_ = footer(render_plan(version, PLAN_TEMPLATE).data)
    assert first.startswith("A Plan from autumn to summer")
    assert first.endswith("…, version 2020-01")
    assert len(first) < 80


def own_footer(folder: Path, change: Callable[[Any, Any], None]) -> Path:
    """The shipped template, changed in its paragraph in the footer and that one's style."""
    document: Any = Document(str(PLAN_TEMPLATE))
    paragraph = document.sections[-1].footer.paragraphs[0]
    change(paragraph._p, paragraph.style.element)
    document.save(str(folder / "plan.docx"))
    return folder / "plan.docx"


def test_lengths_with_a_decimal_point_or_none_at_all_are_read(tmp_path: Path) -> None:
    def write(paragraph: Any, style: Any) -> None:
        for holder in (paragraph, style):
            for stop in holder.iter(qn("w:tab")):
                if stop.get(qn("w:pos")):
                    stop.set(qn("w:pos"), f"{stop.get(qn('w:pos'))}.0")
        for run in paragraph.iter(qn("w:r")):
            run.get_or_add_rPr().get_or_add_sz().attrib.clear()

    version = titled(tmp_path, TITLES["140 letters"])
    assert footer(render_plan(version, own_footer(tmp_path, write)).data) == footer(
        render_plan(version, PLAN_TEMPLATE).data
    )


def test_a_length_that_is_no_number_makes_a_damaged_template(tmp_path: Path) -> None:
    def write(paragraph: Any, _: Any) -> None:
        for run in paragraph.iter(qn("w:r")):
            run.get_or_add_rPr().get_or_add_sz().set(qn("w:val"), "small")

    with pytest.raises(TemplateError, match=r"plan\.docx is not .*: it is damaged"):
        render_plan(titled(tmp_path, PLAIN.strip()), own_footer(tmp_path, write))


def test_a_style_that_is_based_on_itself_is_no_trap(tmp_path: Path) -> None:
    def write(paragraph: Any, style: Any) -> None:
        style.get_or_add_basedOn().set(qn("w:val"), style.get(qn("w:styleId")))
        for holder in (paragraph, style):
            for one in list(holder.iter(qn("w:tabs"))):
                one.getparent().remove(one)

    made = render_plan(titled(tmp_path, TITLES["one word"]), own_footer(tmp_path, write)).data
    assert TITLES["one word"] in footer(made)[0]


def test_a_template_that_says_nothing_of_its_paper_is_filled_in(tmp_path: Path) -> None:
    document: Any = Document(str(PLAN_TEMPLATE))
    for section in list(document.element.body.iter(qn("w:sectPr"))):
        section.getparent().remove(section)
    document.save(str(tmp_path / "plan.docx"))
    made = render_plan(titled(tmp_path, PLAIN.strip()), tmp_path / "plan.docx").data
    assert PLAIN.strip() in Document(io.BytesIO(made)).paragraphs[0].text


def test_a_line_without_tab_stops_wraps_and_stays_whole(tmp_path: Path) -> None:
    version = titled(tmp_path, TITLES["140 letters"])
    document = Document(io.BytesIO(render_signoff(version, SIGNOFF_TEMPLATE).data))
    header = document.sections[-1].header._element
    assert version.plan.full_title in "".join(one.text or "" for one in header.iter(qn("w:t")))


@pytest.mark.slow("prints plans with many titles")
@pytest.mark.parametrize("upright", [False, True], ids=["landscape", "portrait"])
@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_nothing_in_a_printed_footer_runs_into_anything(
    tmp_path: Path, converter: Converter, title: str, upright: bool
) -> None:
    files = (PLAN_TEMPLATE, SIGNOFF_TEMPLATE)
    templates = Templates(*(portrait(tmp_path, one) if upright else one for one in files))
    made = make_plan(titled(tmp_path / "plan", title), templates, converter)
    (tmp_path / "made.pdf").write_bytes(made.pdf)
    printed = words(tmp_path / "made.pdf")
    for page in range(made.pages):
        lines = footers(printed, page)
        assert len(lines) == 1
        (line,) = lines
        assert [word.text for word in line[-4:]] == ["Page", f"{page + 1}", "of", f"{made.pages}"]
        gaps = [after.left - before.right for before, after in pairwise(line)]
        apart = [at for at, gap in enumerate(gaps, 1) if gap > 8]
        assert [line[at].text for at in apart] == ["Fingerprint", "Page"]


def footers(printed: list[Word], page: int) -> list[list[Word]]:
    """The words at the foot of a page, line by line, from the left."""
    own = [word for word in printed if word.page == page]
    lowest = max(word.bottom for word in own)
    foot = [word for word in own if word.top > lowest - 30]
    tops = sorted({round(word.top) for word in foot})
    return [
        sorted((word for word in foot if round(word.top) == top), key=lambda word: word.left)
        for top in tops
    ]
