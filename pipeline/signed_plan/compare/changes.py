"""What a comparison finds, as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from signed_plan.compare.text_diff import Piece, Scale, scale_of
from signed_plan.plan.model import Area, Block
from signed_plan.plan.source import Version

Part = Literal["title", "column", "school", "person", "objective", "area", "block", "review"]
Action = Literal["added", "removed", "changed", "moved", "split", "joined"]
Status = Literal["added", "removed", "changed", "unchanged"]

WITHIN = "moved within this cell"
"""What is said of a block that went no further."""


@dataclass(frozen=True, slots=True)
class Where:
    """An entry of the plan that something has become of."""

    part: Part
    id: str
    """The entry's own id: the newer one where it has two, and for an objective its number."""
    place: str
    """Where that is, in the plan's own words."""
    area: str = ""
    """The id of the area it is part of; "" outside the table."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs between two versions."""

    where: Where
    value: str
    """Which value of the entry: "text", "name", "links", "order" …; "" for all of it."""
    action: Action
    scale: Scale
    pieces: tuple[Piece, ...]
    """The words: those removed, those added and those around them. Of a move: the words moved. Of
    a paragraph split or joined: those of all its parts, which are lines of their own."""

    @property
    def old(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "added")

    @property
    def new(self) -> str:
        return "".join(piece.text for piece in self.pieces if piece.kind != "removed")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a cell with both versions side by side; one of the blocks may be None."""

    old: Block | None
    new: Block | None
    pieces: tuple[Piece, ...]
    """The words; of a block that was moved here, against those it had where it came from."""
    moved: str
    """Where the block came from or went to, if it is the same one in another place; else ""."""
    scale: Scale
    """How much matters what became of it."""
    divided: str = ""
    """Which part it is of a paragraph that was split or joined, in words; else ""."""

    @property
    def same(self) -> bool:
        return not self.scale


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the table with both versions side by side."""

    name: str
    """The key of the cell, such as "actions"."""
    heading: str
    """The heading of its column."""
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class AreaChanges:
    """One area of the table in both versions; one of the two may be None."""

    old: Area | None
    new: Area | None
    cells: tuple[Cell, ...]
    changes: tuple[Change, ...]
    """What became of it. The change of a block that moved is reported where it is now."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line of the row, cell after cell."""
        return tuple(line for cell in self.cells for line in cell.lines)

    @property
    def area(self) -> Area:
        """As it is now, or as it was before it was removed."""
        found = self.new or self.old
        assert found is not None, "an area is in one version at least"
        return found

    @property
    def scale(self) -> Scale:
        """That of its changes, or of the blocks that have gone elsewhere."""
        return max(largest(self.changes), *(line.scale for line in self.lines), Scale.NONE)

    @property
    def now_points_elsewhere(self) -> bool:
        """Whether its links mean other objectives, though their numbers were left as they were."""
        left = self.old is not None and self.new is not None and self.old.links == self.new.links
        return left and any(
            change.value == "links" and change.scale == Scale.SUBSTANTIVE for change in self.changes
        )

    @property
    def status(self) -> Status:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.scale else "unchanged"


@dataclass(frozen=True, slots=True)
class Recognised:
    """An entry whose id differs, so it was found again by its words."""

    part: Part
    old: str
    new: str
    what: str
    """What it is called, or says."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that two versions differ in."""

    old: Version
    new: Version
    before: tuple[Change, ...]
    """What stands above the table: the title block, schools, people, objectives, columns."""
    areas: tuple[AreaChanges, ...]
    """Every area, in the newer version's order, a removed one where it was."""
    after: tuple[Change, ...]
    """The reviews, below the table."""
    recognised: tuple[Recognised, ...]
    ids: Mapping[Part, Mapping[str, str]]
    """The newer id of everything that both versions have, by the older one."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Everything, in the order of the document."""
        inside = (change for area in self.areas for change in area.changes)
        return (*self.before, *inside, *self.after)

    @property
    def scale(self) -> Scale:
        return largest(self.changes)

    @property
    def counts(self) -> Counter[Status]:
        """How many areas there are of each status."""
        return Counter(area.status for area in self.areas)

    @property
    def renumbered(self) -> dict[str, str]:
        """The newer number of each objective that has another one now, by its older number."""
        return {old: new for old, new in self.ids.get("objective", {}).items() if old != new}


def largest(changes: Iterable[Change]) -> Scale:
    """The scale of the change that matters most."""
    return max((change.scale for change in changes), default=Scale.NONE)


def block_scale(old: Block, new: Block) -> Scale:
    """How much matters what became of a block that stayed where it was."""
    form = Scale.LAYOUT if old.kind != new.kind else Scale.NONE
    return max(scale_of(old.text, new.text), form)
