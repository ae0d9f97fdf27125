from __future__ import annotations

import pytest
from signed_plan.plan import text


def test_decomposed_letters_are_composed() -> None:
    assert text.normalise("Cafe\u0301") == "Caf\u00e9"


def test_the_line_end_of_a_folded_scalar_is_not_text() -> None:
    assert text.normalise("one line\n") == "one line"


@pytest.mark.parametrize(
    "wording",
    [
        "Plain words.",
        "Fish & Chips <b>",
        "{{ evil }} {% x %}",
        "a / b: c # d - e",
        "👩\u200d🏫 and 🇬🇧 and ❤\ufe0f",
        "\u200fשלום\u200e and مرحبا",
        "Cafe\u0301",
        "T\u00a0&\u00a0L",
        "word " * 1000 + "end",
    ],
)
def test_words_of_any_language_are_text(wording: str) -> None:
    assert text.flaw(wording) is None


@pytest.mark.parametrize("nothing", ["", " ", "\u00a0", "\u3000 ", "\u200d", "\u200e \u200f", "\n"])
def test_what_nobody_can_see_is_no_text(nothing: str) -> None:
    found = text.flaw(nothing)

    assert found is not None
    assert found[0] == "there is no text here"


@pytest.mark.parametrize(
    ("character", "what"),
    [
        ("\x00", "a control character (U+0000)"),
        ("\x07", "a control character (U+0007)"),
        ("\t", "a control character (U+0009)"),
        ("\r", "a control character (U+000D)"),
        ("\x1b", "a control character (U+001B)"),
        ("\x7f", "a control character (U+007F)"),
        ("\x85", "a control character (U+0085)"),
        ("\u00ad", "an invisible formatting character (SOFT HYPHEN)"),
        ("\u061c", "an invisible formatting character (ARABIC LETTER MARK)"),
        ("\u200b", "an invisible formatting character (ZERO WIDTH SPACE)"),
        ("\u200f", "an invisible formatting character (RIGHT-TO-LEFT MARK)"),
        ("\u202a", "an invisible formatting character (LEFT-TO-RIGHT EMBEDDING)"),
        ("\u202e", "an invisible formatting character (RIGHT-TO-LEFT OVERRIDE)"),
        ("\u2060", "an invisible formatting character (WORD JOINER)"),
        ("\u2066", "an invisible formatting character (LEFT-TO-RIGHT ISOLATE)"),
        ("\ufeff", "an invisible formatting character (ZERO WIDTH NO-BREAK SPACE)"),
        ("\U000e0041", "an invisible formatting character (TAG LATIN CAPITAL LETTER A)"),
        ("\u2028", "a line separator (LINE SEPARATOR)"),
        ("\u2029", "a paragraph separator (PARAGRAPH SEPARATOR)"),
        ("\ue000", "a private-use character, which looks different on every machine (U+E000)"),
        ("\uffff", "a character that Unicode does not define (U+FFFF)"),
        ("\ud800", "half of a character (U+D800)"),
    ],
)
def test_an_invisible_or_unknown_character_is_refused_by_name_and_place(
    character: str, what: str
) -> None:
    found = text.flaw(f"Meet on{character} Monday")

    assert found is not None
    assert found[0] == f'there is {what} after "Meet on"'


def test_a_refused_character_at_the_start_is_said_to_be_there() -> None:
    found = text.flaw("\u202eMonday")

    assert found is not None
    assert found[0].endswith("at the start of the text")


def test_of_a_long_text_only_the_words_just_before_the_character_are_shown() -> None:
    found = text.flaw("x" * 5000 + " the words before it:\u200b!")

    assert found is not None
    assert found[0].endswith('after "the words before it:"')


def test_a_text_is_one_line() -> None:
    found = text.flaw("one\ntwo")

    assert found is not None
    assert found[0] == "the text runs over a line break"


@pytest.mark.parametrize("wording", [" Monday", "Monday ", "\u00a0Monday", "Monday\u2003"])
def test_a_space_at_either_end_is_refused(wording: str) -> None:
    found = text.flaw(wording)

    assert found is not None
    assert found[0] == "the text begins or ends with a space"
