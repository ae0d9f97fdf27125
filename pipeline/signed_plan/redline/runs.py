"""The content of two paragraphs as one: word by word, in Word's tracked runs.

An example, with [-…-] for w:del and {+…+} for w:ins:

    older   to meet on 5 December
    newer   to meet on 6 December
    merged  to meet on [-5-]{+6+} December
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import chain, groupby
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from signed_plan.compare.text_diff import Piece, difference
from signed_plan.redline.revision_marks import PPR, RPR, Marks, R, TrackedWay, is_empty, shape

_INS, _T, _FIELD_MARK, _FIELD_KIND = map(qn, ("w:ins", "w:t", "w:fldChar", "w:fldCharType"))
_FIELD_DATA = qn("w:fldData")
_BOOKMARKS = frozenset(map(qn, ("w:bookmarkStart", "w:bookmarkEnd")))
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_FIRST_WORD = re.compile(r"^\s*\S*")
_FIRST_SIGN = 0xE000
"""From here on, a character stands for something that is no text: no text of a plan has it."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """One character of a paragraph; or a whole tab, picture or field, taken as one character."""

    sign: str
    form: tuple[bytes, ...]
    """Equal for units that look alike and stand in the same link."""
    look: Any | None
    """The properties of its run."""
    around: tuple[Any, ...]
    """What it stands in, from the outside in: a link, or the like."""
    parts: tuple[Any, ...] = ()
    """The elements that it stands for, if it is no text: one inside a run, or a field's runs."""


@dataclass(frozen=True, slots=True)
class _Tracked:
    """A unit of the paragraph that two have become."""

    unit: _Unit
    way: TrackedWay | None
    place: int
    """How many of the newer paragraph's units stand before it."""


def merge_content(old: Any, new: Any, marks: Marks, *, apart: bool = False) -> None:
    """Makes the content of two paragraphs one, in the newer of them, word by word.

    With `apart`, it does not begin with something added: LibreOffice takes that, and what is added
    at the end of the paragraph before, for one change that the mark between them is part of.
    """
    before, after = _contents(old, new)
    pieces = difference(before.text, after.text)
    if apart:
        pieces = _beginning_with_removed(pieces)
    _write(new, _track_pieces(before.units, after.units, pieces), after.bookmarks, marks)


def replace_content(old: Any, new: Any, marks: Marks) -> None:
    """Puts what is removed, all of the older paragraph, before all of the newer, which is added."""
    before, after = _contents(old, new)
    bookmarks = [(0, bookmark) for _, bookmark in before.bookmarks]
    both = chain(_track_removed(before.units, 0), _track_added(after.units, 0))
    _write(new, both, [*bookmarks, *after.bookmarks], marks)


def ends_with_added(paragraph: Any) -> bool:
    """Whether the last thing that stands in a paragraph is tracked as added."""
    last = None
    for element in paragraph.iter(R):
        last = element
    return last is not None and last.getparent().tag == _INS


def _contents(old: Any, new: Any) -> tuple[_Content, _Content]:
    """What stands in both paragraphs; the newer is left empty."""
    signs: dict[bytes, str] = {}
    both = _Content(old, signs), _Content(new, signs)
    for child in [child for child in new if child.tag != PPR]:
        new.remove(child)
    return both


class _Content:
    """What stands in a paragraph, unit by unit."""

    def __init__(self, paragraph: Any, signs: dict[bytes, str]) -> None:
        self.units: list[_Unit] = []
        self.bookmarks: list[tuple[int, Any]] = []
        """Where bookmarks begin and end, each with the number of units before it."""
        self._signs = signs
        self._read(paragraph, ())

    @property
    def text(self) -> str:
        return "".join(unit.sign for unit in self.units)

    def _read(self, parent: Any, around: tuple[Any, ...]) -> None:
        form = tuple(shape(_shell(one)) for one in around)
        field: list[Any] = []
        depth = 0
        for child in parent:
            if child.tag in _BOOKMARKS:
                self.bookmarks.append((len(self.units), child))
            elif child.tag == R:
                depth += _fields_begun(child)
                if field or depth:
                    field.append(child)
                    if not depth:
                        self._add(tuple(field), (*form, b""), None, around)
                        field = []
                elif not is_empty(child):
                    self._read_run(child, form, around)
            elif child.tag != PPR:
                self._read(child, (*around, child))

    def _read_run(self, run: Any, form: tuple[bytes, ...], around: tuple[Any, ...]) -> None:
        look = run.find(RPR)
        form = (*form, b"" if look is None else shape(look))
        for child in run:
            if child.tag == _T:
                self.units += (_Unit(sign, form, look, around) for sign in child.text or "")
            elif child.tag != RPR:
                self._add((child,), form, look, around)

    def _add(
        self,
        parts: tuple[Any, ...],
        form: tuple[bytes, ...],
        look: Any | None,
        around: tuple[Any, ...],
    ) -> None:
        said = b"".join(map(shape, parts))
        sign = self._signs.setdefault(said, chr(_FIRST_SIGN + len(self._signs)))
        self.units.append(_Unit(sign, form, look, around, parts))


def _fields_begun(run: Any) -> int:
    """How many fields a run begins, less those that it ends (ISO/IEC 29500-1, 17.16.18)."""
    kinds = [mark.get(_FIELD_KIND) for mark in run.iterchildren(_FIELD_MARK)]
    return kinds.count("begin") - kinds.count("end")


def _shell(element: Any) -> Any:
    """An element such as a link, without what stands in it."""
    shell = element.makeelement(element.tag, element.attrib, element.nsmap)
    shell.extend(deepcopy(child) for child in element if child.tag == _FIELD_DATA)
    return shell


def _beginning_with_removed(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The same with the first word removed and added again, where something is added before it."""
    if len(pieces) < 2 or pieces[0].kind != "added":
        return pieces
    added, same, *rest = pieces
    word = _FIRST_WORD.findall(same.text)[0]
    left = Piece("same", same.text.removeprefix(word))
    return (Piece("removed", word), Piece("added", added.text + word), left, *rest)


def _track_pieces(
    old: Sequence[_Unit], new: Sequence[_Unit], pieces: Iterable[Piece]
) -> Iterator[_Tracked]:
    i = k = 0
    for piece in pieces:
        size = len(piece.text)
        if piece.kind == "removed":
            yield from _track_removed(old[i : i + size], k)
        elif piece.kind == "added":
            yield from _track_added(new[k : k + size], k)
        else:
            yield from _same_text(old[i : i + size], new[k : k + size], k)
        i += size if piece.kind != "added" else 0
        k += size if piece.kind != "removed" else 0


def _same_text(old: Sequence[_Unit], new: Sequence[_Unit], place: int) -> Iterator[_Tracked]:
    """The same characters; those that look different now are still tracked."""
    both = zip(old, new, strict=True)
    for same, group in groupby(both, key=lambda units: units[0].form == units[1].form):
        before, after = zip(*group, strict=True)
        if same:
            yield from (_Tracked(unit, None, at) for at, unit in enumerate(after, place))
        else:
            yield from _track_removed(before, place)
            yield from _track_added(after, place)
        place += len(after)


def _track_removed(units: Iterable[_Unit], place: int) -> Iterator[_Tracked]:
    return (_Tracked(unit, "del", place) for unit in units)


def _track_added(units: Iterable[_Unit], place: int) -> Iterator[_Tracked]:
    return (_Tracked(unit, "ins", at) for at, unit in enumerate(units, place))


def _write(
    paragraph: Any,
    tracked: Iterator[_Tracked],
    bookmarks: Sequence[tuple[int, Any]],
    marks: Marks,
) -> None:
    """Writes the units into a paragraph: links outside, marks inside them, runs inside those."""
    waiting = list(reversed(bookmarks))

    def stretch(one: _Tracked) -> tuple[int, tuple[bytes, ...]]:
        return sum(place <= one.place for place, _ in bookmarks), one.unit.form[:-1]

    for (passed, _), group in groupby(tracked, stretch):
        while len(bookmarks) - len(waiting) < passed:
            paragraph.append(waiting.pop()[1])
        inside = list(group)
        parent = paragraph
        for one in inside[0].unit.around:
            shell = _shell(one)
            parent.append(shell)
            parent = shell
        for way, same_way in groupby(inside, lambda one: one.way):
            made = list(_runs(one.unit for one in same_way))
            if way is None:
                parent.extend(made)
            else:
                parent.append(marks.track_runs(made, way))
    paragraph.extend(bookmark for _, bookmark in reversed(waiting))


def _runs(units: Iterable[_Unit]) -> Iterator[Any]:
    for (_, is_field), group in groupby(units, lambda unit: (unit.form, _is_field(unit))):
        inside = list(group)
        if is_field:
            for unit in inside:
                yield from unit.parts
            continue
        run = OxmlElement("w:r")
        if inside[0].look is not None:
            run.append(deepcopy(inside[0].look))
        for is_text, stretch in groupby(inside, lambda unit: not unit.parts):
            if is_text:
                run.append(_text("".join(unit.sign for unit in stretch)))
            else:
                run.extend(part for unit in stretch for part in unit.parts)
        yield run


def _is_field(unit: _Unit) -> bool:
    return bool(unit.parts) and unit.parts[0].tag == R


def _text(text: str) -> Any:
    element = OxmlElement("w:t")
    element.text = text
    element.set(_SPACE, "preserve")
    return element
