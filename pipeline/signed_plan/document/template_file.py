"""The one place where a Word template is opened: what is no such file is named for what it is, and
what leads out of the file is refused.

Packages, parts and relationships are those of ISO/IEC 29500-2 (OPC).
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from docx.oxml.exceptions import InvalidXmlError
from docx.oxml.ns import qn
from lxml import etree

from signed_plan.document.template_limits import require_size
from signed_plan.document.template_story import (
    STORIES,
    clean_story,
    drop_old_formats,
    find_targets,
    is_plain_address,
    name_kinds,
)
from signed_plan.document.template_tags import mend_tags, require_lone_tags, require_whole_tags
from signed_plan.errors import TemplateError
from signed_plan.files import read_file
from signed_plan.wording import printable, shorten

_TYPES = "[Content_Types].xml"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_DOTX = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"
_WORD = ".wordprocessingml."
_OF_DOCUMENTS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_STRICT = "http://purl.oclc.org/ooxml/"
_CORE = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
_DAMAGED = (*(zipfile.BadZipFile, zlib.error, EOFError), *(NotImplementedError, RuntimeError))

_SAVE = "In Word: File > Save As, and choose Word Document (*.docx)."
_OR_SHIPPED = "or delete it to use the shipped one"
_SAVE_AGAIN = f"Open it in Word and save it again as .docx, {_OR_SHIPPED}."
_UNLOCK = (
    "In Word: File > Info > Protect Document > Encrypt with Password, empty the box, and save."
)
_UNLINK = "In Word: File > Info > Edit Links to Files > Break Link, or delete it; then save."
_INSERT = (
    "In Word: delete it, put it in again with Insert > Pictures > This Device > Insert, and save."
)

_HALF = (
    "it is damaged, or only a part of it is there",
    f"Put a whole copy there, {_OR_SHIPPED}.",
)
_FOREIGN = (
    (b"", "it is empty", f"Put a copy of the right one there, {_OR_SHIPPED}."),
    (b"{\\rtf", "it is an RTF file", _SAVE),
    (b"%PDF-", "it is a PDF", f"Put the Word file there, {_OR_SHIPPED}."),
    (b"<", "it is a web page or XML file", f"Open it in Word. {_SAVE}"),
)
_ENCRYPTED, _OLD_WORD = ("EncryptedPackage".encode("utf-16-le"), "WordDocument".encode("utf-16-le"))

_DROPPED = frozenset(
    "comments commentsExtended commentsIds commentsExtensible people attachedTemplate "
    "glossaryDocument thumbnail".split()
)
"""Relationships that no page shows anything of."""
_NEEDED = frozenset("styles numbering header footer footnotes endnotes officeDocument".split())
_READ = _NEEDED | {"settings"}
_OUTSIDE = {
    "image": ("a linked picture", _INSERT),
    "oleObject": ("a linked object", _UNLINK),
    "hyperlink": (
        "a link to a file",
        "In Word: right-click it and choose Remove Hyperlink. Web and mail addresses may stay.",
    ),
    "mailMergeSource": (
        "the list of a mail merge",
        "In Word: Mailings > Start Mail Merge > Normal Word Document, and save.",
    ),
}
_ELSEWHERE = ("a link to something outside", _UNLINK)
_INSIDE = {
    "aFChunk": ("another file that Word has not taken in yet", _SAVE_AGAIN),
    "subDocument": (
        "a subdocument",
        "In Word: View > Outline > Show Document > Unlink, and save.",
    ),
    "vbaProject": ("macros", f"{_SAVE} That leaves them out."),
    "control": ("an ActiveX control", "In Word: Developer > Design Mode. Delete it, and save."),
    "frame": ("frames", "Copy its text into a new document, and save that as .docx."),
}


def open_template(template: Path) -> bytes:
    """A template as a Word file (.docx) that can be filled in and converted.

    Comments, bookmarks, content controls and the like are taken out, the signs in tags are mended,
    and what is broken but shows on no page is dropped.

    Raises TemplateError, naming what it is and the remedy, for a file of another kind, and for what
    would change, hide or fetch words: see `clean_story` and `require_lone_tags`.
    """
    try:
        data = _read(template)
    except OSError as error:
        raise TemplateError(
            f"{template.name} is not a Word file that can be opened: {error.strerror}.",
            f"Put it back, {_OR_SHIPPED}.",
        ) from error
    return _clean(data, template.name)


def _read(template: Path) -> bytes:
    try:
        require_size(template)
        return read_file(template)
    except _DAMAGED as error:
        raise _unopened(template.name, *_name_foreign(read_file(template))) from error


@contextmanager
def refuse_damage(template: str, *kinds: type[Exception]) -> Iterator[None]:
    """Raises TemplateError where a template turns out to be damaged: for ValueError, as of a length
    that is no number, for XML that is none, for what python-docx misses, and for errors of these
    kinds.
    """
    bad_xml = (etree.XMLSyntaxError, InvalidXmlError)
    refused: tuple[type[Exception], ...] = (ValueError, *bad_xml, *kinds)
    try:
        yield
    except refused as error:
        raise _unopened(template, "it is damaged", _SAVE_AGAIN) from error


@lru_cache(maxsize=16)  # plans by the hundred have the same templates
def _clean(data: bytes, name: str) -> bytes:
    with refuse_damage(name, KeyError):
        package = _Package(_unpack(data, name), name)
        package.clean()
    return package.data if package.changed else data


def _unopened(name: str, why: str, remedy: str) -> TemplateError:
    return TemplateError(f"{name} is not a Word file that can be opened: {why}.", remedy)


def _unpack(data: bytes, name: str) -> dict[str, bytes]:
    """The parts of a package by their names."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = {entry: packed.read(entry) for entry in packed.namelist()}
    except _DAMAGED as error:
        raise _unopened(name, *_HALF) from error
    if b"opendocument.text" in parts.get("mimetype", b""):
        raise _unopened(name, "it is an OpenDocument text (.odt)", f"Open it in Word. {_SAVE}")
    if _TYPES not in parts:
        raise _unopened(name, "it is a zip file of another kind", _SAVE_AGAIN)
    return parts


def _name_foreign(data: bytes) -> tuple[str, str]:
    """What a file is that is no whole zip file, and what to do about it."""
    if data.startswith(b"PK"):
        return _HALF
    if data.startswith(b"\xd0\xcf\x11\xe0"):  # a compound file; [MS-CFB]
        if _ENCRYPTED in data:
            return "it is locked with a password", _UNLOCK
        if _OLD_WORD in data:
            return "it is a Word 97-2003 document (.doc)", _SAVE
        return "it is a file of an older Office", _SAVE_AGAIN
    start = data.lstrip(b"\xef\xbb\xbf \r\n\t")[:5]
    for mark, what, remedy in _FOREIGN:
        if start.startswith(mark) and (mark or not start):
            return what, remedy
    return "it is a file of some other kind", _SAVE_AGAIN


@dataclass(frozen=True, slots=True)
class _Relationship:
    element: Any
    source: str
    """The part that it is of."""

    @property
    def kind(self) -> str:
        """The last word of its type, such as "image"."""
        return str(self.element.get("Type", "")).rpartition("/")[2]

    @property
    def target(self) -> str:
        return str(self.element.get("Target", ""))

    @property
    def is_external(self) -> bool:
        return str(self.element.get("TargetMode", "")) == "External"

    @property
    def part(self) -> str:
        """The name of the part that it leads to."""
        return posixpath.normpath(
            posixpath.join("/", posixpath.dirname(self.source), self.target)
        ).lstrip("/")

    def drop(self) -> None:
        self.element.getparent().remove(self.element)


class _Package:
    """The parts of a template while it is being cleaned."""

    def __init__(self, parts: dict[str, bytes], name: str) -> None:
        self.name = name
        self._parts = parts
        self._trees: dict[str, tuple[Any, bytes]] = {}

    @property
    def changed(self) -> bool:
        return any(etree.tostring(root) != before for root, before in self._trees.values())

    @property
    def data(self) -> bytes:
        """The package as it is now."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as written:
            for name, part in self._parts.items():
                root, before = self._trees.get(name, (None, b""))
                is_new = root is not None and etree.tostring(root) != before
                written.writestr(name, _serialise(root) if is_new else part)
        return packed.getvalue()

    def clean(self) -> None:
        """Raises TemplateError for what cannot be cleaned, KeyError where a part is missing."""
        main = self._find_main()
        self._require_word(main)
        read = [name for name, kind in self._walk().items() if kind in _READ]
        self._require_whole(main, read)
        roots = list(map(self._tree, read))
        stories = [root for root in roots if root.tag in STORIES]
        linked = {word for story in stories for word in find_targets(story)}
        for story in stories:
            mend_tags(story)
            clean_story(story, self.name, linked)
            require_whole_tags(story, self.name)
            require_lone_tags(story, self.name)
        for root in roots:
            if root.tag in (qn("w:styles"), qn("w:numbering")):
                drop_old_formats(root)
                name_kinds(root)
            elif root.tag == qn("w:settings"):
                _clean_settings(root)

    def _require_whole(self, main: str, read: Iterable[str]) -> None:
        """Raises ValueError where the body lacks a header or footer, or a part lacks its type."""
        types: dict[str, str] = {}
        for element in self._tree(_TYPES):
            name = element.get("PartName", f".{element.get('Extension')}").lstrip("/").lower()
            types[name] = element.attrib["ContentType"]
        for name in read:
            ending = posixpath.splitext(name)[1].lower()
            if _WORD not in types.get(name.lower(), types.get(ending, "")):
                raise ValueError(name)
        ids = {one.element.get("Id") for one in self._relationships(main)}
        names = (qn("w:headerReference"), qn("w:footerReference"))
        if any(one.get(qn("r:id")) not in ids for one in self._tree(main).iter(*names)):
            raise ValueError(main)

    def _walk(self) -> dict[str, str]:
        """All parts that the package leads to, with what each is to the part before it.

        Cleans the relationships on its way.
        """
        found = {"": ""}
        waiting = [""]
        while waiting:
            for relationship in self._relationships(waiting.pop()):
                if not self._is_kept(relationship):
                    relationship.drop()
                elif not relationship.is_external and relationship.part not in found:
                    found[relationship.part] = relationship.kind
                    waiting.append(relationship.part)
        return found

    def _find_main(self) -> str:
        for relationship in self._relationships(""):
            if relationship.kind == "officeDocument":
                if str(relationship.element.get("Type")).startswith(_STRICT):
                    raise _unopened(
                        self.name,
                        "it was saved as Strict Open XML Document",
                        "In Word: File > Save As, and choose Word Document (*.docx), the one "
                        "without the word Strict.",
                    )
                return relationship.part
        raise KeyError("officeDocument")

    def _require_word(self, main: str) -> None:
        """Makes a plain document of a Word template (.dotx), which differs in nothing else."""
        types = self._tree(_TYPES)
        for element in types:
            if element.get("PartName", "").lstrip("/") != main:
                continue
            kind = element.get("ContentType", "")
            if kind == _DOTX:
                element.set("ContentType", _MAIN)
            elif "macroEnabled" in kind:
                what, remedy = _INSIDE["vbaProject"]
                raise _unopened(self.name, f"it is of a kind that may have {what} (.docm)", remedy)
            elif "spreadsheetml" in kind or "presentationml" in kind:
                raise _unopened(self.name, "it is an Excel or PowerPoint file", _SAVE_AGAIN)
        if self._tree(main).tag != qn("w:document") or self._tree(main).find(qn("w:body")) is None:
            raise ValueError(main)

    def _relationships(self, source: str) -> list[_Relationship]:
        folder, name = posixpath.split(source)
        rels = posixpath.join(folder, "_rels", f"{name}.rels")
        if rels not in self._parts:
            return []
        for element in self._tree(rels):
            if None in map(element.get, ("Id", "Type", "Target")):
                raise ValueError(rels)
        return [_Relationship(element, source) for element in self._tree(rels)]

    def _tree(self, name: str) -> Any:
        """The root of a part, parsed once."""
        if name not in self._trees:
            root = etree.fromstring(self._parts[name], _parser())
            if root.getroottree().docinfo.doctype:  # no Word file has one
                raise ValueError(name)
            self._trees[name] = (root, etree.tostring(root))
        return self._trees[name][0]

    def _is_kept(self, relationship: _Relationship) -> bool:
        """Raises TemplateError where a relationship can be neither kept nor dropped."""
        kind, target = relationship.kind, relationship.target
        if kind in _DROPPED:
            return False
        if kind == "core-properties":  # python-docx would write them twice
            return bool(relationship.element.get("Type") == _CORE)
        if target.startswith("#"):
            relationship.element.set("TargetMode", "External")  # as Word takes it
        elif relationship.is_external:
            if kind != "hyperlink" or not is_plain_address(target):
                what, remedy = _OUTSIDE.get(kind, _ELSEWHERE)
                quoted = shorten(printable(target))
                raise TemplateError(f'{self.name} has {what}: "{quoted}".', remedy)
        elif kind in _INSIDE:
            what, remedy = _INSIDE[kind]
            raise TemplateError(f"{self.name} has {what}.", remedy)
        elif relationship.part not in self._parts:
            self._require_unused(relationship)
            return False
        return True

    def _require_unused(self, relationship: _Relationship) -> None:
        """Word opens a file with such a part missing, and shows an empty frame where it is used."""
        if relationship.kind in _NEEDED:
            raise KeyError(relationship.part)
        name = relationship.element.get("Id")
        if relationship.source and any(
            value == name and key.startswith(_OF_DOCUMENTS)
            for element in self._tree(relationship.source).iter()
            for key, value in element.attrib.items()
        ):
            what = "a picture" if relationship.kind == "image" else "something"
            raise TemplateError(
                f'{self.name} shows {what} that is not in the file: "{relationship.target}".',
                "Word shows an empty frame there. Delete it or put it in again, and save.",
            )


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )


def _clean_settings(settings: Any) -> None:
    """The template that it was made from shows on no page; new changes would be tracked."""
    for name in ("w:attachedTemplate", "w:trackRevisions"):
        for element in list(settings.iter(qn(name))):
            settings.remove(element)


def _serialise(root: Any) -> bytes:
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data
