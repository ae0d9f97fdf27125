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
from dataclasses import dataclass
from pathlib import Path

from pipeline.digest import Digest
from pipeline.errors import OutputError
from pipeline.files import sync_folder, write_atomically
from pipeline.paths import PlanFolder
from pipeline.register.register import Event, Register, read

_STAGED = ".staged"
_WORK = ".work"
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


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was moved aside because somebody may need it."""

    path: Path
    why: str


def publish(
    folder: PlanFolder, register: Register, version: str, files: dict[Path, bytes], body: Event
) -> tuple[Register, list[Kept]]:
    """Enters the version as built, if that says anything new, and puts its files in place.

    `files` are the new bytes by their final path. Gives the register as it then is, and the files
    that were moved aside: those changed by hand since they were built, and those of a version that
    another has superseded. Raises OutputError where the disk is full or may not be written to; what
    was not entered by then has not happened, and what was entered is finished by `recover`.
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
        kept = _move(folder, register, version)
        _drop(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error
    return register, kept


def recover(folder: PlanFolder) -> None:
    """Finishes, or undoes, what an interrupted command has left."""
    try:
        shutil.rmtree(scratch(folder), ignore_errors=True)
        for temporary in folder.output.glob(f".{folder.register.name}.*"):
            temporary.unlink()
        if not is_unfinished(folder):
            return
        register = read(folder.register)
        for staged in sorted((folder.output / _STAGED).iterdir()):
            built = register.last("built", staged.name)
            entered = {output["sha256"] for output in built["outputs"].values()} if built else set()
            files = _whole_files(staged)
            if files and all(Digest.of_file(path).hex in entered for path in files):
                _move(folder, register, staged.name)
        _drop(folder)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def is_unfinished(folder: PlanFolder) -> bool:
    """Whether an interrupted command has left files that `recover` has to see to."""
    return (folder.output / _STAGED).is_dir()


def scratch(folder: PlanFolder) -> Path:
    """Where a command may work; whatever is left there is cleared by the next one."""
    return folder.output / _WORK


def _aside(register: Register, version: str, path: Path, coming: Digest) -> Kept | None:
    """Where an old file has to go before the new one takes its place, and why; None if nowhere."""
    if not path.exists():
        return None
    digest = Digest.of_file(path)
    if digest == coming:
        return None
    builds = [
        event
        for event in register.events
        if event["event"] == "built"
        and event["version"] == version
        and digest.hex in {output["sha256"] for output in event["outputs"].values()}
    ]
    if not builds:
        name = f"{path.stem}-changed-{digest.hex[:8]}{path.suffix}"
        return Kept(path.with_name(name), "it was changed since it was built")
    older = [event["supersedes"] for event in register.events if event["event"] == "built"]
    if any(one is not None and one["fingerprint"] == builds[-1]["fingerprint"] for one in older):
        name = f"{path.stem}-was-{digest.hex[:8]}{path.suffix}"
        return Kept(path.with_name(name), "a later version was built upon it")
    return None


def _says(built: Event | None, body: Event) -> bool:
    """Whether the register's last entry already says all of this; tools may differ."""
    return built is not None and all(
        built.get(key) == value for key, value in body.items() if key != "tools"
    )


def _staged(folder: PlanFolder, version: str) -> Path:
    return folder.output / _STAGED / version


def _move(folder: PlanFolder, register: Register, version: str) -> list[Kept]:
    home = folder.output / version
    home.mkdir(exist_ok=True)
    kept = []
    for path in _whole_files(_staged(folder, version)):
        target = home / path.name
        aside = _aside(register, version, target, Digest.of_file(path))
        if aside is not None:
            target.replace(aside.path)
            kept.append(aside)
        path.replace(target)
    sync_folder(home)
    return kept


def _whole_files(staged: Path) -> list[Path]:
    return sorted(path for path in staged.iterdir() if not path.name.startswith("."))


def _drop(folder: PlanFolder) -> None:
    shutil.rmtree(folder.output / _STAGED, ignore_errors=True)


def _cannot_write(folder: PlanFolder, error: OSError) -> OutputError:
    return OutputError(
        f"{folder.output} cannot be written to: {error.strerror}.",
        "Make room on the disk, or allow yourself to write there; then run the same command again.",
    )
