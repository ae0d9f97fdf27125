"""Who sits at the session, and what they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from signed_plan.signing.passphrase import Secret


@dataclass(frozen=True, slots=True)
class Wanted:
    """A passphrase that is asked for."""

    kind: Literal["office", "person", "mail"]
    what: str
    """What it opens, such as "the office's keys"."""
    new: bool = False
    """Whether it is chosen now, and so better typed twice."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Whoever sits at the session: can be asked, and can be told to wait."""

    ask: Callable[[Wanted], Secret]
    wait: Callable[[], None]
    """Told once where another command works in the same folder."""
