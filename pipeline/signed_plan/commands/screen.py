"""What the user sees: stages with their times, problems with their lines, and what comes next."""

from __future__ import annotations

import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from signed_plan.commands.folding import fold, fold_plain, fold_row, terminal_width
from signed_plan.commands.standpoint import Standpoint
from signed_plan.errors import PlanError, Problem, SourceError
from signed_plan.wording import printable, without_controls

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

BULLETS = {"paragraph": "", "heading": "", "bullet": "• ", "sub-bullet": "– "}
"""What stands before a block of each kind."""
_DUMB = ("", "dumb", "unknown")
"""Kinds of terminals that show escape sequences as letters."""
_STAGE = 38
"""How wide the names of stages are."""
_WINDOW = 96
"""How much of a line with a mistake is shown."""


class Screen:
    """Colours and a spinner on a terminal; the same words as plain lines anywhere else.

    On a terminal, long lines fold between words. Nothing that it says can steer the terminal: parts
    may come from an untrusted file.
    """

    def __init__(self) -> None:
        self.verbose = False
        self.standpoint = Standpoint()
        self._running: Status | None = None

    @property
    def draws(self) -> bool:
        """Whether it can draw over what it has said: on a terminal that is not a dumb one."""
        return self._terminal is not None and self._terminal.color_system is not None

    def say(self, text: str = "", style: str = "") -> None:
        self._print((text, style), hang=len(text) - len(text.lstrip(" ")))

    def detail(self, text: str) -> None:
        """Says a technical detail, if the user has asked for them."""
        if self.verbose:
            self.say(text, "dim")

    def row(self, *columns: str, style: str = "") -> None:
        """Says a row of a table, whose columns are padded already, with one space between them."""
        shown = [without_controls(column) for column in columns]
        for line, hang in fold_row(shown, None if self._terminal is None else terminal_width()):
            self._print((line, style), hang=hang)

    def item(self, indent: int, mark: str, *spans: tuple[str, str]) -> None:
        """Says a line behind a mark, beside which it folds. Each span has a text and its style."""
        lead = f"{' ' * indent}{mark} "
        self._print((lead, spans[0][1]), *spans, hang=len(lead))

    def next(self, text: str) -> None:
        """Says the last line of a command: what the user may want to do now."""
        self._print((f"Next: {self.standpoint.complete(text)}", "cyan"), hang=2)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        if self._terminal is None or not self.draws:
            yield
        else:
            with self._terminal.status(f"{name} …") as self._running:
                yield
            self._running = None
        took = f"{time.perf_counter() - start:6.2f} s"
        columns = _STAGE if self._terminal is None else min(_STAGE, terminal_width() - 12)
        if len(name) <= columns:
            self.say(f"  {name:<{columns}} {took}", "dim")
        else:
            self.say(f"  {name}", "dim")
            self.say(f"  {'':<{columns}} {took}", "dim")

    @contextmanager
    def asking(self) -> Iterator[None]:
        """While somebody is asked something: no spinner wipes the question away."""
        running = self._running
        if running is not None:
            running.stop()
        try:
            yield
        finally:
            if running is not None:
                running.start()

    def ask(self, question: str) -> str:
        """Asks on standard error; gives the line that is typed, "" if they go away instead."""
        lines = fold_plain(without_controls(question), terminal_width() - 1, 0)
        print("\n".join(lines), end=" ", flush=True, file=sys.stderr)
        typed = sys.stdin.readline()
        if not typed:
            print(file=sys.stderr)
        return typed

    def advice(self, advice: Sequence[Problem]) -> None:
        for one in advice:
            self._print((f"{self.standpoint.place(one)}: {one.message}", "yellow"), hang=2)

    def problems(self, problems: Sequence[Problem]) -> None:
        for one in problems:
            self._print((f"{self.standpoint.place(one)}: {one.message}", "bold"), hang=2)
            if one.text:
                width = _WINDOW if self._terminal is None else min(terminal_width() - 4, _WINDOW)
                shown, at = _window(one.text, one.column, width)
                self.say(f"    {shown}")
                self.say(f"    {' ' * at}^", "red")
            self.say(f"    {self.standpoint.complete(one.remedy)}")

    def error(self, error: PlanError) -> None:
        if isinstance(error, SourceError):
            self.problems(error.problems)
            self.say()
        self.failure(error.message, error.remedy)

    def failure(self, message: str, remedy: str) -> None:
        """Says on standard error what went wrong, and what to do about it."""
        for lead, text in (("plan: ", message), ("      ", self.standpoint.complete(remedy))):
            shown = f"{lead}{without_controls(text)}"
            if not text:
                continue
            if sys.stderr.isatty():
                lines = fold_plain(shown, terminal_width(), len(lead))
            else:
                lines = [shown]
            for line in lines:
                print(line, file=sys.stderr)

    def traceback(self, error: BaseException) -> None:
        """Says on standard error where it went wrong, indented, so that no line passes for ours.

        Of other errors than our own it shows no words: a library may put a secret into them.
        """
        for one in _chain(error):
            told = f": {one}" if isinstance(one, PlanError) else ""
            places = "".join(traceback.format_tb(one.__traceback__))
            shown = f"Traceback (most recent call last):\n{places}{type(one).__name__}{told}\n"
            for line in shown.split("\n"):
                print(f"      {without_controls(line)}".rstrip(), file=sys.stderr)

    @cached_property
    def _terminal(self) -> Console | None:
        """The terminal; None where the output goes elsewhere."""
        if not sys.stdout.isatty():
            return None
        from rich.console import Console

        plain = os.environ.get("TERM", "") in _DUMB
        return Console(highlight=False, soft_wrap=True, color_system=None if plain else "auto")

    def _print(self, *spans: tuple[str, str], hang: int) -> None:
        shown = [(without_controls(text), style) for text, style in spans]
        if self._terminal is None:
            print("".join(text for text, _ in shown))
            return
        from rich.text import Text

        for line in fold(Text.assemble(*shown), terminal_width(), hang):
            self._terminal.print(line)


def _window(line: str, column: int, width: int) -> tuple[str, int]:
    """The part of a line around a column that fits a terminal, and where the column is in it."""
    flat = printable(line)
    start = max(0, column - width // 2) if len(flat) > width else 0
    return flat[start : start + width], column - 1 - start


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, and before it what led to it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _chain(before)
    yield error
