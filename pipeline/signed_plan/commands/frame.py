"""What all commands share: the group, common options, the screen, and how Ctrl-C ends them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from signed_plan.beneath import require_no_way_out
from signed_plan.commands.help import Group, ListedCommand
from signed_plan.commands.screen import Screen
from signed_plan.commands.standpoint import Standpoint
from signed_plan.errors import UsageError
from signed_plan.files import UnfitFile, read_file
from signed_plan.paths import PlanFolder, as_typed, find_plan_folder
from signed_plan.wording import without_controls

screen = Screen()


class Interrupted(BaseException):
    """The user, or the system, wants the command to end.

    KeyboardInterrupt will not do. If it comes while Python runs code from a string, as it does to
    make a dataclass, Python ends by the signal even though the exception was caught.
    """

    came = False


Command = Callable[..., None]


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="signed-plan", prog_name="plan")
def plan() -> None:
    """Turn a school plan, written as YAML text, into the formal Word and PDF document.

    It also keeps the signatures, and the proof of what was agreed.
    """


def command(
    name: str,
    *,
    many: bool = False,
    as_json: bool = False,
    anywhere: bool = False,
    kind: type[ListedCommand] = ListedCommand,
    group: click.Group = plan,
) -> Callable[[Command], Command]:
    """Registers a command of `plan`, with the options that all commands share.

    With `many` it takes versions, and with `as_json` the option --json. A command that works
    `anywhere` gets None as its folder where none is named and none is found.
    """

    def register(function: Command) -> Command:
        @functools.wraps(function)
        def run_in_folder(
            folder: Path | None, made: Path | None, verbose: bool, **words: Any
        ) -> None:
            screen.verbose = verbose
            found = _find(folder, made, anywhere=anywhere)
            screen.standpoint = Standpoint(found, folder, made)
            if found is not None:
                require_no_way_out(found.output)
            function(found, **words)

        decorated: Any = run_in_folder
        if many:
            decorated = click.argument("versions", nargs=-1, metavar="[VERSION…]")(decorated)
        if as_json:
            flag = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
            decorated = flag(decorated)
        decorated = click.option("-v", "--verbose", is_flag=True, help="Show technical details.")(
            decorated
        )
        decorated = click.option(
            "-O",
            "made",
            metavar="OUTPUT",
            type=click.Path(path_type=Path),
            help="The folder for the results (default: output/ in the plan folder).",
        )(decorated)
        decorated = click.option(
            "-C",
            "folder",
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            help="The plan folder (default: here, or the nearest folder above that has a source/).",
        )(decorated)
        registered: Command = group.command(name, cls=kind)(decorated)
        return registered

    return register


def _find(named: Path | None, made: Path | None, *, anywhere: bool) -> PlanFolder | None:
    try:
        return find_plan_folder(named, made)
    except UsageError:
        if anywhere and named is None:
            return None
        raise


def read_handed_in(file: Path, remedy: str, then: str = "") -> bytes:
    """The bytes of a file that somebody hands in. No more is read than can be of use.

    Raises UsageError for what is larger, or no file. `then` is added to its sentence.
    """
    from signed_plan.signing.untrusted_pdf import MAX_BYTES

    try:
        return read_file(file, MAX_BYTES)
    except UnfitFile as error:
        raise UsageError(f"{file} {error.what}{then}.", remedy) from error


def how_to_build(folder: PlanFolder) -> str:
    """What to type to build: `make plan` where there is a Makefile, as `plan` may be missing."""
    if folder.made is not None or not (folder.root / "Makefile").is_file():
        return "plan build"
    elsewhere = "" if folder.root == Path.cwd() else f"-C {as_typed(folder.root)} "
    return f"make {elsewhere}plan"


def print_json(value: Any) -> None:
    """Prints a value for programs. What could steer a terminal is written as an escape."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    print("\n".join(_escape_steering(line) for line in text.split("\n")))


def _escape_steering(text: str) -> str:
    shown = without_controls(text)
    if shown == text:
        return text
    pairs = zip(text, shown, strict=True)
    return "".join(json.dumps(old)[1:-1] if new != old else old for old, new in pairs)


def stage(name: str) -> AbstractContextManager[None]:
    """Shows the name of a stage while it lasts, and then its time."""
    if Interrupted.came:  # in a callback, where Python drops exceptions
        raise Interrupted
    return screen.stage(name)


def waiting() -> None:
    """Says that another command uses the folder."""
    screen.say("Another command is using this plan folder. Waiting for it to finish.", "yellow")
