"""Putting a built version in its place so that being killed at any moment leaves it whole.

The order is: stage the files, write the register, move the files. The entry decides: what is
staged and entered is moved into place by the next command, what is not entered is dropped.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from signed_plan.beneath import files_beneath, open_beneath, require_no_way_out, write_beneath
from signed_plan.digest import Digest
from signed_plan.errors import OutputError, write_error
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.chain import Register, read
from signed_plan.register.events import BuiltEvent, Event, IssuedEvent, SealedEvent
from signed_plan.register.shapes import FileRecord, GrownPdf
from signed_plan.register.signature import signed_entries

_STAGED = ".staged"
_WORK = ".work"
_LOCK = ".lock"
_locks: set[int] = set()
"""The handles of the locks that this process holds or waits for."""


@contextmanager
def lock_folder(folder: PlanFolder, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the plan folder's one lock; calls `waiting` first where somebody else has it.

    Raises OutputError where a link leads out of `output/`, or nothing can be written there.
    """
    try:
        folder.output.mkdir(parents=True, exist_ok=True)
        require_no_way_out(folder.output)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        handle = os.open(folder.output / _LOCK, flags, 0o644)
    except OSError as error:
        raise write_error(folder.output, error) from error
    try:
        _lock(handle, fcntl.LOCK_EX, waiting)
        yield
    finally:
        _unlock(handle)


@contextmanager
def lock_for_reading(folder: PlanFolder, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the same lock together with other readers, while nobody writes.

    What an interrupted command has left is finished or undone first. Nothing is written where there
    is no lock yet: then no command has ever worked here, and evidence from a zip stays as it is.
    """
    while True:
        with ExitStack() as stack:
            with suppress(OSError):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                handle = os.open(folder.output / _LOCK, flags)
                stack.callback(_unlock, handle)
                _lock(handle, fcntl.LOCK_SH, waiting)
            if not is_unfinished(folder):
                yield
                return
        with lock_folder(folder, waiting):
            recover(folder)


def _lock(handle: int, kind: int, waiting: Callable[[], None]) -> None:
    _locks.add(handle)
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        waiting()
        fcntl.flock(handle, kind)


def _unlock(handle: int) -> None:
    if handle in _locks:  # else this is a forked process, which has left it
        _locks.remove(handle)
        os.close(handle)


def _leave_locks() -> None:
    """In a forked process: the lock is its parent's alone, and free when that has been killed."""
    while _locks:
        os.close(_locks.pop())


os.register_at_fork(after_in_child=_leave_locks)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that was moved aside because somebody may need it."""

    path: Path
    why: str


def publish(
    folder: PlanFolder, register: Register, files: dict[Path, bytes], signature: bytes | None = None
) -> list[KeptFile]:
    """Writes the register as it now is, and moves the newly recorded files into place.

    `files` are the new bytes by their final path, each of them recorded in the register; the
    signature is the register's own, if it is signed. Gives the files that were moved aside: those
    changed by hand since they were recorded, and those of a version that another has superseded.

    Raises OutputError where the disk is full or may not be written to; what was not entered by then
    has not happened, and what was entered is finished by `recover`.
    """
    staged = _staging_folder(folder)
    contents = {**files, **({folder.signature: signature} if signature is not None else {})}
    try:
        try:
            for path, data in contents.items():
                write_beneath(folder.output, staged / path.relative_to(folder.output), data)
            if not register.path.exists() or read_file(register.path) != register.data:
                register.save()
        except (OSError, OutputError):
            _drop(folder)
            raise
        kept = _move(folder, register)
        _drop(folder)
    except OSError as error:
        raise write_error(folder.output, error) from error
    return kept


def recover(folder: PlanFolder) -> None:
    """Finishes, or undoes, what an interrupted command has left behind.

    Raises VerificationError where the register of that command is gone.
    """
    try:
        shutil.rmtree(scratch(folder), ignore_errors=True)
        for temporary in folder.output.glob(f".{folder.register.name}.*"):
            temporary.unlink()
        if not is_unfinished(folder):
            return
        register = read(folder.register)
        require_begun_here(folder, register)
        if all(_is_entered(folder, register, path) for path in _whole_files(folder)):
            _move(folder, register)
        _drop(folder)
    except OSError as error:
        raise write_error(folder.output, error) from error


def file_record(folder: PlanFolder, path: Path, data: bytes) -> FileRecord:
    """What the register keeps of a file below `output/`."""
    digest = Digest.of_bytes(data)
    return FileRecord(file=folder.below_output(path), sha256=digest.hex, size=len(data))


def grown_pdf(folder: PlanFolder, files: dict[Path, bytes]) -> GrownPdf:
    """What the register keeps of a PDF to which something was added (`.pdf`), and of the
    certificate (`.crt`) of the authority that put a time to it, if one is among the files."""
    records = {path.suffix[1:]: file_record(folder, path, data) for path, data in files.items()}
    return GrownPdf(**records)


def is_unfinished(folder: PlanFolder) -> bool:
    """Whether an interrupted command has left files that `recover` has to see to."""
    return _staging_folder(folder).is_dir()


def scratch(folder: PlanFolder) -> Path:
    """Where a command may work; the next one clears what is left there."""
    return folder.output / _WORK


def _is_entered(folder: PlanFolder, register: Register, staged: Path) -> bool:
    """Whether the register's last word on a staged file is that it is to be there."""
    file = staged.relative_to(_staging_folder(folder))
    if folder.output / file == folder.signature:
        return signed_entries(register, read_file(staged)) == len(register.entries)
    states = register.states(file.as_posix())
    return bool(states) and states[-1].record.sha256 == Digest.of_file(staged).hex


def _place_aside(
    folder: PlanFolder, register: Register, path: Path, coming: Path
) -> KeptFile | None:
    """Where an old file has to go before the new one takes its place, and why; None if nowhere."""
    if not path.exists() or path == folder.signature:
        return None
    old = read_file(path)
    if read_file(coming).startswith(old):  # the same, or grown by a signature
        return None
    digest = Digest.of_bytes(old)
    file = folder.below_output(path)
    holding = [state for state in register.states(file) if state.record.sha256 == digest.hex]
    if not holding:
        name = f"{path.stem}-changed-{digest.hex[:8]}{path.suffix}"
        return KeptFile(path.with_name(name), "it was changed since it was built")
    if _is_superseded(register, holding[-1].entry.event):
        name = f"{path.stem}-was-{digest.hex[:8]}{path.suffix}"
        return KeptFile(path.with_name(name), "a later version was built on it")
    return None


def _is_superseded(register: Register, event: Event) -> bool:
    """Whether some version was built on the words that this event is about."""
    return isinstance(event, BuiltEvent | IssuedEvent | SealedEvent) and any(
        isinstance(later, BuiltEvent)
        and later.supersedes is not None
        and later.supersedes.fingerprint == event.fingerprint
        for later in (entry.event for entry in register.entries)
    )


def _staging_folder(folder: PlanFolder) -> Path:
    return folder.output / _STAGED


def _move(folder: PlanFolder, register: Register) -> list[KeptFile]:
    kept = []
    for path in _whole_files(folder):
        target = folder.output / path.relative_to(_staging_folder(folder))
        with (
            open_beneath(folder.output, path.parent) as source,
            open_beneath(folder.output, target.parent, make=True) as goal,
        ):
            aside = _place_aside(folder, register, target, path)
            if aside is not None:
                os.replace(target.name, aside.path.name, src_dir_fd=goal, dst_dir_fd=goal)
                kept.append(aside)
            os.replace(path.name, target.name, src_dir_fd=source, dst_dir_fd=goal)
            os.fsync(goal)
    return kept


def _whole_files(folder: PlanFolder) -> list[Path]:
    return files_beneath(folder.output, _staging_folder(folder))


def _drop(folder: PlanFolder) -> None:
    shutil.rmtree(_staging_folder(folder), ignore_errors=True)
