"""A signature from another program says in the register what it says itself, and no more."""

from __future__ import annotations

import pytest
from signed_plan.plan.names import NamesById
from signed_plan.register.event_kinds import read_event
from signed_plan.register.shapes import ShapeError

from tests.register.sample_events import sample, sample_fields


def test_a_time_is_remarked_upon_before_the_reason() -> None:
    event = sample("signed elsewhere", signed_at="2026-11-28T16:50:00Z", reason="I do not agree")
    told = (
        "; by their own clock on 28 November 2026, 16:50 UTC, before their certificate ended"
        "; reason given: I do not agree"
    )
    assert event.remark == told  # type: ignore[attr-defined]
    assert event.summary(NamesById()).endswith(f", received{told}")


@pytest.mark.parametrize(
    "time", ["", None, 7, "2026-11-28", "2026-11-28T16:50:00", "2026-13-28T16:50:00Z", "now"]
)
def test_a_time_is_one_in_utc_or_left_out(time: object) -> None:
    with pytest.raises(ShapeError, match="signed_at"):
        read_event("signed", sample_fields("signed elsewhere") | {"signed_at": time})
