"""What stands beside what: by keys of the plan first, and what has none between those."""

from __future__ import annotations

from signed_plan.redline.alignment import side_by_side
from signed_plan.redline.revision_marks import P


def rows(old: str, new: str) -> list[str]:
    """Small letters have keys, capitals are only known by what they say."""
    before, after = ([name(one) for one in side] for side in (old, new))
    return [
        f"{'' if i is None else old[i]}|{'' if k is None else new[k]}"
        for i, k in side_by_side(before, after)
    ]


def name(letter: str) -> tuple[str, ...]:
    return (P, f"block/{letter}") if letter.islower() else ("text", P, letter)


def test_the_same_key_stands_beside_itself_and_what_is_gone_before_what_is_new() -> None:
    assert rows("abc", "axc") == ["a|a", "b|", "|x", "c|c"]


def test_what_moved_is_taken_out_and_put_in() -> None:
    assert rows("abc", "bca") == ["a|", "b|b", "c|c", "|a"]


def test_what_has_no_key_is_found_between_those_that_have() -> None:
    assert rows("LaLb", "LaLb") == ["L|L", "a|a", "L|L", "b|b"]
    assert rows("LaLb", "LxLb") == ["L|L", "a|", "|x", "L|L", "b|b"]


def test_a_text_without_a_key_is_never_paired_across_one() -> None:
    assert rows("aL", "La") == ["|L", "a|a", "L|"]
