"""The commands that tell how things stand: log, status, verify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from signed_plan.commands.frame import command, handed_in, how_to_build, print_json, screen, waiting
from signed_plan.digest import Digest
from signed_plan.errors import UsageError
from signed_plan.files import write_atomically
from signed_plan.paths import PlanFolder, is_plain_name

if TYPE_CHECKING:
    from signed_plan.plan.settings import Order
    from signed_plan.register.build_status import BuildStatus
    from signed_plan.register.chain import Event, Register
    from signed_plan.register.signoff_status import Mark, SignoffStatus
    from signed_plan.verify.checks import Verdict


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
        screen.say(f"{said}  {_told(event)}".rstrip())
    if not events:
        screen.say("The register is empty.")
    screen.next("plan verify" if events else how_to_build(folder))


@command("status", many=True, as_json=True)
def status(folder: PlanFolder, versions: tuple[str, ...], as_json: bool) -> None:
    """Show how each version stands.

    Built, issued or sealed; per review who has signed, how and when, and who is next.
    """
    from signed_plan.plan.settings import load_settings
    from signed_plan.plan.source import load
    from signed_plan.register.build_status import build_status
    from signed_plan.register.chain import read
    from signed_plan.register.signoff_status import signoff_statuses

    order = load_settings(folder).order
    register = read(folder.register)
    states = [build_status(folder, register, version) for version in load(folder, versions)]
    found = [(state, signoff_statuses(register, state.version.plan)) for state in states]
    if as_json:
        print_json([_state_record(register, order, *one) for one in found])
        return
    for state, standing in found:
        _show(register, order, state, standing)
    known = {state.version.name for state in states}
    for name in dict.fromkeys(event["version"] for event in register.events if event["version"]):
        if name not in known and not versions:
            screen.say(f"{name}  in the register, but its sources are gone", "yellow")
    screen.next(_what_next(folder, register, order, found))


@click.argument("what", nargs=-1, metavar="[VERSION… | FILE]")
@click.option(
    "--anchor",
    metavar="RECEIPT.pdf|HASH",
    help="What vouches for the register: a receipt kept elsewhere, or a head it printed.",
)
def _verify(folder: PlanFolder, what: tuple[str, ...], anchor: str | None, as_json: bool) -> None:
    """Prove that nothing has moved.

    Computes every digest, the chain and every signature again, in numbered steps, and names the
    first that differs. With a FILE, says what that file is.
    """
    from signed_plan.register.publish import is_unfinished, lock_folder, recover
    from signed_plan.verify.anchor import read_anchor
    from signed_plan.verify.checks import require_verified
    from signed_plan.verify.verify import verify as verify_plan
    from signed_plan.verify.verify import verify_file

    if is_unfinished(folder):
        with lock_folder(folder, waiting):
            recover(folder)
    vouching = read_anchor(anchor) if anchor is not None else None
    versions, file = _named(folder, what)
    if file is not None:
        data = handed_in(file, "Name the PDF itself.", ": it is no document of this plan")
        verdict = verify_file(folder, file, data, vouching)
    else:
        verdict = verify_plan(folder, versions, vouching)
    if as_json:
        print_json({**asdict(verdict), "holds": verdict.holds})
        require_verified(verdict)
        return
    for step in verdict.steps:
        mark = "differs" if step.difference else "holds"
        screen.say(f"{step.number:>3}. {step.version:<9} {step.what:<52} {mark}")
    require_verified(verdict)
    _say_verdict(verdict)


verify = command("verify", as_json=True)(_verify)


def _named(folder: PlanFolder, what: tuple[str, ...]) -> tuple[tuple[str, ...], Path | None]:
    """The versions that are asked about, or the one file."""
    places = (folder.source, folder.output)
    inside = [path for place in places if place.is_dir() for path in place.iterdir()]
    known = {path.name for path in inside if path.is_dir() and is_plain_name(path.name)}
    files = [Path(one) for one in what if one not in known]
    for file in files:
        if not file.is_file():
            raise UsageError(
                f'"{str(file)[:80]}" is neither a version of this plan nor a file.',
                "See the versions with: plan status",
            )
    if not files:
        return what, None
    if len(what) > 1:
        raise UsageError("One file is looked at at a time.", "Give the file alone.")
    return (), files[0]


def _say_verdict(verdict: Verdict) -> None:
    screen.say(verdict.sentence, "green" if not verdict.incomplete else "yellow")
    for who in verdict.incomplete:
        screen.say(f"  not signed: {who}")
    if verdict.anchored:
        screen.next("plan status")
        return
    screen.say(f"The register's head is {verdict.head}.")
    screen.say(
        "Nothing outside this folder vouches for it so far: whoever keeps a copy of that, or the "
        "receipt of a",
        "dim",
    )
    screen.say("sealed version, can tell whether entries were cut off or rewritten.", "dim")
    screen.next("plan verify --anchor RECEIPT.pdf (or a head), or: plan status")


def _told(event: Event) -> str:
    """What an entry says beyond what it is."""
    told = _TOLD.get(event["event"])
    return told(event) if told is not None else ""


def _short(digits: str) -> str:
    return Digest(digits).short


def _lacking(event: Event) -> str:
    return f", incomplete: {event['incomplete']}" if event["incomplete"] else ""


def _way(event: Event) -> str:
    ways = {"here": f"PAdES {event.get('level', '')}", "elsewhere": "received"}
    return str(ways.get(event["how"], event["how"]))


_TOLD: dict[str, Callable[[Event], str]] = {
    "built": lambda event: (
        f"{event['outputs']['pdf']['pages']} pages, fingerprint {_short(event['fingerprint'])}"
    ),
    "keys": lambda event: f"{event['organisation']}, root certificate {_short(event['root'])}",
    "enrolled": lambda event: f"{event['name']}, certificate {_short(event['certificate'])}",
    "revoked": lambda event: f"{event['name']}, certificate {_short(event['certificate'])}",
    "issued": lambda event: f"certified by the office, PAdES {event['level']}",
    "signed": lambda event: f"{event['person']} for {event['review']}, {_way(event)}",
    "declined": lambda event: f"{event['person']} for {event['review']}: {event['reason']}",
    "sealed": lambda event: f"PAdES {event['level']}{_lacking(event)}",
    "receipt": lambda event: f"names the head {_short(event['head'])}",
    "sent": lambda event: (
        f"{'by mail' if event['way'] == 'smtp' else 'as drafts'} to {', '.join(event['to'])}"
    ),
    "superseded": lambda event: f"by {event['by']}",
}


def _show(
    register: Register, order: Order, state: BuildStatus, standing: tuple[SignoffStatus, ...]
) -> None:
    from signed_plan.register.signoff_status import is_issued, stage_of, tally

    name = state.version.name
    if not is_issued(register, name) or state.name != "built":
        reason = f" ({state.reason})" if state.reason else ""
        people = [person.name for one in standing for person in one.missing]
        who = ", ".join(dict.fromkeys(people)) or "nobody"
        screen.say(f"{name}  {state.name}{reason}; to sign: {who}")
        return
    signed, asked = tally(standing)
    stage = stage_of(register, name)
    if stage == "superseded" and register.last("sealed", name) is not None:
        stage_words = "sealed and superseded"
    else:
        stage_words = stage
    note = f"; {state.reason}" if state.reason else ""
    screen.say(f"{name}  {stage_words}, signed by {signed} of {asked}{note}", "bold")
    for one in standing:
        screen.say(f"  {one.review.title}")
        due = one.due(order) if stage == "issued" else ()
        for mark in one.marks:
            screen.say(f"    {mark.person.name:<28} {_standing_of(mark, due)}")


def _standing_of(mark: Mark, due: tuple[Any, ...]) -> str:
    from signed_plan.plan.text import in_words
    from signed_plan.register.chain import moment_of

    if mark.event is None:
        return "is next" if mark.person in due else "has not signed"
    reason = f": {mark.event['reason']}" if mark.declined else ""
    return f"{mark.words}, {in_words(moment_of(mark.event))}{reason}"


def _state_record(
    register: Register, order: Order, state: BuildStatus, standing: tuple[SignoffStatus, ...]
) -> dict[str, Any]:
    from signed_plan.register.signoff_status import stage_of

    stage = stage_of(register, state.version.name)
    missing = [person.name for one in standing for person in one.missing]
    return {
        "version": state.version.name,
        "state": state.name,
        "stage": stage,
        "reason": state.reason,
        "fingerprint": state.version.fingerprint.hex,
        "to_sign": list(dict.fromkeys(missing)),
        "reviews": [
            {
                "review": one.review.id,
                "next": [person.id for person in one.due(order)] if stage == "issued" else [],
                "people": [
                    {
                        "person": mark.person.id,
                        "status": mark.words or "not signed",
                        "at": mark.event["at"] if mark.event else None,
                    }
                    for mark in one.marks
                ],
            }
            for one in standing
        ],
    }


def _what_next(
    folder: PlanFolder,
    register: Register,
    order: Order,
    found: list[tuple[BuildStatus, tuple[SignoffStatus, ...]]],
) -> str:
    """What the clerk may want to do now, for the first version where something is to be done."""
    from signed_plan.register.signoff_status import stage_of

    if any(state.name != "built" for state, _ in found):
        return how_to_build(folder)
    for state, standing in found:
        name = state.version.name
        if stage_of(register, name) != "issued":
            continue
        due = [person for one in standing for person in one.due(order)]
        return f"plan sign {name} --as {due[0].id}" if due else f"plan seal {name}"
    return "plan verify"
