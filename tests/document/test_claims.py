"""What the PDFs claim holds for those that are made, and a false claim is never written."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter
from signed_plan.document.claims import require_accessibility, require_claims
from signed_plan.document.context import describe
from signed_plan.document.recipe import finish
from signed_plan.errors import ConversionError

from tests.document.broken import BREAKS, Patient
from tests.document.helpers import Papers


def test_the_finished_pdf_is_what_it_claims(patient: Patient) -> None:
    require_claims(patient.writer)


def test_pages_can_be_accessible_without_a_claim(patient: Patient) -> None:
    patient.drop(patient.catalog, "/Metadata", "/OutputIntents", "/AF", "/Names")
    require_accessibility(patient.writer)
    with pytest.raises(ConversionError):
        require_claims(patient.writer)


def test_what_is_broken_is_whole_again_afterwards(patient: Patient) -> None:
    """The other tests rest on it."""
    for one in BREAKS[::7]:
        with pytest.MonkeyPatch.context() as patch:
            one.how(Patient(patient.writer, patch))
            with pytest.raises(ConversionError):
                require_claims(patient.writer)
        require_claims(patient.writer)


@pytest.mark.slow("converts nothing, but reads a whole plan twice")
def test_what_a_version_of_libreoffice_leaves_out_is_added(july: Papers) -> None:
    """As 25.2 leaves it out, which describes no link."""
    writer = PdfWriter(clone_from=io.BytesIO(july.plan_pdf))
    links = [one.get_object() for page in writer.pages for one in page.get("/Annots", [])]
    for link in links:
        link.pop("/Contents", None)
    bare = io.BytesIO()
    writer.write(bare)
    done = PdfWriter(clone_from=io.BytesIO(finish(bare.getvalue(), describe(july.version))))
    links = [one.get_object() for page in done.pages for one in page.get("/Annots", [])]
    said = {str(link["/Contents"]) for link in links}
    assert said == {f"Objective {number}" for number in range(1, 11)}
