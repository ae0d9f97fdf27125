"""`make bench`: how long everything takes, as ratios to what people use on the same documents.

It prints one table and writes it, with the machine's description, to docs/benchmarks.md.

`python -m tools.bench.older CHECKOUT` compares building with an older checkout instead.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.paths import PlanFolder

from tools.bench.comparing import measure_comparing, measure_growth
from tools.bench.long import measure_long
from tools.bench.many import capacity, measure_many, show_costs
from tools.bench.redlines.page import kept_section
from tools.bench.register import measure_register
from tools.bench.signing import measure_signing, measure_verifying
from tools.bench.stopwatch import ROUNDS, Table, seconds
from tools.bench.warm import measure_warm
from tools.checkout import REPO, VERSIONS, copy_plan

PAGE = REPO / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench`: every figure is a ratio of runs that take turns on one machine. The last
part, on redlines, is `make redlines`'s.
"""
PEERS = """(a) is the script that most people would write: docxtpl, then one `soffice` a document.
(b) is docxtpl with a warm unoserver; (c) is LibreOfficeKit doing the bare conversions.
"""


def main() -> None:
    """Measures everything; takes some minutes."""
    table = Table()
    # As on anybody's machine: Python keeps what it has compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="signed-plan-bench-") as name:
        work = Path(name)
        measure_warm(work, table)
        costs = measure_many(work, table)
        _ratios(work, table)
        measure_signing(work, table)
        measure_verifying(work, table)
        measure_comparing(work, table, _soffice)
        lengths = measure_long(work, table)
        registers = measure_register(work, table)
        measure_growth(work)
    parts = (
        HEAD,
        _machine(),
        PEERS,
        table.markdown(),
        show_costs(costs),
        f"{capacity(costs)}\n",
        lengths,
        registers,
    )
    text = "\n".join(parts) + kept_section()
    PAGE.write_text(text, encoding="utf-8")
    print(f"\n{text}")


def _machine() -> str:
    names = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    return (
        f"Medians of {ROUNDS} rounds (of 5 for many plans), whatever is compared taking turns, on "
        f"{platform.freedesktop_os_release()['PRETTY_NAME']}, {os.cpu_count()} cores of "
        f"{names[0] if names else platform.machine()}, Python {platform.python_version()}, "
        f"{find_libreoffice().version}.\n"
    )


def _ratios(work: Path, table: Table) -> None:
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
    what = "`plan build`, both versions from nothing: 4 conversions, sign-off pages, register"
    table.compare(what, times["all"], "two bare `soffice` runs", times["two"], 1.2)
    what = "`plan build` with nothing to do"
    table.compare(what, times["none"], "one bare `soffice` run", times["one"], 0.25)


def _build(folder: PlanFolder) -> None:
    words = [sys.executable, "-m", "signed_plan.cli", "build", "-C", str(folder.root)]
    subprocess.run(words, cwd=REPO, stdout=subprocess.DEVNULL, check=True)


def _soffice(work: Path, document: Path) -> None:
    subprocess.run(
        [
            find_libreoffice().program,
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
