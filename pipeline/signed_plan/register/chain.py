"""The register: one event a line, each chained to the line before it by that line's SHA-256.

A line is an RFC 8785 object, so that an event has one spelling only. Lines are only ever added.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from heapq import merge
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from signed_plan.digest import Digest, canonical
from signed_plan.errors import VerificationError
from signed_plan.files import read_if_there, write_atomically
from signed_plan.paths import is_plain_name
from signed_plan.plan.names import NamesById
from signed_plan.register.event_kinds import read_event
from signed_plan.register.events import (
    BuiltEvent,
    EnrolledEvent,
    Event,
    RevokedEvent,
    SignedEvent,
)
from signed_plan.register.shapes import FileRecord, ShapeError

START = "0" * 64
"""What stands for the line before the first."""

_AROUND = frozenset({"seq", "prev", "at", "event", "version"})
_TIME = "%Y-%m-%dT%H:%M:%SZ"

E = TypeVar("E", bound=Event)
E_co = TypeVar("E_co", bound=Event, covariant=True)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class RegisterEntry(Generic[E_co]):
    """One line of the register: an event, and where and when it was entered."""

    number: int
    """From 1 on."""
    previous: str
    """The SHA-256 of the line before."""
    at: datetime
    """To the second, in UTC."""
    version: str
    """The version that it concerns; "" for the office."""
    event: E_co

    def record(self) -> dict[str, Any]:
        """The entry as it stands in the file."""
        return {
            **self.event.model_dump(mode="json"),
            "seq": self.number,
            "prev": self.previous,
            "at": time_text(self.at),
            "event": self.event.kind,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True)
class FileState:
    """A file below `output/` as it was from one entry on, until the next that records it."""

    entry: RegisterEntry[Event]
    record: FileRecord

    @property
    def version(self) -> str:
        return self.entry.version

    def what(self, names: NamesById) -> str:
        """What made it so, such as "signed by Kevin Snow for July 2017, head teachers"."""
        event = self.entry.event
        if isinstance(event, SignedEvent):
            return f"signed by {names.person(event.person)} for {names.review(event.review)}"
        return event.kind


@dataclass(frozen=True)
class Register:
    """A register file, read whole; it is checked as it is read."""

    path: Path
    data: bytes = field(repr=False)
    """The file's bytes: a line for each entry."""
    entries: tuple[RegisterEntry[Event], ...]
    heads: tuple[str, ...] = field(repr=False)
    """The SHA-256 of every line, in order."""
    clock: Clock = field(repr=False, compare=False)

    @property
    def head(self) -> str:
        """The SHA-256 of the last line, which stands for everything before it too."""
        return self.heads[-1] if self.heads else START

    @property
    def versions(self) -> tuple[str, ...]:
        """The names of all versions with an entry, in the order of their first."""
        return tuple(version for version in self._by_version if version)

    @property
    def built_versions(self) -> tuple[str, ...]:
        """Those of them that an entry says were built."""
        return tuple(version for version in self.versions if self.last(BuiltEvent, version))

    def of(self, version: str) -> Sequence[RegisterEntry[Event]]:
        """The entries of one version ("" for the office), in order."""
        return self._by_version.get(version, ())

    def each(self, kind: type[E], version: str = "") -> list[RegisterEntry[E]]:
        """The entries of that kind for that version ("" for the office), in order."""
        found = self._of_kind(kind, version)
        entries = found[0] if len(found) == 1 else merge(*found, key=lambda entry: entry.number)
        return [cast("RegisterEntry[E]", entry) for entry in entries]

    def last(self, kind: type[E], version: str = "") -> RegisterEntry[E] | None:
        """The latest entry of that kind for that version ("" for the office)."""
        found = [entries[-1] for entries in self._of_kind(kind, version)]
        last = max(found, key=lambda entry: entry.number, default=None)
        return cast("RegisterEntry[E] | None", last)

    def certificates_of(
        self, person: str, before: int | None = None
    ) -> Sequence[RegisterEntry[EnrolledEvent | RevokedEvent]]:
        """What was entered about a person's certificates, in order, up to an entry's number."""
        found = self._by_person.get(person, [])
        end = None if before is None else bisect_left(found, before, key=lambda one: one.number)
        return found[:end]

    def states(self, file: str) -> Sequence[FileState]:
        """What was recorded of a file below `output/`, in order.

        The last one says what the file is to be now.
        """
        return self._by_file.get(file, ())

    def states_since_built(self, file: str) -> Sequence[FileState]:
        """The states that a file has grown through since it was last built, the present one last.

        Each begins with the bytes of the one before, since a signature only adds to a PDF.
        """
        states = self.states(file)
        built = [at for at, state in enumerate(states) if isinstance(state.entry.event, BuiltEvent)]
        return states[built[-1] if built else 0 :]

    @property
    def files(self) -> list[str]:
        """Every file that an entry records, in alphabetical order."""
        return sorted(self._by_file)

    @cached_property
    def _by_version(self) -> dict[str, list[RegisterEntry[Event]]]:
        found: dict[str, list[RegisterEntry[Event]]] = defaultdict(list)
        for entry in self.entries:
            found[entry.version].append(entry)
        return dict(found)

    def _of_kind(self, kind: type[E], version: str) -> list[list[RegisterEntry[Event]]]:
        """The entries of each shape that is of that kind."""
        shapes = self._by_shape.get(version, {})
        return [entries for shape, entries in shapes.items() if issubclass(shape, kind)]

    @cached_property
    def _by_shape(self) -> dict[str, dict[type[Event], list[RegisterEntry[Event]]]]:
        # Kinds are asked for again and again: a long register is not gone through each time.
        found: dict[str, dict[type[Event], list[RegisterEntry[Event]]]] = {}
        for entry in self.entries:
            shapes = found.setdefault(entry.version, {})
            shapes.setdefault(type(entry.event), []).append(entry)
        return found

    @cached_property
    def _by_person(self) -> dict[str, list[RegisterEntry[EnrolledEvent | RevokedEvent]]]:
        found: dict[str, list[RegisterEntry[EnrolledEvent | RevokedEvent]]] = defaultdict(list)
        for entry in self.of(""):
            if isinstance(entry.event, EnrolledEvent | RevokedEvent):
                about = cast("RegisterEntry[EnrolledEvent | RevokedEvent]", entry)
                found[entry.event.person].append(about)
        return dict(found)

    @cached_property
    def _by_file(self) -> dict[str, list[FileState]]:
        found: dict[str, list[FileState]] = defaultdict(list)
        for entry in self.entries:
            for record in entry.event.file_records:
                found[record.file].append(FileState(entry, record))
        return dict(found)

    def add(self, version: str, event: Event) -> Register:
        """The register with one more entry, which is not written yet.

        `version` is "" for an event of the office, such as a new key.
        """
        return self.enter(version, event)[0]

    def enter(self, version: str, event: E) -> tuple[Register, RegisterEntry[E]]:
        """The same, with the new entry."""
        entry = RegisterEntry(len(self.entries) + 1, self.head, self.moment(), version, event)
        line = canonical(entry.record())
        register = replace(
            self,
            data=self.data + line + b"\n",
            entries=(*self.entries, entry),
            heads=(*self.heads, Digest.of_bytes(line).hex),
        )
        return register, entry

    def moment(self) -> datetime:
        """The time as it would be entered now."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def first(self, count: int) -> Register:
        """The register as it was after so many entries."""
        lines = self.data.splitlines(keepends=True)[:count]
        return replace(
            self, data=b"".join(lines), entries=self.entries[:count], heads=self.heads[:count]
        )

    def save(self) -> None:
        """Writes the register. Raises OSError, the file left as it was, where it cannot."""
        write_atomically(self.path, self.data)


def time_text(moment: datetime) -> str:
    """A time as the register writes it: UTC, to the second (RFC 3339)."""
    return moment.strftime(_TIME)


def now() -> datetime:
    """The time that goes into the register."""
    return datetime.now(UTC)


def read(path: Path, clock: Clock = now) -> Register:
    """The register in that file; an empty one where there is none yet.

    Raises VerificationError at the first line that is not what was written there.
    """
    data = read_if_there(path) or b""
    entries: list[RegisterEntry[Event]] = []
    heads: list[str] = []
    if data and not data.endswith(b"\n"):
        raise _error_at(data.count(b"\n") + 1, "it breaks off in the middle of a line")
    for line in data.split(b"\n")[:-1]:
        entries.append(_read_entry(line, len(entries) + 1, heads[-1] if heads else START))
        heads.append(Digest.of_bytes(line).hex)
    return Register(path, data, tuple(entries), tuple(heads), clock)


def _read_entry(line: bytes, number: int, head: str) -> RegisterEntry[Event]:
    try:
        record = json.loads(line)
        spelling = canonical(record)
    except (ValueError, RecursionError) as error:
        raise _error_at(number, "it is not a line that was written here") from error
    if not isinstance(record, dict) or not record.keys() >= _AROUND:
        raise _error_at(number, "it lacks what every entry has")
    if spelling != line:
        raise _error_at(number, "its spelling was changed")
    if type(record["seq"]) is not int:
        raise _error_at(number, 'its "seq" is not what belongs there')
    if record["seq"] != number:
        raise _error_at(number, f"it says that it is entry {record['seq']}")
    if record["prev"] != head:
        what = "the entry before it was changed" if number > 1 else "entries before it are gone"
        raise _error_at(number, what)
    try:
        fields = {name: value for name, value in record.items() if name not in _AROUND}
        event = read_event(record["event"], fields)
    except ShapeError as error:
        raise _error_at(number, str(error)) from error
    version, at = record["version"], record["at"]
    if not isinstance(version, str) or (
        not is_plain_name(version) if event.of_version else version != ""
    ):
        raise _error_at(number, 'its "version" is not what belongs there')
    if not event.is_in_place(version):
        raise _error_at(number, "it names a file in a place where none of its files belongs")
    return RegisterEntry(number, head, _read_time(at, number), version, event)


def _read_time(text: object, number: int) -> datetime:
    try:
        moment = datetime.strptime(str(text), _TIME).replace(tzinfo=UTC)
    except ValueError:
        moment = None
    if moment is None or time_text(moment) != text:
        raise _error_at(number, 'its "at" is not a time as it is written here')
    return moment


def _error_at(number: int, what: str) -> VerificationError:
    return VerificationError(
        f"The register was changed at entry {number}: {what}.",
        "Bring output/register.jsonl back from your version control or a copy.",
    )
