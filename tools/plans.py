"""Made-up plans: of real shape, in any number, or of any length.

`write_plans` and `write_plan` recombine the real plan's own sentences, bullets and cells under
other schools, people and dates; the same seed gives the same files. `write_long_plan` repeats the
real plan's areas.
"""

from __future__ import annotations

import math
import re
import shutil
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from signed_plan.paths import PlanFolder
from signed_plan.plan.ids import write_ids
from signed_plan.plan.model import CELLS, Block, Objective, Plan
from signed_plan.plan.source import load_one

from tools.checkout import REPO

VERSION = "2017-11"
FEWEST_AREAS, USUAL_AREAS, MOST_AREAS = 3, 10, 60

Data = dict[str, Any]
"""A plan, or a part of one, as a clerk would write it; what has no id yet gets one at the end."""

# Each begins with a letter of its own, so that the schools of a plan differ in their initials.
PLACES = (
    "Ashby Birchwood Cotgrave Dovedale Elmhurst Fernleigh Greasley Hawthorn Ivybridge Kimberley "
    "Larkhill Milford Netherfield Oakfield Parkside Queensway Riverside Stapleford Thornhill "
    "Underwood Westbrook Yewtree"
).split()
KINDS_OF_SCHOOL = ("Primary", "Infant and Nursery", "Junior", "Community Primary", "C of E Primary")
FIRST_NAMES = (
    "Aisha Andrew Anne Carol Daniel David Elizabeth Emma Graham Helen Imran James Joanne Karen "
    "Kevin Laura Michael Nadia Owen Patricia Priya Rachel Robert Ruth Sally Siân Stephen Zoë"
).split()
LAST_NAMES = (
    "Abbott Ahmed Barker Beardsmore Chapman Clarke Dixon Evans Fletcher Gill Hargreaves Hussain "
    "Jackson Kaur Lowe Marsh Newton O'Brien Patel Quinn Richardson Shaw Taylor Underhill Wright"
).split()
HEADS = ("Head Teacher", "Head Teacher", "Head Teacher", "Acting Head Teacher")
CHAIRS = ("Chair of Governing Board", "Chair of Governing Board", "Vice Chair of Governing Board")
FOCUSES = (
    "Middle leaders|Writing|EHWB|Growth Mindset|Mastery in Maths|EYFS|Spelling|Peer review|"
    "30 Hrs provision in F1|Moderation"
).split("|")
MONTHS = (
    "January February March April May June July August September October November December"
).split()
TERMS = ("Autumn 2017", "Spring 2018", "Summer 2018")


def write_plans(parent: Path, count: int, seed: int = 0) -> list[PlanFolder]:
    """That many plans of real shape, in folders named for a school, such as oakfield-primary-001.

    They are those of `write_plan` with that seed and the ones after it.
    """
    folders = []
    for number in range(count):
        data = _a_plan(Random(seed + number), None)
        root = parent / f"{data['schools'][0]['id']}-{number + 1:03}"
        folders.append(_write(root, data))
    return folders


def write_plan(root: Path, seed: int, areas: int | None = None) -> PlanFolder:
    """Writes a plan of real shape, of one version; gives its folder."""
    return _write(root, _a_plan(Random(seed), areas))


def write_long_plan(root: Path, areas: int) -> PlanFolder:
    """Writes a plan of one version with that many of the real areas; gives its folder."""
    home = root / "source" / VERSION
    shutil.copytree(REPO / "source" / VERSION, home)
    head, *real = re.split(r"^  - id: ", (home / "areas.yaml").read_text("utf-8"), flags=re.M)
    rows = []
    for number in range(areas):
        row = "  - id: " + real[number % len(real)]
        rows.append(re.sub(r"(\bid: )(\S+)", rf"\1n{number}-\2", row))
    (home / "areas.yaml").write_text(head + "".join(rows), encoding="utf-8")
    for path in home.iterdir():
        text = path.read_text("utf-8")
        text = re.sub(r"^supersedes:.*\n", "", text, flags=re.M)
        text = text.replace('version: "2017-07"', f'version: "{VERSION}"')
        path.write_text(re.sub(r"(\bid: )(n\d+-)(\S{52})\S*", r"\1\2\3", text), encoding="utf-8")
    return PlanFolder(root)


def _write(root: Path, data: Data) -> PlanFolder:
    home = root / "source" / VERSION
    home.mkdir(parents=True)
    in_files = {
        "areas": ("areas",),
        "objectives": ("overriding-objective", "objectives"),
        "people": ("schools", "people"),
        "plan": ("version", "title", "period", "amendment", "columns"),
        "reviews": ("reviews",),
    }
    for name, keys in in_files.items():
        part = {key: data[key] for key in keys}
        text = yaml.safe_dump(part, allow_unicode=True, sort_keys=False, width=95)
        (home / f"{name}.yaml").write_text(text, encoding="utf-8")
    folder = PlanFolder(root)
    write_ids(folder)
    return folder


@cache
def _real() -> Plan:
    return load_one(PlanFolder(REPO), VERSION).plan


def _a_plan(random: Random, areas: int | None) -> Data:
    real = _real()
    schools = _schools(random)
    people = _people(random, schools)
    words = _Words(random, schools, people)
    if areas is None:
        drawn = round(random.lognormvariate(math.log(USUAL_AREAS), 0.6))
        areas = min(MOST_AREAS, max(FEWEST_AREAS, drawn))
    objectives = _sample(random, real.objectives, random.randint(5, len(real.objectives)))
    columns = real.columns.content()
    return {
        "version": VERSION,
        "title": real.title,
        "period": random.choice(("2017", "2017-2018")),
        "amendment": words.dressed(str(real.amendment)),
        "columns": {name: words.dressed(heading) for name, heading in columns.items()},
        "overriding-objective": real.overriding_objective,
        "objectives": [
            {"number": at, "text": objective.text} for at, objective in enumerate(objectives, 1)
        ],
        "schools": schools,
        "people": people,
        "reviews": _reviews(random, people),
        "areas": [
            _an_area(random, words, name, len(objectives)) for name in _area_names(random, areas)
        ],
    }


def _schools(random: Random) -> list[Data]:
    made = []
    for place in random.sample(PLACES, random.choice((2, 2, 3))):
        kind = random.choice(KINDS_OF_SCHOOL)
        known_as = f"{place} {kind}".removesuffix(" and Nursery")
        initials = "".join(word[0] for word in known_as.split() if word[0].isupper())
        made.append({"id": _slug(known_as), "name": f"{place} {kind} School", "short": initials})
    return made


def _people(random: Random, schools: list[Data]) -> list[Data]:
    """The heads of all schools, then the chairs."""
    roles = [random.choice(HEADS) for _ in schools] + [random.choice(CHAIRS) for _ in schools]
    first, last = (random.sample(names, len(roles)) for names in (FIRST_NAMES, LAST_NAMES))
    names = [f"{one} {other}" for one, other in zip(first, last, strict=True)]
    return [
        {"id": _slug(name), "name": name, "role": role, "school": school["id"]}
        for name, role, school in zip(names, roles, schools * 2, strict=True)
    ]


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    return re.sub("[^a-z]+", "-", plain.lower())


def _reviews(random: Random, people: list[Data]) -> list[Data]:
    """One by the heads, one by the JCC, or both, as the real plan has them."""
    everybody = [person["id"] for person in people]
    heads = everybody[: len(everybody) // 2]
    day = random.randint(2, 28)
    by_heads = {
        "title": "November 2017, head teachers",
        "version": VERSION,
        "date": "2017-11",
        "statements": ["THIS ACTION PLAN WAS MONITORED AND REVIEWED BY THE HTs November 2017."],
        "signatories": heads,
    }
    by_jcc = {
        "title": f"{day} November 2017, JCC",
        "version": VERSION,
        "date": f"2017-11-{day:02}",
        "statements": [f"This action plan was reviewed by the JCC on {day} November 2017"],
        "signatories": everybody,
    }
    return random.choice(([by_heads, by_jcc], [by_heads, by_jcc], [by_jcc], [by_heads]))


def _area_names(random: Random, count: int) -> list[str]:
    """Different names: the real ones first, then the real ones with a focus."""
    real = [area.name for area in _real().areas]
    focused = [f"{name}: {focus}" for focus in FOCUSES for name in real]
    if count > len(real) + len(focused):
        raise ValueError(f"there are names for {len(real) + len(focused)} areas, not for {count}")
    drawn = random.sample(real, min(count, len(real)))
    return drawn + random.sample(focused, count - len(drawn))


def _an_area(random: Random, words: _Words, name: str, objectives: int) -> Data:
    """An area each of whose cells has the kinds of block of a real cell of that column."""
    areas = _real().areas
    links = min(objectives, len(random.choice(areas).links))
    area: Data = {"name": name, "links": sorted(random.sample(range(1, objectives + 1), links))}
    for cell in CELLS:
        shape: tuple[Block, ...] = getattr(random.choice(areas), cell)
        pool = [block for real in areas for block in getattr(real, cell)]
        texts = {
            kind: iter(random.sample(same := [one for one in pool if one.kind == kind], len(same)))
            for kind in {block.kind: None for block in shape}  # a set has another order each run
        }
        area[cell] = [
            {block.kind: words.dressed(_text(random, block, next(texts[block.kind]).text, pool))}
            for block in shape
        ]
    return area


def _text(random: Random, shape: Block, drawn: str, pool: Sequence[Block]) -> str:
    """A text as drawn; a paragraph is made of as many sentences as the real one in its place."""
    if shape.kind != "paragraph":
        return drawn
    sentences = [one for block in pool if block.kind == "paragraph" for one in _sentences(block)]
    return " ".join(random.sample(sentences, len(_sentences(shape))))


def _sentences(block: Block) -> list[str]:
    return re.split(r"(?<=\.) (?=[A-Z])", block.text)


def _sample(random: Random, values: Sequence[Objective], count: int) -> list[Objective]:
    """That many of the values, in their order."""
    return [values[at] for at in sorted(random.sample(range(len(values)), count))]


class _Words:
    """The real plan's words, with a plan's own schools, people and dates in them."""

    def __init__(self, random: Random, schools: list[Data], people: list[Data]) -> None:
        self._random = random
        (first, second), head = schools[:2], people[0]
        self._names = {
            "Banks Road": first["name"].split()[0],
            "BR": first["short"],
            "WL": second["short"],
            "Sally Beardsley": head["name"],
        }

    def dressed(self, text: str) -> str:
        names = "|".join(self._names)
        text = re.sub(rf"\b({names})\b", lambda found: self._names[found[0]], text)
        text = re.sub("Autumn 2017", lambda _: self._random.choice(TERMS), text)
        months = "|".join(MONTHS)
        return re.sub(rf"\b\d{{1,2}}(?:st|nd|rd|th)? ({months})\b", lambda _: self._day(), text)

    def _day(self) -> str:
        return f"{self._random.randint(1, 28)} {self._random.choice(MONTHS)}"
