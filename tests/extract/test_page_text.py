"""Numbers are found as they are printed, and nothing that only looks like one."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfWriter
from signed_plan.digest import Digest
from signed_plan.extract.page_text import (
    FULL,
    MAX_PAGES,
    SHORT,
    numbers,
    page_texts,
    printable_start,
)
from signed_plan.paths import PlanFolder

ONE, OTHER = Digest.of_bytes(b"1"), Digest.of_bytes(b"2")


def empty_pages(count: int) -> bytes:
    writer = PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_fingerprint_in_full_is_found_with_its_pages_wherever_its_line_breaks() -> None:
    broken = ONE.spaced.replace(" ", "\r\n", 3)
    texts = [f"Fingerprint: {ONE.spaced}, and {OTHER.spaced}.", "none", f"({broken})"]
    assert numbers(FULL, texts) == {ONE.hex: [1, 3], OTHER.hex: [1]}


def test_a_short_fingerprint_is_found_even_behind_a_year() -> None:
    found = numbers(SHORT, [f"version 2017 {ONE.short} Page 1 of 2"])
    assert found[ONE.hex[:12]] == [1]


@pytest.mark.parametrize(
    "text",
    [
        ONE.hex,
        ONE.spaced[:-1],
        f"{ONE.spaced}0",
        f"x{ONE.spaced}",
        ONE.spaced.upper(),
        ONE.spaced.replace(" ", "-"),
    ],
)
def test_what_is_not_printed_so_is_no_fingerprint_in_full(text: str) -> None:
    assert numbers(FULL, [text]) == {}


@pytest.mark.parametrize(
    "text",
    [
        ONE.spaced,
        ONE.short[:-1],
        f"{ONE.short}0",
        f"x{ONE.short}",
        ONE.short.upper(),
        ONE.short.replace(" ", "\r\n"),
    ],
)
def test_what_is_not_printed_so_is_no_short_fingerprint(text: str) -> None:
    assert numbers(SHORT, [text]) == {}


def test_the_text_of_a_page_is_what_it_prints(built_once: PlanFolder) -> None:
    texts = page_texts(built_once.pdf("2017-11").read_bytes())
    assert len(texts) == 8
    assert "SENcos to meet (5 December 2017)" in " ".join("".join(texts).split())
    assert "Page 8 of 8" in texts[7]


@pytest.mark.slow("builds, signs, or starts a process")
def test_what_is_no_pdf_or_too_long_has_no_text() -> None:
    assert page_texts(empty_pages(2)) == ["", ""]
    with pytest.raises(ValueError, match="too many pages"):
        page_texts(empty_pages(MAX_PAGES + 1))
    with pytest.raises(ValueError, match="no PDF"):
        page_texts(b"%PDF-1.7\nno")


def test_a_stranger_s_words_are_short_and_leave_the_screen_alone() -> None:
    assert printable_start("a\x1b[2J\nb\u202ec") == "a [2J b c"
    assert len(printable_start("x" * 999)) == 80
