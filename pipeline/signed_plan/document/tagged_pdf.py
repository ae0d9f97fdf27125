"""A tagged PDF, read once so that many rules can be held against it.

One walk over the structure tree (ISO 32000-1, 14.7), one look at each page's content (14.6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from lxml import etree
from pypdf import PageObject, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NullObject,
    StreamObject,
)

from signed_plan.libreoffice.pdf_objects import as_integer, attribute_of

STANDARD = frozenset(
    "Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4"
    " H5 H6 L LI Lbl LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code"
    " Link Annot Ruby RB RT RP Warichu WT WP Figure Formula Form".split()
)
"""The types of structure elements that PDF 1.7 knows: ISO 32000-1, 14.8.4."""

_SPANS = ("/RowSpan", "/ColSpan")

OTHER_PROGRAM = "Use the shipped templates, or a version of LibreOffice that the README names."
"""What to do where a PDF is not as it should be, and no template is known to be the cause."""

# A hexadecimal string cannot look like one of these; LibreOffice writes no others.
_MARK = re.compile(rb"([BE][DM]C)(?<![<\w]...)(?![\w>])")
_PIECE = re.compile(rb"/MCID\s+(\d+)")
_ARTIFACT = re.compile(rb"/Artifact\b")
_PAINTING = re.compile(rb"(?<![\w/<#.-])(?:[SsfFBb]\*?|Do|sh|Tj|TJ|'|\"|EI)(?![\w>*])")


@dataclass(slots=True, eq=False)
class Tag:
    """A structure element."""

    element: DictionaryObject
    kind: str
    """Its standard type, without the slash; its own where none is behind it."""
    parent: Tag | None
    page: int
    """The object number of its page; 0 where it names none."""
    kids: list[Tag] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    """Its own marked content: the page's object number and the content's id."""
    objects: list[int] = field(default_factory=list)
    """The object numbers of its annotations."""


class TableCell(NamedTuple):
    """A cell of a table, and the rows and columns that it takes, counted from 0."""

    tag: Tag
    rows: range
    columns: range


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """What a page's content stream marks."""

    pieces: list[int]
    """The ids of its marked content."""
    loose: bool
    """Whether something is painted that is neither tagged nor an artifact."""
    mixed: bool
    """Whether an artifact is inside tagged content, or the other way about."""


class TaggedPdf:
    """A PDF that is still to be written."""

    def __init__(self, writer: PdfWriter) -> None:
        self.writer = writer
        self.catalog: DictionaryObject = writer.root_object
        self.pages: list[PageObject] = list(writer.pages)
        self.numbers = {_number(page): at for at, page in enumerate(self.pages, 1)}
        """Which page an object number is, counted from 1."""

    @cached_property
    def tree(self) -> DictionaryObject:
        return dictionary_of(self.catalog.get("/StructTreeRoot"))

    @cached_property
    def roles(self) -> dict[str, str]:
        """What each type of the document's own stands for, without slashes."""
        named = dictionary_of(self.tree.get("/RoleMap"))
        return {name[1:]: str(role.get_object())[1:] for name, role in named.items()}

    @cached_property
    def tags(self) -> list[Tag]:
        """All elements, in reading order."""
        kinds: dict[str, str] = {}
        found: list[Tag] = []
        waiting: list[tuple[Any, Tag | None]] = [(kid, None) for kid in _kids(self.tree)[::-1]]
        while waiting:
            raw, parent = waiting.pop()
            inside = raw.get_object()
            if isinstance(inside, int):
                assert parent is not None
                parent.pieces.append((parent.page, int(inside)))
            elif not isinstance(inside, DictionaryObject):
                continue
            elif "/S" in inside:
                own = str(inside["/S"])
                kind = kinds.get(own) or kinds.setdefault(own, self._standard(own[1:]))
                tag = Tag(inside, kind, parent, _reference(inside.get("/Pg")))
                found.append(tag)
                if parent is not None:
                    parent.kids.append(tag)
                waiting.extend((kid, tag) for kid in _kids(inside)[::-1])
            elif parent is not None and "/MCID" in inside:
                page = _reference(inside.get("/Pg")) or parent.page
                parent.pieces.append((page, as_integer(inside["/MCID"])))
            elif parent is not None and "/Obj" in inside:
                parent.objects.append(_reference(inside.get("/Obj")))
        return found

    @cached_property
    def parents(self) -> dict[int, Any]:
        """The parent tree: ISO 32000-1, 14.7.4.4."""
        return dict(_entries(dictionary_of(self.tree.get("/ParentTree"))))

    @cached_property
    def annotations(self) -> list[tuple[int, DictionaryObject]]:
        """Each annotation with the number of its page."""
        return [
            (at, dictionary_of(annotation))
            for at, page in enumerate(self.pages, 1)
            for annotation in array_of(page.get("/Annots"))
        ]

    @cached_property
    def contents(self) -> list[bytes]:
        """What each page paints."""
        return [_content(page) for page in self.pages]

    @cached_property
    def marked(self) -> list[MarkedPage]:
        """What each page marks in its content."""
        return [*map(_read_marks, self.contents)]

    @cached_property
    def fonts(self) -> list[DictionaryObject]:
        """The fonts of all pages."""
        found = {id(font): font for page in self.pages for font in self._resources(page, "/Font")}
        return list(found.values())

    @cached_property
    def pictures(self) -> list[tuple[int, DictionaryObject]]:
        """Each picture with the number of its page."""
        return [
            (at, drawn)
            for at, page in enumerate(self.pages, 1)
            for drawn in self._resources(page, "/XObject")
            if drawn.get("/Subtype") == "/Image"
        ]

    @cached_property
    def metadata(self) -> dict[str, str]:
        """The texts of the XMP packet, by their names in full; none where it cannot be read."""
        stream = self.catalog.get("/Metadata", NullObject()).get_object()
        if not isinstance(stream, StreamObject):
            return {}
        try:
            packet = etree.fromstring(stream.get_data())
        except etree.XMLSyntaxError:
            return {}
        return {str(one.tag): "".join(one.itertext()).strip() for one in packet.iter()}

    def of_kind(self, kind: str) -> list[Tag]:
        """The elements of a standard type, in reading order."""
        return [tag for tag in self.tags if tag.kind == kind]

    def place(self, tag: Tag) -> str:
        """Where an element begins, such as " on page 3"; "" if nothing tells it."""
        waiting = [tag]
        while waiting:
            one = waiting.pop()
            page = self.numbers.get(one.page)
            if page is not None:
                return f" on page {page}"
            waiting.extend(one.kids[::-1])
        return ""

    def _resources(self, page: PageObject, kind: str) -> Iterator[DictionaryObject]:
        named = dictionary_of(dictionary_of(page.get("/Resources")).get(kind))
        return map(dictionary_of, named.values())

    def _standard(self, kind: str) -> str:
        """The standard type that a type of the document's own stands for, by way of others too."""
        passed = set()
        while kind not in STANDARD and kind in self.roles and kind not in passed:
            passed.add(kind)
            kind = self.roles[kind]
        return kind


def read_cells(table: Tag) -> list[TableCell] | None:
    """A table's cells in reading order; None where they do not fill its rows and columns."""
    parts = ([part] if part.kind == "TR" else part.kids for part in table.kids)
    rows = [row for part in parts for row in part if row.kind == "TR"]
    cells: list[TableCell] = []
    taken: dict[int, int] = {}  # for each column, the row in which it is free again
    width = 0
    for at, row in enumerate(rows):
        column = 0
        for tag in row.kids:
            while taken.get(column, 0) > at:
                column += 1
            down, right = (
                int(attribute_of(tag.element, "/RowSpan") or 1),
                int(attribute_of(tag.element, "/ColSpan") or 1),
            )
            columns = range(column, column + right)
            if any(taken.get(one, 0) > at for one in columns):
                return None
            taken.update(dict.fromkeys(columns, at + down))
            cells.append(TableCell(tag, range(at, at + down), columns))
            column += right
        width = width or len(taken)
        if len(taken) != width or min(taken.values(), default=at + 1) <= at:
            return None
    return cells if {*taken.values()} <= {len(rows)} else None


def _read_marks(content: bytes) -> MarkedPage:
    pieces: list[int] = []
    inside: list[str] = []
    loose = mixed = False
    last = 0
    for mark in _MARK.finditer(content):
        between = content[last : mark.start()]
        last = mark.end()
        loose = loose or (not any(inside) and _PAINTING.search(between) is not None)
        if mark[1] == b"EMC":
            del inside[-1:]
            continue
        operands = between[between.rfind(b"\n", 0, -1) + 1 :]
        piece = _PIECE.search(operands)
        kind = "piece" if piece else "artifact" if _ARTIFACT.search(operands) else ""
        mixed = mixed or {kind, *inside} >= {"piece", "artifact"}
        inside.append(kind)
        if piece:
            pieces.append(int(piece[1]))
    return MarkedPage(pieces, loose or _PAINTING.search(content, last) is not None, mixed)


def _content(page: PageObject) -> bytes:
    contents = page.get("/Contents", NullObject()).get_object()
    streams = contents if isinstance(contents, list) else [contents]
    whole = (one.get_object() for one in streams)
    return b"\n".join(one.get_data() for one in whole if isinstance(one, StreamObject))


def _kids(element: DictionaryObject) -> list[Any]:
    kids = element.get("/K")
    if isinstance(kids, IndirectObject):
        found = kids.get_object()
        return list(found) if isinstance(found, list) else [kids]
    return list(kids) if isinstance(kids, list) else [] if kids is None else [kids]


def _entries(node: DictionaryObject) -> Iterator[tuple[int, Any]]:
    for kid in array_of(node.get("/Kids")):
        yield from _entries(dictionary_of(kid))
    numbers = array_of(node.get("/Nums"))
    yield from zip(map(int, numbers[::2]), numbers[1::2], strict=False)


def array_of(value: Any) -> ArrayObject:
    """The array that a value is or refers to; an empty one if there is none."""
    found = None if value is None else value.get_object()
    return found if isinstance(found, ArrayObject) else ArrayObject()


def dictionary_of(value: Any) -> DictionaryObject:
    """The dictionary that a value is or refers to; an empty one if there is none."""
    found = None if value is None else value.get_object()
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _reference(value: Any) -> int:
    return value.idnum if isinstance(value, IndirectObject) else 0


def _number(found: DictionaryObject) -> int:
    return _reference(found.indirect_reference)
