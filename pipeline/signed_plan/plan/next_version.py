"""Starts the next version as a copy of an older one, comments and layout included."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from signed_plan.errors import SourceError, UsageError
from signed_plan.files import sync_folder, write_atomically
from signed_plan.paths import PlanFolder, is_plain_name
from signed_plan.plan.schema import write_schemas
from signed_plan.plan.source import load, read_tree, source_files
from signed_plan.plan.text import line_end, read_as_written
from signed_plan.plan.tree import Tree


def start_version(folder: PlanFolder, name: str, older: str | None) -> str:
    """Copies a version, by default the last, as the one that supersedes it; gives what it copied.

    Every id stays; every review becomes history. Raises UsageError where the name cannot be used
    or is taken, and SourceError where the older version has mistakes. Then nothing is left behind.
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
    texts = _next_texts(folder, name, older)
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
    _keep_line_ends(folder)
    write_schemas(folder)
    return older


def _keep_line_ends(folder: PlanFolder) -> None:
    """Lets git leave the sources as they are: the register has the digest of every byte."""
    attributes = folder.source / ".gitattributes"
    if not attributes.exists():
        write_atomically(attributes, b"# What was agreed is kept byte for byte.\n* -text\n")


def _next_texts(folder: PlanFolder, name: str, older: str) -> dict[str, str]:
    """The files of a version, changed into those of the one that supersedes it."""
    data = read_tree(folder, older).data
    texts = {path.name: read_as_written(path) for path in source_files(folder, older)}
    for file, text in texts.items():
        texts[file] = _replace_value(_replace_value(text, "version", name), "supersedes", older)
        if "supersedes" not in data:
            texts[file] = re.sub(
                r"^(\ufeff?version:[^\r\n]*)(\r?\n|\Z)",
                rf'\g<1>{line_end(text)}supersedes: "{older}"\g<2>',
                texts[file],
                flags=re.MULTILINE,
            )
    copy = Tree()
    for file, text in texts.items():
        copy.add(file, text.removeprefix("\ufeff"))
    if copy.problems or copy.data != {**data, "version": name, "supersedes": older}:
        place = read_tree(folder, older).place(("version",))
        raise SourceError(
            [
                place.problem(
                    "the version is written in a way that cannot be copied safely",
                    f'Write it on one line: version: "{older}". Do the same with supersedes:',
                )
            ]
        )
    return texts


def _replace_value(text: str, key: str, value: str) -> str:
    """The text with another value for a key that stands, value and all, on one line."""
    written = rf"""^(\ufeff?{key}:[ \t]+)("[^"\r\n]*"|'[^'\r\n]*'|[\w.-]+)"""
    return re.sub(written, rf'\g<1>"{value}"', text, flags=re.MULTILINE)
