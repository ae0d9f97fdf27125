"""Proof that nothing has moved: every digest and the chain computed again, in numbered steps.

It computes from the files alone, and does not ask the builder what it would have made.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pipeline.digest import Digest
from pipeline.errors import PlanError, SourceError, VerificationError
from pipeline.paths import PlanFolder
from pipeline.plan.source import Version, load
from pipeline.register.register import Event, Register, read
from pipeline.register.state import (
    differing,
    is_grown,
    source_digests,
    superseded_record,
    template_digests,
)


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
    head: str
    """The SHA-256 of the register's last line; "" where the register itself does not hold."""


class _Differs(Exception):
    """A check that does not hold; its text says what differs."""


def verify(folder: PlanFolder, names: tuple[str, ...] = ()) -> Verdict:
    """Checks the register and every built version, or those of these names.

    Never raises for what it finds: the verdict names the first thing that differs.
    """
    steps: list[Step] = []
    head = ""
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
        except (KeyError, TypeError, AttributeError):
            difference = "its entry does not say what such an entry says"
        steps.append(Step(len(steps) + 1, version, what, difference))
        if difference:
            where = f"version {version}, " if version else ""
            sentence = f"NOT VERIFIED at step {len(steps)} ({where}{what}): {difference}"
            return Verdict(tuple(steps), sentence, False, head)
        head = head or read(folder.register).head
    versions = sorted({step.version for step in steps if step.version})
    sentence = f"VERIFIED: {', '.join(versions)} and the register are as they were built."
    return Verdict(tuple(steps), sentence, True, head)


_Check = tuple[str, str, Callable[[], object]]


def _checks(folder: PlanFolder, names: tuple[str, ...]) -> Iterator[_Check]:
    """The checks in their order; each may rely on those before it, since a failure ends them."""
    yield "", "the register's entries are whole and chained", lambda: _register(folder)
    register = read(folder.register)
    built = {event["version"]: event for event in register.events if event["event"] == "built"}
    yield "", "no output without an entry", partial(_all_entered, folder, built)
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
    yield name, "its Word file", partial(_output, folder, event, "docx")
    yield name, "its PDF", partial(_output, folder, event, "pdf")
    yield name, "what the PDF carries and prints", lambda: _carried(folder, event, version)


def _register(folder: PlanFolder) -> None:
    if not read(folder.register).events:
        raise _Differs("there is no entry in it; build the plan first")


def _all_entered(folder: PlanFolder, built: dict[str, Event]) -> None:
    for path in sorted(folder.output.iterdir()):
        if path.is_dir() and not path.name.startswith(".") and path.name not in built:
            raise _Differs(f"output/{path.name} is there, but no entry says that it was built")


def _is_built(built: dict[str, Event], name: str) -> None:
    if name not in built:
        raise _Differs(f"there is no entry that says {name} was built; build it first")


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


def _output(folder: PlanFolder, event: Event, kind: str) -> None:
    recorded = event["outputs"][kind]
    path = folder.output / recorded["file"]
    if not path.is_file():
        raise _Differs(f"{path.name} is not there")
    if path.stat().st_size != recorded["size"]:
        grown = ", with something added behind it" if is_grown(path, recorded) else ""
        size = path.stat().st_size
        raise _Differs(f"{path.name} has {size} bytes instead of {recorded['size']}{grown}")
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
            "If that was on purpose, build again; if not, bring the file back from a copy.",
        )
