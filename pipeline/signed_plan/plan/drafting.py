"""Starting the next version from the last one, and giving new entries their ids.

Both change the text of the sources and nothing else of it: comments and layout stay.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from signed_plan.errors import Problem, SourceError, UsageError
from signed_plan.files import sync_folder, write_atomically
from signed_plan.paths import SCHEMA_FILE, SETTINGS_SCHEMA_FILE, PlanFolder, is_plain_name
from signed_plan.plan.model import CELLS, KINDS, MAX_ID, json_schema
from signed_plan.plan.references import items
from signed_plan.plan.settings import settings_schema
from signed_plan.plan.source import load, read_tree, source_files, version_names
from signed_plan.plan.tree import Path as Way
from signed_plan.plan.tree import Tree

WORDS_IN_AN_ID = 4
_FILLERS = frozenset(
    "a all an and are as at be both by each for from has have in into is of on or our that the "
    "their this to was were will with".split()
)


def new_version(folder: PlanFolder, name: str, older: str | None) -> str:
    """Copies a version, by default the last, as the one that supersedes it; gives what it copied.

    Every id stays; every review becomes history. Raises UsageError where the name cannot be used
    or is taken, and SourceError where the older version has mistakes, with nothing left behind.
    """
    if not is_plain_name(name):
        raise UsageError(
            f'"{name}" cannot be the name of a version.',
            "Use letters, digits, dots and hyphens, such as 2018-03.",
        )
    target = folder.source / name
    if target.exists() or target.is_symlink():
        raise UsageError(f"There is a version {name} already.", f"Change it in {target}.")
    if older is None:
        older = load(folder)[-1].name
    load(folder, [older])
    texts = _copied(folder, name, older)
    draft = Path(tempfile.mkdtemp(dir=folder.source, prefix="_new-"))
    try:
        for file, text in texts.items():
            write_atomically(draft / file, text.encode("utf-8"))
        draft.chmod(0o755)
        draft.rename(target)
        sync_folder(folder.source)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    write_schema(folder)
    return older


def write_schema(folder: PlanFolder) -> Path:
    """Writes the JSON Schemas that editors check the sources and the settings by.

    Gives the path of the first.
    """
    for name, schema in ((SCHEMA_FILE, json_schema()), (SETTINGS_SCHEMA_FILE, settings_schema())):
        path = folder.source / name
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            write_atomically(path, text.encode("utf-8"))
    return folder.source / SCHEMA_FILE


def write_ids(folder: PlanFolder, names: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Writes an id into each entry that has none; gives the new ids by version.

    An id is made once, of the entry's first words, and then kept whatever becomes of the words. It
    is never one that any version uses for something else. Raises SourceError, with nothing
    written, where a version cannot be read, since the ids in it cannot be known, or where an entry
    shares its line with others.
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
    taken = {value for tree in everything.values() for value in _ids(tree)}
    made_of: dict[tuple[str, int], str] = {}
    made: dict[str, dict[Way, str]] = {name: {} for name in names or tuple(everything)}
    for name, ids in made.items():
        met: Counter[str] = Counter()
        for way, words in _nameless(everything[name]):
            met[words] += 1
            entry = (words, met[words])  # the same words in another version are the same entry
            if entry not in made_of:
                made_of[entry] = _make_id(words, taken)
            ids[way] = made_of[entry]
        problems.extend(_crowded(everything[name], ids))
    if problems:
        raise SourceError(problems)
    for name, ids in made.items():
        _insert(folder, everything[name], ids)
    return {name: list(ids.values()) for name, ids in made.items()}


def _text(path: Path) -> str:
    """A file's text as it stands, with its own line ends and, where it has one, its mark."""
    return path.read_bytes().decode("utf-8")


def _copied(folder: PlanFolder, name: str, older: str) -> dict[str, str]:
    """The files of a version, changed into those of the one that supersedes it."""
    data = read_tree(folder, older).data
    texts = {path.name: _text(path) for path in source_files(folder, older)}
    for file, text in texts.items():
        texts[file] = _with_value(_with_value(text, "version", name), "supersedes", older)
        if "supersedes" not in data:
            texts[file] = re.sub(
                r"^(\ufeff?version:[^\r\n]*)(\r?\n|\Z)",
                rf'\g<1>{_line_end(text)}supersedes: "{older}"\g<2>',
                texts[file],
                flags=re.MULTILINE,
            )
    copy = Tree()
    for file, text in texts.items():
        copy.add(file, text.removeprefix("\ufeff"))
    if copy.problems or copy.data != {**data, "version": name, "supersedes": older}:
        place = read_tree(folder, older).place(("version",))
        remedy = f'Write it at the start of a line: version: "{older}", and supersedes: likewise.'
        raise SourceError([place.problem("the version is written so that no copy is safe", remedy)])
    return texts


def _with_value(text: str, key: str, value: str) -> str:
    """The text with another value for a key that stands, value and all, on one line."""
    written = rf"""^(\ufeff?{key}:[ \t]+)("[^"\r\n]*"|'[^'\r\n]*'|[\w.-]+)"""
    return re.sub(written, rf'\g<1>"{value}"', text, flags=re.MULTILINE)


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _ids(tree: Tree) -> Iterator[str]:
    for _, entry in _entries(tree):
        given = entry.get("id")
        if isinstance(given, str):
            yield given


def _entries(tree: Tree) -> Iterator[tuple[Way, dict[str, object]]]:
    """Everything that has an id, and where it stands."""
    for kind in ("schools", "people", "areas", "reviews"):
        for way, entry in items(tree.data, kind):
            yield way, entry
            for cell in CELLS if kind == "areas" else ():
                for inner, block in items(entry, cell):
                    yield (*way, *inner), block


def _nameless(tree: Tree) -> Iterator[tuple[Way, str]]:
    """The entries without an id, and all the words that theirs may be made of."""
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


def _crowded(tree: Tree, made: dict[Way, str]) -> Iterator[Problem]:
    """The entries before which no line for an id can be put: lists in brackets of bare entries."""
    for way in made:
        place = tree.values[way]
        before, after = place.text[: place.column - 1], place.text[place.column - 1 :]
        if not after.startswith("{") and before.strip(" -"):
            yield place.problem(
                "there is no room for an id before this entry",
                "Begin the entry with a hyphen on a line of its own.",
            )


def _insert(folder: PlanFolder, tree: Tree, made: dict[Way, str]) -> None:
    by_file: dict[str, list[tuple[int, int, str]]] = {}
    for way, new_id in made.items():
        place = tree.values[way]
        by_file.setdefault(place.file, []).append((place.line - 1, place.column - 1, new_id))
    for file, insertions in by_file.items():
        path = folder.root / file
        text = _text(path)
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        lines = text.removeprefix(mark).split("\n")
        for line, column, new_id in sorted(insertions, reverse=True):
            before, after = lines[line][:column], lines[line][column:]
            if after.startswith("{"):
                lines[line] = f"{before}{{id: {new_id}, {after[1:]}"
            else:
                added = f"{before}id: {new_id}" + _line_end(text).removesuffix("\n")
                lines[line : line + 1] = [added, " " * column + after]
        write_atomically(path, (mark + "\n".join(lines)).encode("utf-8"))
