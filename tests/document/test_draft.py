"""Drafts: plainly marked, still readable, and of no use to sign."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, RectangleObject
from signed_plan.document.draft import _stream, _watermark, draft_pdf
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.signoff import append_signoff
from signed_plan.document.tagged_pdf import TaggedPdf
from signed_plan.errors import ConversionError
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.plan.source import Version

from tests.document.helpers import PLAN_TEMPLATE, SIGNOFF_TEMPLATE, operations, real_versions

slow = pytest.mark.slow("prints and reads many pages")


@dataclass(frozen=True)
class Drawn:
    version: Version
    plan: bytes
    signoff: bytes
    data: bytes
    pages: int

    @property
    def reader(self) -> PdfReader:
        return PdfReader(io.BytesIO(self.data))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    version = real_versions()[-1]
    words = (render_plan(version, PLAN_TEMPLATE), render_signoff(version, SIGNOFF_TEMPLATE))
    with start_converter(find_libreoffice()) as converter:
        ((plan, signoff),) = converter.convert([words])
    joined = append_signoff((plan, signoff), version)
    return Drawn(version, plan, signoff, draft_pdf(joined, version), len(joined.pages))


def pictures(data: bytes) -> list[Image.Image]:
    with pypdfium2.PdfDocument(data) as document:
        return [page.render(scale=0.5).to_pil().convert("L") for page in document]


def marked(image: Image.Image) -> Image.Image:
    """What of an otherwise white page is not white."""
    return image.point(lambda value: 255 if value < 250 else 0)


@slow
def test_the_draft_has_all_pages_and_their_words_and_no_others(drawn: Drawn) -> None:
    plain = [
        page.extract_text()
        for part in (drawn.plan, drawn.signoff)
        for page in PdfReader(io.BytesIO(part)).pages
    ]
    assert [page.extract_text() for page in drawn.reader.pages] == plain
    assert drawn.pages == len(plain)


@slow
def test_every_page_ends_with_the_mark_as_a_watermark_artifact(drawn: Drawn) -> None:
    for page in drawn.reader.pages:
        found = operations(page)
        names = [operator for _, operator in found]
        at = len(names) - 1 - names[::-1].index("BDC")
        assert found[at][0] == ["/Artifact", {"/Type": "/Pagination", "/Subtype": "/Watermark"}]
        assert (["/Draft"], "gs") in found[at:]
        assert names[-1] == "EMC"
        assert names.count("q") == names.count("Q")
        assert not {"Tj", "TJ"} & set(names[at:])


def test_the_mark_is_seen_and_black_text_under_it_is_still_black(drawn: Drawn) -> None:
    with pypdfium2.PdfDocument(drawn.plan) as plain, pypdfium2.PdfDocument(drawn.data) as draft:
        before, after = (one[2].render(scale=0.5).to_pil().convert("L") for one in (plain, draft))
    both = list(zip(before.tobytes(), after.tobytes(), strict=True))
    newly_grey = sum(1 for old, new in both if old > 250 and new < 240)
    assert newly_grey > len(both) / 20
    assert min(new for old, new in both if old > 250) > 190
    dark_before, dark_after = (
        sum(1 for one in image if one < 60) for image in zip(*both, strict=True)
    )
    assert dark_after >= dark_before > 500, "a mark that is not multiplied would make it grey"


@pytest.mark.parametrize(("width", "height"), [(842, 595), (595, 842), (400, 400)])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_mark_is_centred_and_rises_on_a_page_of_any_size_and_rotation(
    width: int, height: int, turned: int
) -> None:
    page = PdfWriter().add_blank_page(width, height)
    page.mediabox = RectangleObject((50, 50, 50 + width, 50 + height))
    page.cropbox = page.mediabox
    page.rotate(turned)
    writer = PdfWriter()
    added: Any = writer.add_page(page)
    content = _watermark(added).replace("/Draft gs", "")
    added[NameObject("/Contents")] = writer._add_object(_stream(content))
    out = io.BytesIO()
    writer.write(out)
    (image,) = pictures(out.getvalue())
    mark = marked(image)
    left, top, right, bottom = mark.getbbox() or (0, 0, 0, 0)
    assert abs((left + right) - image.width) < 0.06 * image.width
    assert abs((top + bottom) - image.height) < 0.06 * image.height
    assert 0 < left < right < image.width
    assert 0 < top < bottom < image.height
    half = image.width // 2
    low = mark.crop((0, 0, half, image.height)).getbbox() or (0, 0, 0, 0)
    assert low[3] == bottom, "the word begins below, on the left"


def test_no_field_of_a_draft_can_be_filled(drawn: Drawn) -> None:
    form: Any = drawn.reader.root_object["/AcroForm"]
    fields = [field.get_object() for field in form["/Fields"]]
    assert len(fields) == 8
    assert all(field["/FT"] == "/Sig" and field["/Ff"] == 1 for field in fields)


def test_it_says_draft_in_its_title_and_claims_nothing(drawn: Drawn) -> None:
    assert drawn.reader.metadata is not None
    assert drawn.reader.metadata.title == f"DRAFT: {drawn.version.plan.full_title}"
    assert "/Metadata" not in drawn.reader.root_object
    assert b"pdfaid" not in drawn.data
    assert not drawn.reader.attachments


def test_it_is_valid_for_another_reader(drawn: Drawn) -> None:
    assert len(pictures(drawn.data)) == drawn.pages


def test_a_draft_that_could_not_be_built_is_refused_as_well(drawn: Drawn) -> None:
    joined = append_signoff((drawn.plan, drawn.signoff), drawn.version)
    for tag in TaggedPdf(joined).of_kind("H2"):
        tag.element[NameObject("/S")] = NameObject("/H3")
    with pytest.raises(ConversionError, match="a heading of level 3 follows one of level 1"):
        draft_pdf(joined, drawn.version)
