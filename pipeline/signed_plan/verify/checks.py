"""Verification as it is narrated: numbered steps, up to the first that does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from signed_plan.errors import (
    OlderStateError,
    OtherFileError,
    PlanError,
    SourceError,
    VerificationError,
)

VerdictKind = Literal["verified", "differs", "older", "same words"]


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered check; `difference` is empty where it holds."""

    number: int
    version: str
    what: str
    difference: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All steps that were taken: up to the first that does not hold."""

    steps: tuple[Step, ...]
    sentence: str
    remedy: str
    """What to do about it; "" where it holds."""
    kind: VerdictKind
    head: str = ""
    """The SHA-256 of the register's last line; "" where the register itself does not hold."""
    anchored: bool = False
    """Whether something from outside the folder vouches for the register."""
    incomplete: tuple[str, ...] = ()
    """Who has yet to sign, and what."""

    @property
    def holds(self) -> bool:
        return self.kind == "verified"


class Differs(Exception):
    """A check that does not hold; its text says what differs, its remedy what to do about that."""

    kind: VerdictKind = "differs"

    def __init__(self, said: str, remedy: str = "") -> None:
        super().__init__(said)
        self.remedy = remedy


class Older(Differs):
    """The file is genuine, but not the present one."""

    kind = "older"


class SameWords(Differs):
    """The file shows the same words, but is not the file that was signed."""

    kind = "same words"


Check = tuple[str, str, Callable[[], object]]
"""The version a check is about ("" for all), what it checks, and how: it raises Differs."""

T = TypeVar("T")


class Finding(Generic[T]):
    """A check that finds something for those after it: once, when its own step is taken."""

    def __init__(self, find: Callable[[], T]) -> None:
        self._find = find
        self._found: list[T] = []

    def __call__(self) -> None:
        self._found.append(self._find())

    @property
    def value(self) -> T:
        """What was found; there is none before the step was taken and held."""
        return self._found[-1]


_WORDS: dict[VerdictKind, str] = {
    "verified": "VERIFIED",
    "differs": "NOT VERIFIED",
    "older": "AN OLDER STATE",
    "same words": "ANOTHER FILE",
}


def verdict_words(
    kind: VerdictKind, *, incomplete: bool = False, anchored: bool = False, issued: bool = False
) -> list[str]:
    """The words in capitals that a verdict begins with.

    `issued` says whether it is about what was issued: only then a missing anchor is worth a word.
    """
    words = [_WORDS[kind]]
    if kind == "verified" and incomplete:
        words.append("INCOMPLETE")
    if kind == "verified" and (issued or anchored):
        words.append("ANCHORED" if anchored else "NOT ANCHORED")
    return words


def narrate(
    checks: Iterable[Check], remedy: Callable[[str], str]
) -> tuple[tuple[Step, ...], Verdict | None]:
    """Takes the steps; gives them, and a verdict if one of them does not hold.

    `remedy` says what to do about a version that differs, where the check itself does not say.

    Never raises for what it finds, whatever the files hold.
    """
    steps: list[Step] = []
    for version, what, check in checks:
        kind: VerdictKind = "differs"
        difference = own_remedy = ""
        try:
            check()
        except Differs as found:
            difference, kind, own_remedy = str(found), found.kind, found.remedy
        except SourceError as error:
            first = error.problems[0]
            difference = f"{first.place}: {first.message}"
        except PlanError as error:
            difference = error.message.removesuffix(".")
        except OSError as error:
            difference = f"{error.filename} cannot be read: {error.strerror}"
        except (LookupError, TypeError, AttributeError, ValueError):
            difference = "its entry does not say what such an entry says"
        steps.append(Step(len(steps) + 1, version, what, difference))
        if difference:
            where = f"version {version}, " if version else ""
            sentence = (
                f"{verdict_words(kind)[0]} at step {len(steps)} ({where}{what}): {difference}"
            )
            todo = own_remedy or remedy(version)
            return tuple(steps), Verdict(tuple(steps), sentence, todo, kind)
    return tuple(steps), None


def require_verified(verdict: Verdict) -> None:
    """Raises the VerificationError of its kind unless the verdict holds."""
    if verdict.kind == "older":
        raise OlderStateError(verdict.sentence, verdict.remedy)
    if verdict.kind == "same words":
        raise OtherFileError(verdict.sentence, verdict.remedy)
    if verdict.kind == "differs":
        raise VerificationError(verdict.sentence, verdict.remedy)
