"""What plans cost as they get longer: LibreOffice alone, and whole builds from nothing."""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from signed_plan.document.render import render_plan
from signed_plan.libreoffice.converter import find_libreoffice, start_converter
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one

from tools.bench.stopwatch import Table, seconds
from tools.checkout import REPO
from tools.plans import VERSION, write_long_plan

AREAS = (9, 90, 300, 900)
ROUNDS = 3


@dataclass(slots=True)
class Length:
    """A plan of so many areas, and what it took, in seconds, round by round."""

    folder: PlanFolder
    word: WordFile
    office: list[float] = field(default_factory=list)
    build: list[float] = field(default_factory=list)
    pages: str = ""
    memory: float = 0.0
    """MiB of the largest process of the build."""


def measure_long(work: Path, table: Table) -> str:
    """The lengths as a table; how 900 areas compare with nine goes to the main one."""
    lengths = {areas: _length(work / f"long-{areas}", areas) for areas in AREAS}
    with start_converter(find_libreoffice()) as converter:
        converter.convert([[lengths[9].word]])
        for _ in range(ROUNDS):
            for one in lengths.values():
                one.office.append(seconds(lambda: converter.convert([[one.word]])))  # noqa: B023
                _build(one)
    for what, times in (
        ("LibreOffice on 900 areas, warm", {a: one.office for a, one in lengths.items()}),
        ("`plan build` of 900 areas, from nothing", {a: one.build for a, one in lengths.items()}),
    ):
        nine_more = [(ninety - nine) / 9 for nine, ninety in zip(times[9], times[90], strict=True)]
        hundred = [100 * each for each in nine_more]
        table.compare(what, times[900], "100 times what 9 more areas cost", hundred, 1.3)
    rows = "".join(
        f"| {areas} areas | {one.pages} | {statistics.median(one.build):.1f} s "
        f"| {statistics.median(one.office):.2f} s | {one.memory:.0f} MiB |\n"
        for areas, one in lengths.items()
    )
    head = (
        "| A plan of | Pages | Build from nothing | LibreOffice alone, warm | Largest process |\n"
    )
    return f"{head}|---|---|---|---|---|\n{rows}"


def _length(root: Path, areas: int) -> Length:
    folder = write_long_plan(root, areas)
    return Length(folder, render_plan(load_one(folder, VERSION), folder.template("plan.docx")))


def _build(one: Length) -> None:
    shutil.rmtree(one.folder.output, ignore_errors=True)
    words = [sys.executable, "-m", "signed_plan.cli", "build", "-C", str(one.folder.root)]
    start = time.perf_counter()
    process = subprocess.Popen(words, cwd=REPO, stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, said
    one.build.append(time.perf_counter() - start)
    one.pages = re.findall(r"(\d+) pages", said)[0]
    one.memory = max(one.memory, usage.ru_maxrss / 1024)
