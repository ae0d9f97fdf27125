"""The peers of the benchmark do what they are measured at: whole PDFs, and nothing left behind."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one

from tests.helpers import REPO
from tools.bench.peers_office import OPTIONS, Kit, Peer, Soffice, Uno, render_bare
from tools.plans import VERSION, write_plan

pytestmark = pytest.mark.slow("converts with other programs than ours")

PEERS = (Soffice, Uno, Kit)


def pages(pdf: Path) -> list[str]:
    """The text of each page, but for the count of pages, which sign-off pages add to."""
    return [re.sub(r"of \d+", "", page.extract_text()) for page in PdfReader(pdf).pages]


def running_with(word: str) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_text("utf-8", errors="replace")
        except OSError:
            continue
        if word in words:
            found.append(words)
    return found


@pytest.mark.parametrize("kind", PEERS)
def test_a_peer_makes_the_plan_s_own_pages_as_the_pipeline_does_and_leaves_nothing(
    kind: type[Peer], built_once: PlanFolder, tmp_path: Path
) -> None:
    docx, pdf = tmp_path / "plan.docx", tmp_path / "made.pdf"
    render_bare(load_one(built_once, VERSION), docx)
    with kind() as peer:
        peer.convert(docx, pdf)
        assert peer.work.exists()
    assert not peer.work.exists()
    assert running_with(peer.work.name) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["made.pdf", "plan.docx"]
    whole = pages(built_once.pdf(VERSION))
    assert pages(pdf) == whole[: len(whole) - 2]
    assert {"/StructTreeRoot", "/OutputIntents", "/Outlines"} <= set(PdfReader(pdf).root_object)


def test_the_peers_export_with_the_options_of_the_pipeline() -> None:
    macro = (REPO / "pipeline/signed_plan/libreoffice/numbered.bas").read_text("utf-8")
    (true,) = re.findall(r"^  names = Array\((.*)\)$", macro, re.MULTILINE)
    others = re.findall(r'data\(\d\)\.Name = "(\w+)"\n +data\(\d\)\.Value = (\w+)$', macro, re.M)
    expected = dict.fromkeys(re.findall(r"\w+", true), "True") | dict(others)
    assert {name: str(value) for name, value in OPTIONS.items()} == expected


def test_the_kit_says_what_failed_and_goes_on(tmp_path: Path) -> None:
    plan = write_plan(tmp_path / "plan", 3)
    render_bare(load_one(plan, VERSION), tmp_path / "plan.docx")
    with Kit() as kit:
        with pytest.raises(RuntimeError, match="LibreOfficeKit"):
            kit.convert(tmp_path / "none.docx", tmp_path / "none.pdf")
        assert 0 < kit.seconds(tmp_path / "plan.docx", tmp_path / "plan.pdf") < 60
    assert len(pages(tmp_path / "plan.pdf")) > 1


def test_the_script_makes_one_pdf_a_folder(tmp_path: Path) -> None:
    folders = [str(write_plan(tmp_path / name, 0, 3).root) for name in ("one", "two")]
    words = ["soffice", *folders, "--output", str(tmp_path / "out")]
    command = [sys.executable, "-m", "tools.bench.peers_office", *words]
    subprocess.run(command, cwd=REPO, check=True)
    for name in ("one", "two"):
        assert pages(tmp_path / "out" / f"{name}.pdf")
