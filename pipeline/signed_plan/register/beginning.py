"""A register is begun once: where signed work of an earlier one lies, none is begun in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from signed_plan.errors import VerificationError
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register
from signed_plan.register.events import KeysEvent

_SIGNED = b"/ByteRange"
"""Each signature of a PDF has it, in plain bytes (ISO 32000-2, 12.8.1)."""


def require_begun_here(folder: PlanFolder, register: Register) -> None:
    """Makes sure that a register without the office's keys is no new one in place of one lost.

    Raises VerificationError, naming a file that only a register with keys can have led to.
    """
    if register.last(KeysEvent) is not None:
        return
    earlier = next(_signed_work(folder), None)
    if earlier is not None:
        what = "does not know of it" if register.entries else "is gone"
        raise VerificationError(
            f"{folder.relative(earlier)} is of a register with signed work, but "
            f"{folder.relative(folder.register)} {what}.",
            f"Bring {folder.register.name} and {folder.signature.name} back from a copy or from an "
            f"evidence zip. To begin anew on purpose, first move the whole folder "
            f"{folder.relative(folder.output)} to another place.",
        )


def _signed_work(folder: PlanFolder) -> Iterator[Path]:
    """What is made or taken in only when the office has its keys."""
    if folder.signature.exists():
        yield folder.signature
    for place in (folder.certificates, folder.evidence):
        if place.is_dir():
            yield from sorted(path for path in place.iterdir() if path.is_file())
    for path in sorted(folder.output.glob("*/*.pdf")):
        if path.is_file() and _SIGNED in read_file(path):
            yield path
