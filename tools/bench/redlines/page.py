"""The part of docs/benchmarks.md about redlines, which `make bench` keeps as it is."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from textwrap import fill

from tools.bench.redlines.score import Score
from tools.checkout import REPO

PAGE = REPO / "docs" / "benchmarks.md"
TITLE = "## Redlines"
_FIRST = """Written by `make redlines`. {pairs} pairs of Word files: the shipped plan, edited
({kinds}). Every program got the same two Word files; ours makes them from the two versions, whose
ids it knows. A judge of its own accepts and rejects all changes by ISO/IEC 29500-1, 17.13.5.
Counted are the pairs in which"""
_REST = """
- *Words*: accepting gives all words of the newer file and rejecting those of the older, in order;
- *Accept*, *Reject*: each text comes back in its paragraph and cell, and no empty one is left over;
- *Looks*: both do, with each paragraph's style, level in a list, bold and italic;
- *Footer*: both give back the footer, in which the version is printed;
- *LibreOffice*: its own Accept All and Reject All give both texts;
- *Clean*: openxml-audit 0.8.0, which knows the schemas of Microsoft's Open XML SDK, finds nothing.

*Marked* is how many words are marked for each that has to be, which are the fewest that turn one
text into the other. A word that moved is gone in one place and new in another. *Time* is the
median, of LibreOffice with its start.

| Program | Made | Words | Accept | Reject | Looks | Footer | LibreOffice | Clean | Marked | Time |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} × {kind}" for kind, count in counts.items())


def write_section(scores: Sequence[Score], kinds: Counter[str], office: str) -> None:
    """Puts the table in the place of the one before."""
    first = fill(_FIRST.format(pairs=kinds.total(), kinds=told(kinds)), 120)
    rows = "".join(f"{score.row}\n" for score in scores)
    failed = "\n".join(
        fill(f"- {score.name}: {told(score.failed)}", 120, subsequent_indent="  ")
        for score in scores
        if score.failed
    )
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    end = (
        f"\nOn {system}, Python {platform.python_version()}, {office}.\n"
        f"Pairs that *Accept* or *Reject* lacks:\n\n{failed}\n"
    )
    text = PAGE.read_text("utf-8").partition(f"\n{TITLE}\n")[0].rstrip("\n")
    PAGE.write_text(f"{text}\n\n{TITLE}\n\n{first}\n{_REST}{rows}{end}", encoding="utf-8")


def kept_section() -> str:
    """The part as it stands, for whoever writes the rest of the page."""
    _, found, rest = PAGE.read_text("utf-8").partition(f"\n{TITLE}\n")
    return f"\n{TITLE}\n{rest}" if found else ""
