"""Working in a folder that others may write to as well: no link in it leads out of it.

The folder itself may be a link, as to a network drive. Inside it a way is walked folder by folder,
each opened by its handle and none through a link; so a link that is put there at the last moment
leads nowhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from signed_plan.errors import OutputError
from signed_plan.files import write_in
from signed_plan.paths import as_seen, as_typed

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


def require_no_way_out(root: Path, *, depth: int = 100) -> None:
    """Makes sure that no link inside the folder leads out of it.

    Where a hidden name is a link, it is refused wherever it leads: only this program uses those.
    Raises OutputError, naming the first.
    """
    inside = os.path.realpath(root)
    for link in _links(root, depth):
        leads = os.path.realpath(link)
        if link.name.startswith(".") or not leads.startswith(f"{inside}{os.sep}"):
            raise _link_error(root, link)


def _links(folder: Path, depth: int) -> Iterator[Path]:
    # What cannot be listed, or is gone by now, is told by whoever needs it.
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in found:
        if entry.is_symlink():
            yield folder / entry.name
        elif depth > 1 and not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
            yield from _links(folder / entry.name, depth - 1)


def _link_error(root: Path, link: Path) -> OutputError:
    with suppress(OSError):
        return OutputError(
            f"{as_seen(link)} is a link to {os.readlink(link)}, and no link inside "  # noqa: PTH115
            f"{as_seen(root)} is followed.",
            f"Take it away: rm {as_typed(link)}. If what it leads to belongs there, put that "
            "itself in its place; only the whole folder may be a link.",
        )
    return OutputError(
        f"{as_seen(link)} was a link, and no link inside {as_seen(root)} is followed.",
        "Run the same command again.",
    )


@contextmanager
def open_beneath(
    root: Path, place: Path, *, make: bool = False, mode: int = 0o777
) -> Iterator[int]:
    """A handle of a folder at or below `root`; with `make`, missing folders are made.

    Raises OutputError where a link is in the way, and OSError as the system does.
    """
    if make:
        root.mkdir(mode, parents=True, exist_ok=True)
    handle = os.open(root, _FOLDER)
    try:
        here = root
        for name in place.relative_to(root).parts:
            here /= name
            inner = _enter(handle, root, here, mode if make else None)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _enter(handle: int, root: Path, folder: Path, mode: int | None) -> int:
    if mode is not None:
        with suppress(FileExistsError):
            os.mkdir(folder.name, mode, dir_fd=handle)
    try:
        if folder.name != "..":
            return os.open(folder.name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
    except OSError as error:
        if _is_link(folder.name, handle):
            raise _link_error(root, folder) from error
        error.filename = str(folder)
        raise
    raise OutputError(f"{as_seen(folder)} is not inside {as_seen(root)}.")


def _is_link(name: str, handle: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=handle, follow_symlinks=False).st_mode)
    except OSError:
        return False


def write_beneath(
    root: Path, path: Path, data: bytes, mode: int | None = None, *, folders: int = 0o777
) -> None:
    """Writes a file below `root` whole or not at all, and makes the folders that it needs.

    Raises what `open_beneath` raises.
    """
    with open_beneath(root, path.parent, make=True, mode=folders) as folder:
        write_in(folder, path.name, data, mode)


def files_beneath(root: Path, place: Path) -> list[Path]:
    """The files in a folder below `root` and in its folders, without links and hidden files."""
    found = []
    try:
        with open_beneath(root, place) as handle:
            for folder, _, names, inner in os.fwalk(".", dir_fd=handle):
                for name in names:
                    mode = os.stat(name, dir_fd=inner, follow_symlinks=False).st_mode
                    if stat.S_ISREG(mode) and not name.startswith("."):
                        found.append(place / folder / name)
    except FileNotFoundError:
        return []
    return sorted(found)
