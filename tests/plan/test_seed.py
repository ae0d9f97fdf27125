"""The independent proof that the sources are the seed document, word for word.

The seed is read here by rules of its own, not by the project's code: tags and bullets are marks of
its extraction, line breaks are layout, and the words are the content.
"""

from __future__ import annotations

import hashlib
import re
from itertools import accumulate
from pathlib import Path

import pytest
from signed_plan.plan.model import CELLS, Area, Block, Plan, Review
from signed_plan.plan.source import load

from tests.helpers import REPO, VERSIONS
from tests.plan.helpers import load_one, real_plan

SEED = Path(__file__).resolve().parent.parent / "data" / "seed.txt"
TEXT = SEED.read_text(encoding="utf-8")
MARKS = re.compile(r"<[^>]*>|•")
"""What the extraction put in: tags, and bullets."""

RULE = "---\t---\t--\t---\t---"
"""The line that the extraction drew below the table."""

HEAD, _, REST = TEXT.partition("The overriding objective")
INTRODUCTION, _, TABLE_AND_SIGN_OFFS = REST.partition("Collaboration objective reference\t")
TABLE, _, SIGN_OFFS = TABLE_AND_SIGN_OFFS.partition(RULE)
ROWS = [line.split("\t") for line in ("\t" + TABLE).splitlines() if "\t" in line]
ROWS[0][0] = "Collaboration objective reference"


def words(text: str) -> list[str]:
    """The words of a piece of the seed; a hyphen alone is the mark of a second-level bullet."""
    return [word for word in MARKS.sub(" ", text).split() if word != "-"]


def pieces(cell: str) -> list[list[str]]:
    """The words of a cell between one mark of its extraction and the next."""
    found = re.split(rf"{MARKS.pattern}|(?<=\s)-(?=\s)", cell)
    return [piece for piece in map(words, found) if piece]


def of_blocks(blocks: tuple[Block, ...]) -> list[str]:
    return [word for block in blocks for word in block.text.split()]


def of_first_cell(area: Area) -> list[str]:
    links = [word for number in area.links for word in ("Objective", str(number))]
    return [*area.name.split(), *(["Links:"] if links else []), *links]


def of_objectives(plan: Plan) -> list[str]:
    found = plan.overriding_objective.split()
    for objective in plan.objectives:
        found += [f"{objective.number}.", *objective.text.split()]
    return found


def of_columns(plan: Plan) -> list[str]:
    columns = plan.columns
    headings = (columns.reference, columns.key, columns.actions, columns.outcome, columns.impact)
    return " ".join(headings).split()


def of_sign_off(plan: Plan, review: Review) -> list[str]:
    found = [*" ".join(review.statements).split(), "Signed:"]
    for person in map(plan.person, review.signatories):
        found += [*person.name.split(), *person.role.split()]
        found += plan.school(person.school).name.split()
    return found


def of_plan(plan: Plan) -> list[str]:
    """Every word that the document prints of a plan, in the order of the seed."""
    found = [*plan.title.split(), *plan.period.split(), *(plan.amendment or "").split()]
    found += of_objectives(plan) + of_columns(plan)
    for area in plan.areas:
        found += of_first_cell(area) + of_blocks(area.blocks)
    for review in plan.reviews:
        found += of_sign_off(plan, review)
    return found


@pytest.fixture(scope="module")
def november() -> Plan:
    return load_one(real_plan(), "2017-11").plan


@pytest.fixture(scope="module")
def july() -> Plan:
    return load_one(real_plan(), "2017-07").plan


# The seed itself


def test_the_seed_is_the_document_as_it_was_received() -> None:
    digest = hashlib.sha256(SEED.read_bytes()).hexdigest()

    assert digest == "aadc5758d3800b28b56d8766b5c4fabe4dbf69e3dcc9ee61459edb5bff69c81a"


def test_the_seed_is_cut_where_its_parts_begin() -> None:
    assert (len(ROWS), {len(row) for row in ROWS}) == (11, {5})
    assert SIGN_OFFS.count("Signed:") == 3
    assert len(words(TEXT)) > 1500


# November is the seed


def test_the_title_block_is_the_seeds(november: Plan) -> None:
    assert november.amendment is not None
    block = f"{november.title} {november.period} {november.amendment}"

    assert block.split() == words(HEAD)


def test_the_objectives_are_the_seeds(november: Plan) -> None:
    assert of_objectives(november) == words("The overriding objective" + INTRODUCTION)
    assert len(november.objectives) == 10


def test_the_column_headings_are_the_seeds(november: Plan) -> None:
    columns = november.columns

    assert ROWS[0] == [
        columns.reference,
        columns.key,
        columns.actions,
        columns.outcome,
        columns.impact,
    ]


def test_the_areas_are_the_rows_of_the_seed(november: Plan) -> None:
    assert len(november.areas) == len(ROWS) - 1 == 10


@pytest.mark.parametrize("row", range(10))
def test_the_first_cell_of_every_row_is_the_seeds(november: Plan, row: int) -> None:
    assert of_first_cell(november.areas[row]) == words(ROWS[row + 1][0])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("row", range(10))
def test_every_cell_of_every_row_is_the_seeds(november: Plan, row: int, cell: str) -> None:
    blocks: tuple[Block, ...] = getattr(november.areas[row], cell)

    assert of_blocks(blocks) == words(ROWS[row + 1][1 + CELLS.index(cell)])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("row", range(10))
def test_where_the_seed_begins_a_paragraph_or_bullet_so_does_the_plan(
    november: Plan, row: int, cell: str
) -> None:
    blocks: tuple[Block, ...] = getattr(november.areas[row], cell)
    ends = set(accumulate(len(block.text.split()) for block in blocks))
    marked = accumulate(len(piece) for piece in pieces(ROWS[row + 1][1 + CELLS.index(cell)]))

    assert ends.issuperset(marked)


def test_the_subheading_autumn_2017_is_a_heading_wherever_it_stands(november: Plan) -> None:
    blocks = [block for area in november.areas for block in area.blocks]
    headings = [block.text for block in blocks if block.kind == "heading"]

    assert headings == ["Autumn 2017"] * TEXT.count("<p>Autumn 2017</p>")
    assert len(headings) == 6


def test_what_the_seed_marks_with_a_hyphen_is_a_second_level_bullet(november: Plan) -> None:
    subs = [
        block.text for area in november.areas for block in area.blocks if block.kind == "sub-bullet"
    ]
    marked = re.findall(r"(?<=\s)- ([^<-]+)", TABLE)

    assert len(marked) == 6
    for text in marked:
        assert [sub for sub in subs if text.startswith(sub)], text


def test_a_cell_that_holds_only_an_empty_bullet_is_empty(november: Plan) -> None:
    empty = [area.name for area in november.areas if not area.impact]

    assert empty == ["Governors", "Combined SIP priorities (2017-2018)"]


def test_the_sign_offs_are_the_seeds_statements_and_signatories(november: Plan) -> None:
    found = [of_sign_off(november, review) for review in november.reviews]

    assert [word for sign_off in found for word in sign_off] == words(SIGN_OFFS)
    assert [len(review.signatories) for review in november.reviews] == [4, 2, 4]


def test_the_schools_initials_are_those_that_the_texts_use(november: Plan) -> None:
    shorts = {school.name.split()[0]: school.short for school in november.schools}

    assert shorts == {"Bank": "BR", "William": "WL"}


def test_no_word_of_the_seed_is_left_over_and_none_is_added(november: Plan) -> None:
    assert of_plan(november) == words(TEXT.replace(RULE, ""))


# July is November without what November added


def test_july_is_november_without_what_the_rulings_name(july: Plan, november: Plan) -> None:
    expected = november.content()
    expected["version"] = "2017-07"
    del expected["supersedes"], expected["amendment"]
    expected["areas"] = expected["areas"][:8]
    for area in expected["areas"]:
        kinds = ["heading" in block for block in area["actions"]]
        if True in kinds:
            area["actions"] = area["actions"][: kinds.index(True)]
    expected["reviews"] = expected["reviews"][:1]

    assert july.content() == expected


def test_the_rows_that_july_lacks_are_those_with_an_empty_impact(
    july: Plan, november: Plan
) -> None:
    assert july.areas[-1].id == "parents"
    assert [area.id for area in november.areas if area.impact] == [area.id for area in july.areas]


def test_no_word_of_autumn_2017_stands_in_july(july: Plan) -> None:
    assert not [text for text in july.texts() if "Autumn 2017" in text or "November" in text]


def test_the_ids_of_july_are_those_of_november(july: Plan, november: Plan) -> None:
    def ids(plan: Plan) -> set[str]:
        areas = {f"{area.id} {block.id}" for area in plan.areas for block in area.blocks}
        people = {person.id for person in plan.people} | {school.id for school in plan.schools}
        return areas | people | {review.id for review in plan.reviews}

    assert ids(july) < ids(november)


def test_in_november_the_july_review_is_history_and_two_are_open(november: Plan) -> None:
    assert [(review.id, review.version) for review in november.reviews] == [
        ("july-2017", "2017-07"),
        ("november-2017-heads", "2017-11"),
        ("november-2017-jcc", "2017-11"),
    ]
    assert len(november.open_reviews) == 2


def test_in_july_its_one_review_is_open(july: Plan) -> None:
    assert [review.id for review in july.open_reviews] == ["july-2017"]


@pytest.mark.parametrize("path", sorted((REPO / "source" / "2017-07").glob("*.yaml")), ids=str)
def test_every_file_of_july_says_that_it_is_reconstructed(path: Path) -> None:
    head = path.read_text(encoding="utf-8").split("\n\n")[0].splitlines()

    assert all(line.startswith("#") for line in head)
    assert any("RECONSTRUCTED" in line for line in head)


def test_these_are_all_the_versions_there_are() -> None:
    assert [version.name for version in load(real_plan())] == list(VERSIONS)
