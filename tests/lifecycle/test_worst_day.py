"""The worst day: killed at any moment, the disk full, the folder read-only. The PDF is always one
that the register knows, and the same command run again finishes or says that it is done.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from signed_plan.errors import OutputError, PlanError, SigningError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.scan import scan
from signed_plan.lifecycle.seal import seal
from signed_plan.lifecycle.sign import Signing
from signed_plan.paths import PlanFolder
from signed_plan.register.publish import recover

from tests.helpers import REPO
from tests.lifecycle.helpers import copy_of, demand_registered, everything, register_of
from tests.register.sample_events import records
from tests.register.test_publish import CHANGES_THE_DISK
from tests.story import (
    CAROLE,
    JULY,
    OFFICE,
    SALLY,
    Story,
    elsewhere,
    field_of,
    phrase,
    prompts,
    scanned,
    sign_here,
)

pytestmark = pytest.mark.slow("kills commands at many moments")

Act = Callable[[PlanFolder], Any]


def received(folder: PlanFolder) -> Any:
    """The file came by mail and lies beside the plan."""
    return receive(folder, (folder.root / "returned.pdf").read_bytes(), prompts())


def scanned_in(folder: PlanFolder) -> Any:
    return scan(folder, Signing(JULY, SALLY), (folder.root / "page.jpg").read_bytes(), prompts())


ACTS: dict[str, tuple[str, str, Act]] = {
    "keys init": ("built", "keys", lambda folder: make_keys(folder, prompts())),
    "enrol": ("keys", "enrolled", lambda folder: enrol(folder, CAROLE, prompts(CAROLE))),
    "issue": ("enrolled", "issued", lambda folder: issue(folder, JULY, prompts())),
    "sign": ("july issued", "signed", lambda folder: sign_here(folder, JULY, CAROLE)),
    "receive": ("july, Carole", "signed", received),
    "scan": ("july, Carole", "signed", scanned_in),
    "seal": ("july, Kevin", "receipt", lambda folder: seal(folder, JULY, None, prompts())),
}
"""Where each starts from, the entry that says that it is done, and what it does."""


def prepared(story: Story, act: str, target: Path) -> PlanFolder:
    step = ACTS[act][0]
    folder = copy_of(story.at(step), target)
    if act == "receive":
        (folder.root / "returned.pdf").write_bytes(elsewhere(folder, JULY, SALLY))
    if act == "scan":
        page = scanned(folder.pdf(JULY).read_bytes(), field_of(SALLY))
        (folder.root / "page.jpg").write_bytes(page)
    return folder


def entries(folder: PlanFolder) -> list[tuple[str, str]]:
    return [(event["event"], event["version"]) for event in records(register_of(folder))]


def finish(folder: PlanFolder, act: str) -> None:
    """Runs the same command again: it succeeds, or says that what it is for has been done."""
    _, entry, do = ACTS[act]
    before = entries(folder)
    try:
        do(folder)
    except SigningError as error:
        told = f"{error.message} {error.remedy}"
        assert any(word in told for word in ("already", "it has no new signature")), told
        assert entries(folder) == before
    assert entries(folder)[-1][0] == entry
    demand_registered(folder)


@contextmanager
def photographed(folder: PlanFolder, album: Path) -> Iterator[list[PlanFolder]]:
    """Copies the folder before every call that changes the disk: each copy is what a kill at that
    moment would leave. LibreOffice's own scratch folder is left out."""
    pictures: list[PlanFolder] = []
    originals = {name: getattr(os, name) for name in CHANGES_THE_DISK}
    busy = False

    def photographing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            nonlocal busy
            if not busy:
                busy = True
                target = album / str(len(pictures))
                shutil.copytree(folder.root, target, ignore=shutil.ignore_patterns(".work"))
                pictures.append(PlanFolder(target))
                busy = False
            return original(*arguments, **named)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for name, original in originals.items():
            patch.setattr(os, name, photographing(original))
        yield pictures


@pytest.mark.parametrize("act", ACTS)
def test_killed_before_any_call_that_changes_the_disk_the_file_is_a_registered_state(
    story: Story, tmp_path: Path, act: str
) -> None:
    folder = prepared(story, act, tmp_path / "plan")
    before = entries(folder)
    with photographed(folder, tmp_path / "album") as pictures:
        ACTS[act][2](folder)
    after = entries(folder)
    assert len(pictures) > 10
    seen: dict[tuple[tuple[str, str], ...], PlanFolder] = {}
    for picture in pictures:
        recover(picture)
        demand_registered(picture)
        found = entries(picture)
        assert found == after[: len(found)]
        assert not [path for path in picture.output.rglob(".*") if path.name != ".lock"]
        seen[tuple(found)] = picture
    assert tuple(before) in seen
    assert tuple(after) in seen
    for picture in seen.values():
        finish(picture, act)


@pytest.mark.parametrize("act", ["issue", "sign", "receive", "seal"])
def test_killed_at_random_the_command_finishes_when_it_is_run_again(
    story: Story, tmp_path: Path, act: str
) -> None:
    """The command itself, at another moment in every run of the tests."""
    folder = prepared(story, act, tmp_path / "plan")
    (tmp_path / "office").write_text(OFFICE)
    (tmp_path / "person").write_text(phrase(CAROLE))
    every: dict[str, list[str | Path]] = {
        "issue": ["issue", JULY],
        "sign": ["sign", JULY, "--as", CAROLE, "--person-passphrase-file", tmp_path / "person"],
        "receive": ["receive", folder.root / "returned.pdf"],
        "seal": ["seal", JULY],
    }
    command = [*every[act], "--passphrase-file", tmp_path / "office", "-C", folder.root]
    process = subprocess.Popen(
        [sys.executable, "-m", "signed_plan.cli", *map(str, command)],
        cwd=REPO,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    moment = random.uniform(0.3, 2 if act == "seal" else 1.2)
    time.sleep(moment)
    process.send_signal(signal.SIGKILL)
    process.wait()
    print(f"killed after {moment} seconds")
    recover(folder)
    demand_registered(folder)
    finish(folder, act)


# ---------------------------------------------------------------------- a full disk, and no leave


def in_a_child(act: Callable[[], Any], limit: int | None = None) -> str:
    """What comes of it in a process that may write no longer files than that: as on a full disk."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if limit is not None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            act()
            os.write(write, b"done")
        except PlanError as error:
            os.write(write, f"{type(error).__name__}: {error.message}".encode())
        except BaseException as error:
            os.write(write, f"not a sentence: {error!r}".encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as said:
        told = said.read().decode()
    os.waitpid(child, 0)
    return told


@pytest.mark.parametrize("act", ["issue", "receive", "scan", "seal"])
def test_a_full_disk_loses_nothing_and_the_command_succeeds_once_there_is_room(
    story: Story, tmp_path: Path, act: str
) -> None:
    folder = prepared(story, act, tmp_path / "plan")
    before = everything(folder)
    told = in_a_child(lambda: ACTS[act][2](folder), limit=4096)
    assert told.startswith("OutputError: "), told
    assert "cannot be written to: File too large" in told
    assert everything(folder) == before
    if act in ("issue", "scan"):
        finish(folder, act)


@pytest.mark.parametrize("act", ["enrol", "issue", "scan"])
def test_where_nothing_may_be_written_nothing_is_lost(
    story: Story, tmp_path: Path, act: str
) -> None:
    """A file in a folder's place stops even the root user, as a read-only folder does others."""
    folder = prepared(story, act, tmp_path / "plan")
    (folder.output / ".staged").write_text("in the way")
    before = everything(folder)
    with pytest.raises(OutputError, match="cannot be written to"):
        ACTS[act][2](folder)
    after = everything(folder)
    assert {name: after[name] for name in before} == before
    (folder.output / ".staged").unlink()
    finish(folder, act)
