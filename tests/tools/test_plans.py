"""The made plans: of real shape, the same ones each time, and plans that the program takes."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from signed_plan.document.fonts import require_coverage
from signed_plan.lifecycle.build import build
from signed_plan.paths import PlanFolder, is_plain_name
from signed_plan.plan.model import CELLS, Plan
from signed_plan.plan.source import load, load_one

from tests.helpers import REPO
from tools.plans import (
    FIRST_NAMES,
    LAST_NAMES,
    MONTHS,
    PLACES,
    TERMS,
    VERSION,
    write_plan,
    write_plans,
)

COUNT = 40


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[PlanFolder]:
    return write_plans(tmp_path_factory.mktemp("plans"), COUNT)


@pytest.fixture(scope="module")
def plans(folders: list[PlanFolder]) -> list[Plan]:
    return [load_one(folder, VERSION).plan for folder in folders]


def real() -> Plan:
    return load_one(PlanFolder(REPO), VERSION).plan


def files(folder: PlanFolder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.source.rglob("*.yaml")}


def test_every_plan_is_one_version_in_a_folder_named_for_a_school(
    folders: list[PlanFolder],
) -> None:
    assert len({folder.root for folder in folders}) == COUNT
    for at, folder in enumerate(folders, 1):
        (version,) = load(folder)
        assert version.superseded is None
        assert is_plain_name(folder.root.name)
        assert folder.root.name == f"{version.plan.schools[0].id}-{at:03}"


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_plan(
    folders: list[PlanFolder], tmp_path: Path
) -> None:
    assert files(write_plan(tmp_path / "same", 7)) == files(folders[7])
    assert files(write_plan(tmp_path / "other", 8)) != files(folders[7])


def test_most_plans_are_about_as_long_as_the_real_one_and_few_are_long(plans: list[Plan]) -> None:
    counts = [len(plan.areas) for plan in plans]
    assert 3 <= min(counts) < 7
    assert 20 < max(counts) <= 60
    assert abs(statistics.median(counts) - len(real().areas)) <= 2


@pytest.mark.parametrize("areas", [3, 60])
def test_a_plan_has_as_many_areas_as_asked_for_each_under_its_own_name(
    tmp_path: Path, areas: int
) -> None:
    plan = load_one(write_plan(tmp_path, 1, areas), VERSION).plan
    assert len({area.name for area in plan.areas}) == len(plan.areas) == areas


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_has_as_many_blocks_as_the_real_ones_of_its_column(
    plans: list[Plan], cell: str
) -> None:
    expected = [len(getattr(area, cell)) for area in real().areas]
    found = [len(getattr(area, cell)) for plan in plans for area in plan.areas]
    assert min(expected) <= min(found) <= max(found) <= max(expected)
    assert statistics.mean(found) == pytest.approx(statistics.mean(expected), rel=0.2)


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_s_text_is_about_as_long_as_the_real_ones(plans: list[Plan], cell: str) -> None:
    def length(plan: Plan) -> list[int]:
        return [sum(len(one.text) for one in getattr(area, cell)) for area in plan.areas]

    found = statistics.mean(one for plan in plans for one in length(plan))
    assert found == pytest.approx(statistics.mean(length(real())), rel=0.25)


def test_reviews_are_signed_by_two_to_six_people(plans: list[Plan]) -> None:
    counts = {len(review.signatories) for plan in plans for review in plan.reviews}
    assert {2, 4, 6} <= counts <= {2, 3, 4, 5, 6}
    assert {len(plan.open_reviews) for plan in plans} == {1, 2}


def words(plan: Plan) -> Iterator[str]:
    for area in plan.areas:
        for block in area.blocks:
            yield from re.findall(r"[^\W\d_]+", block.text)


def test_every_word_in_a_cell_is_the_real_plan_s_or_a_name_or_a_date(plans: list[Plan]) -> None:
    names = " ".join((*PLACES, *FIRST_NAMES, *LAST_NAMES, *MONTHS, *TERMS))
    known = {*words(real()), *re.findall(r"[^\W\d_]+", names)}
    for plan in plans:
        initials = {school.short for school in plan.schools}
        assert set(words(plan)) <= known | initials


def test_no_plan_names_the_real_schools_or_people(plans: list[Plan]) -> None:
    theirs = re.compile(r"\b(BR|WL|Banks? Road|Lilley|Beardsley|Clemens|Hitchcock|Snow)\b")
    for plan in plans:
        for text in plan.texts():
            assert not theirs.search(text), text


def test_installed_fonts_have_every_character(plans: list[Plan]) -> None:
    require_coverage(text for plan in plans for text in plan.texts())


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_made_plan_builds(tmp_path: Path) -> None:
    folder = write_plan(tmp_path, 5, 8)
    (built,) = build(folder, [], lambda _: nullcontext(), lambda: None).built
    assert 4 <= built.pages <= 12
    assert folder.pdf(VERSION).read_bytes().startswith(b"%PDF-")
