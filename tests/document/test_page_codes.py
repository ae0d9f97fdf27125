"""Every sign-off page has a code of its own; nothing but the code's picture is ever replaced."""

from __future__ import annotations

import io

import pytest
import zxingcpp
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    NameObject,
    NumberObject,
    StreamObject,
)
from pypdfium2 import PdfDocument
from signed_plan.document.context import field_name, qr_text
from signed_plan.document.page_codes import modules_of, name_pages

from tests.document.helpers import Papers


def signed_on(papers: Papers, first: int, second: int) -> dict[str, int]:
    """The first review's boxes on one page, and those of the others on another."""
    plan = papers.version.plan
    return {
        field_name(review, plan.person(one)): second if at else first
        for at, review in enumerate(plan.open_reviews)
        for one in review.signatories
    }


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def named(papers: Papers, pdf: bytes, first: int = 1, second: int = 2) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    name_pages(writer, papers.version, signed_on(papers, first, second))
    return written(writer)


def codes(pdf: bytes, dpi: int = 150) -> list[list[str]]:
    pages = (page.render(scale=dpi / 72, grayscale=True).to_pil() for page in PdfDocument(pdf))
    return [[code.text for code in zxingcpp.read_barcodes(page)] for page in pages]


def test_each_page_names_itself_and_the_reviews_that_are_signed_on_it(november: Papers) -> None:
    start = f"signed-plan:2017-11:{november.version.fingerprint.hex.upper()}"
    for dpi in (100, 150):
        assert codes(named(november, november.signoff_pdf), dpi) == [
            [f"{start}:NOVEMBER-2017-HEADS:1"],
            [f"{start}:NOVEMBER-2017-JCC:2"],
        ]
    on_one = codes(named(november, november.signoff_pdf, 2, 2))
    assert on_one == [[f"{start}::1"], [f"{start}:NOVEMBER-2017-HEADS+NOVEMBER-2017-JCC:2"]]


@pytest.mark.parametrize("turned", [False, True], ids=["black first", "white first"])
def test_a_code_in_a_table_of_colours_is_known_too(november: Papers, turned: bool) -> None:
    """So LibreOffice 25.2 writes it; the table may have the colours in any order."""
    shades = bytes(range(255, -1, -1) if turned else range(256))
    table = ByteStringObject(b"".join(bytes([one] * 3) for one in shades))
    writer = PdfWriter(clone_from=io.BytesIO(november.signoff_pdf))
    for page in writer.pages:
        pictures = page["/Resources"]["/XObject"]  # type: ignore[index]
        for name in [*pictures]:
            pixels = _grey(pictures[name]).translate(shades)
            picture = pictures[name].get_object().clone(writer, force_duplicate=True)
            picture.set_data(pixels)
            indexed = [NameObject("/Indexed"), NameObject("/DeviceRGB"), NumberObject(255), table]
            picture[NameObject("/ColorSpace")] = ArrayObject(indexed)
            pictures[NameObject(name)] = picture.indirect_reference
    assert [one[0].rpartition(":")[2] for one in codes(named(november, written(writer)))] == [
        "1",
        "2",
    ]


def _grey(picture: StreamObject) -> bytes:
    """A byte a pixel, whichever LibreOffice made the picture."""
    return bytes(picture.decode_as_image().convert("L").tobytes())


def test_the_codes_of_all_pages_are_of_one_size_and_the_same_bytes_each_time(
    november: Papers,
) -> None:
    pdf = named(november, november.signoff_pdf, 2, 2)
    assert pdf == named(november, november.signoff_pdf, 2, 2)
    sizes = [
        {int(one["/Width"]) for one in page["/Resources"]["/XObject"].values()}  # type: ignore[index]
        for page in PdfReader(io.BytesIO(pdf)).pages
    ]
    assert sizes[0] == sizes[1]


def test_pages_without_the_code_and_a_changed_code_stay_as_they_are(november: Papers) -> None:
    plain = PdfWriter(clone_from=io.BytesIO(november.plan_pdf))
    assert named(november, november.plan_pdf) == written(plain)
    writer = PdfWriter(clone_from=io.BytesIO(november.signoff_pdf))
    for page in writer.pages:
        for one in page["/Resources"]["/XObject"].values():  # type: ignore[index]
            one.get_object()[NameObject("/BitsPerComponent")] = NumberObject(4)
    assert named(november, written(writer)) == written(
        PdfWriter(clone_from=io.BytesIO(written(writer)))
    )


def test_a_code_can_be_made_larger_than_its_text_needs(november: Papers) -> None:
    text = [qr_text(november.version)]
    assert len(modules_of(text)) == 39
    assert len(modules_of(text, 6)) == 43
