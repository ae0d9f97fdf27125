"""Who is asked for a passphrase, and that asking shows none."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.signing.passphrase import Secret


def test_a_passphrase_is_not_typed_twice_unless_it_is_new() -> None:
    assert Prompt("office", "the office's keys").new is False


def test_what_is_asked_for_cannot_be_changed_on_the_way() -> None:
    wanted = Prompt("person", "the key of Carole Clemens")
    with pytest.raises(FrozenInstanceError):
        wanted.kind = "office"  # type: ignore[misc]


def test_neither_the_question_nor_the_answer_shows_the_passphrase() -> None:
    prompts = Prompts(lambda wanted: Secret("lamp orange kitten"), lambda: None)
    wanted = Prompt("office", "the office's keys")
    answer = prompts.ask(wanted)
    assert answer.reveal() == b"lamp orange kitten"
    assert "lamp" not in f"{prompts!r} {wanted!r} {answer!r} {answer}"


def test_where_nobody_can_be_asked_there_is_no_answer() -> None:
    assert Prompts(lambda wanted: Secret("lamp orange kitten"), lambda: None).confirm("So?") is None
