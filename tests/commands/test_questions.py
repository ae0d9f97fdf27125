"""A question is seen, takes no answer but yes or no, and is not asked where nobody is."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from signed_plan.commands.questions import confirm
from signed_plan.paths import PlanFolder

from tests.commands.terminal import terminal
from tests.lifecycle.helpers import everything

At = Callable[[str], PlanFolder]
NAME = "Bank Road and William Lilley Schools Collaboration"
END = "(yes/no) "

slow = pytest.mark.slow("starts a command in a terminal")


def test_where_there_is_no_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert confirm("Is it so?") is None


@slow
def test_the_office_s_name_is_shown_and_no_key_is_made_under_another(at: At) -> None:
    folder = at("built")
    before = everything(folder)
    with terminal("keys", "init", cwd=folder.root) as screen:
        screen.wait_for(END)
        assert NAME in " ".join(screen.lines)
        screen.type("perhaps\n")
        screen.wait_for(END)
        screen.type("No\n")
        assert screen.end() == 2, screen.shown
    said = " ".join(" ".join(screen.lines).split())
    assert "plan: No keys were made, since the office has another name." in said
    assert "source/settings.yaml, as organisation: NAME" in said
    assert everything(folder) == before


@slow
def test_who_goes_away_without_an_answer_has_changed_nothing(at: At) -> None:
    folder = at("built")
    before = everything(folder)
    with terminal("keys", "init", cwd=folder.root) as screen:
        screen.wait_for(END)
        screen.type("\x04")
        assert screen.end() == 2, screen.shown
    assert "plan: The question was not answered." in screen.lines
    assert everything(folder) == before
