"""The lines of the pages are held against what they should say: all of it, in order, no more."""

from __future__ import annotations

import pytest
from signed_plan.pages.drawing import PageLine
from signed_plan.pages.objects import Box
from signed_plan.pages.proof import (
    COUNT,
    ITEM,
    NUMBER,
    TOTAL,
    Fault,
    PageText,
    find_any_fault,
    find_fault,
    plain,
)


def line(
    text: str, *, page: int = 1, row: int = 0, left: float = 50, tagged: bool = True, why: str = ""
) -> PageLine:
    top = 500 - 12 * row
    return PageLine(page, tagged, text.replace(" ", ""), Box(left, top - 9, left + 90, top), why)


def column(*texts: str, page: int = 1, left: float = 50) -> list[PageLine]:
    return [line(text, page=page, row=row, left=left) for row, text in enumerate(texts)]


def texts(*words: str, group: str = "") -> list[PageText]:
    return [PageText(one, "the column key", group) for one in words]


def fault_of(pages: list[list[PageLine]], *words: str, group: str = "") -> Fault | None:
    """The fault by both ways to look, which are to agree."""
    found = find_fault(pages, texts(*words, group=group))
    assert find_any_fault(pages, texts(*words, group=group), []) == found
    return found


def test_lines_together_are_a_paragraph() -> None:
    assert (
        fault_of(
            [column("To share what", "works well.", "Next")], "To share what works well.", "Next"
        )
        is None
    )


def test_a_paragraph_goes_on_behind_the_other_cells_of_a_page() -> None:
    first = [*column("Left one", "goes"), *column("Right one", "goes", left=200)]
    second = [*column("on here", page=2), *column("on too", page=2, left=200)]
    assert fault_of([first, second], "Left one goes on here", "Right one goes on too") is None


def test_a_text_that_is_missing_is_named_with_what_it_is_of() -> None:
    found = fault_of([column("One")], "One", "Two")
    assert found == Fault("missing", PageText("Two", "the column key"))


@pytest.mark.parametrize("shown", ["To share works well.", "To share what works not well."])
def test_a_word_less_or_more_is_a_missing_text(shown: str) -> None:
    found = fault_of([column(shown)], "To share what works well.")
    assert found is not None
    assert found.kind == "missing"


def test_a_text_that_should_stand_twice_is_looked_for_twice() -> None:
    assert fault_of([column("Again", "Again")], "Again", "Again") is None
    found = find_any_fault([column("Again")], texts("Again", "Again"), [])
    assert found is not None
    assert found.kind == "missing"


def test_a_line_that_cannot_be_seen_is_told_with_its_page_and_reason() -> None:
    pages = [column("One"), [line("Two", page=2, why="it runs off the page")]]
    found = fault_of(pages, "One", "Two")
    assert found is not None
    assert (found.kind, found.page, found.why) == ("hidden", 2, "it runs off the page")


def test_texts_of_one_group_stand_in_their_order_for_the_eye() -> None:
    lower, upper = line("One", row=3), line("Two", row=1)
    found = fault_of([[lower, upper]], "One", "Two", group="a cell")
    assert found == Fault("order", PageText("Two", "the column key", "a cell"), 1)
    assert fault_of([[lower, upper]], "One", "Two") is None
    beside = line("Two", row=3, left=200)
    assert fault_of([[lower, beside]], "One", "Two", group="a row") is None
    assert fault_of([[lower], [line("Two", page=2)]], "One", "Two", group="a cell") is None


def test_equal_texts_in_cells_that_go_on_overleaf_are_in_order() -> None:
    left, right = ("Autumn", "one", "Autumn", "two"), ("Autumn", "three")
    first = [*column(*left[:2]), *column(*right, left=200)]
    second = column(*left[2:], page=2)
    wanted = [*texts(*left, group="left"), *texts(*right, group="right")]
    assert find_any_fault([first, second], wanted, []) is None
    assert find_fault([first, second], wanted) is None


def test_a_text_that_is_the_first_line_of_another_does_not_take_it_away() -> None:
    first = [*column("Left"), *column("To share", "widely", left=200)]
    second = column("To share", page=2)
    wanted = texts("Left", "To share", "To share widely")
    assert find_any_fault([first, second], wanted, []) is None


def test_only_the_foot_of_a_column_goes_on_overleaf() -> None:
    first, second = column("To share", "widely."), column("To share", "widely. Too", page=2)
    wanted = texts("To share widely.", "To share widely. Too")
    assert find_any_fault([first, second], wanted, []) is None


def test_words_of_a_template_around_a_text_count_for_nothing_if_it_is_not_known() -> None:
    pages = [column("Version 2017-11, to be", "reviewed in May", "by both")]
    assert find_fault(pages, texts("2017-11", "to be reviewed in May by")) is None
    found = find_fault(pages, texts("reviewed in June"))
    assert found is not None
    assert found.kind == "missing"


def test_a_line_that_is_all_of_another_text_does_not_stand_for_this_one() -> None:
    pages = [column("Safeguarding audits", "to be shared")]
    wanted = texts("Safeguarding audits to be shared", "Safeguarding")
    found = find_fault(pages, wanted)
    assert found == Fault("missing", wanted[1])


def test_a_letter_of_another_font_is_found_wherever_in_the_line_it_is_drawn() -> None:
    assert fault_of([column("5 3 x′″", "more")], "5′ 3″ x", "more") is None
    assert fault_of([column("5 3 x′", "more")], "5′ 3″ x", "more") is not None


def test_what_a_document_that_is_known_does_not_say_is_too_much() -> None:
    found = find_any_fault([column("One", "and more")], texts("One"), [])
    assert found == Fault("surplus", PageText("andmore", ""), 1)


LABELS = [f"{COUNT}.", "o", f"Step {COUNT}:"]


@pytest.mark.parametrize(
    "label, known",
    [
        *(("10.", True), ("xviii.", True), ("o", True), ("Step 4:", True), ("\u2022", True)),
        *(("Draft", False), ("not", False), ("10", False), ("of.10", False)),
    ],
)
def test_only_a_label_of_the_documents_lists_is_not_too_much(label: str, known: bool) -> None:
    shown = PageLine(1, True, label.replace(" ", ""), Box(40, 490, 49, 500), "")
    item = PageLine(1, True, "One", Box(50, 490, 90, 500), "")
    one = PageText("One", "the column key", label=ITEM)
    assert (find_any_fault([[shown, item]], [one], [], LABELS) is None) is known
    plain_text = find_any_fault([[shown, item]], texts("One"), [], LABELS)
    assert plain_text is not None
    assert plain_text.kind == "surplus"


def test_a_label_stands_beside_its_item() -> None:
    item = PageLine(1, True, "One", Box(50, 490, 90, 500), "")
    above = PageLine(1, True, "10.", Box(40, 510, 49, 520), "")
    one = PageText("One", "the column key", label=ITEM)
    assert find_any_fault([[above, item]], [one], [], LABELS) is not None


@pytest.mark.parametrize(
    "label, right",
    [("3.", True), ("(3)", True), ("4.", False), ("c.", False), ("", False)],
)
def test_an_objective_has_the_number_that_links_name(label: str, right: bool) -> None:
    shown = [PageLine(1, True, label, Box(40, 490, 49, 500), "")] if label else []
    item = PageLine(1, True, "One", Box(50, 490, 90, 500), "")
    one = PageText("One", "the key text", label="3")
    labels = [f"{COUNT}.", f"({COUNT})"]
    found = find_any_fault([[*shown, item]], [one], [], labels)
    assert (found is None) is right
    if found is not None:
        assert (found.kind, found.why) == ("label", "3")


def test_a_number_that_cannot_be_seen_is_none() -> None:
    unseen = PageLine(1, True, "3.", Box(40, 490, 49, 500), "it has the colour of what is behind")
    item = PageLine(1, True, "One", Box(50, 490, 90, 500), "")
    found = find_any_fault([[unseen, item]], [PageText("One", "", label="3")], [], [f"{COUNT}."])
    assert found is not None
    assert found.kind == "label"


FOOTER = f"Plan, page {NUMBER} of {TOTAL}"


def footer(text: str, page: int, why: str = "") -> PageLine:
    return line(text, page=page, row=40, tagged=False, why=why)


def test_footers_count_the_pages_from_the_first_to_the_last() -> None:
    pages = [
        [line("One"), footer("Plan, page 1 of 2", 1)],
        [line("Two", page=2), footer("Plan, page 2 of 2", 2)],
    ]
    assert find_any_fault(pages, texts("One", "Two"), [FOOTER]) is None


@pytest.mark.parametrize("shown, right", [("1 of 2", "2 of 2"), ("2 of 9", "2 of 2")])
def test_a_footer_with_a_wrong_number_is_told_before_all_else(shown: str, right: str) -> None:
    pages = [
        [footer("Plan, page 1 of 2", 1)],
        [line("Too much", page=2), footer(f"Plan, page {shown}", 2)],
    ]
    found = find_any_fault(pages, texts("Missing"), [FOOTER])
    assert found == Fault("number", PageText(shown, "a header or footer"), 2, right)


@pytest.mark.parametrize("shown", ["ii of ii", "2 of ii", "II of II"])
def test_pages_may_be_numbered_in_roman_letters(shown: str) -> None:
    pages = [[footer("Plan, page i of ii", 1)], [footer(f"Plan, page {shown}", 2)]]
    assert find_any_fault(pages, [], [FOOTER]) is None


@pytest.mark.parametrize(
    "number, roman", [(1, "i"), (4, "iv"), (9, "ix"), (48, "xlviii"), (409, "cdix")]
)
def test_roman_letters_are_read_as_the_number(number: int, roman: str) -> None:
    empty: list[list[PageLine]] = [[] for _ in range(number - 1)]
    pages = [*empty, [footer(f"Page {roman}", number)]]
    assert find_any_fault(pages, [], [f"Page {NUMBER}"]) is None


def test_a_number_may_be_shown_twice_and_both_are_to_be_right() -> None:
    twice = f"{NUMBER} / {TOTAL} ({NUMBER})"
    assert find_any_fault([[footer("1 / 1 (1)", 1)]], [], [twice]) is None
    found = find_any_fault([[footer("1 / 1 (2)", 1)]], [], [twice])
    assert found is not None
    assert found.kind == "number"


def test_a_number_that_was_typed_is_to_be_right_on_each_page() -> None:
    pages = [[footer("Page 1 of 2", 1)], [footer("Page 1 of 2", 2)]]
    found = find_any_fault(pages, [], ["Page 1 of 2"])
    assert found == Fault("number", PageText("1 of 2", "a header or footer"), 2, "2 of 2")


def test_a_page_without_a_number_is_a_fault_where_pages_are_to_be_numbered() -> None:
    pages = [[footer("Plan, page 1 of 2", 1)], [line("One", page=2)]]
    assert find_any_fault(pages, texts("One"), [FOOTER]) is None
    found = find_any_fault(pages, texts("One"), [FOOTER], numbered=True)
    assert found == Fault("number", PageText("", "a header or footer"), 2, "2 of 2")


def test_headings_that_are_repeated_are_not_too_much_and_other_words_are() -> None:
    pages = [[line("One"), line("Heading", row=1, tagged=False)]]
    assert find_any_fault(pages, texts("One"), ["Heading"]) is None
    found = find_any_fault(pages, texts("One"), [])
    assert found == Fault("surplus", PageText("heading", ""), 1)


def test_a_footer_that_cannot_be_seen_is_a_fault() -> None:
    pages = [[footer("Plan, page 1 of 1", 1, "it runs off the page")]]
    found = find_any_fault(pages, [], [FOOTER])
    assert found is not None
    assert found.kind == "hidden"


def test_a_count_of_pages_in_the_text_itself_is_the_right_one() -> None:
    assert find_any_fault([column("1 pages")], texts(f"{TOTAL} pages"), []) is None
    assert find_any_fault([column("3 pages")], texts(f"{TOTAL} pages"), []) is not None


@pytest.mark.parametrize(
    "shown, text",
    [
        ("caf\u00e9", "cafe\u0301"),
        ("office", "o\ufb03ce"),
        ("A PLAN", "A Plan"),
        ("STRASSE", "Straße"),
        ("so-called", "so\u00ad-called"),
        ("so-called", "so\u2011called"),
        ("\u260e", "\u260e\ufe0e"),
    ],
)
def test_the_same_letters_in_another_form_are_the_same(shown: str, text: str) -> None:
    assert plain(shown) == plain(text)


@pytest.mark.parametrize("shown", [["educa-", "tion"], ["educa\u2010", "tion"]])
def test_a_word_that_is_broken_by_a_hyphen_is_whole(shown: list[str]) -> None:
    assert fault_of([column(*shown)], "education") is None


def test_a_hyphen_of_the_text_itself_stays() -> None:
    assert fault_of([column("self-", "evaluation")], "self-evaluation") is None


def test_letters_written_leftwards_are_all_there_in_whatever_order_they_are_drawn() -> None:
    hebrew = "\u05e9\u05dc\u05d5\u05dd 5"
    assert fault_of([column("5", hebrew[:4])], hebrew) is None
    assert fault_of([column(hebrew[:4])], hebrew) is not None


def test_what_repeats_and_is_written_leftwards_is_found_by_its_letters() -> None:
    title = "\u05e9\u05dc\u05d5\u05dd, 5"
    page = [line(f", {title[:4]} 5", tagged=False), line("Page 1/1", row=1, tagged=False)]
    assert find_any_fault([page], [], [title, f"Page {NUMBER}/{TOTAL}"], numbered=True) is None
    together = [line(f"Page 1/1, {title[:4]} 5", tagged=False)]
    assert find_any_fault([together], [], [f"{title} Page {NUMBER}/{TOTAL}"], numbered=True) is None
    found = find_any_fault([page], [], [title[:3], f"Page {NUMBER}/{TOTAL}"], numbered=True)
    assert found is not None and found.kind == "surplus"


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_text_of_a_thousand_equal_lines_is_found_without_trying_every_way() -> None:
    pages = [column(*["many words"] * 40, page=page) for page in range(1, 26)]
    assert fault_of(pages, "many words " * 1000) is None
    found = fault_of(pages, "many words " * 1000 + "end")
    assert found is not None


def test_headers_of_two_files_may_begin_alike() -> None:
    first = [line("A School", tagged=False), line("One")]
    second = [
        line("A School", page=2, tagged=False),
        line("Sign-off", page=2, row=1, tagged=False),
        line("Two", page=2, row=2),
    ]
    running = ["A School", "A School Sign-off"]
    assert find_any_fault([first, second], texts("One", "Two"), running) is None
