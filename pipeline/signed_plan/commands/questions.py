"""Questions that the person at the keyboard answers with yes or no."""

from __future__ import annotations

import sys

from signed_plan.commands.frame import screen
from signed_plan.errors import UsageError

_ANSWERS = {"y": True, "yes": True, "n": False, "no": False}


def confirm(question: str) -> bool | None:
    """Their answer; None where there is nobody to ask.

    Raises UsageError where they go away without one.
    """
    if not sys.stdin.isatty():
        return None
    with screen.asking():
        answer = None
        while answer is None:
            typed = screen.ask(f"{question} (yes/no)")
            if not typed:
                raise UsageError("The question was not answered.", "Run the same command again.")
            answer = _ANSWERS.get(typed.strip().casefold())
    return answer
