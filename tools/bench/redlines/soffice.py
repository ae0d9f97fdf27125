"""LibreOffice as a judge, and as one of the programs; where it crashes, file by file."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tools.office import What, compared_by_office, resolved_by_office

AT_ONCE = 40


def resolved(jobs: Sequence[tuple[bytes, What]]) -> list[bytes]:
    """What LibreOffice saves after each job; nothing where it crashes or there is no file."""
    made: dict[int, bytes] = {}
    todo = [at for at, (docx, _) in enumerate(jobs) if docx]
    for start in range(0, len(todo), AT_ONCE):
        places = todo[start : start + AT_ONCE]
        batch = [jobs[at] for at in places]
        found = _try(partial(resolved_by_office, batch))
        if found is None:
            each = (_try(partial(resolved_by_office, [job])) for job in batch)
            found = [(one or [b""])[0] for one in each]
        made |= dict(zip(places, found, strict=True))
    return [made.get(at, b"") for at in range(len(jobs))]


def compared(old: bytes, new: bytes) -> tuple[bytes, float]:
    """LibreOffice's own redline, with the seconds that it took from start to end: it crashes when
    it is to make a second one."""
    start = time.perf_counter()
    found = _try(partial(compared_by_office, [(old, new)]))
    return (found or [b""])[0], time.perf_counter() - start


def _try(run: Callable[[Path], list[bytes]]) -> list[bytes] | None:
    with tempfile.TemporaryDirectory(prefix="signed-plan-redlines-") as folder:
        try:
            return run(Path(folder))
        except (subprocess.SubprocessError, OSError):
            return None
