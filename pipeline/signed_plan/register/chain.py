"""The register: one event a line, each chained to the line before it by that line's SHA-256.

A line is an RFC 8785 object, so that an event has one spelling only. Lines are only ever added.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signed_plan.digest import Digest, canonical
from signed_plan.errors import VerificationError
from signed_plan.files import write_atomically

START = "0" * 64
"""What stands for the line before the first."""

Event = dict[str, Any]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Register:
    """A register file, read whole; it is checked as it is read."""

    path: Path
    data: bytes = field(repr=False)
    """The file's bytes: a line for each event."""
    events: tuple[Event, ...]
    heads: tuple[str, ...] = field(repr=False)
    """The SHA-256 of every line, in order."""
    clock: Clock = field(repr=False, compare=False)

    @property
    def head(self) -> str:
        """The SHA-256 of the last line, which stands for everything before it too."""
        return self.heads[-1] if self.heads else START

    def of(self, version: str) -> list[Event]:
        """The events of one version, in order."""
        return [event for event in self.events if event["version"] == version]

    def last(self, event: str, version: str) -> Event | None:
        """The latest event of that kind for that version."""
        for found in reversed(self.events):
            if found["event"] == event and found["version"] == version:
                return found
        return None

    def states(self, file: str) -> list[Event]:
        """What was recorded of a file below `output/`, in order: each with "sha256" and "size".

        The last one says what the file is to be now.
        """
        return [
            recorded
            for event in self.events
            for recorded in files_of(event).values()
            if recorded["file"] == file
        ]

    def add(self, event: str, version: str, body: Event) -> Register:
        """The register with one more event, which is not written yet.

        `version` is "" for what concerns every version, such as a new key.
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
        return replace(
            self,
            data=self.data + line + b"\n",
            events=(*self.events, entry),
            heads=(*self.heads, Digest.of_bytes(line).hex),
        )

    def save(self) -> None:
        """Writes the register. Raises OSError, the file left as it was, where it cannot."""
        write_atomically(self.path, self.data)


def files_of(event: Event) -> dict[str, Event]:
    """The files that an event has put below `output/`, by what each is."""
    found: dict[str, Event] = event.get("outputs") or event.get("files") or {}
    return found


def moment_of(event: Event) -> datetime:
    """When an event was entered."""
    return datetime.fromisoformat(event["at"])


def now() -> datetime:
    """The time that goes into the register."""
    return datetime.now(UTC)


def read(path: Path, clock: Clock = now) -> Register:
    """The register in that file; an empty one where there is none yet.

    Raises VerificationError at the first line that is not what was written there.
    """
    data = path.read_bytes() if path.exists() else b""
    events: list[Event] = []
    heads: list[str] = []
    if data and not data.endswith(b"\n"):
        raise _changed(data.count(b"\n") + 1, "it breaks off in the middle of a line")
    for line in data.split(b"\n")[:-1]:
        events.append(_checked(line, len(events) + 1, heads[-1] if heads else START))
        heads.append(Digest.of_bytes(line).hex)
    return Register(path, data, tuple(events), tuple(heads), clock)


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
