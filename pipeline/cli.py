"""The command `plan`: its words, and the one place where errors become sentences."""

from __future__ import annotations

import functools
import io
import json
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PlanError
from pipeline.paths import PlanFolder, find_plan_folder
from pipeline.screen import Screen

INTERRUPTED = 130

screen = Screen()


def main() -> None:
    """Runs the command and exits with the code of whatever happened."""
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) != signal.SIG_IGN:  # as under nohup
            signal.signal(ending, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal may lack the plan's letters
    sys.exit(run(sys.argv[1:]))


def run(words: list[str]) -> int:
    """Runs the command with these words; gives its exit code, whatever happens."""
    try:
        plan.main(words, prog_name="plan", standalone_mode=False)
    except (Exception, _Interrupted) as error:
        code = _explain(error)
        if "-v" in words or "--verbose" in words:
            traceback.print_exception(error)
        return code
    return 0


def _explain(error: BaseException) -> int:
    """Tells the user what happened, in a sentence; gives the exit code."""
    if _Interrupted.came:  # whatever a library may have made of it on the way here
        screen.failure("Interrupted.", "Nothing is half done; run the same command again.")
        return INTERRUPTED
    if isinstance(error, PlanError):
        screen.error(error)
        return error.exit_code
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        screen.say(error.format_message())
        return error.exit_code
    if isinstance(error, click.ClickException):
        screen.failure(error.format_message(), "plan --help lists every command.")
        return error.exit_code
    if isinstance(error, OSError):
        screen.failure(
            f"{error.filename or 'A file'} cannot be read or written: {error.strerror}.",
            "See whether it is what it should be, and whether you may open it.",
        )
        return PlanError.exit_code
    screen.failure(
        f"Something went wrong that should not have: {type(error).__name__}: {error}",
        "Run it again with -v and send what it prints to the maintainers.",
    )
    return PlanError.exit_code


class _Interrupted(BaseException):
    """The user, or the system, wants the command to end.

    Not KeyboardInterrupt: where that comes while Python runs code from a string, as it does when it
    makes a dataclass, Python later ends by the signal even though the exception was dealt with.
    """

    came = False


def _interrupt(number: int, frame: object) -> None:
    _Interrupted.came = True
    raise _Interrupted


Command = Callable[..., None]


def _command(
    name: str, *, many: bool = False, as_json: bool = False
) -> Callable[[Command], Command]:
    """A command of `plan`, with the options and arguments that commands share."""

    def register(function: Command) -> Command:
        @functools.wraps(function)
        def run_in_folder(folder: Path | None, verbose: bool, **words: Any) -> None:
            function(find_plan_folder(folder), **words)

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
            "-C",
            "folder",
            metavar="FOLDER",
            type=click.Path(path_type=Path),
            help="The plan folder; by default this one, or the nearest above it with a source/.",
        )(decorated)
        command: Command = plan.command(name)(decorated)
        return command

    return register


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="signed-plan", prog_name="plan")
def plan() -> None:
    """Turns a school collaboration's action plan, kept as YAML, into the formal document."""


@_command("build", many=True)
@click.option("--again", is_flag=True, help="Build even what is up to date.")
def build(folder: PlanFolder, versions: tuple[str, ...], again: bool) -> None:
    """Make every version that is not up to date.

    Each becomes a Word file and a PDF in output/, and an entry in the register.
    """
    from pipeline.build import build as build_plan

    outcome = build_plan(folder, versions, _stage, _waiting, again=again)
    made = {built.version.name: built for built in outcome.built}
    for state in outcome.states:
        name = state.version.name
        if name not in made:
            note = f"  ({state.reason})" if state.reason else ""
            screen.say(f"{name}  up to date  fingerprint {state.version.fingerprint.short}{note}")
            continue
        built = made[name]
        screen.say(
            f"{name}  built       fingerprint {state.version.fingerprint.short}  "
            f"{built.pages} pages  ({state.reason or 'asked for'})",
            "green",
        )
        for path in (folder.docx(name), folder.pdf(name)):
            screen.say(f"  {folder.relative(path)}")
        for kept in built.kept:
            old = folder.relative(kept.path)
            screen.say(f"  the older file is kept as {old}, since {kept.why}", "yellow")
    latest = outcome.states[-1].version.name
    screen.next(f"open {folder.relative(folder.pdf(latest))}, or run: plan verify")


@_command("check", many=True)
def check(folder: PlanFolder, versions: tuple[str, ...]) -> None:
    """Name every mistake and advise of slips.

    Reads the sources only, and changes nothing.
    """
    from pipeline.plan.advice import advise
    from pipeline.plan.source import load

    found = load(folder, versions)
    advice = [one for version in found for one in advise(version)]
    screen.advice(advice)
    names = ", ".join(version.name for version in found)
    if advice:
        count = "1 piece" if len(advice) == 1 else f"{len(advice)} pieces"
        screen.say(f"{count} of advice; nothing was changed, since the words are yours.")
    screen.say(f"No mistakes in {names}.", "green")
    screen.next(_how_to_build(folder))


@_command("new")
@click.argument("name", metavar="VERSION")
@click.option("--from", "older", metavar="VERSION", help="What to copy; by default the last one.")
def new(folder: PlanFolder, name: str, older: str | None) -> None:
    """Start the next version as a copy.

    All ids are kept, and the reviews become history.
    """
    from pipeline.plan.drafting import new_version

    copied = new_version(folder, name, older)
    screen.say(
        f"{name} is a copy of {copied} and supersedes it; its reviews are history now.", "green"
    )
    screen.next(
        f"change source/{name}/, add its review to reviews.yaml, then run: {_how_to_build(folder)}"
    )


@_command("ids", many=True)
def ids(folder: PlanFolder, versions: tuple[str, ...]) -> None:
    """Write an id into every entry without one."""
    from pipeline.plan.drafting import write_ids
    from pipeline.plan.source import load

    given = write_ids(folder, versions)
    for name, made in given.items():
        for one in made:
            screen.say(f"{name}  {one}")
    load(folder, versions)
    screen.say("Every entry has an id." if not any(given.values()) else "Written.", "green")
    screen.next(_how_to_build(folder))


@_command("schema")
def schema(folder: PlanFolder) -> None:
    """Write the JSON Schema that editors use."""
    from pipeline.plan.drafting import write_schema

    screen.say(f"{folder.relative(write_schema(folder))} is current.", "green")
    screen.next("plan check")


@_command("log", as_json=True)
def log(folder: PlanFolder, as_json: bool) -> None:
    """Show the register as a timeline."""
    from pipeline.register.register import read

    events = read(folder.register).events
    if as_json:
        _print_json(list(events))
        return
    for event in events:
        moment = event["at"].replace("T", " ").removesuffix("Z")
        line = f"{event['seq']:>4}  {moment}  {event['version']:<10}  {event['event']}"
        if event["event"] == "built":
            from pipeline.digest import Digest

            pages = event["outputs"]["pdf"]["pages"]
            line += f"  {pages} pages, fingerprint {Digest(event['fingerprint']).short}"
        screen.say(line)
    if not events:
        screen.say("The register is empty.")
    screen.next("plan verify" if events else _how_to_build(folder))


@_command("status", many=True, as_json=True)
def status(folder: PlanFolder, versions: tuple[str, ...], as_json: bool) -> None:
    """Show how each version stands.

    One line a version: built, stale or missing, and who is to sign.
    """
    from pipeline.plan.source import load
    from pipeline.register.register import read
    from pipeline.register.state import state_of

    register = read(folder.register)
    states = [state_of(folder, register, version) for version in load(folder, versions)]
    if as_json:
        _print_json([_state_record(state) for state in states])
        return
    for state in states:
        record = _state_record(state)
        reason = f" ({state.reason})" if state.reason else ""
        who = ", ".join(record["to_sign"]) or "nobody"
        screen.say(f"{state.version.name}  {state.name}{reason}; to sign: {who}")
    known = {state.version.name for state in states}
    for name in dict.fromkeys(event["version"] for event in register.events):
        if name not in known and not versions:
            screen.say(f"{name}  in the register, but its sources are gone", "yellow")
    behind = any(state.name != "built" for state in states)
    screen.next(_how_to_build(folder) if behind else "plan verify")


@_command("verify", many=True, as_json=True)
def verify(folder: PlanFolder, versions: tuple[str, ...], as_json: bool) -> None:
    """Prove that nothing has moved.

    Computes every digest and the chain again, in numbered steps, and names the first that differs.
    """
    from dataclasses import asdict

    from pipeline.register.outputs import is_unfinished, locked, recover
    from pipeline.register.verify import demand
    from pipeline.register.verify import verify as verify_plan

    if is_unfinished(folder):
        with locked(folder, _waiting):
            recover(folder)
    verdict = verify_plan(folder, versions)
    if as_json:
        _print_json(asdict(verdict))
    else:
        for step in verdict.steps:
            mark = "differs" if step.difference else "holds"
            screen.say(f"{step.number:>3}. {step.version:<9} {step.what:<46} {mark}")
    demand(verdict)
    if not as_json:
        screen.say(verdict.sentence, "green")
        screen.say(f"The register's head is {verdict.head}.")
        screen.say(
            "Whoever keeps a copy of that can tell later whether entries were cut off.", "dim"
        )
        screen.next("plan status")


def _state_record(state: Any) -> dict[str, Any]:
    plan = state.version.plan
    people = [person for review in plan.open_reviews for person in review.signatories]
    return {
        "version": state.version.name,
        "state": state.name,
        "reason": state.reason,
        "fingerprint": state.version.fingerprint.hex,
        "to_sign": [plan.person(person).name for person in dict.fromkeys(people)],
    }


def _how_to_build(folder: PlanFolder) -> str:
    """What to type in that folder: where there is a Makefile, the command may not be installed."""
    return "make plan" if (folder.root / "Makefile").is_file() else "plan build"


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _stage(name: str) -> AbstractContextManager[None]:
    if _Interrupted.came:  # and was lost in a callback, where Python drops exceptions
        raise _Interrupted
    return screen.stage(name)


def _waiting() -> None:
    screen.say(
        "Another command is at work in this plan folder; waiting for it to finish.", "yellow"
    )


if __name__ == "__main__":
    main()
