"""Evidence that outlives the software: one zip that a shell, sha256sum and openssl can check.

It unpacks to a plan folder with all that was issued and nothing else. Its `check.sh` proves that
the register is chained (FIPS 180-4 over RFC 8785) and signed (RFC 8032), and that every file that
the register names of what was issued is there, and as the register says last. The register is the
one list: what it does not name only explains.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from textwrap import fill

from signed_plan.beneath import write_beneath
from signed_plan.digest import Digest
from signed_plan.errors import UsageError, VerificationError, write_error
from signed_plan.files import read_file, read_if_there
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load_one
from signed_plan.register.build_status import (
    TEMPLATES,
    template_digests,
)
from signed_plan.register.chain import Register, read
from signed_plan.register.events import (
    BuiltEvent,
    IssuedEvent,
    KeysEvent,
    SealedEvent,
    SupersededEvent,
)
from signed_plan.register.issued import source_digests, superseded_record
from signed_plan.register.signature import require_signature
from signed_plan.register.signoff_status import Mark, signoff_statuses, stage_of
from signed_plan.wording import in_words

README, CHECK = "README.txt", "check.sh"
_README_TEXT = "readme.txt"
_WIDTH = 78
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_UNIX = 3
"""APPNOTE.TXT 4.4.2: the system whose modes a zip gives its files."""


@dataclass(frozen=True, slots=True)
class EvidenceZip:
    """What goes into one zip."""

    name: str
    """The folder that it unpacks to, after the version that was issued last."""
    register: Register = field(repr=False)
    """The register as far as the office has signed it."""
    versions: tuple[str, ...]
    """Every version that was issued, in that order."""
    drafts: tuple[str, ...]
    """The versions that are left out, since they were never issued."""
    files: Mapping[str, bytes] = field(repr=False)
    """Every file by its path in the folder, in the order of the zip."""

    def pack(self) -> bytes:
        """The zip: the same files always give the same bytes.

        The files are not compressed: compression differs between versions of its library, and any
        program can read a plain zip.
        """
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as target:
            for name, data in self.files.items():
                info = zipfile.ZipInfo(f"{self.name}/{name}", _ZIP_DATE)
                info.create_system = _UNIX
                info.external_attr = (0o100755 if name == CHECK else 0o100644) << 16
                target.writestr(info, data)
        return out.getvalue()


def make_evidence(folder: PlanFolder, compared: Mapping[str, bytes]) -> EvidenceZip:
    """The evidence of everything that was issued, with the reports of what changed.

    `compared` are those reports' files by their path below `output/compare/`. Entries that the
    office has not signed yet, drafts, and what compares with a draft are left out.

    Raises UsageError where nothing has been issued, and VerificationError where the register is not
    as it was signed, or a file not as the register says.
    """
    whole = read(folder.register)
    signature = read_if_there(folder.signature) or b""
    register = whole.first(require_signature(whole, signature))
    names = tuple(
        entry.version for entry in register.entries if isinstance(entry.event, IssuedEvent)
    )
    if not names:
        raise UsageError(
            "Nothing has been issued yet, so there is no evidence to keep.", "plan issue VERSION"
        )
    versions = [_version(folder, register, name) for name in names]
    evidence = EvidenceZip(
        name=f"evidence-{names[-1]}",
        register=register,
        versions=names,
        drafts=tuple(name for name in whole.versions if name not in names),
        files={},
    )
    files = {
        _place_in_zip(folder, folder.register): register.data,
        _place_in_zip(folder, folder.signature): signature,
        **_registered_files(folder, register, names),
        **_sources(folder, versions),
        **_templates(folder, register, names),
        **_comparisons(folder, names, compared),
        README: _readme(evidence, versions).encode("utf-8"),
        CHECK: read_file(Path(__file__).with_name(CHECK)),
    }
    ordered = sorted(files, key=lambda name: (name != README, name))
    return replace(evidence, files={name: files[name] for name in ordered})


def save_evidence(folder: PlanFolder, evidence: EvidenceZip) -> Path:
    """Writes the zip to `output/evidence/`; gives its path. Raises OutputError where it cannot."""
    path = folder.evidence / f"{evidence.name}.zip"
    try:
        write_beneath(folder.output, path, evidence.pack())
    except OSError as error:
        raise write_error(folder.evidence, error) from error
    return path


def _version(folder: PlanFolder, register: Register, name: str) -> Version:
    """An issued version from its sources, which have to be those that it was built of."""
    built = _built(register, name)
    for file, digest in built.sources.items():
        _as_recorded(folder, folder.source / name / file, digest)
    version = load_one(folder, name)
    if source_digests(version) != built.sources:
        raise _differs(f"The folder source/{name}")
    if superseded_record(version) != built.supersedes:
        raise _differs(f"What {name} supersedes")
    return version


def _built(register: Register, name: str) -> BuiltEvent:
    built = register.last(BuiltEvent, name)
    if built is None:
        raise _differs(f"Version {name}")
    return built.event


def _registered_files(
    folder: PlanFolder, register: Register, names: tuple[str, ...]
) -> dict[str, bytes]:
    """Every file that belongs to these versions or to the office, as the register says last."""
    last = {
        record.file: record.sha256
        for entry in register.entries
        if entry.version in ("", *names)
        for record in entry.event.file_records
    }
    paths = {folder.output / file: digest for file, digest in last.items()}
    return {
        _place_in_zip(folder, path): _as_recorded(folder, path, digest)
        for path, digest in paths.items()
    }


def _sources(folder: PlanFolder, versions: list[Version]) -> dict[str, bytes]:
    """The sources of these versions, and of those that they were built on."""
    return {
        folder.relative(folder.source / one.name / file.name): file.data
        for version in versions
        for one in (version, *version.ancestors())
        for file in one.files
    }


def _place_in_zip(folder: PlanFolder, path: Path) -> str:
    """Where the file is in the zip: below `output/`, wherever this folder has it."""
    return f"output/{folder.below_output(path)}"


def _templates(folder: PlanFolder, register: Register, names: tuple[str, ...]) -> dict[str, bytes]:
    """The templates of what is not sealed yet, for `plan verify` looks at those."""
    now = template_digests(folder)
    if not any(
        stage_of(register, name) == "issued" and _built(register, name).templates == now
        for name in names
    ):
        return {}
    return {f"templates/{name}": read_file(folder.template(name)) for name in TEMPLATES}


def _comparisons(
    folder: PlanFolder, names: tuple[str, ...], compared: Mapping[str, bytes]
) -> dict[str, bytes]:
    """The reports of what changed between two of these versions."""
    known = {folder.comparison(old, new).name for old in names for new in names}
    return {
        f"output/compare/{file}": data
        for file, data in compared.items()
        if file.partition("/")[0] in known
    }


def _as_recorded(folder: PlanFolder, path: Path, digest: str) -> bytes:
    data = read_if_there(path)
    if data is None:
        raise _differs(folder.relative(path), "is gone")
    if Digest.of_bytes(data).hex != digest:
        raise _differs(folder.relative(path))
    return data


def _differs(what: str, how: str = "is not as the register says") -> VerificationError:
    return VerificationError(f"{what} {how}.", "See what became of it: plan verify")


def _readme(evidence: EvidenceZip, versions: list[Version]) -> str:
    """The page for the person who unpacks the zip, perhaps in ten years."""
    register = evidence.register
    office = register.last(KeysEvent)
    schools = dict.fromkeys(school.name for version in versions for school in version.plan.schools)
    title = f"Evidence of {versions[-1].plan.full_title}, version {versions[-1].name}"
    described = ["\n".join(_describe_version(register, version)) for version in versions]
    command = f"plan verify {' '.join(evidence.versions)}"
    text = read_file(Path(__file__).with_name(_README_TEXT)).decode("utf-8")
    return text.format(
        title=fill(title, _WIDTH),
        line="=" * min(len(title), _WIDTH),
        office=_wrap(office.event.organisation if office else "", "  "),
        specimen=_specimen(office.event.mark if office else ""),
        schools="\n".join(_wrap(school, "  ") for school in schools),
        versions="\n\n".join([*described, *_describe_drafts(evidence)]),
        command=_wrap(command, "       "),
        entries=len(register.entries),
        head=register.head,
    )


def _wrap(text: str, indent: str) -> str:
    return fill(text, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ")


def _describe_version(register: Register, version: Version) -> Iterator[str]:
    """How far a version has come, and who has signed it and who has not."""
    name = version.name
    superseded = register.last(SupersededEvent, name)
    by = f", superseded by {superseded.event.by}" if superseded else ""
    yield _wrap(f"Version {name}: {version.plan.full_title}{by}", "  ")
    yield "    Fingerprint:"
    yield f"    {version.fingerprint.spaced}"
    sealed = register.last(SealedEvent, name)
    if sealed is None:
        yield "    NOT SEALED"
    else:
        lacking = (
            f", although incomplete: {sealed.event.incomplete}" if sealed.event.incomplete else ""
        )
        yield _wrap(f"Sealed {in_words(sealed.at)}{lacking}", "    ")
    for standing in signoff_statuses(register, version.plan):
        yield _wrap(f"{standing.review.title}:", "    ")
        for mark in standing.marks:
            school = version.plan.school(mark.person.school).name
            who = f"{mark.person.name}, {mark.person.role}, {school}"
            yield _wrap(f"{who}: {_standing_of(mark)}", "      ")


def _standing_of(mark: Mark) -> str:
    if mark.entry is None:
        return "NOT SIGNED"
    act = f"{mark.words}, {in_words(mark.entry.at)}{mark.remark}"
    return f"NOT SIGNED: {act}" if mark.declined else act


def _describe_drafts(evidence: EvidenceZip) -> Iterator[str]:
    for name in evidence.drafts:
        yield _wrap(
            f"Version {name} is a draft that was never issued: nobody has agreed to it. It is left "
            "out, except for its texts if a version above was built upon them.",
            "  ",
        )


def _specimen(mark: str) -> str:
    if not mark:
        return ""
    text = f"{mark}: made for trying things out, and of no value, whatever names it bears."
    return f"\n{fill(text, _WIDTH)}\n"
