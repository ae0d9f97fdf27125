"""Validating the signatures of several versions side by side, a version a process.

Nearly all the time of `plan verify` goes into that, and no version needs the result of another.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context
from threading import active_count
from typing import TypeVar

from signed_plan.processes import die_with_parent

T = TypeVar("T")

_tasks: list[Callable[[str], object]] = []
"""In a process of the pool: the one task. It comes with the fork, and need not be pickled."""


@contextmanager
def side_by_side(names: Sequence[str], task: Callable[[str], T]) -> Iterator[Callable[[str], T]]:
    """Gives a function that does the task for one of the names.

    When it is called first, the task is started for all of them, as many at a time as there are
    cores; so its result is what it would be if only that name were asked for, but sooner.
    """
    futures: dict[str, Future[object]] = {}
    with ExitStack() as stack:

        def result(name: str) -> T:
            if not futures and len(names) > 1 and _can_fork():
                given = (task, os.getpid())
                pool = ProcessPoolExecutor(_cores(), get_context("fork"), _prepare, given)
                stack.callback(pool.shutdown, cancel_futures=True)
                futures.update({one: pool.submit(_work, one) for one in names})
            future = futures.get(name)
            if future is not None and future.exception() is None:
                return future.result()  # type: ignore[return-value]
            return task(name)  # here, so that an error is the task's own

        yield result


def _prepare(task: Callable[[str], object], parent: int) -> None:
    die_with_parent(parent)
    _tasks[:] = [task]
    # The process that was interrupted answers for all of them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _work(name: str) -> object:
    return _tasks[0](name)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _can_fork() -> bool:
    """A process with threads must not be forked: a lock that one of them holds stays locked."""
    return hasattr(os, "fork") and active_count() == 1 and _cores() > 1
