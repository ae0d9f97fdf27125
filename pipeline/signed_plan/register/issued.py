"""What was issued is the only truth about a version from then on, whatever its sources say now.

The names, roles and signatories that stand under signatures come from here. The register has the
digest of every source (FIPS 180-4), and the version's PDF carries the sources themselves.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from signed_plan.document.version_record import read_record, read_version
from signed_plan.errors import PlanError, SourceError, VerificationError
from signed_plan.files import read_if_there
from signed_plan.paths import RECORD, PlanFolder
from signed_plan.plan.names import NamesById, names_of
from signed_plan.plan.source import (
    SourceFile,
    Sources,
    Version,
    lineage,
    load,
    read_source_files,
    version_names,
)
from signed_plan.register.chain import Register
from signed_plan.register.events import BuiltEvent
from signed_plan.register.shapes import Superseded
from signed_plan.register.signoff_status import is_issued


class KnownVersions:
    """The versions of a folder: what was issued as it was then, others as their sources are now."""

    def __init__(self, folder: PlanFolder, register: Register) -> None:
        self._folder = folder
        self._register = register
        self._sources = Sources(folder)
        self.issued = [name for name in register.versions if is_issued(register, name)]
        """The names of all that were issued."""
        self._found: dict[str, Version] = {}
        self._begun: set[str] = set()

    def version(self, name: str) -> Version:
        """The version of that name.

        Raises SourceError where it was not issued and its sources have a mistake, and
        VerificationError where it was issued, and neither its sources nor its PDF are as they were.
        """
        if name not in self.issued:
            return self.load([name])[0]
        if name not in self._found:
            self._begun.add(name)
            self._found[name] = self._issued_version(name)
        return self._found[name]

    def _issued_version(self, name: str) -> Version:
        entry = self._register.last(BuiltEvent, name)
        if entry is None:  # a register that nobody has signed may say so
            raise _lost(self._folder, name)
        with suppress(SourceError, OSError):
            version = self._sources.version(name)
            if is_as_built(version, entry.event):
                return version
        version = _version_in_pdf(self._folder, name, entry.event)
        if not is_as_built(version, entry.event):
            raise _lost(self._folder, name)
        before = version.superseded
        with suppress(PlanError, OSError):
            older = self._older(before.name) if before is not None else None
            if older is not None and before is not None and older.fingerprint == before.fingerprint:
                return replace(version, superseded=older)
        return version

    def _older(self, name: str) -> Version | None:
        """The version of that name; None where a register says that it came before itself."""
        if name not in self.issued:
            return self._sources.version(name)
        return self.version(name) if name not in self._begun or name in self._found else None

    def load(self, names: Sequence[str] = (), without: Collection[str] = ()) -> list[Version]:
        """The versions of those names, or all that there are, each after the one it supersedes.

        Raises as `version` does; SourceError with the problems of all that were not issued.
        """
        every = [*names] or [*dict.fromkeys((*version_names(self._folder), *self.issued))]
        others = [name for name in every if name not in self.issued]
        # A draft is built on what was issued before it, not on what those sources are now.
        base = self.readable(self.issued) if others else []
        found = load(self._folder, others, base) if others or not every else []
        found += [
            self.version(name) for name in every if name in self.issued and name not in without
        ]
        return sorted(found, key=lambda one: (sum(1 for _ in lineage(one)), one.name))

    def lost(self) -> dict[str, PlanError]:
        """Why each version that was issued cannot be told any more, where that is so."""
        found = {}
        for name in self.issued:
            try:
                self.version(name)
            except PlanError as error:
                found[name] = error
        return found

    def readable(self, names: Iterable[str]) -> list[Version]:
        """Those of the versions of these names that can be told."""
        found = []
        for name in names:
            with suppress(PlanError, OSError):
                found.append(self.version(name))
        return found


def known_version(folder: PlanFolder, register: Register, name: str) -> Version:
    """One of the `KnownVersions`; raises the same."""
    return KnownVersions(folder, register).version(name)


def readable_names(folder: PlanFolder, register: Register, name: str) -> NamesById:
    """The names in that version; none where nobody can tell them any more."""
    return names_by_version(folder, register, [name])[name]


def names_by_version(
    folder: PlanFolder, register: Register, names: Iterable[str]
) -> dict[str, NamesById]:
    """The same of several versions."""
    found = dict.fromkeys(names, NamesById())
    with suppress(OSError):
        versions = KnownVersions(folder, register).readable(found)
        found |= {version.name: names_of(version.plan) for version in versions}
    return found


def source_digests(version: Version) -> dict[str, str]:
    """The SHA-256 of each source file, by its name."""
    return {file.name: file.digest.hex for file in version.files}


def superseded_record(version: Version) -> Superseded | None:
    """The version superseded, and its fingerprint, as the register records them."""
    older = version.superseded
    return Superseded(version=older.name, fingerprint=older.fingerprint.hex) if older else None


def is_as_built(version: Version, built: BuiltEvent) -> bool:
    """Whether a version's sources, byte for byte, and those before it are what was built."""
    return (
        source_digests(version) == built.sources and superseded_record(version) == built.supersedes
    )


def changed_sources(folder: PlanFolder, issued: Version) -> str:
    """What of an issued version's sources is not as it was then, as a clause; "" if all is."""
    then = {file.name: file.data for file in issued.files}
    now = {file.name: file.data for file in read_source_files(folder, issued.name)}
    changed = sorted(name for name in then.keys() | now.keys() if then.get(name) != now.get(name))
    if not now:
        return "its sources are gone"
    if changed and all(have_same_lines(then, now, name) for name in changed):
        return f"only the ends of the lines of {changed[0]} were changed"
    for name in changed:
        if name not in now:
            return f"{name} is gone"
        return f"{name} was changed" if name in then else f"{name} is new"
    return ""


def is_as_issued(folder: PlanFolder, register: Register, version: Version) -> bool:
    """Whether a version's sources are as they were issued, or it never was."""
    return not is_issued(register, version.name) or not changed_sources(folder, version)


def have_same_lines(one: Mapping[str, bytes], other: Mapping[str, bytes], name: str) -> bool:
    """Whether two folders have a file of that name that differs in the ends of its lines at most.

    Some programs write them as other systems do (git's autocrlf, some editors).
    """
    return name in one and name in other and one[name].splitlines() == other[name].splitlines()


def carried_files(data: bytes, built: BuiltEvent) -> dict[str, bytes]:
    """The files that a version's PDF carries, by their names; none where it is another PDF.

    What grew behind the PDF as it was built is not looked at.
    """
    if not built.outputs.pdf.begins(data):
        return {}
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(data[: built.outputs.pdf.size]))
        return {file: contents[0] for file, contents in reader.attachments.items()}
    except (PyPdfError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}  # a register that nobody has signed may name any file


def _version_in_pdf(folder: PlanFolder, name: str, built: BuiltEvent) -> Version:
    """The version that the PDF in the folder carries."""
    carried = carried_files(read_if_there(folder.pdf(name)) or b"", built)
    if not carried:
        raise _lost(folder, name)
    record = read_record(carried.pop(RECORD, b""))
    return read_version(record, tuple(SourceFile(*pair) for pair in sorted(carried.items())))


def _lost(folder: PlanFolder, name: str) -> VerificationError:
    return VerificationError(
        f"Version {name} was issued, but neither its sources nor {folder.pdf(name).name} are as "
        "they were then.",
        f"Bring them back, from a letter or an evidence zip: plan restore {name} --from FILE",
    )
