"""What was issued is brought back: from the version's own PDF, a letter, or an evidence zip.

A file that is handed in may come from anyone. Nothing counts in it but bytes that the register has
the digest of; where it has them is no matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from signed_plan.beneath import write_beneath
from signed_plan.digest import Digest
from signed_plan.errors import OutputError, UsageError, VerificationError, write_error
from signed_plan.extract.handed_in import files_in
from signed_plan.files import read_file, read_if_there, write_atomically
from signed_plan.paths import PlanFolder
from signed_plan.plan.problems import leads_out
from signed_plan.plan.source import MAX_FILE_BYTES, read_source_files, version_names
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.chain import read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import carried_files, have_same_lines
from signed_plan.register.publish import lock_folder, recover
from signed_plan.register.shapes import FileRecord
from signed_plan.register.signature import require_signature
from signed_plan.register.signoff_status import is_issued

_SHORT = 8  # digits, of what a changed file is called when it is kept


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a version's files."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Where what was there before is now; of lines that ended otherwise, nothing is kept."""
    missing: tuple[Path, ...]
    """What is still not as it was issued, since nobody has handed it in."""
    grown: tuple[Path, ...] = ()
    """What holds more than was entered: a signature that nobody has taken, or anything else."""


def restore(
    folder: PlanFolder, name: str, handed_in: Sequence[bytes], waiting: Callable[[], None]
) -> Restored:
    """Brings back the sources and the files of an issued version, as the register has them.

    `handed_in` are files: PDFs, letters (.eml), evidence zips, or the very files.
    What is there is moved aside, and nothing is entered.

    Raises UsageError for a version that was not issued, VerificationError where the register is not
    as it was signed, and OutputError where the folder cannot be written to.
    """
    with lock_folder(folder, waiting):
        recover(folder)
        register = read(folder.register)
        require_begun_here(folder, register)
        require_signature(register, read_if_there(folder.signature))
        if not is_issued(register, name):
            raise UsageError(
                f"Version {name} was never issued, so there is nothing to bring back.",
                "Its sources are yours to change. If they are lost, a PDF of it has them: "
                "plan extract FILE",
            )
        _require_own_place(folder, name)
        built = register.last(BuiltEvent, name)
        if built is None:
            raise VerificationError(
                f"The register says that {name} was issued, and not that it was built.",
                "See what became of it: plan verify",
            )
        handed = [file for data in handed_in for file in files_in(data)]
        states = (register.states(file)[-1] for file in register.files)
        records = [state.record for state in states if state.version == name]
        # A letter or a zip has the PDF too: it is not meant to take away what was signed since.
        named = {record.file for record in records if any(map(record.begins, handed_in))}
        try:
            wanted, grown = _wanted(folder, records, named)
            return _restore(folder, built.event, name, handed, wanted, grown)
        except OSError as error:
            raise write_error(folder.root, error) from error


def _require_own_place(folder: PlanFolder, name: str) -> None:
    place = folder.source / name
    real = Path(os.path.realpath(place))
    if leads_out(folder, place):
        where = "out of source/"
    elif real.name != name and real.name in version_names(folder):
        where = f"to source/{real.name}"
    else:
        return
    raise OutputError(f"source/{name} is a link {where}.", "Move it away, and restore again.")


def _wanted(
    folder: PlanFolder, records: list[FileRecord], named: set[str]
) -> tuple[dict[Path, FileRecord], tuple[Path, ...]]:
    """The files that are not as they are to be; and those that are, and hold more."""
    wanted, grown = {}, []
    for record in records:
        path = folder.output / record.file
        data = _read_any(path)
        if record.begins(data) and record.file not in named:
            grown += [path] if len(data) > record.size else []
        elif not record.is_exactly(data):
            wanted[path] = record
    return wanted, tuple(grown)


def _restore(
    folder: PlanFolder,
    built: BuiltEvent,
    name: str,
    handed: list[bytes],
    wanted: dict[Path, FileRecord],
    grown: tuple[Path, ...],
) -> Restored:
    found = {
        path: data
        for path, record in wanted.items()
        if (data := _first(record, handed)) is not None
    }
    written, kept = [], []
    for path, data in sorted(found.items()):
        kept += _move_aside(path, f"{path.stem}-changed-", path.suffix)
        write_beneath(folder.output, path, data)
        written.append(path)
    # Only now: the PDF, which may just have come back, carries the sources.
    there = {file.name: file.data for file in read_source_files(folder, name)}
    sources = _sources(built, [*handed, _read_any(folder.pdf(name)), *there.values()])
    is_whole = sources.keys() == built.sources.keys()
    place = folder.source / name
    if sources and not place.is_dir():
        kept += _move_aside(place, f"{name}.changed-")
    for file in sorted(sources.keys() | (there.keys() if is_whole else set())):
        if sources.get(file) == there.get(file):
            continue
        path = place / file
        if not have_same_lines(sources, there, file):
            # With an ending that no source has, or it would be read as one.
            kept += _move_aside(path, f"{file}.changed-")
        if file in sources:
            place.mkdir(parents=True, exist_ok=True)
            write_atomically(path, sources[file])
            written.append(path)
    lacking = [path for path in wanted if path not in found]
    lost = [place / file for file in sorted(built.sources.keys() - sources.keys())]
    missing = (*lacking, *(lost if sources else [place]))
    return Restored(tuple(written), tuple(kept), missing, grown)


def _first(record: FileRecord, handed: list[bytes]) -> bytes | None:
    """The recorded file, if it was handed in, perhaps with a signature behind it."""
    return next((one[: record.size] for one in handed if record.begins(one)), None)


def _sources(built: BuiltEvent, files: list[bytes]) -> dict[str, bytes]:
    """The sources as they were issued, as far as one of these files is one or carries it."""
    found = {}
    for one in files:
        for data in (one, *carried_files(one, built).values()):
            found[Digest.of_bytes(data).hex] = data
        if len(one) <= MAX_FILE_BYTES:  # a mail program, or an editor, may have turned the ends
            lines = one.replace(b"\r\n", b"\n")
            found[Digest.of_bytes(lines).hex] = lines
    return {file: found[digest] for file, digest in built.sources.items() if digest in found}


def _read_any(path: Path) -> bytes:
    """The file's bytes; none where there is no file, but perhaps a folder or a pipe."""
    with suppress(OSError):
        return read_file(path)
    return b""


def _move_aside(path: Path, start: str, end: str = "") -> list[Path]:
    """Gives what stands there, whatever it is, a name that nothing else has."""
    if not os.path.lexists(path):
        return []
    data = _read_any(path)
    short = Digest.of_bytes(data).hex[:_SHORT]
    for number in count(1):
        to = path.with_name(f"{start}{short}{f'-{number}' if number > 1 else ''}{end}")
        if not os.path.lexists(to) or (data and _read_any(to) == data):
            break
    return [path.replace(to)]
