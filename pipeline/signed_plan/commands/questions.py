"""Questions that the person at the keyboard answers with yes or no."""

from __future__ import annotations

import sys

from signed_plan.commands.folding import fold_plain, terminal_width
from signed_plan.commands.frame import screen
from signed_plan.errors import UsageError
from signed_plan.wording import without_controls

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
            _show(question)
            typed = sys.stdin.readline()
            if not typed:
                print(file=sys.stderr)
                raise UsageError("The question was not answered.", "Run the same command again.")
            answer = _ANSWERS.get(typed.strip().casefold())
    return answer


def _show(question: str) -> None:
    shown = without_controls(f"{question} (yes or no)")
    print(
        "\n".join(fold_plain(shown, terminal_width() - 1, 0)), end=" ", flush=True, file=sys.stderr
    )
