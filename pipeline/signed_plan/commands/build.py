"""`plan build`: the Word file and the PDF of every version."""

from __future__ import annotations

import click

from signed_plan.commands.frame import command, screen, stage, waiting
from signed_plan.paths import PlanFolder, as_seen, as_typed


@command("build", many=True)
@click.option("--force", is_flag=True, help="Also make versions that are up to date.")
def build(folder: PlanFolder, versions: tuple[str, ...], force: bool) -> None:
    """Make every version that is not up to date.

    Each version becomes a Word file and a PDF in output/, and an entry in the register.
    """
    from signed_plan.lifecycle.build import build as build_plan

    outcome = build_plan(folder, versions, stage, waiting, force=force)
    made = {built.version.name: built for built in outcome.built}
    for state in outcome.states:
        name = state.version.name
        if name not in made:
            note = f"  ({state.reason})" if state.reason else ""
            told = f"fingerprint {state.version.fingerprint.short}{note}"
            screen.row(f"{name} ", "up to date ", told)
            continue
        built = made[name]
        screen.row(
            f"{name} ",
            "built      ",
            f"fingerprint {state.version.fingerprint.short}  {built.pages} pages  "
            f"({state.reason or 'asked for'})",
            style="green",
        )
        for path in (folder.docx(name), folder.pdf(name)):
            screen.say(f"  {as_seen(path)}")
        for kept in built.kept:
            old = as_seen(kept.path)
            screen.say(f"  the older file is kept as {old}, since {kept.why}", "yellow")
    if outcome.converter:
        screen.detail(f"converted with {outcome.converter}")
    latest = outcome.states[-1].version.name
    screen.next(f"open {as_typed(folder.pdf(latest))}, or run: plan verify")
