"""The errors a user can meet: each is one sentence, a remedy, and an exit code of its own.

The exit codes are part of the command's contract and stand in README:
0 fine, 1 the output cannot be written, 2 usage, 3 source, 4 template, 5 missing program or font,
6 conversion, 7 refused because the version is frozen, 8 verification failed, 9 signing refused,
10 a server outside failed, 11 an older state, 12 the same words in another file,
13 some plans of many failed, 130 interrupted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class PlanError(Exception):
    """Something the user can put right: what is wrong, then what to do about it."""

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class OutputError(PlanError):
    """The output folder cannot be written to."""


class UsageError(PlanError):
    """The command was called with words it cannot act on."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a source file.

    `file` is relative to the plan folder, `line` and `column` count from 1, and `text` is the
    offending line as it stands in the file (empty where the mistake is the file itself).
    """

    file: str
    line: int
    column: int
    message: str
    remedy: str
    text: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class SourceError(PlanError):
    """The sources hold mistakes: all of them at once, in the order of the files."""

    exit_code = 3

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        noun = "problem" if count == 1 else "problems"
        super().__init__(
            f"{count} {noun} in the sources", "Mend each line named above, then try again."
        )
        self.problems = tuple(problems)


class TemplateError(PlanError):
    """A Word template cannot be filled in."""

    exit_code = 4


class MissingError(PlanError):
    """A program or a font that the job needs is not on this machine."""

    exit_code = 5


class ConversionError(PlanError):
    """LibreOffice did not turn a Word file into the PDF it was asked for."""

    exit_code = 6


class FrozenError(PlanError):
    """The version has been issued: its files may not change any more."""

    exit_code = 7


class VerificationError(PlanError):
    """What is on disk is not what the register says."""

    exit_code = 8


class OlderStateError(VerificationError):
    """The file is genuine, but the document has grown since."""

    exit_code = 11


class BatchError(PlanError):
    """Some of many plans could not be built; the others were."""

    exit_code = 13


class OtherFileError(VerificationError):
    """The file says the same words, but it is not the file that was signed."""

    exit_code = 12


class SigningError(PlanError):
    """A signature, or what leads up to one, is refused; nothing was changed."""

    exit_code = 9


class ServiceError(PlanError):
    """A server outside (the timestamp authority, the mail server) did not do its part."""

    exit_code = 10
