"""Word's Accept All and Reject All, by the letter of ISO/IEC 29500-1, 17.13.5; and what a Word file
then says, in a form that can be compared.

It shares no code with the redline: whoever wrote one mistake into both would have to make it twice.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from lxml import etree

Verdict = Literal["accept", "reject"]

_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def w(name: str) -> str:
    return f"{{{_NS}}}{name}"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph as far as anyone can see it."""

    style: str
    numbering: tuple[str, str, int] | None
    """The look of its list, the level, and which of the lists of that look it is."""
    format: tuple[str, ...]
    """All its other properties."""
    mark: tuple[str, ...]
    """The properties of its mark."""
    content: tuple[tuple[str, str, str], ...]
    """Character by character, or thing by thing: what it is, how it looks, where it leads."""

    @property
    def text(self) -> str:
        return "".join(one for one, _, _ in self.content if len(one) == 1)


@dataclass(frozen=True)
class Table:
    format: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], tuple[Cell, ...]], ...]


@dataclass(frozen=True)
class Cell:
    format: str
    blocks: tuple[Paragraph | Table, ...]


Story = tuple[Paragraph | Table, ...]


def resolved(docx: bytes, verdict: Verdict | None = None) -> dict[str, Story]:
    """The body, headers and footers of a Word file once every change is accepted or rejected.

    Without a verdict there must be no change in it.
    """
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    stories = {name: etree.fromstring(parts[name]) for name in _story_names(parts)}
    for story in stories.values():
        if verdict is not None:
            _resolve(story, verdict)
        left = [one.tag for one in story.iter() if _is_change(one)]
        assert not left, left
    reader = _Reader(parts, stories["word/document.xml"])
    return {name: tuple(reader.blocks(_inside(story))) for name, story in stories.items()}


def _inside(story: Any) -> Any:
    return story[0] if story.tag == w("document") else story


def _story_names(parts: dict[str, bytes]) -> Iterator[str]:
    yield "word/document.xml"
    relations = etree.fromstring(parts["word/_rels/document.xml.rels"])
    for relation in relations:
        if relation.get("Type") in (f"{_OFFICE}/header", f"{_OFFICE}/footer"):
            yield posixpath.normpath(posixpath.join("word", relation.get("Target")))


def _is_change(element: Any) -> bool:
    names = "ins del moveFrom moveTo pPrChange rPrChange trPrChange tblPrChange tcPrChange delText"
    return element.tag in {w(name) for name in names.split()}


# Resolving. 17.13.5.14 (del, runs), 17.13.5.18 (ins, runs), 17.13.5.12 and .16 (rows), 17.13.5.15
# and .20 (paragraph marks), 17.13.5.29 (pPrChange), 17.13.5.30 (rPrChange of a mark).


def _resolve(story: Any, verdict: Verdict) -> None:
    gone, stays = ("del", "ins") if verdict == "accept" else ("ins", "del")
    _resolve_rows(story, gone, stays)
    for change in list(story.iter(w("pPrChange"), w("rPrChange"))):
        _resolve_format(change, verdict)
    for mark in list(story.iter(w(gone), w(stays))):
        if mark.getparent().tag != w("rPr"):
            _resolve_runs(mark, keep=mark.tag == w(stays))
    for paragraph in list(story.iter(w("p"))):
        for mark in paragraph.findall(f"{w('pPr')}/{w('rPr')}/{w(stays)}"):
            mark.getparent().remove(mark)
    # From the end, so that a paragraph joins what its follower has become.
    for paragraph in reversed(list(story.iter(w("p")))):
        if paragraph.find(f"{w('pPr')}/{w('rPr')}/{w(gone)}") is not None:
            _join(paragraph)
    for deleted in list(story.iter(w("delText"), w("delInstrText"))):
        deleted.tag = w("t") if deleted.tag == w("delText") else w("instrText")


def _resolve_rows(story: Any, gone: str, stays: str) -> None:
    for row in list(story.iter(w("tr"))):
        mark = row.find(f"{w('trPr')}/{w(gone)}")
        if mark is not None:
            row.getparent().remove(row)
        for kept in row.findall(f"{w('trPr')}/{w(stays)}"):
            kept.getparent().remove(kept)
    for table in list(story.iter(w("tbl"))):
        if table.find(w("tr")) is None:
            table.getparent().remove(table)


def _resolve_format(change: Any, verdict: Verdict) -> None:
    properties = change.getparent()
    properties.remove(change)
    if verdict == "reject":
        (before,) = change
        kept = (w("rPr"), w("sectPr"), w("ins"), w("del"))
        for child in list(properties):
            if child.tag not in kept:
                properties.remove(child)
        for place, child in enumerate(list(before)):
            assert child.tag not in kept
            properties.insert(place, child)


def _resolve_runs(mark: Any, *, keep: bool) -> None:
    assert len(mark), "a mark around nothing"
    parent = mark.getparent()
    place = parent.index(mark)
    parent.remove(mark)
    if keep:
        for at, child in enumerate(list(mark), place):
            parent.insert(at, child)


def _join(paragraph: Any) -> None:
    """A paragraph without its mark: its text joins the next one, whose properties hold."""
    following = paragraph.getnext()
    assert following is not None, "the last mark of a cell or a story is tracked"
    assert following.tag == w("p"), "a mark before something that is no paragraph is tracked"
    properties = following.find(w("pPr"))
    place = 0 if properties is None else 1
    content = [child for child in paragraph if child.tag != w("pPr")]
    for at, child in enumerate(content, place):
        following.insert(at, child)
    paragraph.getparent().remove(paragraph)


# Reading


class _Reader:
    """Reads paragraphs as they look, whether a style or the paragraph itself says so."""

    def __init__(self, parts: dict[str, bytes], document: Any) -> None:
        self._lists = _lists(parts.get("word/numbering.xml"))
        self._targets = _targets(document)
        styles = etree.fromstring(parts["word/styles.xml"]).findall(w("style"))
        self._styles = {style.get(w("styleId")): style for style in styles}

    def blocks(self, parent: Any) -> Iterator[Paragraph | Table]:
        for child in parent:
            if child.tag == w("p"):
                yield self._paragraph(child)
            elif child.tag == w("tbl"):
                yield self._table(child)
            elif child.tag == w("sdt"):
                yield from self.blocks(child.find(w("sdtContent")))

    def _table(self, table: Any) -> Table:
        rows = []
        for row in table.findall(w("tr")):
            cells = tuple(
                Cell(
                    "".join(_said(one) for one in cell.findall(w("tcPr"))),
                    tuple(self.blocks(cell)),
                )
                for cell in row.findall(w("tc"))
            )
            rows.append((_properties(row.find(w("trPr"))), cells))
        return Table(tuple(_said(one) for one in table if one.tag != w("tr")), tuple(rows))

    def _paragraph(self, paragraph: Any) -> Paragraph:
        properties = paragraph.find(w("pPr"))
        found = {} if properties is None else {child.tag: child for child in properties}
        named = found.pop(w("pStyle"), None)
        style = "" if named is None else named.get(w("val"))
        for inherited in (w("numPr"), w("ind")):
            if inherited not in found:
                found[inherited] = self._of_style(style, inherited)
        mark = _properties(found.pop(w("rPr"), None))
        numbering = self._numbering(found.pop(w("numPr")))
        others = tuple(_said(found[tag]) for tag in sorted(found) if found[tag] is not None)
        content = tuple(self._content(paragraph, ""))
        return Paragraph(style, numbering, others, mark, content)

    def _of_style(self, style: str, what: str) -> Any | None:
        while style in self._styles:
            found = self._styles[style].find(f"{w('pPr')}/{what}")
            if found is not None:
                return found
            base = self._styles[style].find(w("basedOn"))
            style = "" if base is None else base.get(w("val"))
        return None

    def _numbering(self, properties: Any | None) -> tuple[str, str, int] | None:
        if properties is None or properties.find(w("numId")).get(w("val")) == "0":
            return None
        look, which = self._lists[properties.find(w("numId")).get(w("val"))]
        level = properties.find(w("ilvl"))
        return look, "0" if level is None else level.get(w("val")), which

    def _content(self, parent: Any, leads: str) -> Iterator[tuple[str, str, str]]:
        for child in parent:
            if child.tag == w("r"):
                look = "".join(_properties(child.find(w("rPr"))))
                for inner in child:
                    if inner.tag == w("t"):
                        yield from ((character, look, leads) for character in inner.text or "")
                    elif inner.tag != w("rPr"):
                        yield _said(inner), look, leads
            elif child.tag == w("hyperlink"):
                target = self._targets.get(child.get(w("anchor")), "nowhere")
                yield from self._content(child, f"to {target}")
            elif child.tag == w("fldSimple"):
                yield from self._content(child, f"field {child.get(w('instr'))}")
            elif child.tag not in (w("pPr"), w("bookmarkStart"), w("bookmarkEnd")):
                raise AssertionError(f"{child.tag} in a paragraph")


def _lists(numbering: bytes | None) -> dict[str, tuple[str, int]]:
    """For each list's number, the look that it has, and which of that look it is."""
    found: dict[str, tuple[str, int]] = {}
    if numbering is not None:
        seen: dict[str, int] = {}
        for one in etree.fromstring(numbering).findall(w("num")):
            look = one.find(w("abstractNumId")).get(w("val"))
            found[one.get(w("numId"))] = (look, seen.setdefault(look, 0))
            seen[look] += 1
    return found


def _targets(document: Any) -> dict[str, str]:
    """What stands where each bookmark begins."""
    targets: dict[str, str] = {}
    for start in document.iter(w("bookmarkStart")):
        name = start.get(w("name"))
        assert name not in targets, f"two bookmarks are called {name}"
        targets[name] = "".join(text.text or "" for text in start.getparent().iter(w("t")))
    return targets


def _properties(element: Any | None) -> tuple[str, ...]:
    return () if element is None else tuple(_said(child) for child in element)


def _said(element: Any) -> str:
    copied = deepcopy(element)
    copied.tail = None
    said: bytes = etree.tostring(copied, method="c14n", exclusive=True)
    return said.decode()
