"""From the files that a PDF carries to the version that they make, and to a plan folder again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from signed_plan.document.version_record import read_record
from signed_plan.errors import UsageError, VerificationError
from signed_plan.extract.page_text import printable_start
from signed_plan.files import read_if_there, write_atomically
from signed_plan.paths import RECORD, PlanFolder
from signed_plan.plan.source import Predecessor, SourceFile, Version, source_files

_PLAIN = re.compile(r"(?!\.)[^/\\:*?\"<>|]+\.ya?ml", re.IGNORECASE)
_MAX_NAME = 200  # bytes; a folder takes 255, and for a moment a name with something around it
_NAME_A_VERSION = "Name the PDF of a version, not a receipt or a scan."


def record_and_sources(files: Sequence[SourceFile]) -> tuple[Predecessor, tuple[SourceFile, ...]]:
    """What the record among the attached files says, and the sources.

    Raises VerificationError where either is lacking, and for any other file: no name is taken that
    is not a plain file's, whatever system it is written to.
    """
    sources = tuple(file for file in files if file.name != RECORD)
    if not sources:
        raise VerificationError("That PDF carries no sources.", _NAME_A_VERSION)
    for file in sources:
        if not _is_plain(file.name):
            raise VerificationError(
                f'That PDF carries a file named "{printable_start(file.name)}", which is not a '
                "source of a plan.",
                _NAME_A_VERSION,
            )
    records = [file for file in files if file.name == RECORD]
    if not records:
        raise VerificationError(
            f"That PDF carries no {RECORD}, without which its fingerprint cannot be computed."
        )
    return read_record(records[0].data), sources


def _is_plain(name: str) -> bool:
    fits = _PLAIN.fullmatch(name) is not None and name.isprintable()
    return fits and len(name.encode("utf-8")) <= _MAX_NAME


def write_sources(version: Version, folder: Path) -> Path:
    """Writes the sources to `source/<version>/` in that folder; gives the place.

    So several versions taken out to one folder make a plan folder again. Raises UsageError, with
    nothing written, where anything else than these very files is there already.
    """
    plan = PlanFolder(folder)
    place = plan.source / version.name
    names = {file.name for file in version.files}
    there = {path.name for path in source_files(plan, version.name)} if place.is_dir() else set()
    others = sorted(there - names) + [
        file.name
        for file in version.files
        if read_if_there(place / file.name) not in (None, file.data)
    ]
    if others:
        raise UsageError(
            f"{place / others[0]} is there already and is not the attached one.",
            "Nothing was written. Move it away, or name another folder: --output FOLDER",
        )
    place.mkdir(parents=True, exist_ok=True)
    for file in version.files:
        write_atomically(place / file.name, file.data)
    return place
