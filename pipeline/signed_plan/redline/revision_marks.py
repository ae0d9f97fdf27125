"""Word's own marks for a tracked change (ISO/IEC 29500-1, 17.13.5): on runs, on paragraph marks, on
rows, and on the properties of paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from datetime import date
from itertools import count, groupby
from typing import Any, Literal

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from lxml import etree

TrackedWay = Literal["ins", "del"]

P, R, PPR, RPR = qn("w:p"), qn("w:r"), qn("w:pPr"), qn("w:rPr")
TBL, TR, TRPR, TC, TCPR = map(qn, ("w:tbl", "w:tr", "w:trPr", "w:tc", "w:tcPr"))
ID, VALUE = qn("w:id"), qn("w:val")

_T = qn("w:t")
_WAYS: dict[str, TrackedWay] = {qn("w:ins"): "ins", qn("w:del"): "del"}
_REMOVED = {_T: qn("w:delText"), qn("w:instrText"): qn("w:delInstrText")}
_NOT_FORMAT = frozenset((*map(qn, ("w:rPr", "w:sectPr", "w:pPrChange", "w:rPrChange")), *_WAYS))
_BEHIND_MARK_FORMAT = frozenset(map(qn, ("w:sectPr", "w:pPrChange")))
_EXCEPTIONS = qn("w:tblPrEx")
_LONGEST_AUTHOR = 255  # UTF-16 units; Word takes no more


def shape(element: Any) -> bytes:
    """Equal for elements that say the same, wherever they stand."""
    said: bytes = etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return said


def text_of(element: Any) -> str:
    """All that is written in an element, as far as it is not tracked as removed."""
    return "".join(text.text or "" for text in element.iter(_T))


def format_of(properties: Any | None) -> tuple[bytes, ...]:
    """What the properties of a paragraph or a mark say; nothing where there are none."""
    return tuple(map(shape, _format(properties)))


def runs(paragraph: Any) -> Iterator[Any]:
    """The paragraph's own runs, in links and the like as well, but not those of a text box."""
    for child in paragraph:
        if child.tag == R:
            yield child
        elif child.tag != PPR:
            yield from runs(child)


def way_of(run: Any) -> TrackedWay | None:
    """How a run is tracked, if it is."""
    return _WAYS.get(run.getparent().tag)


def tracked_texts(stories: Iterable[Any]) -> dict[TrackedWay, set[str]]:
    """What is tracked in each way, stretch by stretch, without the spaces around it."""
    texts: dict[TrackedWay, set[str]] = {"ins": set(), "del": set()}
    for paragraph in (paragraph for story in stories for paragraph in story.iter(P)):
        for way, stretch in groupby(runs(paragraph), way_of):
            if way is not None:
                said = (text.text or "" for run in stretch for text in run.iter(_T, _REMOVED[_T]))
                texts[way].add("".join(said).strip())
    return texts


def is_empty(run: Any) -> bool:
    """Whether a run holds nothing that could be tracked."""
    return all(child.tag == RPR for child in run)


class Marks:
    """Makes the marks of one review: with its author and date, and each with an id of its own."""

    def __init__(self, author: str, day: date, first_id: int) -> None:
        self._author = _within(author, _LONGEST_AUTHOR)
        self._date = f"{day.isoformat()}T00:00:00Z"
        self._ids = count(first_id)

    def track_runs(self, parts: Iterable[Any], way: TrackedWay) -> Any:
        """An element that tracks those runs, to be put in their place."""
        mark = self._mark(f"w:{way}")
        for run in parts:
            if way == "del":
                for child in run:
                    child.tag = _REMOVED.get(child.tag, child.tag)
            mark.append(run)
        return mark

    def track_content(self, paragraph: Any, way: TrackedWay) -> None:
        """Tracks everything that stands in a paragraph, but not the paragraph's mark.

        A link may not stand inside a mark (CT_RunTrackChange), so marks are put inside the link.
        """
        for parent in {run.getparent(): None for run in runs(paragraph)}:
            for group in _groups(parent):
                place = parent.index(group[0])
                parent.insert(place, self.track_runs(group, way))

    def track_mark(self, paragraph: Any, way: TrackedWay) -> None:
        """Tracks a paragraph's mark: without it, what stands before it joins what follows."""
        mark_format(paragraph).insert(0, self._mark(f"w:{way}"))

    def track_row(self, row: Any, way: TrackedWay) -> None:
        """Tracks a row with all that is in it; but never the last mark of a cell.

        Word does so too: a cell has to end with a paragraph, whatever becomes of the row.
        """
        properties = row.find(TRPR)
        if properties is None:
            properties = OxmlElement("w:trPr")
            row.insert(0 if row.find(_EXCEPTIONS) is None else 1, properties)
        properties.append(self._mark(f"w:{way}"))
        for cell in row.iterchildren(TC):
            self._track_blocks(cell, way)

    def _track_blocks(self, parent: Any, way: TrackedWay) -> None:
        last = parent.find(f"{P}[last()]") if parent.tag == TC else None
        for block in parent:
            if block.tag == P:
                self.track_content(block, way)
                if block is not last:
                    self.track_mark(block, way)
            elif block.tag == TBL:
                for row in block.iterchildren(TR):
                    self.track_row(row, way)
            else:  # such as a content control, which holds blocks of its own
                self._track_blocks(block, way)

    def track_format(self, paragraph: Any, old: Any | None) -> None:
        """Tracks that a paragraph had other properties, where it had."""
        new = paragraph.find(PPR)
        if format_of(new) != format_of(old):
            change = self._mark("w:pPrChange")
            before = OxmlElement("w:pPr")
            before.extend(map(deepcopy, _format(old)))
            change.append(before)
            paragraph.get_or_add_pPr().append(change)
        theirs = None if old is None else old.find(RPR)
        ours = None if new is None else new.find(RPR)
        if format_of(ours) != format_of(theirs):
            change = self._mark("w:rPrChange")
            before = OxmlElement("w:rPr")
            before.extend(map(deepcopy, _format(theirs)))
            change.append(before)
            mark_format(paragraph).append(change)

    def _mark(self, tag: str) -> Any:
        mark = OxmlElement(tag)
        mark.set(ID, str(next(self._ids)))
        mark.set(qn("w:author"), self._author)
        mark.set(qn("w:date"), self._date)
        return mark


def set_format(paragraph: Any, properties: Any | None) -> None:
    """Gives a paragraph and its mark those properties instead of its own, without their changes.

    A mark that is tracked itself stays so.
    """
    own = paragraph.find(PPR)
    mark: list[Any] = []
    if own is not None:
        mark += (one for one in own.iterfind(f"{RPR}/*") if one.tag in _WAYS)
        paragraph.remove(own)
    if properties is not None:
        paragraph.get_or_add_pPr().extend(map(deepcopy, _format(properties)))
        mark += map(deepcopy, _format(properties.find(RPR)))
    if mark:
        mark_format(paragraph).extend(mark)


def mark_format(paragraph: Any) -> Any:
    """The properties of a paragraph's mark, which are made if need be."""
    properties = paragraph.get_or_add_pPr()
    found = properties.find(RPR)
    if found is None:
        found = OxmlElement("w:rPr")
        behind = sum(child.tag in _BEHIND_MARK_FORMAT for child in properties)
        properties.insert(len(properties) - behind, found)
    return found


def _within(text: str, units: int) -> str:
    """As much of a text as that many UTF-16 units hold, with an ellipsis where it has more."""
    encoded = text.encode("utf-16-le")
    if len(encoded) <= 2 * units:
        return text
    return encoded[: 2 * (units - 1)].decode("utf-16-le", "ignore") + "…"


def _format(properties: Any | None) -> list[Any]:
    if properties is None:
        return []
    return [child for child in properties if child.tag not in _NOT_FORMAT]


def _groups(parent: Any) -> list[list[Any]]:
    """The runs of a parent that stand side by side, without those that hold nothing."""
    found: list[list[Any]] = []
    last = None
    for child in parent:
        if child.tag == R and not is_empty(child):
            if last is not None and last.getnext() is child:
                found[-1].append(child)
            else:
                found.append([child])
            last = child
    return found
