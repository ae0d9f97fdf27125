"""A governor's three questions answered in plain sentences: what changed, is this the document that
was signed, and who has signed. The terminal and the report say them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from signed_plan.compare.changes import WITHIN, AreaChanges, Change, Comparison, Line, Part
from signed_plan.compare.text_diff import PieceKind, Scale
from signed_plan.compare.text_diff import words_of as words_in
from signed_plan.report.facts import Proof, SignatoryFact, VersionFacts
from signed_plan.report.weighty import NAMES, weights_of
from signed_plan.verify.checks import Verdict, verdict_words
from signed_plan.wording import isolate, pluralise

NOTHING = "Nothing changed: the two versions say the same, word for word."
NEVER_BUILT = (
    "Nothing was built in this folder, so it knows of no document and no signature. Whether a PDF "
    "that you hold is signed, and by whom, the PDF itself says: plan extract FILE."
)
TITLES = {
    "title": "title",
    "period": "period",
    "amendment": "amendment line",
    "overriding-objective": "overriding objective",
}
"""The values of the title block, as people call them."""
LISTS: dict[Part, tuple[str, str]] = {
    "objective": ("objective", "objectives"),
    "school": ("school", "schools"),
    "person": ("person", "people"),
    "review": ("review", "reviews"),
}
"""What there is in lists around the table: one of it, and several."""
MEANINGS = {
    "VERIFIED": "The register, the documents and every signature in them were checked again, and "
    "all is as it was recorded.",
    "INCOMPLETE": "Not everybody who is asked to has signed.",
    "ANCHORED": "Something kept outside the office agrees with the register: up to there, it has "
    "not been rewritten.",
    "NOT ANCHORED": "Nothing kept outside the office was held against the register. Somebody with "
    "the office's keys could have written it again; a receipt kept elsewhere would show that.",
    "NOT VERIFIED": "Something is not as it was recorded. Do not rely on these documents before "
    "the office has explained it.",
    "AN OLDER STATE": "The file is genuine, but more was added to the document since.",
    "ANOTHER FILE": "The file shows the same words, but is not the one that was signed.",
}
"""Every word that a verdict can begin with, in one plain sentence or two."""

ONLY = {
    Scale.NONE: "",
    Scale.LAYOUT: "in layout only",
    Scale.EDITORIAL: "in capitals and punctuation only",
    Scale.SUBSTANTIVE: "",
}
"""What to add to "changed" where it is no word that did."""
_ACTIONS = ("changed", "added", "removed", "moved")
_NO_WORDS = ("links", "kind")
"""Values whose change adds and removes no word."""
_OF_WORDS = ("added", "removed", "changed")
"""What may add and remove words; what was moved, split or joined lost none."""


def sentences(comparison: Comparison) -> list[str]:
    """What changed, in the order of weight: plain text, a sentence each."""
    said = list(_changes(comparison)) if comparison.changes else [NOTHING]
    lost = len(comparison.recognised)
    if lost == 1:
        said.append("1 entry has another id now; it was recognised by its words.")
    elif lost:
        said.append(f"{lost} entries have other ids now; they were recognised by their words.")
    return said


def summary(area: AreaChanges) -> str:
    """What became of one area, such as "2 lines changed, 1 moved to Staff, Impact to date"."""
    parts = list(_lines(line for cell in area.cells for line in cell.lines))
    if area.status in ("added", "removed"):
        words = "new area" if area.status == "added" else "area removed"
        moves = [part for part in parts if part[1].startswith("moved")]
        return ", ".join([words, pluralise(len(area.area.blocks), "line"), *_join_counts(moves)])
    return ", ".join([*_join_counts(parts), *_itself(area)]) or "unchanged"


def words_of(verdict: Verdict, *, issued: bool) -> list[str]:
    """The words that a verdict begins with; `issued` says whether it is about an issued version."""
    return verdict_words(
        verdict.kind,
        incomplete=bool(verdict.incomplete),
        anchored=verdict.anchored,
        issued=issued,
    )


def is_it(proof: Proof) -> list[str]:
    """Whether the newer version's file is the one that was signed."""
    newest = proof.versions[-1]
    if proof.verdict is None:
        return [NEVER_BUILT]
    if not proof.verdict.holds:
        return [f"That is not proven. {proof.verdict.sentence.removesuffix('.')}."]
    if newest.other_words:
        return [f"No: the words compared here are not those of {newest.name} in the register."]
    if newest.issued:
        return [_same_file(newest)]
    missing = "has not been issued" if newest.recorded else "was never built"
    said = [f"{newest.name} {missing}: nobody can have signed it yet."]
    signed = [known for known in proof.versions if any(one.signed for one in known.people)]
    return said + [_same_file(known) for known in signed[-1:]]


def who_signed(known: VersionFacts) -> str:
    """Who has signed a version, and who has NOT."""
    if not known.issued:
        names = dict.fromkeys(isolate(person.name) for person in known.people)
        asked = f" It asks {', '.join(names)}." if names else ""
        if known.recorded:
            return f"{known.name}: NOT SIGNED by anybody, since it has not been issued.{asked}"
        return f"{known.name}: NOT SIGNED here, since it was never built in this folder.{asked}"
    signed = [person for person in known.people if person.signed]
    said = f"{known.name}: {len(signed)} of {pluralise(len(known.people), 'signature')}"
    if signed:
        said += f", by {', '.join(dict.fromkeys(map(_name_with_way, signed)))}"
    missing = [
        f"{isolate(person.name)} "
        f"({'declined, ' if person.act == 'declined' else ''}{isolate(review.title)})"
        for review in known.reviews
        for person in review.people
        if not person.signed
    ]
    return f"{said}. NOT SIGNED by {', '.join(missing)}." if missing else f"{said}."


def _changes(comparison: Comparison) -> Iterator[str]:
    yield _areas(comparison)
    changes = comparison.changes
    for value, name in TITLES.items():
        for change in changes:
            if change.where.part == "title" and change.value == value:
                yield f"The {name} was {change.action}."
    headings = [change for change in changes if change.where.part == "column"]
    if headings:
        yield _were(len(headings), "column heading", "column headings", "changed")
    for part, nouns in LISTS.items():
        yield from _entries((one for one in changes if one.where.part == part), nouns)
    yield from _links(comparison)
    yield from _divided(changes)
    yield from _words(comparison)


def _links(comparison: Comparison) -> Iterator[str]:
    """Which areas link to other objectives than before, and why."""
    renumbered = len(comparison.renumbered)
    if renumbered:
        yield f"{pluralise(renumbered, 'objective has', 'objectives have')} another number now."
    linked = [area for area in comparison.areas if any(map(_is_other_links, area.changes))]
    left = [area.area.name for area in linked if area.now_points_elsewhere]
    if left:
        whose = ("area now points", "its") if len(left) == 1 else ("areas now point", "their")
        yield (
            f"{len(left)} {whose[0]} to other objectives, since the numbers of {whose[1]} links "
            f"stayed as they were: {'; '.join(left)}."
        )
    others = [area.area.name for area in linked if not area.now_points_elsewhere]
    if others:
        verb = pluralise(len(others), "area has", "areas have")
        yield f"{verb} links to other objectives: {'; '.join(others)}."


def _is_other_links(change: Change) -> bool:
    return change.value == "links" and change.scale == Scale.SUBSTANTIVE


def _divided(changes: Iterable[Change]) -> Iterator[str]:
    counts = Counter(change.action for change in changes)
    parts = []
    if counts["split"]:
        parts.append(_were(counts["split"], "paragraph", "paragraphs", "split"))
    if counts["joined"]:
        parts.append(_were(counts["joined"], "paragraph", "paragraphs", "joined from several"))
    if parts:
        said = " and ".join(part.removesuffix(".") for part in parts)
        yield f"{said}: no words lost."


def _areas(comparison: Comparison) -> str:
    counts = comparison.counts
    changed = [area for area in comparison.areas if area.status == "changed"]
    only = sum(area.scale < Scale.SUBSTANTIVE for area in changed)
    total = pluralise(len(comparison.new.plan.areas), "area")
    if counts["unchanged"] == len(comparison.areas):
        return f"None of {total} changed."
    said = f"{len(changed) or 'None'} of {total} changed"
    if only:
        which = "all" if only == len(changed) else str(only)
        said += f" ({which} of them in layout, capitals or punctuation only)"
    rest = [f"{counts[name]} {name}" for name in ("added", "unchanged", "removed") if counts[name]]
    return ", ".join([said, *rest]) + "."


def _entries(changes: Iterable[Change], nouns: tuple[str, str]) -> Iterator[str]:
    """What became of a list's entries; one of which several values changed counts once."""
    found = {(change.where.id, _of_entry(change)) for change in changes}
    counts = Counter(action for _, action in found)
    for action in _ACTIONS:
        if counts[action]:
            yield _were(counts[action], *nouns, action)


def _of_entry(change: Change) -> str:
    """What became of the entry: one that lost a value was not removed, but changed."""
    return change.action if change.value in ("", "order") else "changed"


def _words(comparison: Comparison) -> Iterator[str]:
    """How many words came, went and moved; and whether it is words that changed at all."""
    changes = comparison.changes
    moved = sum(_count(one, "same") for one in changes if _is_block(one, "moved"))
    if moved:
        yield _were(moved, "word", "words", "moved")
    if comparison.scale < Scale.SUBSTANTIVE:
        and_more = "capitals, punctuation and " if comparison.scale == Scale.EDITORIAL else ""
        yield f"No word or number was changed, only {and_more}layout."
        return
    worded = [one for one in changes if one.value not in _NO_WORDS and one.action in _OF_WORDS]
    added = sum(_count(one, "added") for one in worded)
    removed = sum(_count(one, "removed") for one in worded)
    if added and removed:
        yield f"{_were(added, 'word', 'words', 'added').removesuffix('.')}, {removed} removed."
    elif removed:
        yield _were(removed, "word", "words", "removed")
    elif added:
        yield f"{_were(added, 'word', 'words', 'added').removesuffix('.')}, and none was removed."
    else:
        yield "No word was added or removed."
    weighty = Counter(kind for one in worded for kind in weights_of(one.pieces))
    parts = [f"{NAMES[kind]} in {pluralise(weighty[kind], 'place')}" for kind in sorted(weighty)]
    if parts:
        yield f"Among them: {', '.join(parts)}."


def _count(change: Change, kind: PieceKind) -> int:
    """How many words the pieces of that kind have."""
    text = " ".join(piece.text for piece in change.pieces if piece.kind == kind)
    return sum(any(map(str.isalnum, word)) for word in words_in(text))


def _is_block(change: Change, action: str) -> bool:
    return change.where.part == "block" and change.action == action


def _were(count: int, one: str, many: str, action: str) -> str:
    return f"{pluralise(count, one, many)} {'was' if count == 1 else 'were'} {action}."


def _lines(lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """How many lines of an area something has become of, and what."""
    counts = Counter(filter(None, map(_fate, lines)))
    order = ("added", "removed", "changed", "split", "joined", "moved")
    for words in sorted(counts, key=lambda one: order.index(one.split()[0])):
        yield counts[words], words


def _fate(line: Line) -> str:
    """What became of a line; "" if nothing, or if another line says it."""
    if line.divided:
        return line.divided.partition(",")[0] if line.scale and ", " in line.divided else ""
    if line.moved:
        within = line.moved == WITHIN
        return "" if within and line.new is None else line.moved
    if line.old is None:
        return "added"
    if line.new is None:
        return "removed"
    return f"changed {ONLY[line.scale]}".rstrip() if line.scale else ""


def _join_counts(parts: list[tuple[int, str]]) -> Iterator[str]:
    for at, (count, words) in enumerate(parts):
        yield f"{count} {words}" if at else f"{pluralise(count, 'line')} {words}"


def _itself(area: AreaChanges) -> Iterator[str]:
    """What happened to the area's own row, apart from its lines."""
    phrases = {"name": "renamed", "order": "moved in the table"}
    for change in area.changes:
        if change.where.part != "area":
            continue
        if change.value in phrases:
            yield phrases[change.value]
        elif change.value == "links":
            yield describe_links(area, change)


def describe_links(area: AreaChanges, change: Change) -> str:
    """What became of an area's links."""
    if area.now_points_elsewhere:
        return "its links now point to other objectives"
    return "links in another order" if change.scale < Scale.SUBSTANTIVE else "other links"


def _same_file(known: VersionFacts) -> str:
    if not any(person.signed for person in known.people):
        return f"The PDF of {known.name} is the one that was issued; nobody has signed it yet."
    asked, signed = len(known.people), sum(person.signed for person in known.people)
    if signed == asked:
        what = "signed by everybody and sealed" if known.sealed else "signed by everybody"
    else:
        what = f"{'sealed' if known.sealed else 'issued'}, with {signed} of {asked} signatures"
    return f"Yes: the PDF of {known.name} is, byte for byte, the one that was {what}."


def _name_with_way(person: SignatoryFact) -> str:
    return isolate(person.name) + (" (on paper)" if person.act == "on paper" else "")
