"""Help pages: every command once, in the order of use, and readable on any screen."""

from __future__ import annotations

from collections import Counter

import pytest
from signed_plan.cli import ROOMS, run
from signed_plan.commands.frame import plan
from signed_plan.commands.help import SECTIONS

Capture = pytest.CaptureFixture[str]


def test_every_command_is_in_one_section() -> None:
    assert ROOMS, "importing them has made the commands known"
    listed = Counter(name for names in SECTIONS.values() for name in names)
    assert listed == Counter(plan.commands.keys())


@pytest.mark.parametrize("words", [(), ("enrol",), ("keys",), ("keys", "init"), ("verify",)])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_help_fits_the_screen_and_is_never_wider_than_a_page(
    words: tuple[str, ...], width: int, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert run([*words, "--help"]) == 0
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= min(width, 80)
    assert "..." not in said.replace("[ARGS]...", ""), "a sentence is never cut off"


@pytest.mark.parametrize("width", ["1", "2", "3", "10"])
def test_help_is_shown_on_the_narrowest_screen(
    width: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    assert run(["--help"]) == 0
    assert "verify" in capsys.readouterr().out


def test_on_a_narrow_screen_an_option_is_explained_below_it(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert run(["enrol", "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("  --person-passphrase-file FILE")
    assert lines[at + 1].startswith("            Read the passphrase")
