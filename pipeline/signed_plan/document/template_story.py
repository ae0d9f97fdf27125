"""What Word has put into the text of a template besides text and tags: taken out where that changes
no word, refused by name where it would.

A story is one part of a Word file that has text: its body, a header, a footer or the notes. The
elements are those of ISO/IEC 29500-1 (WordprocessingML) and of its VML.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from signed_plan.errors import TemplateError
from signed_plan.wording import printable, shorten

_PLACES = {
    qn("w:document"): "the text",
    qn("w:hdr"): "a header",
    qn("w:ftr"): "a footer",
    qn("w:footnotes"): "the footnotes",
    qn("w:endnotes"): "the endnotes",
}
STORIES = frozenset(_PLACES)
"""The names of the elements that stories are in."""

_CHANGES = tuple(
    qn(f"w:{name}")
    for name in (
        *("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "delText"),
        *("rPrChange", "pPrChange", "sectPrChange", "tblPrChange", "tblPrExChange"),
        *("tblGridChange", "trPrChange", "tcPrChange", "numberingChange"),
        *("customXmlInsRangeStart", "customXmlDelRangeStart"),
        *("customXmlMoveFromRangeStart", "customXmlMoveToRangeStart"),
    )
)
_COMMENT_MARKS = tuple(qn(f"w:comment{name}") for name in ("RangeStart", "RangeEnd", "Reference"))
_WRAPPERS = {
    qn("w:sdt"): qn("w:sdtContent"),
    qn("w:smartTag"): None,
    qn("w:customXml"): None,
}
_OF_WRAPPERS = (qn("w:smartTagPr"), qn("w:customXmlPr"))
_FETCHED = frozenset(
    "INCLUDEPICTURE INCLUDETEXT INCLUDE IMPORT LINK DDE DDEAUTO DATABASE RD".split()
)
_COMPUTED = frozenset(
    "DATE TIME CREATEDATE SAVEDATE PRINTDATE EDITTIME AUTHOR LASTSAVEDBY USERNAME USERINITIALS "
    "USERADDRESS FILENAME FILESIZE REVNUM NUMWORDS NUMCHARS TEMPLATE TITLE SUBJECT KEYWORDS "
    "COMMENTS INFO DOCPROPERTY DOCVARIABLE IF COMPARE ASK FILLIN SET QUOTE MERGEFIELD MERGEREC "
    "MERGESEQ NEXT NEXTIF SKIPIF ADDRESSBLOCK GREETINGLINE MACROBUTTON AUTOTEXT AUTOTEXTLIST "
    "GOTOBUTTON BARCODE DISPLAYBARCODE MERGEBARCODE STYLEREF SECTION SECTIONPAGES LISTNUM AUTONUM "
    "AUTONUMLGL AUTONUMOUT EQ ADVANCE SYMBOL".split()
)
_LOST = {qn("m:oMath"): "an equation"} | {
    qn(f"w:{name}"): "a date that Word fills in"
    for name in ("dayShort", "dayLong", "monthShort", "monthLong", "yearShort", "yearLong")
}
"""What Word prints and LibreOffice Writer, by itself, leaves out without a word."""
_FIRST_ID = 1_000_000
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SHAPE = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}wsp"
_TEXT_BOX = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}txbx"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"
_PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"
_VML = "{urn:schemas-microsoft-com:vml}"

_ACCEPT = (
    "In Word: Review > Accept > Accept All Changes and Stop Tracking (or Reject All Changes). Look "
    "at it, and save it."
)
_PLAIN = "In Word: click the field, press Ctrl+Shift+F9, which makes plain text of it, and save."
_TYPE_IT = "Type it as plain text; or paste it as a picture, and give that an alternative text."
_DESCRIBE = "In Word: right-click it, choose Edit Alt Text, and say in a few words what it shows."
_DECORATES = (
    "It is marked as decorative, which only works in a header or footer: move it there, or "
    "describe it."
)
_LOSES = (
    "LibreOffice keeps it for pictures, and for single shapes that are not in line with the text. "
    "In Word: choose Wrap Text > Square, or cut it and paste it as a picture; then describe it."
)
_ANEW = (
    "It was drawn by an older Word or by another program. Delete it, put it in with Insert > "
    "Pictures or Shapes, and give it an alternative text."
)


def clean_story(story: Any, template: str, linked: Iterable[str]) -> None:
    """Takes out of a story what must not reach the converter and changes no word.

    Comments go, and so do bookmarks that are not among `linked`, the names that links and fields
    lead to. Content controls, smart tags and custom XML go, their content stays. Every table cell
    ends with a paragraph.

    Raises TemplateError, naming the thing and its place, for tracked changes, fields that fetch or
    compute words, what LibreOffice leaves out, and pictures that no screen reader could describe.
    """
    place = _PLACES[story.tag]
    _require_accepted(story, template, place)
    _drop_comments(story)
    _unwrap(story)
    _drop_bookmarks(story, frozenset(linked))
    _end_cells(story)
    _require_steady_fields(story, template, place)
    _require_no_line_numbers(story, template)
    _require_nothing_lost(story, template, place)
    _require_described(story, template, place)


def drop_old_formats(styles: Any) -> None:
    """Takes out of styles or lists how they looked before a tracked change."""
    for change in list(styles.iter(qn("w:rPrChange"), qn("w:pPrChange"), qn("w:numberingChange"))):
        change.getparent().remove(change)


def name_kinds(styles: Any) -> None:
    """Says of each style that does not say it of what kind it is: paragraphs' (17.7.4.17)."""
    for style in styles.iter(qn("w:style")):
        if qn("w:type") not in style.attrib:
            style.set(qn("w:type"), "paragraph")


def find_targets(story: Any) -> Iterator[str]:
    """The words of a story that may be the name of a bookmark which something in it leads to."""
    for link in story.iter(qn("w:hyperlink")):
        yield link.get(qn("w:anchor")) or ""
    for _, instruction in _fields(story):
        yield from instruction.replace('"', " ").split()


def _require_accepted(story: Any, template: str, place: str) -> None:
    changes = list(story.iter(*_CHANGES))
    if not changes:
        return
    words = next(filter(None, map(_words_of_change, changes)), "")
    where = f", the first at {_quote(words)}" if words else ""
    raise TemplateError(f"{template} has tracked changes in {place}{where}.", _ACCEPT)


def _words_of_change(change: Any) -> str:
    paragraph = next(change.iterancestors(qn("w:p")), change)
    return _words(change).strip() or _words(paragraph).strip()


def _words(element: Any) -> str:
    return "".join(text.text or "" for text in element.iter(qn("w:t"), qn("w:delText")))


def _quote(words: str) -> str:
    return f'"{shorten(printable(words).strip())}"'


def _drop_comments(story: Any) -> None:
    for mark in list(story.iter(*_COMMENT_MARKS)):
        holder = mark.getparent()
        holder.remove(mark)
        if holder.tag == qn("w:r") and all(one.tag == qn("w:rPr") for one in holder):
            holder.getparent().remove(holder)


def _unwrap(story: Any) -> None:
    for wrapper in list(story.iter(*_WRAPPERS)):
        inner = _WRAPPERS[wrapper.tag]
        holder = wrapper if inner is None else wrapper.find(inner)
        for child in [] if holder is None else list(holder):
            if child.tag not in _OF_WRAPPERS:
                wrapper.addprevious(child)
        wrapper.getparent().remove(wrapper)


def _drop_bookmarks(story: Any, linked: frozenset[str]) -> None:
    """Those that stay get ids apart from the plan's own: a start finds its end by its id."""
    kept: dict[str, str] = {}
    for mark in list(story.iter(qn("w:bookmarkStart"), qn("w:bookmarkEnd"))):
        old = mark.get(qn("w:id"))
        if mark.get(qn("w:name")) in linked:
            kept[old] = f"{_FIRST_ID + len(kept)}"
        if old in kept:
            mark.set(qn("w:id"), kept[old])
        else:
            mark.getparent().remove(mark)


def _end_cells(story: Any) -> None:
    """Takes away the marks behind a cell's last paragraph; adds one where there is none.

    A bookmark that begins there begins in that paragraph. One that ends there ends where it begins:
    a loop may leave out the paragraph before it.
    """
    starts = {start.get(qn("w:id")): start for start in story.iter(qn("w:bookmarkStart"))}
    for cell in story.iter(qn("w:tc")):
        marks: list[Any] = []
        while len(cell) and cell[-1].tag not in (qn("w:p"), qn("w:tbl"), qn("w:tcPr")):
            marks.insert(0, cell[-1])
            cell.remove(cell[-1])
        if not len(cell) or cell[-1].tag != qn("w:p"):
            cell.append(OxmlElement("w:p"))
        for mark in marks:
            if mark.tag == qn("w:bookmarkStart"):
                cell[-1].append(mark)
            elif mark.tag == qn("w:bookmarkEnd"):
                starts[mark.get(qn("w:id"))].addnext(mark)


def _fields(story: Any) -> Iterator[tuple[str, str]]:
    """The kind of each field, such as "PAGE", and its whole instruction."""
    instructions = [field.get(qn("w:instr")) or "" for field in story.iter(qn("w:fldSimple"))]
    open_fields: list[str] = []
    for element in story.iter(qn("w:fldChar"), qn("w:instrText")):
        kind = element.get(qn("w:fldCharType"))
        if kind == "begin":
            open_fields.append("")
        elif kind == "end" and open_fields:
            instructions.append(open_fields.pop())
        elif element.tag == qn("w:instrText") and open_fields:
            open_fields[-1] += element.text or ""
    for instruction in instructions:
        if words := instruction.split():
            yield words[0].upper(), instruction


def _require_steady_fields(story: Any, template: str, place: str) -> None:
    for kind, instruction in _fields(story):
        if kind in _FETCHED or (kind == "HYPERLINK" and _leads_astray(instruction)):
            told = "which leads out of the file"
        elif kind in _COMPUTED or kind.startswith("="):
            told = "which Word and LibreOffice fill in anew, each in its way"
        else:
            continue
        raise TemplateError(
            f"{template} has the field {_quote(instruction)} in {place}, {told}.",
            _PLAIN,
        )


def _require_no_line_numbers(story: Any, template: str) -> None:
    if next(story.iter(qn("w:lnNumType")), None) is not None:
        raise TemplateError(
            f"{template} has line numbers, which would be printed among the words.",
            "In Word: Layout > Line Numbers > None, in every section; then save.",
        )


def _require_nothing_lost(story: Any, template: str, place: str) -> None:
    lost = next(story.iter(*_LOST), None)
    if lost is not None:
        raise TemplateError(
            f"{template} has {_LOST[lost.tag]} in {place}{_near(lost)}, which the PDF would lack.",
            _TYPE_IT,
        )


def is_plain_address(target: str) -> bool:
    """Whether a link leads to a page of the web, to a mailbox, or to a place in the file itself."""
    return target.lower().startswith(("http://", "https://", "mailto:", "#"))


def _leads_astray(instruction: str) -> bool:
    words = instruction.replace('"', " ").split()
    return len(words) > 1 and not words[1].startswith("\\") and not is_plain_address(words[1])


def _require_described(story: Any, template: str, place: str) -> None:
    """PDF/UA (ISO 14289-1, 7.3) asks for an alternative text of each figure. LibreOffice 7.4 makes
    figures of all drawings, but not of pictures in headers, and takes the texts of few kinds."""
    for drawing in story.iter(qn("w:drawing")):
        named = next(drawing.iter(qn("wp:docPr")), None)
        if named is None or _is_fallback(drawing):
            continue
        if not _keeps_description(drawing):
            raise TemplateError(
                f"{template} has a drawing in {place} whose alternative text would be "
                f"lost{_near(drawing)}.",
                _LOSES,
            )
        if not _is_described(named) and not _describe_box(drawing, named):
            _require_decoration(drawing, named, template, place)
    for drawing in story.iter(qn("w:pict"), qn("w:object")):
        if not _is_fallback(drawing) and _is_bare_drawing(drawing):
            what = "a drawing" if drawing.tag == qn("w:pict") else "an embedded object"
            raise TemplateError(
                f"{template} has {what} in {place} that cannot have an alternative "
                f"text{_near(drawing)}.",
                _ANEW,
            )


def _keeps_description(drawing: Any) -> bool:
    holder = drawing.find(f"*/{qn('a:graphic')}/{qn('a:graphicData')}/*")
    anchored = drawing.find(qn("wp:anchor")) is not None
    return holder is not None and (holder.tag == _PICTURE or (holder.tag == _SHAPE and anchored))


def _describe_box(drawing: Any, named: Any) -> bool:
    """Describes a text box by its own words, if that can be done in one line."""
    words = "".join(_words(box) for box in drawing.iter(_TEXT_BOX)).strip()
    if words and "{%" not in words:
        named.set("descr", words)
        return True
    return False


def _require_decoration(drawing: Any, named: Any, template: str, place: str) -> None:
    decorative = next(named.iter(_DECORATIVE), None) is not None
    picture = next(drawing.iter(_PICTURE), None) is not None
    if decorative and picture and place in ("a header", "a footer"):
        return
    what = "a picture" if picture else "a drawing"
    raise TemplateError(
        f"{template} has {what} without an alternative text in {place}: "
        f"{_quote(named.get('name') or what)}{_near(drawing)}.",
        _DECORATES if decorative else _DESCRIBE,
    )


def _is_described(named: Any) -> bool:
    return any((named.get(name) or "").strip() for name in ("descr", "title"))


def _is_bare_drawing(drawing: Any) -> bool:
    """Whether a drawing in VML is no text box. Letters drawn as a shape are judged on the page."""
    if next(drawing.iter(qn("w:txbxContent"), f"{_VML}textpath"), None) is not None:
        return False
    return any(one.tag.startswith(_VML) and one.tag != f"{_VML}shapetype" for one in drawing)


def _is_fallback(element: Any) -> bool:
    return next(element.iterancestors(_FALLBACK), None) is not None


def _near(element: Any) -> str:
    """Words that lead a clerk to an element: those of its paragraph, or of the last before it."""
    paragraph = next(element.iterancestors(qn("w:p")), None)
    while paragraph is not None:
        if words := _words(paragraph).strip():
            return f", near {_quote(words)}"
        paragraph = next(paragraph.itersiblings(qn("w:p"), preceding=True), None)
    return ""
