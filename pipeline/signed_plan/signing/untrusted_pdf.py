"""A PDF that comes from outside: what it shows, its signatures, and what was changed in it.

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
from signed_plan.signing.new_signature import NewSignature, look_at

MAX_BYTES = 100_000_000
SECONDS = 60
MAX_PAGES = 2_000
MAX_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class FoundSignature:
    """One signature of an untrusted file; the fields are those of `validation.Signature`."""

    field: str
    kind: str
    certificate: str
    signer: str
    fault: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; `flaw` says why the file could not be read to its end, "" if it could."""

    signatures: tuple[FoundSignature, ...] = ()
    changes: tuple[tuple[int, str], ...] = ()
    """The revision, counted from 1, and what was changed in it."""
    text_digest: str = ""
    """A digest of the text it shows: equal for all files that show the same text."""
    text: str = ""
    """The last part of the text it shows, without spaces."""
    disguise: str = ""
    """What hides some of that text, or lies on a page, as a clause; "" if nothing does."""
    flaw: str = ""
    new: NewSignature | None = None
    """The one new signature, where fields are known to be signed and there is just one more."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to read a file for: signatures, by these certificates, and changes behind `size`."""

    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...]
    judged_at: datetime
    """When a signature is judged whose own moment is not known."""
    size: int = 0
    """How many bytes at its beginning are known to be genuine. If none are (0), the text that the
    file shows is read as well."""
    signed: frozenset[str] = frozenset()
    """The fields that are known to be signed. One new signature in another field is then no change.
    If no field is known to be signed, every change is reported."""
    moments: Mapping[str, datetime] = field(default_factory=dict)
    """When the signatures in those fields are judged: as they were made."""


def read_untrusted(data: bytes, question: Question) -> Reading:
    """Reads a file in the sandbox. Raises SigningError if it is too large, and no other error."""
    if len(data) > MAX_BYTES:
        raise SigningError(
            f"That file is larger than {MAX_BYTES // 1_000_000} MB: it is no plan.",
            "Name the signed PDF.",
        )
    request = {
        "roots": [root.hex() for root in question.roots],
        "authorities": [root.hex() for root in question.authorities],
        "judged_at": question.judged_at.isoformat(),
        "size": question.size,
        "signed": sorted(question.signed),
        "moments": {name: moment.isoformat() for name, moment in question.moments.items()},
    }
    try:
        answer = run_in_sandbox(
            "signed_plan.signing.untrusted_pdf", data, json.dumps(request), seconds=SECONDS
        )
    except SandboxError as error:
        return Reading(flaw=error.reason)
    return Reading(
        signatures=tuple(FoundSignature(**one) for one in answer["signatures"]),
        changes=tuple((int(revision), str(what)) for revision, what in answer["changes"]),
        text_digest=answer["text_digest"],
        text=answer["text"],
        disguise=answer["disguise"],
        flaw=answer["flaw"],
        new=_new_signature(answer["new"]),
    )


def _new_signature(answer: dict[str, Any] | None) -> NewSignature | None:
    return None if answer is None else NewSignature(**answer | {"locked": (*answer["locked"],)})


def sandbox_main(data: bytes, question: str) -> dict[str, Any]:
    """In the sandbox: everything that can be read from the file, and why reading ended early."""
    from signed_plan.pages.disguise import find_disguise
    from signed_plan.signing.revision_diff import changes
    from signed_plan.signing.validation import BROKEN, UNREADABLE, Trust, read_signatures

    request = json.loads(question)
    trust = Trust(
        tuple(bytes.fromhex(root) for root in request["roots"]),
        tuple(bytes.fromhex(root) for root in request["authorities"]),
        lambda name: datetime.fromisoformat(request["moments"].get(name, request["judged_at"])),
    )
    answer: dict[str, Any] = {
        "signatures": [],
        "changes": [],
        "text_digest": "",
        "text": "",
        "disguise": "",
        "flaw": "",
        "new": None,
    }
    try:
        if not request["size"]:
            answer["text_digest"], answer["text"] = page_text(data)
            answer["disguise"] = find_disguise(data)
        for one in read_signatures(data, trust):
            fields = asdict(one)
            answer["signatures"].append({name: fields[name] for name in FoundSignature.__slots__})
        if request["size"]:
            new = {one["field"] for one in answer["signatures"]} - {*request["signed"]}
            due = new.pop() if request["signed"] and len(new) == 1 else None
            found = changes(data, request["size"], due)
            answer["changes"] = [(change.revision, change.what) for change in found]
            if due is not None and not found:
                answer["new"] = asdict(look_at(data, request["size"], due))
    except (*UNREADABLE, *BROKEN) as error:
        answer["flaw"] = f"it cannot be read ({type(error).__name__})"
    return answer


def page_text(pdf: bytes) -> tuple[str, str]:
    """A digest of the text that the pages show, filled fields included, and the end of that text,
    where the sign-off pages are. Spaces do not count: programs that print to PDF change them.

    Raises ValueError if it is no PDF.
    """
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(pdf)
        text = ""
        for at in range(min(len(document), MAX_PAGES)):
            raw.FPDFPage_Flatten(document[at], raw.FLAT_NORMALDISPLAY)
            # The page is fetched again: only then the fields' content is part of it.
            shown = document[at].get_textpage().get_text_range()
            text += "".join(shown.split())
    except pypdfium2.PdfiumError as error:
        raise ValueError("no PDF") from error
    return Digest.of_bytes(text.encode("utf-8", errors="replace")).hex, text[-MAX_TEXT:]
