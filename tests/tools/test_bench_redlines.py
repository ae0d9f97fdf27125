"""The benchmark of redlines: the same pairs each time, and a judge that sees what is wrong."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from signed_plan.compare.compare import compare
from signed_plan.document.render import render_plan
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import pairs
from tests.redline.resolving import TEMPLATE
from tools.bench.redlines import page
from tools.bench.redlines.edits import version_pairs
from tools.bench.redlines.page import kept_section, write_section
from tools.bench.redlines.peers import AUDIT, Peers
from tools.bench.redlines.score import Pair, Score, fewest_changes


@pytest.mark.slow("merges many made-up texts")
def test_the_forty_pairs_are_the_same_each_time() -> None:
    found = list(version_pairs())
    assert len(found) == 40
    assert found == list(version_pairs())
    assert all(one.old.plan.areas != one.new.plan.areas for one in found)
    assert set(Counter(one.kind for one in found).values()) == {4, 3, 1}


@pytest.fixture(scope="module")
def judged() -> tuple[Pair, bytes]:
    """Two Word files and an exact redline of them."""
    one = next(one for one in version_pairs() if one.kind == "bullets moved")
    old, new = (render_plan(side, TEMPLATE).data for side in (one.old, one.new))
    return Pair("made up", old, new, old, new), make_redline(compare(one.old, one.new), TEMPLATE)


def score_of(pair: Pair, redline: bytes) -> Score:
    score = Score("A program")
    score.judge(pair, redline, (pair.new, pair.old))
    return score


@pytest.mark.slow("merges many made-up texts")
def test_an_exact_redline_is_right_in_everything(judged: tuple[Pair, bytes]) -> None:
    score = score_of(*judged)
    counts = (score.made, score.words, score.accepted, score.rejected, score.looks)
    assert (*counts, score.footers, score.office) == (1, 1, 1, 1, 1, 1, 1)
    assert score.marked_words >= score.fewest_words > 0


WRONG = {
    "accepted": (r"(<w:ins [^>]*><w:r>(?:(?!</w:r>).)*<w:t[^>]*>)", r"\1x"),
    "rejected": (r"<w:delText([^>]*)>", r"<w:delText\1>x"),
    "looks": (r'(<w:pStyle w:val=")ListBullet"', r'\1Heading3"'),
}


@pytest.mark.slow("merges many made-up texts")
@pytest.mark.parametrize("what", WRONG)
def test_each_kind_of_fault_is_counted(what: str, judged: tuple[Pair, bytes]) -> None:
    pair, redline = judged
    spoiled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(redline)) as package, zipfile.ZipFile(spoiled, "w") as other:
        for part in package.namelist():
            data = package.read(part).decode("utf-8")
            if part == "word/document.xml":
                data, changes = re.subn(*WRONG[what], data)
                assert changes
            other.writestr(part, data)
    score = score_of(pair, spoiled.getvalue())
    assert getattr(score, what) == 0
    assert all(getattr(score, one) for one in {"accepted", "rejected"} - {what})
    assert score.failed == ({} if what == "looks" else {"made up": 1})


@pytest.mark.slow("merges many made-up texts")
def test_the_judge_finds_our_redlines_of_made_up_plans_exact() -> None:
    for old, new in pairs(20, seed=70):
        sides = [render_plan(side, TEMPLATE).data for side in (old, new)]
        pair = Pair("made up", *sides, *sides)
        score = score_of(pair, make_redline(compare(old, new), TEMPLATE))
        assert (score.accepted, score.rejected, score.looks, score.footers) == (1, 1, 1, 1)
        assert score.marked_words >= score.fewest_words


@pytest.mark.parametrize(
    ("old", "new", "fewest"),
    [
        ("a b c d", "a x c d", 2),
        ("a b c d", "d a b c", 2),
        ("a b", "a b", 0),
        ("a a b", "b a a", 2),
        ("", "a b", 2),
    ],
)
def test_the_fewest_words_are_those_outside_the_longest_common_sequence(
    old: str, new: str, fewest: int
) -> None:
    assert fewest_changes(old.split(), new.split()) == fewest
    assert fewest_changes(new.split(), old.split()) == fewest


def test_what_a_program_cannot_make_counts_as_not_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The audit is not installed beside us."""
    with Peers(Path(sys.executable), tmp_path) as peers:
        assert peers.run(AUDIT, b"no Word file") == (None, 0)
    assert "openxml_audit" in capsys.readouterr().out


def test_the_table_takes_the_place_of_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.PAGE.write_text("# Benchmarks\n\nSpeed.\n", encoding="utf-8")
    score = Score("A program", made=1, seconds=[0.5], failed=Counter({"rows moved": 1}))
    write_section([score], Counter({"rows moved": 1}), "LibreOffice")
    first = page.PAGE.read_text("utf-8")
    write_section([score], Counter({"rows moved": 1}), "LibreOffice")
    assert page.PAGE.read_text("utf-8") == first
    assert first.startswith("# Benchmarks\n\nSpeed.\n\n## Redlines\n")
    assert "- A program: 1 × rows moved" in first
    assert f"# Benchmarks\n\nSpeed.\n{kept_section()}" == first
