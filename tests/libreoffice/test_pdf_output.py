from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.errors import ConversionError
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.pdf_output import open_pdf, read_pdf
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load

from tests.helpers import REPO
from tools.plans import write_plan


@pytest.fixture(scope="module")
def pdfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[bytes]]:
    """What LibreOffice makes of two plans and of their sign-off pages."""
    folders = (PlanFolder(REPO), write_plan(tmp_path_factory.mktemp("plan") / "a", 5, 30))
    versions = [load(folder, ())[-1] for folder in folders]
    templates = REPO / "templates"
    sets = [
        (
            render_plan(version, templates / "plan.docx"),
            render_signoff(version, templates / "signoff.docx"),
        )
        for version in versions
    ]
    with start_converter(find_libreoffice()) as converter:
        yield [pdf for made in converter.convert(sets) for pdf in made]


def written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_pdf_is_opened_as_pypdf_itself_would_copy_it(pdfs: list[bytes]) -> None:
    for pdf in pdfs:
        assert written(open_pdf(pdf)) == written(PdfWriter(clone_from=io.BytesIO(pdf)))


@pytest.mark.slow("builds, signs, or starts a process")
def test_every_object_is_read_as_pypdf_itself_reads_it(pdfs: list[bytes]) -> None:
    for pdf in pdfs:
        plain, quick = PdfReader(io.BytesIO(pdf)), read_pdf(pdf)
        numbers = [*plain.xref[0]]
        assert len(numbers) > 100
        for number in numbers:
            one, other = plain.get_object(number), quick.get_object(number)
            assert repr(one).replace(str(id(plain)), "") == repr(other).replace(str(id(quick)), "")


def test_most_objects_are_read_in_the_quick_way(pdfs: list[bytes]) -> None:
    quick = read_pdf(pdfs[0])
    assert len(quick.resolved_objects) > 0.8 * len(quick.xref[0])


@pytest.mark.slow("builds, signs, or starts a process")
def test_what_is_unusual_is_left_to_pypdf(pdfs: list[bytes]) -> None:
    """A text in brackets, a comment, a name beyond ASCII, a key that is there twice."""
    for unusual in (b"/A(b(c))", b"/A%c\n3.", b"/A/\xc3\xa9", b"/A/b/A/c", b"/A true", b"/A .5"):
        pdf = pdfs[0].replace(b"/S/LBody", unusual.ljust(8), 1)
        assert pdf != pdfs[0]
        plain, quick = PdfReader(io.BytesIO(pdf)), read_pdf(pdf)
        for number in plain.xref[0]:
            one, other = plain.get_object(number), quick.get_object(number)
            assert repr(one).replace(str(id(plain)), "") == repr(other).replace(str(id(quick)), "")


@pytest.mark.parametrize("damage", [lambda pdf: pdf[: len(pdf) // 2], lambda pdf: b"%PDF-1.7\n"])
def test_a_damaged_pdf_is_refused(pdfs: list[bytes], damage: object) -> None:
    assert callable(damage)
    with pytest.raises(ConversionError, match="not a whole PDF"):
        open_pdf(damage(pdfs[0]))


def test_a_pdf_without_pages_is_refused(tmp_path: Path) -> None:
    writer = PdfWriter()
    del writer.root_object["/Pages"]
    with pytest.raises(ConversionError, match="not a whole PDF"):
        open_pdf(written(writer))
