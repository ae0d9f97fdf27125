"""What the tags of a template may say, and how much they may make of it.

A template is a program, and a clerk may have it from anybody. So its tags can print a value, repeat
and choose, and nothing else; a few filters change how a text is written. No loop goes on for long,
and no template prints many times what a plan holds.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, nodes, pass_context
from jinja2.exceptions import TemplateAssertionError, TemplateRuntimeError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from signed_plan.document.context import Trail

# A tag ends before another begins: else the search for its end would begin at each of them.
_INSIDE = r"(?:(?!\{[{%#]).)*?"
TAG = re.compile(rf"\{{\{{{_INSIDE}\}}\}}|\{{%{_INSIDE}%\}}|\{{#{_INSIDE}#\}}")

_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.For, nodes.If, nodes.Name),
    *(nodes.Getattr, nodes.Getitem, nodes.Const, nodes.List, nodes.Tuple, nodes.CondExpr),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Test, nodes.Filter),
    *(nodes.Concat, nodes.Add, nodes.Sub),
)
_FILTERS = (
    *("capitalize", "count", "default", "first", "join", "last", "length", "lower", "title"),
    *("trim", "upper"),
)
_COUNTED = "counted"

_TURNS, _TURNS_PER_ITEM = 1_000, 20
_OUTPUT, _OUTPUT_PER_ITEM = 1_000_000, 4_000  # characters
_ROWS, _ROWS_PER_ITEM = 500, 2  # LibreOffice's time grows with the square of a table's rows
_SECONDS = 10  # of the processor


class TooMuchError(TemplateRuntimeError):
    """The template goes on for too long, or prints too much."""


class Budget:
    """How much a template may still do with the values that it is given, in all its parts."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        items, characters = _measure(values)
        self.turns = _TURNS + _TURNS_PER_ITEM * items
        self.output = _OUTPUT + _OUTPUT_PER_ITEM * items + 4 * characters
        self.rows = _ROWS + _ROWS_PER_ITEM * items
        self._turns_left = self.turns
        self._output_left = self.output
        self._end = time.thread_time() + _SECONDS

    def count(self, items: Any) -> Iterator[Any]:
        """The items, each of which is a turn of a loop. Raises TooMuchError."""
        for item in items:
            self._turns_left -= 1
            if self._turns_left < 0:
                raise TooMuchError(f"its loops go round more than {self.turns:,} times")
            self._require_time()
            yield item

    def write(self, text: str) -> None:
        """Takes note of what is printed. Raises TooMuchError."""
        self._output_left -= len(text)
        if self._output_left < 0:
            raise TooMuchError(f"it makes more than {self.output:,} characters")
        self._require_time()

    def require_rows(self, count: int) -> None:
        """Makes sure that the tables have no more rows than there is to put in them. Raises
        TooMuchError.
        """
        if count > self.rows:
            raise TooMuchError(f"its tables have {count:,} rows, which is more than {self.rows:,}")

    def _require_time(self) -> None:
        if time.thread_time() > self._end:
            raise TooMuchError(f"filling it in takes longer than {_SECONDS} seconds")


def _measure(value: Any) -> tuple[int, int]:
    """How many values there are in a value, and how many characters in those."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list):
        return 1, len(value) if isinstance(value, str) else 1
    inside = [_measure(one) for one in value]
    return 1 + sum(items for items, _ in inside), sum(characters for _, characters in inside)


class TemplateLanguage(ImmutableSandboxedEnvironment):
    """An environment for templates of any origin, which can tell what tag a mistake is in."""

    _lines: Sequence[str] = ()

    def __init__(self, trail: Trail, printed: Callable[[Any], Any], budget: Budget) -> None:
        super().__init__(
            autoescape=True,
            undefined=StrictUndefined,
            finalize=lambda value: printed(trail.note(value)),
        )
        self.budget = budget
        self.globals = {}
        self.filters = {name: self.filters[name] for name in _FILTERS}
        self.filters |= {"join": _join, _COUNTED: _count}
        self._printed = printed

    def from_string(self, source: Any, *args: Any, **more: Any) -> Template:
        """The template, which has each tag in a line of its own, so that it has a number."""
        numbered = re.sub(r"\{[{%][-+]?", r"\g<0>\n", source)
        self._lines = numbered.split("\n")
        return super().from_string(numbered, *args, **more)

    def compile(self, source: Any, *args: Any, **more: Any) -> Any:
        """The template's code. Plans by the hundred have the same templates, and compiling them
        takes as long as filling them in.
        """
        return _compile(source, self._printed)

    def concat(self, parts: Generator[str]) -> str:  # type: ignore[override]
        """All that the template prints, as long as that is within its budget."""
        written = []
        for part in parts:
            written.append(part)
            try:
                self.budget.write(part)
            except TooMuchError as error:
                parts.throw(error)  # at the tag that it has got to
        return "".join(written)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _NODES):
                inside = (node, *node.find_all(nodes.Node))  # some are in no line themselves
                raise TemplateAssertionError(
                    "a tag can print a value, repeat with for and choose with if, and nothing else",
                    next((one.lineno for one in inside if one.lineno), 0),
                )
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
        return tree

    def failed_tag(self, error: Exception) -> str:
        """The tag of the template last read that the error was raised at, or nothing."""
        at = getattr(error, "lineno", None)
        trace = error.__traceback__
        while trace is not None:
            # Jinja's own mark of a frame that stands for a line of a template
            if "__jinja_exception__" in trace.tb_frame.f_globals:
                at = trace.tb_lineno
            trace = trace.tb_next
        if not isinstance(at, int) or at < 2:
            return ""
        before, line = self._lines[at - 2 : at]
        found = TAG.match(re.sub(r"^.*(?=\{[{%][-+]?$)", "", before) + line)
        return found.group() if found else ""


@lru_cache(maxsize=64)
def _compile(source: str, printed: Callable[[Any], Any]) -> Any:
    environment = TemplateLanguage(Trail(), printed, Budget({}))
    return ImmutableSandboxedEnvironment.compile(environment, source)


@pass_context
def _count(context: Context, items: Any) -> Iterator[Any]:
    environment = context.environment
    assert isinstance(environment, TemplateLanguage)
    return environment.budget.count(items)


def _join(items: Any, between: str = "") -> str:
    """The texts of a list as one. Not the letters of a text: so joining cannot be heaped up."""
    if not isinstance(items, list):
        raise TypeError("only a list can be joined")
    return between.join(map(str, items))
