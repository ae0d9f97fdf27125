"""Times of runs that take turns, their ratios, and the table that README shows of them.

Absolute times differ from machine to machine and from hour to hour; runs that take turns meet the
same weather, so their ratio holds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

ROUNDS = 7
HEAD = "| Measured | Median | Ratio (lowest to highest) | Aim |\n|---|---|---|---|\n"


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


class Table:
    """Rows of ratios, printed as they come."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def compare(
        self,
        what: str,
        ours: Sequence[float],
        other: str,
        theirs: Sequence[float],
        aim: float | None = None,
    ) -> None:
        """What we do, in seconds round by round, beside what else was done in the same rounds."""
        pairs = [one / two for one, two in zip(ours, theirs, strict=True)]
        found = statistics.median(pairs)
        ratio = f"{found:.2f} ({min(pairs):.2f} to {max(pairs):.2f}) of {other}"
        if aim is None:
            wanted = ""
        else:
            wanted = f"at most {aim:.2f}" + ("" if found <= aim else ": not reached")
        self.rows.append(f"| {what} | {statistics.median(ours):.2f} s | {ratio} | {wanted} |")
        print(f"{what}\n    {statistics.median(ours):.2f} s, {ratio}  {wanted}")

    def markdown(self) -> str:
        return HEAD + "".join(f"{row}\n" for row in self.rows)
