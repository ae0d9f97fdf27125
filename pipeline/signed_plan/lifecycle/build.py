"""`make plan`: everything that is not up to date, from the sources to the register."""

from __future__ import annotations

import gc
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib.metadata import version as package_version
from itertools import chain
from typing import TYPE_CHECKING

from signed_plan.errors import TemplateError
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load
from signed_plan.progress import Progress
from signed_plan.register.build_status import (
    TEMPLATES,
    BuildStatus,
    build_status,
    require_not_frozen,
    source_digests,
    superseded_record,
    template_digests,
)
from signed_plan.register.chain import read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.publish import Kept, file_record, lock_folder, publish, recover, scratch
from signed_plan.register.shapes import BuiltFiles, PdfRecord

if TYPE_CHECKING:
    from signed_plan.libreoffice.converter import Converter

PACKAGES = ("signed-plan", "docxtpl", "python-docx", "pypdf", "segno")


@dataclass(frozen=True, slots=True)
class Made:
    """A version's new files, not yet in their place."""

    version: Version
    docx: bytes
    pdf: bytes
    pages: int
    templates: dict[str, str]
    """The SHA-256 of each template, by its name."""
    tools: dict[str, str | dict[str, str]]
    """The versions of everything that had a hand in it, the templates' fonts included."""


@dataclass(frozen=True, slots=True)
class Built:
    """A version that was made anew."""

    version: Version
    pages: int
    kept: tuple[Kept, ...]
    """Older files that were moved aside."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build found and did."""

    states: tuple[BuildStatus, ...]
    """Every version as it stood before the build."""
    built: tuple[Built, ...]
    converter: str
    """The engine of LibreOffice that made the PDFs; "" where none were made."""


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
            versions = load(folder, names)
        with progress("Compare with the register"):
            register = read(folder.register)
            states = tuple(build_status(folder, register, version) for version in versions)
        for state in states:
            require_not_frozen(state)
        due = [
            state.version
            for state in states
            if state.name != "built" or (force and not state.frozen)
        ]
        made, engine = _make(folder, due, progress, converter) if due else ([], "")
        built = []
        if made:
            with progress("Enter them in the register"):
                for one in made:
                    name = one.version.name
                    files = {folder.docx(name): one.docx, folder.pdf(name): one.pdf}
                    event = _event(folder, one)
                    last = register.last(BuiltEvent, name)
                    if last is None or not _says_the_same(last.event, event):
                        register = register.add(name, event)
                    kept = publish(folder, register, files)
                    built.append(Built(one.version, one.pages, tuple(kept)))
    return Outcome(states, tuple(built), engine)


def _make(
    folder: PlanFolder, versions: Sequence[Version], progress: Progress, at_hand: Converter | None
) -> tuple[list[Made], str]:
    from signed_plan.libreoffice.converter import Converter, find_libreoffice

    templates = template_digests(folder)
    with (
        nullcontext(at_hand)
        if at_hand
        else Converter(find_libreoffice(), scratch(folder)) as converter
    ):
        converter.start()
        made = []
        for version in versions:
            with _uncollected():
                made.append(_made(folder, version, templates, progress, converter))
    return made, converter.engine


def _made(
    folder: PlanFolder,
    version: Version,
    templates: dict[str, str],
    progress: Progress,
    converter: Converter,
) -> Made:
    # Imported while LibreOffice is starting; and a build with nothing to do needs none of them.
    from signed_plan.document.fonts import families, find_fonts, require_coverage
    from signed_plan.document.pdfa import archive_plan
    from signed_plan.document.render import render_plan, render_signoff
    from signed_plan.document.signoff import append_signoff

    plan, signoff = (folder.template(name) for name in TEMPLATES)
    with converter.volume() as volume:
        with progress("Fill in the Word templates"):
            docx = render_plan(version, plan)
            volume.add(docx)  # LibreOffice opens it while the other is filled in
            volume.add(render_signoff(version, signoff))
            if template_digests(folder) != templates:
                raise TemplateError(
                    "A template was saved while it was being filled in.",
                    "Run the same command again.",
                )
        with progress("Look for the fonts"):
            fonts = find_fonts(families(plan) | families(signoff))
            require_coverage(version.plan.texts())
        with progress("Convert to PDF with LibreOffice"):
            pdfs = volume.pdfs()
            first = next(pdfs)
        with progress("Append the sign-off pages"):
            writer = append_signoff(chain([first], pdfs), version)
    with progress("Finish the PDF for the archive"):
        pdf = archive_plan(writer, version)
    tools = _tools(converter, {name: digest.hex for name, digest in fonts.items()})
    return Made(version, docx.data, pdf, len(writer.pages), templates, tools)


@contextmanager
def _uncollected() -> Iterator[None]:
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


def _tools(converter: Converter, fonts: dict[str, str]) -> dict[str, str | dict[str, str]]:
    return {
        **{name: package_version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "libreoffice": converter.office.version,
        "converter": converter.engine,
        "fonts": fonts,
    }


def _event(folder: PlanFolder, made: Made) -> BuiltEvent:
    """What the register keeps of a built version."""
    version = made.version
    pdf = file_record(folder, folder.pdf(version.name), made.pdf)
    return BuiltEvent(
        fingerprint=version.fingerprint.hex,
        supersedes=superseded_record(version),
        areas={area.id: area.digest.hex for area in version.plan.areas},
        sources=source_digests(version),
        templates=made.templates,
        outputs=BuiltFiles(
            docx=file_record(folder, folder.docx(version.name), made.docx),
            pdf=PdfRecord(**dict(pdf), pages=made.pages),
        ),
        tools=made.tools,
    )
