"""What a program may change in the form and in the field that it signs (ISO 32000-2, 12.7).

Measured with iText, OpenPDF, PDFBox, EU DSS, poppler and pyHanko, and as Adobe documents it: a
signed field is locked and dated, and the form gets fonts for fields that there are none of here.
"""

from __future__ import annotations

from typing import Any

from pyhanko.pdf_utils import generic

from signed_plan.signing.pdf_compare import differ_only_in, entry, is_same

_WIDGET_MAY = frozenset({"/V", "/AP", "/M", "/MK", "/AS", "/DR", "/DA", "/Border", "/BS", "/F"})
_FORM_MAY = frozenset({"/SigFlags", "/DR", "/DA"})

_CORNERS = ("left", "bottom", "right", "top")
_LOCKED, _LOCKED_CONTENTS = 128, 512
"""The flags that a signed field may gain (ISO 32000-2, table 167). Any other hides it, or does not
print it."""


def is_filled(old: Any, new: Any) -> bool:
    """Whether the due field, which was empty, differs in nothing but what signing sets."""
    if not differ_only_in(old, new, _WIDGET_MAY) or "/V" in old:
        return False
    before, after = entry(old, "/F", 0), entry(new, "/F", 0)
    if not isinstance(before, int) or not isinstance(after, int):
        return False
    return after & before == before and after & ~before & ~(_LOCKED | _LOCKED_CONTENTS) == 0


def has_no_size(widget: Any) -> bool:
    """Whether nothing of a field can be seen, as where a program signs invisibly."""
    box = entry(widget, "/Rect") if isinstance(widget, generic.DictionaryObject) else None
    if not isinstance(box, generic.ArrayObject) or len(box) != len(_CORNERS):
        return False
    left, bottom, right, top = (float(number) for number in box)
    return left == right or bottom == top


def has_same_form(old: generic.DictionaryObject, new: generic.DictionaryObject) -> bool:
    """Whether the form, if the catalogue itself holds it, differs only in what signing sets."""
    if is_same(old, new, "/AcroForm"):
        return True
    forms = [catalogue.raw_get("/AcroForm") for catalogue in (old, new) if "/AcroForm" in catalogue]
    return len(forms) == 2 and is_same_form(forms[0], forms[1])


def is_same_form(old: Any, new: Any) -> bool:
    """Whether a form differs only in what signing sets: more flags, more fonts."""
    if not differ_only_in(old, new, _FORM_MAY):
        return False
    flags = entry(old, "/SigFlags", 0)
    return entry(new, "/SigFlags", 0) & flags == flags and (
        "/DR" not in old or ("/DR" in new and only_adds(old.raw_get("/DR"), new.raw_get("/DR")))
    )


def only_adds(old: Any, new: Any) -> bool:
    """Whether a dictionary of resources holds what it held, and perhaps more."""
    both = generic.DictionaryObject
    if not isinstance(old, both) or not isinstance(new, both):
        return type(old) is type(new) and old == new
    return all(
        is_same(old, new, key)
        or (key in new and isinstance(old.raw_get(key), both) and only_adds(old[key], new[key]))
        for key in old
    )
