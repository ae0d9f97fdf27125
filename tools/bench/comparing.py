"""What comparing two versions costs, beside one bare LibreOffice run, and how it grows."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from signed_plan.paths import PlanFolder
from signed_plan.plan.next_version import start_version

from tools.bench.stopwatch import ROUNDS, Table, seconds
from tools.checkout import REPO, copy_plan
from tools.plans import VERSION, write_long_plan

AREAS = (9, 90, 900)
GROWTH_ROUNDS = 3
NEXT = "2018-03"


def measure_comparing(work: Path, table: Table, soffice: Callable[[Path, Path], None]) -> None:
    """`plan compare` of the real pair, built, with all that it makes but the PDF."""
    folder = copy_plan(work / "comparing")
    _plan(folder, "build")
    document = work / "bare" / "compared.docx"
    shutil.copy(folder.docx("2017-11"), document)
    times: dict[str, list[float]] = {"compare": [], "soffice": []}
    for _ in range(ROUNDS):
        times["compare"].append(seconds(lambda: _plan(folder, "compare", "--no-pdf")))
        times["soffice"].append(seconds(lambda: soffice(work, document)))
    what = "`plan compare`: redline.docx, report and JSON, no PDF"
    table.compare(what, times["compare"], "one bare `soffice` run", times["soffice"], 0.5)


def measure_growth(work: Path) -> None:
    """The same for plans of any length, in which every area has changed."""
    print(f"{'areas':>8} {'seconds to compare':>20} {'per area':>10}")
    for areas in AREAS:
        folder = write_long_pair(work / f"pair-{areas}", areas)
        run = partial(_plan, folder, "compare", VERSION, NEXT, "--no-pdf")
        took = statistics.median(seconds(run) for _ in range(GROWTH_ROUNDS))
        print(f"{areas:>8} {took:>20.2f} {took / areas * 1000:>7.1f} ms")
    print()


def write_long_pair(root: Path, areas: int) -> PlanFolder:
    """A plan of that many areas in two versions: every area has words added, changed and moved."""
    folder = write_long_plan(root, areas)
    start_version(folder, NEXT, VERSION)
    path = folder.source / NEXT / "areas.yaml"
    text = path.read_text("utf-8").replace("schools", "academies")
    text = re.sub(
        r"^    outcome:\n",
        "      - id: next-\n        bullet: To be reviewed in Spring 2018\n    outcome:\n",
        text,
        flags=re.MULTILINE,
    )
    numbers = iter(range(areas))
    text = re.sub(r"id: next-\n", lambda _: f"id: next-{next(numbers)}\n", text)
    path.write_text(text, encoding="utf-8")
    return folder


def _plan(folder: PlanFolder, *words: str) -> None:
    command = [sys.executable, "-m", "signed_plan.cli", *words, "-C", str(folder.root)]
    subprocess.run(command, cwd=REPO, stdout=subprocess.DEVNULL, check=True)
