"""`plan build`: makes everything that is not up to date, from the sources to the register."""

from __future__ import annotations

import gc
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as package_version
from typing import TYPE_CHECKING

from signed_plan.lifecycle.boxes import require_showable
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version
from signed_plan.progress import Progress
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.build_status import (
    TEMPLATES,
    BuildStatus,
    build_status,
    require_not_frozen,
)
from signed_plan.register.chain import read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import KnownVersions, source_digests, superseded_record
from signed_plan.register.publish import (
    KeptFile,
    file_record,
    lock_folder,
    publish,
    recover,
    scratch,
)
from signed_plan.register.shapes import BuiltFiles, PdfRecord

if TYPE_CHECKING:
    from signed_plan.document.recipe import PlanFiles
    from signed_plan.libreoffice.converter import Converter

Tools = dict[str, str | dict[str, str]]
"""The versions of everything that files were made with, and the digests of the fonts."""

PACKAGES = ("signed-plan", "docxtpl", "python-docx", "pypdf", "segno")


@dataclass(frozen=True, slots=True)
class Built:
    """A version that was built."""

    version: Version
    pages: int
    kept: tuple[KeptFile, ...]
    """Older files that were moved aside."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build found and did."""

    states: tuple[BuildStatus, ...]
    """Every version as it stood before the build."""
    built: tuple[Built, ...]
    converter: str
    """The converter's engine that made the PDFs; "" if none were made."""


def build(
    folder: PlanFolder,
    names: Sequence[str],
    progress: Progress,
    waiting: Callable[[], None],
    *,
    force: bool = False,
    converter: Converter | None = None,
) -> Outcome:
    """Builds the versions of those names, or all, that are stale or missing.

    With `force`, it builds also those that are up to date. A converter that is at hand, for more
    builds than this one, is used; else one is started.

    Raises a PlanError of the kind that fits; whatever was built before stays as it was.
    """
    with lock_folder(folder, waiting):
        recover(folder)
        with progress("Read the sources"):
            register = read(folder.register)
            require_begun_here(folder, register)
            versions = KnownVersions(folder, register).load(names)
        with progress("Compare with the register"):
            states = tuple(build_status(folder, register, version) for version in versions)
        for state in states:
            require_not_frozen(state)
        due = [
            state.version
            for state in states
            if state.name != "built" or (force and not state.frozen)
        ]
        require_showable(due)
        made, engine = _make(folder, due, progress, converter) if due else ([], "")
        built = []
        if made:
            with progress("Enter them in the register"):
                for version, files, tools in made:
                    name = version.name
                    event = _event(folder, version, files, tools)
                    last = register.last(BuiltEvent, name)
                    if last is None or not _says_the_same(last.event, event):
                        register = register.add(name, event)
                    places = {folder.docx(name): files.docx, folder.pdf(name): files.pdf}
                    kept = publish(folder, register, places)
                    built.append(Built(version, files.pages, tuple(kept)))
    return Outcome(states, tuple(built), engine)


def _make(
    folder: PlanFolder, versions: Sequence[Version], progress: Progress, at_hand: Converter | None
) -> tuple[list[tuple[Version, PlanFiles, Tools]], str]:
    """Makes the files of those versions; gives what made each, and the converter's engine."""
    from signed_plan.libreoffice.converter import Converter, find_libreoffice

    with (
        nullcontext(at_hand)
        if at_hand
        else Converter(find_libreoffice(), scratch(folder)) as converter
    ):
        converter.start()
        # Imported while the converter is starting; and a build with nothing to do does not need it.
        from signed_plan.document.recipe import Templates, make_plan

        templates = Templates(*map(folder.template, TEMPLATES))
        made = []
        for version in versions:
            with _collector_off():
                files = make_plan(version, templates, converter, progress)
            made.append((version, files, _tools(converter, files.fonts)))
    return made, converter.engine


@contextmanager
def _collector_off() -> Iterator[None]:
    """Stops the collector of garbage for a while. It would go through all parts of a large PDF
    again and again, which takes as long as reading them."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _says_the_same(one: BuiltEvent, other: BuiltEvent) -> bool:
    """Whether two events say the same of a version; the tools may differ."""
    return one.model_copy(update={"tools": other.tools}) == other


def _tools(converter: Converter, fonts: dict[str, str]) -> Tools:
    return {
        **_package_versions(),
        "python": platform.python_version(),
        "libreoffice": converter.office.version,
        "converter": converter.engine,
        "fonts": fonts,
    }


@cache
def _package_versions() -> dict[str, str]:
    """Looked up once, since each of them is read from a file."""
    return {name: package_version(name) for name in PACKAGES}


def _event(folder: PlanFolder, version: Version, files: PlanFiles, tools: Tools) -> BuiltEvent:
    """What the register keeps of a built version."""
    pdf = file_record(folder, folder.pdf(version.name), files.pdf)
    return BuiltEvent(
        fingerprint=version.fingerprint.hex,
        supersedes=superseded_record(version),
        areas={area.id: area.digest.hex for area in version.plan.areas},
        sources=source_digests(version),
        templates=files.templates,
        outputs=BuiltFiles(
            docx=file_record(folder, folder.docx(version.name), files.docx),
            pdf=PdfRecord(**dict(pdf), pages=files.pages),
        ),
        tools=tools,
    )
