"""The register: one event a line, each chained to the line before it by that line's SHA-256.

A line is an RFC 8785 object, so that an event has one spelling only. Lines are only ever added.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.digest import Digest, canonical
from pipeline.errors import VerificationError
from pipeline.files import write_atomically

START = "0" * 64
"""What stands for the line before the first."""

Event = dict[str, Any]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Register:
    """A register file, read whole; it is checked as it is read."""

    path: Path
    events: tuple[Event, ...]
    head: str
    """The SHA-256 of the last line, which stands for everything before it too."""
    clock: Clock = field(repr=False, compare=False)

    def last(self, event: str, version: str) -> Event | None:
        """The latest event of that kind for that version."""
        for found in reversed(self.events):
            if found["event"] == event and found["version"] == version:
                return found
        return None

    def add(self, event: str, version: str, body: Event) -> Register:
        """Appends an event and gives the register as it then is.

        Raises OSError, the register left as it was, where it cannot be written.
        """
        entry = {
            **body,
            "seq": len(self.events) + 1,
            "prev": self.head,
            "at": self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "event": event,
            "version": version,
        }
        line = canonical(entry)
        before = self.path.read_bytes() if self.path.exists() else b""
        write_atomically(self.path, before + line + b"\n")
        return replace(self, events=(*self.events, entry), head=Digest.of_bytes(line).hex)


def now() -> datetime:
    """The time that goes into the register."""
    return datetime.now(UTC)


def read(path: Path, clock: Clock = now) -> Register:
    """The register in that file; an empty one where there is none yet.

    Raises VerificationError at the first line that is not what was written there.
    """
    events: list[Event] = []
    head = START
    for line in _lines(path):
        event = _checked(line, len(events) + 1, head)
        events.append(event)
        head = Digest.of_bytes(line).hex
    return Register(path, tuple(events), head, clock)


def _lines(path: Path) -> Iterator[bytes]:
    if not path.exists():
        return
    data = path.read_bytes()
    if data and not data.endswith(b"\n"):
        raise _changed(data.count(b"\n") + 1, "it breaks off in the middle of a line")
    yield from data.split(b"\n")[:-1]


def _checked(line: bytes, number: int, head: str) -> Event:
    try:
        event = json.loads(line)
        spelling = canonical(event)
    except (ValueError, RecursionError) as error:
        raise _changed(number, "it is not a line that was written here") from error
    if not isinstance(event, dict) or not {"seq", "prev", "at", "event", "version"} <= event.keys():
        raise _changed(number, "it lacks what every entry has")
    if spelling != line:
        raise _changed(number, "its spelling was changed")
    if event["seq"] != number:
        raise _changed(number, f"it says that it is entry {event['seq']}")
    if event["prev"] != head:
        what = "the entry before it was changed" if number > 1 else "entries before it are gone"
        raise _changed(number, what)
    return event


def _changed(number: int, what: str) -> VerificationError:
    return VerificationError(
        f"The register does not hold at entry {number}: {what}.",
        "Bring output/register.jsonl back from your version control or a copy.",
    )
