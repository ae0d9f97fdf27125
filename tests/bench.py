"""`make bench`: how long building, signing, verifying and comparing take, as ratios to the bare
LibreOffice and the bare pyHanko that do the same, measured in turn in one run.

Absolute times differ from machine to machine and from hour to hour; runs that take turns meet the
same weather, so their ratio holds.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pipeline.document.office import find_office
from pipeline.paths import PlanFolder
from tests.bench_comparing import measure_comparing, measure_growth
from tests.bench_signing import measure_signing, measure_verifying
from tests.helpers import REPO, VERSIONS, copy_plan
from tests.plans import write_long_plan
from tests.stopwatch import ROUNDS, ratio, seconds, show

AREAS = (9, 90, 300)


def main() -> None:
    """Prints the machine, the ratios, and what long plans cost."""
    with tempfile.TemporaryDirectory(prefix="signed-plan-bench-") as name:
        work = Path(name)
        print(f"{platform.platform()}, {os.cpu_count()} cores, {find_office().version}")
        print(f"medians of {ROUNDS} rounds, in turn; lowest and highest in brackets\n")
        _ratios(work)
        measure_signing(work)
        measure_verifying(work)
        measure_comparing(work, _soffice)
        measure_growth(work)
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
        times["all"].append(seconds(lambda: _build(folder)))
        times["two"].append(
            seconds(lambda: _soffice(work, bare[0])) + seconds(lambda: _soffice(work, bare[1]))
        )
        times["none"].append(seconds(lambda: _build(folder)))
        times["one"].append(seconds(lambda: _soffice(work, bare[1])))
    show("both versions from nothing (4 Word files, 4 conversions)", times["all"])
    show("two bare soffice runs on the same two plan files", times["two"])
    ratio(1.2, times["all"], times["two"])
    show("a build with nothing to do", times["none"])
    show("one bare soffice run", times["one"])
    ratio(0.3, times["none"], times["one"])


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


if __name__ == "__main__":
    main()
