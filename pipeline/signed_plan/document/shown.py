"""A PDF is held against what it was made from: every word is there to be seen, and no other.

Only what the finished pages draw counts. A Word file may hold words that no page shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from signed_plan.document.context import plan_texts, signoff_texts
from signed_plan.errors import TemplateError
from signed_plan.pages.proof import (
    NUMBER,
    TOTAL,
    Fault,
    PageText,
    find_any_fault,
    find_fault,
    plain,
)
from signed_plan.plan.source import Version
from signed_plan.wording import shorten

if TYPE_CHECKING:
    from signed_plan.document.word_text import WordText
    from signed_plan.pages.drawing import PageLine

_LOOK = "Look at it in the template: is it hidden, in a box, or too large for its place?"
_COLOURED = (
    "In Word, give its letters another colour, or take away what is behind them: a shading of the "
    "text, the cell or the page, or a shape."
)
_SMALL = (
    "In Word, look at its Font: the size may be too small, or, under Advanced, the scale too "
    "narrow. Or the page is far too large."
)
_SURPLUS = (
    "Fields, notes and drawings can print words of their own. In Word, type these words as plain "
    "text, or take out what prints them."
)
_BESIDE = (
    "Each page with boxes has to say what is signed there. In signoff.docx, the statements have to "
    "be in a heading row of the table, as in the shipped one; if they are there, shorten them in "
    "reviews.yaml, so that they fit on a page with a box."
)
_LABEL = (
    "Its number comes from the style List Number, and links name it. In Word, let the list of that "
    "style begin at 1, with plain numbers that can be seen."
)
_NUMBER = (
    "In Word, give each page a footer with the fields PAGE and NUMPAGES, and let the numbers of "
    "every section continue from the section before (Insert > Page Number > Format Page Numbers)."
)


def require_shown(
    pdf: bytes,
    *files: WordText,
    numbered: bool = False,
    beside: Iterable[tuple[int, str]] = (),
) -> None:
    """Makes sure that a PDF shows what its Word files say, and nothing else.

    With `numbered`, each page has to show its number, from 1 to that of all pages. `beside` are
    texts that certain pages, counted from 1, have to show again.

    Raises TemplateError with the first difference, where it is, and its likely cause.
    """
    from signed_plan.pages.drawing import read_lines

    paragraphs = [one for file in files for one in file.paragraphs]
    running = [one for file in files for one in file.running]
    labels = {one for file in files for one in file.labels}
    pages = read_lines(pdf)
    fault = find_any_fault(pages, paragraphs, running, labels, numbered=numbered)
    if fault is not None:
        raise TemplateError(*_explain(fault, files))
    for page, text in beside:
        if not _shows(pages[page - 1], text):
            raise TemplateError(
                f'People sign on page {page}, but not all of "{shorten(text)}" is there.',
                _BESIDE,
            )


def _shows(page: Sequence[PageLine], text: str) -> bool:
    """Whether a page has a text, or else all its letters: some scripts are drawn backwards."""
    drawn = "".join(line.text for line in page)
    shown, wanted = (plain(one).replace("-", "") for one in (drawn, text))
    return wanted in shown or (not wanted.isascii() and Counter(wanted) <= Counter(shown))


def missing_text(pdf: bytes, texts: Iterable[PageText]) -> str:
    """How a PDF fails to show one of the texts, as a clause; "" if it shows all of them, and
    nobody has put a note on it."""
    from signed_plan.pages.annotations import noted_page
    from signed_plan.pages.drawing import read_lines

    fault = find_fault(read_lines(pdf), texts)
    if fault is None and (page := noted_page(pdf)):
        return f"on page {page} there is a note, a stamp or the like, which was put on it later"
    return "" if fault is None else say(fault)


def version_texts(version: Version) -> list[PageText]:
    """Every text of a version that its pages have to show. Those of one list are a group."""
    expected = [*plan_texts(version), *signoff_texts(version)]
    runs = groupby(expected, lambda one: one[1])
    return [
        PageText(text, place, f"{number}")
        for number, (place, run) in enumerate(runs)
        for text, _ in run
    ]


def say(fault: Fault) -> str:
    """What is wrong, as a clause."""
    words = fault.text.words.replace(NUMBER, "{PAGE}").replace(TOTAL, "{NUMPAGES}")
    text = f'"{shorten(words)}"'
    of = f"{text} of {fault.text.place}"
    return {
        "missing": f"{of} is missing",
        "hidden": f"{of} cannot be seen on page {fault.page}: {fault.why}",
        "order": f"{of} is on page {fault.page}, but {fault.why or 'not in its order'}",
        "label": f"{of} has not its number, {fault.why}, on page {fault.page}",
        "surplus": f"page {fault.page} prints {text}, which is not in the Word file",
        "number": (
            f"page {fault.why} says that it is {text}"
            if fault.text.words
            else f"page {fault.why} has no number in its header or footer"
        ),
    }[fault.kind]


def _explain(fault: Fault, files: Sequence[WordText]) -> tuple[str, str]:
    from signed_plan.pages.drawing import COLOUR, TINY

    name = fault.text.template or "a template"
    seen = {COLOUR: _COLOURED, TINY: _SMALL}.get(fault.why, "")
    causes = (file.remedy(fault.text) for file in files)
    remedies = {"surplus": _SURPLUS, "number": _NUMBER, "label": _LABEL}
    remedy = remedies.get(fault.kind) or seen or next(filter(None, causes), _LOOK)
    return f"The PDF made with {name} is wrong: {say(fault)}.", remedy
