"""Gives an id to every entry that has none, and changes nothing else of the sources."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from signed_plan.errors import Problem, SourceError, UsageError
from signed_plan.files import write_atomically
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import CELLS, KINDS, MAX_ID
from signed_plan.plan.references import items
from signed_plan.plan.source import read_tree, version_names
from signed_plan.plan.text import line_end, read_as_written
from signed_plan.plan.tree import KeyPath, Tree

WORDS_IN_AN_ID = 4
_FILLERS = frozenset(
    "a all an and are as at be both by each for from has have in into is of on or our that the "
    "their this to was were will with".split()
)


def write_ids(folder: PlanFolder, names: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Writes an id into each entry that has none; gives the new ids by version.

    An id is made of the entry's first words. It stays when the words change, and it is never one
    that any version uses for something else. The same new words in two versions get the same id.

    Raises UsageError for an unknown version. Raises SourceError where any version cannot be read
    (the ids in it are not known then), or where an entry shares its line with others. In both
    cases nothing is written.
    """
    everything = {name: read_tree(folder, name) for name in version_names(folder)}
    for name in names:
        if name not in everything:
            raise UsageError(
                f'There is no version "{name}".', f"The versions are: {', '.join(everything)}."
            )
    problems = [problem for tree in everything.values() for problem in tree.problems]
    if problems:
        raise SourceError(problems)
    taken = {value for tree in everything.values() for value in _given_ids(tree)}
    id_of: dict[tuple[str, int], str] = {}
    new: dict[str, dict[KeyPath, str]] = {name: {} for name in names or tuple(everything)}
    for name, ids in new.items():
        met: Counter[str] = Counter()
        for way, words in _without_id(everything[name]):
            met[words] += 1
            entry = (words, met[words])  # the same words in another version are the same entry
            if entry not in id_of:
                id_of[entry] = _make_id(words, taken)
            ids[way] = id_of[entry]
        problems.extend(_without_room(everything[name], ids))
    if problems:
        raise SourceError(problems)
    for name, ids in new.items():
        _insert(folder, everything[name], ids)
    return {name: list(ids.values()) for name, ids in new.items()}


def _given_ids(tree: Tree) -> Iterator[str]:
    for _, entry in _entries(tree):
        given = entry.get("id")
        if isinstance(given, str):
            yield given


def _entries(tree: Tree) -> Iterator[tuple[KeyPath, dict[str, object]]]:
    """Everything that has an id, and where it stands."""
    for kind in ("schools", "people", "areas", "reviews"):
        for way, entry in items(tree.data, kind):
            yield way, entry
            for cell in CELLS if kind == "areas" else ():
                for inner, block in items(entry, cell):
                    yield (*way, *inner), block


def _without_id(tree: Tree) -> Iterator[tuple[KeyPath, str]]:
    """The entries without an id, and the words that their ids can be made of."""
    for way, entry in _entries(tree):
        if "id" in entry:
            continue
        words = next((entry[key] for key in ("name", "title", *KINDS) if key in entry), "")
        if isinstance(words, str) and words:
            area = tree.data["areas"][way[1]] if len(way) > 2 else {}
            yield way, f"{str(area.get('name', '')).split(' ')[0]} {words}"


def _make_id(words: str, taken: set[str]) -> str:
    """A new id of the words that carry meaning, which is also added to `taken`."""
    plain = re.findall(r"[a-z0-9]+", words.casefold().replace("'", "").replace("’", ""))
    words_kept = list(dict.fromkeys(word for word in plain if word not in _FILLERS)) or ["entry"]
    stem = "-".join(words_kept[: WORDS_IN_AN_ID + 1])[: MAX_ID - 4].rstrip("-")
    new_id, number = stem, 2
    while new_id in taken:
        new_id, number = f"{stem}-{number}", number + 1
    taken.add(new_id)
    return new_id


def _without_room(tree: Tree, ids: dict[KeyPath, str]) -> Iterator[Problem]:
    """The entries with no room for a line before them: bare entries of a list in brackets."""
    for way in ids:
        place = tree.values[way]
        before, after = place.text[: place.column - 1], place.text[place.column - 1 :]
        if not after.startswith("{") and before.strip(" -"):
            yield place.problem(
                "there is no room for an id before this entry",
                "Start the entry on its own line, with a hyphen.",
            )


def _insert(folder: PlanFolder, tree: Tree, ids: dict[KeyPath, str]) -> None:
    by_file: dict[str, list[tuple[int, int, str]]] = {}
    for way, new_id in ids.items():
        place = tree.values[way]
        by_file.setdefault(place.file, []).append((place.line - 1, place.column - 1, new_id))
    for file, insertions in by_file.items():
        path = folder.root / file
        text = read_as_written(path)
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        lines = text.removeprefix(mark).split("\n")
        for line, column, new_id in sorted(insertions, reverse=True):
            before, after = lines[line][:column], lines[line][column:]
            if after.startswith("{"):
                lines[line] = f"{before}{{id: {new_id}, {after[1:]}"
            else:
                added = f"{before}id: {new_id}" + line_end(text).removesuffix("\n")
                lines[line : line + 1] = [added, " " * column + after]
        write_atomically(path, (mark + "\n".join(lines)).encode("utf-8"))
