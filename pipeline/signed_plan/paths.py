"""Where things are in a plan folder: `source/`, `templates/` or the shipped ones, `output/`."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from signed_plan.errors import UsageError
from signed_plan.wording import without_controls

_SOURCE_NAME = re.compile(r'[^./\\"][^/\\"]*\.ya?ml', re.IGNORECASE)
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
RESERVED = frozenset(
    {"certificates", "compare", "draft", "evidence", "register.jsonl", "register.jsonl.sig"}
)
"""Names in `output/` that cannot be names of versions."""
RECORD = "version.json"
"""A version's record among the files in its PDF; no source has that name, since those end in .yaml
or .yml."""
SCHEMA_FILE = "plan.schema.json"
SETTINGS_FILE = "settings.yaml"
SETTINGS_SCHEMA_FILE = "settings.schema.json"


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A school's plan folder. The program may be installed somewhere else."""

    root: Path
    made: Path | None = None
    """Where the results go, if not to `output/`."""

    @property
    def source(self) -> Path:
        return self.root / "source"

    @property
    def output(self) -> Path:
        return self.made or self.root / "output"

    @property
    def register(self) -> Path:
        return self.output / "register.jsonl"

    @property
    def signature(self) -> Path:
        """The register's own signature."""
        return self.output / "register.jsonl.sig"

    @property
    def certificates(self) -> Path:
        """What is needed to check a signature. Nothing in it is secret."""
        return self.output / "certificates"

    @property
    def evidence(self) -> Path:
        """The zips that prove everything without this program."""
        return self.output / "evidence"

    def template(self, name: str) -> Path:
        """The template of that name in the plan folder, or else the shipped one."""
        own = self.root / "templates" / name
        return own if own.is_file() else shipped_templates() / name

    def docx(self, version: str) -> Path:
        return self.output / docx_file(version)

    def pdf(self, version: str) -> Path:
        return self.output / pdf_file(version)

    def draft(self, version: str) -> Path:
        """The draft that `plan watch` makes at every save. It is not in the register."""
        return self.output / "draft" / f"action-plan-{version}-DRAFT.pdf"

    def receipt(self, version: str) -> Path:
        return self.output / receipt_file(version)

    def comparison(self, old: str, new: str) -> Path:
        """The files that show what changed between two versions."""
        return self.output / "compare" / f"{old}-to-{new}"

    def relative(self, path: Path) -> str:
        """The path from the plan folder, with slashes, wherever the command was typed."""
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.as_posix()

    def below_output(self, path: Path) -> str:
        """The path as the register names a file: from `output/`, with slashes."""
        return path.relative_to(self.output).as_posix()


def as_seen(path: Path) -> str:
    """The path as a user sees it from the current folder: the shorter of `../x` and `/y/x`."""
    try:
        here = os.path.relpath(path)
    except OSError:  # the current folder was removed
        return path.as_posix()
    whole = path.absolute().as_posix()
    below = not here.startswith("..")
    return here if below or len(here) <= len(whole) else whole


def as_typed(path: Path) -> str:
    """The same as a shell takes it: in quotation marks where it needs them."""
    return shlex.quote(as_seen(path))


def docx_file(version: str) -> str:
    """The version's Word file, from `output/`."""
    return f"{version}/action-plan-{version}.docx"


def pdf_file(version: str) -> str:
    """The version's PDF, from `output/`, as the register names it."""
    return f"{version}/action-plan-{version}.pdf"


def receipt_file(version: str) -> str:
    """The version's receipt, from `output/`."""
    return f"{version}/receipt-{version}.pdf"


def find_plan_folder(start: Path | None, made: Path | None = None) -> PlanFolder:
    """The folder named by `-C`, or else the current folder or its nearest parent with a `source/`.

    Its results are in the folder named by `-O`, or else in its `output/`. Raises UsageError where
    there is no plan folder.
    """
    if start is not None:
        root = start.resolve()
        if not (root / "source").is_dir():
            raise UsageError(
                f"{start} is not a plan folder: it has no folder named source.",
                "After -C, name the folder that source/ is in.",
            )
        return PlanFolder(root, made and made.resolve())
    here = Path.cwd()
    for root in (here, *here.parents):
        if (root / "source").is_dir():
            return PlanFolder(root, made and made.resolve())
    raise UsageError(
        f"There is no plan here: neither {here} nor a folder above it has a folder named source.",
        "Go to your plan's folder, or name it with -C FOLDER.",
    )


def shipped_templates() -> Path:
    """The shipped templates: beside the program in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent
    inside = package / "shipped_templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def is_utf8(path: Path) -> bool:
    """Whether the name of a file is text for every program. On Linux it may be any bytes."""
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def is_source_name(name: str) -> bool:
    """Whether a source file's name is one on every system, and is written as it is in JSON.

    A backslash leads into a folder on some systems; `check.sh` reads names as they stand.
    """
    return _SOURCE_NAME.fullmatch(name) is not None and without_controls(name) == name


def is_plain_name(name: str) -> bool:
    """Whether a version's name can be a folder's name on every system, and is no path."""
    fits = PLAIN_NAME.fullmatch(name) is not None and not name.endswith(".")
    return fits and name.casefold() not in RESERVED
