"""Each rule of PDF/A-3b finds what breaks it. veraPDF finds it too: tests/conformance/claims."""

from __future__ import annotations

import pytest
from signed_plan.document import archive_rules

from tests.document.broken import OF_A, A, Break, Patient, refusal


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("one", OF_A, ids=lambda one: one.name)
def test_what_breaks_a_rule_is_named_with_its_clause_and_a_remedy(
    one: Break, patient: Patient
) -> None:
    message = refusal(one, patient)
    assert message.startswith("The PDF cannot be called fit for an archive: ")
    assert message.endswith(f" ({A}, ISO 19005-3, {one.clause}).")


def test_no_rule_is_left_out_of_the_list() -> None:
    named = {value for key, value in vars(archive_rules).items() if key[:8] == "require_"}
    assert {*archive_rules.RULES} == named
