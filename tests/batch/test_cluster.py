"""The same work on a real Dask cluster of two workers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from signed_plan.batch.batch import run_batch
from signed_plan.batch.cluster import DaskWorkers
from signed_plan.batch.job import Result
from signed_plan.errors import ExitCode, MissingError, ServiceError

from tests.batch.helpers import is_whole, job_for, kill, spoil, write_small_plans
from tests.helpers import REPO

slow = pytest.mark.slow("builds several plans and kills workers")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with two workers, each looked after by a nanny, as by default."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    here = ("--host", "127.0.0.1")
    started = [
        subprocess.Popen(
            command,
            cwd=REPO,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in (
            [*dask, "scheduler", *here, "--port", str(port), "--no-dashboard"],
            *(
                [*dask, "worker", address, "--nthreads", "1", "--no-dashboard", *here]
                for _ in range(2)
            ),
        )
    ]
    yield address
    for process in started:
        process.terminate()
    for process in started:
        process.wait(20)


@slow
def test_a_cluster_builds_what_one_of_its_killed_workers_has_left(
    tmp_path: Path, cluster: str
) -> None:
    folders = write_small_plans(tmp_path / "in", 6)
    spoil(folders[3])
    jobs = [job_for(one, tmp_path / "out") for one in folders]
    killed: list[int] = []

    def show(result: Result) -> None:
        if not killed:
            killed.append(int(result.worker.rpartition(":")[2]))
            kill(killed[0])

    with DaskWorkers(cluster) as workers:
        results = run_batch(jobs, workers, tmp_path / "out", show)
    assert [one.status for one in results] == [*["built"] * 3, "failed", *["built"] * 2]
    assert "colour" in results[3].message
    for folder, result in zip(folders, results, strict=True):
        assert result.status == "failed" or is_whole(folder, tmp_path / "out")
    assert len({one.worker for one in results}) > 1


@slow
def test_a_cluster_that_does_not_answer_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signed_plan.batch.cluster._PATIENCE", 1)
    with pytest.raises(ServiceError, match="No Dask cluster answers") as raised:
        DaskWorkers(f"tcp://127.0.0.1:{free_port()}")
    assert raised.value.exit_code == ExitCode.SERVICE


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingError, match="Dask is not installed") as raised:
        DaskWorkers("tcp://127.0.0.1:1")
    assert "signed-plan[dask]" in raised.value.remedy
