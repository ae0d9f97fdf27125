"""Many plans at once: a job for each folder, a result for each job, and one summary."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future, as_completed
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Protocol

from signed_plan.batch.job import Job, Result
from signed_plan.errors import OutputError, UsageError
from signed_plan.files import write_atomically

SUMMARY = "summary.json"


class Workers(Protocol):
    """What does the work: processes on this machine, or a cluster."""

    def submit(self, job: Job) -> Future[Result]:
        """The job's result, as soon as it is there."""


def jobs_for(folders: Sequence[Path], output: Path, *, force: bool) -> list[Job]:
    """A job for each folder. Its output goes to a folder of the same name in `output`.

    Raises UsageError if two of them would go to the same place, or one to the summary's.
    """
    found: dict[str, Path] = {}
    jobs = []
    for folder in map(Path.resolve, folders):
        if folder.name == SUMMARY:
            raise UsageError(
                f"{folder} has the name of the summary that is written to --output.",
                "Give the folder another name.",
            )
        other = found.setdefault(folder.name, folder)
        if other != folder:
            raise UsageError(
                f"{other} and {folder} have the same name, and would be built to the same place.",
                "Give one of them another name, or build it to another --output.",
            )
        jobs.append(Job(str(folder), str(output.resolve() / folder.name), force))
    return list(dict.fromkeys(jobs))


def run_batch(
    jobs: Sequence[Job], workers: Workers, output: Path, show: Callable[[Result], None]
) -> list[Result]:
    """Does the jobs; gives their results in the order of the jobs, and shows each as it comes.

    Whatever happens, the summary is written to `output`. It lists jobs that were not begun as
    "not reached".

    Raises OutputError if the summary cannot be written.
    """
    begun = time.perf_counter()
    results = {job: Result(job.name, job.folder, "not reached") for job in jobs}
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _cannot_write(output, error) from error
    try:
        submitted = {workers.submit(job): job for job in jobs}
        for future in as_completed(submitted):
            job = submitted[future]
            results[job] = _result(job, future)
            show(results[job])
    finally:
        _write_summary(output, list(results.values()), time.perf_counter() - begun)
    return list(results.values())


def _result(job: Job, future: Future[Result]) -> Result:
    try:
        return future.result()
    except CancelledError:
        return replace(
            Result.failure(
                job,
                "The cluster lost it before it was built.",
                "See whether its scheduler still runs, then run the same command with --resume.",
            ),
            worker="",
        )
    except Exception as error:  # a cluster has given up on it
        return replace(
            Result.failure(
                job,
                f"No worker could build it: {type(error).__name__}.",
                f"Run plan build -C {quote(job.folder)} by itself to see why.",
            ),
            worker="",
        )


def count(results: Sequence[Result]) -> Counter[str]:
    """How many results there are of each status."""
    return Counter(result.status for result in results)


def _write_summary(output: Path, results: Sequence[Result], seconds: float) -> None:
    counted = count(results)
    summary = {
        "format": 1,
        "built": counted["built"],
        "up_to_date": counted["up to date"],
        "failed": counted["failed"],
        "not_reached": counted["not reached"],
        "seconds": round(seconds, 3),
        "plans": [result.as_data() for result in results],
    }
    # A folder's name may be no UTF-8: then JSON has its bytes as U+DC80 to U+DCFF (PEP 383).
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    data = text.encode("utf-8", errors="backslashreplace") + b"\n"
    try:
        write_atomically(output / SUMMARY, data)
    except OSError as error:
        raise _cannot_write(output, error) from error


def _cannot_write(output: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{output} cannot be written to: {error.strerror}.",
        "Free space on the disk, or allow writing to that folder. Then run it with --resume.",
    )
