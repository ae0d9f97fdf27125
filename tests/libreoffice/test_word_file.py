"""A Word file is opened as it is unless there is a faster form of it."""

from __future__ import annotations

from signed_plan.libreoffice.word_file import WordFile


def test_a_file_from_elsewhere_has_no_faster_form() -> None:
    assert WordFile(b"PK").without_links == b""
