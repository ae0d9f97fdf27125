"""Two Word texts made one, in which Word's Accept All gives the newer and Reject All the older.

A text is a sequence of paragraphs and tables: a body, a cell, a header or a footer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from docx.oxml.ns import qn

from signed_plan.redline.alignment import Names, side_by_side
from signed_plan.redline.lists_bookmarks import Lists
from signed_plan.redline.paragraphs import MergedParagraph, Paragraphs
from signed_plan.redline.revision_marks import PPR, TBL, TC, TCPR, TR, Marks, P, TrackedWay, shape

_SECTION = qn("w:sectPr")


class Merger:
    """Merges an older text into a newer one, by the names of what stands in them."""

    def __init__(self, old: Names, new: Names, lists: Lists, marks: Marks) -> None:
        self._old, self._new, self._marks = old, new, marks
        self._paragraphs = Paragraphs(lists, marks)

    def merge_stories(self, old: Sequence[Any], new: Sequence[Any]) -> None:
        """Makes one of two documents' bodies, headers and footers, in those of the newer."""
        for then, now in zip(old, new, strict=True):
            self.merge(then, now)
        self._paragraphs.settle_moved(new)

    def merge(self, old: Any, new: Any) -> None:
        """Makes one of what stands in two bodies, cells, headers or footers, in the newer one."""
        before, after = _blocks(old), _blocks(new)
        names = list(map(self._old.of, before)), list(map(self._new.of, after))
        entries = [
            MergedParagraph(None if i is None else before[i], None if k is None else after[k])
            for i, k in side_by_side(*names)
        ]
        merged = [one for stretch in _stretches(entries) for one in self._stretch(stretch)]
        _put_between(new, after, merged)

    def _stretch(self, entries: list[MergedParagraph]) -> Iterator[Any]:
        (first, *_) = entries
        if first.element.tag == P:
            yield from self._paragraphs.merge(entries)
        elif first.element.tag == TBL:
            yield from self._tables(first)
        elif first.new is not None:
            yield first.new

    def _tables(self, entry: MergedParagraph) -> Iterator[Any]:
        old, new = entry.old, entry.new
        if old is None or new is None or _frame(old, TR) != _frame(new, TR):
            if old is not None:
                yield self._whole_table(old, "del")
            if new is not None:
                yield self._whole_table(new, "ins")
        else:
            if shape(old) != shape(new):
                self._rows(old, new)
            yield new

    def _whole_table(self, table: Any, way: TrackedWay) -> Any:
        for row in table.iterchildren(TR):
            self._marks.track_row(row, way)
        return table

    def _rows(self, old: Any, new: Any) -> None:
        before, after = list(old.iterchildren(TR)), list(new.iterchildren(TR))
        names = list(map(self._old.of_row, before)), list(map(self._new.of_row, after))
        merged = []
        for i, k in side_by_side(*names):
            then, now = None if i is None else before[i], None if k is None else after[k]
            if then is not None and now is not None and _frame(then, TC) == _frame(now, TC):
                self._cells(then, now)
                then = None
            elif now is not None:
                self._marks.track_row(now, "ins")
            if then is not None:
                self._marks.track_row(then, "del")
            merged += [row for row in (then, now) if row is not None]
        _put_between(new, after, merged)

    def _cells(self, old: Any, new: Any) -> None:
        if shape(old) != shape(new):
            for then, now in zip(old.iterchildren(TC), new.iterchildren(TC), strict=True):
                self.merge(then, now)


def _blocks(parent: Any) -> list[Any]:
    return [child for child in parent if child.tag not in (TCPR, _SECTION)]


def _put_between(parent: Any, children: Sequence[Any], merged: Sequence[Any]) -> None:
    """Puts what is not there yet of a sequence between the parent's children, which are part of it.

    Those stay where they are: to take them out and put them in again costs more than all the rest.
    """
    waiting = iter(children)
    following = next(waiting, None)
    last: Any | None = None
    for one in merged:
        if one is following:
            following = next(waiting, None)
        elif following is not None:
            following.addprevious(one)
        elif last is not None:
            last.addnext(one)
        else:
            parent.append(one)
        last = one


def _stretches(entries: Sequence[MergedParagraph]) -> Iterator[list[MergedParagraph]]:
    """Paragraphs as far as they can be joined; everything else one by one."""
    stretch: list[MergedParagraph] = []
    for entry in entries:
        if entry.element.tag != P:
            if stretch:
                yield stretch
            yield [entry]
            stretch = []
            continue
        stretch.append(entry)
        if entry.element.find(f"{PPR}/{_SECTION}") is not None:
            yield stretch
            stretch = []
    if stretch:
        yield stretch


def _frame(element: Any, inner: str) -> list[bytes | str]:
    """All of a table but its rows, or all of a row but its cells' content."""
    found: list[bytes | str] = []
    for child in element:
        if child.tag != inner:
            found.append(shape(child))
        elif inner == TC:
            properties = child.find(TCPR)
            found.append("cell" if properties is None else shape(properties))
    return found
