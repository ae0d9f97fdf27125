"""The errors a user can meet. Each is one sentence and a remedy, and has an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from signed_plan.wording import pluralise


class ExitCode(IntEnum):
    """How the command ends. These numbers are a promise: scripts rely on them."""

    OK = 0
    """All went well."""
    FAILED = 1
    """A file or a folder cannot be read or written, or something unexpected went wrong."""
    DIFFERENT = 1
    """`plan compare --exit-code` found changes (the number that `git diff --exit-code` uses)."""
    USAGE = 2
    """The words of the command are wrong, or there is no plan here."""
    SOURCE = 3
    """There are mistakes in the sources."""
    TEMPLATE = 4
    """A Word template cannot be filled in."""
    MISSING = 5
    """A program or a font is not installed."""
    CONVERSION = 6
    """LibreOffice failed, or made something else."""
    FROZEN = 7
    """The version has been issued, so its files may not change."""
    VERIFICATION = 8
    """The files are not what the register says."""
    SIGNING = 9
    """A signature is refused."""
    SERVICE = 10
    """The timestamp authority, the mail server or the Dask cluster failed."""
    OLDER_STATE = 11
    """The file is genuine, but a later state of it exists."""
    OTHER_FILE = 12
    """The file has the same words, but it is not the file that was signed."""
    BATCH = 13
    """Some of many plans failed. The others are built."""
    INTERRUPTED = 130
    """Ctrl-C, or the system, ended the command (128 and the number of SIGINT, as shells count)."""


class PlanError(Exception):
    """Something the user can correct: the message says what is wrong, the remedy what to do."""

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


def explain_os_error(error: OSError) -> str:
    """What the system refused, in a sentence with the file's name."""
    return f"{error.filename or 'A file'} cannot be read or written: {error.strerror}."


def explain_unexpected(error: BaseException) -> str:
    """What is no mistake of the user's, in a sentence. It has none of the error's own words: a
    library may put what it was given into them, and that may be a secret."""
    return f"Something went wrong that should not have: {type(error).__name__}."


class OutputError(PlanError):
    """The output folder cannot be written to."""


def write_error(place: Path, error: OSError) -> OutputError:
    """The error for a folder that does not take what is to be written into it."""
    return OutputError(
        f"{place} cannot be written to: {error.strerror}.",
        "Make room on the disk, or allow yourself to write there; then run the same command again.",
    )


class UsageError(PlanError):
    """The words of the command are wrong."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a source file.

    `file` is relative to the plan folder. `line` and `column` count from 1. `text` is the line as
    it stands in the file, or "" where the file as a whole is wrong.
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
    """There are mistakes in the sources. It has all of them, in the order of the files."""

    exit_code = ExitCode.SOURCE

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            f"{pluralise(len(problems), 'problem')} in the sources",
            "Correct each line named above, then try again.",
        )
        self.problems = tuple(problems)


class TemplateError(PlanError):
    """A Word template cannot be filled in."""

    exit_code = ExitCode.TEMPLATE


class MissingError(PlanError):
    """A program or a font that is needed is not on this computer."""

    exit_code = ExitCode.MISSING


class ConversionError(PlanError):
    """LibreOffice did not turn a Word file into the PDF that was wanted."""

    exit_code = ExitCode.CONVERSION


class FrozenError(PlanError):
    """The version has been issued, so its files may not change any more."""

    exit_code = ExitCode.FROZEN


class VerificationError(PlanError):
    """The files are not what the register says."""

    exit_code = ExitCode.VERIFICATION


class SigningError(PlanError):
    """A signature, or a step before it, is refused. Nothing was changed."""

    exit_code = ExitCode.SIGNING


class ServiceError(PlanError):
    """A server (timestamps, mail, the Dask cluster) failed."""

    exit_code = ExitCode.SERVICE


class OlderStateError(VerificationError):
    """The file is genuine, but the document has been added to since."""

    exit_code = ExitCode.OLDER_STATE


class OtherFileError(VerificationError):
    """The file has the same words, but it is not the file that was signed."""

    exit_code = ExitCode.OTHER_FILE


class BatchError(PlanError):
    """Some of many plans could not be built. The others were."""

    exit_code = ExitCode.BATCH
