"""The parts that the register's events are made of: digests, names, files and lists.

Each is as strict as what the commands write: a digest has 64 lower-case digits, a file lies below
`output/` by a relative path, a list holds texts. `events` puts them together.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from signed_plan.digest import Digest
from signed_plan.paths import is_plain_name
from signed_plan.plan.model import ID_PATTERN, MAX_ID
from signed_plan.wording import without_controls


def _plain(name: str) -> str:
    if not is_plain_name(name):
        raise ValueError("not a version's name")
    return name


def _day(text: str) -> str:
    date.fromisoformat(text)
    return text


def _moment(text: str) -> str:
    if text:
        datetime.fromisoformat(text)
    return text


def _readable(text: str) -> str:
    if text != without_controls(text):
        raise ValueError("not a line that can be read")
    return text


def _present(value: object) -> object:
    if value is None:
        raise ValueError("null")
    return value


_CLAIMED = r"^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A SHA-256 digest (FIPS 180-4) in 64 lower-case hexadecimal digits."""
KeyHex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A public Ed25519 key (RFC 8032), 32 bytes in hexadecimal digits."""
Id = Annotated[str, Field(pattern=f"^{ID_PATTERN}$", max_length=MAX_ID)]
VersionName = Annotated[str, AfterValidator(_plain)]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_day)]
ClaimedTime = Annotated[str, Field(pattern=_CLAIMED), AfterValidator(_moment)]
"""When somebody's own clock says that something was done (RFC 3339, UTC); it may be empty."""
Serial = Annotated[str, Field(pattern=r"^-?[0-9a-f]+$")]
"""A certificate's serial number in hexadecimal digits."""
TextLine = Annotated[str, AfterValidator(_readable)]
"""A text on one line, without anything that could steer a terminal; it may be empty."""
OneLine = Annotated[TextLine, Field(min_length=1)]
MAX_REASON = 500
"""How many letters a reason may have."""
GivenReason = Annotated[TextLine, Field(max_length=MAX_REASON)]
"""What somebody else's program wrote as a reason, or did; it may be empty."""
Level = Annotated[str, Field(pattern=r"^B-(B|T|LT|LTA)$")]
"""A PAdES baseline level (ETSI EN 319 142-1)."""
Way = Literal["smtp", "drafts"]
"""How e-mails leave: by the mail server, or as drafts for the clerk to send."""
_SEGMENT = "[A-Za-z0-9][A-Za-z0-9._-]*"
OutputPath = Annotated[str, Field(pattern=f"^{_SEGMENT}(/{_SEGMENT})+$")]
"""A file below `output/`, with slashes: never absolute, and never leading upwards."""
SourceName = Annotated[str, Field(pattern=r"^[^./\x00][^/\x00]*\.(?i:ya?ml)$")]
TemplateName = Annotated[str, Field(pattern=r"^[a-z]+\.docx$")]
Texts = Annotated[tuple[OneLine, ...], Field(strict=False)]
Ids = Annotated[tuple[Id, ...], Field(strict=False, min_length=1)]


def is_empty(value: object) -> bool:
    """Whether a field that may be missing is not written: older registers have none."""
    return not value


class Shape(BaseModel):
    """What every part of an event shares: it cannot be changed, and nothing else fits."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)


class FileRecord(Shape):
    """A file that was put below `output/`, as it was then."""

    file: OutputPath
    sha256: Sha256
    size: Annotated[int, Field(ge=0)]
    """Its length in bytes."""

    def begins(self, data: bytes) -> bool:
        """Whether those bytes begin with the file as it was recorded."""
        return Digest.of_bytes(data[: self.size]).hex == self.sha256

    def is_exactly(self, data: bytes) -> bool:
        """Whether those bytes are the file as it was recorded."""
        return len(data) == self.size and self.begins(data)


class PdfRecord(FileRecord):
    """A PDF as it was built."""

    pages: Annotated[int, Field(ge=1)]


class BuiltFiles(Shape):
    """The two files that a build makes."""

    docx: FileRecord
    pdf: PdfRecord


KEYS_FILES = frozenset({"office-root.crt", "office.crl", "register-key.pem", "how-to-trust.txt"})
"""What anybody needs who checks a signature, as it is called in `output/certificates/`."""


def _a_certificate(record: FileRecord) -> FileRecord:
    folder, _, name = record.file.rpartition("/")
    if folder != "certificates" or not name.endswith(".crt") or name in KEYS_FILES:
        raise ValueError("not the place of a certificate")
    return record


def _a_scan(record: FileRecord) -> FileRecord:
    if record.file.split("/")[1:-1] != ["scans"]:
        raise ValueError("not the place of a scan")
    return record


CertificateRecord = Annotated[FileRecord, AfterValidator(_a_certificate)]
"""A certificate, in a place where none of the office's own files is."""


class GrownPdf(Shape):
    """The version's PDF after something was added behind it."""

    pdf: FileRecord
    crt: Annotated[CertificateRecord | None, BeforeValidator(_present)] = Field(
        default=None, exclude_if=lambda record: record is None
    )
    """The root certificate of the timestamp authority, where one was asked."""


def _keys_files(files: dict[str, FileRecord]) -> dict[str, FileRecord]:
    if files.keys() != KEYS_FILES:
        raise ValueError("not the files of the office's keys")
    return files


KeysFiles = Annotated[dict[str, FileRecord], AfterValidator(_keys_files)]
"""The public halves of the office's keys, by the names in KEYS_FILES."""


class CertificateFile(Shape):
    """A person's certificate, in PEM."""

    certificate: CertificateRecord


class RevocationFile(Shape):
    """The office's certificate revocation list (RFC 5280), in DER."""

    revocations: FileRecord


class ScanFile(Shape):
    """The picture of a page that was signed on paper."""

    scan: Annotated[FileRecord, AfterValidator(_a_scan)]


class ReceiptFile(Shape):
    """A sealed version's receipt."""

    receipt: FileRecord


class Superseded(Shape):
    """The version before this one, and its fingerprint."""

    version: VersionName
    fingerprint: Sha256


class ShapeError(ValueError):
    """What stands there is no event; the text says which part is wrong, as "its …" or "it …"."""


def fault(error: ValidationError) -> str:
    """The first fault that was found, in words."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = re.sub(r"[^A-Za-z0-9._-]", "?", ".".join(map(str, first["loc"])))[:80]
    if first["type"] == "missing":
        return f'it lacks "{place}"'
    if first["type"] == "extra_forbidden":
        return f'it has a field "{place}" too many'
    return f'its "{place}" is not what belongs there'
