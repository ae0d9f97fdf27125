"""What LibreOffice leaves wrong in a PDF, put right: lists, untagged lines, links, a date.

Each function works on objects of pypdf, and can be called whether or not its fault is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from signed_plan.libreoffice.pdf_objects import (
    as_array,
    as_dictionary,
    as_integer,
    child_array,
    children,
    raw_children,
    reference_to,
    walk,
)
from signed_plan.libreoffice.pdf_words import read_pieces

_PAINTING = frozenset(b" S s f F f* B B* b b* Do sh Tj TJ ' \"".split())
_NAMES_OF_STYLES = tuple(f"/{name}" for name in ("Quote", "Code", "Reference", "Art", "Part"))
_ICC_DATE = slice(24, 36)  # ICC.1:2010, 7.2.1
_NO_DATE = bytes(12)


def mend_lists(document: DictionaryObject, writer: PdfWriter) -> None:
    """Puts list items that are outside any list into a new one.

    LibreOffice leaves second-level bullets there if they follow no first-level one.
    """
    for parent in list(walk(document)):
        if parent.get("/S") == "/L" or not any(_is_item(kid) for kid in children(parent)):
            continue
        mended = ArrayObject()
        current: DictionaryObject | None = None
        for raw in raw_children(parent):
            kid = raw.get_object()
            if not _is_item(kid):
                current = None
                mended.append(raw)
                continue
            if current is None:
                current = DictionaryObject(
                    {
                        NameObject("/Type"): NameObject("/StructElem"),
                        NameObject("/S"): NameObject("/L"),
                        NameObject("/P"): reference_to(parent),
                        NameObject("/K"): ArrayObject(),
                    }
                )
                mended.append(writer._add_object(current))
            kid[NameObject("/P")] = reference_to(current)
            child_array(current).append(raw)
        parent[NameObject("/K")] = mended


def _is_item(element: Any) -> bool:
    return isinstance(element, DictionaryObject) and element.get("/S") == "/LI"


def mend_types(root: DictionaryObject) -> None:
    """Gives paragraphs whose style has the name of a standard type, such as Word's own style Quote,
    the type that they stand for. The standard types have one meaning (ISO 14289-1, 7.1).

    What LibreOffice writes of itself, such as H1, could be either, and is left.
    """
    roles = as_dictionary(root.get("/RoleMap", DictionaryObject()))
    mistaken = {name: roles.pop(name) for name in _NAMES_OF_STYLES if name in roles}
    for element in walk(root) if mistaken else ():
        role = mistaken.get(str(element.get("/S")))
        if role is not None:
            element[NameObject("/S")] = role


def mark_loose_content(page: PageObject, hide: frozenset[int] | set[int] = frozenset()) -> None:
    """Marks as artifact whatever is painted outside the tags, and the content ids to hide.

    LibreOffice draws paragraph borders after the tagged content, untagged. It writes one operator
    to a line and strings in hexadecimal, so lines are enough to tell where marked content is.
    """
    contents = page["/Contents"].get_object()
    assert isinstance(contents, StreamObject)
    lines: list[bytes] = []
    loose: list[bytes] = []
    depth = 0

    def settle() -> None:
        painted = any(line.split()[-1:] and line.split()[-1] in _PAINTING for line in loose)
        lines.extend([b"/Artifact BMC", *loose, b"EMC"] if painted else loose)
        loose.clear()

    for line in contents.get_data().split(b"\n"):
        begins = line.endswith((b"BDC", b"BMC"))
        if begins:
            settle()
            depth += 1
        (lines if depth else loose).append(_hide(line, hide) if begins else line)
        if line.endswith(b"EMC"):
            depth -= 1
    settle()
    stream = StreamObject()
    stream.set_data(b"\n".join(lines))
    contents_reference = page.raw_get("/Contents")
    contents_reference.pdf._replace_object(contents_reference, stream.flate_encode())


def _hide(line: bytes, hide: frozenset[int] | set[int]) -> bytes:
    for content_id in hide:
        if b"/MCID %d>>" % content_id in line:
            return b"/Artifact BMC"
    return line


def describe_links(page: PageObject, parents: Mapping[int, PdfObject]) -> None:
    """Describes the links that LibreOffice does not describe, by their words or their picture's.

    7.4 leaves out those that are tracked as removed, 25.2 all. PDF/UA wants every link described
    (ISO 14289-1, 7.18.5). `parents` is the parent tree.
    """
    links = [
        one
        for one in map(as_dictionary, as_array(page.get("/Annots", ArrayObject())))
        if one.get("/Subtype") == "/Link" and "/StructParent" in one and not one.get("/Contents")
    ]
    pieces = read_pieces(page) if links else {}
    for link in links:
        element = as_dictionary(parents[as_integer(link["/StructParent"])])
        words = " ".join(_words(element, pieces).split())
        if words:
            link[NameObject("/Contents")] = TextStringObject(words)


def _words(element: DictionaryObject, pieces: Mapping[int, str]) -> str:
    """What an element says: its words, or the description of its picture."""
    found = [str(element.get("/Alt", ""))]
    for kid in raw_children(element):
        inside = kid.get_object()
        if isinstance(inside, NumberObject):
            found.append(pieces.get(int(inside), ""))
        elif isinstance(inside, DictionaryObject):
            number = inside.get("/MCID")
            found.append(_words(inside, pieces) if number is None else pieces.get(number, ""))
    return "".join(found)


def undate_colour_profiles(writer: PdfWriter) -> None:
    """Takes the time of their making out of the colour profiles (ICC.1:2010, 7.2.1)."""
    for intent in as_array(writer.root_object.get("/OutputIntents", ArrayObject())):
        reference = as_dictionary(intent).raw_get("/DestOutputProfile")
        profile = reference.get_object()
        data = bytearray(profile.get_data())
        data[_ICC_DATE] = _NO_DATE
        stream = StreamObject()
        stream.set_data(bytes(data))
        undated = stream.flate_encode()
        undated[NameObject("/N")] = profile["/N"]
        writer._replace_object(reference, undated)
