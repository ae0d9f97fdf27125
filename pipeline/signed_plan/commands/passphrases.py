"""Passphrases come from a prompt or a file, never from an argument or the environment."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from signed_plan.commands.frame import screen, waiting
from signed_plan.commands.questions import confirm
from signed_plan.errors import UsageError
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.processes import forbid_core_dumps
from signed_plan.signing.passphrase import Secret
from signed_plan.wording import without_controls

STDIN = "-"
_LONGEST = 10_000
_OPTIONS = {
    "office": ("--passphrase-file", "the passphrase of the office's keys"),
    "person": ("--person-passphrase-file", "the passphrase of the person's key"),
    "mail": ("--mail-password-file", "the password for the mail server"),
}


@dataclass(slots=True)
class Passphrases:
    """Where each kind of passphrase comes from: a file, a line of stdin, or a prompt."""

    files: dict[str, str | None]
    _read: dict[str, Secret] = field(default_factory=dict)

    def ask(self, wanted: Prompt) -> Secret:
        """The passphrase that is wanted. Raises UsageError where nobody can be asked."""
        if wanted.kind not in self._read:
            file = self.files.get(wanted.kind)
            forbid_core_dumps()  # before there is anything to be seen
            self._read[wanted.kind] = (
                _from_prompt(wanted) if file is None else _from_file(file, wanted)
            )
        return self._read[wanted.kind]

    def prompts(self) -> Prompts:
        """The prompts for the person at the keyboard."""
        return Prompts(self.ask, waiting, confirm)


def passphrase_options(*kinds: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Adds the options for these kinds. The command gets them as one `passphrases`."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        def with_passphrases(*arguments: Any, **words: Any) -> None:
            files = {kind: words.pop(f"{kind}_file") for kind in kinds}
            function(*arguments, passphrases=Passphrases(files), **words)

        with_passphrases.__name__ = function.__name__
        with_passphrases.__doc__ = function.__doc__
        decorated: Callable[..., None] = with_passphrases
        decorated.__dict__.update(function.__dict__)
        for kind in kinds:
            option, what = _OPTIONS[kind]
            decorated = click.option(
                option,
                f"{kind}_file",
                metavar="FILE",
                help=f"Read {what} from the first line of FILE (- is standard input).",
            )(decorated)
        return decorated

    return decorate


def _from_file(file: str, wanted: Prompt) -> Secret:
    shown = "standard input" if file == STDIN else file
    try:
        if file == STDIN:
            line = sys.stdin.buffer.readline(_LONGEST)
        else:
            with Path(file).open("rb") as lines:
                line = lines.readline(_LONGEST)
    except OSError as error:
        raise UsageError(
            f"The passphrase of {wanted.what} cannot be read from {shown}: {error.strerror}.",
            "Name the file that has it.",
        ) from error
    try:
        # Editors on Windows put a mark at the start, which is no part of the passphrase.
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:  # it holds the passphrase, so it must not be shown
        raise _not_utf8(wanted, shown) from None
    if "\0" in text:  # as of UTF-16, or of a device
        raise _not_utf8(wanted, shown)
    if not text:
        raise UsageError(f"There is no passphrase of {wanted.what} in {shown}.", "Write it there.")
    return Secret(text)


def _from_prompt(wanted: Prompt) -> Secret:
    if not sys.stdin.isatty():
        option, _ = _OPTIONS[wanted.kind]
        raise UsageError(
            f"There is nobody to ask for the passphrase of {wanted.what}.",
            f"Run this in a terminal, or use {option} FILE.",
        )
    try:
        with screen.asking():
            text = _type(f"Passphrase of {wanted.what}: ")
            again = _type("Once more: ") if wanted.new else text
        if again != text:
            raise UsageError("The two passphrases are not the same.", "Run the same command again.")
        text.encode("utf-8")
    except EOFError:
        raise UsageError(
            f"The passphrase of {wanted.what} was not typed.", "Run the same command again."
        ) from None
    except UnicodeError:
        raise _not_utf8(wanted, "the keyboard") from None
    return Secret(text)


def _type(prompt: str) -> str:
    """What somebody types, without showing it; whatever comes next begins a line of its own."""
    try:
        return getpass.getpass(without_controls(prompt))
    except BaseException:
        if sys.stderr.isatty():
            print(file=sys.stderr)
        raise


def _not_utf8(wanted: Prompt, place: str) -> UsageError:
    return UsageError(
        f"The passphrase of {wanted.what} from {place} is not text in UTF-8.",
        "Save the file as UTF-8, or set the terminal to UTF-8.",
    )
