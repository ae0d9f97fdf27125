"""Every kind of event that the register can hold: its fields, what may come before it, who signs.

The rules, which hold for each version by itself (and for the office, whose events have no version):

1. A version is built only before it is issued. It is issued once, after it was built.
2. It is signed, declined, sealed and sent only after it was issued.
3. After it was sealed, nobody signs or declines it, and it is not sealed again. Until then, a scan
   or a decline can be withdrawn; a signature in the PDF cannot.
4. Only what was issued is superseded. Then nobody signs or declines it; it can still be sealed.
5. A receipt comes only after the seal.
6. The office's keys are made once.
7. Every event counts only once the office has signed the register; only "built" may wait for the
   next signature, since a draft needs no key.

A model says no more and no less than what is written: an unknown field, a missing one, a number for
a text or a file outside `output/` is refused (compare python-tuf's `api/_payload.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import ClassVar, Literal

from signed_plan.digest import Digest
from signed_plan.paths import docx_file, pdf_file, receipt_file
from signed_plan.plan.names import NamesById
from signed_plan.register.shapes import (
    BuiltFiles,
    CertificateFile,
    Day,
    FileRecord,
    GrownPdf,
    Id,
    Ids,
    KeyHex,
    KeysFiles,
    Level,
    OneLine,
    ReceiptFile,
    RevocationFile,
    ScanFile,
    Serial,
    Sha256,
    Shape,
    SourceName,
    Superseded,
    TemplateName,
    TextLine,
    Texts,
    VersionName,
    Way,
)


def _short(digits: str) -> str:
    return Digest(digits).short


def _file_records(value: object) -> Iterator[FileRecord]:
    """Every file record in a part of an event."""
    if isinstance(value, FileRecord):
        yield value
    elif isinstance(value, Shape | dict):
        for part in (value if isinstance(value, dict) else vars(value)).values():
            yield from _file_records(part)


class Event(Shape):
    """What all kinds have in common. Times, numbers and versions belong to the entry around it."""

    kind: ClassVar[str]
    """What the register calls it."""
    of_version: ClassVar[bool] = True
    """Whether it concerns one version; else the office."""
    is_signed_by_office: ClassVar[bool] = True
    """Whether it counts only once the office has signed the register (rule 7)."""
    needs: ClassVar[Set[str]] = frozenset()
    """The kinds that must have come before it."""
    excludes: ClassVar[Set[str]] = frozenset()
    """The kinds that must not have come before it."""

    def summary(self, names: NamesById) -> str:
        """What it says, for one line of `plan log`, with the names of its version."""
        return ""

    @property
    def file_records(self) -> tuple[FileRecord, ...]:
        """The files that it put below `output/`."""
        return tuple(_file_records(self))

    @classmethod
    def may_follow(cls, before: Set[str]) -> bool:
        """Whether it can come after events of these kinds of the same version (rules 1 to 6)."""
        return cls.needs <= before and not cls.excludes & before

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        """The files that have one fixed place each, and that place."""
        return ()

    def is_in_place(self, version: str) -> bool:
        """Whether its files are where files of that version ("" for the office) belong."""
        folders = ("certificates/", f"{version}/") if version else ("certificates/",)
        return all(record.file.startswith(folders) for record in self.file_records) and all(
            record.file == place for record, place in self.places(version)
        )


class BuiltEvent(Event):
    """A version was made from its sources."""

    kind = "built"
    is_signed_by_office = False
    excludes = frozenset({"issued"})

    fingerprint: Sha256
    """Of the plan's content and of the version that it supersedes."""
    supersedes: Superseded | None
    areas: dict[Id, Sha256]
    """The digest of each area's content, by the area's id."""
    sources: dict[SourceName, Sha256]
    """The digest of each YAML file of the version's folder, by its name."""
    templates: dict[TemplateName, Sha256]
    """The digest of each Word template, by its name."""
    outputs: BuiltFiles
    tools: dict[str, str | dict[str, Sha256]]
    """The version of each program that had a part in it; "fonts" has the digest of each font."""

    def summary(self, names: NamesById) -> str:
        return f"{self.outputs.pdf.pages} pages, fingerprint {_short(self.fingerprint)}"

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        return (self.outputs.docx, docx_file(version)), (self.outputs.pdf, pdf_file(version))


class GrowingEvent(Event):
    """One that added something behind the version's PDF."""

    files: GrownPdf

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        return ((self.files.pdf, pdf_file(version)),)


class KeysEvent(Event):
    """The office's keys were made; here are their public halves."""

    kind = "keys"
    of_version = False
    excludes = frozenset({"keys"})

    organisation: OneLine
    """The office's name, as it stands in its certificates."""
    mark: TextLine
    """Such as SPECIMEN, before every name in a certificate; "" where the keys are meant."""
    root: Sha256
    """Of the root certificate."""
    seal: Sha256
    """Of the seal's certificate."""
    register_key: KeyHex
    """The public key that the register's own signature is checked with."""
    files: KeysFiles

    def summary(self, names: NamesById) -> str:
        return f"{self.organisation}, root certificate {_short(self.root)}"

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        return tuple((record, f"certificates/{name}") for name, record in self.files.items())


class _CertificateEvent(Event):
    """One about a person's certificate."""

    of_version = False

    person: Id
    name: OneLine
    certificate: Sha256
    serial: Serial
    issuer: Literal["office", "own"]
    """Whether the office issued it, or the person brought their own."""

    def summary(self, names: NamesById) -> str:
        return f"{self.name}, certificate {_short(self.certificate)}"


class EnrolledEvent(_CertificateEvent):
    """A certificate was bound to a person's name."""

    kind = "enrolled"

    subject: str
    """The certificate's subject (RFC 4514)."""
    not_before: Day
    not_after: Day
    files: CertificateFile


class RevokedEvent(_CertificateEvent):
    """A person's certificate no longer counts for what is signed from now on."""

    kind = "revoked"

    files: RevocationFile

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        return ((self.files.revocations, "certificates/office.crl"),)


class IssuedEvent(GrowingEvent):
    """The office certified the version's PDF: from then on it is frozen."""

    kind = "issued"
    needs = frozenset({"built"})
    excludes = frozenset({"issued"})

    fingerprint: Sha256
    head: Sha256
    """The register's head before this entry, as the certification names it."""
    certificate: Sha256
    """Of the office's seal."""
    level: Level

    def summary(self, names: NamesById) -> str:
        return f"certified by the office, PAdES {self.level}"


class SentEvent(Event):
    """The present PDF was sent to people, or laid out to be sent."""

    kind = "sent"
    needs = frozenset({"issued"})

    to: Ids
    """The ids of the people."""
    way: Way
    pdf: Sha256
    """Of the PDF that was sent."""

    def summary(self, names: NamesById) -> str:
        people = ", ".join(map(names.person, self.to))
        return f"{'by mail' if self.way == 'smtp' else 'as drafts'} to {people}"


class _ReviewEvent(Event):
    """What one person did about one review."""

    needs = frozenset({"issued"})
    excludes = frozenset({"sealed", "superseded"})
    words: ClassVar[str]
    """What they did, in words that follow a person's name."""

    review: Id
    person: Id

    @property
    def remark(self) -> str:
        """What follows those words in a list: the reason, if there is one."""
        return ""


class SignedEvent(_ReviewEvent):
    """A person signed one review; its subclass says how (see `returned` for one of them)."""

    kind = "signed"


class SignedHere(SignedEvent, GrowingEvent):
    """Signed at the office with `plan sign`."""

    words = "signed with their own certificate"

    how: Literal["here"] = "here"
    certificate: Sha256
    level: Level

    def summary(self, names: NamesById) -> str:
        return f"by {names.person(self.person)} for {names.review(self.review)}, PAdES {self.level}"


class SignedOnPaper(SignedEvent):
    """Signed in ink, and scanned with `plan scan`."""

    words = "signed on paper"

    how: Literal["on paper"] = "on paper"
    files: ScanFile

    def summary(self, names: NamesById) -> str:
        return f"by {names.person(self.person)} for {names.review(self.review)}, on paper"


class DeclinedEvent(_ReviewEvent):
    """A person will not sign one review; they may change their mind until the version is sealed."""

    kind = "declined"
    words = "declined"

    reason: OneLine
    """In their own words."""

    @property
    def remark(self) -> str:
        return f": {self.reason}"

    def summary(self, names: NamesById) -> str:
        return f"by {names.person(self.person)} for {names.review(self.review)}{self.remark}"


class WithdrawnEvent(_ReviewEvent):
    """What was entered last of a person and a review, a scan or a decline, was a mistake."""

    kind = "withdrawn"
    words = "withdrawn"

    reason: OneLine
    """Why, in the office's words."""

    @property
    def remark(self) -> str:
        return f": {self.reason}"

    def summary(self, names: NamesById) -> str:
        return f"of {names.person(self.person)} for {names.review(self.review)}{self.remark}"


class SealedEvent(GrowingEvent):
    """Nothing is added to the version's PDF any more."""

    kind = "sealed"
    needs = frozenset({"issued"})
    excludes = frozenset({"sealed"})

    fingerprint: Sha256
    level: Level
    incomplete: TextLine
    """Why it was sealed although somebody had not signed; "" where everybody had."""
    missing: Texts
    """Who had not signed, and what."""

    def summary(self, names: NamesById) -> str:
        lacking = f", incomplete: {self.incomplete}" if self.incomplete else ""
        return f"PAdES {self.level}{lacking}"


class ReceiptEvent(Event):
    """A sealed version's receipt was made."""

    kind = "receipt"
    needs = frozenset({"sealed"})

    head: Sha256
    """The register's head after the seal, which the receipt prints."""
    files: ReceiptFile

    def summary(self, names: NamesById) -> str:
        return f"names the head {_short(self.head)}"

    def places(self, version: str) -> tuple[tuple[FileRecord, str], ...]:
        return ((self.files.receipt, receipt_file(version)),)


class SupersededEvent(Event):
    """A later version was issued in this one's place."""

    kind = "superseded"
    needs = frozenset({"issued"})

    by: VersionName

    def summary(self, names: NamesById) -> str:
        return f"by {self.by}"
