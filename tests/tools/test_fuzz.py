"""The fuzzer sees what it looks for, and every target can be tried."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.commands.standpoint import Standpoint
from signed_plan.paths import PlanFolder

from tests.helpers import REPO, copy_plan
from tests.story import Story
from tools.fuzz import contract, mutations
from tools.fuzz.__main__ import Campaign
from tools.fuzz.contract import Broken, bounded, plan
from tools.fuzz.targets import TARGETS


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return copy_plan(tmp_path / "work" / "plan")


def test_a_file_that_is_made_outside_breaks_the_contract(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    with bounded(tmp_path / "work"):
        (tmp_path / "work" / "inside").touch()
    outside: dict[str, Callable[[Path], object]] = {
        "file": Path.touch,
        "folder": Path.mkdir,
        "link": lambda path: path.symlink_to("nowhere"),
        "moved": (tmp_path / "work" / "inside").rename,
    }
    for name, act in outside.items():
        with pytest.raises(Broken, match="outside"), bounded(tmp_path / "work"):
            act(tmp_path / name)


def test_a_hang_breaks_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "SECONDS", 0.1)
    with pytest.raises(Broken, match="longer than"), bounded(tmp_path):
        time.sleep(5)


def test_a_program_error_breaks_the_contract(
    folder: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plan(folder.root, "check")[0] == 0
    monkeypatch.setattr(Standpoint, "__init__", None)
    with pytest.raises(Broken, match="TypeError"):
        plan(folder.root, "check")


@given(mutations.edits(mutations.PDF), st.binary(min_size=8, max_size=200))
def test_edits_leave_what_is_before_their_start(changes: list[mutations.Edit], data: bytes) -> None:
    assert mutations.edited(data, changes, 7).startswith(data[:7])


def test_a_value_is_replaced_wherever_it_stands() -> None:
    line = b'{"a":[1,{"b":2}]}'
    made = [mutations.with_value(line, at, None) for at in range(4)]
    assert made == [
        b'{"a":null}',
        b'{"a":[null,{"b":2}]}',
        b'{"a":[1,null]}',
        b'{"a":[1,{"b":null}]}',
    ]


FINDS = REPO / "tests" / "data" / "finds"


@pytest.mark.slow("signs, and starts LibreOffice")
@pytest.mark.parametrize("find", sorted(FINDS.iterdir()), ids=lambda find: find.name)
def test_what_was_found_once_holds_now(
    find: Path, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (name,) = (name for name in TARGETS if find.name.startswith(name))
    target = TARGETS[name](story, tmp_path)
    try:
        target.attempt({path.name: path.read_bytes() for path in find.iterdir()})
    finally:
        target.close()


@pytest.mark.slow("signs, and starts LibreOffice")
@pytest.mark.parametrize("name", TARGETS)
def test_every_kind_of_file_is_tried_and_holds(
    name: str, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    target = TARGETS[name](story, tmp_path)
    campaign = Campaign(name, target)
    try:
        campaign.try_some(3)
    finally:
        target.close()
    assert campaign.tried == 3
    assert campaign.faults == {}
