"""What a long register costs: `plan log`, `plan status` and `plan verify` as it grows."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tools.bench.stopwatch import Table, seconds
from tools.checkout import REPO
from tools.plans import VERSION, write_long_plan

SIZES = ((250, 12), (500, 25), (1000, 50))
"""How many entries, and of how many versions; both double."""
COMMANDS = ("log", "status", "verify")
AREAS = 3
ROUNDS = 3

Times = dict[str, list[float]]


def measure_register(work: Path, table: Table) -> str:
    """The sizes as a table; how 1,000 entries compare with 500 goes to the main one."""
    folder = write_versions(work / "register", SIZES[-1][1])
    _plan(folder, "build")
    folders = [
        write_entries(folder, work / f"register-{entries}", entries, versions)
        for entries, versions in SIZES
    ]
    found: list[Times] = [{command: [] for command in COMMANDS} for _ in SIZES]
    for _ in range(ROUNDS):
        for one, times in zip(folders, found, strict=True):
            for command in COMMANDS:
                times[command].append(seconds(partial(_plan, one, command)))
    for command in COMMANDS:
        least, half, whole = (times[command] for times in found)
        # A command that grows with the register takes twice as much more for twice as many more.
        line = [two + 2 * (two - one) for one, two in zip(least, half, strict=True)]
        what = f"`plan {command}`, 1,000 entries and 50 versions"
        table.compare(what, whole, "a straight line through 250 and 500 entries", line, 1.15)
    rows = "".join(
        f"| {entries:,} | {versions} | "
        + " | ".join(f"{statistics.median(times[command]):.2f} s" for command in COMMANDS)
        + " |\n"
        for (entries, versions), times in zip(SIZES, found, strict=True)
    )
    heads = " | ".join(f"`plan {command}`" for command in COMMANDS)
    return f"| Entries | Versions | {heads} |\n|---|---|---|---|---|\n{rows}"


def write_versions(root: Path, count: int) -> PlanFolder:
    """A folder with so many versions of one small plan, each of which supersedes the one before."""
    folder = write_long_plan(root, AREAS)
    first = folder.source / VERSION
    before = VERSION
    for number in range(2, count + 1):
        name = f"2018-{number:03}"
        shutil.copytree(first, folder.source / name)
        plan = folder.source / name / "plan.yaml"
        text = re.sub(r"(?m)^(version|supersedes):.*\n", "", plan.read_text(encoding="utf-8"))
        plan.write_text(f"version: {name}\nsupersedes: {before}\n{text}", encoding="utf-8")
        before = name
    return folder


def write_entries(folder: PlanFolder, root: Path, entries: int, versions: int) -> PlanFolder:
    """A copy with the first versions only, each entered as built again and again."""
    copy = PlanFolder(root)
    built = read(folder.register).entries[:versions]
    for entry in built:
        for place in ("source", "output"):
            shutil.copytree(folder.root / place / entry.version, root / place / entry.version)
    register = read(copy.register)
    for number in range(entries):
        entry = built[number % versions]
        register = register.add(entry.version, entry.event)
    register.save()
    return copy


def _plan(folder: PlanFolder, command: str) -> None:
    words = [sys.executable, "-m", "signed_plan.cli", command, "-C", str(folder.root)]
    subprocess.run(words, cwd=REPO, stdout=subprocess.DEVNULL, check=True)
