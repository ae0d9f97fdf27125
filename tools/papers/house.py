"""The house as it stands: its rooms, what each is for, and which rooms it uses, read from the code.

A room is a module, a wing is a folder of modules. A wing stands on the lowest floor that is above
everything it imports, so the floors are what the imports make of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from textwrap import wrap

from tools.checkout import REPO

PACKAGE = REPO / "pipeline" / "signed_plan"
GROUND = "the ground floor"
SVG, PAPER = REPO / "docs" / "house.svg", REPO / "docs" / "architecture.md"
WIDTH, MARGIN, LINE, GAP, LETTER = 1100, 14, 18, 12, 7.3
"""Of the picture, in its units; LETTER is how wide a letter is at most, on average."""


@dataclass(frozen=True)
class Room:
    """A module: its name in its wing, and the first sentence of what it says about itself."""

    wing: str
    name: str
    about: str
    uses: frozenset[str]
    """The wings that it imports from."""

    @property
    def path(self) -> str:
        return f"{self.name}.py" if self.wing in (GROUND, "cli") else f"{self.wing}/{self.name}.py"


@dataclass(frozen=True)
class Wing:
    """A folder of rooms."""

    name: str
    about: str
    rooms: tuple[Room, ...]

    @property
    def uses(self) -> frozenset[str]:
        return frozenset(one for room in self.rooms for one in room.uses) - {self.name}


@cache
def wings() -> tuple[Wing, ...]:
    """Every wing of the house, by name; `cli.py` is one of its own, on top."""
    by_wing: dict[str, list[Room]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name != "__init__.py":
            wing = wing_of(path.relative_to(PACKAGE))
            by_wing.setdefault(wing, []).append(
                Room(wing, path.stem, first_sentence(path), frozenset(_imports(path)))
            )
    return tuple(Wing(name, _about(name), tuple(rooms)) for name, rooms in sorted(by_wing.items()))


def wing_of(place: Path) -> str:
    """The wing of a room, by its path in the package."""
    if len(place.parts) > 1:
        return place.parts[0]
    return "cli" if place.stem == "cli" else GROUND


def _about(wing: str) -> str:
    if wing == GROUND:
        return "What every room may use"
    if wing == "cli":
        return ""
    return first_sentence(PACKAGE / wing / "__init__.py")


def first_sentence(path: Path) -> str:
    """The first sentence of a module's docstring, on one line."""
    text = " ".join((ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split())
    end = text.find(". ")
    return (text if end < 0 else text[: end + 1]).rstrip(".")


def _imports(path: Path) -> Iterator[str]:
    """The wings that a room imports from, at its top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signed_plan"):
            for alias in node.names:
                place = Path(*f"{node.module}.{alias.name}".split(".")[1:])
                if not (PACKAGE / place).with_suffix(".py").is_file():
                    place = place.parent
                if place.parts:
                    yield wing_of(place.with_suffix(".py"))


def floors() -> list[list[Wing]]:
    """The wings of each floor, from the ground up."""
    by_name = {wing.name: wing for wing in wings()}

    @cache
    def level(name: str) -> int:
        return max((level(one) + 1 for one in by_name[name].uses), default=0)

    found: list[list[Wing]] = [[] for _ in range(1 + max(map(level, by_name)))]
    for wing in wings():
        found[level(wing.name)].append(wing)
    return found


def table() -> str:
    """Every wing from the top down, and each of its rooms, as Markdown."""
    out = []
    for floor in reversed(floors()):
        for wing in floor:
            name = f"`{wing.name}`" if wing.name in (GROUND, "cli") else f"`{wing.name}/`"
            name = "The ground floor" if wing.name == GROUND else name
            uses = ", ".join(sorted(wing.uses - {GROUND})) or "nothing above the ground floor"
            about = f"{wing.about}. " if wing.about else ""
            out += [f"### {name}", f"{about}Uses: {uses}.", "", "| Room | What it is for |"]
            out += ["|---|---|"]
            out += [f"| `{room.path}` | {_cell(room.about)} |" for room in wing.rooms]
            out += [""]
    return "\n".join(out)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def picture() -> str:
    """The house as an SVG: floors from the top down; in each wing, what it is for and its rooms."""
    shapes: list[str] = []
    top = MARGIN
    for floor in reversed(floors()):
        wide = (WIDTH - 2 * MARGIN - GAP * (len(floor) - 1)) / len(floor)
        fits = int((wide - 2 * MARGIN) / LETTER)
        texts = [_texts(wing, fits) for wing in floor]
        high = 2 * MARGIN + LINE * max(map(len, texts))
        for at, lines in enumerate(texts):
            left = MARGIN + at * (wide + GAP)
            shapes.append(
                f'<rect x="{left:.0f}" y="{top}" width="{wide:.0f}" height="{high}" rx="4"/>'
            )
            for number, (style, text) in enumerate(lines):
                place = f'x="{left + MARGIN:.0f}" y="{top + MARGIN + LINE * number + 12}"'
                shapes.append(f'<text {place} class="{style}">{escape(text)}</text>')
        top += high + GAP
    return _SVG.format(width=WIDTH, height=top, shapes="\n".join(shapes))


def _texts(wing: Wing, fits: int) -> list[tuple[str, str]]:
    """The lines of a wing's box, each with its style."""
    name = "cli.py" if wing.name == "cli" else wing.name
    about = (wing.about or wing.rooms[0].about).replace("`", "")
    rooms = "" if wing.name == "cli" else " · ".join(room.name for room in wing.rooms)
    return [
        ("wing", name if wing.name in (GROUND, "cli") else f"{name}/"),
        *(("about", line) for line in wrap(about, fits)),
        *(("rooms", line) for line in wrap(rooms, fits, break_on_hyphens=False)),
    ]


_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"
  aria-label="The house: every wing, what it is for, and its rooms; imports go down only">
<style>
rect {{ fill: #f6f4ee; stroke: #8a8371; }}
text {{ font: 13px sans-serif; fill: #222; }}
.wing {{ font-weight: bold; font-size: 14px; }}
.rooms {{ font: 12px monospace; fill: #345; }}
</style>
<rect width="{width}" height="{height}" style="fill: white; stroke: none"/>
{shapes}
</svg>
"""


def write() -> None:
    """Writes the picture, and the table between its two marks in the paper on the architecture."""
    SVG.write_text(picture(), encoding="utf-8")
    PAPER.write_text(with_table(PAPER.read_text(encoding="utf-8")), encoding="utf-8")


def with_table(paper: str) -> str:
    """The paper, with the table of rooms as it is now."""
    return between(paper, "rooms", table())


def between(paper: str, name: str, text: str) -> str:
    """The paper with the text between the two marks of that name."""
    begin, end = f"<!-- {name}: made by make papers -->", f"<!-- end of {name} -->"
    before, _, rest = paper.partition(begin)
    _, _, after = rest.partition(end)
    if not rest or end not in rest:
        raise ValueError(f"the marks of {name} are missing")
    return f"{before}{begin}\n{text.strip()}\n{end}{after}"
