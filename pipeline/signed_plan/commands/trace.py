"""`plan trace`: who has signed each line, and since when it has these words."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import click

from signed_plan.commands.frame import command, print_json, screen
from signed_plan.commands.screen import BULLETS
from signed_plan.paths import PlanFolder
from signed_plan.wording import pluralise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signed_plan.plan.source import Version
    from signed_plan.report.trace import Traced


@command("trace", as_json=True)
@click.argument("name", metavar="[VERSION]", required=False)
def trace(folder: PlanFolder, name: str | None, as_json: bool) -> None:
    """Show who has signed each line.

    For each line of the table, each objective, link and heading, and the title: since which version
    its words have stood there, and the people who have signed a version with them.
    """
    from signed_plan.register.chain import read
    from signed_plan.register.issued import KnownVersions
    from signed_plan.report.json_record import trace_record
    from signed_plan.report.trace import trace as trace_version

    register = read(folder.register)
    known = KnownVersions(folder, register)
    version = known.version(name) if name else known.load()[-1]
    traced = trace_version(version, register)
    if as_json:
        print_json(trace_record(version, traced))
        return
    _show_trace(version, traced)
    screen.next(f"plan compare {version.name}")


def _show_trace(version: Version, traced: Sequence[Traced]) -> None:
    groups = Counter((line.since, line.signers) for line in traced)
    unsigned = sum(count for (_, signers), count in groups.items() if not signers)
    summary = f"{unsigned} of them signed by nobody yet" if unsigned else "each of them signed"
    screen.say(f"{version.name}: {len(traced)} lines, {summary}", "yellow" if unsigned else "green")
    marks = {}
    for number, ((since, signers), count) in enumerate(groups.items(), 1):
        names = ", ".join(signer.name for signer in signers)
        said = f"signed by {names}" if signers else "SIGNED BY NOBODY YET"
        marks[since, signers] = str(number) if signers else f"{number}!"
        style = "" if signers else "bold yellow"
        lines = pluralise(count, "line")
        screen.item(2, f"{marks[since, signers]:<3}", (f"{lines} since {since}, {said}", style))
    for name, group in groupby(traced, _name_of_group):
        screen.say()
        screen.say(name, "bold")
        for heading, inside in groupby(group, lambda one: one.line.heading):
            if heading != name:
                screen.say(f"  {heading}")
            for one in inside:
                style = "" if one.signers else "bold yellow"
                text = f"{BULLETS[one.line.kind]}{one.line.text}"
                screen.item(4, f"{marks[one.since, one.signers]:<3}", (text, style))


def _name_of_group(traced: Traced) -> str:
    return traced.line.area.name if traced.line.area else traced.line.heading
