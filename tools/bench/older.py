"""How long a build from nothing takes beside the code of an older checkout.

python -m tools.bench.older CHECKOUT [AREAS]

It builds one plan of that many areas, 900 by default, by both in turn.
"""

from __future__ import annotations

import os
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


def main(checkout: str, areas: str = str(AREAS)) -> None:
    """Prints the ratio; takes some minutes."""
    times: dict[Path, list[float]] = {REPO: [], Path(checkout).resolve(): []}
    files: set[bytes] = set()
    with tempfile.TemporaryDirectory(prefix="signed-plan-bench-") as name:
        folder = write_long_plan(Path(name) / "plan", int(areas))
        for _ in range(ROUNDS):
            for code, took in times.items():
                shutil.rmtree(folder.output, ignore_errors=True)
                took.append(seconds(lambda: _build(code, folder)))  # noqa: B023
                files.update(path.read_bytes() for path in folder.output.rglob("*.pdf"))
    ours, theirs = times.values()
    what = f"`plan build` of {areas} areas, from nothing"
    Table().compare(what, ours, f"the code in {checkout}", theirs, AIM)
    print("The PDFs are the same." if len(files) == 1 else "The PDFs DIFFER.")


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
