"""`plan status`: how far each version is, and who signs next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from signed_plan.commands.frame import command, how_to_build, print_json, screen
from signed_plan.paths import PlanFolder

if TYPE_CHECKING:
    from signed_plan.errors import PlanError
    from signed_plan.plan.settings import Order
    from signed_plan.register.build_status import BuildStatus
    from signed_plan.register.chain import Register
    from signed_plan.register.signoff_status import Mark, SignoffStatus


@command("status", many=True, as_json=True)
def status(folder: PlanFolder, versions: tuple[str, ...], as_json: bool) -> None:
    """Show how far each version is.

    Built, issued or sealed. For each review: who has signed, how and when, and who is next.
    """
    from signed_plan.errors import SourceError
    from signed_plan.plan.settings import load_settings
    from signed_plan.register.build_status import build_status
    from signed_plan.register.chain import read
    from signed_plan.register.issued import KnownVersions
    from signed_plan.register.signoff_status import signoff_statuses

    order = load_settings(folder).order
    register = read(folder.register)
    known = KnownVersions(folder, register)
    lost = {name: one for name, one in known.lost().items() if not versions or name in versions}
    problems: SourceError | None = None
    try:
        loaded = known.load(versions, without=lost)
    except SourceError as error:  # of a draft: who has signed the others is told all the same
        problems = error
        loaded = known.readable(name for name in known.issued if not versions or name in versions)
    states = [build_status(folder, register, version) for version in loaded]
    found = [(state, signoff_statuses(register, state.version.plan)) for state in states]
    if as_json and problems is None:
        told = [_status_record(register, order, *one) for one in found]
        print_json(told + [_lost_record(register, *one) for one in lost.items()])
        return
    for name, why in lost.items():
        _show_lost(register, name, why)
    for state, signoffs in found:
        _show_version(register, order, state, signoffs)
    if problems is not None:
        raise problems
    told_of = {*lost, *(state.version.name for state in states)}
    for name in register.versions:
        if name not in told_of and not versions:
            screen.say(f"{name}  in the register, but its sources are gone", "yellow")
    if lost:
        screen.next(f"plan restore {next(iter(lost))} --from FILE")
    else:
        screen.next(_next_step(folder, register, order, found))


def _show_lost(register: Register, name: str, error: PlanError) -> None:
    """What the register alone can tell of a version: its entries, with ids for names."""
    from signed_plan.plan.names import NamesById
    from signed_plan.register.signoff_status import is_act, stage_of

    screen.row(
        f"{name} ", f"{stage_of(register, name)}, BUT its sources and PDF are lost", style="bold"
    )
    for entry in register.of(name):
        if is_act(entry):
            screen.row("   ", f"{entry.event.kind} ", entry.event.summary(NamesById()))
    screen.say(f"  {error.message}", "yellow")


def _lost_record(register: Register, name: str, error: PlanError) -> dict[str, Any]:
    from signed_plan.register.events import IssuedEvent
    from signed_plan.register.signoff_status import stage_of

    issued = register.last(IssuedEvent, name)
    return {
        "version": name,
        "state": "missing",
        "stage": stage_of(register, name),
        "reason": error.message,
        "fingerprint": issued.event.fingerprint if issued is not None else "",
        "to_sign": [],
        "reviews": [],
    }


def _show_version(
    register: Register, order: Order, state: BuildStatus, signoffs: tuple[SignoffStatus, ...]
) -> None:
    from signed_plan.plan.names import names_of
    from signed_plan.register.events import SealedEvent
    from signed_plan.register.signoff_status import is_issued, stage_of, tally

    name, names = state.version.name, names_of(state.version.plan)
    if not is_issued(register, name):
        reason = f" ({state.reason})" if state.reason else ""
        people = [names.person(person.id) for one in signoffs for person in one.missing]
        who = ", ".join(dict.fromkeys(people)) or "nobody"
        screen.row(f"{name} ", f"{state.name}{reason}; to sign: {who}")
        return
    signed, asked = tally(signoffs)
    stage = stage_of(register, name)
    if stage == "superseded" and register.last(SealedEvent, name) is not None:
        stage_words = "sealed and superseded"
    else:
        stage_words = stage
    note = f"; {'BUT ' * (state.name != 'built')}{state.reason}" if state.reason else ""
    screen.row(f"{name} ", f"{stage_words}, signed by {signed} of {asked}{note}", style="bold")
    for one in signoffs:
        screen.say(f"  {one.review.title}")
        due = one.due(order) if stage == "issued" else ()
        for mark in one.marks:
            screen.row(f"    {names.person(mark.person.id):<28}", _progress_of(mark, due))


def _progress_of(mark: Mark, due: tuple[Any, ...]) -> str:
    from signed_plan.wording import in_words

    if mark.entry is None:
        return "is next" if mark.person in due else "has not signed"
    return f"{mark.words}, {in_words(mark.entry.at)}{mark.remark}"


def _status_record(
    register: Register, order: Order, state: BuildStatus, signoffs: tuple[SignoffStatus, ...]
) -> dict[str, Any]:
    from signed_plan.register.chain import time_text
    from signed_plan.register.signoff_status import stage_of

    stage = stage_of(register, state.version.name)
    missing = [person.name for one in signoffs for person in one.missing]
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
                        "at": time_text(mark.entry.at) if mark.entry else None,
                        "reason": mark.reason,
                    }
                    for mark in one.marks
                ],
            }
            for one in signoffs
        ],
    }


def _next_step(
    folder: PlanFolder,
    register: Register,
    order: Order,
    found: list[tuple[BuildStatus, tuple[SignoffStatus, ...]]],
) -> str:
    """What the clerk can do now, for the first version that is not finished."""
    from signed_plan.register.signoff_status import stage_of

    lost = next((state for state, _ in found if state.restorable), None)
    if lost is not None:
        return f"plan restore {lost.version.name}"
    if any(state.name != "built" for state, _ in found):
        return how_to_build(folder)
    for state, signoffs in found:
        name = state.version.name
        if state.frozen and state.reason:  # something was added to the PDF in its place
            return f"plan restore {name}"
        if stage_of(register, name) != "issued":
            continue
        due = [person for one in signoffs for person in one.due(order)]
        if not due:
            return f"plan seal {name}"
        # Whoever is next needs the file with the signatures so far: a letter, or one already sent.
        was_sent = register.of(name)[-1].event.kind == "sent"
        by_mail = "plan receive FILE" if was_sent else f"plan send {name}"
        return f"{by_mail}, or: plan sign {name} --as {due[0].id}"
    return "plan verify"
