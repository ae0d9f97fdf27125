"""A Word file on its way into LibreOffice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordFile:
    """A Word file as people get it, and as LibreOffice reads it faster."""

    data: bytes
    """The file as people get it (ISO/IEC 29500-1)."""
    without_links: bytes = b""
    """The same without its links to objectives, which LibreOffice makes itself; see fast_input.py.
    Empty where LibreOffice has to open `data`."""
