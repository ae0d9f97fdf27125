"""`plan schema`: editors find the schemas that the models give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from signed_plan.paths import SCHEMA_FILE, SETTINGS_SCHEMA_FILE, PlanFolder
from signed_plan.plan.schema import json_schema, settings_schema, write_schemas

from tests.helpers import copy_plan
from tests.plan.helpers import (
    small_plan,
)


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


SCHEMAS = {SCHEMA_FILE: json_schema, SETTINGS_SCHEMA_FILE: settings_schema}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_of_this_repository_is_current_to_the_byte(tmp_path: Path, name: str) -> None:
    folder = copy_plan(tmp_path)
    before = (folder.source / name).read_bytes()

    write_schemas(folder)

    assert (folder.source / name).read_bytes() == before


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_not_current_is_written_again(folder: PlanFolder, name: str) -> None:
    (folder.source / name).write_text("{}", encoding="utf-8")

    write_schemas(folder)
    assert json.loads((folder.source / name).read_text(encoding="utf-8")) == SCHEMAS[name]()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_current_schema_is_not_touched(folder: PlanFolder, name: str) -> None:
    write_schemas(folder)
    before = (folder.source / name).stat().st_ino

    write_schemas(folder)

    assert (folder.source / name).stat().st_ino == before
