"""A clock that is off is told before anything is dated by it, and stops nobody for good."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from signed_plan.errors import SigningError
from signed_plan.lifecycle.clock import require_clock
from signed_plan.lifecycle.keys import revoke
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import open_office_keys, open_session
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, read

from tests.lifecycle.helpers import demand_registered, events, nobody, refused
from tests.register.sample_events import enter, sample
from tests.story import CAROLE, JULY, REVIEW, prompts

LAST = datetime(2027, 7, 14, 9, 30, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def at_time(register: Register, moment: datetime) -> Register:
    return replace(register, clock=lambda: moment)


def answering(answer: bool, asked: list[str]) -> Prompts:
    def confirm(question: str) -> bool:
        asked.append(question)
        return answer

    return replace(nobody(), confirm=confirm)


def decline_tomorrow(folder: PlanFolder) -> None:
    """An entry of the future: Carole declines, while the clock is a day ahead."""
    with open_session(folder, prompts()) as session:
        office = open_office_keys(session, prompts())
        ahead = at_time(session.register, datetime.now(UTC) + DAY)
        declined = sample("declined", review=REVIEW, person=CAROLE)
        session.enter(office, ahead.add(JULY, declined), {})


@pytest.fixture
def register(tmp_path: Path) -> Register:
    """Its last entry was made at LAST."""
    return enter(at_time(read(tmp_path / "register.jsonl"), LAST), "keys")


@pytest.mark.parametrize("moment", [LAST - 5 * MINUTE, LAST, LAST + 9000 * DAY])
def test_a_clock_that_goes_on_is_asked_nothing(register: Register, moment: datetime) -> None:
    require_clock(at_time(register, moment), nobody())


def test_a_clock_before_the_last_entry_is_told_with_both_times(register: Register) -> None:
    with pytest.raises(SigningError) as caught:
        require_clock(at_time(register, LAST - 6 * MINUTE), nobody())
    assert "says 14 July 2027, 09:24 UTC" in caught.value.message
    assert "made on 14 July 2027, 09:30 UTC" in caught.value.message
    assert "Set the clock" in caught.value.remedy


def test_whoever_says_that_the_clock_is_right_now_goes_on(register: Register) -> None:
    asked: list[str] = []
    early = at_time(register, LAST - DAY)
    require_clock(early, answering(True, asked))
    with pytest.raises(SigningError):
        require_clock(early, answering(False, asked))
    assert [one.endswith("Is the clock right now?") for one in asked] == [True, True]


def test_a_clock_before_this_program_was_made_is_wrong_whatever_anybody_says(
    tmp_path: Path,
) -> None:
    empty = at_time(read(tmp_path / "register.jsonl"), datetime(2000, 1, 1, tzinfo=UTC))
    with pytest.raises(SigningError, match=r"is wrong: it says 1 January 2000, 00:00 UTC\."):
        require_clock(empty, answering(True, []))


@pytest.mark.slow("revokes certificates")
def test_an_entry_of_the_future_stops_nobody_who_can_be_asked(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july issued")
    decline_tomorrow(folder)
    with refused(folder, SigningError, "but the last entry of the register", "Set the clock"):
        revoke(folder, CAROLE, prompts())
    revoke(folder, CAROLE, replace(prompts(), confirm=lambda question: True))
    assert events(folder, "")[-1] == "revoked"
    demand_registered(folder)
