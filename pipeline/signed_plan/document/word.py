"""What is done to a Word file once its text is in it: checks, links, lists, properties, same bytes.

The elements are those of ISO/IEC 29500-1 (WordprocessingML).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.packuri import PackURI
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate

from signed_plan.document.context import Description, Expected
from signed_plan.errors import TemplateError
from signed_plan.libreoffice.fast_input import LINK_STYLE, makes_same_links
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.wording import shorten

OBJECTIVE_STYLE = "List Number"
HYPERLINK_STYLE = "Hyperlink"

_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_LONGEST_PROPERTY = 255  # characters; ISO/IEC 29500-2


def require_complete(
    document: Document,
    texts: Iterable[Expected],
    template: str,
    printed: Sequence[Expected] | None = None,
) -> None:
    """Makes sure that every one of the texts stands in the document's body, as often as given.

    `printed` are the texts that tags of their own have printed, each once. A text that is not
    among them has to stand in the body outside of them: "Autumn 2017" is not printed by "in Autumn
    2017, too". Where it is not known which tags have printed what, any place will do.

    Raises TemplateError with the first text that is missing: a template that leaves words out
    would be signed under the fingerprint of those words.
    """
    expected = Counter(texts)
    times = Counter(text for text, _ in expected.elements())
    by_tag = Counter(text for text, _ in printed or () if text in times)
    paragraphs = [_text(paragraph) for paragraph in document.element.body.iter(qn("w:p"))]
    whole = Counter(paragraphs)
    for text, needed in times.items():
        loose = 0 if printed is None else needed - by_tag[text]
        if whole[text] >= needed and loose <= 0:
            continue
        found = sum(paragraph.count(text) for paragraph in paragraphs)
        inside = sum(other.count(text) * number for other, number in by_tag.items())
        if found < needed or loose > max(0, found - inside):
            missing = expected - Counter(printed or ())
            places = [place for one, place in (*missing, *expected) if one == text]
            raise TemplateError(
                f'{template} leaves out "{shorten(text)}" of {places[0]}.',
                "Put its tag back where it belongs; templates/README.md lists every tag.",
            )


def _text(paragraph: Any) -> str:
    return "".join(part.text or "" for part in paragraph.iter(qn("w:t")))


def require_cells(document: Document, template: str) -> None:
    """Makes sure that every table cell ends with a paragraph. Without, Word calls a file corrupt.

    Raises TemplateError.
    """
    for cell in document.element.body.iter(qn("w:tc")):
        if cell[-1].tag != qn("w:p"):
            raise TemplateError(
                f"{template} leaves a table cell without a paragraph where a list is empty.",
                "Give the list an {%p else %} with an empty paragraph below it.",
            )


class ObjectiveLinks:
    """The links of a document: from each paragraph in the style Objective Link to the objective
    whose number it names.

    Their targets, the paragraphs in the style List Number in their order, are marked at once, and
    the links' runs get their look. The links themselves wait for `make`, because the converter
    reads the document faster without them. All this is done by style, because Word forgets tags
    inside the address of a link as soon as the template is restyled.
    """

    def __init__(self, document: Document) -> None:
        self._targets: dict[Any, str] = {}
        linked = _mark_objectives(document)
        look = _link_look(document)
        for paragraph in linked:
            number = re.search(r"(\d+)\D*$", _text(paragraph))
            if number is not None:
                self._targets[paragraph] = f"objective{number.group(1)}"
                for run in paragraph.findall(qn("w:r")):
                    # In the PDF there is no link unless its runs have a character style.
                    style = OxmlElement("w:rStyle")
                    style.set(qn("w:val"), look)
                    run.get_or_add_rPr().insert(0, style)
        self.may_wait = bool(linked) and makes_same_links(linked)
        """Whether the converter may get the document before they are made."""

    def make(self) -> None:
        """Makes the links; to be called once."""
        for paragraph, target in self._targets.items():
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), target)
            link.set(qn("w:history"), "1")
            link.extend(paragraph.findall(qn("w:r")))
            paragraph.append(link)


def _link_look(document: Document) -> str:
    """The id of the character style of links, which is added where the template has none."""
    if HYPERLINK_STYLE not in {style.name for style in document.styles}:
        document.styles.add_style(HYPERLINK_STYLE, WD_STYLE_TYPE.CHARACTER)
    look: str = document.styles[HYPERLINK_STYLE].style_id
    return look


def _mark_objectives(document: Document) -> list[Any]:
    """Gives the objectives their bookmarks, and returns the paragraphs that are to lead to them."""
    names = {style.style_id: style.name for style in document.styles}
    objectives = 0
    linked = []
    for paragraph in document.element.body.iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = names.get(style.get(qn("w:val"))) if style is not None else None
        if name == OBJECTIVE_STYLE:
            objectives += 1
            _bookmark(paragraph, objectives)
        elif name == LINK_STYLE:
            linked.append(paragraph)
    return linked


def _bookmark(paragraph: Any, number: int) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(number))
    start.set(qn("w:name"), f"objective{number}")
    paragraph.insert(1, start)
    paragraph.append(end)


def set_properties(document: Document, description: Description) -> None:
    """Fills in the file's properties, from the plan and not from the clock or the user."""
    properties = document.core_properties
    properties.title = description.title[:_LONGEST_PROPERTY]
    properties.subject = description.subject
    properties.author = description.author[:_LONGEST_PROPERTY]
    properties.comments = f"Fingerprint {description.fingerprint}"
    properties.last_modified_by = ""
    properties.language = "en-GB"
    properties.revision = 1
    properties.created = properties.modified = datetime.combine(description.day, time(), UTC)


def pack(filled: DocxTemplate, links: ObjectiveLinks | None = None) -> WordFile:
    """The Word file, with the links that have waited, the same bytes each time.

    Raises ValueError where a picture that was to be replaced is not there.
    """
    filled.pre_processing()  # where docxtpl replaces pictures
    document = filled.docx.part
    body = document.blob if links is not None and links.may_wait else b""
    if links is not None:
        links.make()
    parts = _Parts()
    package = document.package
    writer: Any = PackageWriter
    writer._write_content_types_stream(parts, package.parts)
    writer._write_pkg_rels(parts, package.rels)
    writer._write_parts(parts, package.parts)
    data = _zip(parts, zipfile.ZIP_DEFLATED)
    if not body:
        return WordFile(data)
    bare = parts | {document.partname.membername: body}
    return WordFile(data, _zip(bare, zipfile.ZIP_STORED))


class _Parts(dict[str, bytes]):
    """The parts of a Word file by their names, as python-docx writes them.

    It stands in the place of python-docx's zip file, which has the time in it.
    """

    def write(self, name: PackURI, data: bytes) -> None:
        self[name.membername] = data


def _zip(parts: Mapping[str, bytes], how: int) -> bytes:
    """The parts as a zip file that has nothing in it that differs from run to run."""
    result = io.BytesIO()
    with zipfile.ZipFile(result, "w") as target:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            info = zipfile.ZipInfo(name, _ZIP_DATE)
            info.compress_type = how
            info.external_attr = 0o644 << 16
            target.writestr(info, parts[name], compresslevel=6)
    return result.getvalue()
