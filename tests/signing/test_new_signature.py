"""The new signature of a file is told by what it says, shows and locks."""

from __future__ import annotations

from datetime import datetime

from signed_plan.signing.new_signature import look_at

from tests.signing.helpers import CAROLE, SALLY, Signing


def test_an_honest_signature_is_told_as_it_is(signing: Signing, moment: datetime) -> None:
    for pdf, size, field, name in (
        (signing.once, len(signing.certified), CAROLE, "Carole Clemens"),
        (signing.twice, len(signing.once), SALLY, "Sally Beardsley"),
    ):
        found = look_at(pdf, size, field)
        assert found.reason == f"{name} agrees to this plan"
        assert found.text.startswith(name)
        assert (found.look, found.locked) == ("", ())
        assert datetime.fromisoformat(found.moment) >= moment
