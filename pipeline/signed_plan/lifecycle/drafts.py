"""Drafts of one version, made anew as often as it is saved; the register never hears of them."""

from __future__ import annotations

import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from signed_plan.document.draft import draft_pdf
from signed_plan.document.fonts import families, find_fonts, require_coverage
from signed_plan.document.render import render_plan, render_signoff
from signed_plan.errors import TemplateError
from signed_plan.files import write_atomically
from signed_plan.libreoffice.converter import Converter
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load_one
from signed_plan.register.build_status import TEMPLATES, template_digests


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft that is in its place."""

    version: Version
    path: Path
    pages: int
    seconds: float
    """How long it took, from reading the sources to the file in its place."""


class Drafts:
    """What makes the drafts of one version, with a converter that stays warm in between."""

    def __init__(self, folder: PlanFolder, name: str, converter: Converter) -> None:
        self._folder = folder
        self._name = name
        self._converter = converter
        self._checked: dict[str, str] | None = None

    def make(self) -> Draft:
        """Puts a draft of the version as it is saved now in the place of the one before.

        Raises a PlanError of the kind that fits, or OSError; the draft before stays as it was.
        """
        start = time.perf_counter()
        version = load_one(self._folder, self._name)
        templates = self._templates()
        plan, signoff = (self._folder.template(name) for name in TEMPLATES)
        with self._converter.volume() as volume:
            volume.add(render_plan(version, plan))
            volume.add(render_signoff(version, signoff))
            if templates != self._checked:  # fontconfig takes as long as all the rest
                try:
                    find_fonts(families(plan) | families(signoff))
                except zipfile.BadZipFile as error:
                    raise TemplateError(
                        "A template was saved while it was being read.", "Save it again."
                    ) from error
                self._checked = templates
            require_coverage(version.plan.texts())
            data, pages = draft_pdf(volume.pdfs(), version)
        path = self._folder.draft(self._name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, data)
        return Draft(version, path, pages, time.perf_counter() - start)

    def _templates(self) -> dict[str, str]:
        try:
            return template_digests(self._folder)
        except FileNotFoundError as error:  # it was deleted between two looks at it
            raise TemplateError(f"{Path(error.filename).name} is gone.", "Put it back.") from error
