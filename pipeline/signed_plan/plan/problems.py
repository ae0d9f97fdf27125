"""What is wrong with a YAML file of the sources: where, and in words for a clerk."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from signed_plan.errors import Problem
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import CELLS
from signed_plan.plan.tree import Tree

OF_AN_ENTRY = 'Give it its keys, such as "bullet: …" and "id: …".'
"""The remedy for a bare text where keys and values belong."""


def read_into(
    tree: Tree, folder: PlanFolder, path: Path, max_bytes: int, belongs: str
) -> bytes | None:
    """Reads one more file of `source/`. Gives None where it is refused; the tree has the reason.

    `belongs` says what should be in such a file, for the message about one that is too large.
    """
    where = folder.relative(path)
    refusal = _refusal(folder, path, max_bytes, belongs)
    if refusal is not None:
        leave_out(tree, Problem(where, 1, 1, *refusal))
        return None
    data = path.read_bytes()
    try:
        tree.add(where, data.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        leave_out(tree, _not_utf8(where, error))
    return data


def leave_out(tree: Tree, problem: Problem) -> None:
    """Adds a problem because of which something is not read at all."""
    tree.problems.append(problem)
    tree.incomplete = True


def leads_out(folder: PlanFolder, path: Path) -> bool:
    """Whether this is, or goes through, a link out of `source/`."""
    real = Path(os.path.realpath(path))  # Path.resolve raises where links form a ring
    return not real.is_relative_to(os.path.realpath(folder.source))


def every_problem(tree: Tree, found: Iterable[Problem]) -> list[Problem]:
    """The problems of reading and those of what was read, in the order of the files.

    Where YAML cannot read a line, its other problems are left out: they may follow from it.
    """
    reported = {(problem.file, problem.line) for problem in tree.problems}
    new = (problem for problem in found if (problem.file, problem.line) not in reported)
    every = dict.fromkeys([*tree.problems, *new])
    return sorted(every, key=lambda problem: (problem.file, problem.line))


def structure(
    tree: Tree, error: ValidationError, where: str, of_an_entry: str = OF_AN_ENTRY
) -> Iterable[Problem]:
    """What the model found wrong. `where` is the place of what is missing in all files."""
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"])
        context: dict[str, Any] = found.get("ctx", {})
        kind = found["type"]
        if kind == "plan":
            yield tree.place(path).problem(context["message"], context["remedy"])
        elif kind == "missing":
            if len(path) > 1:
                yield _missing(tree, path)
            elif not tree.incomplete:
                message = f'the key "{path[0]}" is missing in every file here'
                yield Problem(where, 1, 1, message, f"Add a line {path[0]}: to one of them.")
        elif kind == "extra_forbidden":
            place = tree.keys.get(path, tree.place(path))
            bare = str(path[-1]).startswith(("-", "•", "·", "–", "—", "\u00a0"))
            remedy = "Check its spelling, and that it stands under the right entry."
            yield place.problem(
                f'the key "{path[-1]}" is not known here',
                "Start the entry with spaces, a hyphen and a space." if bare else remedy,
            )
        elif kind in ("string_type", "int_type"):
            yield tree.place(path).problem(
                f'"{path[-1]}" takes one text, not a list or further keys',
                'Write the text after the colon; put it in quotation marks if it holds ": ".',
            )
        elif kind == "tuple_type":
            yield tree.place(path).problem(
                f'"{path[-1]}" takes a list',
                "Start each entry on its own line, with a hyphen. For none, write [].",
            )
        elif kind in ("model_type", "dict_type"):
            yield tree.place(path).problem(
                "this entry takes keys and values, not a bare text", of_an_entry
            )
        elif kind == "too_short":
            if not found["input"]:  # else its entries are there, and were found wrong themselves
                message = f'"{path[-1]}" has no entry'
                remedy = "Write at least one entry. It starts with a hyphen."
                yield tree.place(path).problem(message, remedy)
        else:
            yield tree.place(path).problem(str(found["msg"]), "Compare it with another entry.")


def _missing(tree: Tree, path: tuple[str | int, ...]) -> Problem:
    place, key = tree.place(path[:-1]), path[-1]
    if key == "id":
        return place.problem(
            "this entry has no id", "Run `plan ids` or `make ids`: it writes every missing id."
        )
    remedy = f"Add a line {key}: to it."
    if key in CELLS:
        remedy = f"Add {key}: with a list below it, or {key}: [] for an empty cell."
    return place.problem(f'the key "{key}" is missing here', remedy)


def _not_utf8(where: str, error: UnicodeDecodeError) -> Problem:
    """The problem of a file that is not UTF-8, at its first wrong byte."""
    before = error.object[: error.start].split(b"\n")
    line = error.object.split(b"\n")[len(before) - 1].decode("utf-8", errors="replace")
    return Problem(
        where,
        len(before),
        len(before[-1].decode("utf-8")) + 1,
        "this line is not UTF-8 text",
        "Save the file again with the encoding UTF-8.",
        line.removesuffix("\r"),
    )


def _refusal(
    folder: PlanFolder, path: Path, max_bytes: int, belongs: str
) -> tuple[str, str] | None:
    """Why a file is not opened, and the remedy; None where it can be."""
    if leads_out(folder, path):
        return "this is a link out of source/", "Put the file itself here."
    if not path.is_file():
        return "this is not a file", "Put the file itself here."
    if path.stat().st_size > max_bytes:
        return f"this file is larger than {max_bytes // 1_000_000} MB", f"Put only {belongs} in it."
    if not os.access(path, os.R_OK):
        return "you are not allowed to read this file", "Change its permissions."
    return None
