"""How each version stands: built, stale and why, or missing; frozen once it has been issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signed_plan.digest import Digest
from signed_plan.errors import FrozenError
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder, pdf_file
from signed_plan.plan.source import Predecessor, Version
from signed_plan.register.chain import Register
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import changed_sources, source_digests, superseded_record
from signed_plan.register.shapes import FileRecord
from signed_plan.register.signoff_status import is_issued, stage_of

TEMPLATES = ("plan.docx", "signoff.docx")
_OLDER_CHANGED = "the version before it was changed"


@dataclass(frozen=True, slots=True)
class BuildStatus:
    """One version's state: "built", "stale" or "missing", and what there is to say about it."""

    version: Version
    name: str
    reason: str
    frozen: bool
    restorable: bool = False
    """Whether it is frozen, and `plan restore` can bring back what was changed or is gone."""


def build_status(folder: PlanFolder, register: Register, version: Version) -> BuildStatus:
    """Compares the version's inputs and outputs with the register's last word on them.

    One that was issued is given as it was issued; what its sources are now is looked at here.
    """
    frozen = is_issued(register, version.name)
    built = register.last(BuiltEvent, version.name)
    if built is None:
        return BuildStatus(version, "missing", "never built", frozen)
    for path in (folder.docx(version.name), folder.pdf(version.name)):
        if not path.is_file():
            return BuildStatus(version, "missing", f"{path.name} is not there", frozen, frozen)
    lost = ""
    if frozen:
        lost = changed_sources(folder, version) or _changed_output(folder, register, version)
        reason = lost or _changed_since_issue(folder, register, version, built.event)
    else:
        reason = _changed_input(folder, version, built.event)
        reason = reason or _changed_output(folder, register, version)
    if reason:
        return BuildStatus(version, "stale", reason, frozen, bool(lost))
    pdf = register.states(pdf_file(version.name))[-1].record
    grown = is_grown(folder.pdf(version.name), pdf)
    return BuildStatus(version, "built", "its PDF was filled in since" if grown else "", frozen)


def require_not_frozen(state: BuildStatus) -> None:
    """Raises FrozenError for a version that would have to be built again after it was issued."""
    if state.frozen and state.name != "built":
        _refuse_change(state.version.name, state.reason, restorable=state.restorable)


def require_as_issued(name: str, changed: str) -> None:
    """Raises FrozenError, if something of an issued version's sources was changed."""
    if changed:
        _refuse_change(name, changed, restorable=True)


def _refuse_change(name: str, changed: str, *, restorable: bool) -> None:
    undo = f"Bring it back: plan restore {name}" if restorable else "Undo that change"
    if changed == _OLDER_CHANGED:  # perhaps a draft, or gone: its PDF has it all the same
        undo += " (that version's PDF has its sources: plan extract FILE)"
    raise FrozenError(
        f"Version {name} has been issued and is frozen, but {changed}.",
        f"{undo}. Other words are for the next version: plan new NAME --from {name}",
    )


def template_digests(folder: PlanFolder) -> dict[str, str]:
    """The SHA-256 of each template that the folder uses, by its name."""
    return {name: Digest.of_file(folder.template(name)).hex for name in TEMPLATES}


def _changed_input(folder: PlanFolder, version: Version, built: BuiltEvent) -> str:
    changed = differing(built.sources, source_digests(version))
    if changed:
        return f"{changed[0]} was changed"
    return _changed_template(folder, built) or (
        _OLDER_CHANGED if built.supersedes != superseded_record(version) else ""
    )


def _changed_since_issue(
    folder: PlanFolder, register: Register, version: Version, built: BuiltEvent
) -> str:
    """What was changed of that which `plan restore` cannot bring back."""
    # What is sealed or superseded is finished: the templates are free for the next.
    is_finished = stage_of(register, version.name) in ("sealed", "superseded")
    template = "" if is_finished else _changed_template(folder, built)
    is_cut_off = isinstance(version.superseded, Predecessor)
    return template or (_OLDER_CHANGED if is_cut_off else "")


def _changed_template(folder: PlanFolder, built: BuiltEvent) -> str:
    changed = differing(built.templates, template_digests(folder))
    return f"the template {changed[0]} was changed" if changed else ""


def _changed_output(folder: PlanFolder, register: Register, version: Version) -> str:
    for path in (folder.docx(version.name), folder.pdf(version.name)):
        record = register.states(folder.below_output(path))[-1].record
        if Digest.of_file(path).hex != record.sha256 and not is_grown(path, record):
            return f"{path.name} is not as it was built"
    return ""


def is_grown(path: Path, record: FileRecord) -> bool:
    """Whether the file is the recorded one with something added behind it.

    So a PDF grows when a field is filled in or signed (ISO 32000-2, 7.5.6, incremental updates).
    """
    data = read_file(path)
    return len(data) > record.size and record.begins(data)


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The names whose digests differ, or that only one side has, in alphabetical order."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
