"""The two ways to run LibreOffice: `Kit`, which stays warm, and `Soffice`, which is always there.

Both run the same macro (numbered.bas) on the same files, so both make the same bytes. LibreOffice
exits with 0 when it has made nothing, and with a PDF when it was given garbage, so neither its exit
code nor the existence of a file is taken for success.
"""

from __future__ import annotations

import contextlib
import io
import os
import resource
import selectors
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pipeline.document import officekit
from pipeline.document.profile import MACRO, lay_out_profile
from pipeline.errors import ConversionError

Words = Sequence[bytes]
"""Word files that are numbered as one document."""

SECONDS_FOR_ONE_START = 60
SECONDS_FOR_ONE_FILE = 60
MOST_BYTES = 1 << 30
"""What a LibreOffice may have of memory in the midst of a document; 900 areas take a fifth."""


class LostError(Exception):
    """LibreOffice ended before it had done its work; what it printed last."""


class _Engine:
    """A LibreOffice in a session, a profile and a folder of its own, which goes with it."""

    name: str
    process: subprocess.Popen[bytes]

    def __init__(self, work: Path) -> None:
        self.work = work
        lay_out_profile(work / "profile")

    def _start(self, *command: str, talks: bool = False) -> subprocess.Popen[bytes]:
        """Starts it; what it prints goes to a file, unless it `talks` with this process."""
        with (self.work / "output").open("wb") as printed:
            try:
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                    stdout=subprocess.PIPE if talks else printed,
                    stderr=printed,
                    cwd=self.work,
                    env=_environment(self.work),
                    start_new_session=True,
                )
            except OSError as error:
                shutil.rmtree(self.work, ignore_errors=True)
                raise ConversionError(
                    f"LibreOffice could not be started: {error.strerror}.",
                    f"See whether {command[0]} runs by itself.",
                ) from error
        _bound(process.pid)
        return process

    @property
    def profile(self) -> str:
        return (self.work / "profile").as_uri()

    @property
    def said(self) -> str:
        """The last line that it printed."""
        printed = (self.work / "output").read_text("utf-8", errors="replace")
        return (printed.strip().splitlines() or [""])[-1]

    def end(self) -> None:
        """Ends the whole process group, for a LibreOffice may be its starter's child."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        shutil.rmtree(self.work, ignore_errors=True)

    def _order(self, sets: Sequence[Words]) -> None:
        """Lays the files out with the list of what is to become of them."""
        # Not at the top: LibreOffice is to be started before what it needs is loaded.
        from pipeline.document.unlinked import LINK_STYLE, without_links

        lines = []
        for at, words in enumerate(sets):
            for number, word in enumerate(words):
                source = self.work / f"{at}-{number}.docx"
                bare = without_links(word)
                source.write_bytes(bare or word)
                links = LINK_STYLE if bare else ""
                lines.append(f"{source.as_uri()}\t{source.with_suffix('.pdf').as_uri()}\t{links}\n")
            lines.append("\n")
        # Renamed into place, since the macro begins as soon as the file is there.
        (self.work / "jobs.new").write_text("".join(lines), encoding="ascii")
        (self.work / "jobs.new").rename(self.work / "jobs")

    def _collect(self, sets: Sequence[Words]) -> list[list[bytes]]:
        """The PDFs that have been made; nothing of the order is left."""
        try:
            return [
                [self._checked(f"{at}-{number}") for number in range(len(words))]
                for at, words in enumerate(sets)
            ]
        finally:
            for pattern in ("*.docx", "*.pdf", "jobs", "report"):
                for path in self.work.glob(pattern):
                    path.unlink()

    def _checked(self, name: str) -> bytes:
        report = self.work / "report"
        reported = report.read_text("utf-8", errors="replace") if report.is_file() else ""
        for line in reported.splitlines():
            state, source, detail = line.split("\t", 2)
            if state == "failed" and source.endswith(f"/{name}.docx"):
                raise failure(f"LibreOffice could not convert a Word file: {detail}")
        pdf = self.work / f"{name}.pdf"
        if not pdf.is_file():
            raise failure("LibreOffice ended without making a PDF", self.said)
        data = pdf.read_bytes()
        if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:] or not _has_pages(data):
            raise failure("LibreOffice made a file that is not a whole PDF", self.said)
        return data


class Soffice(_Engine):
    """The program as it is installed: started once for one batch, which it waits for."""

    name = "soffice"

    def __init__(self, program: Path, work: Path) -> None:
        super().__init__(work)
        self.process = self._start(
            str(program),
            f"-env:UserInstallation={self.profile}",
            *("--headless", "--nologo", "--norestore", "--nolockcheck"),
            f"{MACRO}Main",
        )

    def convert(self, sets: Sequence[Words], seconds: float | None) -> list[list[bytes]]:
        """The PDFs of the Word files, in the same shape; to be called once."""
        self._order(sets)
        limit = seconds or SECONDS_FOR_ONE_START + SECONDS_FOR_ONE_FILE * sum(map(len, sets))
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise _too_long(limit) from error
        return self._collect(sets)


class Kit(_Engine):
    """LibreOfficeKit in a process that waits for one set after the other."""

    name = "LibreOfficeKit"

    def __init__(self, library: Path, work: Path) -> None:
        super().__init__(work)
        # Not the environment's Python paths nor its packages: they would only take time.
        self.process = self._start(
            *(sys.executable, "-I", "-S", officekit.__file__),
            *(str(library), self.profile, f"{MACRO}Warm"),
            talks=True,
        )
        self.ready = False
        self.done = 0
        self.resident = 0

    def convert(self, words: Words, seconds: float | None) -> list[bytes]:
        """The PDFs of one set; seconds count from now, and are a limit for all of it.

        Raises LostError where the process has ended or ends, and ConversionError where it takes too
        long (it is of no more use then) or a file is not to be converted.
        """
        limit = seconds or (
            SECONDS_FOR_ONE_FILE * len(words) + (0 if self.ready else SECONDS_FOR_ONE_START)
        )
        until = time.monotonic() + limit
        if not self.ready:
            self._answer(until, limit)
            self.ready = True
        self._order([words])
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(b"run\n")
            self.process.stdin.flush()
        except OSError as error:
            raise LostError(self.said) from error
        self.resident = int(self._answer(until, limit).split()[1])
        self.done += 1
        (made,) = self._collect([words])
        return made

    def _answer(self, until: float, limit: float) -> bytes:
        """The next line that it says."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            # Its lines are short and written whole, so one that has begun is there.
            if not selector.select(max(0.0, until - time.monotonic())):
                raise _too_long(limit)
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise LostError(self.said)
        return line


def failure(message: str, said: str = "") -> ConversionError:
    """LibreOffice has not done what it was asked for."""
    detail = f' (it said: "{said}")' if said else ""
    return ConversionError(
        f"{message}{detail}.",
        "Open the template in Word, save it again, and try once more.",
    )


def _too_long(limit: float) -> ConversionError:
    return ConversionError(
        f"LibreOffice did not finish within {limit:g} seconds and was stopped.",
        "Nothing was changed. Try again; if it hangs again, restart the computer.",
    )


def _bound(process: int) -> None:
    """Bounds the memory of a process and of those that it starts; and a crash leaves no picture."""
    if sys.platform == "linux":
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(process, resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
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
        "TMPDIR": str(work),
    }


def _has_pages(data: bytes) -> bool:
    from pypdf import PdfReader  # not at the top: LibreOffice is to be started before it is loaded
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(io.BytesIO(data)).pages) > 0
    except (PyPdfError, AttributeError, KeyError, TypeError, ValueError):
        return False
