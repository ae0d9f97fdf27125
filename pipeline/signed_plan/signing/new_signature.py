"""The one new signature of a returned file: what it says and does, beside being good or not."""

from __future__ import annotations

import io
from dataclasses import dataclass

INVISIBLE = "(made invisible)"
"""How a change ends by which a program leaves the box of its signature without any size."""


@dataclass(frozen=True, slots=True)
class NewSignature:
    """What the one new signature of a file says and does, beside being good or not."""

    reason: str
    moment: str
    """When it was made, in ISO 8601; "" if it does not say."""
    locked: tuple[str, ...]
    """The fields still to be signed that nobody could sign after it."""
    text: str
    """The text that its box shows."""
    look: str
    """What is wrong with what its box shows, as a clause; "" if nothing is."""
    unfit: str
    """Why the file is no PDF/A-3b or PDF/UA-1 with it, as a clause; "" if nothing is known."""


def look_at(pdf: bytes, size: int, field: str) -> NewSignature:
    """That of the field, in a file which was `size` bytes long before.

    Raises one of UNREADABLE or BROKEN if it was made to confuse.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    from signed_plan.signing.locks import locked_fields
    from signed_plan.signing.look_claims import claim_fault
    from signed_plan.signing.pdf_compare import text_of
    from signed_plan.signing.signature_look import look_fault

    reader = PdfFileReader(io.BytesIO(pdf))
    found = [one for one in reader.embedded_signatures if one.field_name == field]
    if not found:  # it is in a format that pyHanko does not know
        return NewSignature(reason="", moment="", locked=(), text="", look="", unfit="")
    (embedded,) = found
    moment = embedded.self_reported_timestamp
    fault, text = look_fault(pdf, size, field)
    return NewSignature(
        reason=text_of(embedded.sig_object, "/Reason"),
        moment="" if moment is None else moment.isoformat(),
        locked=locked_fields(embedded),
        text=text,
        look=fault,
        unfit="" if fault else claim_fault(pdf, field),
    )
