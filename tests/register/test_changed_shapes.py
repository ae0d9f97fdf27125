"""A line that is no event is "changed at entry N" in every command, even if the chain was made to
fit again; and a register that was written before events were declared reads as it did then."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from signed_plan.cli import run
from signed_plan.errors import ExitCode, VerificationError
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.register.event_kinds import KINDS

from tests.register.sample_events import Fields, chained, records
from tests.story import SEALED

slow = pytest.mark.slow("runs every command on every changed register")

DATA = Path(__file__).with_name("data")
BEFORE: list[Fields] = [
    json.loads(line) for line in (DATA / "register.jsonl").read_bytes().splitlines()
]
"""Written by the program at d92e0ae: see data/README.md."""
STORY = copy.deepcopy(BEFORE)
"""The same, with a decline that was withdrawn, and a signature that gives a reason."""
_DECLINED = next(at for at, entry in enumerate(STORY) if entry["event"] == "declined")
STORY.insert(_DECLINED + 1, {**STORY[_DECLINED], "event": "withdrawn"})
for _number, _entry in enumerate(STORY, 1):
    _entry["seq"] = _number
    if _entry.get("how") == "elsewhere":
        _entry |= {"reason": "I approve this document", "signed_at": "2026-11-28T16:50:00Z"}
        _entry["unfit"] = "the font Courier is not embedded"

Way = tuple[str, ...]
Mutation = tuple[int, Way, str, list[Fields]]
"""The entry's number, the field's place, what was done to it, and all entries after that."""

FREE = ("areas", "sources", "templates", "tools")
"""Fields whose names are the clerk's or the program's, and may be fewer."""
OPTIONAL = {
    ("signed", ("reason",)),
    ("signed", ("signed_at",)),
    ("signed", ("unfit",)),
    *((kind, ("files", "crt")) for kind in KINDS),
}
ELSEWHERE = ("/etc/passwd", "../../plan.pdf", "2017-07/../../plan.pdf", "2017-07\\plan.pdf", "")


def one_of_each_kind(entries: list[Fields]) -> list[int]:
    found: dict[tuple[str, str], int] = {}
    for number, entry in enumerate(entries, 1):
        found.setdefault((entry["event"], entry.get("how", "")), number)
    return list(found.values())


def ways(value: object, way: Way = ()) -> Iterator[Way]:
    """Every field of an entry, and of what is inside it."""
    if way:
        yield way
    if isinstance(value, dict):
        for name, inside in value.items():
            yield from ways(inside, (*way, name))


def inside(entry: Fields, way: Way) -> Fields:
    for name in way[:-1]:
        entry = entry[name]
    return entry


def wrong_values(way: Way, value: object) -> Iterator[tuple[str, object]]:
    """What never stands there, by what it is."""
    if way != ("supersedes",):
        yield "null", None
    yield "a list", [["x"]] if isinstance(value, list) else ["x"]
    yield "a truth value", True
    yield "an object", {"x": ["y"]}
    if not isinstance(value, int):
        yield "a number", 7
    if isinstance(value, int | dict | list) and way[0] != "tools":
        yield "a text", "7"
    if way[-1] in ("reason", "unfit", "organisation", "mark", "name", "incomplete"):
        yield from (("a text that steers", text) for text in ("x\x1b[2K", "x\ny", "\u202ex"))
    if way[-1] == "file":
        yield from (("a path elsewhere", path) for path in ELSEWHERE)


def mutations(entries: list[Fields]) -> Iterator[Mutation]:
    for number in one_of_each_kind(entries):
        entry = entries[number - 1]
        for way in ways(entry):
            place = inside(entry, way)
            changes = list(wrong_values(way, place[way[-1]]))
            for what, value in changes:
                yield number, way, what, changed(entries, number, way, value)
            if (entry["event"], way) not in OPTIONAL and (way[0] not in FREE or len(way) == 1):
                yield number, way, "missing", changed(entries, number, way)
        bare = {name: entry[name] for name in ("seq", "prev", "at", "event", "version")}
        yield number, (), "only what is around it", replaced(entries, number, bare)
        more = {**entry, "note": "x"}
        yield number, ("note",), "one too many", replaced(entries, number, more)


def replaced(entries: list[Fields], number: int, entry: Fields) -> list[Fields]:
    return [*entries[: number - 1], entry, *entries[number:]]


def changed(entries: list[Fields], number: int, way: Way, *value: object) -> list[Fields]:
    """With another value in that place, or with none."""
    entry = copy.deepcopy(entries[number - 1])
    place = inside(entry, way)
    if value:
        place[way[-1]] = value[0]
    else:
        del place[way[-1]]
    return replaced(entries, number, entry)


def written(mutation: Mutation) -> bytes:
    """The register with that entry, and all after it chained to it again."""
    number, way, _, entries = mutation
    data = chained(entries)
    if way not in (("seq",), ("prev",)):
        return data
    # `chained` gives each its number and what is before it: these two are put in by hand.
    lines = data.splitlines(keepends=True)
    lines[number - 1 : number] = [
        json.dumps(
            entries[number - 1], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        + b"\n"
    ]
    return b"".join(lines)


def test_the_story_has_every_kind_of_event() -> None:
    assert {entry["event"] for entry in STORY} == KINDS
    assert {entry.get("how") for entry in STORY} >= {"here", "elsewhere", "on paper"}


@slow
@pytest.mark.parametrize("number", one_of_each_kind(STORY))
def test_whatever_is_no_event_is_changed_at_its_entry(tmp_path: Path, number: int) -> None:
    path = tmp_path / "register.jsonl"
    count = 0
    for mutation in mutations(STORY):
        if mutation[0] == number:
            path.write_bytes(written(mutation))
            count += 1
            with pytest.raises(VerificationError) as caught:
                read(path)
            told = f"The register was changed at entry {number}: "
            assert caught.value.message.startswith(told), mutation[:3]
    assert count > 30


COMMANDS: tuple[tuple[str, ...], ...] = (
    *(("log",), ("log", "--json"), ("status",), ("build",), ("evidence",), ("verify",)),
    *(("compare", "--no-pdf"), ("trace",), ("sign", "2017-11", "--as", "kevin-snow")),
    *(("seal", "2017-11"), ("issue", "2017-11"), ("revoke", "kevin-snow"), ("send", "2017-11")),
)

# A kind, a field and a value for each: what crashed commands before, and its like.
CASES: dict[str, tuple[str, Way, object]] = {
    "a list for a time": ("built", ("at",), ["2017"]),
    "a list for a version": ("built", ("version",), ["2017-07"]),
    "a climbing version": ("built", ("version",), "../2017-07"),
    "null for a kind": ("keys", ("event",), None),
    "a list for a fingerprint": ("built", ("fingerprint",), ["0"]),
    "null for all files": ("built", ("outputs",), None),
    "a text for a file": ("built", ("outputs", "pdf"), "x"),
    "an absolute path": ("built", ("outputs", "docx", "file"), "/etc/passwd"),
    "a climbing path": ("issued", ("files", "pdf", "file"), "../../plan.pdf"),
    "a list for a digest": ("issued", ("files", "pdf", "sha256"), ["0"]),
    "null for a length": ("signed", ("files", "pdf", "size"), None),
    "a climbing source": ("built", ("sources",), {"../../plan.yaml": "0" * 64}),
    "a list for the sources": ("built", ("sources",), ["plan.yaml"]),
    "null for a key": ("keys", ("register_key",), None),
    "a list for a person": ("signed", ("person",), ["carole-clemens"]),
    "an unknown way to sign": ("signed", ("how",), "by telephone"),
    "null for who is missing": ("sealed", ("missing",), None),
    "a number for a reason": ("declined", ("reason",), 7),
    "a list for a successor": ("superseded", ("by",), ["2017-11"]),
    "null for a receipt": ("receipt", ("files",), None),
}


@slow
@pytest.mark.parametrize("name", CASES)
def test_every_command_says_so_and_none_crashes(
    at: Callable[[str], PlanFolder], capsys: pytest.CaptureFixture[str], name: str
) -> None:
    kind, way, value = CASES[name]
    folder = at(SEALED)
    entries = records(read(folder.register))
    number = next(at for at, entry in enumerate(entries, 1) if entry["event"] == kind)
    folder.register.write_bytes(chained(changed(entries, number, way, value)))
    for words in COMMANDS:
        capsys.readouterr()
        code = run([*words, "-C", str(folder.root)])
        out, err = capsys.readouterr()
        assert code == ExitCode.VERIFICATION, (words, out, err)
        assert f"The register was changed at entry {number}: " in err.replace("\n      ", " ")
        assert "Traceback" not in out + err
        if words == ("verify",):
            first = out.splitlines()[0].split()
            assert first[:2] == ["1.", "differs"]


def test_a_register_that_was_written_before_reads_as_it_did_then(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = PlanFolder(tmp_path)
    folder.source.mkdir()
    folder.output.mkdir()
    shutil.copy(DATA / "register.jsonl", folder.register)
    assert run(["log", "-C", str(tmp_path)]) == 0
    *told, _ = capsys.readouterr().out.splitlines()
    assert told == (DATA / "log.txt").read_text(encoding="utf-8").splitlines()
    assert run(["log", "--json", "-C", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == BEFORE


def test_what_was_written_before_is_written_the_same_today() -> None:
    """Every entry, added again at the same moment, makes the same line."""
    whole = read(DATA / "register.jsonl")
    again = whole.first(0)
    for entry in whole.entries:
        again = replace(again, clock=partial(datetime.fromtimestamp, entry.at.timestamp(), UTC))
        again = again.add(entry.version, entry.event)
    assert again.data == whole.data
