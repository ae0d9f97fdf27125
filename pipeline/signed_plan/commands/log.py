"""`plan log`: the register as a timeline."""

from __future__ import annotations

import json
from pathlib import Path

import click

from signed_plan.commands.frame import command, how_to_build, print_json, screen
from signed_plan.files import write_atomically
from signed_plan.paths import PlanFolder


@command("log", as_json=True)
@click.option(
    "--svg",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also draw it, as a picture for a browser.",
)
def log(folder: PlanFolder, as_json: bool, svg: Path | None) -> None:
    """Show the register as a timeline."""
    from signed_plan.plan.names import NamesById
    from signed_plan.register.chain import read
    from signed_plan.register.issued import KnownVersions, names_by_version

    register = read(folder.register)
    if svg is not None:
        from signed_plan.report.timeline import timeline_svg

        versions = KnownVersions(folder, register).load()
        write_atomically(svg.absolute(), timeline_svg(register, versions).encode())
    if as_json:
        print_json([json.loads(line) for line in register.data.splitlines()])
        return
    names = names_by_version(folder, register, register.versions)
    for entry in register.entries:
        version, event = entry.version or "-", entry.event
        screen.row(
            f"{entry.number:>4} ",
            f"{entry.at:%Y-%m-%d %H:%M:%S} ",
            f"{version:<10} ",
            f"{event.kind:<10} ",
            event.summary(names.get(entry.version, NamesById())),
        )
    if not register.entries:
        screen.say("The register is empty.")
    screen.next("plan verify" if register.entries else how_to_build(folder))
