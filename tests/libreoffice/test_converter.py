"""LibreOffice, as it is and as it may fail: every fault here is a real program's."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.document.pdfa import archive_plan
from signed_plan.document.render import render_plan
from signed_plan.document.signoff import append_signoff
from signed_plan.errors import ConversionError, ExitCode, MissingError, OutputError
from signed_plan.libreoffice import converter as libreoffice
from signed_plan.libreoffice import engines
from signed_plan.libreoffice.converter import (
    Converter,
    LibreOffice,
    find_libreoffice,
    start_converter,
)
from signed_plan.libreoffice.engines import Kit, Soffice
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.plan.source import load_one

from tests.document.helpers import PLAN_TEMPLATE, Papers, a_plan, an_area, convert
from tests.helpers import REPO
from tools.plans import VERSION, write_long_plan

pytestmark = pytest.mark.slow("starts LibreOffice many times and makes it fail")

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


@pytest.mark.quick
def test_the_two_real_versions_start_their_second_file_on_an_odd_and_an_even_page(
    both: dict[str, Papers],
) -> None:
    """LibreOffice puts an empty page before an even start unless it is told not to."""
    starts = {_numbers(papers.signoff_pdf)[0][0] % 2 for papers in both.values()}
    assert starts == {0, 1}


def test_sets_are_numbered_apart_and_keep_their_order(july: Papers) -> None:
    one, other = july.plan_docx, july.signoff_docx
    (first,), (second, third, fourth) = convert(find_libreoffice(), [[other], [other, one, other]])
    assert [len(_pages(pdf)) for pdf in (first, second, fourth)] == [2, 2, 2]
    assert _numbers(first) == [(1, 2), (2, 2)]
    total = 4 + len(_pages(third))
    assert _numbers(second) + _numbers(third) + _numbers(fourth) == [
        (page, total) for page in range(1, total + 1)
    ]


@pytest.mark.quick
def test_no_sets_give_no_pdfs() -> None:
    assert convert(find_libreoffice(), []) == []


def test_a_folder_whose_name_is_no_utf8_does_not_stop_a_conversion(
    july: Papers, tmp_path: Path
) -> None:
    scratch = tmp_path / "f\udce9e"
    with Converter(find_libreoffice(), scratch) as converter:
        ((pdf,),) = converter.convert([[july.signoff_word]])
    assert pdf.startswith(b"%PDF-")
    assert not scratch.exists()


def test_two_conversions_at_the_same_time_both_succeed(july: Papers) -> None:
    office = find_libreoffice()
    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(convert, office, [[july.signoff_docx]]) for _ in range(2)]
        for job in jobs:
            ((pdf,),) = job.result()
            assert "Sign-off" in _pages(pdf)[0]


@pytest.mark.quick
def test_the_version_of_libreoffice_is_told_without_starting_it() -> None:
    assert re.fullmatch(r"LibreOffice \d+\.\d+, build \S+", find_libreoffice().version)


def test_the_users_own_settings_do_not_matter(
    july: Papers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("LC_ALL", "tr_TR.UTF-8")
    monkeypatch.setenv("DISPLAY", ":77")
    ((pdf,),) = convert(find_libreoffice(), [[july.signoff_docx]])
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
        convert(find_libreoffice(), [[july.signoff_docx, broken]])
    assert raised.value.exit_code == ExitCode.CONVERSION
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
    assert find_libreoffice().program == program
    yield program


def _fails(seconds: float | None = None, document: bytes = b"") -> str:
    start = time.monotonic()
    with pytest.raises(ConversionError) as raised:
        convert(find_libreoffice(), [[document or PLAN_TEMPLATE.read_bytes()]], seconds=seconds)
    assert raised.value.exit_code == ExitCode.CONVERSION
    assert raised.value.remedy
    assert seconds is None or time.monotonic() - start < seconds + 30
    return raised.value.message


WRITE = """#!/bin/sh
until [ -e "$SIGNED_PLAN_JOBS" ]; do sleep 0.01; done
while read -r order source target; do
  if [ "$order" = print ]; then {command} > "${{target#file://}}"; fi
done < "$SIGNED_PLAN_JOBS"
"""


@pytest.mark.quick
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


@pytest.mark.quick
def test_a_full_disk_is_named_where_libreoffice_only_fails(
    fake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=400_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with (
        Converter(find_libreoffice(), tmp_path / "work") as converter,
        pytest.raises(OutputError, match="written to: No space left on device") as raised,
    ):
        converter.convert([[WordFile(PLAN_TEMPLATE.read_bytes())]])
    assert f"{tmp_path / 'work'} cannot" in raised.value.message
    assert raised.value.remedy.startswith("Make room on the disk")


@pytest.mark.quick
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


@pytest.mark.quick
def test_a_missing_libreoffice_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingError, match="LibreOffice is not installed") as raised:
        find_libreoffice()
    assert raised.value.exit_code == ExitCode.MISSING
    assert "make setup" in raised.value.remedy


@pytest.mark.quick
def test_a_libreoffice_that_may_not_be_run_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "soffice").write_text("#!/bin/sh\n")
    with pytest.raises(ConversionError, match="could not be started"):
        convert(LibreOffice(tmp_path / "soffice"), [[PLAN_TEMPLATE.read_bytes()]])


@pytest.mark.quick
def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("in the way")
    with (
        Converter(find_libreoffice(), tmp_path / "work") as converter,
        pytest.raises(OutputError, match="work cannot be written to: File exists"),
    ):
        converter.start()


# What may happen to it


@pytest.fixture(scope="module")
def long_document(tmp_path_factory: pytest.TempPathFactory) -> WordFile:
    """A Word file that LibreOffice is busy with for many seconds."""
    folder = write_long_plan(tmp_path_factory.mktemp("long"), 900)
    return render_plan(load_one(folder, VERSION), PLAN_TEMPLATE)


@pytest.fixture(scope="module")
def busy_document(tmp_path_factory: pytest.TempPathFactory) -> WordFile:
    """A Word file that LibreOffice is busy with for some seconds."""
    areas = [an_area(number) for number in range(1, 201)]
    return render_plan(a_plan(tmp_path_factory.mktemp("busy"), *areas), PLAN_TEMPLATE)


@pytest.fixture
def plain(tmp_path: Path) -> LibreOffice:
    """The real LibreOffice, found where there is no library beside it."""
    program = tmp_path / "plain" / "soffice"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {find_libreoffice().program} "$@"\n')
    program.chmod(0o755)
    return LibreOffice(program)


def _busy_process(temporary: Path) -> int:
    """The process that does LibreOffice's work, once it has begun to work on the file."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for process in _processes(temporary):
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{process}/cmdline").read_bytes()
                opened = [link.readlink().name for link in Path(f"/proc/{process}/fd").iterdir()]
                if (b"soffice.bin" in words or b"worker" in words) and "0-0.docx" in opened:
                    return process
        time.sleep(0.01)
    raise AssertionError("LibreOffice never began")


@contextlib.contextmanager
def _struck(temporary: Path, number: signal.Signals) -> Iterator[None]:
    """Strikes LibreOffice in the midst of its work."""

    def strike() -> None:
        os.kill(_busy_process(temporary), number)

    striker = threading.Thread(target=strike)
    striker.start()
    yield
    striker.join()


STRIKES = [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM]


@pytest.mark.parametrize("number", [*STRIKES, signal.SIGSTOP])
def test_a_plain_libreoffice_struck_in_the_midst_of_its_work_is_a_clear_error(
    tmp_path: Path, plain: LibreOffice, long_document: WordFile, number: signal.Signals
) -> None:
    with (
        _struck(tmp_path / "temporary", number),
        pytest.raises(ConversionError, match="LibreOffice") as raised,
    ):
        convert(plain, [[long_document.data]], LIMIT + 2)
    assert raised.value.exit_code == ExitCode.CONVERSION


@pytest.mark.parametrize("number", STRIKES)
def test_a_warm_libreoffice_that_is_lost_is_stood_in_for_and_then_replaced(
    tmp_path: Path, july: Papers, busy_document: WordFile, number: signal.Signals
) -> None:
    with start_converter(find_libreoffice()) as converter:
        with _struck(tmp_path / "temporary", number):
            ((pdf,),) = converter.convert([[busy_document]])
        assert converter.engine == Soffice.name
        assert len(_pages(pdf)) > 10
        ((pdf,),) = converter.convert([[july.signoff_word]])
        assert converter.engine == Kit.name
        assert len(_pages(pdf)) == 2


def test_a_warm_libreoffice_that_is_lost_between_two_documents_is_stood_in_for(
    july: Papers,
) -> None:
    with start_converter(find_libreoffice()) as converter:
        converter.convert([[july.signoff_word]])
        os.killpg(converter.start().process.pid, signal.SIGKILL)
        assert converter.convert([[july.signoff_word]])
        assert converter.engine == Soffice.name


def test_a_warm_libreoffice_that_hangs_is_an_error_at_its_limit_and_then_replaced(
    tmp_path: Path, july: Papers, busy_document: WordFile
) -> None:
    with start_converter(find_libreoffice()) as converter:
        with (
            _struck(tmp_path / "temporary", signal.SIGSTOP),
            pytest.raises(ConversionError, match="did not finish within 5 seconds"),
        ):
            converter.convert([[busy_document]], 5)
        assert converter.convert([[july.signoff_word]])
        assert converter.engine == Kit.name


def test_a_conversion_that_takes_too_long_is_ended(
    july: Papers, plain: LibreOffice, long_document: WordFile
) -> None:
    for found in (find_libreoffice(), plain):
        with start_converter(found) as converter:
            with pytest.raises(ConversionError, match="did not finish within 2 seconds"):
                converter.convert([[long_document]], 2)
            assert converter.convert([[july.signoff_word]])


def test_a_document_that_wants_too_much_memory_is_an_error(
    monkeypatch: pytest.MonkeyPatch, july: Papers, plain: LibreOffice, long_document: WordFile
) -> None:
    for found in (find_libreoffice(), plain):
        with Converter(found) as converter:
            with monkeypatch.context() as small:
                small.setattr(engines, "MOST_BYTES", 130 << 20)
                with pytest.raises(ConversionError, match="LibreOffice"):
                    converter.convert([[long_document]], 60)
            assert converter.convert([[july.signoff_word]])


def test_files_that_are_added_one_by_one_are_numbered_as_one_document(july: Papers) -> None:
    with start_converter(find_libreoffice()) as converter, converter.volume() as volume:
        volume.add(july.plan_word)
        volume.add(july.signoff_word)
        numbers = [_numbers(pdf) for pdf in volume.pdfs()]
    assert numbers == [_numbers(july.plan_pdf), _numbers(july.signoff_pdf)]


def test_a_document_that_is_given_up_leaves_a_libreoffice_that_works(july: Papers) -> None:
    with start_converter(find_libreoffice()) as converter:
        with contextlib.suppress(ZeroDivisionError), converter.volume() as volume:
            volume.add(july.plan_word)
            raise ZeroDivisionError
        with converter.volume() as volume:
            volume.add(july.plan_word)
        with converter.volume() as volume:
            volume.add(july.plan_word)
            volume.add(july.signoff_word)
            next(volume.pdfs())
        ((pdf,),) = converter.convert([[july.signoff_word]])
        assert (_numbers(pdf), converter.engine) == ([(1, 2), (2, 2)], Kit.name)


@pytest.mark.parametrize("given", [0, 1])
def test_a_warm_libreoffice_that_is_lost_between_two_files_is_stood_in_for(
    july: Papers, busy_document: WordFile, given: int
) -> None:
    with start_converter(find_libreoffice()) as converter, converter.volume() as volume:
        volume.add(july.signoff_word)
        volume.add(busy_document)
        pdfs = volume.pdfs()
        made = [next(pdfs) for _ in range(given)]
        os.killpg(converter.start().process.pid, signal.SIGKILL)
        made += pdfs
        assert converter.engine == Soffice.name
    first, second = map(_numbers, made)
    total = len(first) + len(second)
    assert first + second == [(page, total) for page in range(1, total + 1)]


def test_a_damaged_document_leaves_a_libreoffice_that_works(july: Papers) -> None:
    with start_converter(find_libreoffice()) as converter:
        for broken in (july.plan_docx[:6000], _zip({"word/document.xml": b"<w:document"})):
            with pytest.raises(ConversionError):
                converter.convert([[july.signoff_word, WordFile(broken)]])
            ((pdf,),) = converter.convert([[july.signoff_word]])
            assert (len(_pages(pdf)), converter.engine) == (2, Kit.name)


@pytest.mark.parametrize("library", [None, b"", b"no library at all", b"\x7fELF"])
def test_without_a_library_that_loads_plain_libreoffice_does_it(
    plain: LibreOffice, july: Papers, library: bytes | None
) -> None:
    if library is not None:
        plain.program.with_name("libmergedlo.so").write_bytes(library)
    with start_converter(plain) as converter:
        for _ in range(2):
            ((pdf,),) = converter.convert([[july.signoff_word]])
            assert (len(_pages(pdf)), converter.engine) == (2, Soffice.name)


def test_both_engines_make_the_same_bytes(july: Papers, plain: LibreOffice) -> None:
    """Once the archive's last hand has taken out what LibreOffice takes from the clock."""
    sets = [[july.plan_docx, july.signoff_docx]]
    made = []
    for found in (find_libreoffice(), plain):
        (pdfs,) = convert(found, sets)
        made.append(archive_plan(append_signoff(pdfs, july.version), july.version))
    assert made[0] == made[1]


def test_three_hundred_documents_in_a_row_leave_memory_flat_and_no_file(july: Papers) -> None:
    files = []
    with start_converter(find_libreoffice()) as converter:
        kit = converter.start()
        assert isinstance(kit, Kit)
        held = []
        for _ in range(150):
            converter.convert([[july.plan_word, july.signoff_word]])
            held.append(kit.resident)
            files.append(len(list(kit.work.rglob("*"))))
        assert kit.done == 150, "it was never replaced"
    assert held[-1] < 1.05 * held[49]
    assert held[-1] < 350 * 1024
    # One for each document would be 300 more; LibreOffice writes its settings when it likes.
    assert max(files) - min(files) < 10


def test_a_warm_libreoffice_is_replaced_after_so_many_documents(
    monkeypatch: pytest.MonkeyPatch, july: Papers, tmp_path: Path
) -> None:
    monkeypatch.setattr(libreoffice, "RECYCLED_AFTER", 2)
    used = []
    with start_converter(find_libreoffice()) as converter:
        for _ in range(4):
            used.append(converter.start().process.pid)
            converter.convert([[july.signoff_word]])
            assert converter.engine == Kit.name
        assert used[0] == used[1] != used[2] == used[3]
        assert used[0] not in _processes(tmp_path / "temporary")


def test_a_warm_libreoffice_that_has_grown_is_replaced(
    monkeypatch: pytest.MonkeyPatch, july: Papers
) -> None:
    monkeypatch.setattr(libreoffice, "RECYCLED_ABOVE", 1024)
    with start_converter(find_libreoffice()) as converter:
        before = converter.start().process.pid
        converter.convert([[july.signoff_word]])
        assert converter.start().process.pid != before


PARENT = """
import sys
from pathlib import Path
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile
word = WordFile(Path(sys.argv[1]).read_bytes())
with start_converter(find_libreoffice()) as converter:
    converter.convert([[word]])
    print("warm", flush=True)
    sys.stdin.readline()
    print(len(converter.convert([[word]])[0][0]), flush=True)
    print(converter.engine, flush=True)
"""


def test_of_two_parents_at_once_one_is_killed_and_takes_all_of_its_own_with_it(
    tmp_path: Path, july: Papers
) -> None:
    temporary = tmp_path / "temporary"
    (tmp_path / "word.docx").write_bytes(july.signoff_docx)
    parents = [
        subprocess.Popen(
            [sys.executable, "-c", PARENT, str(tmp_path / "word.docx")],
            cwd=REPO,
            env=os.environ | {"TMPDIR": str(temporary)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [parent.stdout.readline() for parent in parents if parent.stdout] == ["warm\n"] * 2
    parents[0].kill()
    parents[0].wait()
    said, _ = parents[1].communicate("go on\n")
    assert int(said.split()[0]) > 10_000
    assert said.split()[1] == Kit.name
    # That nothing is left of either, the fixture above asserts.


def test_an_interrupted_conversion_ends_libreoffice(
    tmp_path: Path, long_document: WordFile
) -> None:
    """Ctrl-C reaches the main thread only, while LibreOffice is in a session of its own."""

    def strike() -> None:
        _busy_process(tmp_path / "temporary")
        signal.raise_signal(signal.SIGINT)

    # A test run in the background may have been told to ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    striker = threading.Thread(target=strike)
    striker.start()
    with pytest.raises(KeyboardInterrupt):
        convert(find_libreoffice(), [[long_document.data]])
    striker.join()


@pytest.mark.quick
def test_a_libreoffice_that_is_started_for_nothing_is_ended(tmp_path: Path) -> None:
    """As when a template turns out to be mistaken while LibreOffice is getting ready."""
    with (
        pytest.raises(ZeroDivisionError),
        start_converter(find_libreoffice(), tmp_path / "scratch"),
    ):
        raise ZeroDivisionError
    assert list((tmp_path / "scratch").iterdir()) == []
