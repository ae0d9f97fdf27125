"""Parts of Word files that python-docx does not write, for tests of what templates may hold."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from tests.document.helpers import SIGNOFF_TEMPLATE

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_MICROSOFT = "http://schemas.microsoft.com/office"
_NAMES = " ".join(
    f'xmlns:{prefix}="{name}"'
    for prefix, name in {
        "w": W,
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": f"{_DRAWING}/wordprocessingDrawing",
        "a": f"{_DRAWING}/main",
        "wps": f"{_MICROSOFT}/word/2010/wordprocessingShape",
        "wpg": f"{_MICROSOFT}/word/2010/wordprocessingGroup",
        "adec": f"{_MICROSOFT}/drawing/2017/decorative",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "v": "urn:schemas-microsoft-com:vml",
        "o": "urn:schemas-microsoft-com:office:office",
    }.items()
)


def word_xml(text: str) -> Any:
    """An element of a Word file; the usual prefixes are known."""
    name = text[1:].replace("/", " ").replace(">", " ").split()[0]
    return parse_xml(text.replace(f"<{name}", f"<{name} {_NAMES}", 1))


def picture() -> bytes:
    """A small PNG."""
    header = docx.Document(str(SIGNOFF_TEMPLATE)).sections[0].header
    blob: bytes = header.part.related_parts["rId1"].blob
    return blob


_SHAPE = (
    "<wps:wsp><wps:cNvSpPr/><wps:spPr><a:xfrm><a:off x='0' y='0'/><a:ext cx='2900000' "
    "cy='900000'/></a:xfrm><a:prstGeom prst='rect'><a:avLst/></a:prstGeom></wps:spPr>{words}"
    "<wps:bodyPr/></wps:wsp>"
)
_ANCHOR = (
    "<wp:anchor distT='0' distB='0' distL='0' distR='0' simplePos='0' relativeHeight='2' "
    "behindDoc='0' locked='0' layoutInCell='1' allowOverlap='1'><wp:simplePos x='0' y='0'/>"
    "<wp:positionH relativeFrom='column'><wp:posOffset>0</wp:posOffset></wp:positionH>"
    "<wp:positionV relativeFrom='paragraph'><wp:posOffset>0</wp:posOffset></wp:positionV>"
    "{inside}</wp:anchor>"
)


def shape(descr: str = "", *, inline: bool = False, group: bool = False, words: str = "") -> Any:
    """A run with a shape, with a text box if there are words."""
    text = f"<w:txbxContent><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:txbxContent>"
    drawn = _SHAPE.format(words=f"<wps:txbx>{text}</wps:txbx>" if words else "")
    kind = f"{_MICROSOFT}/word/2010/wordprocessing{'Group' if group else 'Shape'}"
    inside = (
        f"<wp:extent cx='2900000' cy='900000'/>{'' if inline else '<wp:wrapNone/>'}"
        f"<wp:docPr id='71' name='Shape 1' descr='{descr}'/><a:graphic><a:graphicData "
        f"uri='{kind}'>{f'<wpg:wgp>{drawn}</wpg:wgp>' if group else drawn}"
        "</a:graphicData></a:graphic>"
    )
    placed = f"<wp:inline>{inside}</wp:inline>" if inline else _ANCHOR.format(inside=inside)
    return word_xml(f"<w:r><w:drawing>{placed}</w:drawing></w:r>")


def add_picture(paragraph: Any, **named: str) -> Any:
    """Adds a picture to a paragraph of python-docx; gives the element with its name."""
    run = paragraph.add_run()
    run.add_picture(io.BytesIO(picture()))
    properties = next(run._r.iter(qn("wp:docPr")))
    for name, value in named.items():
        properties.set(name, value)
    return properties


def rezipped(data: bytes, **changes: bytes | None) -> bytes:
    """A Word file with other parts by their names; None takes a part out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            if name not in changes:
                target.writestr(name, source.read(name))
        for name, part in changes.items():
            if part is not None:
                target.writestr(name, part)
    return made.getvalue()


def part_of(data: bytes, name: str) -> str:
    """A part of a Word file, as text."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return parts.read(name).decode()


def saved(document: Document) -> bytes:
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()
