"""What was issued is brought back: from the version's own PDF, a letter, or an evidence zip.

A file that is handed in may come from anyone. Nothing counts in it but bytes that the register has
the digest of; where it has them is no matter.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

from signed_plan.beneath import write_beneath
from signed_plan.digest import Digest
from signed_plan.errors import OutputError, PlanError, UsageError, VerificationError, write_error
from signed_plan.files import read_if_there, write_atomically
from signed_plan.paths import PlanFolder
from signed_plan.plan.problems import leads_out
from signed_plan.plan.source import read_source_files
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.chain import Register, read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import carried_files, have_same_lines, known_version
from signed_plan.register.publish import lock_folder, recover
from signed_plan.register.signature import require_signature
from signed_plan.register.signoff_status import is_issued
from signed_plan.signing.untrusted_pdf import MAX_BYTES

MAX_MEMBERS = 10_000
"""Files in a zip; the evidence of a hundred versions has a tenth of that."""
_SHORT = 8  # digits, of what a changed file is called when it is kept

Pool = dict[str, bytes]
"""Files by their SHA-256."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a version's files."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Where what was there before is now; of lines that ended otherwise, nothing is kept."""
    missing: tuple[Path, ...]
    """What is still not as it was issued, since nobody has handed it in."""


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
                "Its sources are yours to change. See: plan status",
            )
        if leads_out(folder, folder.source / name):
            raise OutputError(
                f"source/{name} is a link out of source/.", "Move it away, and restore again."
            )
        built = register.last(BuiltEvent, name)
        if built is None:
            raise VerificationError(
                f"The register says that {name} was issued, and not that it was built.",
                "See what became of it: plan verify",
            )
        pool = {digest: file for data in handed_in for digest, file in _pool(data, built.event)}
        try:
            return _restore(folder, register, built.event, name, pool)
        except OSError as error:
            raise write_error(folder.root, error) from error


def _restore(
    folder: PlanFolder, register: Register, built: BuiltEvent, name: str, pool: Pool
) -> Restored:
    records = (register.states(file)[-1] for file in register.files)
    wanted = {
        folder.output / state.record.file: state.record.sha256
        for state in records
        # What somebody has signed in its place since has all that it should.
        if state.version == name
        and not state.record.begins(read_if_there(folder.output / state.record.file) or b"")
    }
    found = {path: pool[digest] for path, digest in wanted.items() if digest in pool}
    written, kept = [], []
    for path, data in sorted(found.items()):
        kept += _move_aside(path, f"{path.stem}-changed-{_short(path)}{path.suffix}")
        write_beneath(folder.output, path, data)
        written.append(path)
    # Only now: the PDF, which may just have come back, carries the sources.
    sources = _sources(folder, register, built, name, pool)
    place = folder.source / name
    there = {file.name: file.data for file in read_source_files(folder, name)}
    for file in sorted(sources.keys() | there.keys()):
        if sources.get(file) == there.get(file) or (file in there and not sources):
            continue
        path = place / file
        if not have_same_lines(sources, there, file):
            # With an ending that no source has, or it would be read as one.
            kept += _move_aside(path, f"{file}.changed-{_short(path)}")
        if file in sources:
            place.mkdir(parents=True, exist_ok=True)
            write_atomically(path, sources[file])
            written.append(path)
    lacking = [path for path in wanted if path not in found]
    return Restored(tuple(written), tuple(kept), (*lacking, *([place] if not sources else [])))


def _sources(
    folder: PlanFolder, register: Register, built: BuiltEvent, name: str, pool: Pool
) -> dict[str, bytes]:
    """The sources as they were issued; none where nobody has them."""
    if all(digest in pool for digest in built.sources.values()):
        return {file: pool[digest] for file, digest in built.sources.items()}
    try:
        return {file.name: file.data for file in known_version(folder, register, name).files}
    except PlanError:
        return {}


def _short(path: Path) -> str:
    return Digest.of_bytes(read_if_there(path) or b"").hex[:_SHORT]


def _move_aside(path: Path, name: str) -> list[Path]:
    if not path.exists():
        return []
    return [path.replace(path.with_name(name))]


def _pool(data: bytes, built: BuiltEvent) -> Iterator[tuple[str, bytes]]:
    """The file itself, and what it carries, by their SHA-256."""
    for one in (data, *_members(data)):
        for file in (one, *carried_files(one, built).values()):
            yield Digest.of_bytes(file).hex, file


def _members(data: bytes) -> Iterator[bytes]:
    """The files in an evidence zip, or those attached to a letter."""
    if data.startswith(b"PK"):
        yield from _zipped(data)
    elif not data.startswith(b"%PDF-"):
        letter = BytesParser(policy=policy.default).parsebytes(data)
        for part in letter.iter_attachments():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield content


def _zipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()[:MAX_MEMBERS]
            left = MAX_BYTES
            for member in members:
                left -= member.file_size
                if left < 0:
                    raise UsageError(
                        "What that zip holds is too large to be evidence.",
                        "Unpack it, and name the file that is needed.",
                    )
                yield packed.read(member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
        raise UsageError(
            "That zip cannot be read: it is damaged or locked.",
            "Name a letter, an evidence zip, or the PDF of the version.",
        ) from error
