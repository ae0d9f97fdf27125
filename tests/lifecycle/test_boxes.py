"""Names that no signature's box could show are refused while they can still be changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.box_layout import BoxText
from signed_plan.errors import SigningError, SourceError
from signed_plan.lifecycle.boxes import box_look, find_unshowable, office_name, require_boxes
from signed_plan.lifecycle.build import build
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import make_keys
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one
from signed_plan.progress import silent
from signed_plan.signing.appearance import Look

from tests.helpers import copy_plan, edit
from tests.lifecycle.helpers import everything, nobody, refused, set_settings
from tests.story import prompts

NOVEMBER = "2017-11"


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return copy_plan(tmp_path / "plan")


def rename(folder: PlanFolder, old: str, new: str) -> None:
    edit(folder.source / NOVEMBER / "people.yaml", f": {old}", f": {new}")


def refusal(attempt: Callable[[], object]) -> tuple[str, str, str]:
    """Place, message and remedy of the one thing that is refused."""
    with pytest.raises(SourceError) as caught:
        attempt()
    (problem,) = caught.value.problems
    return problem.place, problem.message, problem.remedy


@pytest.mark.parametrize("name", ["Żółć Ёжиков", "Ελένη Παπαδοπούλου", "O’Neil – Şahin", "Nguyễn"])
def test_latin_greek_and_cyrillic_names_can_be_shown(folder: PlanFolder, name: str) -> None:
    rename(folder, "Carole Clemens", name)
    assert list(find_unshowable(load_one(folder, NOVEMBER))) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("Carole Clemens", "张伟 山田太郎", 14),
        ("Andy Hitchcock", "محمد عبد الرحمن", 22),
        ("Bank Road Infant and Nursery School", "学校", 6),
    ],
)
def test_a_build_refuses_what_no_box_can_show_and_makes_nothing(
    folder: PlanFolder, old: str, new: str, line: int
) -> None:
    rename(folder, old, new)
    before = everything(folder)
    place, message, remedy = refusal(lambda: build(folder, [NOVEMBER], silent, lambda: None))
    assert place.startswith(f"source/2017-11/people.yaml:{line}:")
    assert f'no signature\'s box can show "{new[0]}"' in message
    assert "Latin" in remedy
    assert everything(folder) == before
    edit(folder.source / NOVEMBER / "people.yaml", new, "Zhang Wei")
    assert list(find_unshowable(load_one(folder, NOVEMBER))) == []


def test_a_name_of_somebody_who_signs_nothing_now_does_no_harm(folder: PlanFolder) -> None:
    edit(
        folder.source / NOVEMBER / "people.yaml",
        "people:\n",
        "people:\n  - id: wei\n    name: 张伟\n    role: Head\n    school: bank-road\n",
    )
    assert list(find_unshowable(load_one(folder, NOVEMBER))) == []


def test_an_office_that_no_seal_can_show_gets_no_keys(folder: PlanFolder) -> None:
    set_settings(folder, 'order: any\norganisation: "学校 协作"\n')
    before = everything(folder)
    place, message, remedy = refusal(lambda: make_keys(folder, nobody()))
    assert (place, '"学"' in message) == ("source/settings.yaml:2:15", True)
    assert "Latin" in remedy
    assert everything(folder) == before
    set_settings(folder, "organisation: School Collaboration\n")
    assert office_name(folder, "School Collaboration") == "School Collaboration"


def test_schools_that_no_seal_can_show_need_a_name_for_the_office(folder: PlanFolder) -> None:
    rename(folder, "Bank Road Infant and Nursery School", "学校")
    place, _, remedy = refusal(lambda: office_name(folder, None))
    assert place.startswith("source/2017-11/people.yaml:")
    assert "organisation:" in remedy
    assert office_name(folder, "Bank Road") == "Bank Road"


LONG = "The Collaboration of the Nursery and Infant Schools of " * 7


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_version_whose_box_has_too_little_room_is_not_issued(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("built")
    set_settings(folder, f"organisation: {LONG.strip()}")
    make_keys(folder, prompts())
    with refused(folder, SigningError, "has no room for all its words", "signoff.docx"):
        issue(folder, NOVEMBER, prompts())


def test_every_box_of_the_shipped_plan_has_room_even_for_the_longest_moment(
    built_once: PlanFolder,
) -> None:
    version = load_one(built_once, NOVEMBER)
    pdf = built_once.pdf(NOVEMBER).read_bytes()
    require_boxes(version, "Bank Road and William Lilley Schools", "SPECIMEN", pdf)
    with pytest.raises(SigningError, match="has no room for all its words"):
        require_boxes(version, LONG, "", pdf)


def test_a_name_that_is_worth_nothing_says_so() -> None:
    text = BoxText("Ann Ames", ("Head Teacher",))
    assert box_look("SPECIMEN", text) == Look("SPECIMEN Ann Ames", ("Head Teacher",))
    assert box_look("", text, b"a picture") == Look("Ann Ames", ("Head Teacher",), b"a picture")
