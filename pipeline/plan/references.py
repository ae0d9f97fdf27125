"""Checks across the sources: what is named must be there, and no name may be given twice.

They run on the data as read, not on the model, so that they are reported together with whatever
else is wrong. Anything of the wrong shape is passed over: the model reports that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.plan.model import CELLS
from pipeline.plan.tree import Path

Finding = tuple[Path, str, str]
"""Where, what is wrong, what to do."""


def find_broken(data: dict[str, Any]) -> Iterator[Finding]:
    """Every reference that leads nowhere and every id or number given twice."""
    for kind in ("schools", "people", "areas", "reviews"):
        yield from _duplicates(_ids(data, kind), "id")
    yield from _duplicates(_block_ids(data), "id")
    yield from _objective_numbers(data)
    yield from _links(data)
    yield from _named(_schools_named(data), _known(data, "schools"), "school")
    yield from _named(_signatories(data), _known(data, "people"), "person")
    for path, review in _items(data, "reviews"):
        yield from _duplicates(_listed(path, review, "signatories"), "signatory")


_Named = Iterator[tuple[Path, str]]
"""Where an id or a number is written, and which it is."""


def _items(data: dict[str, Any], key: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    entries = data.get(key)
    if isinstance(entries, list):
        for at, entry in enumerate(entries):
            if isinstance(entry, dict):
                yield (key, at), entry


def _listed(path: Path, entry: dict[str, Any], key: str) -> _Named:
    values = entry.get(key)
    if isinstance(values, list):
        for at, value in enumerate(values):
            if isinstance(value, str):
                yield (*path, key, at), value


def _ids(data: dict[str, Any], kind: str) -> _Named:
    for path, entry in _items(data, kind):
        if isinstance(entry.get("id"), str):
            yield (*path, "id"), entry["id"]


def _block_ids(data: dict[str, Any]) -> _Named:
    for path, area in _items(data, "areas"):
        for cell in CELLS:
            for (_, at), block in _items(area, cell):
                if isinstance(block.get("id"), str):
                    yield (*path, cell, at, "id"), block["id"]


def _known(data: dict[str, Any], kind: str) -> list[str]:
    return [value for _, value in _ids(data, kind)]


def _duplicates(named: _Named, noun: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, value in named:
        if value in seen:
            yield path, f'the {noun} "{value}" is given a second time', "Each must be used once."
        seen.add(value)


def _named(named: _Named, known: list[str], noun: str) -> Iterator[Finding]:
    for path, value in named:
        if value not in known:
            choice = ", ".join(known) or "none so far"
            yield path, f'there is no {noun} with the id "{value}"', f"The ids are: {choice}."


def _objective_numbers(data: dict[str, Any]) -> Iterator[Finding]:
    for expected, (path, entry) in enumerate(_items(data, "objectives"), 1):
        number = entry.get("number")
        if isinstance(number, str) and number.isdecimal() and number != str(expected):
            yield (
                (*path, "number"),
                f"objective number {number} stands where number {expected} belongs",
                "Number the objectives 1, 2, 3 and so on, in their order.",
            )


def _links(data: dict[str, Any]) -> Iterator[Finding]:
    known = [entry.get("number") for _, entry in _items(data, "objectives")]
    for path, area in _items(data, "areas"):
        seen: set[str] = set()
        for link_path, number in _listed(path, area, "links"):
            if number.isdecimal() and number not in known:
                yield (
                    link_path,
                    f"there is no objective number {number}",
                    f"The objectives are numbered 1 to {len(known)}.",
                )
            if number in seen:
                yield link_path, f"objective {number} is linked twice", "Name it once."
            seen.add(number)


def _schools_named(data: dict[str, Any]) -> _Named:
    for path, person in _items(data, "people"):
        if isinstance(person.get("school"), str):
            yield (*path, "school"), person["school"]


def _signatories(data: dict[str, Any]) -> _Named:
    for path, review in _items(data, "reviews"):
        yield from _listed(path, review, "signatories")
