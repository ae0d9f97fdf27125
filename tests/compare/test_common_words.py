"""The words that two texts have in common: in order, found in time that grows with them."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable
from itertools import combinations, pairwise
from random import Random
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.compare import common_words
from signed_plan.compare.common_words import common_stretches, rising

from tests.plan.helpers import UNTIMED

FEW = "the of and to staff pupils governors meet review".split()
TEXTS = st.lists(st.sampled_from(FEW))


def demand_common(old: list[str], new: list[str]) -> int:
    """That the stretches are in both texts, in order, without overlap; gives their length."""
    found = common_stretches(old, new)
    for i, k, length in found:
        assert length > 0
        assert old[i : i + length] == new[k : k + length]
    for (i, k, length), (j, m, _) in pairwise(found):
        assert i + length <= j and k + length <= m
    return sum(length for *_, length in found)


@UNTIMED
@given(TEXTS, TEXTS)
def test_stretches_are_in_both_texts_and_in_order(old: list[str], new: list[str]) -> None:
    demand_common(old, new)


def edited(count: int, words: list[str], every: int = 20) -> tuple[list[str], list[str]]:
    """A long text and the same with a word in so many replaced."""
    random = Random(count)
    old = [random.choice(words) for _ in range(count)]
    new = [f"other{at}" if at % every == 0 else word for at, word in enumerate(old)]
    return old, new


@pytest.mark.parametrize("words", [FEW, ["to"], [f"w{at}" for at in range(400)]])
def test_in_a_long_text_all_words_are_found_that_stayed(words: list[str]) -> None:
    old, new = edited(1200, words)
    assert demand_common(old, new) >= 0.93 * len(old)


def test_a_long_text_that_repeats_itself_is_found_whole() -> None:
    often = ["to", "meet"] * 700
    assert demand_common(["One", *often, "one"], ["Two", *often, "two"]) == len(often)


def test_long_texts_without_a_word_in_common_have_none() -> None:
    assert common_stretches(["a"] * 500, ["b"] * 500) == []


@pytest.mark.parametrize("long", [5, 400])
def test_words_put_in_remove_no_others(long: int) -> None:
    random = Random(long)
    before, put, after = ([random.choice(FEW) for _ in range(long)] for _ in range(3))
    assert demand_common(before + after, before + put + after) == len(before + after)


def steps(act: Callable[[], object]) -> int:
    """How many lines of difflib and of this room it takes."""
    count = 0
    rooms = {difflib.__file__, common_words.__file__}

    def traced(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        if frame.f_code.co_filename not in rooms:
            return None
        count += 1
        return traced

    before = sys.gettrace()
    sys.settrace(traced)
    try:
        act()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.slow("counts the steps of comparing long texts")
@pytest.mark.parametrize("words", [FEW, ["to"], [f"w{at}" for at in range(400)]])
@pytest.mark.parametrize("every", [20, 2])
def test_a_text_twice_as_long_takes_twice_the_steps(words: list[str], every: int) -> None:
    short, long = edited(2000, words, every), edited(4000, words, every)
    assert steps(lambda: common_stretches(*long)) <= 2.6 * steps(lambda: common_stretches(*short))


@pytest.mark.slow("builds, signs, or starts a process")
@UNTIMED
@given(st.permutations(range(7)))
def test_the_longest_rising_part_is_found(places: list[int]) -> None:
    pairs = list(enumerate(places))
    found = [pairs[at] for at in reversed(rising(pairs))]
    assert all(one[1] < other[1] for one, other in pairwise(found))
    assert not any(
        all(one[1] < other[1] for one, other in pairwise(some))
        for some in combinations(pairs, len(found) + 1)
    )
