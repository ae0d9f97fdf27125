"""`plan log`: the register as a timeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signed_plan.commands.frame import command, how_to_build, print_json, screen
from signed_plan.digest import Digest
from signed_plan.files import write_atomically
from signed_plan.paths import PlanFolder

if TYPE_CHECKING:
    from signed_plan.register.chain import Event


@command("log", as_json=True)
@click.option(
    "--svg",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also draw it, as a picture for a browser.",
)
def log(folder: PlanFolder, as_json: bool, svg: Path | None) -> None:
    """Show the register as a timeline."""
    from signed_plan.register.chain import read

    register = read(folder.register)
    events = register.events
    if svg is not None:
        from signed_plan.plan.source import load
        from signed_plan.report.timeline import timeline_svg

        write_atomically(svg.absolute(), timeline_svg(register, load(folder)).encode())
    if as_json:
        print_json(list(events))
        return
    for event in events:
        moment = event["at"].replace("T", " ").removesuffix("Z")
        said = f"{event['seq']:>4}  {moment}  {event['version'] or '-':<10}  {event['event']:<10}"
        screen.say(f"{said}  {_describe(event)}".rstrip())
    if not events:
        screen.say("The register is empty.")
    screen.next("plan verify" if events else how_to_build(folder))


def _describe(event: Event) -> str:
    """What an entry says besides its kind."""
    describe = _DESCRIPTIONS.get(event["event"])
    return describe(event) if describe is not None else ""


def _short(digits: str) -> str:
    return Digest(digits).short


def _reason_if_incomplete(event: Event) -> str:
    return f", incomplete: {event['incomplete']}" if event["incomplete"] else ""


def _how(event: Event) -> str:
    ways = {"here": f"PAdES {event.get('level', '')}", "elsewhere": "received"}
    return str(ways.get(event["how"], event["how"]))


_DESCRIPTIONS: dict[str, Callable[[Event], str]] = {
    "built": lambda event: (
        f"{event['outputs']['pdf']['pages']} pages, fingerprint {_short(event['fingerprint'])}"
    ),
    "keys": lambda event: f"{event['organisation']}, root certificate {_short(event['root'])}",
    "enrolled": lambda event: f"{event['name']}, certificate {_short(event['certificate'])}",
    "revoked": lambda event: f"{event['name']}, certificate {_short(event['certificate'])}",
    "issued": lambda event: f"certified by the office, PAdES {event['level']}",
    "signed": lambda event: f"{event['person']} for {event['review']}, {_how(event)}",
    "declined": lambda event: f"{event['person']} for {event['review']}: {event['reason']}",
    "sealed": lambda event: f"PAdES {event['level']}{_reason_if_incomplete(event)}",
    "receipt": lambda event: f"names the head {_short(event['head'])}",
    "sent": lambda event: (
        f"{'by mail' if event['way'] == 'smtp' else 'as drafts'} to {', '.join(event['to'])}"
    ),
    "superseded": lambda event: f"by {event['by']}",
}
