"""What the reference lists, read from the program: its commands, exit codes and settings."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import click
from signed_plan import errors
from signed_plan.cli import ROOMS
from signed_plan.commands.frame import plan
from signed_plan.plan.schema import settings_schema

from tools.checkout import REPO
from tools.papers.house import between

PAPER = REPO / "docs" / "reference.md"
COMMON = ("folder", "made", "verbose", "help")
EXPLAINED = ("as_json", "office_file", "person_file", "mail_file")
"""Options that every command has, and that several have; the paper explains them once."""


def write() -> None:
    """Writes the lists between their marks in the reference."""
    PAPER.write_text(with_lists(PAPER.read_text(encoding="utf-8")), encoding="utf-8")


def with_lists(paper: str) -> str:
    """The paper, with the lists as they are now."""
    for name, text in (
        ("commands", commands()),
        ("exit codes", exit_codes()),
        ("settings", settings()),
    ):
        paper = between(paper, name, text)
    return paper


def commands() -> str:
    """A row for each command: how it is typed, what it does, its options."""
    assert ROOMS, "importing them has made the commands known"
    rows = [
        f"| `{_cell(usage)}` | {_sentence(command.help)} | {_options(command)} |"
        for usage, command in sorted(_every_command("plan", plan))
    ]
    return "\n".join(("| Command | What it does | Its options |", "|---|---|---|", *rows))


def _every_command(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            yield from _every_command(f"{name} {inner.name}", inner)
    else:
        words = [one.make_metavar(click.Context(command)) for one in _arguments(command)]
        needed = [
            f"{one.opts[-1]} {one.metavar or (one.name or '').upper()}"
            for one in command.params
            if isinstance(one, click.Option) and one.required
        ]
        yield " ".join((name, *words, *needed)), command


def _arguments(command: click.Command) -> list[click.Argument]:
    return [one for one in command.params if isinstance(one, click.Argument)]


def _options(command: click.Command) -> str:
    own = [
        one for one in command.params if isinstance(one, click.Option) and one.name not in COMMON
    ]
    return "<br>".join(map(_option, own))


def _option(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.metavar or (option.name or '').upper()}"
    named = f"`{_cell(option.opts[-1] + value)}`"
    if option.name in EXPLAINED:
        return named
    return f"{named}: {_cell(option.help or '')}"


def _sentence(text: str | None) -> str:
    """The first sentence of a help text."""
    return _cell(inspect.cleandoc(text or "").split("\n\n")[0].replace("\n", " "))


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split()).removesuffix(".")


def exit_codes() -> str:
    """A row for each exit code; of a number with two names, one row with both meanings."""
    (codes,) = (
        node
        for node in ast.parse(inspect.getsource(errors)).body
        if isinstance(node, ast.ClassDef) and node.name == errors.ExitCode.__name__
    )
    meanings: dict[int, list[str]] = {}
    number = 0
    for node in codes.body[1:]:
        match node:
            case ast.Assign(value=ast.Constant(value=int(number))):
                pass
            case ast.Expr(value=ast.Constant(value=str(text))):
                meanings.setdefault(number, []).append(" ".join(text.split()))
    rows = [f"| {code} | {_cell(' '.join(texts))} |" for code, texts in sorted(meanings.items())]
    return "\n".join(("| Exit code | Meaning |", "|---|---|", *rows))


def settings() -> str:
    """A row for each setting, by the path of its key."""
    schema = settings_schema()
    rows = [f"| `{key}` | {_cell(about)} |" for key, about in _keys(schema, schema, "")]
    return "\n".join(("| Key | Meaning |", "|---|---|", *rows))


def _keys(
    schema: Mapping[str, Any], node: Mapping[str, Any], above: str
) -> Iterator[tuple[str, str]]:
    for name, one in node.get("properties", {}).items():
        key = f"{above}{name}"
        yield key, one.get("description", "")
        for inner in (one, *one.get("anyOf", ())):
            yield from _keys(schema, _referred(schema, inner), f"{key}: ")
            more = inner.get("additionalProperties")
            if isinstance(more, dict):
                yield from _keys(schema, _referred(schema, more), f"{key}: ID: ")


def _referred(schema: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    """The node, or what it refers to."""
    name = node.get("$ref", "").rpartition("/")[2]
    found: Mapping[str, Any] = schema["$defs"][name] if name else node
    return found
