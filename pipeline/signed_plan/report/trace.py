"""For every line of a version: since when its words stand there, and who has signed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from signed_plan.compare.compare import compare
from signed_plan.plan.model import Area, Block
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.register.signoff_status import signoff_statuses


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who has signed versions that hold a line's present words."""

    name: str
    versions: tuple[str, ...]
    """The names of those versions, the oldest first."""


@dataclass(frozen=True, slots=True)
class Traced:
    """One line of the table, since when it is there, and who has signed it."""

    area: Area
    heading: str
    """The heading of its column."""
    block: Block
    since: str
    """The version in which its present words first stood there without a break."""
    signers: tuple[Signer, ...]
    """Nobody, where no version with these words has been signed."""


def trace(version: Version, register: Register) -> tuple[Traced, ...]:
    """Every block of a version, in the document's order.

    A block's words are followed back through the versions it supersedes, by its id, or else by
    the words themselves; who signed any of these versions has signed the words.
    """
    chain = [version, *version.ancestors()]
    held = _count_versions(chain)
    signed = {one.name: _names_of_signers(one, register) for one in chain}
    found = []
    for area in version.plan.areas:
        for cell, blocks in area.cells.items():
            heading = version.plan.columns.headings[cell]
            for block in blocks:
                holding = [one.name for one in reversed(chain[: held[block.id]])]
                signers = _signers(holding, signed)
                found.append(Traced(area, heading, block, holding[0], signers))
    return tuple(found)


def _count_versions(chain: Sequence[Version]) -> dict[str, int]:
    """In how many versions, from the first of the chain on, each of its blocks says the same."""
    first = chain[0].plan
    held = {block.id: 1 for area in first.areas for block in area.blocks}
    following = {block_id: block_id for block_id in held}  # the id it has in the version reached
    for depth, (newer, older) in enumerate(pairwise(chain), 1):
        back = {new: old for old, new in compare(older, newer).ids["block"].items()}
        now, then = _texts(newer), _texts(older)
        following = {
            block_id: back[at]
            for block_id, at in following.items()
            if at in back and now[at] == then[back[at]]
        }
        held |= dict.fromkeys(following, depth + 1)
    return held


def _texts(version: Version) -> dict[str, str]:
    return {block.id: block.text for area in version.plan.areas for block in area.blocks}


def _names_of_signers(version: Version, register: Register) -> dict[str, str]:
    """The names of everybody who has signed a version, by their ids."""
    return {
        mark.person.id: mark.person.name
        for standing in signoff_statuses(register, version.plan)
        for mark in standing.marks
        if mark.signed
    }


def _signers(holding: Sequence[str], signed: Mapping[str, Mapping[str, str]]) -> tuple[Signer, ...]:
    names: dict[str, str] = {}
    for version in holding:
        names |= signed[version]  # a person who has a new name is shown with it
    return tuple(
        Signer(name, tuple(version for version in holding if person in signed[version]))
        for person, name in names.items()
    )
