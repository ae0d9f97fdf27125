"""What the user sees: stages with their times, problems with their lines, and what comes next."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from signed_plan.errors import PlanError, Problem, SourceError
from signed_plan.wording import printable, without_controls

if TYPE_CHECKING:
    from rich.console import Console

BULLETS = {"paragraph": "", "heading": "", "bullet": "• ", "sub-bullet": "– "}
"""What stands before a block of each kind."""


class Screen:
    """Colours and a spinner on a terminal; the same words as plain lines anywhere else.

    Nothing that it says can steer the terminal: parts may come from an untrusted file.
    """

    def __init__(self) -> None:
        self.verbose = False
        self._rich: Console | None = None
        if sys.stdout.isatty():
            from rich.console import Console

            self._rich = Console(highlight=False, soft_wrap=True)

    def say(self, text: str = "", style: str = "") -> None:
        shown = without_controls(text)
        if self._rich is None:
            print(shown)
        else:
            self._rich.print(shown, style=style or None, markup=False)

    def detail(self, text: str) -> None:
        """Says a technical detail, if the user has asked for them."""
        if self.verbose:
            self.say(text, "dim")

    def item(self, indent: int, mark: str, *spans: tuple[str, str]) -> None:
        """Says a line behind a mark. Each span has a text and its style.

        On a terminal, a long line wraps beside the mark.
        """
        spans = tuple((without_controls(text), style) for text, style in spans)
        if self._rich is None:
            print(f"{' ' * indent}{mark} {''.join(text for text, _ in spans)}")
            return
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text

        grid = Table.grid(padding=(0, 1))
        grid.add_row(Text(mark, spans[0][1]), Text.assemble(*spans))
        self._rich.print(Padding(grid, (0, 0, 0, indent)), soft_wrap=False)

    def next(self, text: str) -> None:
        """Says the last line of a command: what the user may want to do now."""
        self.say(f"Next: {text}", "cyan")

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        if self._rich is None:
            yield
        else:
            with self._rich.status(f"{name} …"):
                yield
        self.say(f"  {name:<38} {time.perf_counter() - start:6.2f} s", "dim")

    def advice(self, advice: Sequence[Problem]) -> None:
        for one in advice:
            self.say(f"{one.place}: {one.message}", "yellow")

    def problems(self, problems: Sequence[Problem]) -> None:
        for one in problems:
            self.say(f"{one.place}: {one.message}", "bold")
            if one.text:
                shown, at = _window(one.text, one.column)
                self.say(f"    {shown}")
                self.say(f"    {' ' * at}^", "red")
            self.say(f"    {one.remedy}")

    def error(self, error: PlanError) -> None:
        if isinstance(error, SourceError):
            self.problems(error.problems)
            self.say()
        self.failure(error.message, error.remedy)

    def failure(self, message: str, remedy: str) -> None:
        print(f"plan: {without_controls(message)}", file=sys.stderr)
        if remedy:
            print(f"      {without_controls(remedy)}", file=sys.stderr)


def _window(line: str, column: int, width: int = 96) -> tuple[str, int]:
    """The part of a line around a column that fits a terminal, and where the column is in it."""
    flat = printable(line)
    start = max(0, column - width // 2) if len(flat) > width else 0
    return flat[start : start + width], column - 1 - start
