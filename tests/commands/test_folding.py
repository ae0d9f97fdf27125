"""Lines fold between words and below their own beginning, whatever the terminal's width."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.text import Text
from signed_plan.commands.folding import fold, fold_plain, fold_row, terminal_width
from signed_plan.paths import PlanFolder

from tests.commands.terminal import on_a_terminal
from tests.commands.test_frame import EVERY
from tests.story import SEALED

COMMANDS = (
    *("status", "log", "verify", "check", "trace", "build", "compare --no-pdf", "evidence"),
    "extract output/2017-11/action-plan-2017-11.pdf",
    *("schema", "ids", "batch . --output out", "issue 2017-07", "biuld", "status -C nowhere"),
)
WORDS = "To ensure policies to protect children meet statutory requirements."


@pytest.mark.parametrize("width", [20, 40, 80])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    lines = fold_plain(f"  + {WORDS}", width, 4)
    assert max(map(len, lines)) <= width
    assert " ".join(line.strip() for line in lines) == f"+ {WORDS}"
    assert all(line.startswith("    ") for line in lines[1:])


def test_a_word_wider_than_the_terminal_stays_whole_so_that_it_can_be_copied() -> None:
    path = "output/2017-11/" + "x" * 60
    assert fold_plain(f"Next: open {path} now", 40, 2) == ["Next: open", f"  {path}", "  now"]


def test_wide_letters_count_as_the_two_cells_they_take() -> None:
    assert fold_plain("漢字漢字 漢字漢字 漢字", 20, 0) == ["漢字漢字 漢字漢字", "漢字"]


def test_colours_stay_with_their_words() -> None:
    lines = fold(Text.assemble(("red words here ", "red"), ("green words here", "green")), 20, 2)
    assert [[str(span.style) for span in line.spans] for line in lines] == [
        ["red", "green"],
        ["green"],
    ]


def test_a_row_is_as_wide_as_it_is_where_there_is_no_terminal() -> None:
    assert fold_row([" 1.", "ok     ", WORDS * 3], None) == [(f" 1. ok      {WORDS * 3}", 0)]


def test_the_last_column_folds_beside_the_others_where_there_is_room() -> None:
    ((row, hang),) = fold_row(["  1.", "ok     ", "2017-07  ", WORDS], 60)
    assert row.index("To ensure") == hang == 23
    assert fold_plain(row, 60, hang)[1].startswith(" " * 23 + "children")


def test_on_a_narrow_terminal_the_columns_go_on_below_the_first() -> None:
    assert fold_row(["  1.", "ok     ", "2017-07  ", "its PDF"], 40) == [
        ("  1. ok  2017-07  its PDF", 5)
    ]
    assert fold_row([f"    {'Ann Lee':<28}", "signed"], 40) == [
        ("    Ann Lee", 0),
        ("      signed", 6),
    ]


def test_the_width_is_what_columns_says_and_never_too_small_to_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for told, width in (("40", 40), ("3", 20), ("0", 80), ("wide", 80), ("", 80), ("²", 80)):
        monkeypatch.setenv("COLUMNS", told)
        assert terminal_width() == width


def demand_folded(shown: str, width: int) -> None:
    """No line is wider than the terminal, but for a single word that has its line to itself."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    for line in re.split(r"[\r\n]+", plain):
        words = line.removeprefix("plan: ").removeprefix("Next: ").split()
        assert len(line) <= width or len(words) == 1, line


def test_a_failure_folds_below_its_first_word() -> None:
    seen = on_a_terminal("status", "-C", "nowhere", width=40, code=2)
    demand_folded(seen.shown, 40)
    assert seen.lines[0].startswith("plan: nowhere is not a plan folder")
    assert all(line.startswith("      ") for line in seen.lines[1:])


@pytest.mark.slow("runs every command on a terminal, at three widths")
@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_command_says_a_line_that_is_wider_than_the_terminal(
    at: Callable[[str], PlanFolder], width: int
) -> None:
    root = at(SEALED).root
    codes = {"biuld": 2, "status -C nowhere": 2, "issue 2017-07": 9}
    for words in (*COMMANDS, "--help", *(f"{name} --help" for name in EVERY)):
        seen = on_a_terminal(*words.split(), cwd=root, width=width, code=codes.get(words, 0))
        demand_folded(seen.shown, width)
