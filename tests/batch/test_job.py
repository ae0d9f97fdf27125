"""One plan of many: whatever happens to it is a record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from signed_plan.batch.job import Job, Result, build_job, close_converter
from signed_plan.errors import ExitCode

from tests.batch.helpers import is_whole, job_for, spoil, write_small_plans

slow = pytest.mark.slow("builds several plans and kills workers")


@pytest.fixture(autouse=True)
def no_libreoffice_left() -> Iterator[None]:
    yield
    close_converter()


@slow
def test_a_plan_is_built_where_it_is_told_and_nothing_is_left_in_its_folder(
    tmp_path: Path,
) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    before = sorted(folder.root.rglob("*"))
    result = build_job(job_for(folder, tmp_path / "out"))
    assert (result.status, result.name, result.exit_code) == ("built", "ash", ExitCode.OK)
    (made,) = result.versions
    assert Path(made.pdf).is_file()
    assert made.pages is not None
    assert made.pages > 2
    assert is_whole(folder, tmp_path / "out")
    assert sorted(folder.root.rglob("*")) == before


def test_a_plan_s_place_that_is_a_link_is_a_failure_that_says_so(tmp_path: Path) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "ash").symlink_to(tmp_path / "elsewhere")
    result = build_job(job_for(folder, tmp_path / "out"))
    assert (result.status, result.exit_code) == ("failed", ExitCode.FAILED)
    assert "ash is a link to" in result.message
    assert list((tmp_path / "elsewhere").iterdir()) == []


@slow
def test_what_is_up_to_date_is_built_only_if_asked_for_and_entered_once(tmp_path: Path) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    jobs = [job_for(folder, tmp_path / "out", force=force) for force in (False, False, True)]
    assert [build_job(job).status for job in jobs] == ["built", "up to date", "built"]
    assert is_whole(folder, tmp_path / "out")


def test_mistakes_are_told_with_their_place_and_remedy(tmp_path: Path) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    spoil(folder)
    result = build_job(job_for(folder, tmp_path / "out"))
    assert (result.status, result.exit_code) == ("failed", ExitCode.SOURCE)
    assert "plan.yaml:" in result.message
    assert "colour" in result.message
    assert result.remedy


def test_of_several_mistakes_each_is_told(tmp_path: Path) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    spoil(folder)
    path = next(folder.source.glob("*/plan.yaml"))
    path.write_text(path.read_text("utf-8") + "shape: round\n", "utf-8")
    result = build_job(job_for(folder, tmp_path / "out"))
    assert [word in result.message for word in ("colour", "shape")] == [True, True]
    assert len(result.message.splitlines()) == 2
    assert "plan check" in result.remedy


def test_a_folder_that_is_no_plan_is_a_result_as_well(tmp_path: Path) -> None:
    result = build_job(Job(str(tmp_path), str(tmp_path / "out"), force=False))
    assert (result.status, result.exit_code) == ("failed", ExitCode.USAGE)
    assert "no folder named source" in result.message


def test_a_bug_that_one_plan_meets_is_told_with_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    monkeypatch.setattr("signed_plan.lifecycle.build.KnownVersions", lambda *_: 1 / 0)
    result = build_job(job_for(folder, tmp_path / "out"))
    assert (result.status, result.exit_code) == ("failed", ExitCode.FAILED)
    assert "ZeroDivisionError" in result.message


@slow
def test_a_record_survives_json(tmp_path: Path) -> None:
    (folder,) = write_small_plans(tmp_path / "in", 1)
    result = build_job(job_for(folder, tmp_path / "out"))
    assert Result.read(json.loads(json.dumps(result.as_data()))) == result
