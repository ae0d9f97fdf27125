"""`plan watch` as its user sees it: a process that stays, saved files, and a PDF to look at."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder, shipped_templates

from tests.helpers import copy_plan, edit, run_plan

pytestmark = pytest.mark.slow("waits for drafts, save after save")

NAME = "2017-11"
SECONDS = 30.0


class Watching:
    """`plan watch` on a folder, what it has written so far, and ways to wait for more."""

    def __init__(self, root: Path, *words: str, terminal: bool = False, name: str = "plan") -> None:
        self.folder = copy_plan(root / name)
        self.temporary = root / "tmp"
        self.viewed = root / "viewed"
        self.temporary.mkdir()
        (root / "bin").mkdir()
        viewer = root / "bin/xdg-open"
        viewer.write_text(f'#!/bin/sh\necho "$@" >> "{self.viewed}"\nexec sleep 2\n')
        viewer.chmod(0o755)
        ours, theirs = pty.openpty() if terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "signed_plan.cli", "watch", *words],
            cwd=self.folder.root,
            env={
                **os.environ,
                "PATH": f"{root / 'bin'}:{os.environ['PATH']}",
                "TMPDIR": str(self.temporary),
                "TERM": "xterm-256color",
                "COLUMNS": "200",
            },
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self._from = ours
        self._written = bytearray()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def source(self) -> Path:
        return self.folder.source / NAME

    @property
    def pdf(self) -> Path:
        return self.folder.draft(NAME)

    @property
    def text(self) -> str:
        return self._written.decode("utf-8", errors="replace")

    @property
    def words(self) -> str:
        return pdf_words(self.pdf.read_bytes())

    def until(self, done: Callable[[], object]) -> None:
        end = time.monotonic() + SECONDS
        while not done():
            assert time.monotonic() < end, self.text
            assert self.process.poll() is None, self.text
            time.sleep(0.01)

    def after(self, change: Callable[[], object], told: str) -> str:
        """What it tells after the change, up to the line with this in it."""
        before = len(self.text)
        change()
        self.until(lambda: re.search(told, self.text[before:]))
        return self.text[before:]

    def first(self) -> None:
        self.until(lambda: "draft of 2017-11  8 pages" in self.text)

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        code = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return code

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self._reader.join(SECONDS)
        os.close(self._from)

    def offspring(self) -> list[int]:
        """The processes that work in its folder for temporary files, such as LibreOffice."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str(self.temporary).encode() in (place / "cmdline").read_bytes():
                    found.append(int(place.name))
        return found

    def leaves_nothing(self) -> None:
        """A LibreOffice that was just being started ends by itself, as soon as it listens."""
        end = time.monotonic() + 5
        while left := [*map(str, self.offspring()), *map(str, self.temporary.iterdir())]:
            assert time.monotonic() < end, left
            time.sleep(0.01)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # Linux's way of telling that the terminal was closed
            while data := os.read(self._from, 4096):
                self._written.extend(data)


def pdf_words(data: bytes) -> str:
    texts = (page.extract_text() for page in PdfReader(io.BytesIO(data), strict=True).pages)
    return " ".join(" ".join(texts).split())


DRAFTED = r"draft of 2017-11  \d+ pages  \d+\.\d\d s  output/draft/action-plan-2017-11-DRAFT\.pdf"


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path)
    yield running
    running.close()


@pytest.fixture
def on_a_terminal(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path, NAME, terminal=True)
    yield running
    running.close()


@pytest.fixture
def in_a_folder_of_no_utf8(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path, name="f\udce9e")
    yield running
    running.close()


@pytest.fixture
def opening(tmp_path: Path) -> Iterator[Watching]:
    running = Watching(tmp_path, "--open")
    yield running
    running.close()


def test_drafts_follow_what_is_saved_and_mistakes_do_not_touch_the_last_good_one(
    watching: Watching,
) -> None:
    watching.first()
    assert re.search(rf"\d\d:\d\d:\d\d  {DRAFTED}", watching.text)
    assert "No mistakes in 2017-11." in watching.text
    assert "SENcos to meet" in watching.words

    areas, people = watching.source / "areas.yaml", watching.source / "people.yaml"
    watching.after(lambda: edit(areas, "SENcos to meet", "SENcos to gather"), DRAFTED)
    assert "SENcos to gather" in watching.words

    good = watching.pdf.read_bytes()
    said = watching.after(
        lambda: edit(people, "name: Kevin Snow", "nmae: Kevin Snow"), r"problems? in the sources"
    )
    shown = run_plan(watching.folder, "check", NAME).stdout
    assert "people.yaml:" in shown
    assert shown.strip() in said, "the same as `plan check` shows"
    assert re.search(r"source/2017-11/people\.yaml:\d+:\d+: ", said)
    assert watching.pdf.read_bytes() == good

    said = watching.after(lambda: edit(people, "nmae: Kevin Snow", "name: Kevin Frost"), DRAFTED)
    assert "nmae" not in said
    assert "Kevin Frost" in watching.words

    before = len(watching.text)
    for name in (".areas.yaml.swp", "areas.yaml~", "~$plan.docx", "4913"):
        (watching.source / name).write_bytes(b"an editor's own")
    time.sleep(0.7)
    assert watching.text[before:] == ""

    kept = areas.read_bytes()
    watching.after(areas.unlink, r"problems? in the sources")
    watching.after(lambda: areas.write_bytes(kept), DRAFTED)
    away = watching.folder.root / "away"
    watching.after(lambda: watching.folder.source.rename(away), "No draft could be made|problem")
    watching.after(lambda: away.rename(watching.folder.source), DRAFTED)
    watching.after(lambda: edit(areas, "SENcos to gather", "SENcos to sit"), DRAFTED)

    made = [path for path in watching.folder.output.rglob("*") if path.is_file()]
    assert made == [watching.pdf], "no register, no other file"


def test_a_template_saved_counts_and_a_broken_one_is_named(watching: Watching) -> None:
    watching.first()
    own = watching.folder.root / "templates"
    said = watching.after(lambda: shutil.copytree(shipped_templates(), own), DRAFTED)
    plan = own / "plan.docx"
    whole = plan.read_bytes()
    said = watching.after(lambda: plan.write_bytes(whole[:5000]), "No draft could be made")
    assert "plan.docx is not a Word file that can be opened: it is damaged" in said
    watching.after(lambda: plan.write_bytes(whole), DRAFTED)


def test_it_goes_on_when_libreoffice_is_killed_and_leaves_nothing_behind(
    watching: Watching,
) -> None:
    watching.first()
    killed = watching.offspring()
    assert killed
    for process in killed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    areas = watching.source / "areas.yaml"
    watching.after(lambda: edit(areas, "SENcos to meet", "SENcos to gather"), DRAFTED)
    assert "SENcos to gather" in watching.words
    watching.process.send_signal(signal.SIGINT)
    time.sleep(0.01)
    assert watching.end() == 0, "an impatient second Ctrl-C too"
    assert watching.text.endswith(
        "Ended. The last draft stays in output/draft/action-plan-2017-11-DRAFT.pdf.\n"
    )
    watching.leaves_nothing()


def test_at_every_moment_the_pdf_is_whole(watching: Watching) -> None:
    watching.first()
    areas = watching.source / "areas.yaml"
    found: set[bytes] = set()
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            found.add(watching.pdf.read_bytes())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        for old, new in ((f"SENcos {at}", f"SENcos {at + 1}") for at in range(2)):
            watching.after(lambda: edit(areas, old.replace(" 0", " to"), new), DRAFTED)  # noqa: B023
    finally:
        over.set()
        looking.join()
    assert len(found) == 3
    seen = "".join(pdf_words(data) for data in found)
    assert all(words in seen for words in ("SENcos to meet", "SENcos 1 meet", "SENcos 2 meet"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_at_once_even_before_the_first_draft(watching: Watching, number: int) -> None:
    watching.until(watching.offspring)
    assert watching.end(number) == 0
    assert watching.text.splitlines()[-1].startswith("Ended")
    watching.leaves_nothing()


def test_the_viewer_is_started_once_and_not_waited_for(opening: Watching) -> None:
    opening.first()
    areas = opening.source / "areas.yaml"
    opening.after(lambda: edit(areas, "SENcos to meet", "SENcos to gather"), DRAFTED)
    opening.until(opening.viewed.is_file)
    assert opening.viewed.read_text().splitlines() == [str(opening.pdf)]


def test_on_a_terminal_problems_vanish_when_they_are_mended(on_a_terminal: Watching) -> None:
    on_a_terminal.first()
    people = on_a_terminal.source / "people.yaml"
    on_a_terminal.after(
        lambda: edit(people, "name: Kevin Snow", "nmae: Kevin Snow"), r"problems? in the sources"
    )
    cleared = "\x1b[2J"
    now = on_a_terminal.text.split(cleared)[-1]
    assert '"nmae" is not known here' in now
    assert "No mistakes" not in now
    on_a_terminal.after(lambda: edit(people, "nmae: Kevin Snow", "name: Kevin Snow"), DRAFTED)
    now = on_a_terminal.text.split(cleared)[-1]
    assert "Watching 2017-11 in " in now
    assert "Ctrl-C ends" in now
    assert "nmae" not in now
    assert "No mistakes in 2017-11." in now


@pytest.mark.quick
def test_a_version_that_is_not_there_is_refused(tmp_path: Path) -> None:
    done = run_plan(copy_plan(tmp_path), "watch", "1999-01")
    assert done.returncode == ExitCode.SOURCE
    assert 'there is no version "1999-01"' in done.stdout


@pytest.mark.quick
def test_without_a_viewer_it_says_so_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from signed_plan.commands.watch import _open

    monkeypatch.setenv("PATH", str(tmp_path))
    _open(PlanFolder(tmp_path).draft(NAME))
    assert "Open the draft yourself" in capsys.readouterr().out


def test_a_folder_whose_name_is_no_utf8_is_watched_too(in_a_folder_of_no_utf8: Watching) -> None:
    watching = in_a_folder_of_no_utf8
    watching.first()
    areas = watching.source / "areas.yaml"
    watching.after(lambda: edit(areas, "SENcos to meet", "SENcos to gather"), DRAFTED)
    assert watching.end() == ExitCode.OK
