"""The questions a command may ask the person who runs it; a screen or a browser answers them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from signed_plan.signing.passphrase import Secret


@dataclass(frozen=True, slots=True)
class Prompt:
    """A passphrase to ask for."""

    kind: Literal["office", "person", "mail"]
    what: str
    """What it opens, such as "the office's keys"."""
    new: bool = False
    """Whether it is being chosen now, so that it is best typed twice."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """How to ask for a passphrase, and how to say that one must wait."""

    ask: Callable[[Prompt], Secret]
    wait: Callable[[], None]
    """Called once if another command is working in the same folder."""
