"""The tags in a Word template: mended where Word or a web page has changed their signs, and refused
where words would vanish with them.

The elements are those of ISO/IEC 29500-1 (WordprocessingML).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from signed_plan.document.template_language import TAG
from signed_plan.errors import TemplateError
from signed_plan.wording import printable, shorten

_WIDE_TAG = re.compile(TAG.pattern, re.DOTALL)
_BRACES = re.compile(r"\{[{%#]|[}%#]\}|\{ *[a-z_.]+ *\}")
_LONE = re.compile(r"\{[{%#](p|tr|tc) ")
_SPACED = re.compile(r"\{[%#](\s+)(?:p|tr|tc|r)\s")
_STRAIGHT = dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
_STRAIGHT |= dict.fromkeys("\u2018\u2019\u201a", "'")
_SPACES = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n"}
_WHOLES = {"p": ("paragraph", qn("w:p")), "tr": ("row", qn("w:tr")), "tc": ("cell", qn("w:tc"))}
_THINGS = {
    qn("w:drawing"): "a picture",
    qn("w:pict"): "a picture",
    qn("w:footnoteReference"): "a footnote",
    qn("w:endnoteReference"): "an endnote",
    qn("w:sym"): "a symbol",
    qn("w:sectPr"): "a section break",
}


def mend_tags(root: Any) -> None:
    """Makes plain signs of the spaces and quotation marks in tags that only look like those.

    Word in French types no-break spaces, and words copied from a web page bring others along.
    """
    for paragraph in root.iter(qn("w:p")):
        pieces = list(_pieces(paragraph))
        words = "".join(piece for _, piece in pieces)
        mended = list(words)
        for tag in _WIDE_TAG.finditer(words):
            mended[tag.start() : tag.end()] = _mend(tag.group())
        at = 0
        for element, piece in pieces:
            new = "".join(mended[at : at + len(piece)])
            at += len(piece)
            if new != piece:
                _set_text(element, new)


def require_whole_tags(root: Any, template: str) -> None:
    """Makes sure that each tag ends in the paragraph that it begins in. Raises TemplateError."""
    for paragraph in root.iter(qn("w:p")):
        words = _words(paragraph)
        if _BRACES.search(TAG.sub("", words)):  # docxtpl would drop the paragraph in silence
            quoted = shorten(printable(words).strip())
            raise TemplateError(
                f'{template} has an unfinished tag in the paragraph "{quoted}".',
                "Tags end as they begin, in the same paragraph: {{ … }} or {% … %}.",
            )


def require_lone_tags(root: Any, template: str) -> None:
    """Makes sure that nothing stands beside a tag that takes its paragraph, row or cell with it.

    Raises TemplateError, naming the tag and what would vanish.
    """
    for paragraph in root.iter(qn("w:p")):
        for tag in TAG.findall(_words(paragraph)):
            lone = _LONE.match(tag)
            if lone is None:
                continue
            name, kind = _WHOLES[lone.group(1)]
            whole = paragraph if name == "paragraph" else next(paragraph.iterancestors(kind), None)
            beside = "" if whole is None else _find_beside(whole, tag)
            if beside:
                raise TemplateError(
                    f"{template} has {beside} beside the tag {tag}, and would lose it.",
                    f"The tag takes its whole {name} with it. Give it a {name} of its own.",
                )


def _pieces(paragraph: Any) -> Iterator[tuple[Any, str]]:
    """The elements that a paragraph's own words stand in, and the words of each."""
    for element in paragraph.iter(qn("w:t"), *_SPACES):
        if next(element.iterancestors(qn("w:p"))) is paragraph:
            yield element, _SPACES.get(element.tag, element.text or "")


def _words(paragraph: Any) -> str:
    return "".join(words for _, words in _pieces(paragraph))


def _mend(tag: str) -> list[str]:
    """What each sign of a tag becomes. Between quotation marks, only guillemets' spaces go."""
    mended = list(tag)
    quoted = ""
    for at, sign in enumerate(tag):
        straight = _STRAIGHT.get(sign, sign)
        if quoted:
            if straight == quoted:
                mended[at], quoted = straight, ""
        elif straight in "'\"":
            mended[at] = quoted = straight
        elif sign.isspace():
            mended[at] = " "
        elif unicodedata.category(sign) == "Cf":  # such as a soft hyphen
            mended[at] = ""
    inside = [found.span(1) for found in re.finditer(r"\u00ab(\s+)", tag)]
    inside += [found.span(1) for found in re.finditer(r"(\s+)\u00bb", tag)]
    spaced = _SPACED.match(tag)
    for start, end in [*inside, *([spaced.span(1)] if spaced else [])]:
        mended[start:end] = [""] * (end - start)
    return mended


def _set_text(element: Any, text: str) -> None:
    if element.tag != qn("w:t"):  # a tab or a break inside a tag
        plain = OxmlElement("w:t")
        element.getparent().replace(element, plain)
        element = plain
    element.text = text
    element.set(qn("xml:space"), "preserve")


def _find_beside(whole: Any, tag: str) -> str:
    """What stands in a paragraph, row or cell besides a tag, as a clerk would name it; or "" ."""
    words = "".join(element.text or "" for element in whole.iter(qn("w:t")))
    left = words.replace(tag, "", 1).strip()
    if left:
        return f'"{shorten(printable(left))}"'
    # A page break is none: LibreOffice puts a table's own there when it saves the file.
    return next((_THINGS[element.tag] for element in whole.iter(*_THINGS)), "")
