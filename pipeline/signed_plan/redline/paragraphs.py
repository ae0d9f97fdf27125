"""The paragraphs of two texts made one: which of their marks is tracked (ISO/IEC 29500-1, 17.13.5).

A paragraph whose mark is deleted joins the next one, and keeps that one's mark and properties. The
last mark of a cell is never tracked, since Word's Accept All would hang. So a paragraph added at
the end is tracked as if it were typed behind the one before: with the mark of that one.

An example, with ¶ for a mark and {+…+} for w:ins:

    older   One.¶ Two.¶
    newer   One.¶ Two.¶ Three.¶
    merged  One.¶ Two.{+¶+} {+Three.+}¶
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any

from signed_plan.redline.lists_bookmarks import Lists
from signed_plan.redline.revision_marks import (
    PPR,
    Marks,
    TrackedWay,
    set_format,
    shape,
    text_of,
    tracked_texts,
)
from signed_plan.redline.runs import ends_with_added, merge_content, replace_content


@dataclass(slots=True)
class MergedParagraph:
    """A paragraph of the merged text, or something else that stands between paragraphs."""

    old: Any
    """Its element in the older text; None if it is not there."""
    new: Any
    """Its element in the newer text; None if it is not there."""
    joined: bool = False
    """Whether two paragraphs share a mark that have nothing else to do with each other."""

    @property
    def element(self) -> Any:
        return self.old if self.new is None else self.new

    @property
    def way(self) -> TrackedWay | None:
        if self.old is None:
            return "ins"
        return "del" if self.new is None else None

    def other_properties(self, way: TrackedWay) -> Any | None:
        """Its properties on the side that has no paragraphs tracked in that way."""
        return (self.old if way == "ins" else self.new).find(PPR)


@dataclass(frozen=True, slots=True)
class _Whole:
    """A paragraph of one side that is tracked with its own mark."""

    paragraph: Any
    way: TrackedWay
    text: str
    following: Any | None
    """The properties, on the other side, of the paragraph that follows there."""


class Paragraphs:
    """Merges paragraphs that stand side by side."""

    def __init__(self, lists: Lists, marks: Marks) -> None:
        self._lists, self._marks = lists, marks
        self._wholes: list[_Whole] = []

    def merge(self, entries: Sequence[MergedParagraph]) -> Iterator[Any]:
        """Makes them one, up to a mark that cannot be tracked: a cell's last, or before a table."""
        stay, tail = _with_shared_mark(entries)
        merged = [*stay, *tail]
        before: MergedParagraph | None = None
        at = 0
        for way, same_way in groupby(merged, lambda entry: entry.way):
            group = list(same_way)
            at += len(group)
            if way is None:
                for entry in group:
                    self._pair(entry, before)
                    before = entry
            elif before is not None and (group == tail or _continues(before, way)):
                self._track_as_typed(before, group, way)
                before = group[-1]
            else:
                self._whole(group, way, merged[at:])
                before = None
        return (entry.element for entry in merged)

    def _pair(self, entry: MergedParagraph, before: MergedParagraph | None) -> None:
        """Tracks what became of a paragraph that both sides have."""
        old, new = entry.old, entry.new
        if _shapes_of_content(old) != _shapes_of_content(new):
            if entry.joined:
                replace_content(old, new, self._marks)
            else:
                apart = before is not None and ends_with_added(before.element)
                merge_content(old, new, self._marks, apart=apart)
        self._track_format(new, old.find(PPR))

    def _track_as_typed(
        self, before: MergedParagraph, group: Sequence[MergedParagraph], way: TrackedWay
    ) -> None:
        """Tracks paragraphs as if they were typed behind another, or deleted from there.

        What is tracked is the mark before each of them and not its own. So for one side, the text
        before them ends up at the last mark, which therefore has that text's properties there.
        """
        self._lend_format(before.other_properties(way), group[-1].element, way)
        for one, entry in zip((before, *group), group, strict=False):
            self._marks.track_mark(one.element, way)
            self._marks.track_content(entry.element, way)

    def _whole(
        self, group: Sequence[MergedParagraph], way: TrackedWay, later: Sequence[MergedParagraph]
    ) -> None:
        """Tracks paragraphs each with its own mark.

        LibreOffice joins what follows the wrong way round if that is an empty paragraph: so the
        mark has the properties that are right for both.
        """
        following = next((entry for entry in later if entry.way != way), None)
        for entry in group:
            if following is not None:
                lent, text = following.other_properties(way), text_of(entry.element).strip()
                if text_of(following.element):
                    self._wholes.append(_Whole(entry.element, way, text, lent))
                else:
                    self._lend_format(lent, entry.element, way)
            self._marks.track_content(entry.element, way)
            self._marks.track_mark(entry.element, way)

    def settle_moved(self, stories: Iterable[Any]) -> None:
        """Does for paragraphs that seem to have moved what is done before an empty one.

        LibreOffice takes a text for moved that is removed in one place and added in another, as a
        part of a paragraph too: so does a sentence that becomes a paragraph of its own. What
        follows is then joined the wrong way round. So this comes last, once all is tracked.
        """
        texts = tracked_texts(stories)
        for whole in self._wholes:
            if whole.text in texts["ins" if whole.way == "del" else "del"]:
                self._lend_format(whole.following, whole.paragraph, whole.way)

    def _lend_format(self, lent: Any | None, paragraph: Any, way: TrackedWay) -> None:
        """Gives a paragraph of one side the properties that another has on the other side."""
        if way == "ins":
            self._track_format(paragraph, lent)
        else:
            own = paragraph.find(PPR)
            set_format(paragraph, lent)
            self._track_format(paragraph, own)

    def _track_format(self, paragraph: Any, old: Any | None) -> None:
        self._marks.track_format(paragraph, self._lists.spell_out(old, paragraph.find(PPR)))


def _continues(before: MergedParagraph, way: TrackedWay) -> bool:
    """Whether LibreOffice would take what is added behind a paragraph for a part of its end."""
    return way == "ins" and before.way is None and ends_with_added(before.element)


def _with_shared_mark(
    entries: Sequence[MergedParagraph],
) -> tuple[list[MergedParagraph], list[MergedParagraph]]:
    """The paragraphs up to the last that both sides have, and those behind it, all of one side.

    Where both sides end with paragraphs of their own, the last removed and the first added one are
    put at one mark, which both sides have.
    """
    behind = sum(1 for _ in takewhile(lambda entry: entry.way is not None, reversed(entries)))
    stay, tail = list(entries[: len(entries) - behind]), list(entries[len(entries) - behind :])
    removed = [entry for entry in tail if entry.way == "del"]
    added = [entry for entry in tail if entry.way == "ins"]
    if not removed or not added:
        return stay, tail
    shared = MergedParagraph(removed[-1].old, added[0].new, joined=True)
    return [*stay, *removed[:-1], shared], added[1:]


def _shapes_of_content(paragraph: Any) -> list[bytes]:
    """What stands in a paragraph, without its properties."""
    return [shape(child) for child in paragraph if child.tag != PPR]
