"""From a version to its files in four steps: render, convert, append, archive.

Every PDF of the program is made here. Builds, drafts and rebuilt versions have all four steps; the
receipt and the redline are single Word files, so nothing is appended to them.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pypdf import PdfWriter

from signed_plan.digest import Digest
from signed_plan.document.context import Description
from signed_plan.document.draft import draft_pdf
from signed_plan.document.fonts import families, find_fonts, require_coverage
from signed_plan.document.pdfa import EmbeddedFile, archive, archive_plan
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.document.shown import require_shown
from signed_plan.document.signoff import append_signoff, statements_beside
from signed_plan.document.tags import TagTree, mend_and_close
from signed_plan.document.word_text import WordText
from signed_plan.errors import TemplateError
from signed_plan.libreoffice.pdf_output import open_pdf
from signed_plan.plan.source import Version
from signed_plan.progress import Progress, silent

if TYPE_CHECKING:
    from signed_plan.libreoffice.converter import Converter


@dataclass(frozen=True, slots=True)
class Templates:
    """The two Word files that a plan is made from."""

    plan: Path
    signoff: Path

    def digests(self) -> dict[str, str]:
        """The SHA-256 of each, by its file name. Raises TemplateError if one is not there."""
        try:
            return {path.name: Digest.of_file(path).hex for path in (self.plan, self.signoff)}
        except FileNotFoundError as error:  # it was deleted between two looks at it
            raise TemplateError(f"{Path(error.filename).name} is gone.", "Put it back.") from error

    def fonts(self) -> dict[str, Digest]:
        """The font files that they need, by file name.

        Raises MissingError where a font is not installed.
        """
        try:
            return find_fonts(families(self.plan) | families(self.signoff))
        except zipfile.BadZipFile as error:
            raise _saved_meanwhile() from error


@dataclass(frozen=True, slots=True)
class PlanFiles:
    """A version's two files, and what they were made from."""

    docx: bytes
    pdf: bytes
    pages: int
    templates: dict[str, str]
    """The SHA-256 of each template, by its name."""
    fonts: dict[str, str]
    """The SHA-256 of each font file, by its name."""


def make_plan(
    version: Version, templates: Templates, converter: Converter, progress: Progress = silent
) -> PlanFiles:
    """The version as a Word file, and with its sign-off pages as a PDF for the archive.

    Raises TemplateError, MissingError or ConversionError, each with its remedy.
    """
    joined = _join(version, templates, converter, progress)
    with progress("Finish the PDF for the archive"):
        pdf = archive_plan(joined.pdf, version)
    with progress("Look for every word on its pages"):
        require_shown(pdf, *joined.texts, numbered=True, beside=joined.statements)
    fonts = {name: digest.hex for name, digest in joined.fonts.items()}
    return PlanFiles(joined.docx, pdf, len(joined.pdf.pages), joined.templates, fonts)


def make_draft(version: Version, templates: Templates, converter: Converter) -> tuple[bytes, int]:
    """The same pages as a PDF that is marked DRAFT, and their number. Raises as `make_plan`."""
    joined = _join(version, templates, converter, silent)
    # Before the mark, which lies on every word: only pixels could tell that they show through it.
    unmarked = io.BytesIO()
    joined.pdf.write(unmarked)
    require_shown(unmarked.getvalue(), *joined.texts, numbered=True, beside=joined.statements)
    return draft_pdf(joined.pdf, version), len(joined.pdf.pages)


def finish(pdf: bytes, description: Description, attachments: Sequence[EmbeddedFile] = ()) -> bytes:
    """A converted Word file as PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1).

    The same bytes each time. Raises ConversionError if the PDF is damaged, or lacks something that
    the standards ask for.
    """
    writer = open_pdf(pdf)
    mend_and_close(TagTree(writer))
    return archive(writer, description, attachments)


@dataclass(frozen=True, slots=True)
class _Joined:
    """A version's pages and its sign-off pages in one PDF that is still open to changes."""

    docx: bytes
    pdf: PdfWriter
    texts: tuple[WordText, WordText]
    """What the Word file says, and that of the sign-off pages."""
    statements: list[tuple[int, str]]
    """What has to stand on each page with boxes."""
    templates: dict[str, str]
    fonts: dict[str, Digest]


def _join(
    version: Version, templates: Templates, converter: Converter, progress: Progress
) -> _Joined:
    """Render, convert, append."""
    before = templates.digests()
    with converter.volume() as volume:
        with progress("Fill in the Word templates"):
            word = render_plan(version, templates.plan)
            volume.add(word)  # it is opened while the other is filled in
            signoff = render_signoff(version, templates.signoff)
            volume.add(signoff)
            if templates.digests() != before:
                raise _saved_meanwhile()
        with progress("Look for the fonts"):
            fonts = templates.fonts()
            require_coverage(version.plan.texts())
        with progress("Convert to PDF with LibreOffice"):
            pdfs = volume.pdfs()
            first = next(pdfs)
        with progress("Append the sign-off pages"):
            writer = append_signoff(chain([first], pdfs), version)
    statements = statements_beside(writer, version)
    return _Joined(word.data, writer, (word.text, signoff.text), statements, before, fonts)


def _saved_meanwhile() -> TemplateError:
    return TemplateError(
        "A template was saved while it was being filled in.", "Run the same command again."
    )
