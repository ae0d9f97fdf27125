"""Whether a file is still what it claims to be, PDF/A-3b and PDF/UA-1, with a new signature's look.

The look is all that another program adds to the pages. Its fonts and colours are what breaks those
standards in practice; nothing else is looked for, so that no fault is no proof.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signed_plan.signing.pdf_compare import entry
from signed_plan.signing.validation import BROKEN, UNREADABLE
from signed_plan.wording import on_one_line

MAX_FORMS = 50
"""How many parts of a look are read; Adobe's has six."""

_FONT_USE = re.compile(rb"/([^\s/<>\[\](){}%]+)\s+[-+.\d]+\s+Tf\b")
_CMYK = re.compile(rb"(?:[-+.\d]+\s+){4}[kK](?=\s|$)|/DeviceCMYK\s+(?:cs|CS)\b")
_FONT_FILES = frozenset({"/FontFile", "/FontFile2", "/FontFile3"})
_NAME = 60


def claim_fault(pdf: bytes, field: str) -> str:
    """Which rule the look of a field breaks, as a clause; "" if none is known to be broken.

    That fonts are embedded and tell their letters: ISO 19005-3, 6.2.11.4.1; ISO 14289-1, 7.21.4.1
    and 7.21.7. That colours are explained: ISO 19005-3, 6.2.4.3. That nothing is packed by LZW:
    ISO 19005-3, 6.1.7.2.

    Nothing is known of a look that cannot be read.
    """
    try:
        fields = PdfFileReader(io.BytesIO(pdf), strict=False).root["/AcroForm"]["/Fields"]
        widgets = (fields[at] for at in range(len(fields)) if fields[at]["/T"] == field)
        looks = (entry(widget, "/AP") for widget in widgets)
        faults = (fault for look in looks for form in _forms(look) for fault in _form_faults(form))
        return next(faults, "")
    except (*UNREADABLE, *BROKEN):
        return ""


def _forms(looks: Any) -> Iterator[generic.StreamObject]:
    """What is drawn in the field, with the parts and pictures that it is made of."""
    waiting = [entry(looks, "/N")] if isinstance(looks, generic.DictionaryObject) else []
    seen: set[int] = set()
    while waiting and len(seen) < MAX_FORMS:
        form = waiting.pop(0)
        if not isinstance(form, generic.StreamObject) or id(form) in seen:
            continue
        seen.add(id(form))
        yield form
        waiting += _resources(form, "/XObject").values()


def _resources(form: generic.StreamObject, kind: str) -> dict[str, Any]:
    found = entry(entry(form, "/Resources", generic.DictionaryObject()), kind)
    return {key: found[key] for key in found} if isinstance(found, dict) else {}


def _form_faults(form: generic.StreamObject) -> Iterator[str]:
    if "/LZWDecode" in _listed(entry(form, "/Filter")):
        yield "it is packed by LZW"
    if "/DeviceCMYK" in _listed(entry(form, "/ColorSpace")):
        yield "it has colours in CMYK"
    if entry(form, "/Subtype") != "/Form":
        return
    content = form.data
    if _CMYK.search(content):
        yield "it has colours in CMYK"
    used = {f"/{name.decode('latin-1')}" for name in _FONT_USE.findall(content)}
    for name, font in _resources(form, "/Font").items():
        if name in used and isinstance(font, generic.DictionaryObject):
            yield from _font_faults(font)


def _font_faults(font: generic.DictionaryObject) -> Iterator[str]:
    kind = entry(font, "/Subtype")
    if kind == "/Type3":  # its letters are drawings, which it holds itself
        return
    told = on_one_line(str(entry(font, "/BaseFont", "/?"))[1:], _NAME)
    described = entry(font, "/DescendantFonts")[0] if kind == "/Type0" else font
    if not _FONT_FILES & {*entry(described, "/FontDescriptor", generic.DictionaryObject())}:
        yield f"the font {told} is not embedded"
    elif kind == "/Type0" and "/ToUnicode" not in font:
        yield f"the font {told} does not tell which letters it prints"


def _listed(value: Any) -> list[Any]:
    return [*value] if isinstance(value, list) else [value]
