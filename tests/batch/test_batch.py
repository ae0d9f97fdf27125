"""Many plans: which they are, and the summary that is left."""

from __future__ import annotations

import json
from concurrent.futures import CancelledError, Future
from pathlib import Path

import pytest
from signed_plan.batch.batch import SUMMARY, count, jobs_for, run_batch
from signed_plan.batch.job import Job, Result
from signed_plan.errors import ExitCode, OutputError, UsageError


class Instant:
    """Workers that have done it already, or never will."""

    def __init__(self, *broken: str, how: Exception | None = None) -> None:
        self.broken = broken
        self.how = how or MemoryError("no more")

    def submit(self, job: Job) -> Future[Result]:
        future: Future[Result] = Future()
        if job.name in self.broken:
            future.set_exception(self.how)
        else:
            future.set_result(Result(job.name, job.folder, "built"))
        return future


def summary(output: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((output / SUMMARY).read_text("utf-8"))
    return told


def test_each_folder_is_built_below_the_output_by_its_own_name(tmp_path: Path) -> None:
    folders = [tmp_path / "ash", tmp_path / "x" / ".." / "birch"]
    jobs = jobs_for(folders, tmp_path / "out", force=True)
    assert [(job.name, job.output) for job in jobs] == [
        ("ash", str(tmp_path / "out/ash")),
        ("birch", str(tmp_path / "out/birch")),
    ]


def test_a_folder_that_is_named_twice_is_built_once(tmp_path: Path) -> None:
    assert len(jobs_for([tmp_path / "ash"] * 2, tmp_path / "out", force=True)) == 1


def test_two_folders_of_one_name_are_refused_with_both_their_places(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        jobs_for([tmp_path / "a/ash", tmp_path / "b/ash"], tmp_path, force=True)
    assert "a/ash" in raised.value.message
    assert "b/ash" in raised.value.message


def test_a_folder_that_would_be_built_over_the_summary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the name of the summary"):
        jobs_for([tmp_path / SUMMARY], tmp_path / "out", force=True)


def test_the_summary_has_every_plan_in_the_order_it_was_named(tmp_path: Path) -> None:
    names = ("cedar", "ash", "birch")
    jobs = jobs_for([tmp_path / name for name in names], tmp_path / "out", force=True)
    shown: list[Result] = []
    results = run_batch(jobs, Instant("ash"), tmp_path / "out", shown.append)
    assert [one.status for one in results] == ["built", "failed", "built"]
    assert count(results) == {"built": 2, "failed": 1}
    assert sorted(one.name for one in shown) == sorted(names)
    left = summary(tmp_path / "out")
    assert [left[key] for key in ("format", "built", "failed", "not_reached")] == [1, 2, 1, 0]
    assert isinstance(left["plans"], list)
    assert [one["name"] for one in left["plans"]] == list(names)
    assert "MemoryError" in left["plans"][1]["message"]
    assert isinstance(left["seconds"], float)


def test_a_folder_whose_name_is_no_utf8_is_in_the_summary(tmp_path: Path) -> None:
    jobs = jobs_for([tmp_path / "f\udce9e"], tmp_path / "out", force=True)
    run_batch(jobs, Instant(), tmp_path / "out", lambda _: None)
    (plan,) = json.loads((tmp_path / "out" / SUMMARY).read_bytes())["plans"]
    assert plan["name"] == "f\udce9e"


def test_what_a_cluster_has_lost_is_told_with_what_to_do(tmp_path: Path) -> None:
    jobs = jobs_for([tmp_path / "ash"], tmp_path / "out", force=True)
    lost = Instant("ash", how=CancelledError())
    (result,) = run_batch(jobs, lost, tmp_path / "out", lambda _: None)
    assert (result.status, result.exit_code) == ("failed", ExitCode.FAILED)
    assert "The cluster lost it" in result.message
    assert "--resume" in result.remedy


def test_an_interrupted_batch_says_in_its_summary_what_was_not_reached(tmp_path: Path) -> None:
    jobs = jobs_for([tmp_path / name for name in ("ash", "birch")], tmp_path / "out", force=True)

    def show(_: Result) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(jobs, Instant(), tmp_path / "out", show)
    left = summary(tmp_path / "out")
    assert (left["built"], left["not_reached"]) == (1, 1)


def test_a_screen_that_is_gone_is_not_told_as_an_output_that_cannot_be_written(
    tmp_path: Path,
) -> None:
    jobs = jobs_for([tmp_path / "ash"], tmp_path / "out", force=True)

    def show(_: Result) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        run_batch(jobs, Instant(), tmp_path / "out", show)
    assert summary(tmp_path / "out")["built"] == 1


def test_an_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    jobs = jobs_for([tmp_path / "ash"], tmp_path / "out", force=True)
    with pytest.raises(OutputError, match="cannot be written") as raised:
        run_batch(jobs, Instant(), tmp_path / "out", lambda _: None)
    assert raised.value.exit_code == ExitCode.FAILED
