"""Standard output and error that may be closed, full or unread: the work goes on all the same."""

from __future__ import annotations

import errno
import io
import os
import select
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NOBODY_READS = frozenset({errno.EPIPE, errno.EBADF, errno.EIO, errno.ENXIO})
"""What the system says where a pipe's reader has gone, or a terminal, or nothing was opened."""


class _Lasting(io.RawIOBase):
    """A file to write to. After its first failure it drops what it is given."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, data: ReadableBuffer, /) -> int:
        while self.failure is None:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:  # the other end does not wait, and neither may we lose words
                select.select([], [self._descriptor], [])
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


class Stream(io.TextIOWrapper):
    """A stream of text that never fails; each line is written at once.

    A letter that its encoding lacks is written as an escape.
    """

    def __init__(self, descriptor: int, encoding: str) -> None:
        self._raw_end = _Lasting(descriptor)
        super().__init__(
            io.BufferedWriter(self._raw_end), encoding, "backslashreplace", line_buffering=True
        )

    @property
    def failure(self) -> str:
        """Why something could not be written, as a full disk; "" where nobody wanted to read it."""
        self.flush()
        failed = self._raw_end.failure
        return "" if failed is None or failed.errno in _NOBODY_READS else failed.strerror or "?"


def open_streams() -> tuple[Stream, Stream]:
    """Takes the place of `sys.stdout` and `sys.stderr`; gives both.

    Where the caller has closed one of the three standard files, nothing else may get its number:
    what other programs print would go there.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    streams = []
    for number, present in ((1, sys.stdout), (2, sys.stderr)):
        streams.append(Stream(number, present.encoding if present is not None else "utf-8"))
    sys.stdout, sys.stderr = streams
    return streams[0], streams[1]
