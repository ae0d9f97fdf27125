"""The redline as a PDF in which every change can be seen, without colour too."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from signed_plan.compare.changes import Comparison
from signed_plan.digest import Digest
from signed_plan.document.recipe import finish
from signed_plan.document.word_text import story_roots
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.redline.redline import describe_redline
from signed_plan.redline.revision_marks import P, TrackedWay, is_empty, mark_format, runs, way_of

_LOOKS: dict[TrackedWay, tuple[str, str, str]] = {
    "ins": ("w:u", "005835", "E6F4EA"),
    "del": ("w:strike", "9B1810", "FDECEA"),
}
"""The line, the colour and the ground of changed text: dark on pale green, dark on pale red. Their
contrast is above 7 (WCAG 2.2, 1.4.6), and no ground of the template's comes between them."""
_REPLACED = tuple(map(qn, ("w:u", "w:strike", "w:dstrike", "w:color", "w:shd", "w:highlight")))
_READ: dict[str, str] = {qn("w:delText"): qn("w:t"), qn("w:delInstrText"): qn("w:instrText")}


def make_redline_pdf(redline: bytes, comparison: Comparison, scratch: Path | None = None) -> bytes:
    """The redline, with its changes shown, as PDF/A-3b and PDF/UA-1; the same bytes each time.

    What was added is underlined on pale green, what was removed is struck through on pale red, and
    a line in the margin marks both. The converter works in a folder inside `scratch`, by default
    the system's for temporary files.

    Raises MissingError or ConversionError, each with its remedy.
    """
    with start_converter(find_libreoffice(), scratch) as running:
        ((pdf,),) = running.convert([(WordFile(as_drawn(redline)),)])
    identifier = f"urn:sha256:{Digest.of_bytes(redline)}"
    return finish(pdf, replace(describe_redline(comparison), identifier=identifier))


def as_drawn(redline: bytes) -> bytes:
    """A copy in which each change has a look of its own, to be drawn and not to be resolved.

    LibreOffice has one colour for all that is added, on whatever ground, and draws in one and the
    same green what it takes for moved, there and gone. So it is told that all is added, which it
    only marks in the margin (see libreoffice/profile.py); the rest is formatted here.
    """
    document = docx.Document(io.BytesIO(redline))
    for story in story_roots(document):
        for paragraph in story.iter(P):
            _draw(paragraph)
    copy = io.BytesIO()
    document.save(copy)
    return copy.getvalue()


def _draw(paragraph: Any) -> None:
    filled = [run for run in runs(paragraph) if not is_empty(run)]
    ways = set(map(way_of, filled))
    _track_mark(paragraph, filled[0].getparent() if len(ways) == 1 else None)
    for run in filled:
        way = way_of(run)
        if way is not None:
            _give_look(run, *_LOOKS[way])
    for removed in {run.getparent() for run in filled if way_of(run) == "del"}:
        removed.tag = qn("w:ins")
        for text in removed.iter(*_READ):
            text.tag = _READ[text.tag]


def _give_look(run: Any, line: str, colour: str, ground: str) -> None:
    look = run.get_or_add_rPr()
    for own in list(look.iterchildren(*_REPLACED)):
        look.remove(own)
    value = "single" if line == "w:u" else "1"
    for name, attributes in (
        (line, {"w:val": value}),
        ("w:color", {"w:val": colour}),
        ("w:shd", {"w:val": "clear", "w:color": "auto", "w:fill": ground}),
    ):
        look.append(OxmlElement(name, attrs={qn(key): said for key, said in attributes.items()}))


def _track_mark(paragraph: Any, change: Any | None) -> None:
    """Tracks a paragraph's mark where all of the paragraph is that one change, and only there.

    LibreOffice numbers lists by it. In the Word file a mark may be tracked for the text beside it.
    """
    for mark in paragraph.xpath("w:pPr/w:rPr/w:ins | w:pPr/w:rPr/w:del"):
        mark.getparent().remove(mark)
    if change is not None and change.tag in (qn("w:ins"), qn("w:del")):
        mark_format(paragraph).insert(0, change.makeelement(change.tag, change.attrib))
