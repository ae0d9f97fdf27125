"""A task for several names, side by side: the same results, sooner, and errors in their place."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from signed_plan.verify.side_by_side import side_by_side

needs_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


def process_of(name: str) -> tuple[str, int]:
    return name, os.getpid()


def reject_b(name: str) -> str:
    if name == "b":
        raise ValueError(f"no {name}, says {os.getpid()}")
    return name


def in_a_process_without_threads(code: str) -> str:
    """What the code prints there; other tests may have left threads in this process."""
    head = "import os, time\nfrom pathlib import Path\n"
    head += "from signed_plan.verify.side_by_side import side_by_side\n"
    done = subprocess.run(
        [sys.executable, "-c", head + code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@needs_cores
def test_each_name_gets_its_own_result_from_another_process() -> None:
    code = """
with side_by_side(["a", "b", "c"], lambda name: (name, os.getpid())) as result:
    found = [result(name) for name in ("a", "b", "c")]
print(*(name for name, _ in found), os.getpid() in [process for _, process in found])
"""
    assert in_a_process_without_threads(code) == "a b c False"


@needs_cores
def test_what_is_asked_second_is_done_meanwhile(tmp_path: Path) -> None:
    """Each waits until the other has begun: one after the other, the first would wait in vain."""
    code = f"""
folder = Path({str(tmp_path)!r})
def meet(name):
    (folder / name).touch()
    end = time.monotonic() + 30
    while len(list(folder.iterdir())) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    return len(list(folder.iterdir()))
with side_by_side(["a", "b"], meet) as result:
    print(result("a"), result("b"))
"""
    assert in_a_process_without_threads(code) == "2 2"


def test_nothing_is_begun_before_it_is_asked_for() -> None:
    with side_by_side(["a", "b"], reject_b):
        pass


def test_an_error_is_raised_where_its_result_is_asked_for_and_by_this_process() -> None:
    with side_by_side(["b", "a", "c"], reject_b) as result:
        with pytest.raises(ValueError, match=f"no b, says {os.getpid()}"):
            result("b")
        assert (result("a"), result("c")) == ("a", "c")


def test_one_name_or_an_unknown_one_is_done_here() -> None:
    with side_by_side(["a"], process_of) as result:
        assert result("a") == ("a", os.getpid())
        assert result("z") == ("z", os.getpid())


def test_a_process_with_threads_is_not_forked() -> None:
    hold = threading.Event()
    thread = threading.Thread(target=hold.wait)
    thread.start()
    try:
        with side_by_side(["a", "b"], process_of) as result:
            assert result("b") == ("b", os.getpid())
    finally:
        hold.set()
        thread.join()


@needs_cores
def test_a_process_that_dies_is_made_good_here() -> None:
    def die(name: str) -> str:
        if os.getpid() != here:
            os._exit(1)
        return name

    here = os.getpid()
    with side_by_side(["a", "b"], die) as result:
        assert (result("a"), result("b")) == ("a", "b")
