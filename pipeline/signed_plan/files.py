"""Writing files so that a reader never sees half of one, even after a power cut."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def read_if_there(path: Path) -> bytes | None:
    """The file's bytes; None where there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_atomically(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes the whole file, or leaves what was there: temporary file, fsync, rename.

    Without `mode`, a file keeps its mode, and a new one gets that of the user's new files.
    Raises OSError where the disk is full or the folder is read-only. Then nothing is left behind.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path) if mode is None else mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _mode(path: Path) -> int:
    """The mode that the file has, or the one that the user's new files get."""
    if path.exists():
        return stat.S_IMODE(path.stat().st_mode)
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
