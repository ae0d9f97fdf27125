"""What the user sees: plain lines anywhere, colours and a spinner on a real terminal."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from signed_plan.commands import frame
from signed_plan.commands.screen import Screen
from signed_plan.errors import PlanError, Problem, SourceError
from signed_plan.paths import PlanFolder

from tests.commands.terminal import on_a_terminal
from tests.helpers import copy_plan

slow = pytest.mark.slow("runs whole commands, each on a terminal")


def test_a_stage_is_one_plain_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen().stage("Read the sources"):
        pass
    assert re.fullmatch(r"  Read the sources +0\.\d\d s\n", capsys.readouterr().out)


def test_text_that_looks_like_markup_is_printed_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().say("[bold]not bold[/bold]", "red")
    assert capsys.readouterr().out == "[bold]not bold[/bold]\n"


def test_an_item_is_one_line_that_looks_like_markup_or_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().item(4, "+", ("• ", ""), ("[red]as it is[/red]", "green"))
    assert capsys.readouterr().out == "    + • [red]as it is[/red]\n"


def test_on_a_terminal_a_long_item_goes_on_below_its_own_text() -> None:
    seen = on_a_terminal("trace", "2017-07")
    at = next(n for n, line in enumerate(seen.lines) if "meet statutory" in line)
    assert seen.lines[at - 1].startswith("    1!  To ensure policies")
    assert seen.lines[at].startswith("        ")
    assert "\x1b[1;33m" in seen.shown, "what nobody has signed stands out in colour, too"


def test_a_problem_is_shown_with_its_line_a_caret_and_a_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().problems([Problem("source/a.yaml", 3, 7, "it is odd", "Mend it.", "links: [70]")])
    assert capsys.readouterr().out.splitlines() == [
        "source/a.yaml:3:7: it is odd",
        "    links: [70]",
        "          ^",
        "    Mend it.",
    ]


def test_a_long_line_is_cut_around_the_place(capsys: pytest.CaptureFixture[str]) -> None:
    line = "a" * 500 + "X" + "b" * 500
    Screen().problems([Problem("f", 1, 501, "odd", "", line)])
    _, shown, caret, _ = capsys.readouterr().out.splitlines()
    assert len(shown) <= 100
    assert shown[caret.index("^")] == "X"


def test_an_error_goes_to_standard_error_with_its_remedy(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Screen().error(PlanError("It is broken.", "Mend it."))
    said = capsys.readouterr()
    assert said.err == "plan: It is broken.\n      Mend it.\n"
    assert said.out == ""


def test_all_problems_of_a_source_error_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem("a.yaml", line, 1, f"odd {line}", "") for line in (1, 2)]
    Screen().error(SourceError(problems))
    assert re.findall(r"odd \d", capsys.readouterr().out) == ["odd 1", "odd 2"]


def test_on_a_terminal_it_is_coloured_and_says_the_same_words(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    seen = on_a_terminal("check", "2017-11", cwd=folder.root)
    assert "\x1b[32m" in seen.shown
    assert seen.lines[-2:] == ["No mistakes in 2017-11.", "Next: plan build"]


@slow
@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}])
def test_no_colours_where_they_are_not_wanted(tmp_path: Path, env: dict[str, str | None]) -> None:
    folder = copy_plan(tmp_path)
    seen = on_a_terminal("check", "2017-11", cwd=folder.root, width=40, env=env)
    assert not re.search(r"\x1b\[[0-9;]*[34][0-9]", seen.shown)
    assert ("NO_COLOR" in env) or "\x1b" not in seen.shown, "a dumb terminal would print it"
    assert max(map(len, seen.lines)) <= 40
    assert seen.lines[-2:] == ["No mistakes in 2017-11.", "Next: plan build"]


@slow
@pytest.mark.parametrize(("term", "turns"), [("xterm", True), ("dumb", False)])
def test_a_spinner_turns_only_on_a_terminal_that_can_move_back(
    built_once: PlanFolder, term: str, turns: bool
) -> None:
    seen = on_a_terminal("build", cwd=built_once.root, env={"TERM": term})
    assert ("Read the sources …" in seen.shown) is turns
    assert ("\x1b[?25l" in seen.shown) is turns
    assert re.match(r"  Read the sources +\d+\.\d\d s$", seen.lines[0])


def test_nothing_that_is_said_can_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """As a reason in a register that somebody else wrote."""
    screen = Screen()
    screen.say("declined: \x1b[1A\x9b2K\u202eno\ud800")
    screen.say("a name\nVERIFIED")
    screen.item(0, "+", ("\x1b[2Jmoved", "bold"))
    screen.next("plan \u2028build")
    assert capsys.readouterr().out == (
        "declined: \ufffd[1A\ufffd2K\ufffdno\ufffd\n"
        "a name\ufffdVERIFIED\n+ \ufffd[2Jmoved\nNext: plan \ufffdbuild\n"
    )


def test_words_of_any_language_are_said_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    words = "Zoë\u00a0Åberg می\u200cخواهم \u200eשלום 👩\u200d🏫"
    Screen().say(words)
    assert capsys.readouterr().out == f"{words}\n"


def test_a_failure_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """A message may repeat a name out of somebody else's file."""
    Screen().failure("signed by \x1b[2Jme", "ask \x07 them")
    assert capsys.readouterr().err == "plan: signed by \ufffd[2Jme\n      ask \ufffd them\n"


def test_one_room_alone_writes_what_others_have_worded() -> None:
    """Elsewhere nothing but our own words, JSON and the bar of `plan batch` is written."""
    writes = re.compile(r"\bprint\(|click\.echo\(|std(?:out|err)\.write\(|console\.print\(")
    package = Path(frame.__file__).parent.parent
    found = {
        path.relative_to(package).as_posix(): len(writes.findall(path.read_text("utf-8")))
        for path in (package / "cli.py", *(package / "commands").glob("*.py"))
    }
    assert {name: count for name, count in found.items() if count} == {
        "cli.py": 1,
        "commands/batch.py": 1,
        "commands/frame.py": 1,
        "commands/passphrases.py": 1,
        "commands/screen.py": 6,
    }


def test_a_traceback_shows_no_word_of_a_library_s_error_which_may_be_a_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = " ".join(["lamp", "orange"])
    try:
        try:
            raise ValueError(given)
        except ValueError as cause:
            raise PlanError("That does not open the key.") from cause
    except PlanError as error:
        Screen().traceback(error)
    said = capsys.readouterr().err
    assert given not in said
    assert said.count("Traceback (most recent call last):") == 2
    assert said.index("      ValueError\n") < said.index("PlanError: That does not open the key.")
