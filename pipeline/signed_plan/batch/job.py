"""One plan of many: the job for a worker, how the worker does it, and the result."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal, Self

from signed_plan.beneath import open_beneath
from signed_plan.errors import (
    ExitCode,
    PlanError,
    SourceError,
    explain_os_error,
    explain_unexpected,
)
from signed_plan.paths import find_plan_folder
from signed_plan.progress import silent

if TYPE_CHECKING:
    from signed_plan.libreoffice.converter import Converter
    from signed_plan.lifecycle.build import Outcome

JobStatus = Literal["built", "up to date", "failed", "not reached"]


@dataclass(frozen=True, slots=True)
class Job:
    """A plan folder to build. Its paths have to mean the same to every worker."""

    folder: str
    output: str
    force: bool
    """Whether to build also what is up to date."""

    @property
    def name(self) -> str:
        return Path(self.folder).name


@dataclass(frozen=True, slots=True)
class VersionResult:
    """A version of the plan, which is now up to date."""

    version: str
    fingerprint: str
    pages: int | None
    """None if it was up to date before."""
    pdf: str


@dataclass(frozen=True, slots=True)
class Result:
    """What happened to one plan."""

    name: str
    folder: str
    status: JobStatus
    versions: tuple[VersionResult, ...] = ()
    seconds: float = 0.0
    worker: str = ""
    """The machine and the process that did it, such as "office-pc:4711"."""
    converter: str = ""
    message: str = ""
    """Why it failed. Mistakes in the sources are one a line."""
    remedy: str = ""
    exit_code: int = ExitCode.OK

    @classmethod
    def failure(cls, job: Job, message: str, remedy: str, exit_code: int = ExitCode.FAILED) -> Self:
        return cls(
            *(job.name, job.folder, "failed"),
            worker=_here(),
            message=message,
            remedy=remedy,
            exit_code=exit_code,
        )

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """The result whose data `as_data` gave."""
        return cls(**{**data, "versions": tuple(VersionResult(**one) for one in data["versions"])})

    def as_data(self) -> dict[str, Any]:
        """The result as JSON can hold it."""
        return asdict(self)


class _Warm(threading.local):
    """For each thread that builds, its LibreOffice, which stays between plans."""

    converter: Converter | None = None


_warm = _Warm()


def build_job(job: Job) -> Result:
    """Builds every version of one plan. Any failure is a result, too."""
    from signed_plan.libreoffice.converter import Converter, find_libreoffice
    from signed_plan.lifecycle.build import build

    start = time.perf_counter()
    try:
        folder = find_plan_folder(Path(job.folder), Path(job.output))
        place = Path(job.output)
        with open_beneath(place.parent, place, make=True):
            pass
        if _warm.converter is None:
            _warm.converter = Converter(find_libreoffice())
        outcome = build(
            *(folder, (), silent, lambda: None), force=job.force, converter=_warm.converter
        )
    except SourceError as error:
        lines = [f"{problem.place}: {problem.message}" for problem in error.problems]
        remedy = (
            error.problems[0].remedy
            if len(lines) == 1
            else f"Run plan check -C {quote(job.folder)} to see each in its place."
        )
        return Result.failure(job, "\n".join(lines), remedy, error.exit_code)
    except PlanError as error:
        return Result.failure(job, error.message, error.remedy, error.exit_code)
    except OSError as error:
        reason = explain_os_error(error)
        return Result.failure(job, reason, "Is there space on the disk, and may you write there?")
    except Exception as error:  # a bug in one plan must not end the others
        close_converter()
        return Result.failure(
            job,
            explain_unexpected(error),
            f"Run plan build -v -C {quote(job.folder)} and send what it prints to the maintainers.",
        )
    return Result(
        name=job.name,
        folder=job.folder,
        status="built" if outcome.built else "up to date",
        versions=tuple(_versions(job, outcome)),
        seconds=round(time.perf_counter() - start, 3),
        worker=_here(),
        converter=outcome.converter,
    )


def close_converter() -> None:
    """Ends this thread's LibreOffice; the next plan starts another."""
    converter, _warm.converter = _warm.converter, None
    if converter is not None:
        converter.close()


def _versions(job: Job, outcome: Outcome) -> Iterator[VersionResult]:
    pages = {built.version.name: built.pages for built in outcome.built}
    folder = find_plan_folder(Path(job.folder), Path(job.output))
    for state in outcome.states:
        version = state.version
        yield VersionResult(
            version=version.name,
            fingerprint=version.fingerprint.hex,
            pages=pages.get(version.name),
            pdf=str(folder.pdf(version.name)),
        )


def _here() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
