"""Where things are in a plan folder: `source/`, `templates/` or the shipped ones, `output/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from signed_plan.errors import UsageError

PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
RESERVED = frozenset(
    {"certificates", "compare", "draft", "evidence", "register.jsonl", "register.jsonl.sig"}
)
"""What has another meaning in `output/` than a version's name."""
SCHEMA_FILE = "plan.schema.json"
SETTINGS_FILE = "settings.yaml"
SETTINGS_SCHEMA_FILE = "settings.schema.json"


@dataclass(frozen=True, slots=True)
class PlanFolder:
    """A school's plan folder, wherever the program itself is installed."""

    root: Path
    made: Path | None = None
    """Where what is made goes, if not to `output/`."""

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
        """What anybody needs who checks a signature: nothing in it is secret."""
        return self.output / "certificates"

    @property
    def evidence(self) -> Path:
        """Where the zips are that prove everything without this program."""
        return self.output / "evidence"

    def template(self, name: str) -> Path:
        """The folder's own template of that name, or else the one that is shipped."""
        own = self.root / "templates" / name
        return own if own.is_file() else shipped_templates() / name

    def docx(self, version: str) -> Path:
        return self.output / docx_file(version)

    def pdf(self, version: str) -> Path:
        return self.output / pdf_file(version)

    def draft(self, version: str) -> Path:
        """What `plan watch` makes anew at every save: no register knows of it."""
        return self.output / "draft" / f"action-plan-{version}-DRAFT.pdf"

    def receipt(self, version: str) -> Path:
        return self.output / receipt_file(version)

    def comparison(self, old: str, new: str) -> Path:
        """Where everything is that says what changed between two versions."""
        return self.output / "compare" / f"{old}-to-{new}"

    def relative(self, path: Path) -> str:
        """The path as a user of this folder would write it."""
        if path.is_relative_to(self.root):
            return path.relative_to(self.root).as_posix()
        return path.as_posix()

    def below_output(self, path: Path) -> str:
        """The path as the register names a file: from `output/`, with slashes."""
        return path.relative_to(self.output).as_posix()


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

    What is made of it is in the folder named by `-O`, or else in its `output/`.

    Raises UsageError where there is none.
    """
    if start is not None:
        root = start.resolve()
        if not (root / "source").is_dir():
            raise UsageError(
                f"{start} is not a plan folder: it has no folder named source.",
                "Name the folder that holds source/ after -C.",
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
    """The templates that come with the program: beside it in a checkout, in it when installed."""
    package = Path(__file__).resolve().parent
    inside = package / "shipped_templates"
    return inside if inside.is_dir() else package.parent.parent / "templates"


def is_plain_name(name: str) -> bool:
    """Whether a version's name can be a folder's name on every system, and nothing but a name."""
    fits = PLAIN_NAME.fullmatch(name) is not None and not name.endswith(".")
    return fits and name.casefold() not in RESERVED
