"""The one door to LibreOffice: find it, keep it warm, check what goes in and what comes out.

There are two engines. LibreOfficeKit converts one document after the other in a process that stays.
If there is none, or if it ends during a document, plain `soffice` does it.
"""

from __future__ import annotations

import io
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from signed_plan.errors import MissingError, write_error
from signed_plan.libreoffice.engines import Kit, LostError, Soffice, failure
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.paths import is_utf8

RECYCLED_AFTER = 500
"""Sets of files, after which a warm LibreOffice is replaced by a new one."""
RECYCLED_ABOVE = 350 * 1024
"""KiB of memory after a document, above which it is replaced as well."""

_MAC_OFFICE = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")


@dataclass(frozen=True, slots=True)
class LibreOffice:
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
    def library(self) -> Path | None:
        """The library with LibreOfficeKit; None if there is none. It is used on Linux only."""
        found = self.program.resolve().with_name("libmergedlo.so")
        return found if sys.platform == "linux" and found.is_file() else None

    @property
    def _home(self) -> Path:
        return self.program.resolve().parent.parent


def find_libreoffice() -> LibreOffice:
    """The LibreOffice of this machine. Raises MissingError if there is none."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found is not None:
        return LibreOffice(Path(found))
    if _MAC_OFFICE.exists():
        return LibreOffice(_MAC_OFFICE)
    raise MissingError(
        "LibreOffice is not installed (there is no program named soffice).",
        "Run `make setup`, which installs it, or install libreoffice-writer-nogui yourself.",
    )


class Converter:
    """A LibreOffice for any number of Word files, to be used in a `with` statement.

    LibreOffice works in a new folder inside `scratch`, by default the system's folder for
    temporary files. At the end of the statement both are gone, whatever has happened. A converter
    belongs to one thread.
    """

    def __init__(self, office: LibreOffice, scratch: Path | None = None) -> None:
        self.office = office
        self.engine = ""
        """What made the last PDFs: "LibreOfficeKit" or "soffice"."""
        # LibreOffice opens nothing in a folder whose name is no UTF-8.
        self._scratch = scratch if scratch and is_utf8(scratch.resolve()) else None
        self._running: Kit | Soffice | None = None
        self._library = office.library

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> Kit | Soffice:
        """Starts LibreOffice, unless it runs already. It gets ready while Word files are made.

        Raises ConversionError if it cannot be started, and OutputError where there is no room to.
        """
        if self._running is None:
            with self._new_place() as place:
                self._running = (
                    Soffice(self.office.program, place)
                    if self._library is None
                    else Kit(self._library, place)
                )
        return self._running

    def convert(
        self, sets: Sequence[Sequence[WordFile]], seconds: float | None = None
    ) -> list[list[bytes]]:
        """Turns Word files into PDFs.

        Each set is numbered as one document: its page numbers run on from file to file, and its
        page count is that of all its files. Gives the PDFs in the shape of the Word files.

        Raises ConversionError where LibreOffice fails, takes longer than `seconds` (for a set; by
        default a minute to start, and a minute for each file), or makes something else than a PDF.
        After an error, too, the next call finds a LibreOffice that works.
        """
        if isinstance(self.start(), Kit):
            return [self._convert_set(files, seconds) for files in sets]
        for file in chain.from_iterable(sets):
            _require_word_file(file.data)
        try:
            return self.with_soffice(sets, seconds)
        except BaseException:
            self.close()
            raise

    def _convert_set(self, files: Sequence[WordFile], seconds: float | None) -> list[bytes]:
        with self.volume(seconds) as volume:
            for file in files:
                volume.add(file)
            return list(volume.pdfs())

    @contextmanager
    def volume(self, seconds: float | None = None) -> Iterator[Volume]:
        """A document to be made of one Word file after the other; limits are those of `convert`.

        After an error, too, the next call finds a LibreOffice that works.
        """
        running = self.start()
        kit = running if isinstance(running, Kit) else None
        try:
            yield Volume(self, kit, seconds)
        except BaseException:
            self.close()
            raise
        if kit is not None and kit.busy:
            self.close()

    def with_soffice(
        self, sets: Sequence[Sequence[WordFile]], seconds: float | None
    ) -> list[list[bytes]]:
        """As `convert`, always by plain `soffice`."""
        if not isinstance(self._running, Soffice):
            self.close()
            with self._new_place() as place:
                self._running = Soffice(self.office.program, place)
        with self.writing():
            made = self._running.convert(sets, seconds)
        self.engine = Soffice.name
        self.close()
        return made

    def worker_died(self, kit: Kit) -> None:
        """Forgets a LibreOfficeKit that has ended by itself."""
        if not kit.ready:
            self._library = None  # it ended before the first document
        self.close()

    def note_use(self, kit: Kit) -> None:
        """After a document, replaces a LibreOfficeKit that has made many or has grown large."""
        self.engine = Kit.name
        if kit.done >= RECYCLED_AFTER or kit.resident > RECYCLED_ABOVE:
            self.close()
            self.start()

    @contextmanager
    def _new_place(self) -> Iterator[Path]:
        """A new folder, for one start of LibreOffice. It is gone if that fails."""
        with self.writing():
            if self._scratch is not None:
                self._scratch.mkdir(exist_ok=True)
            place = Path(tempfile.mkdtemp(prefix="signed-plan-", dir=self._scratch))
            try:
                yield place
            except OSError:
                shutil.rmtree(place, ignore_errors=True)
                raise

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Raises OutputError where the folder that LibreOffice works in takes nothing more."""
        try:
            yield
        except OSError as error:
            place = self._scratch or Path(tempfile.gettempdir())
            raise write_error(place, error) from error

    def close(self) -> None:
        """Ends LibreOffice; `start` and `convert` start another one."""
        running, self._running = self._running, None
        if running is not None:
            running.end()


class Volume:
    """Word files that are numbered as one document, while LibreOffice converts them.

    LibreOffice opens one file while the next is still being made, and prints one while the PDF of
    the one before is being worked on.
    """

    def __init__(self, converter: Converter, kit: Kit | None, seconds: float | None) -> None:
        self._converter = converter
        self._kit = kit
        self._seconds = seconds
        self._files: list[WordFile] = []

    def add(self, file: WordFile) -> None:
        """Adds a Word file. Raises ConversionError where it is damaged, or LibreOffice fails."""
        _require_word_file(file.data)
        self._files.append(file)
        if self._kit is not None:
            try:
                with self._converter.writing():
                    self._kit.open(file, self._seconds)
            except LostError:
                self._drop_kit()

    def pdfs(self) -> Iterator[bytes]:
        """The PDFs of the files, in order. Every one of them has to be taken.

        Raises ConversionError where LibreOffice fails.
        """
        given = 0
        if self._kit is not None:
            try:
                for pdf in self._kit.pdfs():
                    yield pdf
                    given += 1
                self._converter.note_use(self._kit)
                return
            except LostError:
                self._drop_kit()
        (made,) = self._converter.with_soffice([self._files], self._seconds)
        yield from made[given:]

    def _drop_kit(self) -> None:
        if self._kit is not None:
            self._converter.worker_died(self._kit)
            self._kit = None


@contextmanager
def start_converter(office: LibreOffice, scratch: Path | None = None) -> Iterator[Converter]:
    """A converter whose LibreOffice is starting. Raises ConversionError if it cannot be started."""
    with Converter(office, scratch) as converter:
        converter.start()
        yield converter


def _require_word_file(document: bytes) -> None:
    """LibreOffice takes an empty file for an empty document, and some garbage for a text."""
    data = io.BytesIO(document)
    if zipfile.is_zipfile(data):
        with zipfile.ZipFile(data) as parts:
            if "word/document.xml" in parts.namelist():
                return
    raise failure("A Word file that was to be converted is damaged")
