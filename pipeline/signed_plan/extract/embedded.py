"""What a plan's PDF carries and prints: its files, its numbers, its signatures.

The file may come from anyone. It is opened only in the sandbox; what comes back is plain data and
is not trusted.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from signed_plan.errors import UsageError, VerificationError
from signed_plan.extract.page_text import FULL, SHORT, numbers, page_texts, printable_start
from signed_plan.plan.source import SourceFile
from signed_plan.sandbox import SandboxError, run_in_sandbox
from signed_plan.wording import with_zone

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import EmbeddedFile

    from signed_plan.signing.validation import Signature, Trust

MAX_FILES = 100
MAX_ATTACHED = 2_000_000
"""Bytes of all attached files together: the sources of a plan of a thousand areas."""


@dataclass(frozen=True, slots=True)
class EmbeddedSignature:
    """One signature, with the values of `signed_plan.signing.validation.Signature`.

    Judged by the certificates and the time that it brings itself: whether it is whole, not whose.
    """

    field: str
    kind: str
    signer: str
    """The name in the certificate, which proves nothing by itself."""
    reason: str
    moment: datetime | None
    stamped: bool
    fault: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """What was found in a PDF: if it is signed, in what the first signature covers.

    Only `signatures` and `changes` are about what follows after that.
    """

    files: tuple[SourceFile, ...]
    """The attached files, in the order of their names."""
    pages: int
    full: Mapping[str, tuple[int, ...]]
    """Each number of 64 digits that is printed in eights, and the pages that show it, from 1."""
    short: Mapping[str, tuple[int, ...]]
    """The same for each number of twelve digits that is printed in fours."""
    identifier: str
    """By what the metadata (XMP) identify the document."""
    signatures: tuple[EmbeddedSignature, ...]
    """In the order they were made."""
    changes: tuple[str, ...]
    """What was changed behind the first signature, besides what the later ones bring with them."""
    saved_again: bool = False
    """Whether another program wrote the whole file anew after it was signed."""


def read_embedded(data: bytes) -> Embedded:
    """Reads a file in the sandbox.

    Raises UsageError where it is no PDF, and VerificationError where it cannot be read to its end,
    carries too much, or carries its files in a way that could be understood in two ways.
    """
    if not data.startswith(b"%PDF-"):
        raise UsageError("That is not a PDF.", "Name the PDF of a version.")
    try:
        answer = run_in_sandbox("signed_plan.extract.embedded", data)
    except SandboxError as error:
        raise VerificationError(f"That PDF cannot be examined: {error.reason}.") from error
    return load_answer(answer)


def load_answer(answer: dict[str, Any]) -> Embedded:
    """What the sandbox answered."""
    files = [SourceFile(name, base64.b64decode(text)) for name, text in answer["files"]]
    return Embedded(
        files=tuple(sorted(files, key=lambda file: file.name)),
        pages=answer["pages"],
        full={number: tuple(pages) for number, pages in answer["full"].items()},
        short={number: tuple(pages) for number, pages in answer["short"].items()},
        identifier=answer["identifier"],
        signatures=tuple(_load_signature(one) for one in answer["signatures"]),
        changes=tuple(answer["changes"]),
        saved_again=answer["saved_again"],
    )


def _load_signature(answer: dict[str, Any]) -> EmbeddedSignature:
    moment = datetime.fromisoformat(answer["moment"]) if answer["moment"] else None
    return EmbeddedSignature(**{**answer, "moment": moment})


# What follows is done in the sandbox.

SAVED_AGAIN = "saved again by another program after it was signed: its signatures no longer hold."
_TRAILER = 4_096  # bytes from the end, in which a file says that it is encrypted


def sandbox_main(data: bytes) -> dict[str, Any]:
    """Everything that can be read from the file."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    from signed_plan.signing.validation import BROKEN, UNREADABLE, read_signatures

    saved_again = False
    try:
        signatures = read_signatures(data, _own_trust(data))
        placed = [one for one in signatures if one.end]  # not so one of an unknown kind
        saved_again = _is_saved_again(data, placed)
        covered = data[: placed[0].end] if placed and not saved_again else data
        reader = PdfReader(io.BytesIO(covered), strict=True)
        texts = page_texts(covered)
        metadata = reader.xmp_metadata
        return {
            "files": [*_attachments(reader)],
            "pages": len(texts),
            "full": numbers(FULL, texts),
            "short": numbers(SHORT, texts),
            "identifier": str(metadata.dc_identifier) if metadata is not None else "",
            "signatures": [_record_of(one) for one in signatures],
            "changes": [] if saved_again else [*_changes(data, placed)],
            "saved_again": saved_again,
        }
    except (*UNREADABLE, *BROKEN, PyPdfError) as error:
        if saved_again:
            raise VerificationError(
                f"That PDF was {SAVED_AGAIN} What it carries cannot be read as it is now.",
                "Ask the people it comes from for the file as it was signed.",
            ) from error
        if b"/Encrypt" in data[-_TRAILER:]:
            raise VerificationError(
                "That PDF is encrypted, which no PDF made here is.",
                "Ask the people it comes from for the file as it was, without a password.",
            ) from error
        raise VerificationError(
            f"That PDF cannot be read to its end ({type(error).__name__}): it is not whole.",
            "Bring the file back from a copy.",
        ) from error


def _is_saved_again(data: bytes, signatures: Sequence[Signature]) -> bool:
    """Whether the first signature is broken, and what it says of its end is no end any more.

    Where a signed part ends, a whole PDF ends (ISO 32000-2, 7.5.6). A program that writes the file
    anew moves everything, and leaves the signature's numbers as they were.
    """
    if not signatures or not signatures[0].fault:
        return False
    end = signatures[0].end
    return end > len(data) or not data[:end].rstrip().endswith(b"%%EOF")


def _own_trust(data: bytes) -> Trust:
    """What each signature is judged by here: the certificates and the time that it brings."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import extract_certificate_info

    from signed_plan.signing.validation import Trust, tokens

    found = PdfFileReader(io.BytesIO(data)).embedded_signatures
    said = ((one.field_name, one.self_reported_timestamp) for one in found)
    moments = {field: with_zone(moment) for field, moment in said if moment is not None}
    stamps = [extract_certificate_info(token) for one in found for token in tokens(one)]
    return Trust(
        roots=tuple(one.signer_cert.dump() for one in found),
        authorities=tuple(one.signer_cert.dump() for one in (*found, *stamps)),
        judged_at=lambda field: moments.get(field) or datetime.now(UTC),
    )


def _record_of(signature: Signature) -> dict[str, Any]:
    fields = {
        name: value
        for name, value in asdict(signature).items()
        if name in EmbeddedSignature.__slots__
    }
    words = {name: printable_start(fields[name]) for name in ("field", "signer", "fault")}
    moment = signature.moment
    return {**fields, **words, "moment": None if moment is None else with_zone(moment).isoformat()}


def _changes(data: bytes, signatures: Sequence[Signature]) -> Iterator[str]:
    """What was changed between one signature and the next, and behind the last of them."""
    from signed_plan.signing.revision_diff import changes

    if not signatures:
        return
    last = signatures[-1]
    spans = [(one.end, other.end, other.field) for one, other in pairwise(signatures)]
    for begin, end, field in (*spans, (last.end, len(data), last.field)):
        for change in changes(data[:end], begin, field):
            yield f"{printable_start(change.what)}, in revision {change.revision}"
    if not data.rstrip().endswith(b"%%EOF"):
        yield "bytes behind the end of the file"


def _attachments(reader: PdfReader) -> Iterator[tuple[str, str]]:
    """The name and, in base64, the bytes of each attached file (ISO 32000-2, 7.11.4 and 14.13)."""
    found = [*islice(reader.attachment_list, MAX_FILES + 1)]
    if len(found) > MAX_FILES:
        raise VerificationError(f"That PDF carries more than {MAX_FILES} files: it is no plan.")
    _require_one_meaning(reader, found)
    total = 0
    for file in found:
        data = file.content
        total += len(data)
        if total > MAX_ATTACHED:
            megabytes = MAX_ATTACHED // 1_000_000
            raise VerificationError(
                f"The files that this PDF carries are larger than {megabytes} MB together.",
                "Take them out with a PDF program.",
            )
        yield str(file.name), base64.b64encode(data).decode("ascii")


def _require_one_meaning(reader: PdfReader, found: Sequence[EmbeddedFile]) -> None:
    """Refuses what two programs would list, name or read in different ways."""
    from pypdf.generic import ArrayObject

    catalog: Any = reader.root_object
    nested = found and "/Kids" in catalog["/Names"]["/EmbeddedFiles"]
    names = {file.name.casefold() for file in found}  # some systems' folders ignore case
    listed = [file.pdf_object.indirect_reference for file in found]
    associated = [*catalog.get("/AF", ArrayObject()).get_object()]
    clear = all(_has_one_name_and_content(file) for file in found)
    if nested or len(names) < len(found) or listed != associated or not clear:
        raise VerificationError(
            "That PDF carries its files so that one program could read them otherwise than another."
        )


def _has_one_name_and_content(file: EmbeddedFile) -> bool:
    specification: Any = file.pdf_object
    embedded = specification["/EF"]
    names = {file.name, specification["/F"], specification["/UF"]}
    return len(names) == 1 and len({embedded.raw_get(key) for key in embedded}) == 1
