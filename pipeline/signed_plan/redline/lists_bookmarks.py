"""Two Word files of one template get one set of lists, bookmarks and ids, so that parts of the
older file can be put into the newer one.

An example: the objective "Attendance" was the first and is now the second, after a new one. A link
in the older file must still lead to it:

    older   Attendance has the bookmark objective1, and the link leads to objective1
    newer   Attendance has the bookmark objective2
    joined  Attendance has the bookmark objective2, and the link leads to objective2
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from signed_plan.redline.alignment import Name, Names
from signed_plan.redline.revision_marks import ID, PPR, VALUE, P, shape

_START, _END, _NAME = qn("w:bookmarkStart"), qn("w:bookmarkEnd"), qn("w:name")
_LINK, _ANCHOR = qn("w:hyperlink"), qn("w:anchor")
_NUMBERING, _INDENT = qn("w:numPr"), qn("w:ind")
_LIST, _NUMBER, _LOOK = qn("w:num"), qn("w:numId"), qn("w:abstractNumId")


class Lists:
    """The list and the level that each paragraph style stands for."""

    def __init__(self, document: Document) -> None:
        found = document.styles.element.iterchildren(qn("w:style"))
        self._styles = {style.get(qn("w:styleId")): style for style in found}

    def spell_out(self, old: Any | None, new: Any | None) -> Any | None:
        """The older properties of a paragraph that was in a list, or on another level of one.

        What was left to the style is named in them: LibreOffice would not bring it back.
        """
        before, after = self._numbering(old), self._numbering(new)
        if before is None or (after is not None and _level(before) == _level(after)):
            return old
        if old is None or old.find(_NUMBERING) is not None:
            return old
        spelled = deepcopy(old)
        spelled._insert_numPr(deepcopy(before))
        indent = self._from_style(old, _INDENT)
        if indent is not None and spelled.find(_INDENT) is None:
            # What the style says would now give way to what the list says.
            spelled._insert_ind(deepcopy(indent))
        return spelled

    def _numbering(self, properties: Any | None) -> Any | None:
        own = None if properties is None else properties.find(_NUMBERING)
        return self._from_style(properties, _NUMBERING) if own is None else own

    def _from_style(self, properties: Any | None, what: str) -> Any | None:
        """What the paragraph's style says of it, or the style that this one is based on."""
        name = None if properties is None else properties.find(qn("w:pStyle"))
        seen: set[str] = set()
        while name is not None and name.get(VALUE) in self._styles.keys() - seen:
            seen.add(name.get(VALUE))
            style = self._styles[name.get(VALUE)]
            found = style.find(f"{PPR}/{what}")
            if found is not None:
                return found
            name = style.find(qn("w:basedOn"))
        return None


def _level(numbering: Any) -> str:
    level = numbering.find(qn("w:ilvl"))
    return "0" if level is None else str(level.get(VALUE))


def join_lists(old: Document, new: Document, stories: Iterable[Any]) -> None:
    """Makes the older file's paragraphs name the lists of the newer one.

    Lists that were made while the template was filled in have their numbers in order of need, so a
    number may mean another list in the other file. What the template brought along is the same.
    """
    numbers = [number for story in stories for number in story.iter(_NUMBER)]
    if numbers:
        renamed = _match_lists(old, new)
        for number in numbers:
            number.set(VALUE, renamed.get(number.get(VALUE), number.get(VALUE)))


def _match_lists(old: Document, new: Document) -> dict[str, str]:
    sides = [document.part.numbering_part.element for document in (old, new)]
    theirs, ours = ({shape(one): one for one in side.iterchildren(_LIST)} for side in sides)
    free: defaultdict[str, list[Any]] = defaultdict(list)
    for said, one in ours.items():
        if said not in theirs:
            free[_look(one)].append(one)
    renamed = {}
    for said, one in theirs.items():
        if said not in ours:
            same = free[_look(one)]
            found = same.pop(0) if same else sides[1].add_num(int(_look(one)))
            renamed[one.get(_NUMBER)] = found.get(_NUMBER)
    return renamed


def _look(one: Any) -> str:
    look: str = one.find(_LOOK).get(VALUE)
    return look


def first_free_id(stories: Iterable[Any]) -> int:
    """A number above the ids of all bookmarks and other marks."""
    ids = (value for story in stories for value in story.xpath(".//@w:id"))
    return max((int(value) for value in ids if value.isdecimal()), default=0) + 1


class Bookmarks:
    """The bookmarks of both files, each with an id that no other has."""

    def __init__(self, old: Sequence[Any], new: Sequence[Any]) -> None:
        self._old, self._new = old, new
        self._first = first_free_id(new)
        self.next_id = self._first
        """The first id that is free for other marks."""
        ids: dict[str, str] = {}
        for story in old:
            for mark in story.iter(_START, _END):
                mark.set(ID, ids.setdefault(mark.get(ID), str(self._first + len(ids))))
        self.next_id += len(ids)

    def join(self, old: Names, new: Names) -> None:
        """Gives the older file's bookmarks their names in the newer one, and its links with them.

        A bookmark without a counterpart gets a name of its own. So every link still leads to the
        text it led to, although the objectives may have other numbers now.
        """
        ours = dict(_named_bookmarks(self._new, new))
        taken = {start.get(_NAME) for story in self._new for start in story.iter(_START)}
        renamed: dict[str, str] = {}
        for name, starts in _named_bookmarks(self._old, old):
            partners = ours.get(name, [])
            for at, start in enumerate(starts):
                own = start.get(_NAME)
                if at < len(partners):
                    renamed[own] = partners[at].get(_NAME)
                elif own in taken:
                    renamed[own] = next(
                        free for k in count(1) if (free := f"{own}_old{k}") not in taken
                    )
                    taken.add(renamed[own])
        for story in self._old:
            for start in story.iter(_START):
                start.set(_NAME, renamed.get(start.get(_NAME), start.get(_NAME)))
            for link in story.iter(_LINK):
                if link.get(_ANCHOR) in renamed:
                    link.set(_ANCHOR, renamed[link.get(_ANCHOR)])

    def drop_doubles(self) -> None:
        """Takes the older file's bookmarks out of the merged one where the newer has their name."""
        starts = [start for story in self._new for start in story.iter(_START)]
        ours = {start.get(_NAME) for start in starts if int(start.get(ID)) < self._first}
        doubles = {
            start.get(ID)
            for start in starts
            if int(start.get(ID)) >= self._first and start.get(_NAME) in ours
        }
        for story in self._new:
            for mark in list(story.iter(_START, _END)):
                if mark.get(ID) in doubles:
                    mark.getparent().remove(mark)


def _named_bookmarks(stories: Iterable[Any], names: Names) -> Iterator[tuple[Name, list[Any]]]:
    """The bookmarks of each paragraph that prints texts of the plan, by the paragraph's name."""
    for story in stories:
        for paragraph in {start.getparent(): None for start in story.iter(_START)}:
            name = names.of(paragraph) if paragraph.tag == P else ("text",)
            if name[0] != "text":
                yield name, list(paragraph.iterchildren(_START))
