"""Whether a PDF's pages show each text that they should: to be seen, in order, and as often.

Two texts are the same if they differ in nothing but spaces, capitals (a style may set them), and
letters that Unicode holds to be the same (UAX #15, NFKC).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from signed_plan.pages.reading_order import SIDE_BY_SIDE, follows, runs_back
from signed_plan.wording import runs_leftwards

if TYPE_CHECKING:
    from signed_plan.pages.drawing import PageLine
    from signed_plan.pages.objects import Box

_HYPHEN = "\u2010"
_UNDRAWN = re.compile(r"[\s\ufe00-\ufe0f]")
"""Spaces, and what asks for one look of the letter before it (Unicode, 23.4)."""
_BULLET = r"[^\w\s]{1,2}"
_COUNT = r"(?:\d{1,4}|[a-z]{1,2}|[ivxlcdm]{1,8})"
_ROMAN = (
    *(("m", 1000), ("cm", 900), ("d", 500), ("cd", 400), ("c", 100), ("xc", 90), ("l", 50)),
    *(("xl", 40), ("x", 10), ("ix", 9), ("v", 5), ("iv", 4), ("i", 1)),
)
_TYPED_NUMBER = re.compile(r"page(\d+)of(\d+)")
_PATIENCE = 20_000  # steps, before a text that equal lines might be parts of counts as missing
_TURNED = "its words are not in their order"
RUNNING = "a header or footer"
NUMBER, TOTAL, COUNT = "\ue000", "\ue001", "\ue002"
"""In a text: the number of the page, the number of all pages, and the number of a list's item."""
ITEM = "item"
"""Any bullet or number of the document's lists."""


@dataclass(frozen=True, slots=True)
class PageText:
    """A text that the pages should show."""

    words: str
    place: str
    """What it is of, for people, such as "the column actions"."""
    group: str = ""
    """Texts of one group that are in a row stand below one another, or side by side."""
    template: str = ""
    """The Word template that prints it, where that is known."""
    label: str = ""
    """For an item of a list, what stands before it: ITEM, or its number where that is known."""


Kind = Literal["missing", "hidden", "order", "label", "surplus", "number"]


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that is wrong with the pages."""

    kind: Kind
    text: PageText
    """The text that is missing, not to be seen, out of order, too many, or a wrong number."""
    page: int = 0
    """Where, counted from 1; 0 where that cannot be said."""
    why: str = ""
    """Why a text is not to be seen or not in order, or what the label or number should be."""


def find_fault(pages: Sequence[Sequence[PageLine]], texts: Iterable[PageText]) -> Fault | None:
    """The first of the texts that the pages do not show, or None.

    Whatever else they show counts for nothing: a template has words of its own.
    """
    shown = _Shown(pages)
    return _first_fault(shown, texts, inside=True)


def find_any_fault(
    pages: Sequence[Sequence[PageLine]],
    paragraphs: Iterable[PageText],
    running: Sequence[str],
    labels: Iterable[str] = (),
    *,
    numbered: bool = False,
) -> Fault | None:
    """The first difference between the pages and a document that is known as a whole, or None.

    `paragraphs` are all that it has. `running` are the texts of its headers and footers, with
    NUMBER and TOTAL in them, and those of headings that are repeated on each page. `labels` are
    what may stand before the items of its lists, with COUNT for the number or letter of an item.
    With `numbered`, every page has to show its number.
    """
    shown = _Shown(pages, _label_pattern(labels))
    total = str(len(pages))
    counted = (
        replace(one, words=one.words.replace(TOTAL, total)) if TOTAL in one.words else one
        for one in paragraphs
    )
    # The long ones first: a short one may begin one; and last, what is found by its letters.
    patterns = sorted(map(plain, running), key=lambda one: (runs_leftwards(one), -len(one)))
    around = [
        one
        for number, page in enumerate(pages, 1)
        for one in _running_faults(page, patterns, number, len(pages), numbered=numbered)
    ]
    return (
        next((one for one in around if one.kind == "number"), None)
        or _first_fault(shown, counted, inside=False)
        or shown.surplus()
        or next(iter(around), None)
    )


def plain(text: str) -> str:
    """What has to be the same in two texts that say the same."""
    if text.isascii() and text.isprintable():
        return "".join(text.casefold().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    drawn = _UNDRAWN.sub("", folded.replace(_HYPHEN, "-"))  # for want of one, "-" is drawn
    return "".join(one for one in drawn if unicodedata.category(one) not in ("Cf", "Cc"))


def _first_fault(shown: _Shown, texts: Iterable[PageText], *, inside: bool) -> Fault | None:
    wanted = [(text, words) for text in texts if (words := plain(text.words))]
    times = Counter(words for _, words in wanted)
    # The long ones first: a short one may be how a long one begins.
    order = sorted(range(len(wanted)), key=lambda at: -len(wanted[at][1]))
    taken = {at: shown.take(wanted[at][1]) for at in order}
    group, last, place = "", None, 0
    for at, (text, words) in enumerate(wanted):
        found = taken[at] or (shown.find_inside(words, place) if inside else ())
        if not found:
            return Fault("missing", text)
        lines, place = shown.lines(found), found[-1]
        if text.label:
            label = shown.take_label(found[0])
            if label != text.label != ITEM:
                return Fault("label", text, lines[0].page, text.label)
        hidden = next((line for line in lines if line.hidden), None)
        if hidden is not None:
            return Fault("hidden", text, hidden.page, hidden.hidden)
        if runs_back(lines) and plain("".join(line.text for line in lines)) == words:
            return Fault("order", text, lines[0].page, _TURNED)
        if text.group != group:
            group, last = text.group, None
        if not group or times[words] > 1:
            continue  # of equal texts, nobody can tell which is which
        if last is not None and not follows(last, lines[0]):
            return Fault("order", text, lines[0].page)
        last = lines[-1]
    return None


class _Shown:
    """The lines that belong to the document, and which of them are accounted for."""

    def __init__(
        self, pages: Sequence[Sequence[PageLine]], labels: re.Pattern[str] | None = None
    ) -> None:
        self._labels = labels
        self._lines = [line for page in pages for line in page if line.tagged]
        self._words = [plain(line.text) for line in self._lines]
        self._taken = [False] * len(self._lines)
        self._starts: dict[str, list[int]] = {}
        for at in reversed(range(len(self._lines))):
            self._starts.setdefault(self._words[at], []).append(at)
        self._lengths = sorted({len(words) for words in self._words}, reverse=True)
        self._pages: dict[int, list[int]] = {}
        for at, line in enumerate(self._lines):
            self._pages.setdefault(line.page, []).append(at)

    def lines(self, places: Sequence[int]) -> list[PageLine]:
        """The lines at these places."""
        return [self._lines[at] for at in places]

    def take(self, words: str) -> Sequence[int]:
        """Where the lines are that together are this text, none of them taken before; or nothing.

        A table's row that is spread over two pages has the lines of other cells in between.
        """
        if runs_leftwards(words):
            return self._take_letters(words)
        found = self._take_whole(words)
        # A letter that the font lacks is drawn from another, behind the others.
        return found or (() if words.isascii() else self._take_letters(words))

    def _take_whole(self, words: str) -> Sequence[int]:
        tried: set[tuple[int, int]] = set()
        for length in self._lengths:
            if length > len(words) + 1 or not length:
                continue
            # The second is how a line ends that is broken inside a word.
            for start in dict.fromkeys((words[:length], f"{words[: length - 1]}-")):
                for at in reversed(self._starts.get(start, ())):
                    found = None if self._taken[at] else self._grow(at, words, tried)
                    if found is not None:
                        return self._take(found)
        return ()

    def _take(self, found: Sequence[int]) -> Sequence[int]:
        for at in found:
            self._taken[at] = True
            places = self._starts[self._words[at]]
            while places and self._taken[places[-1]]:
                places.pop()
        return found

    def _take_letters(self, words: str) -> Sequence[int]:
        """Where the lines in a row are that have these letters, in any order."""
        wanted = Counter(words)
        for start in range(len(self._lines)):
            way: list[int] = []
            left = wanted.copy()
            at = start if self._fits(start, left) else None
            while at is not None:
                way.append(at)
                left -= Counter(self._words[at])
                if not left:
                    return self._take(way)
                at = next((one for one in self._following(at) if self._fits(one, left)), None)
        return ()

    def _fits(self, at: int, left: Counter[str]) -> bool:
        """Whether a line has none but these letters, and is nobody's yet."""
        words = self._words[at]
        return (
            not self._taken[at]
            and 0 < len(words) <= left.total()
            and words[0] in left
            and Counter(words) <= left
        )

    def _grow(
        self, start: int, words: str, tried: set[tuple[int, int]], *, inside: bool = False
    ) -> list[int] | None:
        """Where the lines are, from that one on, that together are these words.

        `tried` are the lines that have led nowhere, each with how much of the words was left.
        """
        way: list[int] = []
        choices: list[Iterator[int]] = [iter((start,))]
        remaining = [words]
        while choices and len(tried) < _PATIENCE:
            at, left = next(choices[-1], None), remaining[-1]
            if at is None:
                choices.pop()
                remaining.pop()
                del way[-1:]
            elif (at, len(left)) not in tried and not self._taken[at]:
                tried.add((at, len(left)))
                line = self._words[at]
                if line == left or (inside and line.startswith(left)):
                    return [*way, at]
                rest = _after(left, line)
                if rest:
                    way.append(at)
                    choices.append(self._following(at))
                    remaining.append(rest)
        return None

    def _following(self, at: int) -> Iterator[int]:
        """Where a paragraph may go on: in the next line, or from the foot of a column overleaf."""
        line = self._lines[at]
        if at + 1 < len(self._lines) and self._lines[at + 1].page == line.page:
            yield at + 1
        page = (self._lines[one].box for one in self._pages[line.page])
        if any(_in_one_column(line.box, box) and box.top <= line.box.bottom for box in page):
            return
        for other in self._pages.get(line.page + 1, ()):
            if _in_one_column(line.box, self._lines[other].box):
                yield other

    def find_inside(self, words: str, first: int) -> Sequence[int]:
        """Where the lines are that have this text and others in them; looks at that one first.

        A line that is all of another text is that text's.
        """
        tried: set[tuple[int, int]] = set()
        for at in (*range(first, len(self._lines)), *range(first)):
            line = self._words[at]
            if self._taken[at]:
                continue
            if words in line or (runs_leftwards(words) and Counter(words) <= Counter(line)):
                return [at]
            for start in (start for start, one in enumerate(line) if one == words[0]):
                rest = _after(words, line[start:])
                if not rest:
                    continue
                for other in self._following(at):
                    found = self._grow(other, rest, tried, inside=True)
                    if found is not None:
                        return [at, *found]
        return ()

    def take_label(self, first: int) -> str:
        """The bullet or number before the line where an item begins, which now is accounted for.

        Of a number, its digits; "" where there is none that can be seen.
        """
        at = first - 1
        if at < 0 or self._taken[at] or not self._is_label(at):
            return ""
        self._taken[at] = True
        digits = re.sub(r"\D", "", self._words[at])
        return digits if not self._lines[at].hidden else ""

    def _is_label(self, at: int) -> bool:
        if self._labels is None or self._labels.fullmatch(self._words[at]) is None:
            return False
        label, item = self._lines[at], self._lines[at + 1]
        return (
            label.page == item.page
            and label.box.right <= item.box.left + SIDE_BY_SIDE
            and label.box.bottom < item.box.top
            and item.box.bottom < label.box.top
        )

    def surplus(self) -> Fault | None:
        """The first line that is not accounted for."""
        for line, words, taken in zip(self._lines, self._words, self._taken, strict=True):
            if words and not taken:
                return Fault("surplus", PageText(line.text, ""), line.page)
        return None


def _in_one_column(box: Box, other: Box) -> bool:
    return box.left < other.right and other.left < box.right


def _label_pattern(labels: Iterable[str]) -> re.Pattern[str]:
    known = (re.escape(plain(one)).replace(COUNT, _COUNT) for one in labels)
    return re.compile("|".join((_BULLET, *known)))


def _after(words: str, line: str) -> str | None:
    """What is left of the words behind this line; None where they do not begin with it."""
    if words.startswith(line):
        return words[len(line) :]
    if line.endswith("-") and words.startswith(line[:-1]):
        return words[len(line) - 1 :]
    return None


def _running_faults(
    page: Sequence[PageLine], patterns: Sequence[str], number: int, total: int, *, numbered: bool
) -> Iterator[Fault]:
    """What is wrong with what repeats on the pages: headers, footers, the headings of tables."""
    lines = [line for line in page if not line.tagged]
    left = plain("".join(line.text for line in lines))
    right = {NUMBER: (f"{number}", _roman(number)), TOTAL: (f"{total}", _roman(total))}
    has_number = False
    for pattern in patterns:
        signs = [sign for sign in pattern if sign in right]
        found = re.search(
            re.sub(f"[{NUMBER}{TOTAL}]", r"(\\d+|[ivxlcdm]+)", re.escape(pattern)), left
        )
        if found is None and runs_leftwards(pattern):
            letters = pattern.replace(NUMBER, f"{number}").replace(TOTAL, f"{total}")
            if Counter(letters) <= Counter(left):
                has_number = has_number or NUMBER in signs
                for letter in letters:
                    left = left.replace(letter, "", 1)
        if not pattern or found is None:
            continue
        left = left[: found.start()] + left[found.end() :]
        has_number = has_number or NUMBER in signs
        if any(shown not in right[sign] for sign, shown in zip(signs, found.groups(), strict=True)):
            yield _wrong_number(" of ".join(found.groups()), number, total)
    for shown in _TYPED_NUMBER.findall(plain("".join(line.text for line in lines))):
        if shown != (f"{number}", f"{total}"):
            yield _wrong_number(" of ".join(shown), number, total)
    if numbered and not has_number:
        yield _wrong_number("", number, total)
    for line in lines:
        if line.hidden:
            yield Fault("hidden", PageText(line.text, RUNNING), number, line.hidden)
    if left:
        yield Fault("surplus", PageText(left, ""), number)


def _wrong_number(shown: str, number: int, total: int) -> Fault:
    return Fault("number", PageText(shown, RUNNING), number, f"{number} of {total}")


def _roman(number: int) -> str:
    """A number as small Roman letters."""
    found = ""
    for letters, value in _ROMAN:
        found += letters * (number // value)
        number %= value
    return found
