"""A version built again from the sources that its PDF carries, and compared with that PDF."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Literal

from signed_plan.errors import VerificationError
from signed_plan.extract.page_text import page_texts, printable_start
from signed_plan.paths import PlanFolder, shipped_templates
from signed_plan.register.build_status import TEMPLATES
from signed_plan.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from signed_plan.plan.source import Version


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a file that was built again compares with the one at hand."""

    difference: str
    """The first page whose text differs, and how; "" if all say the same."""
    bytes: Literal["same", "grown", "other"]
    """Whether the file at hand has the same bytes, or begins with them, or has others."""


def rebuild(version: Version, folder: PlanFolder | None) -> bytes:
    """The version's PDF, built again by that folder's templates, or by those that are shipped.

    Raises TemplateError, MissingError or ConversionError as a build does.
    """
    from signed_plan.libreoffice.converter import find_libreoffice, start_converter

    with start_converter(find_libreoffice()) as running:
        # Imported while the converter is starting.
        from signed_plan.document.recipe import Templates, make_plan

        find = shipped_templates().joinpath if folder is None else folder.template
        return make_plan(version, Templates(*map(find, TEMPLATES)), running).pdf


def compare(data: bytes, rebuilt: bytes) -> Likeness:
    """How the pages of a file, which is read in the sandbox, compare with those built again.

    Raises VerificationError where the file cannot be read to its end.
    """
    try:
        difference = run_in_sandbox(
            "signed_plan.extract.rebuild", rebuilt + data, str(len(rebuilt))
        )
    except SandboxError as error:
        raise VerificationError(f"Its pages cannot be compared: {error.reason}.") from error
    if data.startswith(rebuilt):
        return Likeness(difference, "same" if len(data) == len(rebuilt) else "grown")
    return Likeness(difference, "other")


def sandbox_main(data: bytes, size: str) -> str:
    """In the sandbox: where two PDFs, of which the first has so many bytes, say something else."""
    return _difference(page_texts(data[int(size) :]), page_texts(data[: int(size)]))


def _difference(given: list[str], built: list[str]) -> str:
    for page, (one, other) in enumerate(zip(given, built, strict=False), 1):
        words, again = one.split(), other.split()
        if words != again:
            both = zip_longest(words, again)
            at = next(
                at for at, (one_word, other_word) in enumerate(both) if one_word != other_word
            )
            here, there = _around(words, at), _around(again, at)
            return f'page {page} says "{here}", and built again "{there}"'
    if len(given) != len(built):
        return f"it has {len(given)} pages, and built again {len(built)}"
    return ""


def _around(words: list[str], at: int) -> str:
    """The words at a place, after the two before it."""
    return printable_start(" ".join(words[max(0, at - 2) : at + 4]))
