"""Proof that nothing has moved: the folder, or a file from anybody's disk, and one verdict.

It computes from the files alone, and asks neither the builder nor the signer what it would have
made.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.names import name_of
from signed_plan.plan.source import Sources, Version, load_one
from signed_plan.register.chain import FileState, Register
from signed_plan.register.events import KeysEvent, SealedEvent
from signed_plan.register.signoff_status import SignoffStatus, is_issued, signoff_statuses, tally
from signed_plan.verify.anchor import Anchor, require_anchor
from signed_plan.verify.built_checks import (
    draft_checks,
    folder_checks,
    is_untouched,
    read_register,
    register_checks,
    source_checks,
)
from signed_plan.verify.checks import Check, Differs, Finding, Step, Verdict, narrate, verdict_words
from signed_plan.verify.diagnosis import diagnose, older_state, recognise
from signed_plan.verify.side_by_side import side_by_side

if TYPE_CHECKING:
    from signed_plan.register.certificates import Trusted
    from signed_plan.signing.validation import Signature
    from signed_plan.verify.signed_checks import ReadSignatures

_FILE_ALONE = (
    "Check it in the folder of the office that has the register. What the file alone proves: "
    "plan extract FILE"
)


def verify(
    folder: PlanFolder,
    names: tuple[str, ...] = (),
    anchor: Anchor | None = None,
    at_hand: Iterable[Version] = (),
) -> Verdict:
    """Checks the register and every built version, or those of these names.

    The register and each version are read once; versions at hand are not read again.

    Never raises for what it finds: the verdict names the first thing that differs.
    """

    whole = Finding(partial(read_register, folder))
    sources = Sources(folder, at_hand)
    versions: list[Version] = []

    def checks() -> Generator[Check, None, None]:
        yield from register_checks(folder, whole)
        register = whole.value
        yield from _anchor_checks(register, anchor)
        yield from folder_checks(folder, register)
        yield from _office_checks(folder, register)
        chosen = names or register.built_versions
        with side_by_side(
            [name for name in chosen if is_issued(register, name)],
            _signature_reader(folder, register),
        ) as read:
            for name in chosen:
                version = Finding(partial(sources.version, name))
                yield from source_checks(folder, register, name, version)
                versions.append(version.value)
                yield from _pdf_checks(folder, register, version.value, read)

    with closing(checks()) as all_checks:
        steps, failed = narrate(all_checks, partial(_remedy, whole))
    if failed is not None:
        return failed if steps[0].difference else replace(failed, head=whole.value.head)
    return _verdict(whole.value, steps, versions, anchor)


def verify_file(
    folder: PlanFolder, path: Path, data: bytes, anchor: Anchor | None = None
) -> Verdict:
    """Says what a file is: the present one, an older state, the same words, or a changed one.

    The file may come from anyone. If the register does not know it byte for byte, it is opened only
    in the sandbox.
    """
    whole = Finding(partial(read_register, folder))
    present = Finding(lambda: _present_state(folder, whole.value, path, data))
    versions: list[Version] = []

    def checks() -> Iterator[Check]:
        yield from register_checks(folder, whole)
        register = whole.value
        yield from _anchor_checks(register, anchor)
        yield "", "what the file is", present
        name, file = present.value.version, present.value.record.file
        if not name:
            return
        version = Finding(partial(load_one, folder, name))
        yield name, "its sources can be read", version
        versions.append(version.value)
        if file == pdf_file(name) and is_issued(register, name):
            from signed_plan.verify.signed_checks import read_signatures_in, signed_checks

            read = partial(read_signatures_in, data, folder, register, name)
            yield from signed_checks(register, version.value, data, read)

    steps, failed = narrate(checks(), lambda _: "Ask the office for the present file.")
    if failed is not None:
        return replace(failed, remedy=_FILE_ALONE) if is_untouched(folder) else failed
    return _verdict(whole.value, steps, versions, anchor, present.value.record.file)


def _pdf_checks(
    folder: PlanFolder, register: Register, version: Version, read: ReadSignatures
) -> Iterator[Check]:
    if not is_issued(register, version.name):
        return draft_checks(folder, register, version)
    # Imported where something is signed: a draft is verified without the tools for signatures.
    from signed_plan.verify.signed_checks import issued_checks

    return issued_checks(folder, register, version, read)


def _office_checks(folder: PlanFolder, register: Register) -> Iterator[Check]:
    if register.last(KeysEvent) is None:
        return iter(())
    from signed_plan.verify.kept_files import office_checks

    return office_checks(folder, register)


def _signature_reader(folder: PlanFolder, register: Register) -> ReadSignatures:
    """Reads the signatures of one version after another; the certificates are read once."""

    @cache
    def trusted() -> Trusted:
        from signed_plan.register.certificates import trusted_certificates

        return trusted_certificates(folder, register)

    def read(name: str) -> dict[str, Signature]:
        from signed_plan.verify.signed_checks import read_present_signatures

        return read_present_signatures(folder, register, name, trusted)

    return read


def _anchor_checks(register: Register, anchor: Anchor | None) -> Iterator[Check]:
    if anchor is not None:
        yield "", "what vouches for it from outside", partial(require_anchor, register, anchor)


def _present_state(folder: PlanFolder, register: Register, path: Path, data: bytes) -> FileState:
    """The present state that the file is. Raises Differs, of its kind, where it is none."""
    known = recognise(register, data)
    if known is None:
        raise diagnose(folder, register, data)
    state, later = known
    if later:
        raise older_state(folder, register, state, later)
    for other in register.built_versions:
        if other != state.version and other in path.name and state.version not in path.name:
            raise Differs(
                f"it is that of version {state.version}, although it is named {path.name}"
            )
    return state


def _remedy(whole: Finding[Register], version: str) -> str:
    """What to do about a difference: a draft can be built again, what was issued cannot."""
    if not version:
        return "Bring the file back from a copy."
    if not is_issued(whole.value, version):
        return "If that was on purpose, build again; if not, bring the file back from a copy."
    return f"Bring the file back from a copy, or run: plan restore {version}"


def _verdict(
    register: Register,
    steps: tuple[Step, ...],
    versions: list[Version],
    anchor: Anchor | None,
    file: str = "",
) -> Verdict:
    issued = [version for version in versions if is_issued(register, version.name)]
    drafts = [version.name for version in versions if version not in issued]
    missing = tuple(
        text
        for version in issued
        for text in _missing_signatures(signoff_statuses(register, version.plan), version)
    )
    parts = [f"the file is output/{file}"] if file else []
    parts += [_progress(register, version, file) for version in issued]
    if drafts and not file:
        parts.append(f"{', '.join(drafts)} and the register are as they were built")
    reached = register.heads.index(anchor.head) + 1 if anchor is not None else 0
    if 0 < reached < len(register.entries):
        later = _told_later(register, reached)
        parts.append(f"the anchor covers entries 1 to {reached} of {len(register.entries)}{later}")
    words = verdict_words(
        "verified",
        incomplete=bool(missing),
        anchored=anchor is not None,
        issued=bool(issued or file),
    )
    sentence = f"{', '.join(words)}: {'; '.join(parts)}."
    return Verdict(steps, sentence, "", "verified", register.head, anchor is not None, missing)


def _missing_signatures(statuses: tuple[SignoffStatus, ...], version: Version) -> list[str]:
    return [
        f"{name_of(version.plan, person)} ({one.review.title}, {version.name})"
        for one in statuses
        for person in one.missing
    ]


def _progress(register: Register, version: Version, file: str) -> str:
    """How far a version has come; of a file alone no more than was looked at is said."""
    statuses = signoff_statuses(register, version.plan)
    signed, asked = tally(statuses)
    paper = sum(mark.on_paper for one in statuses for mark in one.marks)
    is_plan = file == pdf_file(version.name)
    on_paper = f" ({paper} on paper{', says the register' if is_plan else ''})" if paper else ""
    sealed = " and sealed" if register.last(SealedEvent, version.name) is not None else ""
    by = "" if is_plan or not file else "the register says that "
    return f"{by}{version.name} is signed by {signed} of {asked}{on_paper}{sealed}"


_ALWAYS_LATER = ("receipt", "sent", "built")
"""What follows the head that a receipt names, or says nothing of what was agreed."""


def _told_later(register: Register, reached: int) -> str:
    """What was entered behind the anchor, for which the office alone vouches."""
    found: dict[str, dict[str, None]] = {}
    for entry in register.entries[reached:]:
        if entry.event.kind not in _ALWAYS_LATER:
            found.setdefault(entry.version or "the office", {})[entry.event.kind] = None
    told = [f"{version} {', '.join(kinds)}" for version, kinds in found.items()]
    return f", and not what came later: {'; '.join(told)}" if told else ""
