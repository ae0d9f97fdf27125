"""Which entry is which: the id tells, or else the words; the same from both sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signed_plan.compare import matching
from signed_plan.compare.matching import Item, Pair, Row, align, likeness, longest_in_order, match
from signed_plan.compare.text_diff import words_of

from tests.plan.helpers import UNTIMED

HEADING = "Autumn 2017"


def item(id_: str, text: str, *home: int) -> Item:
    return Item(id_, text, tuple(words_of(text)), home)


def ids(old: Sequence[Item], new: Sequence[Item]) -> dict[str, str]:
    """The newer id of each matched item, by the older."""
    return {old[pair.old].id: new[pair.new].id for pair in match(old, new)}


def told(old: Sequence[Item], new: Sequence[Item]) -> list[str]:
    """The older ids of those that the words had to tell."""
    return [old[pair.old].id for pair in match(old, new) if pair.by_words]


@st.composite
def lists(draw: st.DrawFn) -> list[Item]:
    """Items with few ids, words and homes, so that much is alike; no id twice."""
    found = draw(st.lists(st.sampled_from("abcdefgh"), unique=True))
    words = st.lists(st.sampled_from(["meet", "share", "5", "6", "staff"]), max_size=4)
    homes = st.tuples(st.integers(0, 2), st.integers(0, 1))
    return [item(one, " ".join(draw(words)), *draw(homes)) for one in found]


# By id


def test_the_same_id_is_the_same_entry_wherever_it_went() -> None:
    old = [item("a", "Share good practice"), item("b", "Meet each term")]
    new = [item("b", "Meet each term"), item("a", "Share good practice")]
    assert match(old, new) == [Pair(0, 1), Pair(1, 0)]


def test_an_edited_entry_keeps_its_id_though_another_has_its_old_words_nearly() -> None:
    old = [item("a", "Lead teachers meet each term")]
    new = [item("b", "Lead teachers meet each year"), item("a", "Lead teachers meet in spring")]
    assert ids(old, new) == {"a": "a"}


def test_words_written_anew_under_one_id_are_a_change_and_not_another_entry() -> None:
    old = [item("a", "Share good practice"), item("b", "Meet each term")]
    new = [item("a", "Audit the governors"), item("b", "Meet each term")]
    assert ids(old, new) == {"a": "a", "b": "b"}
    assert told(old, new) == []


def test_entries_without_any_word_are_told_apart_by_their_ids() -> None:
    assert ids([item("a", "…"), item("b", "!")], [item("b", "–"), item("a", "–")]) == {
        "a": "a",
        "b": "b",
    }
    assert ids([item("a", "…"), item("b", "…")], [item("b", "…"), item("a", "…")]) == {
        "a": "a",
        "b": "b",
    }
    assert ids([item("a", "")], [item("b", "")]) == {}


# By words


def test_entries_whose_ids_were_lost_are_recognised_by_their_words_and_told() -> None:
    old = [item("a", "Share good practice"), item("b", "Meet each term")]
    new = [item("x", "Share good practice"), item("b", "Meet each term")]
    assert match(old, new) == [Pair(0, 0, by_words=True), Pair(1, 1)]


def test_ids_that_were_exchanged_find_their_own_words() -> None:
    old = [item("a", "Share good practice"), item("b", "Meet each term")]
    new = [item("b", "Share good practice"), item("a", "Meet each term")]
    assert ids(old, new) == {"a": "b", "b": "a"}
    assert told(old, new) == ["a", "b"]


def test_an_entry_that_lost_its_id_and_was_edited_is_still_recognised() -> None:
    old = [item("a", "Lead teachers to meet each term"), item("b", "Share good practice")]
    new = [item("x", "Share best practice"), item("y", "Lead teachers to meet each year")]
    assert ids(old, new) == {"a": "y", "b": "x"}


def test_the_most_alike_are_taken_first() -> None:
    old = [item("a", "Staff meet to share practice")]
    new = [item("x", "Staff meet to share reports"), item("y", "All staff meet to share practice")]
    assert ids(old, new) == {"a": "y"}


def test_what_has_less_than_three_fifths_in_common_is_not_the_same() -> None:
    old, alike = [item("a", "one two three four five")], [item("x", "one two three six seven")]
    assert ids(old, alike) == {"a": "x"}
    assert ids(old, [item("x", "one two eight six seven")]) == {}


def test_of_entries_equally_alike_the_nearest_is_taken() -> None:
    old = [item("o", "zebra"), item("a", "staff meet in spring")]
    new = [item("x", "staff meet in summer"), item("y", "staff meet in autumn")]
    assert ids(old, new) == {"a": "y"}


def test_equal_headings_whose_ids_were_lost_find_their_own_area_s() -> None:
    old = [item(f"a{area}", HEADING, area, 1) for area in range(6)]
    new = [item(f"b{area}", HEADING, area, 1) for area in (3, 5, 0, 1, 4, 2)]
    assert ids(old, new) == {f"a{area}": f"b{area}" for area in range(6)}


def test_the_same_cell_comes_before_the_same_area_and_that_before_any_other() -> None:
    old = [item("cell", HEADING, 0, 1), item("area", HEADING, 1, 1), item("far", HEADING, 2, 1)]
    new = [item("x", HEADING, 9, 0), item("y", HEADING, 1, 3), item("z", HEADING, 0, 1)]
    assert ids(old, new) == {"cell": "z", "area": "y", "far": "x"}


def test_headings_in_more_areas_than_words_can_tell_apart_still_find_their_own() -> None:
    old = [item(f"a{area}", HEADING, area, 1) for area in range(40)]
    new = [item(f"b{area}", HEADING, area, 2) for area in reversed(range(39))]
    new.append(item("far", HEADING, 99, 1))
    expected = {f"a{area}": f"b{area}" for area in range(39)}
    assert ids(old, new) == {**expected, "a39": "far"}


def test_a_heading_edited_in_its_own_cell_comes_before_one_elsewhere() -> None:
    old = [item("a", "Autumn term 2017", 0, 1)]
    new = [item("x", "Autumn term 2018", 5, 1), item("y", "Autumn term 2018", 0, 1)]
    assert ids(old, new) == {"a": "y"}


def test_of_equal_entries_the_first_is_the_first_and_one_too_many_is_new() -> None:
    old = [item("a", HEADING), item("b", HEADING)]
    new = [item("x", HEADING), item("y", HEADING), item("z", HEADING)]
    assert ids(old, new) == {"a": "x", "b": "y"}
    assert ids(new, old) == {"x": "a", "y": "b"}


def test_a_list_whose_ids_were_all_moved_on_by_one_is_recognised_line_by_line() -> None:
    texts = ["Share good practice", "Meet each term", "Audit the policies", "Tour both schools"]
    old = [item(f"n{at}", text) for at, text in enumerate(texts)]
    new = [item(f"n{at}", text) for at, text in enumerate(["New governors", *texts])]
    assert ids(old, new) == {f"n{at}": f"n{at + 1}" for at in range(4)}


def test_nothing_is_found_in_an_empty_list() -> None:
    some = [item("a", HEADING, 0, 1)]
    assert match([], some) == match(some, []) == match([], []) == []


# From both sides


@pytest.mark.slow("builds, signs, or starts a process")
@UNTIMED
@given(lists(), lists())
def test_the_other_way_round_the_same_pairs_are_found(old: list[Item], new: list[Item]) -> None:
    mirrored = {Pair(pair.new, pair.old, pair.by_words) for pair in match(new, old)}
    assert set(match(old, new)) == mirrored


@UNTIMED
@given(lists(), lists())
def test_every_place_has_one_partner_at_most_and_every_shared_id_has_one(
    old: list[Item], new: list[Item]
) -> None:
    pairs = match(old, new)
    assert pairs == sorted(pairs, key=lambda pair: pair.old)
    assert max(Counter(pair.old for pair in pairs).values(), default=1) == 1
    assert max(Counter(pair.new for pair in pairs).values(), default=1) == 1
    for pair in pairs:
        assert pair.by_words == (old[pair.old].id != new[pair.new].id)
    left = {one.id for at, one in enumerate(old) if at not in {pair.old for pair in pairs}}
    assert not left & {one.id for at, one in enumerate(new) if at not in {p.new for p in pairs}}


@UNTIMED
@given(lists())
def test_a_list_and_itself_match_place_by_place(items: list[Item]) -> None:
    assert match(items, items) == [Pair(at, at) for at in range(len(items))]


# Order


def numbered(places: Sequence[int]) -> tuple[list[Item], list[Item], list[Pair]]:
    """Entries and the same ones in that order, with their pairs."""
    old = [item(f"n{at}", f"line {at}") for at in range(len(places))]
    new = [old[at] for at in places]
    return old, new, match(old, new)


def rises(pairs: Sequence[Pair]) -> bool:
    ordered = sorted(pairs, key=lambda pair: pair.old)
    return all(one.new < other.new for one, other in pairwise(ordered))


@UNTIMED
@given(st.permutations(range(7)))
def test_as_many_as_can_be_keep_their_order(places: list[int]) -> None:
    old, new, pairs = numbered(places)
    kept = longest_in_order(old, new, pairs)
    assert kept <= set(pairs)
    assert rises([*kept])
    larger = combinations(pairs, len(kept) + 1)
    assert not any(rises(some) for some in larger)


@UNTIMED
@given(st.permutations(range(7)))
def test_the_other_way_round_the_same_ones_keep_their_order(places: list[int]) -> None:
    old, new, pairs = numbered(places)
    back = longest_in_order(new, old, [Pair(pair.new, pair.old) for pair in pairs])
    assert longest_in_order(old, new, pairs) == {Pair(pair.new, pair.old) for pair in back}


def test_the_one_that_was_moved_is_the_one_that_moved() -> None:
    old, new, pairs = numbered([4, 0, 1, 2, 3])
    assert set(pairs) - longest_in_order(old, new, pairs) == {Pair(4, 0)}


@st.composite
def sides(draw: st.DrawFn) -> tuple[int, int, list[Pair]]:
    """The lengths of two lists, and pairs that keep their order."""
    old, new = draw(st.integers(0, 8)), draw(st.integers(0, 8))
    count = draw(st.integers(0, min(old, new)))
    mine, theirs = (sorted(draw(st.permutations(range(length)))[:count]) for length in (old, new))
    return old, new, [Pair(*places) for places in zip(mine, theirs, strict=True)]


@UNTIMED
@given(sides())
def test_side_by_side_each_place_stands_once_in_its_order(
    lists: tuple[int, int, list[Pair]],
) -> None:
    old, new, kept = lists
    rows = list(align(old, new, reversed(kept)))
    assert [i for i, _ in rows if i is not None] == list(range(old))
    assert [k for _, k in rows if k is not None] == list(range(new))
    assert [row for row in rows if None not in row] == [(pair.old, pair.new) for pair in kept]


def test_what_is_gone_stands_before_what_is_new_in_its_place() -> None:
    rows: list[Row] = [(0, 0), (1, None), (2, None), (None, 1), (3, 2), (None, 3)]
    assert list(align(4, 4, [Pair(0, 0), Pair(3, 2)])) == rows


# How alike, and at what cost


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a b c d", "a b c d", 1.0),
        ("a b c d", "d c b a", 1.0),
        ("a b c d", "a b e f", 0.5),
        ("a a a b", "a b b b", 0.5),
        ("a", "b", 0.0),
        ("", "", 0.0),
    ],
)
def test_likeness_is_the_share_of_words_in_common(one: str, other: str, expected: float) -> None:
    assert likeness(Counter(one.split()), Counter(other.split())) == expected
    assert likeness(Counter(other.split()), Counter(one.split())) == expected


def comparisons(count: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often two entries are held against each other where that many have lost their ids."""
    calls = 0

    def counted(one: Counter[str], other: Counter[str]) -> float:
        nonlocal calls
        calls += 1
        return likeness(one, other)

    monkeypatch.setattr(matching, "likeness", counted)
    old = [item(f"a{at}", f"Staff to meet on day{at} of term") for at in range(count)]
    new = [item(f"b{at}", f"Staff to meet on day{at} of autumn") for at in range(count)]
    assert ids(old, new) == {f"a{at}": f"b{at}" for at in range(count)}
    return calls


def test_twice_as_many_entries_take_twice_as_many_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    once = comparisons(100, monkeypatch)
    assert 0 < comparisons(200, monkeypatch) <= 2.1 * once
