"""YAML text as plain data, in which every scalar is a string and every value has its place.

It is built from the events of the YAML parser, not from its values: those would turn `no` into
False and `6:30` into 390, and of two equal keys they would silently keep the last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from signed_plan.errors import Problem
from signed_plan.plan.lost_words import find_dropped, find_joined, find_line_break
from signed_plan.plan.model import NOT_WORDS
from signed_plan.plan.slips import Position, Slip, find_slip, find_wrong_start

KeyPath = tuple[str | int, ...]
"""The way from the top of the sources to a value: ("areas", 0, "actions", 2, "bullet")."""

MAX_DEPTH = 20

# libyaml's parser is seven times as fast. The other one gives the same events.
_YamlLoader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

# Control characters other than tab and line feed, what YAML would count as a line break and an
# editor would not, and what YAML cannot read at all.
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Place:
    """A point in a source file; line and column count from 1."""

    file: str
    line: int
    column: int
    text: str

    def problem(self, message: str, remedy: str) -> Problem:
        return Problem(self.file, self.line, self.column, message, remedy, self.text)


@dataclass(slots=True)
class Tree:
    """The data of one or more files, the place of each value and key, and what is wrong."""

    data: dict[str, Any] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    misread: dict[KeyPath, Problem] = field(default_factory=dict)
    """Values that lose words to a hash sign, or get a line break. It matters in a text."""
    problems: list[Problem] = field(default_factory=list)
    incomplete: bool = False
    """Whether a file was not read to its end, so that what seems missing may be in it."""
    unfinished: set[KeyPath] = field(default_factory=set)
    """The entries that ended only where a file could not be read on: more may belong to them."""

    def place(self, path: KeyPath) -> Place:
        """Where a value stands, or else the nearest thing around it."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values[path] if path in self.values else Place("source", 1, 1, "")

    def add(self, file: str, source: str) -> None:
        """Reads one more file. A top-level key may be in only one of them."""
        _Reader(self, file, source).read()


class _Reader:
    def __init__(self, tree: Tree, file: str, source: str) -> None:
        self.tree = tree
        self.file = file
        self.source = source
        self.lines = [line.removesuffix("\r") for line in source.split("\n")]
        self.last: Any = None
        """The last event of a value or key."""
        self.brackets: list[Any] = []
        """The marks of the brackets that are open."""
        self.ends: dict[KeyPath, int] = {}
        """The line in which each entry ends."""

    def read(self) -> None:
        control = list(self._control_characters())
        if control:
            self._give_up(*control)
            return
        try:
            self._document(yaml.parse(self.source, Loader=_YamlLoader))
        except yaml.MarkedYAMLError as error:
            quoted = self.last if getattr(self.last, "style", None) in ("'", '"') else None
            line = self.last.start_mark.line if self.last is not None else 0
            bracket = self.brackets[-1] if self.brackets else None
            slip = find_slip(self.lines, error, Position(line, quoted, bracket))
            self._give_up(self._slip(slip))
        except _TooDeep as error:
            message = f"the entries are nested more than {MAX_DEPTH} deep"
            self._give_up(error.place.problem(message, "Look for a bracket that is never closed."))

    def _give_up(self, *problems: Problem) -> None:
        """Reports why the rest of the file is not read, except for lines already reported."""
        self.tree.incomplete = True
        first = min(problem.line for problem in problems)
        self.tree.unfinished.update(at for at, end in self.ends.items() if end >= first)
        reported = {(problem.file, problem.line) for problem in self.tree.problems}
        self.tree.problems.extend(
            problem for problem in problems if (problem.file, problem.line) not in reported
        )

    def _control_characters(self) -> Iterator[Problem]:
        """The first such character of each line."""
        if "\r" in self.source and "\n" not in self.source:
            message = "the lines of this file end as on very old computers (CR alone)"
            remedy = "Save it again with line ends as on Windows (CRLF) or Unix (LF)."
            yield Place(self.file, 1, 1, "").problem(message, remedy)
            return
        for number, line in enumerate(self.lines, 1):
            found = _UNREADABLE.search(line)
            if found is not None:
                place = Place(self.file, number, found.start() + 1, line)
                yield place.problem(
                    f"there is a control character (U+{ord(found.group()):04X}) here",
                    "Delete it, or type the line again.",
                )

    def _document(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._holds_something_already():
                    self._give_up(
                        self._place(event).problem(
                            "a second document begins here", "Delete the line ---."
                        )
                    )
                    return
            elif isinstance(event, yaml.MappingStartEvent):
                self._check(event)
                self.tree.values.setdefault((), self._place(event))
                self._mapping(events, (), self.tree.data)
            elif isinstance(event, yaml.NodeEvent):
                self._give_up(self._slip(find_wrong_start(self.lines, event.start_mark)))
                return

    def _holds_something_already(self) -> bool:
        return any(place.file == self.file for place in self.tree.keys.values())

    def _mapping(self, events: Iterator[Any], path: KeyPath, into: dict[str, Any]) -> None:
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                self.ends[path] = self._place(event).line
                return
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._skip(event, events)
                if not isinstance(event, yaml.AliasEvent):
                    self._report(
                        event,
                        "a key has to be a plain word",
                        "Put a text that begins with a bracket in quotation marks.",
                    )
                self._skip(next(events), events)
                continue
            here = (*path, event.value)
            if here in self.tree.keys:
                first = self.tree.keys[here]
                remedy = "Keep one of the two."
                if path and isinstance(path[-1], int):
                    remedy += f" If it begins another entry, put a dash before it: - {event.value}:"
                self._report(
                    event,
                    f'the key "{event.value}" stands here a second time (first at '
                    f"{first.file}:{first.line})",
                    remedy,
                )
                self._skip(next(events), events)
                continue
            self.tree.keys[here] = self._place(event)
            self.last = event
            into[event.value] = self._value(next(events), events, here)

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                self.ends[path] = self._place(event).line
                break
            found.append(self._value(event, events, (*path, len(found))))
        return found

    def _value(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        self._check(event)
        place = self.tree.values[path] = self._place(event)
        if len(path) > MAX_DEPTH:
            raise _TooDeep(place)
        before, self.last = self.last.end_mark, event
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event, before, path)
        if isinstance(event, yaml.AliasEvent):
            return ""
        if event.flow_style:
            self.brackets.append(event.start_mark)
        found: Any = {}
        if isinstance(event, yaml.MappingStartEvent):
            self._mapping(events, path, found)
        else:
            found = self._sequence(events, path)
        if event.flow_style:
            self.brackets.pop()
        return found

    def _text(self, event: Any, before: Any, path: KeyPath) -> str:
        """The text of a value; where it takes in lines of its own, that is reported."""
        misread = find_dropped(self.lines, before, event) or find_line_break(self.lines, event)
        if misread is not None:
            self.tree.misread[path] = self._slip(misread)
        joined = find_joined(self.lines, event)
        if joined is not None:
            self.tree.problems.append(self._slip(joined))
            self.tree.incomplete = True
            return str(event.value).partition("\n")[0]
        curly = re.fullmatch("([“”„‟‘’‚])(.*)[“”‟‘’‛]", event.value)
        if curly is not None and any(part in NOT_WORDS for part in path):
            message = "the curly quotation marks, as from Word, are part of the value here"
            self._report(event, message, "Delete them.")
            return curly[2]
        return str(event.value)

    def _skip(self, event: Any, events: Iterator[Any]) -> None:
        """Skips a value with everything in it."""
        depth = 0
        while True:
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 0:
                return
            if depth > MAX_DEPTH:
                raise _TooDeep(self._place(event))
            event = next(events)

    def _check(self, event: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._report(
                event,
                f"{sign} at the start of a text is a YAML reference, which is not used here",
                "Put a text in quotation marks; write out in full what a reference stands for.",
            )
        if getattr(event, "tag", None) is not None:
            self._report(
                event,
                "! at the start of a text is a YAML tag, which is not used here",
                "Put the text in quotation marks.",
            )

    def _place(self, event: Any) -> Place:
        return self._at(event.start_mark)

    def _at(self, mark: Any) -> Place:
        if mark is None:
            return Place(self.file, 1, 1, "")
        text = self.lines[mark.line] if mark.line < len(self.lines) else ""
        return Place(self.file, mark.line + 1, mark.column + 1, text)

    def _report(self, event: Any, message: str, remedy: str) -> None:
        self.tree.problems.append(self._place(event).problem(message, remedy))

    def _slip(self, slip: Slip) -> Problem:
        text = self.lines[slip.line] if slip.line < len(self.lines) else ""
        return Place(self.file, slip.line + 1, slip.column + 1, text).problem(
            slip.message, slip.remedy
        )


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place
