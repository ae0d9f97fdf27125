"""`make redlines`: redlines of the same 40 pairs by us and by other programs, and how exact
each of them is. It writes its table into docs/benchmarks.md.

The other programs come from PyPI, into .peers/, where they are missing. It takes some minutes.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.redline.redline import make_redline

from tools.bench.redlines.edits import VersionPair, version_pairs
from tools.bench.redlines.page import write_section
from tools.bench.redlines.peers import AUDIT, NAMES, Peers, set_up
from tools.bench.redlines.score import Pair, Score
from tools.bench.redlines.soffice import compared, resolved
from tools.checkout import REPO
from tools.office import What

TEMPLATE = REPO / "templates" / "plan.docx"
BOTH: tuple[What, What] = ("accept", "reject")

Redline = tuple[bytes | None, float]
"""What a program made of a pair, if it made anything, and the seconds it took."""


def main() -> None:
    """Measures everything."""
    python = set_up(REPO / ".peers")
    versions = list(version_pairs())
    pairs = _word_files(versions)
    scores = []
    with tempfile.TemporaryDirectory() as work, Peers(python, Path(work)) as peers:
        for name, redlines in _programs(versions, pairs, peers):
            scores.append(_score(name, pairs, list(redlines), peers))
            print(scores[-1].row)
    write_section(scores, Counter(pair.kind for pair in pairs), find_libreoffice().version)


def _word_files(versions: Sequence[VersionPair]) -> list[Pair]:
    files = [
        [render_plan(version, TEMPLATE).data for version in (pair.old, pair.new)]
        for pair in versions
    ]
    saved = resolved([(side, "keep") for sides in files for side in sides])
    return [
        Pair(versions[at].kind, *sides, *saved[2 * at : 2 * at + 2])
        for at, sides in enumerate(files)
    ]


def _programs(
    versions: Sequence[VersionPair], pairs: Sequence[Pair], peers: Peers
) -> Iterator[tuple[str, Iterator[Redline]]]:
    yield "**signed-plan**", map(_ours, versions)
    for program, name in NAMES.items():
        yield name, (peers.run(program, pair.old, pair.new) for pair in pairs)
    office = f"{find_libreoffice().version.partition(',')[0]}, its own compare"
    yield office, (compared(pair.old, pair.new) for pair in pairs)


def _ours(pair: VersionPair) -> Redline:
    start = time.perf_counter()
    redline = make_redline(compare(pair.old, pair.new), TEMPLATE)
    return redline, time.perf_counter() - start


def _score(name: str, pairs: Sequence[Pair], redlines: Sequence[Redline], peers: Peers) -> Score:
    score = Score(name)
    by_office = resolved([(docx or b"", what) for docx, _ in redlines for what in BOTH])
    for at, (docx, seconds) in enumerate(redlines):
        if docx:
            score.judge(pairs[at], docx, by_office[2 * at : 2 * at + 2])
            score.clean += peers.run(AUDIT, docx)[0] == b""
            score.seconds.append(seconds)
    return score


if __name__ == "__main__":
    main()
