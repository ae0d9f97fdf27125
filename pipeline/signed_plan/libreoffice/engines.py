"""The two ways to run LibreOffice: `Kit`, which stays warm, and `Soffice`, which is always there.

Both run the same macro (numbered.bas) on the same files, so both make the same bytes. LibreOffice
exits with 0 when it has made nothing, and with a PDF when it was given garbage, so neither its exit
code nor the existence of a file counts as success.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import resource
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from signed_plan.errors import ConversionError, PlanError, write_error
from signed_plan.libreoffice import offline, worker
from signed_plan.libreoffice.fast_input import LINK_STYLE
from signed_plan.libreoffice.profile import MACRO, lay_out_profile
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.processes import end_session, start_session

SECONDS_FOR_ONE_START = 60
SECONDS_FOR_ONE_FILE = 60
_ROOM = 5_000_000
"""Bytes to be left in its folder. With less, LibreOffice may fail, and does not say why."""
_PAGE = re.compile(rb"/Type\s*/Page\b")  # LibreOffice does not compress such objects
MOST_BYTES = 1 << 30
"""The most memory that a LibreOffice may have during a document, and the largest file that it may
write; 900 areas take a fifth of the one."""


class LostError(Exception):
    """LibreOffice ended before its work was done. The message is the last line that it printed."""


class _Engine:
    """A LibreOffice with its own session, profile and folder. The folder ends with it."""

    name: str
    process: subprocess.Popen[bytes]

    def __init__(self, work: Path) -> None:
        self.work = work
        lay_out_profile(work / "profile")

    def _start(self, *command: str, talks: bool = False) -> subprocess.Popen[bytes]:
        """Starts it. With `talks` there are pipes to it; what else it prints goes to a file."""
        with (self.work / "output").open("wb") as printed:
            try:
                process = start_session(
                    command,
                    talks=talks,
                    printed=printed,
                    cwd=self.work,
                    env=_environment(self.work),
                )
            except OSError as error:
                shutil.rmtree(self.work, ignore_errors=True)
                raise _not_started(command[0], error.strerror) from error
        _bound(process.pid)
        return process

    @property
    def profile(self) -> str:
        return (self.work / "profile").as_uri()

    @property
    def last_line(self) -> str:
        """The last line that it printed."""
        printed = (self.work / "output").read_text("utf-8", errors="replace")
        return (printed.strip().splitlines() or [""])[-1]

    def end(self) -> None:
        """Ends the whole session, for a LibreOffice may be its starter's child."""
        end_session(self.process)
        shutil.rmtree(self.work, ignore_errors=True)

    def _order(self, lines: Iterable[str]) -> None:
        """Writes the job file for numbered.bas."""
        # Renamed into place, since the macro begins as soon as the file is there.
        (self.work / "jobs.new").write_text("".join(lines), encoding="ascii")
        (self.work / "jobs.new").rename(self.work / "jobs")

    def _order_to_open(self, name: str, file: WordFile) -> str:
        """Puts a Word file in its place, and gives the order to open it."""
        source = self.work / f"{name}.docx"
        source.write_bytes(file.without_links or file.data)
        return f"open\t{source.as_uri()}\t{LINK_STYLE if file.without_links else ''}\n"

    def _order_to_print(self, name: str) -> str:
        source = self.work / f"{name}.docx"
        return f"print\t{source.as_uri()}\t{source.with_suffix('.pdf').as_uri()}\n"

    def _clear(self) -> None:
        """Deletes the files of the jobs that are done."""
        for pattern in ("*.docx", "*.pdf", "jobs", "report"):
            for path in self.work.glob(pattern):
                path.unlink()

    def _read_pdf(self, name: str) -> bytes:
        report = self.work / "report"
        reported = report.read_text("utf-8", errors="replace") if report.is_file() else ""
        for line in reported.splitlines():
            state, source, detail = line.split("\t", 2)
            if state == "failed" and source.endswith(f"/{name}.docx"):
                raise self._failure(f"LibreOffice could not convert a Word file: {detail}")
        pdf = self.work / f"{name}.pdf"
        if not pdf.is_file():
            raise self._failure("LibreOffice ended without making a PDF", self.last_line)
        data = pdf.read_bytes()
        if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:] or not _PAGE.search(data):
            raise self._failure("LibreOffice made a file that is not a whole PDF", self.last_line)
        return data

    def _failure(self, message: str, said: str = "") -> PlanError:
        if shutil.disk_usage(self.work).free >= _ROOM:
            return failure(message, said)
        full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write_error(self.work.parent, full)


class Soffice(_Engine):
    """The program as it is installed. It is started for one batch, waits for it, and ends."""

    name = "soffice"

    def __init__(self, program: Path, work: Path) -> None:
        super().__init__(work)
        self.program = program
        self.process = self._start(
            *python_command(offline, str(program)),
            f"-env:UserInstallation={self.profile}",
            *("--headless", "--nologo", "--norestore", "--nolockcheck"),
            f"{MACRO}Main",
        )

    def convert(
        self, sets: Sequence[Sequence[WordFile]], seconds: float | None
    ) -> list[list[bytes]]:
        """The PDFs of the Word files, in the same shape. Can be called once."""
        names = [
            [f"{at}-{number}" for number in range(len(files))] for at, files in enumerate(sets)
        ]
        lines: list[str] = []
        for files, named in zip(sets, names, strict=True):
            lines += map(self._order_to_open, named, files)
            lines += map(self._order_to_print, named)
        self._order(lines)
        limit = seconds or SECONDS_FOR_ONE_START + SECONDS_FOR_ONE_FILE * sum(map(len, sets))
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise _too_long(limit) from error
        if self.process.returncode == offline.NOT_STARTED:
            raise _not_started(str(self.program), self.last_line)
        return [list(map(self._read_pdf, named)) for named in names]


class Kit(_Engine):
    """LibreOfficeKit in a process that waits for one set after the other."""

    name = "LibreOfficeKit"

    def __init__(self, library: Path, work: Path) -> None:
        super().__init__(work)
        self.process = self._start(
            *python_command(worker, str(library), self.profile, f"{MACRO}Warm"), talks=True
        )
        self.ready = False
        self.done = 0
        self.resident = 0
        self._names: list[str] = []
        self._next: list[str] = []
        self._is_working = True  # until it says that it is ready
        self._limit = self._left = 0.0

    def open(self, file: WordFile, seconds: float | None) -> None:
        """Lets it open one more file of the document. Does not wait for it.

        The seconds are a limit for the whole document. Only the time of waiting for it counts.

        Raises LostError if the process ends, and ConversionError if it takes too long. It cannot be
        used after that.
        """
        if not self._names:
            self._limit = self._left = seconds or (0 if self.ready else SECONDS_FOR_ONE_START)
        if seconds is None:
            self._limit += SECONDS_FOR_ONE_FILE
            self._left += SECONDS_FOR_ONE_FILE
        self._names.append(f"0-{len(self._names)}")
        self._ask(self._order_to_open(self._names[-1], file))

    def pdfs(self) -> Iterator[bytes]:
        """The PDFs of the files of the document, each as soon as it is there.

        Raises what `open` raises, and ConversionError if a file cannot be converted.
        """
        for at, name in enumerate(self._names):
            self._ask(self._order_to_print(name))
            if at > 0:  # while it prints this one
                yield self._read_pdf(self._names[at - 1])
            self._finish()
        yield self._read_pdf(self._names[-1])
        self._clear()
        self._names = []
        self.done += 1

    @property
    def busy(self) -> bool:
        """Whether a document is open that has not been printed completely."""
        return bool(self._names)

    def _ask(self, line: str) -> None:
        """Gives it one more order. If it is busy, the order waits."""
        self._next.append(line)
        if self._is_done(0):
            self._send()

    def _send(self) -> None:
        if not self._next:
            return
        self._order(self._next)
        self._next = []
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(b"run\n")
            self.process.stdin.flush()
        except OSError as error:
            raise LostError(self.last_line) from error
        self._is_working = True

    def _finish(self) -> None:
        """Waits until it has carried out all orders."""
        while self._is_working or self._next:
            start = time.monotonic()
            if not self._is_done(max(0.0, self._left)):
                raise _too_long(self._limit)
            self._left -= time.monotonic() - start
            self._send()

    def _is_done(self, seconds: float) -> bool:
        """Whether it has carried out its last orders, or does so within so many seconds."""
        if not self._is_working:
            return True
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return False
        # Its lines are short and written whole, so one that has begun is there.
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise LostError(self.last_line)
        if self.ready:
            self.resident = int(line.split()[1])
        self.ready = True
        self._is_working = False
        return True


def python_command(room: ModuleType, *arguments: str) -> tuple[str, ...]:
    """The command that runs a room's `main` in a process of its own.

    Without the environment's Python paths and packages: they would only take time.
    """
    places = Path(worker.__file__).parents[2]
    code = (
        "import sys; sys.path.append(sys.argv.pop(1)); "
        f"from {room.__name__} import main; main(*sys.argv[1:])"
    )
    return (sys.executable, "-I", "-S", "-c", code, str(places), *arguments)


def failure(message: str, said: str = "") -> ConversionError:
    """The error for a LibreOffice that has not done its work."""
    detail = f' (it said: "{said}")' if said else ""
    return ConversionError(
        f"{message}{detail}.",
        "Open the template in Word, save it again, and try once more.",
    )


def _not_started(program: str, why: str | None) -> ConversionError:
    return ConversionError(
        f"LibreOffice could not be started: {why}.", f"See whether {program} runs by itself."
    )


def _too_long(limit: float) -> ConversionError:
    return ConversionError(
        f"LibreOffice did not finish within {limit:g} seconds and was stopped.",
        "Nothing was changed. Try again; if it hangs again, restart the computer.",
    )


def _bound(process: int) -> None:
    """Bounds the memory of a process and of those that it starts, and the size of their files. A
    crash leaves no core file."""
    if sys.platform == "linux":
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
            resource.prlimit(process, resource.RLIMIT_FSIZE, (MOST_BYTES, MOST_BYTES))
            resource.prlimit(process, resource.RLIMIT_CORE, (0, 0))


def _environment(work: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
    owner = Path(f"/proc/{os.getpid()}")  # on Linux, there for as long as this process lives
    return kept | {
        "SIGNED_PLAN_OWNER": str(owner if owner.exists() else work),
        "SIGNED_PLAN_JOBS": str(work / "jobs"),
        "SIGNED_PLAN_REPORT": str(work / "report"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "SAL_USE_VCLPLUGIN": "svp",
        # LibreOffice allocates and frees small things all the time: keep more of them at hand.
        "GLIBC_TUNABLES": "glibc.malloc.tcache_count=100:glibc.malloc.tcache_max=4096",
        "TMPDIR": str(work),
    }
