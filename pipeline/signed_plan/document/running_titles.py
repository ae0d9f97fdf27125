"""A long title is shortened in headers and footers, where it would run into what is beside it.

A line with tab stops does not wrap between them: what is too long pushes the rest aside, and page
numbers end up in other words. The whole title stands at the head of the plan and of its sign-off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from signed_plan.document.page_fit import read_number, text_width
from signed_plan.document.signature_boxes import guess_width
from signed_plan.document.word_text import story_roots
from signed_plan.libreoffice.word_lists import lineage
from signed_plan.plan.model import Plan

_GAP = 12.0  # points between two texts
_LEAST = 12  # letters of a title that are kept, so that it is known again
_USUAL_SIZE = 10.0
_NARROWER = 0.9  # the fonts of plans, such as Calibri and Arial, beside that of signatures
_TWIPS = 20.0  # to a point


@dataclass(slots=True)
class _Piece:
    """What stands at one tab stop of a line."""

    stop: float
    """Where the stop is, in points from the left margin."""
    kind: str
    """How the piece is set there: left, center or right."""
    texts: list[Any]
    """The elements that hold its words."""
    size: float

    @property
    def words(self) -> str:
        return "".join(one.text or "" for one in self.texts)

    @property
    def width(self) -> float:
        return guess_width(self.words, bold=False) * _NARROWER * self.size

    @property
    def left(self) -> float:
        return self.stop - self.width * {"center": 0.5, "right": 1.0}.get(self.kind, 0.0)


def shorten_running_titles(document: Document, plan: Plan) -> None:
    """Shortens the plan's title, and its period if need be, in lines that have tab stops."""
    sections = list(document.element.body.iter(qn("w:sectPr")))
    end = text_width(sections[-1]) / _TWIPS if sections else 0.0
    for root in story_roots(document)[1:]:
        for paragraph in root.iter(qn("w:p")):
            pieces = _pieces(document, paragraph)
            for at, piece in enumerate(pieces):
                room = _room(pieces, at, end)
                for text in (plan.title, plan.full_title):
                    _shorten(piece, text, room)


def _pieces(document: Document, paragraph: Any) -> list[_Piece]:
    """The pieces of a line, left to right; none where it has no tab, or fewer stops than tabs."""
    holders = [paragraph, *_styles(document, paragraph)]
    stops = next(filter(None, map(_stops, holders)), [])
    size = next(filter(None, map(_size, (*paragraph.iter(qn("w:r")), *holders))), _USUAL_SIZE)
    pieces = [_Piece(0.0, "left", [], size)]
    for element in paragraph.iter(qn("w:t"), qn("w:tab")):
        if element.tag == qn("w:t"):
            pieces[-1].texts.append(element)
        elif element.getparent().tag == qn("w:r"):
            if len(pieces) > len(stops):
                return []
            pieces.append(_Piece(*stops[len(pieces) - 1], [], size))
    return pieces if len(pieces) > 1 else []


def _styles(document: Document, paragraph: Any) -> Iterator[Any]:
    """The paragraph's style and those that it is based on."""
    named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
    styles = {style.style_id: style for style in document.styles}
    style = styles.get(named.get(qn("w:val"))) if named is not None else None
    return (one.element for one in lineage(style))


def _stops(holder: Any) -> list[tuple[float, str]]:
    tabs = holder.find(f"{qn('w:pPr')}/{qn('w:tabs')}")
    return [
        (read_number(one, "pos") / _TWIPS, one.get(qn("w:val"), "left"))
        for one in (() if tabs is None else tabs)
        if one.get(qn("w:val")) != "clear"
    ]


def _size(holder: Any) -> float:
    return read_number(holder.find(f"{qn('w:rPr')}/{qn('w:sz')}"), "val") / 2


def _room(pieces: Sequence[_Piece], at: int, end: float) -> float:
    """How wide a piece may be without running into its neighbours."""
    before = pieces[at - 1].left + pieces[at - 1].width if at else -_GAP
    after = pieces[at + 1].left if at + 1 < len(pieces) else end + _GAP
    piece = pieces[at]
    left, right = piece.stop - before - _GAP, after - piece.stop - _GAP
    return {"center": 2 * min(left, right), "right": left}.get(piece.kind, right)


def _shorten(piece: _Piece, text: str, room: float) -> None:
    """Takes letters off the end of that text in the piece, as long as the piece is too wide."""
    for holder in piece.texts:
        whole, kept = holder.text or "", len(text)
        while text in whole and piece.width > room and kept > _LEAST:
            kept -= 1
            holder.text = whole.replace(text, f"{text[:kept].rstrip(' ,;:–-')}…")
        if piece.width > room:
            holder.text = whole
