"""The files that tell of a comparison: all of them, of the folder as it stands, or none."""

from __future__ import annotations

import json

import pytest
from signed_plan.compare.changes import Comparison
from signed_plan.compare.compare import compare
from signed_plan.errors import TemplateError
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.progress import silent
from signed_plan.report.outputs import PDF, make_papers, papers_of_the_issued, write_papers

from tests.story import Story

slow = pytest.mark.slow("makes many reports")


def compared(folder: PlanFolder) -> Comparison:
    return compare(*load(folder))


@slow
def test_papers_tell_of_the_same_comparison(built_plan: PlanFolder) -> None:
    made = make_papers(built_plan, compared(built_plan), silent, pdf=False)
    assert sorted(made) == ["changes.json", "redline.docx", "report.html"]
    told = json.loads(made["changes.json"])
    assert told["headline"][0].encode() in made["report.html"]


def test_the_report_has_the_verdict_of_the_folder_as_it_stands(built_plan: PlanFolder) -> None:
    built_plan.docx("2017-11").write_bytes(b"something else")
    made = make_papers(built_plan, compared(built_plan), silent, pdf=False)
    assert b"NOT VERIFIED" in made["report.html"]


def test_a_broken_template_leaves_older_papers_as_they_were(built_plan: PlanFolder) -> None:
    comparison = compared(built_plan)
    paths = write_papers(built_plan, comparison, silent, lambda: None, pdf=False)
    before = {path: path.read_bytes() for path in paths}
    (built_plan.root / "templates").mkdir()
    (built_plan.root / "templates/plan.docx").write_bytes(b"not a Word file")
    with pytest.raises(TemplateError):
        write_papers(built_plan, comparison, silent, lambda: None, pdf=False)
    assert before == {path: path.read_bytes() for path in paths}
    assert PDF not in [path.name for path in paths]


@slow
def test_papers_of_the_issued_compare_them_and_no_draft(story: Story) -> None:
    assert papers_of_the_issued(story.at("built"), silent) == {}
    assert papers_of_the_issued(story.at("july sealed"), silent) == {}
    made = papers_of_the_issued(story.at("november issued"), silent)
    assert sorted(made) == [
        f"2017-07-to-2017-11/{name}"
        for name in ("changes.json", "redline.docx", PDF, "report.html")
    ]
