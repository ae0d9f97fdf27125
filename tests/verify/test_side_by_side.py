"""A task for several names, side by side: the same results, sooner, and errors in their place."""

from __future__ import annotations

import os
import threading
import time

import pytest
from signed_plan.verify.side_by_side import side_by_side

needs_cores = pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two cores")


def process_of(name: str) -> tuple[str, int]:
    return name, os.getpid()


def reject_b(name: str) -> str:
    if name == "b":
        raise ValueError(f"no {name}, says {os.getpid()}")
    return name


@needs_cores
def test_each_name_gets_its_own_result_from_another_process() -> None:
    with side_by_side(["a", "b", "c"], process_of) as result:
        found = {name: result(name) for name in ("a", "b", "c")}
    assert [name for name, _ in found.values()] == ["a", "b", "c"]
    assert os.getpid() not in [process for _, process in found.values()]


@needs_cores
def test_what_is_asked_second_is_done_meanwhile() -> None:
    def sleep(name: str) -> float:
        began = time.monotonic()
        time.sleep(0.3)
        return began

    with side_by_side(["a", "b"], sleep) as result:
        assert abs(result("a") - result("b")) < 0.25


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
