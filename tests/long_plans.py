"""Plans of any length, made of the real plan's own areas under new ids."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from pipeline.paths import PlanFolder
from tests.helpers import REPO

VERSION = "2017-11"


def write_long_plan(root: Path, areas: int) -> PlanFolder:
    """Writes a plan of one version with that many areas; gives its folder."""
    home = root / "source" / VERSION
    shutil.copytree(REPO / "source" / VERSION, home)
    head, *real = re.split(r"^  - id: ", (home / "areas.yaml").read_text("utf-8"), flags=re.M)
    rows = []
    for number in range(areas):
        row = "  - id: " + real[number % len(real)]
        rows.append(re.sub(r"(\bid: )(\S+)", rf"\1n{number}-\2", row))
    (home / "areas.yaml").write_text(head + "".join(rows), encoding="utf-8")
    for path in home.iterdir():
        text = path.read_text("utf-8")
        text = re.sub(r"^supersedes:.*\n", "", text, flags=re.M)
        text = text.replace('version: "2017-07"', f'version: "{VERSION}"')
        path.write_text(re.sub(r"(\bid: )(n\d+-)(\S{52})\S*", r"\1\2\3", text), encoding="utf-8")
    return PlanFolder(root)
