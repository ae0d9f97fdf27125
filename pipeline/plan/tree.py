"""YAML text as plain data in which every scalar is a string and every value knows its place.

The events of the YAML parser are walked rather than its values: those would turn `no` into False
and `6:30` into 390, and would let the last of two equal keys win in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from pipeline.errors import Problem

Path = tuple[str | int, ...]
"""The way from the top of the sources to a value: ("areas", 0, "actions", 2, "bullet")."""

MAX_DEPTH = 20

# libyaml's parser is seven times as fast; the other one gives the same events.
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


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
    """The data of one or more files, where each value and key stands, and what was wrong."""

    data: dict[str, Any] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path) -> Place:
        """Where a value stands, or else the nearest thing around it."""
        while path not in self.values and path:
            path = path[:-1]
        return self.values[path] if path in self.values else Place("source", 1, 1, "")

    def add(self, file: str, source: str) -> None:
        """Reads one more file; a top-level key may stand in only one of them."""
        _Reader(self, file, source).read()


class _Reader:
    def __init__(self, tree: Tree, file: str, source: str) -> None:
        self.tree = tree
        self.file = file
        self.source = source
        self.lines = source.splitlines()

    def read(self) -> None:
        control = list(self._control_characters())
        if control:
            self.tree.problems.extend(control)
            return
        try:
            self._document(yaml.parse(self.source, Loader=_Loader))
        except yaml.MarkedYAMLError as error:
            self.tree.problems.append(self._syntax(error))
        except _TooDeep as error:
            self.tree.problems.append(
                error.place.problem(
                    f"the entries are nested more than {MAX_DEPTH} deep",
                    "Look for a bracket that is never closed.",
                )
            )

    def _control_characters(self) -> Iterator[Problem]:
        for number, line in enumerate(self.source.split("\n"), 1):
            for column, character in enumerate(line.removesuffix("\r"), 1):
                if unicodedata.category(character) == "Cc" and character != "\t":
                    place = Place(self.file, number, column, line)
                    yield place.problem(
                        f"there is a control character (U+{ord(character):04X}) here",
                        "Delete it, or type the line again.",
                    )

    def _document(self, events: Iterator[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self._holds_something_already():
                    self._report(event, "a second document begins here", "Delete the line ---.")
                    return
            elif isinstance(event, yaml.MappingStartEvent):
                self._check(event)
                self.tree.values.setdefault((), self._place(event))
                self._mapping(events, (), self.tree.data)
            elif isinstance(event, yaml.NodeEvent):
                self._report(
                    event,
                    "this is not a list of keys and values",
                    "A file begins with a key such as areas: or people:",
                )
                return

    def _holds_something_already(self) -> bool:
        return any(place.file == self.file for place in self.tree.keys.values())

    def _mapping(self, events: Iterator[Any], path: Path, into: dict[str, Any]) -> None:
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                return
            self._check(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._report(event, "a key has to be a plain word", "Write the key as one word.")
                if not isinstance(event, yaml.AliasEvent):
                    self._value(event, events, (*path, "?"))
                self._value(next(events), events, (*path, "?"))
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
                self._value(next(events), events, (*path, "?"))
                continue
            self.tree.keys[here] = self._place(event)
            into[event.value] = self._value(next(events), events, here)

    def _sequence(self, events: Iterator[Any], path: Path) -> list[Any]:
        found: list[Any] = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            found.append(self._value(event, events, (*path, len(found))))
        return found

    def _value(self, event: Any, events: Iterator[Any], path: Path) -> Any:
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
        return event.value if isinstance(event, yaml.ScalarEvent) else ""

    def _check(self, event: Any) -> None:
        if getattr(event, "anchor", None) is not None:
            sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
            self._report(
                event,
                f"{sign} at the start of a text is a YAML reference, which is not used here",
                f'Put the text in quotation marks: "{sign}{event.anchor} …"',
            )
        if getattr(event, "tag", None) not in (None, "!"):
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
        place = self._at(error.problem_mark or error.context_mark)
        said = str(error.problem)
        for pattern, message, remedy in _SYNTAX:
            if re.search(pattern, said):
                return place.problem(message, remedy)
        return place.problem(f"YAML cannot read this: {said}", "Compare the lines around it.")


class _TooDeep(Exception):
    def __init__(self, place: Place) -> None:
        self.place = place


# What the YAML parser says, and what a clerk can do about it.
_SYNTAX = (
    (
        r"mapping values are not allowed",
        "there is a colon and a space inside a text",
        "Put the whole text in quotation marks, or begin it with >- and write it on the next line.",
    ),
    (
        r"cannot start any token|found a tab|tab character",
        "a text cannot begin with this character, or a line is indented with a tab",
        "Put the text in quotation marks; indent with spaces.",
    ),
    (
        r"could not find expected ':'|while scanning a simple key|expected <block end>"
        r"|did not find expected key|did not find expected '-' indicator",
        "this line does not fit the lines above it",
        "Check its indentation, its hyphen and its colon against a neighbour that works.",
    ),
    (
        r"unexpected end of stream|document end",
        "a quotation mark or a bracket is opened and never closed",
        "Close it where the text ends.",
    ),
    (
        r"unknown escape character|did not find expected hexdecimal",
        "there is a backslash inside quotation marks",
        "Use single quotation marks, in which a backslash is just a backslash.",
    ),
    (
        r"undefined alias",
        "* at the start of a text is a YAML reference, which is not used here",
        "Put the text in quotation marks.",
    ),
)
