"""`plan restore`: what was issued is brought back as it was."""

from __future__ import annotations

from pathlib import Path

import click

from signed_plan.commands.frame import command, read_handed_in, screen, waiting
from signed_plan.errors import VerificationError
from signed_plan.paths import PlanFolder, as_seen, as_typed


@command("restore")
@click.argument("version", metavar="VERSION")
@click.option(
    "--from",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A letter (.eml), an evidence zip, the PDF, or the lost file itself. Can be repeated.",
)
def restore(folder: PlanFolder, version: str, files: tuple[Path, ...]) -> None:
    """Bring back an issued version's files.

    Its sources are in its PDF. What was changed since is moved aside, never lost. Only what is
    byte for byte as it was issued is taken.
    """
    from signed_plan.extract.restore import restore as restore_files

    handed_in = [read_handed_in(file, "Name a letter, a zip or a PDF.") for file in files]
    done = restore_files(folder, version, handed_in, waiting)
    for path in done.written:
        screen.row(f"{version} ", "restored ", as_seen(path), style="green")
    for path in done.kept:
        screen.say(f"  what was there is kept as {as_seen(path)}", "yellow")
    for path in done.grown:
        screen.say(f"{as_seen(path)} holds more than was entered, and was left as it is.", "yellow")
        screen.say(f"  If somebody signed it, run: plan receive {as_typed(path)}")
        screen.say(f"  If not, run: plan restore {version} --from {as_typed(path)}")
    if done.missing:
        names = ", ".join(as_seen(path) for path in done.missing)
        raise VerificationError(
            f"Version {version} still lacks what was issued: {names}.",
            f"Name a letter, an evidence zip or a copy of it: plan restore {version} --from FILE",
        )
    if not (done.written or done.grown):
        screen.say(f"Version {version} is as it was issued. Nothing was changed.", "green")
    if not done.grown:
        screen.next("plan verify")
