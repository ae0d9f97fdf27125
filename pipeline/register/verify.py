"""Proof that nothing has moved: every digest and the chain computed again, in numbered steps.

The verifier shares no code with the builder beyond digests and the reading of sources.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.digest import Digest
from pipeline.errors import PlanError, SourceError, VerificationError
from pipeline.paths import PlanFolder
from pipeline.plan.source import Version, load
from pipeline.register.register import Event, Register, read
from pipeline.register.state import differing, source_digests, superseded_record, template_digests


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered check; `difference` is empty where it holds."""

    number: int
    version: str
    what: str
    difference: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All steps that were taken: up to the first that does not hold."""

    steps: tuple[Step, ...]
    sentence: str
    holds: bool


class _Differs(Exception):
    """A check that does not hold; its text says what differs."""


def verify(folder: PlanFolder, names: tuple[str, ...] = ()) -> Verdict:
    """Checks the register and every built version, or those of these names.

    Never raises for what it finds: the verdict names the first thing that differs.
    """
    steps: list[Step] = []
    for version, what, check in _checks(folder, names):
        difference = ""
        try:
            check()
        except _Differs as found:
            difference = str(found)
        except SourceError as error:
            first = error.problems[0]
            difference = f"{first.place}: {first.message}"
        except PlanError as error:
            difference = error.message
        except OSError as error:
            difference = f"{error.filename} cannot be read: {error.strerror}"
        steps.append(Step(len(steps) + 1, version, what, difference))
        if difference:
            where = f"version {version}, " if version else ""
            sentence = f"NOT VERIFIED at step {len(steps)} ({where}{what}): {difference}"
            return Verdict(tuple(steps), sentence, False)
    versions = sorted({step.version for step in steps if step.version})
    sentence = f"VERIFIED: {', '.join(versions)} and the register are as they were built."
    return Verdict(tuple(steps), sentence, True)


_Check = tuple[str, str, Callable[[], object]]


def _checks(folder: PlanFolder, names: tuple[str, ...]) -> Iterator[_Check]:
    """The checks in their order; each may rely on those before it, since a failure ends them."""
    yield "", "the register's entries are whole and chained", lambda: _register(folder)
    register = read(folder.register)
    built = {event["version"]: event for event in register.events if event["event"] == "built"}
    for name in names or tuple(built):
        yield name, "the register has it as built", partial(_is_built, built, name)
        yield from _version_checks(folder, register, built[name], name)


def _version_checks(
    folder: PlanFolder, register: Register, event: Event, name: str
) -> Iterator[_Check]:
    yield name, "its sources can be read", lambda: _version(folder, name)
    version = _version(folder, name)
    yield (
        name,
        "its source files",
        lambda: _same(event["sources"], source_digests(version), "source"),
    )
    yield name, "its areas, word for word", lambda: _areas(event, version)
    yield name, "its fingerprint, and the one it supersedes", lambda: _fingerprint(event, version)
    yield (
        name,
        "its templates",
        lambda: _same(event["templates"], template_digests(folder), "template"),
    )
    for kind, what in (("docx", "its Word file"), ("pdf", "its PDF")):
        path = folder.output / event["outputs"][kind]["file"]
        yield name, what, partial(_output, event["outputs"][kind], path)
    yield name, "what the PDF carries and prints", lambda: _carried(folder, event, version)


def _register(folder: PlanFolder) -> None:
    if not read(folder.register).events:
        raise _Differs("there is no entry in it; run `make plan` first")


def _is_built(built: dict[str, Event], name: str) -> None:
    if name not in built:
        raise _Differs(f"there is no entry that says {name} was built; run `make plan` first")


def _version(folder: PlanFolder, name: str) -> Version:
    return next(version for version in load(folder, [name]) if version.name == name)


def _same(before: dict[str, str], now: dict[str, str], noun: str) -> None:
    changed = differing(before, now)
    if changed:
        gone = " is gone" if changed[0] not in now else ""
        new = " is new" if changed[0] not in before else ""
        raise _Differs(f"the {noun} {changed[0]}{gone or new or ' was changed'} since the build")


def _areas(event: Event, version: Version) -> None:
    now = {area.id: area.digest.hex for area in version.plan.areas}
    _same(event["areas"], now, "area")


def _fingerprint(event: Event, version: Version) -> None:
    if event["fingerprint"] != version.fingerprint.hex:
        raise _Differs(
            f"it was {Digest(event['fingerprint']).short} when built and is now "
            f"{version.fingerprint.short}"
        )
    if event["supersedes"] != superseded_record(version):
        raise _Differs("the version it supersedes was changed")


def _output(recorded: dict[str, Any], path: Path) -> None:
    if not path.is_file():
        raise _Differs(f"{path.name} is not there")
    if path.stat().st_size != recorded["size"]:
        raise _Differs(f"{path.name} has {path.stat().st_size} bytes instead of {recorded['size']}")
    if Digest.of_file(path).hex != recorded["sha256"]:
        raise _Differs(f"{path.name} has the right length, but its bytes were changed")


def _carried(folder: PlanFolder, event: Event, version: Version) -> None:
    from pypdf import PdfReader

    recorded = event["outputs"]["pdf"]
    reader = PdfReader(io.BytesIO((folder.output / recorded["file"]).read_bytes()))
    if len(reader.pages) != recorded["pages"]:
        raise _Differs(f"it has {len(reader.pages)} pages instead of {recorded['pages']}")
    attached = {name: Digest.of_bytes(data[0]).hex for name, data in reader.attachments.items()}
    _same(source_digests(version), attached, "attached source")
    metadata = reader.xmp_metadata
    if metadata is None or version.fingerprint.hex not in str(metadata.dc_identifier):
        raise _Differs("its metadata names another fingerprint")
    if version.fingerprint.spaced not in " ".join(reader.pages[-1].extract_text().split()):
        raise _Differs("its last page prints another fingerprint")


def demand(verdict: Verdict) -> None:
    """Raises VerificationError unless the verdict holds."""
    if not verdict.holds:
        raise VerificationError(
            verdict.sentence,
            "If you changed it on purpose, run `make plan`; if not, bring back the file named.",
        )
