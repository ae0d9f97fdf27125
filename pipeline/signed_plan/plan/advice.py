"""What looks like a slip in a plan. The clerk is warned; nothing is corrected."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from typing import Any

from signed_plan.errors import Problem
from signed_plan.plan.model import NOT_WORDS
from signed_plan.plan.source import Version
from signed_plan.plan.tree import KeyPath, Tree
from signed_plan.wording import MONTHS

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_DATED_DAY = re.compile(
    rf"\b({'|'.join(_DAYS)}),? (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? "
    rf"({'|'.join(MONTHS)}),? (\d{{4}})\b"
)
_NAME = re.compile(r"\b(?=([A-Z][a-z]+ [A-Z][a-z]+)\b)")

# A pattern, and what may be wrong where it is found.
_SLIPS = (
    (r"\btop date\b", '"top date" may be meant to be "to date"'),
    (r"\b(e\.g|i\.e)(?=[ ,])", "the abbreviation has no full stop at its end"),
    (r"\beach [a-z]+[^s\W]s\b(?!')", "an apostrophe may be missing"),
    (r"\bboth (?:school|setting|teacher|governor|board)\b", "a plural may be missing after both"),
    (r"\b(\w+) \1\b", "the same word stands twice"),
    (r"^“[^“”]*”$", "the curly quotation marks around the text will be printed"),
    (r"\S  +\S", "there is more than one space in a row"),
    (
        r"\b(?:a|an|and|at|by|for|from|in|of|on|or|the|to|with)$",
        "the text seems to break off",
    ),
)


def advise(version: Version) -> list[Problem]:
    """Everything in a version that its clerk may want to look at again, in file order."""
    tree = version.tree
    texts = list(_texts(tree.data, ()))
    found = [
        *_slips(tree, texts),
        *_spelt_two_ways(tree, texts),
        *_wrong_weekdays(tree, texts),
        *_unserved_objectives(version),
        *_empty_impacts(version),
        *_changed_objectives(version),
        *_nobody_signs(version),
    ]
    return sorted(found, key=lambda advice: (advice.file, advice.line, advice.column))


_Texts = list[tuple[KeyPath, str]]


def _texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if path and path[-1] in NOT_WORDS:
        return
    if isinstance(value, str):
        yield path, value
    else:
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(inner, (*path, key))


def _slips(tree: Tree, texts: _Texts) -> Iterator[Problem]:
    for path, text in texts:
        for pattern, oddity in _SLIPS:
            for match in re.finditer(pattern, text):
                quoted = text[max(0, match.start() - 15) : match.end() + 15].strip()
                yield tree.place(path).problem(f'{oddity}: "…{quoted}…"', "")


def _spelt_two_ways(tree: Tree, texts: _Texts) -> Iterator[Problem]:
    """Names of two words that differ by one letter, unless it is a plural s at the end."""
    uses: defaultdict[str, list[KeyPath]] = defaultdict(list)
    for path, text in texts:
        for match in _NAME.finditer(text):
            uses[match.group(1)].append(path)
    for one, other in combinations(sorted(uses), 2):
        if _one_letter_apart(one, other) and one.rstrip("s") != other.rstrip("s"):
            rare, usual = sorted((one, other), key=lambda name: len(uses[name]))
            for path in uses[rare]:
                yield tree.place(path).problem(f'"{rare}" is spelt "{usual}" elsewhere', "")


def _one_letter_apart(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    start = next(
        (at for at, pair in enumerate(zip(short, long, strict=False)) if pair[0] != pair[1]),
        len(short),
    )
    if len(short) == len(long):
        return short[start + 1 :] == long[start + 1 :]
    return short[start:] == long[start + 1 :]


def _wrong_weekdays(tree: Tree, texts: _Texts) -> Iterator[Problem]:
    for path, text in texts:
        for match in _DATED_DAY.finditer(text):
            said, day, month, year = match.groups()
            try:
                real = _DAYS[date(int(year), MONTHS.index(month) + 1, int(day)).weekday()]
            except ValueError:
                yield tree.place(path).problem(f"there is no {day} {month} {year}", "")
                continue
            if real != said:
                yield tree.place(path).problem(
                    f"{day} {month} {year} is a {real}, not a {said}", ""
                )


def _unserved_objectives(version: Version) -> Iterator[Problem]:
    served = {number for area in version.plan.areas for number in area.links}
    for at, objective in enumerate(version.plan.objectives):
        if objective.number not in served:
            yield version.tree.place(("objectives", at)).problem(
                f"no area is linked to objective {objective.number}", ""
            )


def _empty_impacts(version: Version) -> Iterator[Problem]:
    for at, area in enumerate(version.plan.areas):
        if not area.impact:
            yield version.tree.place(("areas", at, "impact")).problem(
                f'the impact of "{area.name}" is still empty', ""
            )


def _changed_objectives(version: Version) -> Iterator[Problem]:
    """Links are numbers. When an objective is deleted, the numbers after it mean others."""
    older = version.superseded
    if not isinstance(older, Version):
        return
    before = {one.number: one.text for one in older.plan.objectives}
    for at, objective in enumerate(version.plan.objectives):
        if before.get(objective.number, objective.text) != objective.text:
            yield version.tree.place(("objectives", at)).problem(
                f"objective {objective.number} has other words than in version {older.name}; "
                "check that the areas linked to it still mean it",
                "",
            )


def _nobody_signs(version: Version) -> Iterator[Problem]:
    if not version.plan.open_reviews:
        yield version.tree.place(("reviews",)).problem(
            f"no review belongs to version {version.name} yet, so nobody can sign it", ""
        )
