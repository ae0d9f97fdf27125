"""Times of runs that take turns, and their ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

ROUNDS = 7


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def show(name: str, times: list[float]) -> None:
    spread = f"({min(times):.2f} to {max(times):.2f})"
    print(f"{name:<58} {statistics.median(times):6.2f} s  {spread}")


def ratio(aim: float | None, ours: list[float], theirs: list[float]) -> None:
    pairs = [one / other for one, other in zip(ours, theirs, strict=True)]
    spread = f"({min(pairs):.2f} to {max(pairs):.2f})"
    name = "ratio" if aim is None else f"ratio (aim: at most {aim:.2g})"
    print(f"{name:<58} {statistics.median(pairs):6.2f} ×  {spread}\n")
