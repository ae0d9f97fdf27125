"""A signature is judged as it was entered, or at the time that its entry holds, if that can be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from signed_plan.register.chain import RegisterEntry, read
from signed_plan.register.returned import SignedElsewhere
from signed_plan.signing.validation import Signature
from signed_plan.verify.signing_time import judged_at, may_be_judged, time_fault

from tests.register.sample_events import enter

ISSUED = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
MADE = ISSUED + timedelta(days=2)
RECEIVED = ISSUED + timedelta(days=9)


def entry(folder: Path, signed_at: str) -> RegisterEntry[SignedElsewhere]:
    given = {"signed_at": signed_at} if signed_at else {}
    register = read(folder / "register.jsonl", lambda: RECEIVED)
    return enter(register, "signed", "v1", how="elsewhere", **given).each(SignedElsewhere, "v1")[0]


def signature(moment: datetime | None, *, stamped: bool = False) -> Signature:
    return Signature("heads:carole", "signature", "", "", "", moment, stamped, 0, "")


def test_it_is_judged_as_it_was_entered_unless_the_entry_holds_another_time(tmp_path: Path) -> None:
    assert judged_at(entry(tmp_path, "")) == RECEIVED
    assert judged_at(entry(tmp_path, "2026-11-03T09:00:00Z")) == MADE


def test_only_a_time_between_issue_and_return_counts() -> None:
    minute = timedelta(minutes=1)
    for claimed, counts in (
        (ISSUED - 11 * minute, False),
        (ISSUED - 9 * minute, True),  # the clock of another computer may differ
        (RECEIVED, True),
        (RECEIVED + minute, False),
    ):
        assert may_be_judged(claimed, ISSUED, RECEIVED) is counts


@pytest.mark.parametrize(
    ("signed_at", "moment", "stamped", "fault"),
    [
        ("", None, False, ""),
        ("2026-11-03T09:00:00Z", MADE, False, ""),
        ("2026-11-03T09:00:00Z", MADE.replace(tzinfo=None), False, ""),
        ("2026-11-03T09:00:00Z", MADE + timedelta(seconds=1), False, "another time"),
        ("2026-11-03T09:00:00Z", MADE, True, "another time"),
        ("2026-11-03T09:00:00Z", None, False, "another time"),
        ("2026-10-01T09:00:00Z", datetime(2026, 10, 1, 9, tzinfo=UTC), False, "in between"),
        ("2027-10-01T09:00:00Z", datetime(2027, 10, 1, 9, tzinfo=UTC), False, "in between"),
    ],
)
def test_the_time_in_an_entry_is_that_of_its_signature(
    tmp_path: Path, signed_at: str, moment: datetime | None, stamped: bool, fault: str
) -> None:
    found = time_fault(entry(tmp_path, signed_at), signature(moment, stamped=stamped), ISSUED)
    assert fault in found
    assert bool(fault) is bool(found)
