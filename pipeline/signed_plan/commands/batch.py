"""`plan batch`: many plans at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signed_plan.commands.frame import plan, screen
from signed_plan.errors import BatchError
from signed_plan.paths import as_seen, as_typed
from signed_plan.wording import without_controls

if TYPE_CHECKING:
    from signed_plan.batch.job import Result

_LISTED = 40
"""With more plans than this, the table at the end lists only those that failed."""


@plan.command("batch")
@click.argument(
    "folders", nargs=-1, required=True, metavar="FOLDER…", type=click.Path(path_type=Path)
)
@click.option(
    "--output",
    required=True,
    metavar="OUT",
    type=click.Path(path_type=Path),
    help="Where each plan gets a folder with its name.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help="Plans at a time (default: one for each core)."
)
@click.option("--dask", metavar="ADDRESS", help="Use the Dask cluster at this address.")
@click.option("--resume", is_flag=True, help="Skip plans that are built and unchanged.")
@click.option("-v", "--verbose", is_flag=True, help="Show technical details.")
def batch(
    folders: tuple[Path, ...],
    output: Path,
    jobs: int | None,
    dask: str | None,
    resume: bool,
    verbose: bool,
) -> None:
    """Make many plans at once, on all cores.

    Each FOLDER is one plan. A plan with mistakes fails alone, with its own message.
    """
    from signed_plan.batch.batch import SUMMARY, jobs_for, run_batch
    from signed_plan.batch.cluster import DaskWorkers
    from signed_plan.batch.local import LocalWorkers

    screen.verbose = verbose
    wanted = jobs_for(folders, output, force=not resume)
    begun = time.perf_counter()
    count = min(jobs or os.cpu_count() or 1, len(wanted))
    with (
        DaskWorkers(dask) if dask else LocalWorkers(count) as workers,
        _progress(len(wanted)) as show,
    ):
        results = run_batch(wanted, workers, output, show)
    _summarise(results, time.perf_counter() - begun)
    screen.say(f"The whole list is in {as_seen(output / SUMMARY)}.")
    bad = [result for result in results if result.status == "failed"]
    if bad:
        raise BatchError(
            f"{len(bad)} of {len(results)} plans failed. The others are built.",
            "Correct what is named above, then run the same command with --resume.",
        )
    some = Path(wanted[0].output)
    screen.next(f"plan verify -C {as_typed(folders[0])} -O {as_typed(some)}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Result], None]]:
    """Gives a function that shows a result: a bar with rate and time left, or lines."""
    if not screen.draws:
        done = iter(range(1, total + 1))
        yield lambda result: screen.say(f"{next(done):>6} of {total}  {_line(result)}")
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}", markup=False),
        TimeRemainingColumn(),
        TextColumn("left, last {task.fields[last]}", markup=False),
    ) as bar:
        task = bar.add_task("", total=total, rate="", last="…")
        begun = time.perf_counter()

        def show(result: Result) -> None:
            if result.status == "failed":
                line = without_controls(_line(result))
                bar.console.print(line, style="red", markup=False, highlight=False)
            done = bar.tasks[0].completed + 1
            rate = f"{60 * done / (time.perf_counter() - begun):.0f} a minute"
            bar.update(task, advance=1, rate=rate, last=without_controls(result.name))

        yield show


def _line(result: Result) -> str:
    if result.status == "failed":
        first, *others = result.message.splitlines()
        more = f" (and {len(others)} more)" if others else ""
        return f"{result.name}  failed: {first}{more}"
    return f"{result.name}  {result.status}  {result.seconds:.2f} s"


def _summarise(results: Sequence[Result], took: float) -> None:
    from signed_plan.batch.batch import count

    shown = [one for one in results if len(results) <= _LISTED or one.status == "failed"]
    width = max((len(one.name) for one in shown), default=0)
    if shown:
        screen.say()
    for one in shown:
        style = {"failed": "red", "built": "green"}.get(one.status, "")
        pages = sum(made.pages or 0 for made in one.versions)
        said = f"{pages:>4} pages  {one.seconds:6.2f} s" if one.status == "built" else ""
        screen.say(f"{one.name:<{width}}  {one.status:<11} {said}".rstrip(), style)
        for text in filter(None, (*one.message.splitlines(), one.remedy)):
            screen.say(f"    {text}")
        if one.converter:
            screen.detail(f"    {one.worker}, converted with {one.converter}")
    counts = count(results)
    summary = ", ".join(
        f"{counts[status]} {status}"
        for status in ("built", "up to date", "failed")
        if counts[status]
    )
    screen.say()
    screen.say(f"{summary}; {took:.1f} s, {60 * len(results) / took:.0f} plans a minute.")
