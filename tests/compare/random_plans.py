"""Random pairs of plans: an older one, and a newer one that was made of it by random edits.

`pairs(count, seed)` gives the same pairs each time; with `a_pair(random)`, hypothesis can choose
(`st.randoms()`) and shrink what it finds.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from signed_plan.plan.model import CELLS, KINDS, Plan
from signed_plan.plan.source import Version
from signed_plan.plan.tree import Tree

Data = dict[str, Any]
"""A plan, or a part of one, as a clerk would write it."""

_WORDS = (
    "staff pupils governors review share peer learning the of and to with autumn spring audit, "
    'meeting. (5 December 2017) R&D <minutes> {{ title }} {%p if x %} 100% "quoted" school\'s – '
    "e.g. 1.5 15 naïve Ünïcode T&L שלום 数学 well-being </w:t> &amp; {# no #} _ *"
).split(" ")


def pairs(count: int, seed: int = 0) -> Iterator[tuple[Version, Version]]:
    """That many pairs of an older and a newer version, the same ones for the same seed."""
    random = Random(seed)
    for _ in range(count):
        yield a_pair(random)


def a_pair(random: Random) -> tuple[Version, Version]:
    """An older and a newer version."""
    old = a_plan_s_data(random)
    new = copy.deepcopy(old)
    for _ in range(random.choice((0, 1, 1, 2, 3, 5, 8, 12))):
        random.choice(EDITS)(new, random)
    new["version"] = "2020-07"
    new["supersedes"] = old["version"]
    new["reviews"][0] |= {"version": "2020-07", "date": "2020-07-01", "title": "Summer, JCC"}
    _settle(new)
    first = a_version(old)
    return first, a_version(new, first)


def a_version(data: Data, superseded: Version | None = None) -> Version:
    """The version that a plan's data stands for. Raises ValidationError as the model does."""
    plan = Plan.model_validate(json.loads(json.dumps(data)))
    fingerprint = plan.fingerprint(superseded.fingerprint if superseded else None)
    return Version(plan, (), superseded, fingerprint, Tree())


def a_plan_s_data(random: Random) -> Data:
    """A small plan that has no mistake in it."""
    data: Data = {
        "version": "2020-01",
        "title": "A Plan",
        "period": "2020",
        "columns": {"reference": "Reference"} | {cell: f"Column {cell}" for cell in CELLS},
        "overriding-objective": "To do well:",
        "objectives": [
            {"number": at, "text": a_text(random)} for at in range(1, random.randint(2, 5))
        ],
        "schools": [{"id": "a-school", "name": "A School"}],
        "people": [{"id": "ann", "name": "Ann Ames", "role": "Head", "school": "a-school"}],
        "reviews": [
            {
                "id": "spring",
                "title": "Spring review",
                "version": "2020-01",
                "date": "2020-03-02",
                "statements": ["It was reviewed."],
                "signatories": ["ann"],
            }
        ],
        "areas": [],
    }
    if random.random() < 0.5:
        data["amendment"] = a_text(random)
    for _ in range(random.randint(1, 4)):
        data["areas"].append(an_area(data, random))
    _settle(data)
    return data


def a_text(random: Random) -> str:
    """A text such as the model takes."""
    return " ".join(random.choice(_WORDS) for _ in range(random.randint(1, 12)))


def a_block(data: Data, random: Random) -> Data:
    """A block of any kind, with an id that no other has."""
    return {"id": _fresh_id(data, random), random.choice(KINDS): a_text(random)}


def an_area(data: Data, random: Random) -> Data:
    """A row with any number of blocks in each cell."""
    area: Data = {"id": _fresh_id(data, random), "name": a_text(random), "links": []}
    _link(area, data, random)
    for cell in CELLS:
        area[cell] = [a_block(data, random) for _ in range(random.choice((0, 1, 1, 2, 3, 5)))]
    return area


# Edits: each changes the data in place, and does nothing where there is nothing to be done.


def add_block(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    cell.insert(random.randint(0, len(cell)), a_block(data, random))


def append_block(data: Data, random: Random) -> None:
    _cell(data, random).append(a_block(data, random))


def remove_block(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    if cell:
        del cell[random.randrange(len(cell))]


def remove_last_block(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    if cell:
        cell.pop()


def move_block(data: Data, random: Random) -> None:
    cell, other = _cell(data, random), _cell(data, random)
    if cell:
        block = cell.pop(random.randrange(len(cell)))
        other.insert(random.randint(0, len(other)), block)


def swap_blocks(data: Data, random: Random) -> None:
    random.shuffle(_cell(data, random))


def change_words(data: Data, random: Random) -> None:
    block = _block(data, random)
    if block is not None:
        kind = next(key for key in block if key != "id")
        words = block[kind].split(" ")
        at = random.randrange(len(words) + 1)
        words[at : at + random.randint(0, 2)] = a_text(random).split(" ")[: random.randint(0, 3)]
        block[kind] = " ".join(words).strip() or a_text(random)


def replace_words(data: Data, random: Random) -> None:
    block = _block(data, random)
    if block is not None:
        block[next(key for key in block if key != "id")] = a_text(random)


def split_block(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    if cell:
        at = random.randrange(len(cell))
        (kind,) = (key for key in cell[at] if key != "id")
        words = cell[at][kind].split(" ")
        place = random.randrange(len(words))
        parts = [" ".join(words[:place]).strip(), " ".join(words[place:]).strip()]
        if all(parts):
            ids = [cell[at]["id"], _fresh_id(data, random)]
            random.shuffle(ids)
            cell[at : at + 1] = [
                {"id": own, kind: part} for own, part in zip(ids, parts, strict=True)
            ]


def join_blocks(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    if len(cell) > 1:
        at = random.randrange(len(cell) - 1)
        said = [text for one in cell[at : at + 2] for key, text in one.items() if key != "id"]
        kept = random.choice(cell[at : at + 2])
        (kind,) = (key for key in kept if key != "id")
        cell[at : at + 2] = [{"id": kept["id"], kind: " ".join(said)}]


def move_clause(data: Data, random: Random) -> None:
    """The end of a block's text becomes a block of its own, or goes to the end of another."""
    block, cell = _block(data, random), _cell(data, random)
    if block is not None:
        (kind,) = (key for key in block if key != "id")
        words = block[kind].split(" ")
        place = random.randrange(len(words))
        rest, clause = " ".join(words[:place]).strip(), " ".join(words[place:]).strip()
        if rest and clause:
            block[kind] = rest
            if cell and random.random() < 0.5:
                other = random.choice(cell)
                (kind,) = (key for key in other if key != "id")
                other[kind] = f"{other[kind]} {clause}"
            else:
                own = {"id": _fresh_id(data, random), random.choice(KINDS): clause}
                cell.insert(random.randint(0, len(cell)), own)


def change_kind(data: Data, random: Random) -> None:
    block = _block(data, random)
    if block is not None:
        text = block.pop(next(key for key in block if key != "id"))
        block[random.choice(KINDS)] = text


def change_last_kind(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    if cell:
        text = cell[-1].pop(next(key for key in cell[-1] if key != "id"))
        cell[-1][random.choice(KINDS)] = text


def change_id(data: Data, random: Random) -> None:
    block = _block(data, random)
    if block is not None:
        block["id"] = _fresh_id(data, random)


def swap_ids(data: Data, random: Random) -> None:
    one, other = _block(data, random), _block(data, random)
    if one is not None and other is not None:
        one["id"], other["id"] = other["id"], one["id"]


def empty_cell(data: Data, random: Random) -> None:
    _cell(data, random).clear()


def replace_cell(data: Data, random: Random) -> None:
    cell = _cell(data, random)
    cell[:] = [a_block(data, random) for _ in range(random.randint(0, 4))]


def add_area(data: Data, random: Random) -> None:
    data["areas"].insert(random.randint(0, len(data["areas"])), an_area(data, random))


def remove_area(data: Data, random: Random) -> None:
    if len(data["areas"]) > 1:
        del data["areas"][random.randrange(len(data["areas"]))]


def move_area(data: Data, random: Random) -> None:
    area = data["areas"].pop(random.randrange(len(data["areas"])))
    data["areas"].insert(random.randint(0, len(data["areas"])), area)


def replace_areas(data: Data, random: Random) -> None:
    data["areas"] = [an_area(data, random) for _ in range(random.randint(1, 3))]


def rename_area(data: Data, random: Random) -> None:
    random.choice(data["areas"])["name"] = a_text(random)


def change_links(data: Data, random: Random) -> None:
    _link(random.choice(data["areas"]), data, random)


def add_objective(data: Data, random: Random) -> None:
    objectives = data["objectives"]
    objectives.insert(random.randint(0, len(objectives)), {"text": a_text(random)})


def remove_objective(data: Data, random: Random) -> None:
    if len(data["objectives"]) > 1:
        del data["objectives"][random.randrange(len(data["objectives"]))]


def change_objectives(data: Data, random: Random) -> None:
    random.choice(data["objectives"])["text"] = a_text(random)


def shuffle_objectives(data: Data, random: Random) -> None:
    random.shuffle(data["objectives"])


def change_amendment(data: Data, random: Random) -> None:
    if data.pop("amendment", None) is None or random.random() < 0.5:
        data["amendment"] = a_text(random)


def change_title(data: Data, random: Random) -> None:
    data[random.choice(("title", "period", "overriding-objective"))] = a_text(random)


def change_people(data: Data, random: Random) -> None:
    """Somebody comes, goes or is called otherwise, or a school is."""
    people, schools = data["people"], data["schools"]
    choice = random.randrange(4)
    if choice == 0:
        people.append({"id": _fresh_id(data, random), "name": a_text(random), "role": "Chair"})
        people[-1]["school"] = random.choice(schools)["id"]
    elif choice == 1 and len(people) > 1:
        data["reviews"] = [one | {"signatories": ["ann"]} for one in data["reviews"]]
        people[:] = [one for one in people if one["id"] == "ann"]
    elif choice == 2:
        random.choice(people)[random.choice(("name", "role"))] = a_text(random)
    else:
        schools.insert(0, {"id": _fresh_id(data, random), "name": a_text(random), "short": "S"})
        random.choice(people)["school"] = schools[0]["id"]


def change_reviews(data: Data, random: Random) -> None:
    review = random.choice(data["reviews"])
    review["statements"] = [a_text(random) for _ in range(random.randint(1, 3))]
    signatories = [one["id"] for one in data["people"]]
    random.shuffle(signatories)
    review["signatories"] = signatories
    if random.random() < 0.5:
        data["reviews"].append({**review, "id": _fresh_id(data, random), "title": a_text(random)})


def change_column(data: Data, random: Random) -> None:
    data["columns"][random.choice(("reference", *CELLS))] = a_text(random)


EDITS: tuple[Callable[[Data, Random], None], ...] = (
    *(add_block, append_block, remove_block, remove_last_block, move_block, swap_blocks),
    *(change_words, change_words, change_words, replace_words, change_kind, change_last_kind),
    *(change_id, swap_ids, empty_cell, replace_cell, append_block, remove_last_block),
    *(add_area, remove_area, move_area, replace_areas, rename_area, change_links),
    *(add_objective, remove_objective, change_objectives, shuffle_objectives),
    *(change_people, change_reviews),
    *(change_amendment, change_title, change_column),
    *(split_block, join_blocks, move_clause),
)


def _cell(data: Data, random: Random) -> list[Data]:
    cell: list[Data] = random.choice(data["areas"])[random.choice(CELLS)]
    return cell


def _block(data: Data, random: Random) -> Data | None:
    blocks = [block for area in data["areas"] for cell in CELLS for block in area[cell]]
    return random.choice(blocks) if blocks else None


def _link(area: Data, data: Data, random: Random) -> None:
    numbers = range(1, len(data["objectives"]) + 1)
    area["links"] = sorted(random.sample(numbers, random.randint(0, len(numbers))))


def _fresh_id(data: Data, random: Random) -> str:
    data["next"] = data.get("next", 0) + 1
    return f"n{data['next']}-{random.randrange(10**6)}"


def _settle(data: Data) -> None:
    """Brings the objectives' numbers, and the links to them, in order again."""
    data.pop("next", None)
    for at, objective in enumerate(data["objectives"], 1):
        objective["number"] = at
    for area in data["areas"]:
        area["links"] = [one for one in area["links"] if one <= len(data["objectives"])]
