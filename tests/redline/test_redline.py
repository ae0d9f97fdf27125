"""Accept All gives the newer plan's document and Reject All the older one's: by Word's rules, and
in LibreOffice, for random pairs of plans and for the real one.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from lxml import etree
from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import pairs
from tests.helpers import REPO
from tests.redline.resolver import Paragraph, Story, Table, resolved, w
from tools.office import What, resolved_by_office

pytestmark = pytest.mark.slow("merges many made-up texts")

TEMPLATE = REPO / "templates/plan.docx"
REAL: tuple[Version, Version] = tuple(load(PlanFolder(REPO)))  # type: ignore[assignment]
COUNT, OFFICE_COUNT = 200, 30


def redline(old: Version, new: Version) -> bytes:
    return make_redline(compare(old, new), TEMPLATE)


def seen(story: Story) -> object:
    """Rows, cells and paragraphs as people see them: style, level in a list, text."""
    return [
        [[seen(cell.blocks) for cell in cells] for _, cells in one.rows]
        if isinstance(one, Table)
        else looks(one)
        for one in story
    ]


def looks(one: Paragraph) -> tuple[str, object, str]:
    return one.style, one.numbering and one.numbering[1], one.text


@pytest.mark.parametrize("part", range(4))
def test_random_pairs_resolve_exactly_by_the_letter_of_the_standard(part: int) -> None:
    for old, new in pairs(COUNT // 4, seed=100 + part):
        marked = redline(old, new)
        assert resolved(marked, "accept") == resolved(render_plan(new, TEMPLATE).data)
        assert resolved(marked, "reject") == resolved(render_plan(old, TEMPLATE).data)


@pytest.mark.quick
def test_the_real_pair_resolves_exactly_and_says_whose_changes_these_are() -> None:
    marked = redline(*REAL)
    assert resolved(marked, "accept") == resolved(render_plan(REAL[1], TEMPLATE).data)
    assert resolved(marked, "reject") == resolved(render_plan(REAL[0], TEMPLATE).data)
    document = zipfile.ZipFile(io.BytesIO(marked)).read("word/document.xml").decode()
    assert set(re.findall(r'w:author="([^"]*)"', document)) == {"14th November 2017, JCC"}
    assert set(re.findall(r'w:date="([^"]*)"', document)) == {"2017-11-14T00:00:00Z"}


@pytest.mark.quick
@pytest.mark.parametrize(
    ("zoom", "mended"),
    [
        ('w:val="bestFit"', 'w:val="bestFit" w:percent="100"'),
        ('w:percent="120"', 'w:percent="120"'),
        ('w:percent="120%"', 'w:percent="120%"'),
        ('w:percent="wide" w:val="wide"', 'w:percent="100"'),
    ],
)
def test_a_zoom_of_the_template_is_as_the_standard_wants_it(
    zoom: str, mended: str, tmp_path: Path
) -> None:
    template = tmp_path / "plan.docx"
    with zipfile.ZipFile(TEMPLATE) as package, zipfile.ZipFile(template, "w") as changed:
        for part in package.namelist():
            data = package.read(part)
            if part == "word/settings.xml":
                data = re.sub(rb"<w:zoom [^>]*/>", f"<w:zoom {zoom}/>".encode(), data)
            changed.writestr(part, data)
    marked = make_redline(compare(REAL[0], REAL[0]), template)
    settings = zipfile.ZipFile(io.BytesIO(marked)).read("word/settings.xml").decode()
    assert f"<w:zoom {mended}/>" in settings


def test_libreoffice_resolves_them_to_the_same_pages(tmp_path: Path) -> None:
    found = [REAL, *pairs(OFFICE_COUNT, seed=100)]
    jobs: list[tuple[bytes, What]] = []
    for old, new in found:
        marked = redline(old, new)
        jobs += [(marked, "accept"), (marked, "reject")]
        for version in (new, old):
            jobs.append((render_plan(version, TEMPLATE).data, "keep"))
    made = [resolved(docx) for docx in resolved_by_office(jobs, tmp_path)]
    for at in range(0, len(made), 4):
        accepted, rejected, newer, older = (
            {name: seen(story) for name, story in one.items()} for one in made[at : at + 4]
        )
        assert accepted == newer
        assert rejected == older


def test_no_cell_s_last_paragraph_mark_is_tracked() -> None:
    for old, new in pairs(40, seed=5):
        document = zipfile.ZipFile(io.BytesIO(redline(old, new))).read("word/document.xml")
        for cell in etree.fromstring(document).iter(w("tc")):
            mark = cell[-1].find(f"{w('pPr')}/{w('rPr')}")
            assert cell[-1].tag == w("p")
            assert mark is None or (mark.find(w("ins")) is None and mark.find(w("del")) is None)


def test_every_mark_has_an_id_of_its_own() -> None:
    for old, new in pairs(20, seed=6):
        document = zipfile.ZipFile(io.BytesIO(redline(old, new))).read("word/document.xml")
        tags = {w(name) for name in ("ins", "del", "pPrChange", "rPrChange", "bookmarkStart")}
        ids = [one.get(w("id")) for one in etree.fromstring(document).iter(*tags)]
        assert len(ids) == len(set(ids))


@pytest.mark.quick
def test_a_version_against_itself_tracks_nothing_and_the_same_pair_gives_the_same_bytes() -> None:
    document = zipfile.ZipFile(io.BytesIO(redline(REAL[1], REAL[1]))).read("word/document.xml")
    assert not re.search(rb"<w:(ins|del|pPrChange) ", document)
    assert redline(*REAL) == redline(*REAL)
