"""Two texts, word by word: the pieces make up both, and the scale tells how much it matters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from signed_plan.compare.text_diff import Piece, Scale, difference, scale_of, words_of

from tests.plan.helpers import UNTIMED

# Letters with marks of their own, right-to-left, emoji of several characters, spaces of every kind.
ODD = (
    "e\u0301",
    "कि",
    "שלום",
    "مدرسة",
    "数学",
    "👩\u200d🏫",
    "🇬🇧",
    " ",
    "  ",
    "\u00a0",
    "\u2028",
    "\x1c",
)
PLAIN = (
    "to",
    "meet",
    "not",
    "the",
    "1.5",
    "15",
    "5",
    "-",
    "–",
    ".",
    ",",
    "'",
    "’",
    "school’s",
    "T&L",
)
WORDS = st.lists(st.sampled_from("staff pupils meet review 5 not 1.5 well-being".split()))
ANY_TEXT = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(PLAIN + ODD)).map("".join),
    WORDS.map(" ".join),
)


def marked(old: str, new: str) -> str:
    """The pieces as one text, as `git diff --word-diff` shows them."""
    marks = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in difference(old, new))


# The pieces


@UNTIMED
@given(ANY_TEXT, ANY_TEXT)
@example("", " ")
@example(" a", "a")
@example("e", "e\u0301")
def test_joining_the_pieces_gives_both_texts_exactly(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new


@UNTIMED
@given(ANY_TEXT, ANY_TEXT)
@example("a b", "b a")
def test_the_other_way_round_the_pieces_are_mirrored(old: str, new: str) -> None:
    def sides(pieces: tuple[Piece, ...], removed: str, added: str) -> list[tuple[str, str, str]]:
        """What stands in each place: what both have, what was removed, what was added."""
        found = [("", "", "")]
        for piece in pieces:
            same, gone, come = found[-1]
            if piece.kind == "same":
                found.append((piece.text, "", ""))
            elif piece.kind == removed:
                found[-1] = (same, gone + piece.text, come)
            elif piece.kind == added:
                found[-1] = (same, gone, come + piece.text)
        return found

    forth = sides(difference(old, new), "removed", "added")
    assert forth == sides(difference(new, old), "added", "removed")


@UNTIMED
@given(ANY_TEXT, ANY_TEXT)
def test_no_piece_is_empty_and_each_stretch_is_one_piece(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert all(piece.text for piece in pieces)
    following = {("same", "removed"), ("same", "added"), ("removed", "added")}
    following |= {("removed", "same"), ("added", "same")}
    assert {(one.kind, other.kind) for one, other in pairwise(pieces)} <= following


@UNTIMED
@given(ANY_TEXT)
def test_a_text_and_itself_are_one_piece(text: str) -> None:
    assert difference(text, text) == ((Piece("same", text),) if text else ())


@UNTIMED
@given(WORDS, WORDS)
def test_no_word_is_broken(old: list[str], new: list[str]) -> None:
    for piece in difference(" ".join(old), " ".join(new)):
        assert set(piece.text.split()) <= {*old, *new}


@UNTIMED
@given(WORDS, WORDS, WORDS)
@example(["to"], ["meet"], ["to", "meet"])
def test_words_put_in_remove_no_others(before: list[str], put: list[str], after: list[str]) -> None:
    pieces = difference(" ".join(before + after), " ".join(before + put + after))
    added = [word for piece in pieces if piece.kind == "added" for word in piece.text.split()]
    assert sorted(added) == sorted(put)
    assert not [piece for piece in pieces if piece.kind == "removed" and piece.text.strip()]


def test_in_a_long_text_frequent_words_count_as_well() -> None:
    often = "to meet " * 150
    assert marked(f"One {often}one", f"Two {often}two") == (
        f"[-One-]{{+Two+}} {often}[-one-]{{+two+}}"
    )


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("to meet on 5 December", "to meet on 6 December", "to meet on [-5-]{+6+} December"),
        ("grew by 1.5 points", "grew by 15 points", "grew by [-1.5-]{+15+} points"),
        ("Staff are to sign", "Staff are not to sign", "Staff are {+not +}to sign"),
        ("Training shared", "Training shared.", "Training shared{+.+}"),
        ("at  BR", "at BR", "at[- -] BR"),
        ("the school’s plan", "the schools plan", "the [-school’s-]{+schools+} plan"),
        ("(date TBC)", "(16 November)", "([-date TBC-]{+16 November+})"),
        ("-5 points", "5 points", "[---]5 points"),
        ("old", "", "[-old-]"),
        ("", "new", "{+new+}"),
    ],
)
def test_what_a_reader_sees_is_the_words_that_changed(old: str, new: str, told: str) -> None:
    assert marked(old, new) == told


# The scale


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("meet at BR", "meet  at BR"),
        ("meet at BR", "meet at\u00a0BR"),
    ],
)
def test_other_spaces_are_layout_only(old: str, new: str) -> None:
    assert scale_of(old, new) is Scale.LAYOUT


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("governor training", "Governor Training"),
        ("Training shared", "Training shared."),
        ("'development' days", "‘development’ days"),
        ('the "link" days', "the “link” days"),
        ("schools' audits", "schools’ audits"),
        ("SCR - reviewed", "SCR – reviewed"),
        ("SCR – reviewed", "SCR reviewed"),
        ("2017–2018", "2017-2018"),
        ("2017\u20112018", "2017-2018"),
        ("-5 points", "\u22125 points"),
        ("well-being", "well being"),
        ("(date TBC)", "date TBC"),
        ("pupils, staff; parents", "pupils staff parents"),
        ("5 % more", "5% more"),
        ("to 15.", "to 15"),
        ("by...15", "by 15"),
        ("Straße", "STRASSE"),
    ],
)
def test_capitals_and_punctuation_are_editorial(old: str, new: str) -> None:
    assert scale_of(old, new) is Scale.EDITORIAL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("to be shared", "not to be shared"),
        ("5 December", "6 December"),
        ("5 December 2017", "5 December 2018"),
        ("2017-11-14", "2017-11-15"),
        ("14:30", "1430"),
        ("1.5 hours", "15 hours"),
        (".5 hours", "5 hours"),
        ("1,5 hours", "1.5 hours"),
        ("5-10 pupils", "510 pupils"),
        ("5–10 pupils", "5 10 pupils"),
        ("-5 points", "5 points"),
        ("–5 points", "5 points"),
        ("\u22125 points", "5 points"),
        ("(-5)", "(5)"),
        ("-.5", ".5"),
        ("5%", "5"),
        ("£5", "$5"),
        ("R&D", "RD"),
        ("Is it agreed?", "Is it agreed"),
        ("and/or", "and or"),
        ("resigned", "re-signed"),
        ("no where", "nowhere"),
        ("naïve", "naive"),
        ("5 to 10", "10 to 5"),
        ("a", ""),
        ("", "5"),
    ],
)
def test_other_words_numbers_and_signs_are_substantive(old: str, new: str) -> None:
    assert scale_of(old, new) is Scale.SUBSTANTIVE


@UNTIMED
@given(ANY_TEXT, ANY_TEXT)
def test_nothing_changed_exactly_where_the_texts_are_equal(old: str, new: str) -> None:
    assert (scale_of(old, new) is Scale.NONE) == (old == new)
    assert scale_of(new, old) is scale_of(old, new)


@UNTIMED
@given(WORDS, st.sampled_from(["and", "7", "%"]), WORDS)
def test_any_word_put_in_anywhere_is_substantive(
    before: list[str], put: str, after: list[str]
) -> None:
    old, new = " ".join(before + after), " ".join([*before, put, *after])
    assert scale_of(old, new) is Scale.SUBSTANTIVE


def test_the_scale_is_in_order_and_has_words() -> None:
    assert [scale.words for scale in sorted(Scale)] == [
        *("none", "layout only", "editorial", "substantive")
    ]
    assert max(Scale.EDITORIAL, Scale.LAYOUT, Scale.NONE) is Scale.EDITORIAL


def test_words_are_small_numbers_whole_and_punctuation_is_no_word() -> None:
    said = "SENcos to meet (5 December 2017), T&L – 1.5% or -3?"
    assert words_of(said) == "sencos to meet 5 december 2017 t & l 1.5 % or -3 ?".split()
    assert words_of(" – … ") == []
