"""How long work shows which step it is at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Progress = Callable[[str], AbstractContextManager[None]]
"""Given the name of a step, such as "Read the sources"; entered before the step, left after it."""


def silent(name: str) -> AbstractContextManager[None]:
    """A progress that shows nothing."""
    return nullcontext()
