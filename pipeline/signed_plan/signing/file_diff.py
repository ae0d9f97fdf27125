"""What a program may change in a file's frame when it signs: catalogue, trailer, objects of no use
(ISO 32000-2, 7.5.5 and 7.7.2).
"""

from __future__ import annotations

import re
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader

from signed_plan.signing.form_diff import has_same_form
from signed_plan.signing.pdf_compare import differ_only_in, entry, is_same

_CATALOG_MAY = frozenset({"/AcroForm", "/DSS", "/Extensions", "/Version"})
_VERSION = re.compile(r"/(1\.[4-7]|2\.0)")
_HEADER = "/1.7"

_LEVELS = {"/ADBE": range(1, 20), "/ESIC": range(1, 20), "/ISO_": range(32001, 32010)}
"""Adobe's, ETSI's and ISO's extensions of PDF; the last number ISO's technical specifications."""
_EXTENSION = frozenset({"/Type", "/BaseVersion", "/ExtensionLevel", "/URL", "/ExtensionRevision"})
_URL = re.compile(r"https://www\.iso\.org/standard/\d{1,6}\.html")
_REVISION = re.compile(r":\d{4}")

_EMPTY_LOOK = frozenset(
    {"/Type", "/Subtype", "/BBox", "/Length", "/Resources", "/Matrix", "/Filter", "/FormType"}
)
_NOTHING = (b"", b"% DSBlank\n")


def has_same_catalog(old: Any, new: Any) -> bool:
    """Whether the catalogue differs only in what signing sets."""
    return (
        differ_only_in(old, new, _CATALOG_MAY)
        and has_same_form(old, new)
        and _version(old) <= _version(new)
        and _extends(entry(old, "/Extensions", {}), entry(new, "/Extensions", {}))
        and ("/DSS" not in old or "/DSS" in new)
    )


def _version(catalog: Any) -> str:
    """The later of the catalogue's version and the header's; "" if it is none."""
    said = entry(catalog, "/Version", _HEADER)
    return max(str(said), _HEADER) if _VERSION.fullmatch(str(said)) and said >= _HEADER else ""


def _extends(old: Any, new: Any) -> bool:
    """Whether the extensions are those that there were, and known ones."""
    return (
        isinstance(new, dict)
        and {*old} <= {*new} <= {*_LEVELS}
        and all(_is_known(new[key], _LEVELS[key]) for key in new)
    )


def _is_known(extension: Any, levels: range) -> bool:
    if isinstance(extension, generic.ArrayObject):
        return 0 < len(extension) <= len(levels) and all(
            _is_known(extension[at], levels) for at in range(len(extension))
        )
    if not isinstance(extension, generic.DictionaryObject) or not {*extension} <= _EXTENSION:
        return False
    return (
        entry(extension, "/Type", "/DeveloperExtensions") == "/DeveloperExtensions"
        and _VERSION.fullmatch(str(entry(extension, "/BaseVersion"))) is not None
        and entry(extension, "/ExtensionLevel") in levels
        and ("/URL" not in extension or _URL.fullmatch(str(extension["/URL"])) is not None)
        and _REVISION.fullmatch(str(entry(extension, "/ExtensionRevision", ":0000"))) is not None
    )


def lost_from_trailer(reader: PdfFileReader, first: int) -> str:
    """What the trailers of later revisions lack or have otherwise than that of the first ones, as a
    reader would say it; "" if nothing."""
    trailers = reader.trailer._trailer_revisions[::-1]
    before = trailers[first - 1]
    for trailer in trailers[first:]:
        if any(not is_same(before, trailer, key) for key in ("/Root", "/Info")):
            return "the document's properties"
        if not _is_kept_id(entry(before, "/ID"), entry(trailer, "/ID")):
            return "the file's identifier"
        if "/Encrypt" in trailer:
            return "the encryption"
    return ""


def _is_kept_id(old: Any, new: Any) -> bool:
    """Whether the first of the two parts is as it was (ISO 32000-2, 14.4)."""
    if old is None or new is None:
        return old is new
    return len(new) == 2 and _bytes(old[0]) == _bytes(new[0]) and 0 < len(_bytes(new[1])) <= 64


def _bytes(text: Any) -> bytes:
    return bytes(getattr(text, "original_bytes", text))


def is_of_no_use(value: Any) -> bool:
    """Whether an object that nothing leads to is harmless: the empty look or font that poppler or
    iText makes and then does not use."""
    if not isinstance(value, generic.StreamObject):
        return isinstance(value, generic.NullObject) or (
            isinstance(value, generic.DictionaryObject) and {*value} == {"/Type"}
        )
    if not {*value} <= _EMPTY_LOOK or entry(value, "/Subtype") != "/Form":
        return False
    return entry(value, "/Filter", "/FlateDecode") == "/FlateDecode" and value.data in _NOTHING
