"""Proof that nothing has moved: the folder, or a file from anybody's disk, and one verdict.

It computes from the files alone, and asks neither the builder nor the signer what it would have
made.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.source import Version, load_one
from signed_plan.register.chain import FileState, Register, read
from signed_plan.register.events import BuiltEvent, SealedEvent
from signed_plan.register.signoff_status import SignoffStatus, is_issued, signoff_statuses, tally
from signed_plan.verify.anchor import Anchor, require_anchor
from signed_plan.verify.built_checks import (
    content_check,
    draft_check,
    folder_checks,
    register_checks,
    source_checks,
)
from signed_plan.verify.checks import Check, Differs, Step, Verdict, narrate
from signed_plan.verify.diagnosis import diagnose, older_state, recognise


def verify(
    folder: PlanFolder, names: tuple[str, ...] = (), anchor: Anchor | None = None
) -> Verdict:
    """Checks the register and every built version, or those of these names.

    Never raises for what it finds: the verdict names the first thing that differs.
    """

    def checks() -> Iterator[Check]:
        yield from register_checks(folder)
        register = read(folder.register)
        yield from _anchor_checks(register, anchor)
        yield from folder_checks(folder, register)
        for name in names or _built(register):
            yield from source_checks(folder, register, name)
            yield from _pdf_checks(folder, register, load_one(folder, name))

    steps, failed = narrate(checks(), partial(_remedy, folder))
    if failed is not None:
        return failed if steps[0].difference else replace(failed, head=read(folder.register).head)
    return _verdict(folder, steps, names or _built(read(folder.register)), anchor)


def verify_file(
    folder: PlanFolder, path: Path, data: bytes, anchor: Anchor | None = None
) -> Verdict:
    """Says what a file is: the present one, an older state, the same words, or a changed one.

    The file may come from anyone. If the register does not know it byte for byte, it is opened only
    in the sandbox.
    """
    found: list[FileState] = []

    def checks() -> Iterator[Check]:
        yield from register_checks(folder)
        register = read(folder.register)
        yield from _anchor_checks(register, anchor)
        yield "", "what the file is", lambda: found.append(_named(folder, register, path, data))
        name, file = found[0].version, found[0].record.file
        if name:
            yield name, "its sources can be read", lambda: load_one(folder, name)
        if file == pdf_file(name) and is_issued(register, name):
            from signed_plan.verify.signed_checks import signed_checks

            yield from signed_checks(folder, register, load_one(folder, name), data)

    steps, failed = narrate(checks(), lambda _: "Ask the office for the present file.")
    if failed is not None:
        return failed
    names = tuple(state.version for state in found if state.version)
    return _verdict(folder, steps, names, anchor, found[0].record.file)


def _pdf_checks(folder: PlanFolder, register: Register, version: Version) -> Iterator[Check]:
    """The version's PDF: first whether it is the registered one, byte for byte."""
    name = version.name
    if not is_issued(register, name):
        yield draft_check(folder, register, name)
        yield content_check(folder, register, version)
        return
    from signed_plan.verify.signed_checks import evidence_checks, pdf_check, signed_checks

    yield pdf_check(folder, register, name)
    yield content_check(folder, register, version)
    yield from signed_checks(folder, register, version, folder.pdf(name).read_bytes())
    yield from evidence_checks(folder, register, version)


def _anchor_checks(register: Register, anchor: Anchor | None) -> Iterator[Check]:
    if anchor is not None:
        yield "", "what vouches for it from outside", lambda: require_anchor(register, anchor)


def _named(folder: PlanFolder, register: Register, path: Path, data: bytes) -> FileState:
    """The present state that the file is. Raises Differs, of its kind, where it is none."""
    known = recognise(register, data)
    if known is None:
        raise diagnose(folder, register, data)
    state, later = known
    if later:
        raise older_state(state, later)
    for other in _built(register):
        if other != state.version and other in path.name and state.version not in path.name:
            raise Differs(
                f"it is that of version {state.version}, although it is named {path.name}"
            )
    return state


def _remedy(folder: PlanFolder, version: str) -> str:
    """What to do about a difference: a draft can be built again, what was issued cannot."""
    back = "bring the file back from a copy."
    if version and not is_issued(read(folder.register), version):
        return f"If that was on purpose, build again; if not, {back}"
    return back.capitalize()


def _verdict(
    folder: PlanFolder,
    steps: tuple[Step, ...],
    names: tuple[str, ...],
    anchor: Anchor | None,
    file: str = "",
) -> Verdict:
    register = read(folder.register)
    versions = [load_one(folder, name) for name in names]
    issued = [version for version in versions if is_issued(register, version.name)]
    drafts = [version.name for version in versions if version not in issued]
    lacking = tuple(
        text
        for version in issued
        for text in _lacking(signoff_statuses(register, version.plan), version)
    )
    said = [f"the file is output/{file}"] if file else []
    said += [_how_far(register, version) for version in issued]
    if drafts:
        said.append(f"{', '.join(drafts)} and the register are as they were built")
    reached = register.heads.index(anchor.head) + 1 if anchor is not None else 0
    if 0 < reached < len(register.entries):
        said.append(f"what anchors it reaches to entry {reached} of {len(register.entries)}")
    words = ["VERIFIED"]
    if lacking:
        words.append("INCOMPLETE")
    if issued or file or anchor is not None:
        words.append("ANCHORED" if anchor is not None else "NOT ANCHORED")
    sentence = f"{', '.join(words)}: {'; '.join(said)}."
    return Verdict(steps, sentence, "", "verified", register.head, anchor is not None, lacking)


def _lacking(standing: tuple[SignoffStatus, ...], version: Version) -> list[str]:
    return [
        f"{person.name} ({one.review.title}, {version.name})"
        for one in standing
        for person in one.missing
    ]


def _how_far(register: Register, version: Version) -> str:
    standing = signoff_statuses(register, version.plan)
    signed, asked = tally(standing)
    paper = sum(mark.on_paper for one in standing for mark in one.marks)
    on_paper = f" ({paper} on paper)" if paper else ""
    sealed = " and sealed" if register.last(SealedEvent, version.name) is not None else ""
    return f"{version.name} is signed by {signed} of {asked}{on_paper}{sealed}"


def _built(register: Register) -> tuple[str, ...]:
    """The versions with an entry that says so, in the order of the first."""
    first = {
        entry.version: None for entry in register.entries if isinstance(entry.event, BuiltEvent)
    }
    return tuple(first)
