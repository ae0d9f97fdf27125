"""The life of versions as a picture: one lane a version, one marker an event, in their order.

The picture is SVG 2 without a script and without anything from outside. It stands for itself as a
file, and inside an HTML page; it has its own colours for light, dark, print and forced colours.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from signed_plan.line_breaking import break_lines
from signed_plan.plan.names import names_of
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register, RegisterEntry
from signed_plan.register.events import (
    BuiltEvent,
    DeclinedEvent,
    Event,
    SignedEvent,
    SignedOnPaper,
    SupersededEvent,
    WithdrawnEvent,
)
from signed_plan.wording import in_words, isolate, pluralise

KINDS = {
    "built": "built",
    "issued": "issued by the office",
    "signed": "signed",
    "on paper": "signed on paper",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "sealed": "sealed",
    "superseded": "superseded",
}
"""What is drawn, in the order of the legend, and what the legend says of it."""

_ACROSS = 10
"""How many events stand in a row before the next row begins."""
_MARGIN, _STEP, _LANE, _LINE, _NAME_LINE = 20, 96, 84, 20, 15
_NAME_ROOM = _STEP - 8
_NARROWEST = 2 * _MARGIN + 5 * _STEP

_NARROW, _WIDE = "fijlrt.,:;'|!()[] -", "mw@%—"

_SHAPES = {
    "built": '<rect class="hollow" x="-7" y="-7" width="14" height="14"/>',
    "issued": '<path class="full" d="M0-10 10 0 0 10-10 0z"/>',
    "signed": '<circle class="full" r="8"/>',
    "on paper": '<circle class="hollow" r="7.5"/><circle class="full" r="2.5"/>',
    "declined": '<path class="hollow" d="M-7-7 7 7M7-7-7 7"/>',
    "withdrawn": '<path class="hollow" d="M8-6H-1L-8 0-1 6H8z"/>',
    "sealed": '<path class="full" d="M-5-10H5L10-5V5L5 10H-5L-10 5V-5z"/>'
    '<path class="tick" d="M-5 0-1 4 5-4"/>',
    "superseded": '<path class="hollow" d="M-6-8 8 0-6 8z"/>',
}

_STYLE = """
.timeline text{font:13px Carlito,Calibri,"Segoe UI",system-ui,sans-serif;fill:#1b1f24}
.timeline .name,.timeline .who{font-weight:bold}
.timeline .small{font-size:12px;fill:#3d444c}
.timeline .paper{fill:#fff}
.timeline .full{fill:#17365d}
.timeline .hollow{fill:#fff;stroke:#17365d;stroke-width:2.5}
.timeline .tick{fill:none;stroke:#fff;stroke-width:2.5}
.timeline .lane{fill:none;stroke:#8a929b}
.timeline .day{fill:none;stroke:#8a929b;stroke-dasharray:2 4}
@media screen and (prefers-color-scheme:dark){
.timeline text{fill:#e8ebef}
.timeline .small{fill:#c3cad2}
.timeline .paper{fill:#14181d}
.timeline .full{fill:#a9c8f0}
.timeline .hollow{fill:#14181d;stroke:#a9c8f0}
.timeline .tick{stroke:#14181d}
}
@media (forced-colors:active){
.timeline text,.timeline .small{fill:CanvasText}
.timeline .paper{fill:Canvas}
.timeline .full{fill:CanvasText}
.timeline .hollow{fill:Canvas;stroke:CanvasText}
.timeline .lane,.timeline .day{stroke:CanvasText}
.timeline .tick{stroke:Canvas}
}
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """One event in the life of a version."""

    version: str
    kind: str
    """One of KINDS."""
    who: str
    """The name of the one who signed or declined; else ""."""
    what: str
    """What happened, in words, such as "signed on paper by Kevin Snow"."""
    at: datetime


def moments(
    register: Register, versions: Iterable[Version], names: Sequence[str] = ()
) -> list[Moment]:
    """What happened to the versions of these names, or to all, in the order it was entered.

    `versions` give the names of people and reviews. If a version was built several times, only the
    last time counts.
    """
    people: dict[str, str] = {}
    reviews: dict[str, str] = {}
    for version in versions:
        names_here = names_of(version.plan)
        people |= names_here.people
        reviews |= names_here.reviews
    built = {name: register.last(BuiltEvent, name) for name in register.versions}
    return [
        _moment(entry, people, reviews)
        for entry in register.entries
        if entry.event.kind in KINDS
        and (not names or entry.version in names)
        and (not isinstance(entry.event, BuiltEvent) or entry is built[entry.version])
    ]


def timeline_svg(register: Register, versions: Iterable[Version], names: Sequence[str] = ()) -> str:
    """The picture of those moments. Where there are many it goes on in another row."""
    found = moments(register, versions, names)
    rows = -(-len(found) // _ACROSS) or 1
    across = -(-len(found) // rows)
    width = max(2 * _MARGIN + _STEP * across, _NARROWEST)
    drawn: list[str] = []
    y = _MARGIN
    for at in range(rows if found else 0):
        row = found[at * across : (at + 1) * across]
        lanes = _lanes(row, y)
        drawn.extend(_row(row, lanes, y, width))
        y = max(lane.bottom for lane in lanes.values()) + _LINE
    legend = list(_legend(found, y + 10, width))
    drawn.extend(text for _, text in legend)
    height = max(bottom for bottom, _ in legend) + _MARGIN
    of = len({one.version for one in found})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="timeline" role="img" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" '
        'aria-labelledby="timeline-title timeline-desc">\n'
        '<title id="timeline-title">Timeline of the versions</title>\n'
        f'<desc id="timeline-desc">{escape(_describe(found, of))}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="paper" width="{width}" height="{height}" fill="#fff"/>\n'
        + "\n".join(drawn)
        + "\n</svg>\n"
    )


def _moment(entry: RegisterEntry[Event], people: dict[str, str], reviews: dict[str, str]) -> Moment:
    event, who = entry.event, ""
    kind = "on paper" if isinstance(event, SignedOnPaper) else event.kind
    what = KINDS[kind]
    if isinstance(event, SignedEvent | DeclinedEvent | WithdrawnEvent):
        who = people.get(event.person, event.person)
        title = reviews.get(event.review, event.review)
        by = "of" if isinstance(event, WithdrawnEvent) else "by"
        what = f"{what} {by} {isolate(who)} for {isolate(title)}{event.remark}"
    elif isinstance(event, SupersededEvent):
        what = f"superseded by {event.by}"
    return Moment(entry.version, kind, who, what, entry.at)


@dataclass(frozen=True, slots=True)
class _Lane:
    """The strip of one version in a row."""

    top: int
    bottom: int

    @property
    def line(self) -> int:
        """Where its markers are."""
        return self.top + 36


def _lanes(row: Sequence[Moment], top: int) -> dict[str, _Lane]:
    """A lane for each version that has an event in the row, high enough for the names in it."""
    lanes: dict[str, _Lane] = {}
    y = top + _LINE
    for version in dict.fromkeys(one.version for one in row):
        lines = max(len(_label(one)) for one in row if one.version == version)
        lanes[version] = _Lane(y, y + _LANE + _NAME_LINE * (lines - 1))
        y = lanes[version].bottom
    return lanes


def _label(one: Moment) -> list[str]:
    """What stands below a marker: the whole name of who acted, or what happened."""
    return break_lines(one.who, _NAME_ROOM, _length) or [one.kind]


def _row(row: Sequence[Moment], lanes: dict[str, _Lane], top: int, width: int) -> Iterator[str]:
    """The events of one row: the days above, a lane for each version that has one of them."""
    bottom = max(lane.bottom for lane in lanes.values())
    for name, lane in lanes.items():
        yield f'<path class="lane" d="M{_MARGIN} {lane.line}H{width - _MARGIN}"/>'
        yield f'<text class="name" x="{_MARGIN + 7}" y="{lane.top + 16}">{escape(name)}</text>'
    day = ""
    for column, one in enumerate(row):
        left, lane = _MARGIN + _STEP * column, lanes[one.version]
        if day != (day := _day(one.at)):
            yield f'<path class="day" d="M{left} {top}V{bottom - 8}"/>'
            yield f'<text class="small" x="{left + 7}" y="{top + 12}">{day}</text>'
        lines = [("who", line) for line in _label(one)] + [("small", f"{one.at:%H:%M}")]
        below = "".join(
            f'<text class="{kind}" y="{26 + _NAME_LINE * at}" text-anchor="middle">'
            f"{escape(line)}</text>"
            for at, (kind, line) in enumerate(lines)
        )
        yield (
            f'<g transform="translate({left + _STEP // 2} {lane.line})">'
            f"<title>{escape(_whole(one))}</title>{_SHAPES[one.kind]}{below}</g>"
        )


def _legend(found: Sequence[Moment], top: int, width: int) -> Iterator[tuple[int, str]]:
    """What the shapes mean: each with the line that it stands on."""
    kinds = {one.kind for one in found}
    entries = [(_SHAPES[kind], text, 26) for kind, text in KINDS.items() if kind in kinds]
    entries.append(("", "Times are UTC." if found else "Nothing has happened yet.", 0))
    x, y = _MARGIN, top
    for mark, text, indent in entries:
        needed = indent + round(_length(text)) + 20
        if x > _MARGIN and x + needed > width - _MARGIN:
            x, y = _MARGIN, y + _LINE
        if mark:
            yield y, f'<g transform="translate({x + 10} {y})">{mark}</g>'
        yield y, f'<text class="small" x="{x + indent}" y="{y + 4}">{escape(text)}</text>'
        x += needed


def _length(text: str) -> float:
    """How wide a text is at most, in the fonts that it may be set in."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if unicodedata.category(character).startswith("M"):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 14
    if character in _NARROW:
        return 4.5
    return 10 if character.isupper() or character in _WIDE else 7.5


def _day(moment: datetime) -> str:
    """The day, with its month in three letters."""
    day, month, year = in_words(moment).partition(",")[0].split()
    return f"{day} {month[:3]} {year}"


def _whole(one: Moment) -> str:
    return f"{one.version}: {one.what}, {in_words(one.at)}"


def _describe(found: Sequence[Moment], lanes: int) -> str:
    if not found:
        return "Nothing has happened yet."
    return (
        f"{pluralise(len(found), 'event')} in the life of {pluralise(lanes, 'version')}, "
        f"from {in_words(found[0].at)} to {in_words(found[-1].at)}."
    )
