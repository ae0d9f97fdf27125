from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.document.context import (
    SEAL_FIELD,
    TIMESTAMP_FIELD,
    Trail,
    field_name,
    plan_context,
    signoff_context,
)
from signed_plan.plan.model import CELLS
from signed_plan.plan.source import Version

from tests.document.helpers import a_plan, an_area, real_versions


@pytest.fixture(scope="module")
def november() -> Version:
    return next(version for version in real_versions() if version.name == "2017-11")


def test_the_plans_values_are_those_of_the_version(november: Version) -> None:
    values = plan_context(november, Trail())
    assert values["title"] == "Collaboration Action Plan"
    assert values["version"] == "2017-11"
    assert values["short_fingerprint"] == november.fingerprint.short
    assert [one["number"] for one in values["objectives"]] == list(range(1, 11))
    assert list(values["columns"]) == ["reference", *CELLS]
    assert [area["id"] for area in values["areas"]] == [area.id for area in november.plan.areas]


def test_every_block_keeps_its_kind_and_text(november: Version) -> None:
    for values, area in zip(
        plan_context(november, Trail())["areas"], november.plan.areas, strict=True
    ):
        for cell in CELLS:
            found = [(block["kind"], block["text"]) for block in values[cell]]
            assert found == [(block.kind, block.text) for block in getattr(area, cell)]


def test_a_plan_without_an_amendment_has_an_empty_one(tmp_path: Path) -> None:
    assert plan_context(a_plan(tmp_path), Trail())["amendment"] == ""


def test_the_trail_says_what_area_and_cell_were_met_last(tmp_path: Path) -> None:
    trail = Trail()
    areas = plan_context(a_plan(tmp_path, an_area(1), an_area(2)), trail)["areas"]
    assert str(trail) == ""
    said = []
    for area in areas:
        said.append(str(trail))
        for key in ("name", "key", "impact", "name"):
            assert area[key]
            said.append(str(trail))
    for number in (1, 2):
        place = f" (met at area area-{number}"
        expected = [
            f"{place})",
            f"{place})",
            f"{place}, cell key)",
            f"{place}, cell impact)",
            f"{place})",
        ]
        assert said[5 * number - 5 : 5 * number] == expected
    assert str(trail) == ""


def test_a_misspelt_cell_does_not_leave_the_one_before_on_the_trail(tmp_path: Path) -> None:
    trail = Trail()
    (area,) = plan_context(a_plan(tmp_path), trail)["areas"][:1]
    assert area["key"]
    with pytest.raises(KeyError):
        area["kye"]
    assert trail.cell == ""


def test_a_review_of_this_version_is_open_and_an_earlier_one_is_history(november: Version) -> None:
    reviews = signoff_context(november)["reviews"]
    assert [(one["version"], one["open"]) for one in reviews] == [
        ("2017-07", False),
        ("2017-11", True),
        ("2017-11", True),
    ]
    older = november.superseded
    assert older is not None
    assert reviews[0]["fingerprint"] == older.fingerprint.spaced
    assert reviews[1]["fingerprint"] == november.fingerprint.spaced


def test_a_signatory_has_name_role_school_and_field(november: Version) -> None:
    assert signoff_context(november)["reviews"][2]["signatories"][3] == {
        "name": "Kevin Snow",
        "role": "Chair of Governing Board",
        "school": "William Lilley Infant and Nursery School",
        "field": "november-2017-jcc:kevin-snow",
    }


def test_every_field_of_a_version_has_a_name_of_its_own(november: Version) -> None:
    plan = november.plan
    names = [SEAL_FIELD, TIMESTAMP_FIELD] + [
        field_name(review, plan.person(person))
        for review in plan.reviews
        for person in review.signatories
    ]
    assert len(names) == len(set(names)) == 12


def test_the_superseded_version_is_named_with_its_fingerprint(
    november: Version, tmp_path: Path
) -> None:
    older = november.superseded
    assert older is not None
    assert signoff_context(november)["supersedes"] == {
        "version": "2017-07",
        "fingerprint": older.fingerprint.spaced,
    }
    assert signoff_context(a_plan(tmp_path))["supersedes"] == {}


def test_a_text_knows_which_one_it_is_and_is_otherwise_a_text_like_any(november: Version) -> None:
    values = plan_context(november, Trail())
    area = november.plan.areas[0]
    block = values["areas"][0]["key"][0]["text"]
    assert (block, block.key) == (area.key[0].text, f"block/{area.key[0].id}")
    assert values["areas"][0]["name"].key == f"area/{area.id}"
    assert values["objectives"][2]["text"].key == "objective/3"
    assert values["columns"]["impact"].key == "column/impact"
    assert type(block.upper()) is str
    keys = [text.key for text in (values["title"], values["period"], values["version"])]
    assert keys == ["title", "period", "version"]
