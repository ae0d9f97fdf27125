"""Each rule of PDF/UA-1 finds what breaks it. veraPDF finds it too: tests/conformance/claims."""

from __future__ import annotations

import pytest
from signed_plan.document import accessibility_rules
from signed_plan.document.claims import require_claims
from signed_plan.errors import ConversionError

from tests.document.broken import OF_UA, UA, Break, Patient, refusal


@pytest.mark.parametrize("one", OF_UA, ids=lambda one: one.name)
def test_what_breaks_a_rule_is_named_with_its_clause_and_a_remedy(
    one: Break, patient: Patient
) -> None:
    message = refusal(one, patient)
    assert message.startswith("The PDF cannot be called accessible: ")
    assert message.endswith(f" ({UA}, ISO 14289-1, {one.clause}).")


def test_a_pdf_without_bookmarks_is_refused_though_the_standard_only_advises_them(
    patient: Patient,
) -> None:
    patient.drop(patient.catalog, "/Outlines")
    with pytest.raises(ConversionError, match="it has no bookmarks"):
        require_claims(patient.writer)


def test_a_table_that_only_lays_out_needs_no_headings(patient: Patient) -> None:
    for tag in patient.pdf.of_kind("TH"):
        patient.put(tag.element, "/S", "/TD")
    require_claims(patient.writer)


def test_no_rule_is_left_out_of_the_list() -> None:
    rules = {accessibility_rules.require_identity, *accessibility_rules.PAGE_RULES}
    named = {value for key, value in vars(accessibility_rules).items() if key[:8] == "require_"}
    assert rules == named
