"""Checks across the sources: what is referred to must exist, and no id may be given twice.

They run on the data as read, not on the model, so that all mistakes are reported together. Data of
the wrong shape is skipped, since the model reports it. So are references to a list that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from signed_plan.errors import Problem
from signed_plan.plan.model import CELLS, KINDS, NOT_ONE_KIND, NOT_WORDS, NUMBER_PATTERN
from signed_plan.plan.tree import KeyPath, Tree

FoundProblem = tuple[KeyPath, str, str]
"""Where, what is wrong, what to do."""

_ANOTHER_ID = "Give this entry another id."


def find_misread(tree: Tree) -> Iterator[Problem]:
    """Every text of the plan that YAML reads otherwise than it was meant."""
    for path, problem in tree.misread.items():
        if not any(part in NOT_WORDS for part in path):
            yield problem


def find_broken(data: dict[str, Any]) -> Iterator[FoundProblem]:
    """Every reference that leads nowhere, and every id or number that is given twice."""
    for kind in ("schools", "people", "areas", "reviews"):
        yield from _duplicates(_ids(data, kind), "id", _ANOTHER_ID)
    yield from _duplicates(_block_ids(data), "id", _ANOTHER_ID)
    yield from _of_no_kind(data)
    yield from _objective_numbers(data)
    yield from _links(data)
    yield from _unknown(_schools_of_people(data), _ids_of(data, "schools"), "school")
    yield from _unknown(_signatories(data), _ids_of(data, "people"), "person")
    for path, review in items(data, "reviews"):
        signatories = _values_of(path, review, "signatories")
        yield from _duplicates(signatories, "signatory", "Delete this line.")


_Uses = Iterator[tuple[KeyPath, str]]
"""Where an id or a number is written, and which it is."""


def items(data: dict[str, Any], key: str) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    """The entries of a list that are keys and values, as they should be, and where they stand."""
    entries = data.get(key)
    if isinstance(entries, list):
        for at, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield (key, at), entry


def _values_of(path: KeyPath, entry: dict[str, Any], key: str) -> _Uses:
    values = entry.get(key)
    if isinstance(values, list):
        for at, value in enumerate(values):
            if isinstance(value, str):
                yield (*path, key, at), value


def _ids(data: dict[str, Any], kind: str) -> _Uses:
    for path, entry in items(data, kind):
        if isinstance(entry.get("id"), str):
            yield (*path, "id"), entry["id"]


def _blocks(data: dict[str, Any]) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    for path, area in items(data, "areas"):
        for cell in CELLS:
            for way, block in items(area, cell):
                yield (*path, *way), block


def _block_ids(data: dict[str, Any]) -> _Uses:
    for path, block in _blocks(data):
        if isinstance(block.get("id"), str):
            yield (*path, "id"), block["id"]


def _of_no_kind(data: dict[str, Any]) -> Iterator[FoundProblem]:
    for path, block in _blocks(data):
        kinds = sum(kind in block for kind in KINDS)
        if kinds > 1 or (not kinds and not block.keys() - {"id"}):  # else its keys are misspelt
            yield path, *NOT_ONE_KIND


def _ids_of(data: dict[str, Any], kind: str) -> list[str] | None:
    """The ids of that kind; None where there is no list of them."""
    return [value for _, value in _ids(data, kind)] if isinstance(data.get(kind), list) else None


def _duplicates(uses: _Uses, noun: str, remedy: str) -> Iterator[FoundProblem]:
    seen: set[str] = set()
    for path, value in uses:
        if value in seen:
            yield path, f'the {noun} "{value}" is given a second time', remedy
        seen.add(value)


def _unknown(uses: _Uses, known: list[str] | None, noun: str) -> Iterator[FoundProblem]:
    if known is None:
        return
    for path, value in uses:
        if value not in known:
            choice = ", ".join(known) or "none so far"
            yield path, f'there is no {noun} with the id "{value}"', f"The ids are: {choice}."


def _objective_numbers(data: dict[str, Any]) -> Iterator[FoundProblem]:
    """The first objective whose number is not the next one: those after it follow from it."""
    for expected, (path, entry) in enumerate(items(data, "objectives"), 1):
        number = entry.get("number")
        if _is_number(number) and number != str(expected):
            yield (
                (*path, "number"),
                f"objective number {number} stands where number {expected} belongs",
                f"Number the objectives {expected}, {expected + 1} and so on from here, and change "
                "the links of the areas to the new numbers.",
            )
            return


def _is_number(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(NUMBER_PATTERN, value) is not None


def _links(data: dict[str, Any]) -> Iterator[FoundProblem]:
    count = len(list(items(data, "objectives")))
    for path, area in items(data, "areas"):
        seen: set[str] = set()
        for link_path, number in _values_of(path, area, "links"):
            if count and _is_number(number) and int(number) > count:
                yield (
                    link_path,
                    f"there is no objective number {number}",
                    f"Write a number from 1 to {count}, or add the objective.",
                )
            if number in seen:
                yield link_path, f"objective {number} is linked twice", "Delete it here."
            seen.add(number)


def _schools_of_people(data: dict[str, Any]) -> _Uses:
    for path, person in items(data, "people"):
        if isinstance(person.get("school"), str):
            yield (*path, "school"), person["school"]


def _signatories(data: dict[str, Any]) -> _Uses:
    for path, review in items(data, "reviews"):
        yield from _values_of(path, review, "signatories")
