"""Putting a built version in its place so that being killed at any moment leaves it whole.

The order is: stage the files, write the register, move the files. The entry decides: what is
staged and entered is moved into place by whoever comes next, what is not entered is dropped.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.digest import Digest
from pipeline.errors import OutputError
from pipeline.files import sync_folder, write_atomically
from pipeline.paths import PlanFolder
from pipeline.register.register import Event, Register, read

_STAGED = ".staged"
_LOCK = ".lock"


@contextmanager
def locked(folder: PlanFolder, waiting: Callable[[], None]) -> Iterator[None]:
    """Holds the plan folder's one lock; calls `waiting` first where somebody else has it."""
    try:
        folder.output.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder.output / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def publish(
    folder: PlanFolder, register: Register, version: str, files: dict[Path, bytes], body: Event
) -> Register:
    """Enters the version as built, if that says anything new, and puts its files in place.

    `files` are the new bytes by their final path. Raises OutputError, nothing changed, where the
    disk is full or may not be written to.
    """
    staged = _staged(folder, version)
    try:
        try:
            staged.mkdir(parents=True, exist_ok=True)
            for path, data in files.items():
                write_atomically(staged / path.name, data)
            if not _says(register.last("built", version), body):
                register = register.add("built", version, body)
        except OSError:
            _drop(folder)
            raise
        _move(folder, version)  # what fails from here on, `recover` finishes
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return register


def recover(folder: PlanFolder) -> None:
    """Finishes, or undoes, what an interrupted build has left staged."""
    for temporary in folder.output.glob(f".{folder.register.name}.*"):
        temporary.unlink()
    home = folder.output / _STAGED
    if not home.is_dir():
        return
    register = read(folder.register)
    for staged in sorted(home.iterdir()):
        built = register.last("built", staged.name)
        entered = {output["sha256"] for output in built["outputs"].values()} if built else set()
        files = _whole_files(staged)
        if files and all(Digest.of_file(path).hex in entered for path in files):
            _move(folder, staged.name)
    _drop(folder)


def keep_changed(folder: PlanFolder, register: Register, version: str) -> list[Path]:
    """Moves output files aside that are not as they were built, since somebody may need them.

    Gives the paths they were moved to.
    """
    known = {
        output["sha256"]
        for event in register.events
        if event["event"] == "built" and event["version"] == version
        for output in event["outputs"].values()
    }
    kept = []
    for path in (folder.docx(version), folder.pdf(version)):
        if path.is_file():
            digest = Digest.of_file(path)
            if digest.hex not in known:
                aside = path.with_name(f"{path.stem}-changed-{digest.hex[:8]}{path.suffix}")
                path.replace(aside)
                kept.append(aside)
    return kept


def _says(built: Event | None, body: Event) -> bool:
    """Whether the register's last entry already says all of this; tools may differ."""
    return built is not None and all(
        built.get(key) == value for key, value in body.items() if key != "tools"
    )


def _staged(folder: PlanFolder, version: str) -> Path:
    return folder.output / _STAGED / version


def _move(folder: PlanFolder, version: str) -> None:
    home = folder.output / version
    home.mkdir(exist_ok=True)
    for path in _whole_files(_staged(folder, version)):
        path.replace(home / path.name)
    sync_folder(home)
    shutil.rmtree(_staged(folder, version))


def _whole_files(staged: Path) -> list[Path]:
    return sorted(path for path in staged.iterdir() if not path.name.startswith("."))


def _drop(folder: PlanFolder) -> None:
    shutil.rmtree(folder.output / _STAGED, ignore_errors=True)


def _cannot_write(folder: PlanFolder, error: OSError) -> OutputError:
    return OutputError(
        f"{folder.output} cannot be written to: {error.strerror}.",
        "Nothing was changed. Make room on the disk, or allow yourself to write there.",
    )
