"""For every line of a version: since when its words stand there, and who has signed them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from signed_plan.compare.changes import Change, Comparison, Part
from signed_plan.compare.compare import compare
from signed_plan.compare.text_diff import Scale
from signed_plan.plan.model import Area, BlockKind, Plan
from signed_plan.plan.names import name_of, names_of
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.register.signoff_status import signoff_statuses

_Key = tuple[Part, str, str]
"""The part, the id and the value, as a change names them: what is followed back."""

_NO_OTHER_WORDS = ("order", "kind")
"""Values whose change leaves the words, and the place they belong to, as they were."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who has signed versions that hold a line's present words."""

    name: str
    versions: tuple[str, ...]
    """The names of those versions, the oldest first."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """One text of a version that is agreed to."""

    part: Part
    id: str
    """As a change names it: for an objective its number."""
    value: str
    area: Area | None
    """None for what stands above the table."""
    heading: str
    """The heading of its column, or of its place above the table."""
    kind: BlockKind
    text: str


@dataclass(frozen=True, slots=True)
class Traced:
    """One text of a version, since when it stands there, and who has signed it."""

    line: Agreed
    since: str
    """The version since which its present words have stood in this place without a break."""
    signers: tuple[Signer, ...]
    """Nobody, where no version with these words has been signed."""


def trace(
    version: Version, register: Register, at_hand: Iterable[Comparison] = ()
) -> tuple[Traced, ...]:
    """Every text of a version that is agreed to, in the document's order: the title block, the
    headings, the objectives, and each area's name, links and blocks.

    It is followed back through the versions it supersedes as comparing finds it again: by its
    id, an objective by its words, a link by the objective that it means. Who signed a version
    that had these words in this place has signed them. What is `at_hand` is not compared again.
    """
    chain = [version, *version.ancestors()]
    lines = list(_lines(version.plan))
    held = _count_versions(lines, chain, at_hand)
    signed = {one.name: _names_of_signers(one, register) for one in chain}
    present = names_of(version.plan).people
    found = []
    for line in lines:
        holding = [one.name for one in reversed(chain[: held[_key(line)]])]
        found.append(Traced(line, holding[0], _signers(holding, signed, present)))
    return tuple(found)


def _lines(plan: Plan) -> Iterator[Agreed]:
    title = {
        "title": plan.title,
        "period": plan.period,
        "amendment": plan.amendment or "",
        "overriding-objective": plan.overriding_objective,
    }
    headings = plan.columns.headings
    for value, text in title.items():
        if text:
            yield Agreed("title", "title", value, None, "Title block", "paragraph", text)
    for value, text in headings.items():
        yield Agreed("column", "columns", value, None, "Headings", "paragraph", text)
    for one in plan.objectives:
        text = f"{one.number} {one.text}"
        yield Agreed("objective", str(one.number), "text", None, "Objectives", "paragraph", text)
    for area in plan.areas:
        yield Agreed("area", area.id, "name", area, headings["reference"], "paragraph", area.name)
        if area.links:
            links = ", ".join(f"Objective {link}" for link in area.links)
            yield Agreed("area", area.id, "links", area, headings["reference"], "paragraph", links)
        for cell, blocks in area.cells.items():
            for block in blocks:
                yield Agreed(
                    "block", block.id, "text", area, headings[cell], block.kind, block.text
                )


def _key(line: Agreed) -> _Key:
    return line.part, line.id, line.value


def _count_versions(
    lines: Iterable[Agreed], chain: Sequence[Version], at_hand: Iterable[Comparison]
) -> dict[_Key, int]:
    """In how many versions, from the first of the chain on, each of its texts stands as it does."""
    known = {(one.old.fingerprint, one.new.fingerprint): one for one in at_hand}
    held = {_key(line): 1 for line in lines}
    following = {key: key for key in held}  # what it is called in the version reached
    for depth, (newer, older) in enumerate(pairwise(chain), 1):
        found = known.get((older.fingerprint, newer.fingerprint)) or compare(older, newer)
        changed = {_changed(change) for change in found.changes}
        back: dict[str, dict[str, str]] = {
            part: {new: old for old, new in ids.items()} for part, ids in found.ids.items()
        }
        following = {
            key: (part, back[part][id_] if part in back else id_, value)
            for key, (part, id_, value) in following.items()
            if (part, id_, value) not in changed and (part not in back or id_ in back[part])
        }
        held |= dict.fromkeys(following, depth + 1)
    return held


def _changed(change: Change) -> _Key | None:
    """The text that is another one since this change, or stands in another cell."""
    where, value = change.where, change.value
    if value in _NO_OTHER_WORDS or (value == "links" and change.scale < Scale.SUBSTANTIVE):
        return None
    return where.part, where.id, "text" if value == "place" else value


def _names_of_signers(version: Version, register: Register) -> dict[str, str]:
    """The names of everybody who has signed a version, by their ids."""
    return {
        mark.person.id: name_of(version.plan, mark.person)
        for standing in signoff_statuses(register, version.plan)
        for mark in standing.marks
        if mark.signed
    }


def _signers(
    holding: Sequence[str], signed: Mapping[str, Mapping[str, str]], present: Mapping[str, str]
) -> tuple[Signer, ...]:
    names: dict[str, str] = {}
    for version in holding:
        names |= signed[version]  # a person who has a new name is shown with it
    return tuple(
        Signer(
            present.get(person, name),
            tuple(version for version in holding if person in signed[version]),
        )
        for person, name in names.items()
    )
