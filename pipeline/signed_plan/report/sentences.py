"""A governor's three questions answered in plain sentences: what changed, is this the document that
was signed, and who has signed. The terminal and the report say them alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from signed_plan.compare.changes import WITHIN, AreaChanges, Change, Comparison, Line, Part
from signed_plan.compare.text_diff import Scale
from signed_plan.report.facts import Proof, SignatoryFact, VersionFacts
from signed_plan.verify.checks import Verdict, verdict_words
from signed_plan.wording import pluralise

NOTHING = "Nothing changed: the two versions say the same, word for word."
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


def sentences(comparison: Comparison) -> list[str]:
    """What changed, in the order of weight: plain text, a sentence each."""
    said = list(_changes(comparison)) if comparison.changes else [NOTHING]
    lost = len(comparison.recognised)
    if lost == 1:
        said.append("1 entry has another id now and was recognised by its words.")
    elif lost:
        said.append(
            f"{lost} entries have other ids than before and were recognised by their words."
        )
    return said


def summary(area: AreaChanges) -> str:
    """What became of one area, such as "2 lines changed, 1 moved to Staff, Impact to date"."""
    parts = list(_lines(line for cell in area.cells for line in cell.lines))
    if area.status in ("added", "removed"):
        words = "new area" if area.status == "added" else "area removed"
        moves = [part for part in parts if part[1].startswith("moved")]
        return ", ".join([words, pluralise(len(area.area.blocks), "line"), *_join_counts(moves)])
    return ", ".join([*_join_counts(parts), *_itself(area.changes)]) or "unchanged"


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
    if not proof.verdict.holds:
        return [f"That is not proven. {proof.verdict.sentence.removesuffix('.')}."]
    if newest.other_words:
        return [f"No: the words compared here are not those of {newest.name} in the register."]
    if newest.issued:
        return [_same_file(newest)]
    said = [f"{newest.name} has not been issued: nobody can have signed it yet."]
    signed = [known for known in proof.versions if any(one.signed for one in known.people)]
    return said + [_same_file(known) for known in signed[-1:]]


def who_signed(known: VersionFacts) -> str:
    """Who has signed a version, and who has NOT."""
    if not known.issued:
        names = dict.fromkeys(person.name for person in known.people)
        asked = f" It asks {', '.join(names)}." if names else ""
        return f"{known.name}: NOT SIGNED by anybody, since it has not been issued.{asked}"
    signed = [person for person in known.people if person.signed]
    said = f"{known.name}: {len(signed)} of {pluralise(len(known.people), 'signature')}"
    if signed:
        said += f", by {', '.join(dict.fromkeys(map(_name_with_way, signed)))}"
    missing = [
        f"{person.name} ({'declined, ' if person.act == 'declined' else ''}{review.title})"
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
    moved = sum(_is_block(change, "moved") for change in changes)
    if moved:
        yield _were(moved, "line", "lines", "moved")
    yield from _say_what_is_gone(comparison)


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


def _say_what_is_gone(comparison: Comparison) -> Iterator[str]:
    """Whether anything that was agreed is gone; and whether it is words that changed at all."""
    lines = sum(_is_block(change, "removed") for change in comparison.changes)
    if lines:
        yield _were(lines, "line", "lines", "removed")
    elif not any(piece.kind == "removed" for one in comparison.changes for piece in one.pieces):
        yield "Nothing was removed."
    else:
        yield "No line was removed."
    if comparison.scale < Scale.SUBSTANTIVE:
        and_more = "capitals, punctuation and " if comparison.scale == Scale.EDITORIAL else ""
        yield f"No word or number was changed, only {and_more}layout."


def _is_block(change: Change, action: str) -> bool:
    return change.where.part == "block" and change.action == action


def _were(count: int, one: str, many: str, action: str) -> str:
    return f"{pluralise(count, one, many)} {'was' if count == 1 else 'were'} {action}."


def _lines(lines: Iterable[Line]) -> Iterator[tuple[int, str]]:
    """How many lines of an area something has become of, and what."""
    counts = Counter(filter(None, map(_fate, lines)))
    order = ("added", "removed", "changed", "moved")
    for words in sorted(counts, key=lambda one: order.index(one.split()[0])):
        yield counts[words], words


def _fate(line: Line) -> str:
    """What became of a line; "" if nothing, or if another line says it."""
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


def _itself(changes: Iterable[Change]) -> Iterator[str]:
    """What happened to the area's own row, apart from its lines."""
    phrases = {
        "name": "renamed",
        "links": "links to other objectives",
        "order": "moved in the table",
    }
    for change in changes:
        if change.where.part == "area" and change.value in phrases:
            yield phrases[change.value]


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
    return f"{person.name} on paper" if person.act == "on paper" else person.name
