"""The words of a change that a reader must not miss: numbers, dates, and "not" and its like."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from signed_plan.compare.text_diff import Piece, PieceKind

_MONTH = (
    "(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|"
    "Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_WEIGHTY = re.compile(
    r"(?P<date>"
    rf"\b{_DAY}(?: of)? {_MONTH}\b(?:,? \d{{4}})?|\b{_MONTH} {_DAY}\b(?:,? \d{{4}})?"
    rf"|\b{_MONTH} \d{{4}}\b|\b(?!May|Mar\b|Jan\b){_MONTH}\b"
    r"|\b\d{4}-\d\d(?:-\d\d)?\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b|\b\d{1,2}:\d\d\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b(?:19|20)\d\d(?:[-–/]\d{2,4})?\b)"
    r"|(?P<number>[-−£$€]?\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th|%)?"
    r"|\b(?i:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|hundred"
    r"|thousand|million|half|twice|double)\b)"
    r"|(?P<not>\b(?i:not|no|never|none|nor|neither|nobody|nothing|without|cannot|unless|except)\b"
    r"|\b\w+n['’]t\b)"
)
NAMES = {"date": "dates", "number": "numbers", "not": "“not” or the like"}
"""What the three kinds are called, in the order of the alphabet."""


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a piece, all of it weighty or none."""

    kind: PieceKind
    text: str
    weighty: str
    """"date", "number" or "not"; "" for other words."""


def weigh(pieces: Sequence[Piece]) -> Iterator[Words]:
    """The pieces again, cut where a weighty word that came or went begins and ends.

    A date counts whole: of "5 December" against "6 December" the 5 and the 6 are part of a date.
    """
    before, after = (_spans(pieces, other) for other in ("added", "removed"))
    at = {"removed": 0, "added": 0}
    for piece in pieces:
        if piece.kind == "same":
            yield Words("same", piece.text, "")
            at = {side: place + len(piece.text) for side, place in at.items()}
            continue
        spans = before if piece.kind == "removed" else after
        yield from _cut(piece, at[piece.kind], spans)
        at[piece.kind] += len(piece.text)


def weights_of(pieces: Sequence[Piece]) -> list[str]:
    """The kinds of what is weighty among the words that came or went, each once."""
    return list(dict.fromkeys(one.weighty for one in weigh(pieces) if one.weighty))


def stretches(words: Iterable[Words]) -> list[tuple[PieceKind, list[Words]]]:
    """The words by their kind, each stretch with all that it was cut in."""
    return [(kind, list(found)) for kind, found in groupby(words, lambda one: one.kind)]


_Span = tuple[int, int, str]


def _spans(pieces: Iterable[Piece], other: PieceKind) -> list[_Span]:
    """Where one side's text is weighty; `other` are the pieces that it has not."""
    text = "".join(piece.text for piece in pieces if piece.kind != other)
    return [(*found.span(), str(found.lastgroup)) for found in _WEIGHTY.finditer(text)]


def _cut(piece: Piece, start: int, spans: Sequence[_Span]) -> Iterator[Words]:
    """The piece, which begins at `start` of its side's text, in stretches."""
    end = start + len(piece.text)
    first = bisect_right(spans, start, key=lambda span: span[1])
    last = bisect_left(spans, end, key=lambda span: span[0])
    at = start
    for one, other, kind in (*spans[first:last], (end, end, "")):
        for edge, weighty in ((max(one, start), ""), (min(other, end), kind)):
            text = piece.text[at - start : edge - start]
            if text:
                yield Words(piece.kind, text, weighty if text.strip() else "")
            at = edge
