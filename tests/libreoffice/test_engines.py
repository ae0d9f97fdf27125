"""What each of the two engines promises by itself; what may befall them is in test_office.py."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.libreoffice.engines import Kit, LostError, Soffice
from signed_plan.libreoffice.word_file import WordFile

from tests.document.helpers import Papers

pytestmark = pytest.mark.slow("starts LibreOffice many times and makes it fail")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    library = find_libreoffice().library
    assert library is not None
    (tmp_path / "kit").mkdir()
    made = Kit(library, tmp_path / "kit")
    yield made
    made.end()
    assert not (tmp_path / "kit").exists()


def _convert(kit: Kit, *files: WordFile) -> list[bytes]:
    for file in files:
        kit.open(file, None)
    return list(kit.pdfs())


def test_a_kit_counts_its_sets_and_tells_its_memory(kit: Kit, july: Papers) -> None:
    assert (kit.done, kit.ready) == (0, False)
    for _ in range(2):
        (pdf,) = _convert(kit, july.signoff_word)
        assert pdf.startswith(b"%PDF-")
    assert (kit.done, kit.ready) == (2, True)
    assert 50_000 < kit.resident < 350 * 1024


def test_a_kit_leaves_nothing_of_a_set_behind(kit: Kit, july: Papers) -> None:
    _convert(kit, july.signoff_word, july.signoff_word)
    left = {path.name for path in kit.work.iterdir()}
    assert not [name for name in left if name.endswith((".docx", ".pdf"))]
    assert not left & {"jobs", "report"}


def test_a_kit_that_has_ended_is_lost_and_says_so(kit: Kit, july: Papers) -> None:
    _convert(kit, july.signoff_word)
    os.killpg(kit.process.pid, signal.SIGKILL)
    kit.process.wait()
    with pytest.raises(LostError):
        _convert(kit, july.signoff_word)


@pytest.mark.quick
def test_each_engine_is_in_a_session_and_a_profile_of_its_own(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = Soffice(find_libreoffice().program, tmp_path / "plain")
    try:
        sessions = {os.getsid(one.process.pid) for one in (kit, plain)}
        assert len(sessions) == 2
        assert os.getsid(0) not in sessions
        assert kit.profile != plain.profile
    finally:
        plain.end()
