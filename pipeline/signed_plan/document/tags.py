"""The tag tree of a PDF (ISO 32000-2, 14.7 and 14.8): joining two, and heading rows.

A tagged PDF says twice what is on a page: the content stream numbers its pieces (marked-content
ids), and the structure tree says what each piece is. The parent tree leads from the first to the
second. All three have to agree when a page or an annotation is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    PdfObject,
)

from signed_plan.errors import ConversionError
from signed_plan.libreoffice.pdf_mending import (
    describe_links,
    mark_loose_content,
    mend_lists,
    mend_types,
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

_HEADINGS = frozenset(f"/H{level}" for level in range(1, 7))


class TagTree:
    """The structure tree of the document that a writer holds."""

    def __init__(self, writer: PdfWriter) -> None:
        self.writer = writer
        self.root = _tree_root(writer.root_object)
        self.document = next(children(self.root))
        self.parents: dict[int, PdfObject] = dict(_numbers(self.root["/ParentTree"]))

    def close(self) -> None:
        """Writes the parent tree back; to be called once, after all changes."""
        numbers = ArrayObject()
        for key in sorted(self.parents):
            numbers.extend((NumberObject(key), self.parents[key]))
        self.root[NameObject("/ParentTree")] = self.writer._add_object(
            DictionaryObject({NameObject("/Nums"): numbers})
        )
        self.root[NameObject("/ParentTreeNextKey")] = NumberObject(self._next_key())

    def append(self, reader: PdfReader) -> None:
        """Appends the reader's pages together with their tags."""
        other = _tree_root(reader.root_object)
        offset = self._next_key()
        for page in reader.pages:
            added = self.writer.add_page(page)
            if "/StructParents" in page:  # pypdf drops it, since it only makes sense with the tags
                row = NumberObject(as_integer(page["/StructParents"]) + offset)
                added[NameObject("/StructParents")] = row
            for annotation in map(as_dictionary, as_array(added.get("/Annots", ArrayObject()))):
                if "/StructParent" in annotation:
                    row = NumberObject(as_integer(annotation["/StructParent"]) + offset)
                    annotation[NameObject("/StructParent")] = row
        self._join_roles(other)
        # There is a second document where an empty page was left out.
        for kid in [kid for document in children(other) for kid in children(document)]:
            # Its way up would lead to the other document's tree, and clone all of that.
            del kid["/P"]
            added_kid = kid.clone(self.writer)
            added_kid[NameObject("/P")] = reference_to(self.document)
            child_array(self.document).append(reference_to(added_kid))
        for key, value in _numbers(other["/ParentTree"]):
            self.parents[key + offset] = value.clone(self.writer)

    def elements(self, kind: str) -> Iterator[DictionaryObject]:
        """The structure elements of that type, in reading order."""
        for element in walk(self.document):
            if element.get("/S") == kind:
                yield element

    def attach(self, annotation: DictionaryObject, element: DictionaryObject) -> None:
        """Makes the annotation the whole content of the element."""
        row = self._next_key()
        annotation[NameObject("/StructParent")] = NumberObject(row)
        self.parents[row] = reference_to(element)
        element[NameObject("/K")] = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/OBJR"),
                NameObject("/Pg"): annotation.raw_get("/P"),
                NameObject("/Obj"): reference_to(annotation),
            }
        )

    def forget_content(self, element: DictionaryObject) -> tuple[DictionaryObject, set[int]]:
        """Takes the marked content out of an element; gives its page and its content ids."""
        page = as_dictionary(element["/Pg"])
        ids = {int(kid) for kid in raw_children(element) if isinstance(kid, NumberObject)}
        row = as_array(self.parents[as_integer(page["/StructParents"])])
        for content_id in ids:
            row[content_id] = NullObject()
        return page, ids

    def head_rows(self) -> None:
        """Makes a row's first cell its header (scope Row) where it holds a heading.

        So a screen reader names the area with each of its cells.
        """
        for row in self.elements("/TR"):
            first = next(children(row), None)
            if first is None or first.get("/S") != "/TD":
                continue
            if any(str(kid["/S"]) in _HEADINGS for kid in children(first)):
                first[NameObject("/S")] = NameObject("/TH")
                before = [first.raw_get("/A")] if "/A" in first else []
                scope = {
                    NameObject("/O"): NameObject("/Table"),
                    NameObject("/Scope"): NameObject("/Row"),
                }
                first[NameObject("/A")] = ArrayObject([*before, DictionaryObject(scope)])

    def _next_key(self) -> int:
        return max(self.parents, default=-1) + 1

    def _join_roles(self, other: DictionaryObject) -> None:
        roles = self.root.setdefault(NameObject("/RoleMap"), DictionaryObject())
        for name, role in other.get("/RoleMap", DictionaryObject()).items():
            if roles.get(name, role) != role:
                raise ConversionError(
                    f"The style {name[1:]} means different things in the two templates.",
                    "Give it another name in one of them.",
                )
            roles[NameObject(name)] = NameObject(role)
        for unsupported in ("/IDTree", "/ClassMap"):
            if unsupported in other:
                raise ConversionError(
                    f"The sign-off pages use tags ({unsupported[1:]}) that cannot be joined.",
                    "Use the shipped signoff.docx.",
                )


def mend_and_close(
    tags: TagTree, hidden: Mapping[IndirectObject, set[int]] = MappingProxyType({})
) -> None:
    """Puts right what LibreOffice leaves wrong, and closes the tree.

    `hidden` has, for some pages, the ids of content that is not to be read aloud.
    """
    mend_types(tags.root)
    mend_lists(tags.document, tags.writer)
    tags.head_rows()
    tags.close()
    for page in tags.writer.pages:
        describe_links(page, tags.parents)
        mark_loose_content(page, hidden.get(reference_to(page), set()))
        page[NameObject("/Tabs")] = NameObject("/S")


def _tree_root(catalog: DictionaryObject) -> DictionaryObject:
    return as_dictionary(catalog.get("/StructTreeRoot"))


def _numbers(tree: PdfObject) -> Iterator[tuple[int, PdfObject]]:
    """The entries of a number tree (ISO 32000-2, 7.9.7)."""
    node = as_dictionary(tree)
    for kid in as_array(node.get("/Kids", ArrayObject())):
        yield from _numbers(kid)
    numbers = as_array(node.get("/Nums", ArrayObject()))
    for at in range(0, len(numbers), 2):
        yield as_integer(numbers[at]), list.__getitem__(numbers, at + 1)
