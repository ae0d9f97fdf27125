"""Two files of one template share lists, bookmarks and ids before one is put into the other."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from docx import Document
from lxml import etree
from signed_plan.compare.compare import compare
from signed_plan.document.render import fill_plan, render_plan
from signed_plan.document.word_text import story_roots
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Objective
from signed_plan.plan.source import load
from signed_plan.redline import lists_bookmarks
from signed_plan.redline.alignment import names_of
from signed_plan.redline.lists_bookmarks import Bookmarks, Lists, first_free_id
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import pairs
from tests.helpers import REPO
from tests.redline.resolver import resolved, w

slow = pytest.mark.slow("merges many made-up texts")

TEMPLATE = REPO / "templates/plan.docx"


def test_ids_begin_above_those_that_are_there() -> None:
    body = Document().element.body
    assert first_free_id([body]) == 1
    start = etree.SubElement(body, w("bookmarkStart"))
    start.set(w("id"), "41")
    assert first_free_id([body]) == 42


@slow
def test_bookmarks_have_one_name_and_one_id_each() -> None:
    for old, new in pairs(20, seed=9):
        marked = make_redline(compare(old, new), TEMPLATE)
        document = etree.fromstring(zipfile.ZipFile(io.BytesIO(marked)).read("word/document.xml"))
        starts = list(document.iter(w("bookmarkStart")))
        for what in ("id", "name"):
            found = [start.get(w(what)) for start in starts]
            assert len(found) == len(set(found))
        anchors = {link.get(w("anchor")) for link in document.iter(w("hyperlink"))}
        assert anchors <= {start.get(w("name")) for start in starts}


def test_the_example_in_the_docstring_is_what_happens() -> None:
    july = load(PlanFolder(REPO))[0]
    attendance = Objective.model_validate({"number": 1, "text": "Attendance"})
    area = july.plan.areas[0].model_copy(update={"links": (1,)})
    old_plan = {"version": "older", "objectives": (attendance,), "areas": (area,)}
    first = Objective.model_validate({"number": 1, "text": "Something new"})
    second = attendance.model_copy(update={"number": 2})
    new_area = area.model_copy(update={"links": (2,)})
    new_plan = {"version": "newer", "objectives": (first, second), "areas": (new_area,)}
    older, newer = (
        replace(july, plan=july.plan.model_copy(update=plan)) for plan in (old_plan, new_plan)
    )
    old, new = (fill_plan(version, TEMPLATE) for version in (older, newer))
    before, after = story_roots(old.document), story_roots(new.document)
    assert places(before, "Attendance") == ("objective1", "objective1")
    Bookmarks(before, after).join(*names_of(compare(older, newer), old.keys, new.keys))
    assert places(before, "Attendance") == ("objective2", "objective2")
    example = lists_bookmarks.__doc__ or ""
    for side, name in (("older", "objective1"), ("joined", "objective2")):
        sentence = f"Attendance has the bookmark {name}, and the link leads to {name}"
        assert f"{side:6}  {sentence}" in example


def places(stories: list[Any], text: str) -> tuple[str, str]:
    """The bookmark of the paragraph with that text, and where the only link leads."""
    (start,) = [
        start
        for story in stories
        for start in story.iter(w("bookmarkStart"))
        if text in "".join(start.getparent().itertext())
    ]
    (link,) = [link for story in stories for link in story.iter(w("hyperlink"))]
    return start.get(w("name")), link.get(w("anchor"))


def test_links_lead_to_their_text_although_an_objective_was_put_in_front() -> None:
    july = load(PlanFolder(REPO))[0]
    shifted = [one.model_copy(update={"number": one.number + 1}) for one in july.plan.objectives]
    first = Objective.model_validate({"number": 1, "text": "Something new comes first."})
    plan = july.plan.model_copy(update={"version": "later", "objectives": (first, *shifted)})
    later = replace(july, plan=plan)
    marked = make_redline(compare(july, later), TEMPLATE)
    assert resolved(marked, "accept") == resolved(render_plan(later, TEMPLATE).data)
    assert resolved(marked, "reject") == resolved(render_plan(july, TEMPLATE).data)


def test_what_a_style_said_of_a_list_is_spelled_out_where_the_list_is_another_now() -> None:
    document = Document()

    def properties(style: str) -> Any:
        return document.add_paragraph(style=style)._p.pPr

    lists = Lists(document)
    bullet, number, plain = map(properties, ("List Bullet", "List Number", "Body Text"))
    told: Any = lists.spell_out(bullet, plain)
    assert told.find(w("numPr")).find(w("numId")) is not None
    assert [child.tag for child in told][:2] == [w("pStyle"), w("numPr")]
    assert bullet.find(w("numPr")) is None, "the paragraph's own properties stay as they are"
    assert lists.spell_out(bullet, number) is bullet, "on the same level"
    assert lists.spell_out(plain, bullet) is plain
    assert lists.spell_out(None, bullet) is None
