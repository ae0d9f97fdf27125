"""Reading files that may be anything, and writing them so that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import BufferedReader

LARGEST = 1_000_000_000
"""Bytes. No file that this program makes or needs comes near it."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class UnfitFile(OSError):
    """What stands in the place of a file has no end, makes one wait, or is far too large."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(errno.EINVAL, f"it {what}", str(path))
        self.what = what
        """As a clause, such as "is a pipe, not a file"."""


@contextmanager
def open_file(path: Path) -> Iterator[BufferedReader]:
    """A file opened for reading. Whatever has no end or makes a reader wait is not opened.

    Raises OSError as the system does, and UnfitFile for a folder, a pipe, a socket or a device.
    """
    # Not to block: a pipe that nobody writes to would never open. A device may act on it; so look
    # first. What takes the file's place between the two is seen by the second look.
    _require_file(path, path.stat().st_mode)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        _require_file(path, os.fstat(handle).st_mode)
        yield file


def _require_file(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise UnfitFile(path, f"is {kind}, not a file")


def read_file(path: Path, largest: int = LARGEST) -> bytes:
    """The file's bytes. Raises as `open_file` does, and UnfitFile where it is larger."""
    with open_file(path) as file:
        if os.fstat(file.fileno()).st_size > largest:
            size = f"{largest // 1_000_000} MB" if largest >= 1_000_000 else f"{largest // 1000} kB"
            raise UnfitFile(path, f"is larger than {size}")
        return file.read()


def read_if_there(path: Path, largest: int = LARGEST) -> bytes | None:
    """The same; None where there is no such file."""
    try:
        return read_file(path, largest)
    except FileNotFoundError:
        return None


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes the whole file, or leaves what was there: temporary file, fsync, rename.

    Without `mode`, a file keeps its mode, and a new one gets that of the user's new files.
    Raises OSError where the disk is full or the folder is read-only. Then nothing is left behind.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        write_in(folder, path.name, data, mode)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        os.close(folder)


def write_in(folder: int, name: str, data: bytes, mode: int | None = None) -> None:
    """The same in the folder that this handle is of, wherever that has been moved to."""
    temporary = f".{name[:200]}.{token_hex(4)}"
    handle = os.open(
        temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(handle, _mode(folder, name) if mode is None else mode)
            os.fsync(handle)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def _mode(folder: int, name: str) -> int:
    """The mode that the file has, or the one that the user's new files get."""
    with suppress(FileNotFoundError):
        had = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        if not stat.S_ISLNK(had):
            return stat.S_IMODE(had)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Makes a rename inside the folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
