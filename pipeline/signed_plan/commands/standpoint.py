"""Where a command works: how its files are seen from here, and how the next command is typed."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from signed_plan.commands.help import SECTIONS
from signed_plan.errors import Problem
from signed_plan.paths import PlanFolder, as_seen

_IN_A_FOLDER = "|".join(
    "keys init" if name == "keys" else name
    for names in SECTIONS.values()
    for name in names
    if name != "batch"
)
_COMMAND = re.compile(rf"(?<![\w-])plan (?:{_IN_A_FOLDER})(?![\w-])(?![^,;:]* -C )")

_FILE = re.compile(r"(?<![\w/.\"'-])(source|output)/([\w./-]*\w)")
"""A file of the plan folder in a sentence of ours; what somebody else wrote is in quotes."""


@dataclass(slots=True)
class Standpoint:
    """The plan folder, and the words that name it: what was typed after -C and -O, if anything."""

    folder: PlanFolder | None = None
    named: Path | None = None
    made: Path | None = None

    def complete(self, text: str) -> str:
        """The text as it is true here: its commands with -C and -O as they need, its files too."""
        options = ((" -C", self.named), (" -O", self.made))
        added = "".join(f"{one} {shlex.quote(str(path))}" for one, path in options if path)
        return self._see_files(_COMMAND.sub(lambda found: found[0] + added, text))

    def _see_files(self, text: str) -> str:
        folder = self.folder
        if folder is None:
            return text
        places = {"source": folder.source, "output": folder.output}
        return _FILE.sub(lambda found: as_seen(places[found[1]] / found[2]), text)

    def place(self, problem: Problem) -> str:
        """The place of a mistake, its file as it is seen from here."""
        if self.folder is None:
            return problem.place
        return f"{as_seen(self.folder.root / problem.file)}:{problem.line}:{problem.column}"
