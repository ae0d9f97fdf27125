"""A PDF whose pages do not show the words of its own sources does not agree with them."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfWriter
from pypdf.generic import StreamObject
from signed_plan.errors import VerificationError
from signed_plan.extract.extract import extract
from signed_plan.extract.page_words import missing_words
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load

from tests.report.signed_files import SignedFiles
from tests.story import JULY

STEP = "NOT VERIFIED at step 4 (version 2017-07, every word of the sources, on its pages): "


@pytest.fixture(scope="module")
def july(built_once: PlanFolder) -> bytes:
    return built_once.pdf(JULY).read_bytes()


def changed(pdf: bytes, page: int, change: Callable[[bytes], bytes]) -> bytes:
    """The PDF with the content of one page changed, and nothing else."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    content = writer.pages[page]["/Contents"].get_object()
    assert isinstance(content, StreamObject)
    content.set_data(change(content.get_data()))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.quick
def test_the_pages_of_a_built_plan_show_every_word(july: bytes, built_once: PlanFolder) -> None:
    assert missing_words(july, load(built_once, [JULY])[0]) == ""


@pytest.mark.slow("builds, signs, or starts a process")
def test_words_that_are_painted_over_are_found(july: bytes) -> None:
    white = b"\nq 1 1 1 rg 160 360 150 150 re f Q\n"
    found = extract(changed(july, 1, lambda content: content + white)).verdict
    assert found.sentence.startswith(f'{STEP}"')
    assert "cannot be seen on page 2: something covers it or cuts it off" in found.sentence


@pytest.mark.slow("builds, signs, or starts a process")
def test_words_that_are_taken_out_are_found(july: bytes) -> None:
    found = extract(changed(july, 1, _silence_a_line)).verdict
    assert found.sentence.startswith(f'{STEP}"')
    assert found.kind == "differs"


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_short_text_is_not_found_inside_another(july: bytes) -> None:
    def without_the_first_name(content: bytes) -> bytes:
        at = content.index(b"/H2")
        return content[:at] + _silence_a_line(content[at:], 0)

    found = extract(changed(july, 1, without_the_first_name)).verdict
    assert found.sentence.startswith(f'{STEP}"Safeguarding" of the key name is missing')


def _silence_a_line(content: bytes, after: int | None = None) -> bytes:
    """The content without the words of one line, in its middle or after that byte."""
    end = content.index(b"TJ", len(content) // 2 if after is None else after)
    start = content.rindex(b"[", 0, end)
    return content[:start] + b"[]" + content[end:]


def test_a_signed_file_shows_them_as_well(files: SignedFiles) -> None:
    assert missing_words(files.signed, files.version) == ""


def test_a_file_that_cannot_be_read_is_refused(built_once: PlanFolder) -> None:
    with pytest.raises(VerificationError, match="Its pages cannot be read"):
        missing_words(b"no PDF", load(built_once, [JULY])[0])
