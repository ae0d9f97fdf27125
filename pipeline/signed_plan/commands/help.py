"""How help pages look: commands in the order of their use, and lines that fit narrow screens."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

import click

SECTIONS = {
    "Write the plan": ("new", "ids", "check", "watch", "schema"),
    "Make the documents": ("build", "batch"),
    "Give people keys": ("keys", "enrol", "revoke"),
    "Have it signed": ("issue", "send", "sign", "receive", "scan", "decline", "withdraw", "seal"),
    "See and prove": (
        *("status", "log", "verify", "compare", "trace", "evidence", "extract", "restore"),
    ),
}
"""The commands of `plan`, under the headings of `plan --help`."""

_WIDEST, _NARROW, _NARROWEST = 80, 60, 20


class _Formatter(click.HelpFormatter):
    """On a narrow screen, what explains an option stands below it."""

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        super().write_dl(rows, col_max if self.width > _NARROW else 8, col_spacing)


class _Context(click.Context):
    formatter_class = _Formatter

    def make_formatter(self) -> click.HelpFormatter:
        width = min(shutil.get_terminal_size().columns, _WIDEST) - 2
        return _Formatter(width=max(width, _NARROWEST))


class ListedCommand(click.Command):
    """A command whose help fits the screen."""

    context_class = _Context


class Group(click.Group):
    """A group of such commands, listed with a whole sentence each."""

    command_class = ListedCommand
    context_class = _Context
    group_class = type

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a list for each section, or one list where the commands are in none."""
        listed = [name for names in SECTIONS.values() for name in names]
        sections = SECTIONS if set(self.commands) == set(listed) else {"Commands": self.commands}
        width = max(map(len, self.commands))
        for heading, names in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), self._sentence(name)) for name in names])

    def _sentence(self, name: str) -> str:
        return (self.commands[name].help or "").partition("\n\n")[0].replace("\n", " ")
