"""What a program may change in a document's metadata when it signs (ISO 16684-1).

XMP has many spellings of one content, and programs change between them. So it is read into that
content, strictly: what is no content (comments, words between elements, declarations) is refused.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree
from pyhanko.pdf_utils import generic

from signed_plan.signing.pdf_compare import differ_only_in, entry

MAX_XMP = 1_000_000
"""How many bytes of XMP are read."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_X = "{adobe:ns:meta/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_MM = "{http://ns.adobe.com/xap/1.0/mm/}"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_LISTS = (f"{_RDF}Alt", f"{_RDF}Seq", f"{_RDF}Bag")

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?")
_ID = re.compile(r"((urn:)?uuid:|xmp\.[id]id:|adobe:docid:pdf:)?[0-9A-Fa-f-]{16,80}")
_PROGRAM = re.compile(r"[^\x00-\x1f\x7f]{1,300}")
_MAY = {
    f"{_XMP}ModifyDate": _DATE,
    f"{_XMP}MetadataDate": _DATE,
    f"{_MM}InstanceID": _ID,
    f"{_MM}DocumentID": _ID,
    "{http://ns.adobe.com/pdf/1.3/}Producer": _PROGRAM,
}
"""What every program sets when it saves a file, and how it looks."""

_INFO_MAY = {
    "/ModDate": re.compile(r"D:\d{4,14}(Z|[+-]\d\d('\d\d'?)?|Z00'00'?)?"),
    "/Producer": _PROGRAM,
}
_STREAM_MAY = frozenset({"/Type", "/Subtype", "/Length", "/Filter"})
_PACKET = re.compile(
    r"begin=(['\"])\ufeff?\1 id=(['\"])\w{1,40}\2( \w{1,20}=['\"][\w-]{0,40}['\"])*"
    r"|end=['\"][rw]['\"]"
)

_TWICE = 2

_Value = tuple[Any, ...]


def has_same_metadata(old: Any, new: Any) -> bool:
    """Whether two XMP streams say the same, but for what every program sets when it saves."""
    if not isinstance(new, generic.StreamObject) or not {*new} <= _STREAM_MAY:
        return False
    if any(entry(new, key) != entry(old, key) for key in ("/Type", "/Subtype")):
        return False
    if entry(new, "/Filter", "/FlateDecode") != "/FlateDecode":
        return False
    try:
        before, after = (_content(stream.data) for stream in (old, new))
    except (etree.XMLSyntaxError, _NotPlain):
        return False
    known = all(_is_plain(name, value) for name, value in after if name in _MAY)
    return known and _without_saving(before) == _without_saving(after)


def has_same_properties(old: Any, new: Any) -> bool:
    """Whether the document's properties are the same, but for who changed it last, and when."""
    return differ_only_in(old, new, frozenset(_INFO_MAY)) and all(
        key not in old if key not in new else looks.fullmatch(str(new[key])) is not None
        for key, looks in _INFO_MAY.items()
    )


class _NotPlain(Exception):
    """XMP with something in it that is no content."""


def _without_saving(content: list[tuple[str, _Value]]) -> Counter[tuple[str, _Value]]:
    return Counter((name, value) for name, value in content if name not in _MAY)


def _is_plain(name: str, value: _Value) -> bool:
    kind, *rest = value
    return kind == "text" and _MAY[name].fullmatch(rest[0]) is not None


def _content(data: bytes) -> list[tuple[str, _Value]]:
    """The properties of a packet: names with their values."""
    if len(data) > MAX_XMP:
        raise _NotPlain
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None or root.tag != f"{_X}xmpmeta":
        raise _NotPlain
    for one in tree.iter():
        _require_plain(one, is_root=one is root)
    beside = [*root.itersiblings(preceding=True), *root.itersiblings()]
    if any(one.target != "xpacket" or not _PACKET.fullmatch(one.text or "") for one in beside):
        raise _NotPlain
    (rdf,) = _children(root, {f"{_X}xmptk"}, (f"{_RDF}RDF",))
    found = []
    for description in _children(rdf, set(), (f"{_RDF}Description",)):
        if description.get(f"{_RDF}about", "") != "":
            raise _NotPlain
        found += _fields(description)
    # OpenPDF adds a second where another program has written the first as an attribute.
    if any(count > _TWICE for count in Counter(name for name, _ in found).values()):
        raise _NotPlain
    return found


def _require_plain(one: Any, *, is_root: bool) -> None:
    """That an element is one, with words or with elements in it, and that no words follow it."""
    if not isinstance(one.tag, str):
        raise _NotPlain
    if (not is_root and (one.tail or "").strip()) or (len(one) and (one.text or "").strip()):
        raise _NotPlain


def _children(one: Any, attributes: set[str], tags: tuple[str, ...]) -> list[Any]:
    if not {*one.attrib} <= attributes or any(child.tag not in tags for child in one):
        raise _NotPlain
    if any(len(text) > 300 for text in one.attrib.values()):
        raise _NotPlain
    return list(one)


def _fields(one: Any) -> list[tuple[str, _Value]]:
    """The properties that an element has as attributes or as elements in it."""
    return [*_attributes(one), *((str(child.tag), _value(child)) for child in one)]


def _attributes(one: Any) -> Iterator[tuple[str, _Value]]:
    for name, text in one.attrib.items():
        if not str(name).startswith("{"):
            raise _NotPlain
        if not str(name).startswith(_RDF) and name != _LANGUAGE:
            yield str(name), ("text", str(text), "")


def _value(one: Any) -> _Value:
    """What an element holds: a text, a list, or fields of its own."""
    syntax = {str(name) for name in one.attrib if str(name).startswith(_RDF)}
    language = str(one.get(_LANGUAGE, ""))
    (first, *more) = [*one] or [None]
    if syntax == {f"{_RDF}resource"} and first is None:
        return ("text", str(one.get(f"{_RDF}resource")), language)
    if syntax == {f"{_RDF}parseType"} and one.get(f"{_RDF}parseType") == "Resource":
        return _struct(one)
    if syntax:
        raise _NotPlain
    if first is None and not [*_attributes(one)]:
        return ("text", (one.text or "").strip(), language)
    if first is None:
        return _struct(one)
    if more or [*_attributes(one)]:
        raise _NotPlain
    if first.tag == f"{_RDF}Description" and not {*first.attrib} & {f"{_RDF}about"}:
        return _struct(first)
    if first.tag in _LISTS and not first.attrib:
        items = _children(first, set(), (f"{_RDF}li",))
        return ("list", str(first.tag), tuple(map(_value, items)))
    raise _NotPlain


def _struct(one: Any) -> _Value:
    return ("fields", tuple(sorted(_fields(one))))
