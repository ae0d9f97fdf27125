"""What building costs once LibreOffice is warm, beside the usual ways to a PDF, in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from signed_plan.document.render import render_plan, render_signoff
from signed_plan.libreoffice.converter import Converter, find_libreoffice
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.lifecycle.build import build
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one

from tools.bench.peers_office import Kit, Peer, Soffice, Uno, load_bare, render_bare
from tools.bench.stopwatch import ROUNDS, Table, seconds
from tools.checkout import copy_plan

VERSION = "2017-11"
WORDS = ("work scrutiny", "book scrutiny")


def measure_warm(work: Path, table: Table) -> None:
    """One changed version of the real plan, sign-off pages and register included."""
    folder = copy_plan(work / "warm")
    times: dict[str, list[float]] = {name: [] for name in ("ours", "a", "b", "c")}
    with Converter(find_libreoffice()) as ours, Soffice() as a, Uno() as b, Kit() as c:
        build(folder, (), _stage, _never, converter=ours)
        for round_ in range(ROUNDS + 1):
            _change(folder, round_)
            one = {
                "ours": seconds(lambda: build(folder, [VERSION], _stage, _never, converter=ours)),
                "a": seconds(partial(_bare, folder, work / "warm-a", a)),
                "b": seconds(partial(_bare, folder, work / "warm-b", b)),
                "c": _floor(folder, work / "warm-c", c),
            }
            for name, took in one.items() if round_ else ():  # the first round warms all of them
                times[name].append(took)
        assert ours.engine == "LibreOfficeKit"
    what = "warm build of one changed version, sign-off pages and register"
    table.compare(what, times["ours"], "(a), the plan alone", times["a"], 1 / 3)
    table.compare(what, times["ours"], "(b), the plan alone", times["b"])
    table.compare(what, times["ours"], "(c), both conversions, nothing else", times["c"], 1.15)


def _change(folder: PlanFolder, round_: int) -> None:
    path = folder.source / VERSION / "areas.yaml"
    old, new = WORDS if round_ % 2 == 0 else reversed(WORDS)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def _bare(folder: PlanFolder, work: Path, peer: Peer) -> None:
    work.mkdir(exist_ok=True)
    render_bare(load_bare(folder), work / "plan.docx")
    peer.convert(work / "plan.docx", work / "plan.pdf")


def _floor(folder: PlanFolder, work: Path, kit: Kit) -> float:
    """The seconds that LibreOfficeKit itself takes for the two Word files of a version."""
    work.mkdir(exist_ok=True)
    version = load_one(folder, VERSION)
    files: tuple[tuple[str, Callable[..., WordFile]], ...] = (
        ("plan.docx", render_plan),
        ("signoff.docx", render_signoff),
    )
    took = 0.0
    for name, render in files:
        (work / name).write_bytes(render(version, folder.template(name)).data)
        took += kit.seconds(work / name, (work / name).with_suffix(".pdf"))
    return took


@contextmanager
def _stage(_: str) -> Iterator[None]:
    yield


def _never() -> None:
    raise AssertionError("nobody else works here")
