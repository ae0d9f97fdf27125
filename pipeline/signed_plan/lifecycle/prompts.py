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


def nobody(_question: str) -> bool | None:
    """The answer where there is nobody to ask."""
    return None


@dataclass(frozen=True, slots=True)
class Prompts:
    """How to ask for a passphrase, how to say that one must wait, and how to ask what is so."""

    ask: Callable[[Prompt], Secret]
    wait: Callable[[], None]
    """Called once if another command is working in the same folder."""
    confirm: Callable[[str], bool | None] = nobody
    """Asks a question that is answered with yes or no; gives None where nobody can be asked."""
