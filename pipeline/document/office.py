"""The one door to LibreOffice: find it, start it once for many files, check their PDFs, end it.

LibreOffice exits with 0 when it has made nothing, and with a PDF when it was given garbage, so
neither its exit code nor the existence of a file is taken for success.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from xml.sax.saxutils import escape

from pipeline.errors import ConversionError, MissingError

SECONDS_FOR_ONE_START = 60
SECONDS_FOR_ONE_FILE = 60

_MAC_OFFICE = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")

_PROFILE = {
    # Without the first item LibreOffice lays its own presets over the profile, macro and all. The
    # others give tracked changes colours that can be read: it would take a pale one per author.
    "registrymodifications.xcu": """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Setup/Office"><prop oor:name="ooSetupInstCompleted" oor:op="fuse">\
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Revision/TextDisplay/Insert">\
<prop oor:name="Color" oor:op="fuse"><value>22581</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Revision/TextDisplay/Delete">\
<prop oor:name="Color" oor:op="fuse"><value>10164240</value></prop></item>
</oor:items>
""",
    "basic/script.xlc": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:libraries PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "libraries.dtd">
<library:libraries xmlns:library="http://openoffice.org/2000/library" \
xmlns:xlink="http://www.w3.org/1999/xlink">
 <library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" \
xlink:type="simple" library:link="false"/>
</library:libraries>
""",
    "basic/Standard/script.xlb": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE library:library PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "library.dtd">
<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" \
library:readonly="false" library:passwordprotected="false">
 <library:element library:name="Numbered"/>
</library:library>
""",
    "basic/Standard/Numbered.xba": """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Numbered" \
script:language="StarBasic">{macro}</script:module>
""",
}


@dataclass(frozen=True, slots=True)
class Office:
    """An installed LibreOffice."""

    program: Path

    @property
    def version(self) -> str:
        """Such as "LibreOffice 7.4, build 40(Build:2)", from LibreOffice's own files: to start it
        for this would take longer than everything else a build with nothing to do takes."""
        said = "\n".join(
            path.read_text(encoding="utf-8", errors="replace")
            for place in ("program", "../Resources", ".")
            for name in ("bootstraprc", "versionrc")
            if (path := self._home / place / name).is_file()
        )
        product = re.search(r"^ProductKey=(.*)$", said, re.MULTILINE)
        build = re.search(r"^buildid=(.*)$", said, re.MULTILINE)
        name = product.group(1).strip() if product else "LibreOffice"
        return f"{name}, build {build.group(1).strip()}" if build else name

    @property
    def _home(self) -> Path:
        return self.program.resolve().parent.parent


def find_office() -> Office:
    """The LibreOffice of this machine. Raises MissingError where there is none."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is not None:
        return Office(Path(found))
    if _MAC_OFFICE.exists():
        return Office(_MAC_OFFICE)
    raise MissingError(
        "LibreOffice is not installed (there is no program named soffice).",
        "Run `make setup`, which installs it, or install libreoffice-writer-nogui yourself.",
    )


class Running:
    """A LibreOffice that has been started and waits for its one batch of Word files."""

    def __init__(self, process: subprocess.Popen[bytes], work: Path) -> None:
        self._process = process
        self._work = work

    def convert(
        self, sets: Sequence[Sequence[bytes]], seconds: float | None = None
    ) -> list[list[bytes]]:
        """Turns Word files into PDFs; to be called once.

        Each set is numbered as one document: its page numbers run on from file to file, and its
        page count is that of all its files. Gives the PDFs in the shape of the Word files.

        Raises ConversionError where LibreOffice fails, takes longer than `seconds` (by default a
        minute, and a minute more for each file), or makes something else than it was asked for.
        """
        lines = []
        for at, documents in enumerate(sets):
            for number, document in enumerate(documents):
                _check_word_file(document)
                source = self._work / f"{at}-{number}.docx"
                source.write_bytes(document)
                lines.append(f"{source.as_uri()}\t{source.with_suffix('.pdf').as_uri()}\n")
            lines.append("\n")
        # Renamed into place, since the macro begins as soon as the file is there.
        (self._work / "jobs.new").write_text("".join(lines), encoding="ascii")
        (self._work / "jobs.new").rename(self._work / "jobs")
        limit = seconds or SECONDS_FOR_ONE_START + SECONDS_FOR_ONE_FILE * sum(map(len, sets))
        try:
            self._process.wait(limit)
        except subprocess.TimeoutExpired as error:
            raise ConversionError(
                f"LibreOffice did not finish within {limit:g} seconds and was stopped.",
                "Nothing was changed. Try again; if it hangs again, restart the computer.",
            ) from error
        said = (self._work / "output").read_text("utf-8", errors="replace")
        return [
            [_checked(self._work, f"{at}-{number}", said) for number in range(len(documents))]
            for at, documents in enumerate(sets)
        ]


@contextmanager
def started(office: Office, scratch: Path | None = None) -> Iterator[Running]:
    """Starts LibreOffice, so that it gets ready while the Word files are still being made.

    It works in a folder of its own inside `scratch`, by default the system's folder for temporary
    files. When the context ends, both it and that folder are gone, whatever has happened.

    Raises ConversionError where it cannot be started.
    """
    if scratch is not None:
        scratch.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="signed-plan-", dir=scratch) as name:
        work = Path(name)
        _lay_out_profile(work / "profile" / "user")
        process = _start(office, work)
        try:
            yield Running(process, work)
        finally:
            _end(process)


def _check_word_file(document: bytes) -> None:
    """LibreOffice takes an empty file for an empty document, and some garbage for a text."""
    data = io.BytesIO(document)
    if zipfile.is_zipfile(data):
        with zipfile.ZipFile(data) as parts:
            if "word/document.xml" in parts.namelist():
                return
    raise _failure("A Word file that was to be converted is damaged")


def _lay_out_profile(user: Path) -> None:
    macro = resources.files("pipeline.document").joinpath("numbered.bas").read_text("utf-8")
    for name, text in _PROFILE.items():
        path = user / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{macro}", escape(macro)), encoding="utf-8")


def _start(office: Office, work: Path) -> subprocess.Popen[bytes]:
    with (work / "output").open("wb") as printed:
        try:
            return subprocess.Popen(
                [
                    str(office.program),
                    f"-env:UserInstallation={(work / 'profile').as_uri()}",
                    "--headless",
                    "--nologo",
                    "--norestore",
                    "--nolockcheck",
                    "macro:///Standard.Numbered.Main",
                ],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                cwd=work,
                env=_environment(work),
                start_new_session=True,
            )
        except OSError as error:
            raise ConversionError(
                f"LibreOffice could not be started: {error.strerror}.",
                f"See whether {office.program} runs by itself.",
            ) from error


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


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group: the program that was started is only the other one's parent."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _checked(work: Path, name: str, said: str) -> bytes:
    pdf = work / f"{name}.pdf"
    report = work / "report"
    reported = report.read_text("utf-8", errors="replace") if report.is_file() else ""
    for line in reported.splitlines():
        state, source, detail = line.split("\t", 2)
        if state == "failed" and source.endswith(f"/{name}.docx"):
            raise _failure(f"LibreOffice could not convert a Word file: {detail}")
    if not pdf.is_file():
        raise _failure("LibreOffice ended without making a PDF", said)
    data = pdf.read_bytes()
    if not data.startswith(b"%PDF-") or b"%%EOF" not in data[-64:] or not _has_pages(data):
        raise _failure("LibreOffice made a file that is not a whole PDF", said)
    return data


def _has_pages(data: bytes) -> bool:
    from pypdf import PdfReader  # not at the top: LibreOffice is to be started before it is loaded
    from pypdf.errors import PyPdfError

    try:
        return len(PdfReader(io.BytesIO(data)).pages) > 0
    except (PyPdfError, AttributeError, KeyError, TypeError, ValueError):
        return False


def _failure(message: str, said: str = "") -> ConversionError:
    last = said.strip().splitlines()[-1:] or [""]
    detail = f' (it said: "{last[0]}")' if last[0] else ""
    return ConversionError(
        f"{message}{detail}.",
        "Open the template in Word, save it again, and try once more.",
    )
