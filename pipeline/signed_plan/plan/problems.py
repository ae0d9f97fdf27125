"""What is wrong with a YAML file of the sources: where, and in words for a clerk."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from signed_plan.errors import Problem
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import KINDS, Record
from signed_plan.plan.shape import (
    field_of,
    homes,
    is_list,
    keys_of,
    may_be_empty,
    record_at,
    record_in,
)
from signed_plan.plan.slips import LIST_MARKS, SPECIAL_SPACE
from signed_plan.plan.tree import KeyPath, Place, Tree


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
    data = read_file(path)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 4 * data.count(0) > len(data):
        utf16 = ("this file is UTF-16 text", "Save it again with the encoding UTF-8.")
        leave_out(tree, Problem(where, 1, 1, *utf16))
        return data
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
    tree: Tree, error: ValidationError, model: type[Record], where: str, of_an_entry: str = ""
) -> Iterator[Problem]:
    """What the model found wrong, but for missing ids. `where` is the place of all the files.

    `of_an_entry` is the remedy for a bare text where keys and values belong, if there is a special
    one.
    """
    for found in error.errors(include_url=False):
        path = tuple(part for part in found["loc"])
        kind, place = found["type"], tree.place(path)
        if path in tree.unfinished:
            continue  # what it lacks may stand in the lines that were not read
        if kind == "plan":
            yield place.problem(found["ctx"]["message"], found["ctx"]["remedy"])
        elif kind == "missing":
            yield from _missing(tree, model, path, where)
        elif kind == "extra_forbidden":
            yield from _unknown_key(tree, model, path)
        elif kind in ("string_type", "int_type"):
            key = next(part for part in reversed(path) if isinstance(part, str))
            message = f'"{key}" takes one text, not a list or further keys'
            yield place.problem(message, _one_text(found["input"]))
        elif kind == "tuple_type":
            field = field_of(record_at(model, path[:-1]), str(path[-1]))
            yield place.problem(f'"{path[-1]}" takes a list', _a_list(str(path[-1]), field))
        elif kind in ("model_type", "dict_type"):
            yield _bare_text(place, record_at(model, path), found["input"], of_an_entry)
        elif kind == "too_short":
            if not found["input"]:  # else its entries are there, and were found wrong themselves
                message = f'"{path[-1]}" has no entry'
                yield place.problem(message, "Write at least one entry. It starts with a hyphen.")
        else:
            yield place.problem(str(found["msg"]), "Compare it with another entry.")


def missing_ids(tree: Tree, error: ValidationError) -> Iterator[Problem]:
    """One problem for all the entries without an id, at the first of them."""
    entries = [
        found["loc"][:-1]
        for found in error.errors(include_url=False)
        if found["type"] == "missing" and found["loc"][-1] == "id"
    ]
    places = sorted(
        (place.file, place.line, place.column)
        for place in (tree.place(entry) for entry in entries if entry not in tree.unfinished)
    )
    if places:
        more = f" and {len(places) - 1} more have" if len(places) > 1 else " has"
        remedy = "Run `plan ids` or `make ids`: it writes every missing id."
        yield Problem(*places[0], f"this entry{more} no id", remedy)


def _missing(tree: Tree, model: type[Record], path: KeyPath, where: str) -> Iterator[Problem]:
    around, key = path[:-1], str(path[-1])
    if key == "id" or around in tree.unfinished or (not around and tree.incomplete):
        return
    field = field_of(record_at(model, around), key)
    record = record_in(field)
    if is_list(field):
        added = f"{key}: with a list below it"
        added += f", or {key}: [] for none" if may_be_empty(field) else ""
    elif record is not None:
        added = f"{key}: with these keys below it, further in: {', '.join(keys_of(record))}"
    else:
        added = f"{key}: with its text"
    if around:
        place = tree.place(around)
        yield place.problem(f'the key "{key}" is missing here', f"Add a line {added}.")
    else:
        message = f'the key "{key}" is missing in every file here'
        yield Problem(where, 1, 1, message, f"Add to one of them a line {added}.")


def _unknown_key(tree: Tree, model: type[Record], path: KeyPath) -> Iterator[Problem]:
    around, key = path[:-1], str(path[-1])
    known = keys_of(record_at(model, around))
    columns = tree.data.get("columns")
    if not around and isinstance(columns, str) and "columns" in homes(key, model):
        return  # columns: was found empty, and these are its keys
    message = f'the key "{key}" is not known here'
    usual = re.sub("[ _]", "-", key.casefold())
    meant = get_close_matches(usual, [one for one in known if (*around, one) not in tree.keys], 1)
    if re.search(SPECIAL_SPACE, key):
        message = "there is a special space, or a character that cannot be seen, in this key"
        remedy = "Delete the key with all that stands before it, and type it again."
    elif key.startswith(("-", *LIST_MARKS)):
        remedy = "Start the entry with spaces, a hyphen and a space."
    elif meant:
        remedy = f"Write {meant[0]}: instead."
    elif "" in homes(key, model):
        remedy = "Begin it at the left margin."
    elif homes(key, model):
        remedy = f"It belongs further in, below: {', '.join(homes(key, model))}."
    else:
        remedy = f"The keys here are: {', '.join(known)}."
    yield tree.keys.get(path, tree.place(path)).problem(message, remedy)


def _one_text(given: Any) -> str:
    if isinstance(given, list) and len(given) > 1:
        return "Write one text; give every further text an entry of its own."
    return "Put the whole text in quotation marks."


def _a_list(key: str, field: FieldInfo) -> str:
    if key == "links":
        return "Write the numbers in brackets, such as [1, 2]; for none, write []."
    none = " For none, write []." if may_be_empty(field) else ""
    return f"Begin each entry on its own line below, with a hyphen and a space.{none}"


def _bare_text(place: Place, record: type[Record], given: Any, remedy: str) -> Problem:
    keys = keys_of(record)
    glued = isinstance(given, str) and re.match(rf"({'|'.join(keys)}):", given)
    if glued:
        column = place.column + glued.end()
        there = replace(place, column=column)
        return there.problem("there is no space after the colon", "Type a space here.")
    if not remedy and set(KINDS) <= set(keys):
        remedy = "Write bullet: before the text, or another kind: paragraph:, heading:, sub-bullet:"
    remedy = remedy or (
        f"Write its keys below it, further in, each with a colon and its text: {', '.join(keys)}."
    )
    return place.problem("this entry takes keys and values, not a bare text", remedy)


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
