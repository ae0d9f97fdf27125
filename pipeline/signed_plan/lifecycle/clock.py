"""A clock that is off is found before it dates anything: certificates, signatures, entries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from signed_plan.errors import SigningError
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.register.chain import Register
from signed_plan.wording import in_words

_MADE = datetime(2025, 1, 1, tzinfo=UTC)
"""This program is younger: a clock that shows an earlier day is wrong."""
_CLOCKS_DIFFER = timedelta(minutes=5)


def require_clock(register: Register, prompts: Prompts) -> None:
    """Makes sure that now is neither before this program was made nor before the last entry.

    An entry may have been made while the clock was ahead. So somebody who is asked may say that it
    is right now. Raises SigningError otherwise.
    """
    now = register.moment()
    if now < _MADE:
        raise SigningError(
            f"The clock of this computer is wrong: it says {in_words(now)}.",
            "Set it, and run the same command again.",
        )
    last = register.entries[-1].at if register.entries else now
    if last - now <= _CLOCKS_DIFFER:
        return
    found = (
        f"The clock of this computer says {in_words(now)}, but the last entry of the register was "
        f"made on {in_words(last)}."
    )
    if not prompts.confirm(f"{found} Is the clock right now?"):
        raise SigningError(
            found,
            "Set the clock, and run the same command again. If it is right now, and was wrong "
            "then, run it in a terminal, and answer yes there.",
        )
