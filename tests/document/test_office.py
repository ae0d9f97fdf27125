"""LibreOffice, as it is and as it may fail: every fault here is a real program's."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pypdf import PdfReader

from pipeline.document.office import Office, find_office, started
from pipeline.document.render import render_plan
from pipeline.errors import ConversionError, MissingError
from tests.document.helpers import PLAN_TEMPLATE, Papers, a_plan, an_area, convert

LIMIT = 3.0
"""Seconds given to a program that is known to hang."""


@pytest.fixture(autouse=True)
def nothing_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test does to LibreOffice, no process and no temporary folder outlives it."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("SIGNED_PLAN_TEST", str(temporary))
    yield
    end = time.monotonic() + 10  # a grandchild that was killed may take its time on a busy machine
    while _processes(temporary) and time.monotonic() < end:
        time.sleep(0.05)
    assert _processes(temporary) == []
    assert list(temporary.iterdir()) == []


def _processes(temporary: Path) -> list[int]:
    """The processes that were started, directly or not, while this test ran, and still run."""
    mark = f"SIGNED_PLAN_TEST={temporary}".encode()
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in environment.read_bytes().split(b"\0"):
                found.append(int(environment.parent.name))
    return found


def _pages(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def _numbers(pdf: bytes) -> list[tuple[int, int]]:
    found = [re.search(r"Page (\d+) of (\d+)", text) for text in _pages(pdf)]
    return [(int(match[1]), int(match[2])) for match in found if match]


# What it makes


def test_both_files_of_a_set_are_numbered_as_one_document(papers: Papers) -> None:
    numbers = _numbers(papers.plan_pdf) + _numbers(papers.signoff_pdf)
    total = len(_pages(papers.plan_pdf)) + len(_pages(papers.signoff_pdf))
    assert numbers == [(page, total) for page in range(1, total + 1)]


def test_the_two_real_versions_start_their_second_file_on_an_odd_and_an_even_page(
    both: dict[str, Papers],
) -> None:
    """LibreOffice puts an empty page before an even start unless it is told not to."""
    starts = {_numbers(papers.signoff_pdf)[0][0] % 2 for papers in both.values()}
    assert starts == {0, 1}


def test_sets_are_numbered_apart_and_keep_their_order(july: Papers) -> None:
    one, other = july.plan_docx, july.signoff_docx
    (first,), (second, third, fourth) = convert(find_office(), [[other], [other, one, other]])
    assert [len(_pages(pdf)) for pdf in (first, second, fourth)] == [2, 2, 2]
    assert _numbers(first) == [(1, 2), (2, 2)]
    total = 4 + len(_pages(third))
    assert _numbers(second) + _numbers(third) + _numbers(fourth) == [
        (page, total) for page in range(1, total + 1)
    ]


def test_no_sets_give_no_pdfs() -> None:
    assert convert(find_office(), []) == []


def test_two_conversions_at_the_same_time_both_succeed(july: Papers) -> None:
    office = find_office()
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(convert, office, [[july.signoff_docx]]) for _ in range(2)]
        for job in jobs:
            ((pdf,),) = job.result()
            assert "Sign-off" in _pages(pdf)[0]


def test_the_version_of_libreoffice_is_told_without_starting_it() -> None:
    assert re.fullmatch(r"LibreOffice \d+\.\d+, build \S+", find_office().version)


def test_the_users_own_settings_do_not_matter(
    july: Papers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("DISPLAY", ":77")
    ((pdf,),) = convert(find_office(), [[july.signoff_docx]])
    assert "Sign-off" in _pages(pdf)[0]


# What it is given


def _zip(parts: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no Word file at all",
        os.urandom(4096),
        b"<html><body>not Word</body></html>",
        b"{\\rtf1 not Word}",
        b"PK\x05\x06" + bytes(18),
        _zip({"nothing": b"of Word in here"}),
        _zip({"word/document.xml": b"<x/>"}),
        _zip({"word/document.xml": b"<w:document"}),
        PLAN_TEMPLATE.read_bytes()[:6000],
        PLAN_TEMPLATE.read_bytes()[:-200],
    ],
    ids="empty text random html rtf empty-zip other-zip no-types bad-xml half cut-short".split(),
)
def test_what_is_no_word_file_is_refused(july: Papers, broken: bytes) -> None:
    with pytest.raises(ConversionError) as raised:
        convert(find_office(), [[july.signoff_docx, broken]])
    assert raised.value.exit_code == 6
    assert raised.value.remedy


# What may be there in its place


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file that is found as `soffice`, for a test to write a program into."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "soffice"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert find_office().program == program
    yield program


def _fails(seconds: float | None = None, document: bytes = b"") -> str:
    start = time.monotonic()
    with pytest.raises(ConversionError) as raised:
        convert(find_office(), [[document or PLAN_TEMPLATE.read_bytes()]], seconds=seconds)
    assert raised.value.exit_code == 6
    assert raised.value.remedy
    assert seconds is None or time.monotonic() - start < seconds + 30
    return raised.value.message


WRITE = """#!/bin/sh
until [ -e "$SIGNED_PLAN_JOBS" ]; do sleep 0.01; done
while read -r source target; do
  if [ -n "$target" ]; then {command} > "${{target#file://}}"; fi
done < "$SIGNED_PLAN_JOBS"
"""


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("#!/bin/sh\nexit 0\n", "ended without making a PDF"),
        ("#!/bin/sh\nexit 77\n", "ended without making a PDF"),
        ("#!/bin/sh\necho no display >&2\nexit 0\n", "no display"),
        ("#!/bin/sh\nkill -SEGV $$\n", "ended without making a PDF"),
        (WRITE.format(command="printf ''"), "not a whole PDF"),
        (WRITE.format(command="echo garbage"), "not a whole PDF"),
        (WRITE.format(command="printf '%%PDF-1.7\\nhalf of it'"), "not a whole PDF"),
        (WRITE.format(command="printf '%%PDF-1.7\\ngarbage\\n%%%%EOF\\n'"), "not a whole PDF"),
        ("#!/no/such/shell\n", "could not be started"),
        ("not even a script", "could not be started"),
    ],
    ids="nothing error says crash empty garbage half lie shell binary".split(),
)
def test_a_program_that_makes_no_pdf_is_not_believed(fake: Path, script: str, said: str) -> None:
    fake.write_text(script)
    assert said in _fails()


def test_a_pdf_that_was_cut_short_is_not_believed(fake: Path, july: Papers, tmp_path: Path) -> None:
    (tmp_path / "half.pdf").write_bytes(july.plan_pdf[: len(july.plan_pdf) // 2])
    fake.write_text(WRITE.format(command=f"cat '{tmp_path}/half.pdf'"))
    assert "not a whole PDF" in _fails()


HANG = {
    "hangs": "#!/bin/sh\nsleep 600\n",
    "ignores SIGTERM": "#!/bin/sh\ntrap '' TERM INT HUP\nsleep 600\nsleep 600\n",
    "has a child that hangs": "#!/bin/sh\ntrap '' TERM HUP\nsleep 600 &\nsleep 600 &\nwait\n",
    "leaves a child that hangs": "#!/bin/sh\n(trap '' TERM HUP; sleep 600) &\nexit 0\n",
    "stops itself": "#!/bin/sh\nkill -STOP $$\n",
}


@pytest.mark.parametrize("script", HANG.values(), ids=HANG)
def test_a_program_that_hangs_is_ended_with_its_children(fake: Path, script: str) -> None:
    fake.write_text(script)
    said = _fails(1.5)
    assert ("did not finish within 1.5 seconds" in said) != ("exit 0" in script)


def test_a_missing_libreoffice_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="LibreOffice is not installed") as raised:
        find_office()
    assert raised.value.exit_code == 5
    assert "make setup" in raised.value.remedy


def test_a_libreoffice_that_may_not_be_run_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "soffice").write_text("#!/bin/sh\n")
    with pytest.raises(ConversionError, match="could not be started"):
        convert(Office(tmp_path / "soffice"), [[PLAN_TEMPLATE.read_bytes()]])


# What may happen to it


@pytest.fixture(scope="module")
def long_document(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A Word file that LibreOffice is busy with for some seconds."""
    areas = [an_area(number) for number in range(1, 401)]
    return render_plan(a_plan(tmp_path_factory.mktemp("long"), *areas), PLAN_TEMPLATE)


def _busy_process(temporary: Path) -> int:
    """The process that does LibreOffice's work, once it has begun to work on the file."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for process in _processes(temporary):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{process}/cmdline").read_bytes()
                opened = [link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir()]
                if b"soffice.bin" in words and "0-0.docx" in opened:
                    return process
        time.sleep(0.01)
    raise AssertionError("LibreOffice never began")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV, signal.SIGTERM])
def test_a_libreoffice_struck_in_the_midst_of_its_work_is_a_clear_error(
    tmp_path: Path, long_document: bytes, number: signal.Signals
) -> None:
    def strike() -> None:
        os.kill(_busy_process(tmp_path / "temporary"), number)

    striker = threading.Thread(target=strike)
    striker.start()
    said = _fails(LIMIT + 2, long_document)
    striker.join()
    assert "LibreOffice" in said


def test_a_conversion_that_takes_too_long_is_ended(long_document: bytes) -> None:
    assert "did not finish within 1 seconds" in _fails(1, long_document)


def test_an_interrupted_conversion_ends_libreoffice(tmp_path: Path, long_document: bytes) -> None:
    """Ctrl-C reaches the main thread only, while LibreOffice is in a session of its own."""

    def strike() -> None:
        _busy_process(tmp_path / "temporary")
        signal.raise_signal(signal.SIGINT)

    # A test run in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    striker = threading.Thread(target=strike)
    striker.start()
    with pytest.raises(KeyboardInterrupt):
        convert(find_office(), [[long_document]])
    striker.join()


def test_libreoffice_works_on_after_it_was_struck(july: Papers) -> None:
    assert shutil.which("soffice")
    ((pdf,),) = convert(find_office(), [[july.signoff_docx]])
    assert len(_pages(pdf)) == 2


def test_a_libreoffice_that_is_started_for_nothing_is_ended(tmp_path: Path) -> None:
    """As when a template turns out to be mistaken while LibreOffice is getting ready."""
    with pytest.raises(ZeroDivisionError), started(find_office(), tmp_path / "scratch"):
        raise ZeroDivisionError
    assert list((tmp_path / "scratch").iterdir()) == []
