"""The record in a PDF: one sequence of bytes for a chain of versions, and nothing else is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from signed_plan.digest import Digest, canonical
from signed_plan.document.version_record import read_record, version_record
from signed_plan.errors import VerificationError
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Predecessor, Version, lineage, load

from tests.document.helpers import a_plan, real_versions


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> list[Version]:
    """Three versions, each superseding the one before; the earliest first."""
    folder = tmp_path_factory.mktemp("chain")
    a_plan(folder)
    for name, older in (("2020-05", "2020-01"), ("2020-09", "2020-05")):
        a_plan(folder, version=name, supersedes=older)
    return load(PlanFolder(folder))


def test_a_record_says_which_version_it_is_and_what_came_before() -> None:
    july, november = real_versions()
    assert json.loads(version_record(july)) == {
        "format": 1,
        "version": "2017-07",
        "fingerprint": july.fingerprint.hex,
        "supersedes": [],
    }
    assert json.loads(version_record(november)) == {
        "format": 1,
        "version": "2017-11",
        "fingerprint": november.fingerprint.hex,
        "supersedes": [{"version": "2017-07", "fingerprint": july.fingerprint.hex}],
    }


def test_a_record_names_every_version_before_it_the_latest_first(chain: list[Version]) -> None:
    assert [one["version"] for one in json.loads(version_record(chain[2]))["supersedes"]] == [
        "2020-05",
        "2020-01",
    ]


def test_what_is_read_is_what_was_written(chain: list[Version]) -> None:
    for version in chain:
        read = read_record(version_record(version))
        assert [(one.name, one.fingerprint) for one in lineage(read)] == [
            (one.name, one.fingerprint) for one in lineage(version)
        ]


def test_a_record_is_canonical_json(chain: list[Version]) -> None:
    record = version_record(chain[2])
    assert record == canonical(json.loads(record))


DIGITS = Digest.of_bytes(b"").hex
OLDER = {"version": "2020-01", "fingerprint": DIGITS}
Said = dict[str, Any]
WRONG: dict[str, Callable[[Said], Any]] = {
    "no object": lambda said: [said],
    "another format": lambda said: said | {"format": 2},
    "a key more": lambda said: said | {"more": 1},
    "a key less": lambda said: {key: said[key] for key in said if key != "version"},
    "no list": lambda said: said | {"supersedes": None},
    "a name that leads elsewhere": lambda said: said | {"version": "../2020-01"},
    "a name that is none": lambda said: said | {"version": 2020},
    "a short fingerprint": lambda said: said | {"fingerprint": DIGITS[:12]},
    "capital digits": lambda said: said | {"fingerprint": "A" * 64},
    "a line end behind the digits": lambda said: said | {"fingerprint": DIGITS + "\n"},
    "an older version with a key more": lambda said: said | {"supersedes": [{**OLDER, "more": 1}]},
    "itself among the older": lambda said: (
        said | {"supersedes": [{"version": "2020-09", "fingerprint": DIGITS}]}
    ),
    "one older twice": lambda said: said | {"supersedes": [OLDER, OLDER]},
}


@pytest.mark.parametrize("name", WRONG)
def test_nothing_else_is_read_as_a_record(name: str) -> None:
    right = {"format": 1, "version": "2020-09", "fingerprint": DIGITS, "supersedes": [OLDER]}
    older = Predecessor("2020-01", Digest(DIGITS), None)
    assert read_record(canonical(right)) == Predecessor("2020-09", Digest(DIGITS), older)
    with pytest.raises(VerificationError, match="is not a record of a plan's version"):
        read_record(canonical(WRONG[name](right)))


@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff", b"[" * 99_999, json.dumps({"version": 1}).encode()]
)
def test_what_is_no_json_or_spelt_otherwise_is_no_record(data: bytes) -> None:
    with pytest.raises(VerificationError):
        read_record(data)


def test_a_record_that_is_spelt_otherwise_is_refused(chain: list[Version]) -> None:
    record = version_record(chain[1])
    for other in (b" " + record, record.replace(b":", b": "), record + b"\n"):
        with pytest.raises(VerificationError):
            read_record(other)
