"""What a filled-in Word file says, paragraph by paragraph, so that its PDF can be held against it.

The elements are those of ISO/IEC 29500-1 (WordprocessingML).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

from signed_plan.document.context import Expected
from signed_plan.document.word import OBJECTIVE_STYLE
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.libreoffice.word_lists import lineage
from signed_plan.pages.proof import COUNT, ITEM, NUMBER, TOTAL, PageText

OWN_WORDS = "the template's own words"

_HIDDEN = "It, or its style, is formatted as hidden text. In Word, clear Font > Hidden of both."
_PRESSED = (
    "Its letters are pressed together or moved. In Word, open Home > Font > Advanced for it and "
    "for its style, and let Scale be 100%, and Spacing and Position Normal."
)
_TURNED = (
    "It is set from right to left. In Word, open Home > Paragraph for it and for its style, and "
    "let the direction be Left-to-right. Where Word shows no direction: Home > Clear All "
    "Formatting, then give it its style again."
)
_EXACT_LINES = (
    "Its lines have an exact height. In Word, open Home > Paragraph for it and for its style, and "
    "choose Line spacing: Single."
)
_OUTDENTED = (
    "It reaches out of its place. In Word, open Home > Paragraph for it and for its style, and let "
    "no indentation be less than 0."
)
_BOXED = "It is in a text box or frame that is too small. Put its tag into the text itself."
_LONG = "It is very long, and LibreOffice loses the end of it. Part it into several entries."
_EXACT = "Its row has an exact height. In Word: Table Properties > Row > Row height is: At least."
_CRAMPED = (
    "Its column may be too narrow, or its row too high for the page. Make the column wider, take "
    "larger paper, smaller margins or smaller letters, or part the text into several entries."
)
_FIELD = "It has a field, whose text Word or LibreOffice changes. Type the words themselves."
_SHAPED = "It is WordArt, whose letters are drawn and not written. Type it as text, or take it out."
_VERY_LONG = 2_000  # characters: in a narrow column, longer than a page
_TEXTPATH = "{urn:schemas-microsoft-com:vml}textpath"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_COMPUTED = {"PAGE": NUMBER, "NUMPAGES": TOTAL}


@dataclass(frozen=True, slots=True)
class WordText:
    """All that a Word file says."""

    paragraphs: tuple[PageText, ...]
    """Those of the body, in their order. Those in one table cell are a group."""
    running: tuple[str, ...]
    """What is repeated on pages: headers, footers, and the headings of tables."""
    labels: tuple[str, ...]
    """What may stand before the items of its lists."""
    elements: tuple[Any, ...] = field(repr=False)
    """The element of each paragraph."""
    styles: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """The document's styles by their ids."""

    def remedy(self, text: PageText) -> str:
        """What to do about a paragraph that its PDF does not show; "" where no cause is known."""
        for paragraph, element in zip(self.paragraphs, self.elements, strict=True):
            if paragraph == text:
                return _remedy(element, self.styles)
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledWordFile(WordFile):
    """A Word file, and what it says."""

    text: WordText


def with_text(word: WordFile, text: WordText) -> FilledWordFile:
    """The file, together with what it says."""
    return FilledWordFile(word.data, word.without_links, text=text)


def read_text(document: Document, known: Iterable[Expected], template: str) -> WordText:
    """What the document says. `known` are the plan's texts and what they are of."""
    places = dict(known)
    body, *stories = story_roots(document)
    tree = document.element.getroottree()
    labels_of = _ItemLabels(document)
    paragraphs, elements = [], []
    for element in _paragraphs(body):
        words = _words(element)
        if words.strip():
            if words not in places:
                places[words] = _place_inside(words, places)
            place = places[words]
            label = labels_of.read(element)
            group = tree.getpath(element.getparent())
            paragraphs.append(PageText(words, place, group, template, label))
            elements.append(element)
    running = ["".join(map(_words, _paragraphs(story))) for story in stories]
    for element in (one for story in stories for one in _paragraphs(story)):
        if next(element.iter(_TEXTPATH), None) is not None:
            paragraphs.append(PageText(_words(element), OWN_WORDS, "", template))
            elements.append(element)
    for row in body.iter(qn("w:tr")):
        if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None:
            running += map(_words, _paragraphs(row))
    return WordText(
        tuple(paragraphs),
        tuple(filter(None, running)),
        _labels(document),
        tuple(elements),
        {style.style_id: style for style in document.styles},
    )


class _ItemLabels:
    """What stands before the paragraphs that are items of lists."""

    def __init__(self, document: Document) -> None:
        self._styles = {style.style_id: style for style in document.styles}
        self._objectives = 0

    def read(self, paragraph: Any) -> str:
        """For an objective, its number, which links name; ITEM for others; "" for no item.

        To be called for each paragraph, in their order.
        """
        named = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        style = self._styles.get(named.get(qn("w:val"))) if named is not None else None
        if style is not None and style.name == OBJECTIVE_STYLE:
            self._objectives += 1
            return f"{self._objectives}"
        holders = [paragraph, *(one.element for one in lineage(style))]
        numbers = (one.find(f"{qn('w:pPr')}/{qn('w:numPr')}") for one in holders)
        return ITEM if any(one is not None for one in numbers) else ""


def _labels(document: Document) -> tuple[str, ...]:
    """The bullets and numbers of the document's lists, such as "%1." (17.9.11)."""
    part = document.part
    lists = (
        rel.target_part for rel in part.rels.values() if rel.reltype == RELATIONSHIP_TYPE.NUMBERING
    )
    texts = {
        level.get(qn("w:val")) or "" for one in lists for level in one.element.iter(qn("w:lvlText"))
    }
    return tuple(sorted(re.sub(r"%\d", COUNT, text) for text in texts if text))


def story_roots(document: Document) -> list[Any]:
    """The elements that a document's text stands in: its body, and each header and footer."""
    part = document.part
    stories = {
        rel.target_part.partname: rel.target_part.element
        for rel in part.rels.values()
        if rel.reltype in (RELATIONSHIP_TYPE.HEADER, RELATIONSHIP_TYPE.FOOTER)
    }
    return [document.element.body, *(stories[name] for name in sorted(stories))]


def _place_inside(words: str, places: dict[str, str]) -> str:
    return next((place for known, place in places.items() if known in words), OWN_WORDS)


def _paragraphs(root: Any) -> Iterator[Any]:
    """The paragraphs below an element. Where a thing can be drawn in two ways, the first counts."""
    for element in root.iter(qn("w:p")):
        if next(element.iterancestors(_FALLBACK), None) is None:
            yield element


def _words(paragraph: Any) -> str:
    """A paragraph's words, with a sign in the place of each number that depends on the pages."""
    parts: list[str] = []
    instruction = ""
    computed = False
    for element in paragraph.iter():
        if next(element.iterancestors(qn("w:p")), paragraph) is not paragraph:
            continue  # it is in a text box, whose paragraphs are their own
        if element.tag == qn("w:fldSimple"):
            parts.append(_sign(element.get(qn("w:instr")) or ""))
        elif element.tag == qn("w:instrText"):
            instruction += element.text or ""
        elif element.tag == qn("w:fldChar"):
            kind = element.get(qn("w:fldCharType"))
            if kind != "begin" and not computed:
                parts.append(_sign(instruction))
            computed = kind == "separate" and bool(_sign(instruction))
            if kind != "separate":
                instruction = ""
        elif element.tag == qn("w:t") and not computed and not _is_in_simple_field(element):
            parts.append(element.text or "")
        elif element.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif element.tag == qn("w:sym"):
            parts.append(_symbol(element.get(qn("w:char")) or "20"))
        elif element.tag == _TEXTPATH:
            parts.append(element.get("string") or "")
    return "".join(parts)


def _symbol(code: str) -> str:
    """The character with that code in hexadecimal (22.9.2.5). Raises ValueError for any other."""
    number = int(code, 16)
    if number > 0xFFFF:
        raise ValueError(code)
    return chr(number)


def _sign(instruction: str) -> str:
    """What stands for the number that a field computes; "" for a field of any other kind."""
    return _COMPUTED.get(next(iter(instruction.upper().split()), ""), "")


def _is_in_simple_field(element: Any) -> bool:
    field = next(element.iterancestors(qn("w:fldSimple")), None)
    return field is not None and bool(_sign(field.get(qn("w:instr")) or ""))


def _remedy(paragraph: Any, styles: Mapping[str, Any]) -> str:
    """What to do about the likely cause in the template, if there is one."""

    def inside(name: str) -> Any:
        return next(paragraph.iterancestors(qn(name)), None)

    looks = [*_looks(paragraph, styles)]
    row = inside("w:tr")
    height = None if row is None else row.find(f"{qn('w:trPr')}/{qn('w:trHeight')}")
    fields = (qn("w:fldSimple"), qn("w:instrText"))
    causes = (
        (next(paragraph.iter(_TEXTPATH), None) is not None, _SHAPED),
        (any(one.tag == qn("w:vanish") and _is_on(one) for one in looks), _HIDDEN),
        (any(one.tag == qn("w:bidi") and _is_on(one) for one in looks), _TURNED),
        (any(map(_presses_letters, looks)), _PRESSED),
        (any(one.get(qn("w:lineRule")) == "exact" for one in looks), _EXACT_LINES),
        (inside("w:txbxContent") is not None or _is_framed(paragraph), _BOXED),
        (any(map(_reaches_out, looks)), _OUTDENTED),
        (len(_words(paragraph)) > _VERY_LONG, _LONG),
        (height is not None and height.get(qn("w:hRule")) == "exact", _EXACT),
        (next(paragraph.iter(*fields), None) is not None, _FIELD),
        (row is not None, _CRAMPED),
    )
    return next((remedy for is_it, remedy in causes if is_it), "")


def _looks(paragraph: Any, styles: Mapping[str, Any]) -> Iterator[Any]:
    """The elements that say how a paragraph looks: its own, and those of its styles."""
    yield from paragraph.iter()
    for named in paragraph.iter(qn("w:pStyle"), qn("w:rStyle")):
        for style in lineage(styles.get(named.get(qn("w:val")))):
            yield from style.element.iter()


def _is_on(look: Any) -> bool:
    """Whether a look that is on or off is on (17.17.4)."""
    return look.get(qn("w:val")) not in ("0", "false", "off")


def _presses_letters(look: Any) -> bool:
    """Whether it takes letters out of their places (17.3.2.24, 17.3.2.35, 17.3.2.43)."""
    value = look.get(qn("w:val")) or ""
    return (
        look.tag == qn("w:position")
        or (look.tag == qn("w:spacing") and value.startswith("-"))
        or (look.tag == qn("w:w") and value.rstrip("%").isdigit() and int(value.rstrip("%")) < 50)
    )


def _reaches_out(look: Any) -> bool:
    return look.tag == qn("w:ind") and any(
        (look.get(qn(f"w:{side}")) or "").startswith("-")
        for side in ("left", "right", "start", "end")
    )


def _is_framed(paragraph: Any) -> bool:
    return paragraph.find(f"{qn('w:pPr')}/{qn('w:framePr')}") is not None
