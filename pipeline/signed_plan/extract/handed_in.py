"""What somebody hands in is taken apart: zips, letters, and what was packed or forwarded in them.

It may come from anyone, so it is bounded. Who asks knows by digests which of the files are meant.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from signed_plan.errors import UsageError
from signed_plan.signing.untrusted_pdf import MAX_BYTES

MAX_FILES = 10_000
"""Files that are unpacked; the evidence of a hundred versions has a tenth of that."""

_MAX_DEPTH = 5
"""A letter that was forwarded as a file, in a zip, in a letter; and so on."""

_USUAL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
)
"""What zipfile raises for a zip that is locked, damaged, or made to confuse."""


class _DamagedZip(Exception):
    """A zip that cannot be read."""


@dataclass(slots=True)
class _Room:
    """How much may still be unpacked: a file may hold zips that each hold as much as one may."""

    bytes: int
    files: int

    def take(self, members: list[zipfile.ZipInfo]) -> None:
        self.files -= len(members)
        self.bytes -= sum(member.file_size for member in members)
        if self.files < 0 or self.bytes < 0:
            raise UsageError(
                "What that zip holds is too large to be evidence.",
                "Unpack it, and name the file that is needed.",
            )


def files_in(data: bytes) -> Iterator[bytes]:
    """The file itself and every file that it carries, zips and letters in letters among them.

    Raises UsageError for a zip that cannot be read, and for far too much. What is damaged deeper
    inside is no reason to refuse the rest.
    """
    yield data
    try:
        yield from _carried(data, _Room(MAX_BYTES, MAX_FILES), 1)
    except _DamagedZip as error:
        raise UsageError(
            "That zip cannot be read: it is damaged, locked, or packed in an unusual way.",
            "Unpack it yourself if you can, and name the file that is needed; or name a letter, an "
            "evidence zip, or the PDF of the version.",
        ) from error


def _carried(data: bytes, room: _Room, depth: int) -> Iterator[bytes]:
    is_zip = data.startswith(b"PK")
    if depth > _MAX_DEPTH or data.startswith(b"%PDF-"):
        return
    for one in _zipped(data, room) if is_zip else _attached(data):
        yield one
        # No zip in a zip: a Word file is one.
        if not (is_zip and one.startswith(b"PK")):
            with suppress(_DamagedZip):
                yield from _carried(one, room, depth + 1)


def _attached(data: bytes) -> Iterator[bytes]:
    """The parts of a letter, those of letters that were forwarded in it among them."""
    try:
        letter: EmailMessage[Any, Any] = BytesParser(policy=policy.default).parsebytes(data)
        parts = [part for part in letter.walk() if not part.is_multipart()]
    except RecursionError:
        return
    for part in parts if len(parts) > 1 or "content-type" in letter else ():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content != data:
            yield content


def _zipped(data: bytes, room: _Room) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            members = packed.infolist()
            room.take(members)
            for member in members:
                if member.compress_type not in _USUAL:
                    raise zipfile.BadZipFile(f"packed by method {member.compress_type}")
                yield packed.read(member)
    except _DAMAGED as error:
        raise _DamagedZip from error
