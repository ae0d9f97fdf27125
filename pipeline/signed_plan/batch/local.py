"""Workers on this machine: processes, each with its own warm LibreOffice."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import Self

from signed_plan.batch.job import Job, Result
from signed_plan.processes import close_pipes, kill_session, start_session

ATTEMPTS = 3
_PATIENCE = 5


class LocalWorkers:
    """That many workers; used in a `with` statement, at whose end all of them have ended.

    If a worker ends during a plan, a new one tries that plan again. This is safe, because a build
    that was killed leaves every file as the register has it.
    """

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count)
        self._mine = threading.local()
        self._all: list[subprocess.Popen[bytes]] = []
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
                _kill(process)
            elif process.stdin is not None:
                with contextlib.suppress(OSError):
                    process.stdin.close()
        for process in self._all:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
        for process in self._all:
            _kill(process)
        self._pool.shutdown(wait=True)
        for process in self._all:
            _kill(process)  # also one that a thread has just started
            process.wait()
            close_pipes(process)

    def submit(self, job: Job) -> Future[Result]:
        """The job's result, as soon as it is there."""
        return self._pool.submit(self._work, job)

    def _work(self, job: Job) -> Result:
        order = json.dumps({"folder": job.folder, "output": job.output, "force": job.force})
        for _ in range(ATTEMPTS):
            if self._ending:
                break
            answer = self._ask(f"{order}\n".encode())
            if answer.endswith(b"\n"):
                return Result.read(json.loads(answer))
        return Result.failure(
            job,
            f"The process that builds it ended {ATTEMPTS} times.",
            f"Run plan build -C {quote(job.folder)} by itself. Perhaps there is not enough memory.",
        )

    def _ask(self, order: bytes) -> bytes:
        worker = self._worker()
        assert worker.stdin is not None
        assert worker.stdout is not None
        answer = b""
        with contextlib.suppress(OSError):
            worker.stdin.write(order)
            worker.stdin.flush()
            answer = worker.stdout.readline()
        if not answer.endswith(b"\n"):
            # Its pipes close a moment before it ends. Until then it looks alive: it would be asked
            # again, and one death would count as all attempts.
            _kill(worker)
            worker.wait()
        return answer

    def _worker(self) -> subprocess.Popen[bytes]:
        """This thread's worker; starts one if there is none."""
        worker: subprocess.Popen[bytes] | None = getattr(self._mine, "worker", None)
        if worker is None or worker.poll() is not None:
            worker = self._mine.worker = _start()
            self._all.append(worker)
        return worker


def _start() -> subprocess.Popen[bytes]:
    # Ctrl-C must not reach it, only this process, which ends all workers in order.
    return start_session(
        [sys.executable, "-m", "signed_plan.batch.worker"],
        talks=True,
        cwd=Path(__file__).parents[2],
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a worker if it still runs, and its LibreOffice with it."""
    if process.poll() is None:  # if it has ended, another program may have its number now
        kill_session(process)
