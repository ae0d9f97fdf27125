"""Drafts of one version, one for each save. They are not entered in the register."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from signed_plan.beneath import write_beneath
from signed_plan.document.recipe import Templates, make_draft
from signed_plan.libreoffice.converter import Converter
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load_one
from signed_plan.register.build_status import TEMPLATES


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

    def make(self) -> Draft:
        """Puts a draft of the version as it is saved now in the place of the one before.

        Raises a PlanError of the kind that fits, or OSError; the draft before stays as it was.
        """
        start = time.perf_counter()
        version = load_one(self._folder, self._name)
        templates = Templates(*map(self._folder.template, TEMPLATES))
        data, pages = make_draft(version, templates, self._converter)
        path = self._folder.draft(self._name)
        write_beneath(self._folder.output, path, data)
        return Draft(version, path, pages, time.perf_counter() - start)
