"""A template is fitted to its pages: tables, pictures and tab stops keep between the margins.

A clerk who turns a template to portrait, takes other paper or moves a margin has tables that run
off the page, or leave a gap. Word and LibreOffice leave them as wide as they are. Lengths are in
twips, twentieths of a point; elements are those of ISO/IEC 29500-1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

_SHIPPED = (10_206, 15_138)
"""The widths of the shipped templates' text and tables; one like that follows its page."""
_ROUNDING = 2
_EMU = 635  # in a twip
_CELL_MARGIN = 108  # on each side, where neither table nor cell says anything
_BOX_MARGIN = 144
_PLACE_TO_SIGN = ".field"

_FITTED = (qn("w:tbl"), qn("wp:inline"), qn("w:tabs"))


def fit_to_pages(document: Document) -> None:
    """Makes each table as wide as there is room, with its columns in proportion, where it is wider
    than that or has the width of a shipped template's; pictures that are too wide, smaller; and
    moves the tab stops of a line that ends outside of the margins.

    What fits as it is stays as it is, to the byte. A length that is no number raises ValueError.
    """
    sections = list(document.element.body.iter(qn("w:sectPr")))
    widths = {section: _column_width(section) for section in sections}
    for story, width in _running_widths(document, widths):
        _fit_story(story, dict.fromkeys(story, width))
    of_element: dict[Any, int] = {}
    waiting: list[Any] = []
    for element in document.element.body:
        waiting.append(element)
        section = next(element.iter(qn("w:sectPr")), None)
        if section is not None:
            of_element |= dict.fromkeys(waiting, widths[section])
            waiting = []
    _fit_story(document.element.body, of_element)


def _fit_story(story: Any, widths: dict[Any, int]) -> None:
    """Fits what is in a body, header or footer, whose elements have these widths to stand in."""
    for top, width in widths.items():
        for element in list(top.iter(*_FITTED)):
            room = _room(element, story, width)
            if room <= 0:
                continue
            if element.tag == qn("w:tbl"):
                _fit_table(element, room)
            elif element.tag == qn("w:tabs"):
                _fit_tabs(element, room)
            elif _extent(element) > room:
                _fit_picture(element, room / _extent(element))


def text_width(section: Any) -> int:
    """Between the margins of a section; 0 where it does not say."""
    size, margins = section.find(qn("w:pgSz")), section.find(qn("w:pgMar"))
    if size is None or margins is None:
        return 0
    sides = (read_number(margins, name) for name in ("left", "right", "gutter"))
    return read_number(size, "w") - sum(sides)


def _column_width(section: Any) -> int:
    """The same of a section without columns; else the width of one of them."""
    width, columns = text_width(section), section.find(qn("w:cols"))
    count = 1 if columns is None else max(1, read_number(columns, "num") or 1)
    if columns is None or count == 1 or not width:
        return width
    own = [read_number(column, "w") for column in columns.findall(qn("w:col"))]
    return min(own) if own else (width - (count - 1) * read_number(columns, "space")) // count


def _running_widths(document: Document, widths: dict[Any, int]) -> Iterator[tuple[Any, int]]:
    """Each header and footer, with the width of the narrowest section that has it."""
    part = document.part
    shown: dict[tuple[str, str], str] = {}
    narrowest: dict[str, int] = {}
    for section, width in widths.items():
        for kind in ("w:headerReference", "w:footerReference"):
            for one in section.findall(qn(kind)):
                shown[kind, one.get(qn("w:type"), "default")] = one.get(qn("r:id"), "")
        for key in shown.values():  # a section without one of its own has that of the one before
            narrowest[key] = min(width, narrowest.get(key, width))
    for key, relation in part.rels.items():
        if key in narrowest and relation.reltype in (
            RELATIONSHIP_TYPE.HEADER,
            RELATIONSHIP_TYPE.FOOTER,
        ):
            yield relation.target_part.element, narrowest[key]


def _room(element: Any, story: Any, width: int) -> int:
    """How wide an element may be: as the cell or box that it is in, or else as the page's text."""
    for around in element.iterancestors():
        if around is story:
            break
        if around.tag == qn("w:tc"):
            return _cell_room(around)
        if around.tag in (qn("wp:inline"), qn("wp:anchor")):
            return _extent(around) - 2 * _BOX_MARGIN
    return width


def _fit_table(table: Any, room: int) -> None:
    grid = table.find(qn("w:tblGrid"))
    columns = [] if grid is None else grid.findall(qn("w:gridCol"))
    before = [read_number(column, "w") for column in columns]
    properties = table.find(qn("w:tblPr"))
    indent = 0 if properties is None else read_number(properties.find(qn("w:tblInd")), "w")
    room -= max(0, indent)
    whole = None if properties is None else properties.find(qn("w:tblW"))
    fixed = whole is not None and whole.get(qn("w:type"), "dxa") == "dxa"
    width = max(sum(before), read_number(whole, "w") if fixed else 0)
    if not before or not all(before) or room <= 0 or not _needs_fitting(width, room):
        return
    old = list(accumulate(before, initial=0))
    ends = [end * room // old[-1] for end in old]
    for column, (left, right) in zip(columns, pairwise(ends), strict=True):
        column.set(qn("w:w"), f"{right - left}")
    if fixed and whole is not None:
        whole.set(qn("w:w"), f"{room}")
    for row in _own(table, "w:tr", "w:tbl"):
        _fit_row(row, old, ends)


def _needs_fitting(width: int, room: int) -> bool:
    shipped = any(abs(width - one) <= _ROUNDING for one in _SHIPPED)
    return width > room + _ROUNDING or (shipped and width < room - _ROUNDING)


def _fit_row(row: Any, old: Sequence[int], ends: Sequence[int]) -> None:
    """Gives the cells of a row the widths of the columns that they span, and the places to sign in
    them as much more or less. `old` and `ends` are where the columns ended, and where they do.
    """
    at, last = 0, len(ends) - 1
    properties = row.find(qn("w:trPr"))
    gaps = {
        name: None if properties is None else properties.find(qn(f"w:{name}"))
        for name in ("gridBefore", "wBefore")
    }
    if gaps["gridBefore"] is not None:
        at = min(last, read_number(gaps["gridBefore"], "val"))
        _set_width(gaps["wBefore"], ends[at])
    for cell in _own(row, "w:tc", "w:tr"):
        span = cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}")
        to = min(last, at + (1 if span is None else read_number(span, "val")))
        width = ends[to] - ends[at]
        _set_width(cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}"), width)
        for picture in filter(_is_place_to_sign, _own(cell, "wp:inline", "w:tc")):
            wider = width - (old[to] - old[at])
            _fit_picture(picture, max(0.1, 1 + wider / max(1, _extent(picture))))
        at = to


def _set_width(element: Any, width: int) -> None:
    """Sets a width that is a length, and not a share or left to Word."""
    if element is not None and element.get(qn("w:type"), "dxa") == "dxa":
        element.set(qn("w:w"), f"{width}")


def _cell_room(cell: Any) -> int:
    """The width of a cell without its margins; 0 where it is not a length."""
    table = next(cell.iterancestors(qn("w:tbl")))
    own = cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
    if own is None or own.get(qn("w:type"), "dxa") != "dxa":
        return 0
    width = read_number(own, "w")
    holders = (
        cell.find(f"{qn('w:tcPr')}/{qn('w:tcMar')}"),
        table.find(f"{qn('w:tblPr')}/{qn('w:tblCellMar')}"),
    )
    for side in ("left", "right"):
        found = (one.find(qn(f"w:{side}")) for one in holders if one is not None)
        width -= next((read_number(one, "w") for one in found if one is not None), _CELL_MARGIN)
    return width


def _fit_tabs(tabs: Any, room: int) -> None:
    stops = [one for one in tabs if one.get(qn("w:val")) != "clear"]
    last = max((read_number(one, "pos") for one in stops), default=0)
    if last and _needs_fitting(last, room):
        for one in stops:
            one.set(qn("w:pos"), f"{read_number(one, 'pos') * room // last}")


def _extent(picture: Any) -> int:
    """How wide a picture or box is."""
    extent = picture.find(qn("wp:extent"))
    return 0 if extent is None else int(extent.get("cx", "0")) // _EMU


def _is_place_to_sign(picture: Any) -> bool:
    return any(_PLACE_TO_SIGN in one.get("descr", "") for one in picture.iter(qn("wp:docPr")))


def _fit_picture(picture: Any, share: float) -> None:
    """Makes a picture as much smaller or larger. A place to sign, which is empty, keeps its height:
    people sign in it.
    """
    for one in picture.iter(qn("wp:extent"), qn("a:ext")):
        for name in ("cx",) if _is_place_to_sign(picture) else ("cx", "cy"):
            if name in one.attrib:
                one.set(name, f"{int(int(one.get(name)) * share)}")


def _own(around: Any, name: str, border: str) -> Iterable[Any]:
    """The elements of that name in an element, without those of tables inside of it."""
    for one in around.iter(qn(name)):
        if next(one.iterancestors(qn(border))) is around:
            yield one


def read_number(element: Any, name: str) -> int:
    """An attribute as a whole number; 0 where there is none. Some programs write "4680.0".

    Raises ValueError where it is no number.
    """
    number = 0.0 if element is None else float(element.get(qn(f"w:{name}"), "0"))
    if not math.isfinite(number):
        raise ValueError(name)
    return round(number)
