"""What many plans cost: beside the usual ways, in memory, and as they get more."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from signed_plan.batch.batch import jobs_for
from signed_plan.batch.local import LocalWorkers
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.lifecycle.build import build
from signed_plan.paths import PlanFolder
from signed_plan.progress import silent

from tools.bench.peers_office import Peer, Soffice, Uno, load_bare, render_bare
from tools.bench.stopwatch import Table, seconds
from tools.plans import write_plans

WORKERS = 2
ROUNDS, EACH = 5, 20
COUNTS = (10, 100, 300)


@dataclass(frozen=True, slots=True)
class Cost:
    """What so many plans took."""

    plans: int
    each: float
    """Seconds a plan, on two workers that are warm."""
    memory: float
    """MiB of the larger worker with its LibreOffice, at the end."""


def measure_many(work: Path, table: Table) -> list[Cost]:
    """A hundred plans in rounds of twenty, then ten, a hundred and three hundred in a row."""
    folders = write_plans(work / "many", COUNTS[-1])
    ours, a, b = [], [], []
    with LocalWorkers(WORKERS) as workers, Soffice() as soffice, Uno() as uno:
        _build_all(workers, folders[:4], work / "warming")
        for at in range(0, ROUNDS * EACH, EACH):
            some = folders[at : at + EACH]
            ours.append(seconds(partial(_build_all, workers, some, work / "ours")))
            a.append(seconds(partial(_bare, some, work / "bare.docx", soffice)))
            b.append(seconds(partial(_bare, some, work / "bare.docx", uno)))
    what = f"{EACH} plans of {ROUNDS * EACH}, two workers, sign-off pages and registers"
    table.compare(what, ours, "(a), plans alone", a, 0.17)
    table.compare(what, ours, "(b), plans alone", b, 0.95)
    python, libreoffice = _processor_times(folders[: ROUNDS * EACH], work / "processor")
    what = f"{EACH} plans, processor time of Python alone"
    table.compare(what, python, "LibreOffice's for the same plans", libreoffice, 0.8)
    return [_cost(folders[:count], work / f"built-{count}") for count in COUNTS]


def _processor_times(
    folders: Sequence[PlanFolder], output: Path
) -> tuple[list[float], list[float]]:
    """For each round of plans, the seconds of processor time that Python and LibreOffice took."""
    python, libreoffice = [], []
    with Converter(find_libreoffice()) as converter:
        for folder in folders[:4]:
            _build(folder, output, converter)
        kit = converter.start().process.pid
        for at in range(0, len(folders), EACH):
            ours, theirs = time.process_time(), _processor_time(kit)
            for folder in folders[at : at + EACH]:
                _build(folder, output, converter)
            python.append(time.process_time() - ours)
            libreoffice.append(_processor_time(kit) - theirs)
        assert converter.start().process.pid == kit
    return python, libreoffice


def _build(folder: PlanFolder, output: Path, converter: Converter) -> None:
    target = PlanFolder(folder.root, output / folder.root.name)
    target.output.mkdir(parents=True, exist_ok=True)
    build(target, (), silent, lambda: None, force=True, converter=converter)


def _processor_time(process: int) -> float:
    """The seconds of processor time that a process has taken so far; see proc(5)."""
    fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def _cost(folders: Sequence[PlanFolder], output: Path) -> Cost:
    with LocalWorkers(WORKERS) as workers:
        _build_all(workers, folders[:4], output.with_name("warming"))
        took = seconds(partial(_build_all, workers, folders, output))
        memory = max(map(_memory, _children(os.getpid())))
    print(f"{len(folders):>4} plans: {took / len(folders):.3f} s each, {memory:.0f} MiB a worker")
    return Cost(len(folders), took / len(folders), memory)


def _build_all(workers: LocalWorkers, folders: Sequence[PlanFolder], output: Path) -> None:
    jobs = jobs_for([one.root for one in folders], output, force=True)
    for future in [workers.submit(job) for job in jobs]:
        assert future.result().status == "built", future.result().message


def _bare(folders: Sequence[PlanFolder], docx: Path, peer: Peer) -> None:
    for folder in folders:
        render_bare(load_bare(folder), docx)
        peer.convert(docx, docx.with_suffix(".pdf"))


def _children(process: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text("utf-8").rpartition(")")[2].split()[1]) == process:
                found.append(int(status.parent.name))
    return found


def _memory(process: int) -> float:
    """MiB of a process and its children; what they share counts for each its part."""
    own = Path(f"/proc/{process}/smaps_rollup").read_text("ascii")
    kib = next(int(line.split()[1]) for line in own.splitlines() if line.startswith("Pss:"))
    return kib / 1024 + sum(map(_memory, _children(process)))


def capacity(costs: Sequence[Cost]) -> str:
    """What that is for a night, and for a whole country."""
    each = statistics.median(cost.each for cost in costs)
    night, schools = 8 * 3600, 25_000
    machines = schools * each / night
    return (
        f"At {each:.2f} s a plan, this machine's two cores build {night / each:,.0f} plans in a "
        f"night of eight hours. 25,000 schools are {schools * each / 3600:.1f} hours on it, so "
        f"that {max(1, -(-machines // 1)):.0f} such machine is enough for a night; a "
        f"cluster of 16 workers would take {schools * each * WORKERS / 16 / 60:.0f} minutes, if "
        "the shared folder keeps up."
    )


def show_costs(costs: Sequence[Cost]) -> str:
    """The costs as a table for the page of benchmarks."""
    rows = "".join(
        f"| {one.plans} plans | {one.each:.2f} s | {one.memory:.0f} MiB |\n" for one in costs
    )
    return f"| Plans in a row | Each | A worker with its LibreOffice |\n|---|---|---|\n{rows}"
