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
    cut_off: dict[KeyPath, Place] = field(default_factory=dict)
    """Where a text without quotation marks is ended by a hash sign with one space before it."""
    problems: list[Problem] = field(default_factory=list)
    incomplete: bool = False
    """Whether a file was not read to its end, so that what seems missing may be in it."""

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

    def read(self) -> None:
        control = list(self._control_characters())
        if control:
            self._give_up(*control)
            return
        try:
            self._document(yaml.parse(self.source, Loader=_YamlLoader))
        except yaml.MarkedYAMLError as error:
            self._give_up(self._syntax(error))
        except _TooDeep as error:
            message = f"the entries are nested more than {MAX_DEPTH} deep"
            self._give_up(error.place.problem(message, "Look for a bracket that is never closed."))

    def _give_up(self, *problems: Problem) -> None:
        """Reports why the rest of the file is not read, except for lines already reported."""
        self.tree.incomplete = True
        reported = {(problem.file, problem.line) for problem in self.tree.problems}
        self.tree.problems.extend(
            problem for problem in problems if (problem.file, problem.line) not in reported
        )

    def _control_characters(self) -> Iterator[Problem]:
        """The first such character of each line."""
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
                self._give_up(
                    self._place(event).problem(
                        "this is not a list of keys and values",
                        "A file starts with a key such as areas: or people:",
                    )
                )
                return

    def _holds_something_already(self) -> bool:
        return any(place.file == self.file for place in self.tree.keys.values())

    def _mapping(self, events: Iterator[Any], path: KeyPath, into: dict[str, Any]) -> None:
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
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
                self._report(
                    event,
                    f'the key "{event.value}" stands here a second time (first at '
                    f"{first.file}:{first.line})",
                    "Keep one of the two.",
                )
                self._skip(next(events), events)
                continue
            self.tree.keys[here] = self._place(event)
            into[event.value] = self._value(next(events), events, here)

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*path, len(found))))
        return found

    def _value(self, event: Any, events: Iterator[Any], path: KeyPath) -> Any:
        self._check(event)
        place = self.tree.values[path] = self._place(event)
        if len(path) > MAX_DEPTH:
            raise _TooDeep(place)
        if isinstance(event, yaml.MappingStartEvent):
            inner: dict[str, Any] = {}
            self._mapping(events, path, inner)
            return inner
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if not isinstance(event, yaml.ScalarEvent):
            return ""
        if not event.style:
            end = self._at(event.end_mark)
            if re.match(r" #\s*\S", end.text[end.column - 1 :]):
                place = Place(self.file, end.line, end.column + 1, end.text)
                self.tree.cut_off[path] = place
        return event.value

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
                f'Put the text in quotation marks: "{sign}{event.anchor} …"',
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

    def _syntax(self, error: yaml.MarkedYAMLError) -> Problem:
        said = str(error.problem)
        for pattern, message, remedy in _BEGUN_WRONG:
            if re.search(pattern, said):
                return self._at(error.context_mark or error.problem_mark).problem(message, remedy)
        place = self._at(error.problem_mark or error.context_mark)
        for number in range(place.line - 1, max(place.line - 4, -1), -1):
            line = self.lines[number] if number < len(self.lines) else ""
            for pattern, message, remedy in _SLIPS:
                slip = re.search(pattern, line)
                if slip is not None:
                    found = Place(self.file, number + 1, slip.end() + 1, line)
                    return found.problem(message, remedy)
        for pattern, message, remedy in _SYNTAX:
            if re.search(pattern, said):
                return place.problem(message, remedy)
        return place.problem(f"YAML cannot read this: {said}", "Compare the lines around it.")


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place


# Slips of the pen in the lines just before the place where the parser gives up.
_SLIPS = (
    (
        r"^\s*(?:- +)?[a-z][a-z-]*:(?=[^\s/])",
        "there is no space after the colon",
        "Type a space here.",
    ),
    (r"^ *(?=\u00a0)", "this is a special space, as from Word", "Type the indentation again."),
    (
        r"^\s*(?:- +)?[a-z][a-z-]*: +(?=([\"'])[^\"']*\1 *[^\s#])",
        "the quotation marks are around only a part of the text",
        "Put quotation marks of the other kind around all of it.",
    ),
)

# What the YAML parser says, and what a clerk can do about it. The first list is shown where the
# mistake begins, since the parser may notice it only at the end of the file.
_BEGUN_WRONG = (
    (
        r"unexpected end of stream|unexpected document indicator",
        "a quotation mark is opened here and never closed",
        "Close it where the text ends.",
    ),
    (
        r"expected ',' or '[]}]'",
        "a bracket is opened here, but what follows is not a list with a closing bracket",
        "Close it, with commas between the entries; or put the whole text in quotation marks.",
    ),
    (
        r"expected alphabetic or numeric character",
        "a text cannot begin with * or & or !",
        "Put the text in quotation marks.",
    ),
)
_SYNTAX = (
    (
        r"mapping values are not allowed",
        "there is a colon and a space inside a text",
        "Put the whole text in quotation marks, or start it with >- and write it on the next line.",
    ),
    (
        r"cannot start any token|found a tab|tab character",
        "a text cannot begin with this character, or a line is indented with a tab",
        "Put the text in quotation marks; indent with spaces.",
    ),
    (
        r"block sequence entries are not allowed",
        "a text cannot begin with a hyphen and a space",
        "Put the text in quotation marks, or start the list on the next line.",
    ),
    (
        r"could not find expected ':'|while scanning a simple key|expected <block end>"
        r"|did not find expected key|did not find expected '-' indicator|expected <document start>",
        "this line does not fit the lines above it",
        "Check its indentation, its hyphen and its colon against a neighbour that works.",
    ),
    (
        r"unknown escape character|did not find expected hexdecimal|invalid Unicode character",
        "there is a backslash inside quotation marks",
        "Use single quotation marks. In them, a backslash is just a backslash.",
    ),
)
