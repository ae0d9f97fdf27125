"""`plan verify`: the proof that nothing has changed, in numbered steps."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from signed_plan.commands.anchors import AnchoredCommand, anchor_option
from signed_plan.commands.frame import command, print_json, read_handed_in, screen, waiting
from signed_plan.digest import Digest
from signed_plan.errors import UsageError
from signed_plan.paths import PlanFolder, find_plan_folder, is_plain_name

if TYPE_CHECKING:
    from signed_plan.verify.checks import Verdict


@command("verify", as_json=True, anywhere=True, kind=AnchoredCommand)
@click.argument("what", nargs=-1, metavar="[VERSION… | FILE]")
@anchor_option
def verify(
    folder: PlanFolder | None, what: tuple[str, ...], anchor: str | None, as_json: bool
) -> None:
    """Prove that nothing has changed.

    It computes every digest, the chain and every signature again, in numbered steps, and names
    the first that differs. With a FILE, it says what that file is.
    """
    from signed_plan.register.publish import lock_for_reading
    from signed_plan.verify.anchor import read_anchor
    from signed_plan.verify.checks import require_verified
    from signed_plan.verify.verify import verify as verify_plan
    from signed_plan.verify.verify import verify_file

    folder = folder or _require_folder()
    vouching = read_anchor(anchor) if anchor is not None else None
    with lock_for_reading(folder, waiting if not as_json else lambda: None):
        versions, file = _versions_or_file(folder, what)
        if file is not None:
            unfit = ", so it is no document of this plan"
            data = read_handed_in(file, "Name the PDF itself.", unfit)
            verdict = verify_file(folder, file, data, vouching)
        else:
            verdict = verify_plan(folder, versions, vouching)
    if as_json:
        print_json({**asdict(verdict), "holds": verdict.holds})
        require_verified(verdict)
        return
    for step in verdict.steps:
        mark = "differs" if step.difference else "ok"
        screen.row(f"{step.number:>3}.", f"{mark:<8}", f"{step.version:<9}", step.what)
    require_verified(verdict)
    _show_verdict(verdict)


def _require_folder() -> PlanFolder:
    """The plan folder around here. Raises UsageError; whoever has only a PDF can extract it."""
    try:
        return find_plan_folder(None)
    except UsageError as error:
        raise UsageError(
            error.message, f"{error.remedy} What a PDF alone proves: plan extract FILE"
        ) from None


def _versions_or_file(
    folder: PlanFolder, what: tuple[str, ...]
) -> tuple[tuple[str, ...], Path | None]:
    """The versions that are asked about, or the one file."""
    places = (folder.source, folder.output)
    inside = [path for place in places if place.is_dir() for path in place.iterdir()]
    known = {path.name for path in inside if path.is_dir() and is_plain_name(path.name)}
    files = [Path(one) for one in what if one not in known]
    for file in files:
        if not file.is_file():
            raise UsageError(
                f'"{str(file)[:80]}" is neither a version of this plan nor a file.',
                "plan status lists the versions.",
            )
    if not files:
        return what, None
    if len(what) > 1:
        raise UsageError("Only one file can be checked at a time.", "Name one file alone.")
    return (), files[0]


def _show_verdict(verdict: Verdict) -> None:
    told = screen.standpoint.complete(verdict.sentence)
    screen.say(told, "green" if not verdict.incomplete else "yellow")
    for who in verdict.incomplete:
        screen.say(f"  not signed: {who}")
    if verdict.anchored:
        screen.next("plan status")
        return
    screen.say("The register's head is")
    screen.say(f"  {Digest(verdict.head).spaced}")
    screen.say(
        "Nothing outside this folder confirms it yet. Somebody who keeps this number, or the "
        "receipt of a sealed version, can see whether entries were cut off or rewritten.",
        "dim",
    )
    screen.next("plan verify --anchor RECEIPT.pdf (or a head), or: plan status")
