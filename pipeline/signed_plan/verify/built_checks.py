"""The checks of the register and of every built version: each computes from the files alone."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial

from signed_plan.digest import Digest
from signed_plan.document.shown import missing_text, version_texts
from signed_plan.document.version_record import version_record
from signed_plan.files import read_if_there
from signed_plan.paths import RECORD, RESERVED, PlanFolder
from signed_plan.plan.settings import load_settings
from signed_plan.plan.source import Version
from signed_plan.register.build_status import (
    differing,
    template_digests,
)
from signed_plan.register.chain import Register, read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import source_digests, superseded_record
from signed_plan.register.shapes import FileRecord
from signed_plan.register.signature import public_key, signed_entries
from signed_plan.register.signoff_status import find_stray, stage_of
from signed_plan.verify.checks import Check, Differs, Finding

PUBLIC_KEY = "register-key.pub"
"""The public half of the register's key, which the office keeps beside the private one."""
_UNREGISTERED = frozenset({"compare", "draft"})
"""What is made in `output/` without an entry."""


def register_checks(folder: PlanFolder, whole: Finding[Register]) -> Iterator[Check]:
    """Whether the register is whole, in order, and signed by the office."""
    yield "", "the register's entries are whole and chained", whole
    register = whole.value
    yield "", "its entries can follow one another", partial(require_order, register)
    yield "", "the office's signature on the register", partial(_require_signed, folder, register)


def folder_checks(folder: PlanFolder, register: Register) -> Iterator[Check]:
    """Whether anything lies among the outputs that the register does not know."""
    yield "", "no output without an entry", partial(_require_entries, folder, register)


def source_checks(
    folder: PlanFolder, register: Register, name: str, sources: Finding[Version]
) -> Iterator[Check]:
    """What a version was built from: its sources and templates; and its Word file."""
    yield name, "the register has it as built", partial(_require_built, register, name)
    built = _last_built(register, name)
    yield name, "its sources can be read", sources
    version = sources.value
    yield name, "its source files", partial(_require_sources, built, version)
    yield name, "its areas, word for word", partial(_require_areas, built, version)
    what = "its fingerprint, and the one it supersedes"
    yield name, what, partial(_require_fingerprint, built, version)
    # What is sealed or superseded is finished: the templates are free for the next.
    if stage_of(register, name) not in ("sealed", "superseded"):
        yield name, "its templates", partial(_require_templates, folder, built)
    yield name, "its Word file", partial(read_recorded, folder, built.outputs.docx)


def draft_checks(folder: PlanFolder, register: Register, version: Version) -> Iterator[Check]:
    """The PDF of a version that was built and not issued."""
    built = _last_built(register, version.name)
    pdf = Finding(partial(read_recorded, folder, built.outputs.pdf))
    yield version.name, "its PDF", pdf
    yield content_check(register, version, pdf.value)


def content_check(register: Register, version: Version, data: bytes) -> Check:
    """What the PDF says; to be taken after the check that it is the registered one."""
    built = _last_built(register, version.name)
    what = "what the PDF carries and prints"
    return version.name, what, partial(_require_content, built, version, data)


def _last_built(register: Register, name: str) -> BuiltEvent:
    built = register.last(BuiltEvent, name)
    assert built is not None, "it was checked first that the version is built"
    return built.event


def read_register(folder: PlanFolder) -> Register:
    """The register. Raises Differs where it is empty, and VerificationError as `read` does."""
    register = read(folder.register)
    if not register.entries:
        if is_untouched(folder):
            raise Differs(
                "there is no entry in it, since nothing was built here", "Run: plan build"
            )
        raise Differs("there is no entry in it")
    return register


def is_untouched(folder: PlanFolder) -> bool:
    """Whether nothing was ever built here; comparing and drafts leave files without a register."""
    if not folder.output.is_dir():
        return True
    names = (path.name for path in folder.output.iterdir())
    return all(name in _UNREGISTERED or name.startswith(".") for name in names)


def require_order(register: Register) -> None:
    """Raises Differs at the first event that may not follow those before it (see `events`)."""
    taken: dict[str, set[str]] = defaultdict(set)
    for entry in register.entries:
        before = taken[entry.version]
        if not entry.event.may_follow(before):
            raise Differs(
                f'entry {entry.number} says "{entry.event.kind}" of '
                f"{entry.version or 'the office'}, which cannot come after the entries before it"
            )
        before.add(entry.event.kind)
    for version in taken:
        stray = find_stray(register.of(version))
        if stray is not None:
            raise Differs(
                f'entry {stray.number} says "withdrawn" of {version}, where there is no scan and '
                "no decline that it could be about"
            )


def _require_signed(folder: PlanFolder, register: Register) -> None:
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


def _require_entries(folder: PlanFolder, register: Register) -> None:
    built = frozenset(register.built_versions)
    for path in sorted(folder.output.iterdir()):
        known = path.name in built or path.name in RESERVED
        if path.is_dir() and not path.name.startswith(".") and not known:
            raise Differs(f"output/{path.name} is there, but no entry says that it was built")


def _require_built(register: Register, name: str) -> None:
    if register.last(BuiltEvent, name) is None:
        raise Differs(f"there is no entry that says {name} was built; build it first")


def _require_same(before: Mapping[str, str], now: dict[str, str], noun: str) -> None:
    changed = differing(before, now)
    if changed:
        gone = " is gone" if changed[0] not in now else ""
        new = " is new" if changed[0] not in before else ""
        raise Differs(f"the {noun} {changed[0]}{gone or new or ' was changed'} since the build")


def _require_sources(built: BuiltEvent, version: Version) -> None:
    _require_same(built.sources, source_digests(version), "source")


def _require_templates(folder: PlanFolder, built: BuiltEvent) -> None:
    _require_same(built.templates, template_digests(folder), "template")


def _require_areas(built: BuiltEvent, version: Version) -> None:
    now = {area.id: area.digest.hex for area in version.plan.areas}
    _require_same(built.areas, now, "area")


def _require_fingerprint(built: BuiltEvent, version: Version) -> None:
    if built.fingerprint != version.fingerprint.hex:
        raise Differs(
            f"it was {Digest(built.fingerprint).short} when built and is now "
            f"{version.fingerprint.short}"
        )
    if built.supersedes != superseded_record(version):
        raise Differs("the version it supersedes was changed")


def read_recorded(folder: PlanFolder, record: FileRecord) -> bytes:
    """A file below `output/`. Raises Differs where it is not as it was recorded."""
    path = folder.output / record.file
    data = read_if_there(path)
    if data is None:
        raise Differs(f"{path.name} is not there")
    if len(data) != record.size:
        grown = ", with something added behind it" if record.begins(data) else ""
        raise Differs(f"{path.name} has {len(data)} bytes instead of {record.size}{grown}")
    if not record.begins(data):
        raise Differs(f"{path.name} has the right length, but its bytes were changed")
    return data


def _require_content(built: BuiltEvent, version: Version, data: bytes) -> None:
    from pypdf import PdfReader

    record = built.outputs.pdf
    # As it was built: what grew behind that has its own checks.
    as_built = data[: record.size]
    reader = PdfReader(io.BytesIO(as_built))
    if len(reader.pages) != record.pages:
        raise Differs(f"it has {len(reader.pages)} pages instead of {record.pages}")
    attached = {name: Digest.of_bytes(data[0]).hex for name, data in reader.attachments.items()}
    expected = source_digests(version) | {RECORD: Digest.of_bytes(version_record(version)).hex}
    _require_same(expected, attached, "attached file")
    metadata = reader.xmp_metadata
    if metadata is None or version.fingerprint.hex not in str(metadata.dc_identifier):
        raise Differs("its metadata names another fingerprint")
    missing = missing_text(as_built, version_texts(version))
    if missing:
        raise Differs(missing)
