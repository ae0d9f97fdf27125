"""Which fields a signature locks: an option of some programs, and the end of a version if it is
used before everybody has signed (ISO 32000-2, 12.8.2.2 and 12.8.2.4).
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.sign.fields import FieldMDPSpec, enumerate_sig_fields
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signed_plan.signing.pdf_compare import entry

_NO_CHANGES = 1


def locked_fields(embedded: EmbeddedPdfSignature) -> tuple[str, ...]:
    """The fields still to be signed that nobody can sign after that signature."""
    others = [
        str(name)
        for name, value, _ in enumerate_sig_fields(embedded.reader)
        if value is None and str(name) != str(embedded.field_name)
    ]
    references: Any = entry(embedded.sig_object, "/Reference", ())
    locks = [_lock(references[at]) for at in range(len(references))]
    return tuple(name for name in others if any(lock(name) for lock in locks))


def _lock(reference: Any) -> Any:
    """Says of a field's name whether that entry of a signature's /Reference locks it."""
    if not isinstance(reference, generic.DictionaryObject):
        raise ValueError("an entry of /Reference is no dictionary")
    method, asked = entry(reference, "/TransformMethod"), entry(reference, "/TransformParams")
    asked = generic.DictionaryObject() if asked is None else asked
    if method == "/FieldMDP":
        return FieldMDPSpec.from_pdf_object(asked).is_locked
    allowed = entry(asked, "/P", 2) if method == "/DocMDP" else 2
    return lambda _: allowed == _NO_CHANGES
