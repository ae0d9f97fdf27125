"""What changed between two versions, as a Word file with tracked changes.

Accept All gives the newer plan's document and Reject All the older one's, in today's template.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from signed_plan.compare.changes import Comparison
from signed_plan.document.context import Description, describe
from signed_plan.document.render import fill_plan
from signed_plan.document.word import pack, set_properties
from signed_plan.document.word_text import story_roots
from signed_plan.errors import TemplateError
from signed_plan.plan.source import Version
from signed_plan.redline.alignment import names_of
from signed_plan.redline.lists_bookmarks import Bookmarks, Lists, join_lists
from signed_plan.redline.merge import Merger
from signed_plan.redline.revision_marks import VALUE, Marks

_ZOOM, _PERCENT = qn("w:zoom"), qn("w:percent")
_ZOOMS = ("none", "fullPage", "bestFit", "textFit")


def make_redline(comparison: Comparison, template: Path) -> bytes:
    """The plan as a Word file that tracks every change of the template's text; the same bytes each
    time.

    Raises TemplateError as `render_plan` does, and where a text of the plan stands where Word
    cannot track changes.
    """
    old, new = (fill_plan(version, template) for version in (comparison.old, comparison.new))
    before, after = story_roots(old.document), story_roots(new.document)
    texts = [_texts(stories) for stories in (before, after)]
    names = names_of(comparison, old.keys, new.keys)
    join_lists(old.document, new.document, before)
    bookmarks = Bookmarks(before, after)
    bookmarks.join(*names)
    marks = Marks(*_review(comparison.new), bookmarks.next_id)
    Merger(*names, Lists(new.document), marks).merge_stories(before, after)
    bookmarks.drop_doubles()
    if [_texts(after, without) for without in ("w:ins", "w:del")] != texts:
        raise TemplateError(
            f"{template.name} has a text of the plan where Word cannot track changes.",
            "Take its tag out of text boxes, content controls and the like.",
        )
    _mend_zoom(new.document)
    set_properties(new.document, describe_redline(comparison))
    return pack(new.filled).data


def _texts(stories: list[Any], without: str | None = None) -> list[str]:
    """All that is written in each story, one after the other; without what stands in such marks."""
    kept = f"[not(ancestor::{without})]" if without else ""
    path = f".//w:t{kept} | .//w:delText{kept}"
    return ["".join(text.text or "" for text in story.xpath(path)) for story in stories]


def _mend_zoom(document: Document) -> None:
    """Gives the zoom its percentage, which the standard demands and many templates leave out
    (ISO/IEC 29500-1, 17.15.1.94)."""
    for zoom in document.settings.element.iterchildren(_ZOOM):
        if not re.fullmatch(r"[1-9]\d{0,3}%?", zoom.get(_PERCENT, "")):
            zoom.set(_PERCENT, "100")
        if zoom.get(VALUE, "none") not in _ZOOMS:
            del zoom.attrib[VALUE]


def _review(version: Version) -> tuple[str, date]:
    """Whose changes these are, and since when: those of the last review that is still to be signed.

    Where there is none, the schools', of the day that the version carries.
    """
    plan = version.plan
    reviews = sorted(plan.open_reviews, key=lambda review: review.day)
    if reviews:
        return reviews[-1].title, reviews[-1].day
    return describe(version).author, plan.last_day


def describe_redline(comparison: Comparison) -> Description:
    """What the redline says of itself, as a Word file and as a PDF."""
    new = describe(comparison.new)
    versions = f"from {comparison.old.name} to {comparison.new.name}"
    return replace(new, title=f"{new.title}: changes {versions}", identifier="")
