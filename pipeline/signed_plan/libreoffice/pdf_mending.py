"""What LibreOffice leaves wrong in a PDF, put right: lists, rows, untagged lines, links, a date.

Each function works on objects of pypdf, and can be called whether or not its fault is there.
"""

from __future__ import annotations

import math
import re
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
    attribute_of,
    child_array,
    children,
    raw_children,
    reference_to,
    walk,
)
from signed_plan.libreoffice.pdf_words import read_pieces

_PAINTING = frozenset(b" S s f F f* B B* b b* Do sh Tj TJ ' \"".split())
_TEXT_PLACE = re.compile(rb"(-?[\d.]+) -?[\d.]+ T[dm]\b")
_SPANS = ("/RowSpan", "/ColSpan")
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


def join_rows(document: DictionaryObject) -> None:
    """Puts what of a table's row is on its third page, and on later ones, back into its cells.

    25.2 makes further rows of it, with those cells alone that go on there.
    """
    for table in [one for one in walk(document) if one.get("/S") == "/Table"]:
        rows = ArrayObject()
        whole: list[DictionaryObject] = []
        for raw in raw_children(table):
            cells = list(children(raw.get_object()))
            places = _places(cells, whole)
            if not places:
                rows.append(raw)
                whole = cells
            for cell, place in zip(cells, places, strict=False):
                for kid in children(cell):
                    kid[NameObject("/P")] = reference_to(place)
                child_array(place).extend(raw_children(cell))
        table[NameObject("/K")] = rows


def _places(cells: list[DictionaryObject], whole: list[DictionaryObject]) -> list[DictionaryObject]:
    """The cells of a whole row in which those of its rest go on; none if it is no rest of it.

    They are as wide. Of some that are equally wide, it is the one whose words begin nearest.
    """
    spans = any(attribute_of(one, key) for one in (*cells, *whole) for key in _SPANS)
    if spans or not 0 < len(cells) < len(whole):
        return []
    found = []
    for cell in cells:
        width = attribute_of(cell, "/Width")
        alike = [one for one in whole if attribute_of(one, "/Width") == width]
        if not alike:
            return []
        found.append(alike[0] if len(alike) == 1 else _nearest(alike, _left(cell)))
    return found


def _nearest(cells: list[DictionaryObject], left: float) -> DictionaryObject:
    return min(cells, key=lambda cell: abs(_left(cell) - left))


def _left(cell: DictionaryObject) -> float:
    """Where the first words of a cell begin on their page, in points; far off if it has none."""
    for element in walk(cell):
        for piece in raw_children(element):
            if isinstance(piece, NumberObject):
                contents = as_dictionary(element["/Pg"])["/Contents"].get_object()
                data = contents.get_data() if isinstance(contents, StreamObject) else b""
                begin = data.find(b"/MCID %d>>" % piece)
                place = _TEXT_PLACE.search(data, begin)
                return float(place[1]) if begin >= 0 and place is not None else math.inf
    return math.inf


def _is_item(element: Any) -> bool:
    return isinstance(element, DictionaryObject) and element.get("/S") == "/LI"


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
