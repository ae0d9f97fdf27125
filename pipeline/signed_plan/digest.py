"""SHA-256 digests as a type, so that none is mistaken for any other text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from signed_plan.files import open_file


@dataclass(frozen=True, slots=True)
class Digest:
    """A SHA-256 digest (FIPS 180-4): 64 lower-case hexadecimal digits."""

    hex: str

    def __str__(self) -> str:
        return self.hex

    @property
    def short(self) -> str:
        """The first twelve digits in fours, short enough for a footer: "4f2a 91c0 77de"."""
        return _in_groups(self.hex[:12], 4)

    @property
    def spaced(self) -> str:
        """All 64 digits in eights, so that two people can compare them aloud."""
        return _in_groups(self.hex, 8)

    @classmethod
    def of_bytes(cls, data: bytes) -> Digest:
        return cls(hashlib.sha256(data).hexdigest())

    @classmethod
    def of_file(cls, path: Path) -> Digest:
        with open_file(path) as file:
            return cls(hashlib.file_digest(file, "sha256").hexdigest())

    @classmethod
    def of_json(cls, value: Any) -> Digest:
        """The digest of a JSON value in its canonical form (RFC 8785)."""
        return cls.of_bytes(canonical(value))


def canonical(value: Any) -> bytes:
    """A JSON value as the one sequence of bytes that RFC 8785 (JCS) gives it."""
    import rfc8785  # imported late, so that `plan --help` need not wait for it

    return rfc8785.dumps(value)


def _in_groups(text: str, size: int) -> str:
    return " ".join(text[at : at + size] for at in range(0, len(text), size))
