"""`make bench`: how long builds take, as ratios to bare LibreOffice, measured in turn in one run.

Absolute times differ from machine to machine and from hour to hour; runs that take turns meet the
same weather, so their ratio holds.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.document.office import find_office
from pipeline.paths import PlanFolder
from tests.helpers import REPO, VERSIONS, copy_plan
from tests.long_plans import write_long_plan

ROUNDS = 7
AREAS = (9, 90, 300)


def main() -> None:
    """Prints the machine, the two ratios, and what long plans cost."""
    with tempfile.TemporaryDirectory(prefix="signed-plan-bench-") as name:
        work = Path(name)
        print(f"{platform.platform()}, {os.cpu_count()} cores, {find_office().version}")
        print(f"medians of {ROUNDS} rounds, in turn; lowest and highest in brackets\n")
        _ratios(work)
        _lengths(work)


def _ratios(work: Path) -> None:
    folder = copy_plan(work / "plan")
    _build(folder)
    bare = [work / "bare" / folder.docx(version).name for version in VERSIONS]
    bare[0].parent.mkdir()
    for version, target in zip(VERSIONS, bare, strict=True):
        shutil.copy(folder.docx(version), target)
    _soffice(work, bare[0])  # makes the profile, so that the bare runs find it warm
    times: dict[str, list[float]] = {name: [] for name in ("all", "two", "none", "one")}
    for _ in range(ROUNDS):
        shutil.rmtree(folder.output)
        times["all"].append(_seconds(lambda: _build(folder)))
        times["two"].append(
            _seconds(lambda: _soffice(work, bare[0])) + _seconds(lambda: _soffice(work, bare[1]))
        )
        times["none"].append(_seconds(lambda: _build(folder)))
        times["one"].append(_seconds(lambda: _soffice(work, bare[1])))
    _show("both versions from nothing (4 Word files, 4 conversions)", times["all"])
    _show("two bare soffice runs on the same two plan files", times["two"])
    _ratio("ratio (aim: at most 1.2)", times["all"], times["two"])
    _show("a build with nothing to do", times["none"])
    _show("one bare soffice run", times["one"])
    _ratio("ratio (aim: at most 0.3)", times["none"], times["one"])


def _lengths(work: Path) -> None:
    print(f"{'areas':>8} {'seconds':>9} {'per area':>10} {'largest process':>17} {'pages':>7}")
    for areas in AREAS:
        folder = write_long_plan(work / f"long-{areas}", areas)
        words = [sys.executable, "-m", "pipeline.cli", "build", "-C", str(folder.root)]
        start = time.perf_counter()
        process = subprocess.Popen(words, cwd=REPO, stdout=subprocess.PIPE, text=True)
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        took = time.perf_counter() - start
        assert status == 0, said
        pages = re.findall(r"(\d+) pages", said)[0]
        memory = f"{usage.ru_maxrss / 1024:.0f} MiB"
        print(f"{areas:>8} {took:>9.1f} {took / areas * 1000:>7.0f} ms {memory:>17} {pages:>7}")


def _build(folder: PlanFolder) -> None:
    words = [sys.executable, "-m", "pipeline.cli", "build", "-C", str(folder.root)]
    subprocess.run(words, cwd=REPO, stdout=subprocess.DEVNULL, check=True)


def _soffice(work: Path, document: Path) -> None:
    subprocess.run(
        [
            find_office().program,
            f"-env:UserInstallation={(work / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "pdf",
            "--outdir",
            str(work / "bare"),
            str(document),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def _show(name: str, times: list[float]) -> None:
    spread = f"({min(times):.2f} to {max(times):.2f})"
    print(f"{name:<58} {statistics.median(times):6.2f} s  {spread}")


def _ratio(name: str, ours: list[float], theirs: list[float]) -> None:
    pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
    spread = f"({min(pairs):.2f} to {max(pairs):.2f})"
    print(f"{name:<58} {statistics.median(pairs):6.2f} ×  {spread}\n")


if __name__ == "__main__":
    main()
