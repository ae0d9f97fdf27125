"""Small plans, and the processes that build them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from signed_plan.batch.job import Job
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.helpers import REPO
from tests.register.sample_events import records
from tools.plans import write_plan

NAMES = ("ash", "birch", "cedar", "elm", "fir", "gorse")


def write_small_plans(parent: Path, count: int) -> list[PlanFolder]:
    return [write_plan(parent / name, seed, 3) for seed, name in enumerate(NAMES[:count])]


def job_for(folder: PlanFolder, output: Path, *, force: bool = False) -> Job:
    return Job(str(folder.root), str(output / folder.root.name), force)


def spoil(folder: PlanFolder) -> None:
    """Makes one mistake in a plan's sources."""
    (path,) = folder.source.glob("*/plan.yaml")
    path.write_text(path.read_text("utf-8") + "colour: blue\n", "utf-8")


def is_whole(folder: PlanFolder, output: Path) -> bool:
    """Whether the plan was entered exactly once, and everything is as the register has it."""
    made = PlanFolder(folder.root, output / folder.root.name)
    events = records(read(made.register))
    return [event["event"] for event in events] == ["built"] and verified(made)


def verified(folder: PlanFolder) -> bool:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "signed_plan.cli", "verify"),
            *("-C", str(folder.root), "-O", str(folder.output)),
        ],
        cwd=REPO,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def processes(mark: str) -> dict[int, str]:
    """The command lines of the processes whose environment has that mark, by their numbers."""
    found = {}
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark.encode() in environment.read_bytes().split(b"\0"):
                words = environment.with_name("cmdline").read_bytes().replace(b"\0", b" ")
                found[int(environment.parent.name)] = words.decode()
    return found


def wait_for(there: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)


def kill(process: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
