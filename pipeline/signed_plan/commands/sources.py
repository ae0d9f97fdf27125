"""The commands that work on the sources alone: check, new, ids, schema."""

from __future__ import annotations

import click

from signed_plan.commands.frame import command, how_to_build, screen
from signed_plan.paths import SCHEMA_FILE, PlanFolder, as_seen
from signed_plan.wording import pluralise


@command("check", many=True)
def check(folder: PlanFolder, versions: tuple[str, ...]) -> None:
    """Find mistakes and possible slips.

    It only reads the sources, and changes nothing.
    """
    from signed_plan.lifecycle.boxes import require_showable
    from signed_plan.plan.advice import advise
    from signed_plan.register.build_status import require_as_issued
    from signed_plan.register.chain import read
    from signed_plan.register.issued import KnownVersions, changed_sources
    from signed_plan.register.signoff_status import is_issued

    register = read(folder.register)
    found = KnownVersions(folder, register).load(versions)
    for version in found:
        if is_issued(register, version.name):
            require_as_issued(version.name, changed_sources(folder, version))
    require_showable(found)
    advice = [one for version in found for one in advise(version)]
    screen.advice(advice)
    names = ", ".join(version.name for version in found)
    if advice:
        pieces = pluralise(len(advice), "piece")
        screen.say(f"{pieces} of advice. Nothing was changed: the words are yours.")
    screen.say(f"No mistakes in {names}.", "green")
    screen.next(how_to_build(folder))


@command("new")
@click.argument("name", metavar="VERSION")
@click.option(
    "--from", "older", metavar="VERSION", help="Which version to copy (default: the last one)."
)
def new(folder: PlanFolder, name: str, older: str | None) -> None:
    """Start the next version as a copy.

    All ids stay the same. The copied reviews become history.
    """
    from signed_plan.plan.next_version import start_version

    copied = start_version(folder, name, older)
    screen.say(
        f"{name} is a copy of {copied} and supersedes it. Its reviews are history now.", "green"
    )
    screen.next(
        f"change {as_seen(folder.source / name)}/, add its review to reviews.yaml, "
        f"then run: {how_to_build(folder)}"
    )


@command("ids", many=True)
def ids(folder: PlanFolder, versions: tuple[str, ...]) -> None:
    """Write an id into every entry that has none."""
    from signed_plan.plan.ids import write_ids
    from signed_plan.plan.source import load

    given = write_ids(folder, versions)
    for name, made in given.items():
        for one in made:
            screen.say(f"{name}  {one}")
    load(folder, versions)
    screen.say("The ids are written." if any(given.values()) else "Every entry has an id.", "green")
    screen.next(how_to_build(folder))


@command("schema")
def schema(folder: PlanFolder) -> None:
    """Write the JSON Schemas that editors use.

    With them, an editor completes keys and marks mistakes while you type.
    """
    from signed_plan.plan.schema import write_schemas

    write_schemas(folder)
    screen.say(f"{as_seen(folder.source / SCHEMA_FILE)} is up to date.", "green")
    screen.next("plan check")
