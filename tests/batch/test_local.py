"""Workers on this machine, some of which are killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from signed_plan.batch.job import Job, Result
from signed_plan.batch.local import LocalWorkers

from tests.batch.helpers import (
    is_whole,
    job_for,
    kill,
    processes,
    wait_for,
    write_small_plans,
)

pytestmark = pytest.mark.slow("builds several plans and kills workers")


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the processes of this test can be told by."""
    monkeypatch.setenv("SIGNED_PLAN_TEST", str(tmp_path))
    return f"SIGNED_PLAN_TEST={tmp_path}"


def workers(mark: str) -> list[int]:
    return [number for number, words in processes(mark).items() if "batch.worker" in words]


def test_two_workers_share_the_plans_and_leave_no_process(tmp_path: Path, mark: str) -> None:
    folders = write_small_plans(tmp_path / "in", 4)
    with LocalWorkers(2) as pool:
        futures = [pool.submit(job_for(one, tmp_path / "out")) for one in folders]
        results = [future.result() for future in futures]
    assert {result.status for result in results} == {"built"}
    assert len({result.worker for result in results}) == 2
    assert {result.converter for result in results} == {"LibreOfficeKit"}
    assert all(is_whole(one, tmp_path / "out") for one in folders)
    wait_for(lambda: not processes(mark), 10)


def test_a_plan_whose_worker_is_killed_is_built_by_another_and_entered_once(
    tmp_path: Path, mark: str
) -> None:
    """Killed at whatever moment it is at, from starting to entering what it has made."""
    folders = write_small_plans(tmp_path / "in", 6)
    with LocalWorkers(2) as pool:
        futures = [pool.submit(job_for(one, tmp_path / "out")) for one in folders]
        for _ in range(4):
            time.sleep(0.9)
            for one in workers(mark)[:1]:
                kill(one)
        results = [future.result() for future in futures]
    for result, folder in zip(results, folders, strict=True):
        # Killed three times over itself, a plan is given up; then another run completes it.
        if result.status == "failed":
            assert "ended 3 times" in result.message
            with LocalWorkers(1) as pool:
                assert pool.submit(job_for(folder, tmp_path / "out")).result().status != "failed"
        assert is_whole(folder, tmp_path / "out")
    wait_for(lambda: not processes(mark), 10)


def test_killed_in_the_midst_of_a_document_with_its_libreoffice_it_is_built_all_the_same(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    folders = write_small_plans(tmp_path / "in", 2)
    with LocalWorkers(1) as pool:
        futures = [pool.submit(job_for(one, tmp_path / "out")) for one in folders]
        # There for as long as a document is being converted.
        wait_for(lambda: list((tmp_path / "tmp").glob("signed-plan-*/jobs")))
        struck = processes(mark)
        assert any("signed_plan.libreoffice.worker" in words for words in struck.values())
        for one in struck:
            if one != os.getpid():
                kill(one)
        results = [future.result() for future in futures]
    assert [one.status for one in results] == ["built", "built"]
    assert all(is_whole(one, tmp_path / "out") for one in folders)


def test_one_death_is_one_attempt(tmp_path: Path, mark: str) -> None:
    """A process that is being ended closes its files first, and looks alive a little longer."""
    for _ in range(5):
        with LocalWorkers(1) as pool:
            nowhere = Job(str(tmp_path / "nowhere"), str(tmp_path / "out"), force=False)
            pool.submit(nowhere).result()
            (worker,) = workers(mark)
            os.kill(worker, signal.SIGSTOP)
            future = pool.submit(nowhere)
            time.sleep(0.05)
            kill(worker)
            assert "no folder named source" in future.result().message


@pytest.mark.quick
def test_the_number_of_a_worker_that_is_gone_is_left_alone(
    tmp_path: Path, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the end of a long run it may be the number of somebody else's processes."""
    struck: list[int] = []
    with LocalWorkers(1) as pool:
        nowhere = Job(str(tmp_path / "nowhere"), str(tmp_path / "out"), force=False)
        pool.submit(nowhere).result()
        monkeypatch.setattr(os, "killpg", lambda number, _: struck.append(number))
    assert struck == []


def test_a_plan_whose_worker_always_dies_fails_alone(tmp_path: Path, mark: str) -> None:
    """As where the machine has too little memory for it."""
    folders = write_small_plans(tmp_path / "in", 3)
    doomed = str(folders[1].root)
    over = threading.Event()

    def hunt() -> None:
        while not over.is_set():
            for one in workers(mark):
                opened = Path(f"/proc/{one}/fd")
                try:
                    links = [str(link.readlink()) for link in opened.iterdir()]
                except OSError:
                    continue
                if any(link.startswith(str(tmp_path / "out" / "birch")) for link in links):
                    kill(one)
            time.sleep(0.001)

    hunter = threading.Thread(target=hunt)
    hunter.start()
    try:
        with LocalWorkers(2) as pool:
            futures = [pool.submit(job_for(one, tmp_path / "out")) for one in folders]
            results: list[Result] = [future.result() for future in futures]
    finally:
        over.set()
        hunter.join()
    assert [one.status for one in results] == ["built", "failed", "built"]
    assert results[1].folder == doomed
    assert "ended 3 times" in results[1].message
    assert results[1].remedy


@pytest.mark.quick
def test_an_error_in_the_midst_ends_every_worker(tmp_path: Path, mark: str) -> None:
    folders = write_small_plans(tmp_path / "in", 4)
    with pytest.raises(ZeroDivisionError), LocalWorkers(2) as pool:
        for one in folders:
            pool.submit(job_for(one, tmp_path / "out"))
        wait_for(lambda: len(workers(mark)) == 2)
        raise ZeroDivisionError
    wait_for(lambda: not processes(mark), 10)
