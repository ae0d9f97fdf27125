"""What all commands share: the group, their common options, the screen, and being interrupted."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from signed_plan.commands.screen import Screen
from signed_plan.errors import UsageError
from signed_plan.paths import PlanFolder, find_plan_folder

screen = Screen()


class Interrupted(BaseException):
    """The user, or the system, wants the command to end.

    Not KeyboardInterrupt: where that comes while Python runs code from a string, as it does when it
    makes a dataclass, Python later ends by the signal even though the exception was dealt with.
    """

    came = False


Command = Callable[..., None]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="signed-plan", prog_name="plan")
def plan() -> None:
    """Turns a school collaboration's action plan, kept as YAML, into the formal signed document."""


def command(
    name: str,
    *,
    many: bool = False,
    as_json: bool = False,
    anywhere: bool = False,
    group: click.Group = plan,
) -> Callable[[Command], Command]:
    """A command of `plan`, with the options and arguments that commands share.

    One that works `anywhere` is given None where no folder is named and none is near.
    """

    def register(function: Command) -> Command:
        @functools.wraps(function)
        def run_in_folder(
            folder: Path | None, made: Path | None, verbose: bool, **words: Any
        ) -> None:
            screen.verbose = verbose
            function(_find(folder, made, anywhere=anywhere), **words)

        decorated: Any = run_in_folder
        if many:
            decorated = click.argument("versions", nargs=-1, metavar="[VERSION…]")(decorated)
        if as_json:
            flag = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
            decorated = flag(decorated)
        decorated = click.option("-v", "--verbose", is_flag=True, help="Show technical details.")(
            decorated
        )
        decorated = click.option(
            "-O",
            "made",
            metavar="OUTPUT",
            type=click.Path(path_type=Path),
            help="The folder of what was made; by default output/ in the plan folder.",
        )(decorated)
        decorated = click.option(
            "-C",
            "folder",
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            help="The plan folder; by default this one, or the nearest above it with a source/.",
        )(decorated)
        registered: Command = group.command(name)(decorated)
        return registered

    return register


def _find(named: Path | None, made: Path | None, *, anywhere: bool) -> PlanFolder | None:
    try:
        return find_plan_folder(named, made)
    except UsageError:
        if anywhere and named is None:
            return None
        raise


def handed_in(file: Path, remedy: str, then: str = "") -> bytes:
    """The bytes of a file that somebody hands in, of which no more is read than can be of use.

    Raises UsageError where it is larger, in a sentence that may go on with `then`.
    """
    from signed_plan.signing.untrusted_pdf import MAX_BYTES

    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise UsageError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB{then}.", remedy)
    return data


def how_to_build(folder: PlanFolder) -> str:
    """What to type in that folder: where there is a Makefile, the command may not be installed."""
    return "make plan" if (folder.root / "Makefile").is_file() else "plan build"


def print_json(value: Any) -> None:
    """Prints a value for machines."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def stage(name: str) -> AbstractContextManager[None]:
    """Shows the name of a stage, and its time, for as long as the stage lasts."""
    if Interrupted.came:  # and was lost in a callback, where Python drops exceptions
        raise Interrupted
    return screen.stage(name)


def waiting() -> None:
    """Says that another command has the folder."""
    screen.say(
        "Another command is at work in this plan folder; waiting for it to finish.", "yellow"
    )
