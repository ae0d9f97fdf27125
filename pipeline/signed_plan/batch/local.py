"""Workers on this machine, each a process with a warm LibreOffice of its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from signed_plan.batch.job import Job, Result

ATTEMPTS = 3
_PATIENCE = 5


class LocalWorkers:
    """So many workers at once; a context, at whose end none of them is left.

    A plan whose worker ends in the midst of it is tried again by a new one: a build that was killed
    leaves every file as the register has it.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count)
        self._mine = threading.local()
        self._all: list[subprocess.Popen[str]] = []
        self._ending = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in self._all:
            if error is not None:
                _strike(process)
            elif process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        for process in self._all:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
        for process in self._all:
            _strike(process)
        self._pool.shutdown(wait=True)
        for process in self._all:
            _strike(process)  # also one that a thread has started meanwhile
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    with contextlib.suppress(OSError):
                        stream.close()

    def submit(self, job: Job) -> Future[Result]:
        """What will become of the job, as `concurrent.futures` has it."""
        return self._pool.submit(self._work, job)

    def _work(self, job: Job) -> Result:
        order = json.dumps({"folder": job.folder, "output": job.output, "force": job.force})
        for _ in range(ATTEMPTS):
            if self._ending:
                break
            answer = self._ask(f"{order}\n")
            if answer.endswith("\n"):
                return Result.read(json.loads(answer))
        return Result.failed(
            job,
            f"The process that was to build it ended {ATTEMPTS} times.",
            f"Run plan build -C {job.folder} by itself; there may be too little memory.",
        )

    def _ask(self, order: str) -> str:
        worker = self._worker()
        assert worker.stdin is not None
        assert worker.stdout is not None
        answer = ""
        with contextlib.suppress(OSError):
            worker.stdin.write(order)
            worker.stdin.flush()
            answer = worker.stdout.readline()
        if not answer.endswith("\n"):
            # Its files are closed a moment before it is gone, and until then it looks alive: it
            # would be asked again, and one death would count for all attempts.
            _strike(worker)
            worker.wait()
        return answer

    def _worker(self) -> subprocess.Popen[str]:
        """This thread's worker, which is started where there is none, or none any more."""
        worker: subprocess.Popen[str] | None = getattr(self._mine, "worker", None)
        if worker is None or worker.poll() is not None:
            worker = self._mine.worker = _start()
            self._all.append(worker)
        return worker


def _start() -> subprocess.Popen[str]:
    # In a session of its own, so that Ctrl-C reaches only the one who can end all this in order.
    return subprocess.Popen(
        [sys.executable, "-m", "signed_plan.batch.worker"],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )


def _strike(process: subprocess.Popen[str]) -> None:
    """Ends a worker that still lives; its LibreOffice ends with it."""
    if process.poll() is not None:  # by now its number may be somebody else's
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
