"""How long a build from nothing takes beside the code of an older checkout.

python -m tools.bench.older CHECKOUT [AREAS [ROUNDS]]

It builds one plan of that many areas, 900 by default, by both in turn, three times by default.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from signed_plan.paths import PlanFolder

from tools.bench.stopwatch import Table, seconds
from tools.checkout import REPO
from tools.plans import write_long_plan

AREAS, ROUNDS, AIM = 900, 3, 0.7


def main(checkout: str, areas: str = str(AREAS), rounds: str = str(ROUNDS)) -> None:
    """Prints the ratios; takes some minutes."""
    times: dict[Path, list[float]] = {REPO: [], Path(checkout).resolve(): []}
    processor: dict[Path, list[float]] = {code: [] for code in times}
    files: set[bytes] = set()
    with tempfile.TemporaryDirectory(prefix="signed-plan-bench-") as name:
        folder = write_long_plan(Path(name) / "plan", int(areas))
        for _ in range(int(rounds)):
            for code, took in times.items():
                shutil.rmtree(folder.output, ignore_errors=True)
                before = _processor_time()
                took.append(seconds(lambda: _build(code, folder)))  # noqa: B023
                processor[code].append(_processor_time() - before)
                files.update(path.read_bytes() for path in folder.output.rglob("*.pdf"))
    what, other = f"`plan build` of {areas} areas, from nothing", f"the code in {checkout}"
    Table().compare(what, *_pair(times, other), AIM)
    Table().compare(f"{what}, processor time", *_pair(processor, other), AIM)
    print("The PDFs are the same." if len(files) == 1 else "The PDFs DIFFER.")


def _pair(times: dict[Path, list[float]], other: str) -> tuple[list[float], str, list[float]]:
    ours, theirs = times.values()
    return ours, other, theirs


def _processor_time() -> float:
    """The seconds of processor time of all builds so far, LibreOffice's included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _build(code: Path, folder: PlanFolder) -> None:
    """Builds by the code of that checkout, whose package may still be named pipeline."""
    old = not (code / "pipeline" / "signed_plan").is_dir()
    package, place = ("pipeline", code) if old else ("signed_plan", code / "pipeline")
    subprocess.run(
        [sys.executable, "-m", f"{package}.cli", "build", "-C", str(folder.root)],
        cwd=code,
        env=os.environ | {"PYTHONPATH": str(place)},
        stdout=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
