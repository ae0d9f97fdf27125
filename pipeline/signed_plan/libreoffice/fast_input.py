"""A Word file as LibreOffice reads it fast: without its links to objectives, which it puts back.

LibreOffice holds on to something of each link until it has read the whole table, and goes through
all of that for each paragraph: time that grows with the square of a table's rows. `numbered.bas`
puts the links back once the document is open, and the PDF is the same.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from lxml import etree

LINK_STYLE = "Objective Link"
"""The style whose paragraphs lead to the objective that they name."""

_DOCUMENT = "word/document.xml"
_STYLES = "word/styles.xml"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TRACKED = tuple(_W + name for name in ("ins", "del", "moveFrom", "moveTo"))


def without_links(word_file: bytes) -> bytes | None:
    """A copy for LibreOffice alone, without the links in paragraphs in the style Objective Link.

    None where the file is to be taken as it is: where style and number do not tell a link, where
    changes are tracked, which may be inside of one, and where LibreOffice has to say what is wrong.
    """
    with zipfile.ZipFile(io.BytesIO(word_file)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    if b"<w:hyperlink " not in parts[_DOCUMENT] or _STYLES not in parts:
        return None
    try:
        body, styles = etree.fromstring(parts[_DOCUMENT]), etree.fromstring(parts[_STYLES])
    except etree.XMLSyntaxError:
        return None
    ids = {
        found.get(_W + "styleId")
        for found in styles.iter(_W + "style")
        for name in found.findall(_W + "name")
        if name.get(_W + "val") == LINK_STYLE
    }
    linked = [
        mark.getparent().getparent()
        for mark in body.iter(_W + "pStyle")
        if mark.get(_W + "val") in ids
    ]
    if next(body.iter(*_TRACKED), None) is not None or not all(map(_tells_its_link, linked)):
        return None
    for paragraph in linked:
        for link in paragraph.findall(_W + "hyperlink"):
            for run in list(link):
                link.addprevious(run)
            paragraph.remove(link)
    parts[_DOCUMENT] = etree.tostring(body, encoding="UTF-8", standalone=True)
    bare = io.BytesIO()
    with zipfile.ZipFile(bare, "w") as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return bare.getvalue()


def _tells_its_link(paragraph: Any) -> bool:
    """Whether a paragraph is one link, to the objective whose number it ends with."""
    number = re.search(r"[0-9]+$", "".join(text.text or "" for text in paragraph.iter(_W + "t")))
    kids = [kid for kid in paragraph if kid.tag != _W + "pPr"]
    return (
        number is not None
        and [kid.tag for kid in kids] == [_W + "hyperlink"]
        and kids[0].get(_W + "anchor") == f"objective{number.group()}"
        and set(kids[0].keys()) <= {_W + "anchor", _W + "history"}
        and all(run.tag == _W + "r" for run in kids[0])
    )
