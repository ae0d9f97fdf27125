"""The register: canonical lines, chained, only ever added to, and checked as they are read."""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from signed_plan.errors import ExitCode, VerificationError
from signed_plan.plan.names import NamesById
from signed_plan.register.chain import START, Register, read
from signed_plan.register.event_kinds import read_event
from signed_plan.register.events import BuiltEvent, IssuedEvent, KeysEvent, SignedEvent
from signed_plan.register.shapes import ShapeError
from signed_plan.register.signoff_status import enrolment

from tests.register.sample_events import enter, file, records, sample, sample_fields


def moment() -> datetime:
    return datetime(2026, 11, 23, 9, 30, 1, 999, tzinfo=UTC)


@contextmanager
def small_files_only() -> Iterator[None]:
    """Lets the kernel refuse to write beyond a file's first 4,096 bytes, as on a full disk."""
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.fixture
def three(tmp_path: Path) -> Register:
    register = read(tmp_path / "register.jsonl", moment)
    for number in (1, 2, 3):
        register = enter(register, "built", f"v{number}", tools={"note": f"“{number}” & more"})
    register.save()
    return register


def lines(register: Register) -> list[bytes]:
    return register.path.read_bytes().splitlines(keepends=True)


def fails_at(register: Register) -> str:
    with pytest.raises(VerificationError) as caught:
        read(register.path)
    assert caught.value.exit_code == ExitCode.VERIFICATION
    return caught.value.message


def test_a_register_that_is_not_there_is_empty(tmp_path: Path) -> None:
    register = read(tmp_path / "register.jsonl")
    assert register.entries == ()
    assert register.head == START


def test_what_is_added_is_read_back_with_its_number_moment_event_and_version(
    three: Register,
) -> None:
    events = records(read(three.path))
    assert [event["seq"] for event in events] == [1, 2, 3]
    assert events[1] == {
        **sample_fields("built", "v2"),
        "tools": {"note": "“2” & more"},
        "seq": 2,
        "prev": hashlib.sha256(lines(three)[0].rstrip(b"\n")).hexdigest(),
        "at": "2026-11-23T09:30:01Z",
        "event": "built",
        "version": "v2",
    }


def test_each_line_names_the_sha256_of_the_line_before_it(three: Register) -> None:
    previous = START
    for line in lines(three):
        assert json.loads(line)["prev"] == previous
        previous = hashlib.sha256(line.removesuffix(b"\n")).hexdigest()
    assert read(three.path).head == previous == three.head


def test_each_line_is_canonical_json(three: Register) -> None:
    for line in lines(three):
        again = json.dumps(
            json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        assert line.decode() == again + "\n"


def test_adding_leaves_every_line_before_as_it_was(three: Register) -> None:
    before = three.path.read_bytes()
    enter(three, "built", "v4").save()
    assert three.path.read_bytes().startswith(before)


def test_the_last_event_of_a_kind_and_version_is_found(three: Register) -> None:
    register = enter(three, "built", "v1", tools={"note": "again"})
    found = register.last(BuiltEvent, "v1")
    assert found is not None
    assert found.event.tools == {"note": "again"}
    assert register.last(IssuedEvent, "v1") is None


@pytest.mark.parametrize(
    ("name", "change", "entry"),
    [
        ("a changed word", lambda all: [all[0], all[1].replace(b"more", b"less"), all[2]], 3),
        ("a changed first entry", lambda all: [all[0].replace(b"v1", b"v9"), *all[1:]], 2),
        ("an entry taken out", lambda all: [all[0], all[2]], 2),
        ("the first entry taken out", lambda all: all[1:], 1),
        ("two entries exchanged", lambda all: [all[0], all[2], all[1]], 2),
        ("an entry twice", lambda all: [*all, all[2]], 4),
        ("a space added", lambda all: [all[0].replace(b":", b": ", 1), *all[1:]], 1),
        ("a line that is no JSON", lambda all: [all[0], b"{\n", all[2]], 2),
        ("a list instead of an entry", lambda all: [b"[]\n", *all[1:]], 1),
        ("an entry without its number", lambda all: [b"{}\n", *all[1:]], 1),
        (
            "a duplicate key",
            lambda all: [all[0].replace(b"{", b'{"at":"2000-01-01T00:00:00Z",', 1), *all[1:]],
            1,
        ),
        ("a line that breaks off", lambda all: [all[0], all[1], all[2][:-9]], 3),
        ("bytes that are no text", lambda all: [b"\xff\xfe\n", *all[1:]], 1),
        ("an empty line", lambda all: [all[0], b"\n", *all[1:]], 2),
        ("no number", lambda all: [all[0].replace(b'"seq":1', b'"seq":NaN'), *all[1:]], 1),
        ("a huge number", lambda all: [all[0].replace(b"7", b"7" * 5000), *all[1:]], 1),
        ("half a character", lambda all: [all[0].replace(b"v1", b"\\ud800", 1), *all[1:]], 1),
        ("deep nesting", lambda all: [b"[" * 100_000 + b"\n", *all[1:]], 1),
    ],
)
def test_a_register_that_was_changed_is_refused_at_the_entry(
    three: Register, name: str, change: object, entry: int
) -> None:
    assert callable(change)
    three.path.write_bytes(b"".join(change(lines(three))))
    assert f"at entry {entry}:" in fails_at(three), name


def test_a_register_that_cannot_be_written_is_left_as_it_was(three: Register) -> None:
    before = three.path.read_bytes()
    beside = sorted(three.path.parent.iterdir())
    with pytest.raises(OSError, match="File too large"), small_files_only():
        enter(three, "built", "v4", tools={"note": "x" * 5000}).save()
    assert three.path.read_bytes() == before
    assert sorted(three.path.parent.iterdir()) == beside


def test_the_register_can_be_read_by_others(three: Register) -> None:
    assert stat.S_IMODE(three.path.stat().st_mode) == 0o644


def test_the_states_of_a_file_are_told_in_order_whatever_put_it_there(three: Register) -> None:
    name = "v1/action-plan-v1.pdf"
    register = enter(three, "signed", "v1", files={"pdf": file(name, b"signed")})
    states = register.states(name)
    assert [state.entry.number for state in states] == [1, 4]
    assert [state.record.model_dump() for state in states] == [
        {**file(name), "pages": 7},
        file(name, b"signed"),
    ]
    names = NamesById({"carole-clemens": "Carole Clemens"})
    assert [state.what(names) for state in states] == [
        "built",
        "signed by Carole Clemens for heads",
    ]
    assert [state.version for state in states] == ["v1", "v1"]
    assert register.states("v1/c.pdf") == ()


def test_what_a_file_grew_through_begins_where_it_was_last_built(three: Register) -> None:
    register = enter(enter(three, "issued", "v1"), "built", "v1")
    register = enter(register, "issued", "v1")
    states = register.states_since_built("v1/action-plan-v1.pdf")
    assert [state.entry.number for state in states] == [5, 6]
    assert register.states_since_built("v1/c.pdf") == ()


def test_the_events_of_a_version_are_its_own_and_those_of_all_have_no_name(three: Register) -> None:
    register = enter(enter(three, "keys"), "issued", "v2")
    assert [entry.event.kind for entry in register.of("v2")] == ["built", "issued"]
    assert [entry.event.kind for entry in register.of("")] == ["keys"]
    assert [entry.number for entry in register.each(IssuedEvent, "v2")] == [5]
    assert register.each(IssuedEvent, "v1") == []
    assert register.versions == ("v1", "v2", "v3")


def test_an_entry_cannot_bring_a_number_or_a_moment_of_its_own(three: Register) -> None:
    body = {"seq": 99, "prev": START, "at": "2000-01-01T00:00:00Z", "event": "x", "version": "x"}
    for name, value in body.items():
        with pytest.raises(ShapeError):
            read_event("issued", {**sample_fields("issued"), name: value})
    added = records(three.add("v1", sample("issued")))[-1]
    assert (added["seq"], added["prev"], added["event"]) == (4, three.head, "issued")
    assert (added["at"], added["version"]) == ("2026-11-23T09:30:01Z", "v1")


def test_the_moment_of_an_entry_is_when_it_was_made_to_the_second(three: Register) -> None:
    assert three.entries[0].at == moment().replace(microsecond=0)


def test_what_is_added_is_not_written_before_it_is_saved(three: Register) -> None:
    before = three.path.read_bytes()
    enter(three, "issued", "v1")
    assert three.path.read_bytes() == before


def steps(act: Callable[[], object]) -> int:
    """How many functions are called, those written in C as well."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


def test_what_is_asked_of_a_register_again_costs_the_same_however_long_it_is(
    tmp_path: Path,
) -> None:
    register = enter(read(tmp_path / "register.jsonl", moment), "keys")
    register = enter(register, "enrolled", person="kevin-snow")
    found = []
    for length in (10, 200):
        while len(register.entries) < length:
            register = enter(register, "enrolled", person=f"person-{len(register.entries)}")
        questions: tuple[Callable[[], object], ...] = (
            lambda: register.last(KeysEvent),  # noqa: B023
            lambda: register.each(KeysEvent),  # noqa: B023
            lambda: register.certificates_of("kevin-snow", 9),  # noqa: B023
            lambda: enrolment(register, "kevin-snow"),  # noqa: B023
        )
        for ask in questions:
            ask()  # builds the index, once
        found.append([steps(ask) for ask in questions])
    assert found[0] == found[1]
    assert [one.number for one in register.certificates_of("kevin-snow", 9)] == [2]
    assert list(register.certificates_of("kevin-snow", 2)) == []


def test_kinds_of_several_shapes_are_told_in_the_order_they_were_entered(three: Register) -> None:
    register = enter(three, "issued", "v1")
    for how in ("on paper", "here", "elsewhere", "on paper"):
        register = enter(register, "signed", "v1", how=how)
    assert [one.number for one in register.each(SignedEvent, "v1")] == [5, 6, 7, 8]
    last = register.last(SignedEvent, "v1")
    assert last is not None
    assert last.number == 8
