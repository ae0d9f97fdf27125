"""A PDF that comes from outside: what it says, what it holds, and what was changed in it.

It is opened only in the sandbox; what comes back is plain data and is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from signed_plan.digest import Digest
from signed_plan.errors import SigningError
from signed_plan.sandbox import SandboxError, run_in_sandbox

MAX_BYTES = 100_000_000
SECONDS = 60
MAX_PAGES = 2_000
MAX_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """One signature of a stranger's file, told as `validation.Signature` tells it."""

    field: str
    kind: str
    certificate: str
    signer: str
    fault: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; `flaw` says why it could not be read to its end, "" if it could."""

    signatures: tuple[FoundSignature, ...] = ()
    changes: tuple[tuple[int, str], ...] = ()
    """Revision, counted from 1, and what was changed in it."""
    words: str = ""
    """A digest that all files share which show the same words."""
    text: str = ""
    """The last part of what it shows, without spaces."""
    flaw: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What to read a file for: signatures, by these certificates, and changes behind `size`."""

    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...]
    judged_at: datetime
    """When a signature is judged that nothing else is known of."""
    size: int = 0
    """How many bytes at its beginning are known to be genuine; 0 if none are. What the file shows
    is read only then."""
    signed: frozenset[str] = frozenset()
    """The fields that are known to be signed. What one signature in another field brings with it
    is then no change; where nothing is known to be signed, every change is told."""
    moments: Mapping[str, datetime] = field(default_factory=dict)
    """When the signatures in those fields are judged: as they were made."""


def read_untrusted(data: bytes, question: Question) -> Reading:
    """Reads a file in the sandbox. Raises SigningError where it is too large, and never else."""
    if len(data) > MAX_BYTES:
        raise SigningError(
            f"That file is larger than {MAX_BYTES // 1_000_000} MB: it is no plan.",
            "Name the signed PDF.",
        )
    asked = {
        "roots": [root.hex() for root in question.roots],
        "authorities": [root.hex() for root in question.authorities],
        "judged_at": question.judged_at.isoformat(),
        "size": question.size,
        "signed": sorted(question.signed),
        "moments": {name: moment.isoformat() for name, moment in question.moments.items()},
    }
    try:
        told = run_in_sandbox(
            "signed_plan.signing.untrusted_pdf", data, json.dumps(asked), seconds=SECONDS
        )
    except SandboxError as error:
        return Reading(flaw=error.reason)
    return Reading(
        signatures=tuple(FoundSignature(**one) for one in told["signatures"]),
        changes=tuple((int(revision), str(what)) for revision, what in told["changes"]),
        words=told["words"],
        text=told["text"],
        flaw=told["flaw"],
    )


def sandbox_main(data: bytes, question: str) -> dict[str, Any]:
    """In the sandbox: everything about the file that can be told, and where telling ended."""
    from signed_plan.signing.revision_diff import changes
    from signed_plan.signing.validation import BROKEN, UNREADABLE, Trust, read_signatures

    asked = json.loads(question)
    trust = Trust(
        tuple(bytes.fromhex(root) for root in asked["roots"]),
        tuple(bytes.fromhex(root) for root in asked["authorities"]),
        lambda name: datetime.fromisoformat(asked["moments"].get(name, asked["judged_at"])),
    )
    told: dict[str, Any] = {"signatures": [], "changes": [], "words": "", "text": "", "flaw": ""}
    try:
        if not asked["size"]:
            told["words"], told["text"] = shown_words(data)
        for one in read_signatures(data, trust):
            fields = asdict(one)
            told["signatures"].append({name: fields[name] for name in FoundSignature.__slots__})
        if asked["size"]:
            new = {one["field"] for one in told["signatures"]} - {*asked["signed"]}
            due = new.pop() if asked["signed"] and len(new) == 1 else None
            found = changes(data, asked["size"], due)
            told["changes"] = [(change.revision, change.what) for change in found]
    except (*UNREADABLE, *BROKEN) as error:
        told["flaw"] = f"it cannot be read ({type(error).__name__})"
    return told


def shown_words(pdf: bytes) -> tuple[str, str]:
    """A digest of what the pages show, letter for letter, what stands in fields included; and the
    end of it, where the sign-off pages are. Spaces do not count, since printers set them anew.

    Raises ValueError for what is no PDF.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(pdf)
        text = ""
        for at in range(min(len(document), MAX_PAGES)):
            raw.FPDFPage_Flatten(document[at], raw.FLAT_NORMALDISPLAY)
            # Read anew: only then what stood in the fields is part of the page.
            shown = document[at].get_textpage().get_text_range()
            text += "".join(shown.split())
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error
    return Digest.of_bytes(text.encode("utf-8", errors="replace")).hex, text[-MAX_TEXT:]
