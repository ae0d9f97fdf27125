"""An entry is read as the kind that it says it is, with its fields and no other."""

from __future__ import annotations

import pytest
from signed_plan.register.event_kinds import KINDS, read_event
from signed_plan.register.shapes import ShapeError

from tests.register.sample_events import SAMPLES, sample_fields


def test_there_is_a_sample_of_every_kind() -> None:
    assert {kind.partition(" ")[0] for kind in SAMPLES} == set(KINDS)


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_field_more_or_less_is_refused(kind: str) -> None:
    fields = sample_fields(kind)
    for name in fields:
        with pytest.raises(ShapeError, match=name):
            read_event(kind.partition(" ")[0], {k: v for k, v in fields.items() if k != name})
    with pytest.raises(ShapeError, match="note"):
        read_event(kind.partition(" ")[0], {**fields, "note": "x"})


def test_a_kind_that_no_command_writes_is_refused() -> None:
    with pytest.raises(ShapeError, match="not a kind"):
        read_event("forgiven", {})


def test_a_reason_of_a_signature_may_be_left_out_and_is_a_short_line_where_it_is_there() -> None:
    fields = sample_fields("signed elsewhere")
    without = read_event("signed", fields)
    assert without.model_dump(mode="json") == fields  # as every older register has it
    reason = {"reason": "I do not agree"}
    assert read_event("signed", fields | reason).model_dump(mode="json") == fields | reason
    for wrong in (None, "", "x" * 501, "a\nb", "\u202ex", 7):
        with pytest.raises(ShapeError, match="reason"):
            read_event("signed", fields | {"reason": wrong})
