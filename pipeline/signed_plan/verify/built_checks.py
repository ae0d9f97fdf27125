"""The checks of the register and of every built version: each computes from the files alone."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from signed_plan.digest import Digest
from signed_plan.document.version_record import RECORD, version_record
from signed_plan.files import read_if_there
from signed_plan.paths import RESERVED, PlanFolder
from signed_plan.plan.settings import load_settings
from signed_plan.plan.source import Version, load_one
from signed_plan.register.build_status import (
    differing,
    is_grown,
    source_digests,
    superseded_record,
    template_digests,
)
from signed_plan.register.chain import Register, read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.shapes import FileRecord
from signed_plan.register.signature import public_key, signed_entries
from signed_plan.register.signoff_status import stage_of
from signed_plan.verify.checks import Check, Differs

PUBLIC_KEY = "register-key.pub"
"""The public half of the register's key, which the office keeps beside the private one."""


def register_checks(folder: PlanFolder) -> Iterator[Check]:
    """Whether the register is whole, in order, and signed by the office."""
    yield "", "the register's entries are whole and chained", lambda: _not_empty(folder)
    register = read(folder.register)
    yield "", "its entries can follow one another", lambda: _grammar(register)
    yield "", "the office's signature on the register", lambda: _signature(folder, register)


def folder_checks(folder: PlanFolder, register: Register) -> Iterator[Check]:
    """Whether anything lies among the outputs that the register does not know."""
    yield "", "no output without an entry", lambda: _all_entered(folder, register)


def source_checks(folder: PlanFolder, register: Register, name: str) -> Iterator[Check]:
    """What a version was built from: its sources and templates; and its Word file."""
    yield name, "the register has it as built", lambda: _is_built(register, name)
    built = _last_built(register, name)
    yield name, "its sources can be read", lambda: load_one(folder, name)
    version = load_one(folder, name)
    yield (
        name,
        "its source files",
        lambda: _same(built.sources, source_digests(version), "source"),
    )
    yield name, "its areas, word for word", lambda: _areas(built, version)
    yield name, "its fingerprint, and the one it supersedes", lambda: _fingerprint(built, version)
    # What is sealed or superseded is finished: the templates are free for the next.
    if stage_of(register, name) not in ("sealed", "superseded"):
        yield (
            name,
            "its templates",
            lambda: _same(built.templates, template_digests(folder), "template"),
        )
    yield name, "its Word file", partial(require_file, folder, built.outputs.docx)


def draft_check(folder: PlanFolder, register: Register, name: str) -> Check:
    """The PDF of a version that was built and not issued."""
    built = _last_built(register, name)
    return name, "its PDF", partial(require_file, folder, built.outputs.pdf)


def content_check(folder: PlanFolder, register: Register, version: Version) -> Check:
    """What the PDF says; to be taken after the check that it is the registered one."""
    built = _last_built(register, version.name)
    return (
        version.name,
        "what the PDF carries and prints",
        partial(_carried, folder, built, version),
    )


def _last_built(register: Register, name: str) -> BuiltEvent:
    built = register.last(BuiltEvent, name)
    assert built is not None, "it was checked first that the version is built"
    return built.event


def _not_empty(folder: PlanFolder) -> None:
    if not read(folder.register).entries:
        raise Differs("there is no entry in it; build the plan first")


def _grammar(register: Register) -> None:
    """Whether each event may follow those before it; no command enters one that may not."""
    taken: dict[str, set[str]] = defaultdict(set)
    for entry in register.entries:
        before = taken[entry.version]
        if not entry.event.may_follow(before):
            raise Differs(
                f"entry {entry.number} says that {entry.version or 'the office'} was "
                f"{entry.event.kind}, which cannot be after the entries before it"
            )
        before.add(entry.event.kind)


def _signature(folder: PlanFolder, register: Register) -> None:
    kept = read_if_there(load_settings(folder).keys_folder(folder) / PUBLIC_KEY)
    named = public_key(register)
    if named is None:
        if folder.signature.exists() or folder.certificates.exists():
            raise Differs("there is one, but the entry that names the office's key is gone")
        return
    if kept is not None and kept.decode("ascii", errors="replace").strip() != named.hex():
        raise Differs("the register is signed with another key than the office's: it was rewritten")
    signature = read_if_there(folder.signature)
    if signature is None:
        raise Differs("it is gone")
    if signed_entries(register, signature) is None:
        raise Differs(
            "it does not fit: entries were changed, added or cut off since the office signed"
        )


def _all_entered(folder: PlanFolder, register: Register) -> None:
    built = {name for name in register.versions if register.last(BuiltEvent, name)}
    for path in sorted(folder.output.iterdir()):
        known = path.name in built or path.name in RESERVED
        if path.is_dir() and not path.name.startswith(".") and not known:
            raise Differs(f"output/{path.name} is there, but no entry says that it was built")


def _is_built(register: Register, name: str) -> None:
    if register.last(BuiltEvent, name) is None:
        raise Differs(f"there is no entry that says {name} was built; build it first")


def _same(before: Mapping[str, str], now: dict[str, str], noun: str) -> None:
    changed = differing(before, now)
    if changed:
        gone = " is gone" if changed[0] not in now else ""
        new = " is new" if changed[0] not in before else ""
        raise Differs(f"the {noun} {changed[0]}{gone or new or ' was changed'} since the build")


def _areas(built: BuiltEvent, version: Version) -> None:
    now = {area.id: area.digest.hex for area in version.plan.areas}
    _same(built.areas, now, "area")


def _fingerprint(built: BuiltEvent, version: Version) -> None:
    if built.fingerprint != version.fingerprint.hex:
        raise Differs(
            f"it was {Digest(built.fingerprint).short} when built and is now "
            f"{version.fingerprint.short}"
        )
    if built.supersedes != superseded_record(version):
        raise Differs("the version it supersedes was changed")


def require_file(folder: PlanFolder, record: FileRecord) -> None:
    """Raises Differs where a file below `output/` is not as it was recorded."""
    path = folder.output / record.file
    if not path.is_file():
        raise Differs(f"{path.name} is not there")
    if path.stat().st_size != record.size:
        grown = ", with something added behind it" if is_grown(path, record) else ""
        size = path.stat().st_size
        raise Differs(f"{path.name} has {size} bytes instead of {record.size}{grown}")
    if Digest.of_file(path).hex != record.sha256:
        raise Differs(f"{path.name} has the right length, but its bytes were changed")


def _carried(folder: PlanFolder, built: BuiltEvent, version: Version) -> None:
    record = built.outputs.pdf
    path = folder.output / record.file
    # As it was built: whatever grew behind that is checked by itself.
    data = path.read_bytes()[: record.size]
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if len(reader.pages) != record.pages:
        raise Differs(f"it has {len(reader.pages)} pages instead of {record.pages}")
    attached = {name: Digest.of_bytes(data[0]).hex for name, data in reader.attachments.items()}
    expected = source_digests(version) | {RECORD: Digest.of_bytes(version_record(version)).hex}
    _same(expected, attached, "attached file")
    metadata = reader.xmp_metadata
    if metadata is None or version.fingerprint.hex not in str(metadata.dc_identifier):
        raise Differs("its metadata names another fingerprint")
    if version.fingerprint.spaced not in " ".join(reader.pages[-1].extract_text().split()):
        raise Differs("its last page prints another fingerprint")
