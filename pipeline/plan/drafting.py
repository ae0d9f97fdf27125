"""Starting the next version from the last one, and giving new entries their ids.

Both change the text of the sources and nothing else of it: comments and layout stay.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import write_atomically
from pipeline.paths import SCHEMA_FILE, PlanFolder, is_plain_name
from pipeline.plan.model import CELLS, KINDS, MAX_ID, json_schema
from pipeline.plan.source import load, read_tree, source_files, version_names
from pipeline.plan.tree import Path as Way
from pipeline.plan.tree import Tree

WORDS_IN_AN_ID = 4
_FILLERS = frozenset(
    "a all an and are as at be both by each for from has have in into is of on or our that the "
    "their this to was were will with".split()
)


def new_version(folder: PlanFolder, name: str, older: str | None) -> str:
    """Copies a version, by default the last, as the one that supersedes it; gives what it copied.

    Every id stays; every review becomes history. Raises UsageError where the name cannot be used
    or is taken, and SourceError where the older version has mistakes.
    """
    if not is_plain_name(name):
        raise UsageError(
            f'"{name}" cannot be the name of a version.',
            "Use letters, digits, dots and hyphens, such as 2018-03.",
        )
    target = folder.source / name
    if target.exists():
        raise UsageError(f"There is a version {name} already.", f"Change it in {target}.")
    if older is None:
        older = load(folder)[-1].name
    load(folder, [older])
    draft = Path(tempfile.mkdtemp(dir=folder.source, prefix="_new-"))
    try:
        for path in source_files(folder, older):
            text = path.read_text(encoding="utf-8")
            if re.search(r"^version:", text, re.MULTILINE):
                text = _renamed(text, name, older)
            (draft / path.name).write_text(text, encoding="utf-8")
        draft.chmod(0o755)
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    write_schema(folder)
    return older


def write_schema(folder: PlanFolder) -> Path:
    """Writes the JSON Schema that editors check the sources by; gives its path."""
    path = folder.source / SCHEMA_FILE
    text = json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text.encode("utf-8"))
    return path


def write_ids(folder: PlanFolder, names: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Writes an id into each entry that has none; gives the new ids by version.

    An id is made once, of the entry's first words, and then kept whatever becomes of the words. It
    is never one that an older version has used for something else.
    """
    everything = {name: read_tree(folder, name) for name in version_names(folder)}
    given: dict[str, list[str]] = {}
    for name in names or tuple(everything):
        if name not in everything:
            raise UsageError(
                f'There is no version "{name}".', f"The versions are: {', '.join(everything)}."
            )
        tree = everything[name]
        if tree.problems:
            continue  # `plan check` names them; nothing is written into a file that cannot be read
        taken = {value for other in everything.values() for value in _ids(other)}
        made = {way: _make_id(stem, taken) for way, stem in _nameless(tree)}
        _insert(folder, tree, made)
        given[name] = list(made.values())
    return given


def _renamed(text: str, name: str, older: str) -> str:
    text = re.sub(r"^supersedes:.*\n", "", text, flags=re.MULTILINE)
    lines = f'version: "{name}"\nsupersedes: "{older}"'
    return re.sub(r"^version:.*$", lines, text, count=1, flags=re.MULTILINE)


def _ids(tree: Tree) -> Iterator[str]:
    for _, entry in _entries(tree):
        given = entry.get("id")
        if isinstance(given, str):
            yield given


def _entries(tree: Tree) -> Iterator[tuple[Way, dict[str, object]]]:
    """Everything that has an id, and where it stands."""
    for kind in ("schools", "people", "areas", "reviews"):
        for at, entry in enumerate(_list(tree.data.get(kind))):
            yield (kind, at), entry
            for cell in CELLS if kind == "areas" else ():
                for number, block in enumerate(_list(entry.get(cell))):
                    yield (kind, at, cell, number), block


def _list(value: object) -> list[dict[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _nameless(tree: Tree) -> Iterator[tuple[Way, str]]:
    """The entries without an id, and the words that theirs is made of."""
    for way, entry in _entries(tree):
        if "id" in entry:
            continue
        words = next((entry[key] for key in ("name", "title", *KINDS) if key in entry), "")
        if isinstance(words, str) and words:
            area = tree.data["areas"][way[1]] if len(way) > 2 else {}
            yield way, f"{str(area.get('name', '')).split(' ')[0]} {words}"


def _make_id(words: str, taken: set[str]) -> str:
    """A new id of the first words that tell something; `taken` is told of it."""
    plain = re.findall(r"[a-z0-9]+", words.casefold().replace("'", "").replace("’", ""))
    telling = list(dict.fromkeys(word for word in plain if word not in _FILLERS)) or ["entry"]
    stem = "-".join(telling[: WORDS_IN_AN_ID + 1])[: MAX_ID - 4].rstrip("-")
    made, number = stem, 2
    while made in taken:
        made, number = f"{stem}-{number}", number + 1
    taken.add(made)
    return made


def _insert(folder: PlanFolder, tree: Tree, made: dict[Way, str]) -> None:
    by_file: dict[str, list[tuple[int, int, str]]] = {}
    for way, new_id in made.items():
        place = tree.values[way]
        by_file.setdefault(place.file, []).append((place.line - 1, place.column - 1, new_id))
    for file, insertions in by_file.items():
        path = folder.root / file
        lines = path.read_text(encoding="utf-8").split("\n")
        for line, column, new_id in sorted(insertions, reverse=True):
            before, after = lines[line][:column], lines[line][column:]
            if after.startswith("{"):
                lines[line] = f"{before}{{id: {new_id}, {after[1:]}"
            else:
                lines[line : line + 1] = [f"{before}id: {new_id}", " " * column + after]
        write_atomically(path, "\n".join(lines).encode("utf-8"))
