"""A judge of redlines that is no party: accepts or rejects every change of a Word file by the rules
of ISO/IEC 29500-1, 17.13.5, and tells what the file then says.

It takes whatever programs write, moves and changed cells too, and shares no code with our redline.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from lxml import etree

Verdict = Literal["accept", "reject"]

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def w(name: str) -> str:
    return f"{{{_W}}}{name}"


_ADDED, _REMOVED = (w("ins"), w("moveTo")), (w("del"), w("moveFrom"))
_CELLS = {w("cellIns"): True, w("cellDel"): False}
_CHANGES = tuple(
    w(f"{one}Change") for one in "rPr pPr tblPr tblPrEx tblGrid tcPr trPr sectPr numbering".split()
)
_HELD = {w("pPr"): (w("rPr"), w("sectPr")), w("rPr"): (*_ADDED, *_REMOVED)}
"""What stays in properties whose older ones are taken back."""
_LETTERS = {w("tab"): "\t", w("br"): "\n", w("cr"): "\n", w("noBreakHyphen"): "-"}


@dataclass(frozen=True)
class Line:
    """A paragraph, with the place it stands in: body, or the cells around it by their numbers."""

    place: tuple[int, ...]
    text: str
    style: str
    level: str
    bold: str
    """The letters that are bold or italic, each as that and all others as spaces."""


class WordText:
    """What a Word file says once its changes are accepted or rejected."""

    def __init__(self, docx: bytes, verdict: Verdict | None = None) -> None:
        with zipfile.ZipFile(io.BytesIO(docx)) as package:
            names = package.namelist()
            self._parts = {
                name: etree.fromstring(package.read(name))
                for name in names
                if re.fullmatch(r"word/(document|styles|footer\d*)\.xml", name)
            }
        self.changed_words = _changed_words(self._parts["word/document.xml"])
        """The words of the body that are in a tracked change, with those of moves."""
        if verdict is not None:
            for name, story in self._parts.items():
                if "styles" not in name:
                    _resolve(story, added=verdict == "accept")

    @cached_property
    def lines(self) -> list[Line]:
        """The body, paragraph by paragraph."""
        return list(self._lines(self._parts["word/document.xml"], ()))

    @property
    def texts(self) -> list[tuple[tuple[int, ...], str]]:
        """The body's texts and where each stands."""
        return [(line.place, line.text) for line in self.lines]

    @property
    def footers(self) -> list[str]:
        found = (story for name, story in self._parts.items() if "footer" in name)
        return sorted(_text(one) for story in found for one in story.iter(w("p")))

    def _lines(self, parent: Any, place: tuple[int, ...]) -> Iterator[Line]:
        for child in parent:
            if child.tag == w("p"):
                yield self._line(child, place)
            elif child.tag == w("tbl"):
                for row, one in enumerate(child.iter(w("tr"))):
                    for cell, inner in enumerate(one.iterchildren(w("tc"))):
                        yield from self._lines(inner, (*place, row, cell))
            elif child.tag in (w("body"), w("sdt"), w("sdtContent"), w("customXml")):
                yield from self._lines(child, place)

    def _line(self, paragraph: Any, place: tuple[int, ...]) -> Line:
        style = _value(paragraph.find(f"{w('pPr')}/{w('pStyle')}"))
        numbering = paragraph.find(f"{w('pPr')}/{w('numPr')}")
        if numbering is None:
            numbering = self._of_style(style)
        in_list = numbering is not None and _value(numbering.find(w("numId"))) not in ("", "0")
        level = _value(numbering.find(w("ilvl"))) or "0" if in_list else ""
        looks = "".join(
            len(_text(run)) * (_look(run) or " ") for run in paragraph.iter(w("r"))
        ).rstrip()
        return Line(place, _text(paragraph), style, level, looks)

    def _of_style(self, name: str) -> Any | None:
        path = f"{w('style')}[@{w('styleId')}='{name}']/{w('pPr')}/{w('numPr')}"
        return self._parts["word/styles.xml"].find(path)


def _value(element: Any | None) -> str:
    return "" if element is None else element.get(w("val"), "")


def _look(run: Any) -> str:
    properties = run.find(w("rPr"))
    found = () if properties is None else (properties.find(w("b")), properties.find(w("i")))
    on = [one is not None and one.get(w("val"), "1") not in ("0", "false", "off") for one in found]
    return " bix"[sum(on[:1]) + 2 * sum(on[1:])].strip()


def _text(element: Any) -> str:
    letters = (
        one.text or "" if one.tag == w("t") else _LETTERS.get(one.tag, "")
        for run in element.iter(w("r"))
        for one in run
        if one.get(w("type")) != "page"
    )
    return "".join(letters)


def _changed_words(story: Any) -> int:
    said = []
    for change in story.iter(*_ADDED, *_REMOVED):
        texts = change.iter(w("t"), w("delText"))
        said.append("".join(text.text or "" for text in texts))
    for row in story.iter(w("tr")):  # tracked as a row, its words need not be
        marks = row.find(w("trPr"))
        if marks is not None and any(one.tag in (*_ADDED, *_REMOVED) for one in marks):
            loose = row.xpath(
                ".//w:t[not(ancestor::w:ins or ancestor::w:del)]", namespaces={"w": _W}
            )
            said += [text.text or "" for text in loose]
    return sum(len(words_of(one)) for one in said)


def words_of(text: str) -> list[str]:
    """The words of a text, with what is written at them."""
    return text.split()


# Resolving


def _resolve(story: Any, *, added: bool) -> None:
    stays, gone = (_ADDED, _REMOVED) if added else (_REMOVED, _ADDED)
    _resolve_rows(story, gone)
    _resolve_cells(story, added=added)
    for change in list(story.iter(*_CHANGES)):
        _take_back(change, added=added)
    for mark in list(story.iter(*gone)):
        if mark.getparent().tag not in (w("rPr"), w("trPr")):
            mark.getparent().remove(mark)
    for mark in list(story.iter(*stays)):
        if mark.getparent().tag not in (w("rPr"), w("trPr")):
            for child in list(mark):
                mark.addprevious(child)
            mark.getparent().remove(mark)
    for deleted in story.iter(w("delText")):
        deleted.tag = w("t")
    for paragraph in reversed(list(story.iter(w("p")))):
        if any(paragraph.find(f"{w('pPr')}/{w('rPr')}/{tag}") is not None for tag in gone):
            _join(paragraph)


def _resolve_rows(story: Any, gone: tuple[str, ...]) -> None:
    for row in list(story.iter(w("tr"))):
        if any(row.find(f"{w('trPr')}/{tag}") is not None for tag in gone):
            row.getparent().remove(row)
    for table in list(story.iter(w("tbl"))):
        if table.find(w("tr")) is None:
            table.getparent().remove(table)


def _resolve_cells(story: Any, *, added: bool) -> None:
    for mark in list(story.iter(*_CELLS)):
        if _CELLS[mark.tag] != added:
            cell = mark.getparent().getparent()
            cell.getparent().remove(cell)


def _take_back(change: Any, *, added: bool) -> None:
    properties = change.getparent()
    properties.remove(change)
    if added or not len(change):
        return
    held = _HELD.get(properties.tag, ())
    for child in list(properties):
        if child.tag not in held:
            properties.remove(child)
    for at, child in enumerate(list(change[0])):
        properties.insert(at, child)


def _join(paragraph: Any) -> None:
    """Without its mark a paragraph joins the next one, and has that one's properties; before a
    table, or at the end of a cell, it only goes if it is empty."""
    following = paragraph.getnext()
    while following is not None and following.tag in (w("bookmarkStart"), w("bookmarkEnd")):
        following = following.getnext()
    if following is not None and following.tag == w("p"):
        place = 0 if following.find(w("pPr")) is None else 1
        for child in reversed([one for one in paragraph if one.tag != w("pPr")]):
            following.insert(place, child)
    elif _text(paragraph) or paragraph.getparent().tag == w("tc"):
        return
    paragraph.getparent().remove(paragraph)
