"""evidence, extract: what they say, what they leave, and their exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.cli import run
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one

from tests.commands.helpers import Command
from tests.document.helpers import SIGNOFF_TEMPLATE, carried_by, carrying, changed_template
from tests.lifecycle.helpers import CAROLE, JULY, NOVEMBER, REVIEW, everything, register_of

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]


def test_evidence_says_what_is_in_it_and_how_to_check_it(
    at: At, capsys: Capture, tmp_path: Path
) -> None:
    plan = Command(at("november"), capsys)
    said = plan.done("evidence")
    assert "\noutput/evidence/evidence-2017-11.zip  " in said
    assert " MB, 2 versions: 2 PDFs, 1 receipt, 1 scan and " in said
    register = register_of(plan.folder)
    assert f"head is {register.head}, after {len(register.events)} entries.\n" in said
    assert said.splitlines()[-1].startswith("Next: keep it outside the office;")

    shutil.unpack_archive(plan.folder.evidence / "evidence-2017-11.zip", tmp_path)
    bundle = tmp_path / "evidence-2017-11"
    checked = subprocess.run(
        ["sh", bundle / "check.sh", register.head], capture_output=True, text=True, check=True
    )
    assert f"; HEAD is entry {len(register.events)}. Head: {register.head}\n" in checked.stdout
    report = PlanFolder(bundle).comparison(JULY, NOVEMBER) / "report.html"
    assert "6 of 10 areas changed" in report.read_text(encoding="utf-8")
    assert Command(PlanFolder(bundle), capsys).done("verify").count("differs") == 0


def test_evidence_names_the_drafts_that_it_leaves_out(at: At, capsys: Capture) -> None:
    plan = Command(at("once"), capsys)
    said = plan.done("evidence")
    assert " MB, 1 version: 1 PDF and " in said
    assert f"  without {NOVEMBER}, which was never issued\n" in said


def test_evidence_made_again_is_the_same_and_changes_nothing_else(at: At, capsys: Capture) -> None:
    plan = Command(at("once"), capsys)
    before = everything(plan.folder)
    plan.done("evidence")
    first = everything(plan.folder)
    plan.done("evidence")
    assert everything(plan.folder) == first
    assert first.keys() - before.keys() == {"output/evidence/evidence-2017-07.zip"}
    assert plan("verify") == 0


def test_no_evidence_of_nothing(at: At, capsys: Capture) -> None:
    plan = Command(at("built"), capsys)
    assert plan.refused(ExitCode.USAGE, "evidence") == (
        "plan: Nothing has been issued yet, so there is no evidence to keep.\n"
        "      plan issue VERSION\n"
    )
    assert not plan.folder.evidence.exists()


def test_no_evidence_of_what_does_not_hold(at: At, capsys: Capture) -> None:
    plan = Command(at("once"), capsys)
    pdf = plan.folder.pdf(JULY)
    pdf.write_bytes(pdf.read_bytes()[:-1])
    said = plan.refused(ExitCode.VERIFICATION, "evidence")
    assert "output/2017-07/action-plan-2017-07.pdf is not as the register says." in said
    assert "plan verify" in said
    assert not plan.folder.evidence.exists()


# extract


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is no plan's, and none above it is."""
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path / "away"


def told(capsys: Capture, *words: str | Path, code: ExitCode = ExitCode.OK) -> tuple[str, str]:
    """What `plan extract` prints, on both streams; it has to end with that exit code."""
    capsys.readouterr()
    ended = run(["extract", *map(str, words)])
    said = capsys.readouterr()
    assert ended == code, said.out + said.err
    return said.out, said.err


def forged(built: PlanFolder, target: Path) -> Path:
    """November's PDF with one word of its attached sources changed."""
    version = load_one(built, NOVEMBER)
    files = carried_by(version)
    files["areas.yaml"] = files["areas.yaml"].replace(b"Fair: the context", b"Fair: a context")
    target.write_bytes(carrying(built.pdf(NOVEMBER).read_bytes(), version, files))
    return target


def test_extract_needs_the_pdf_alone(built_once: PlanFolder, away: Path, capsys: Capture) -> None:
    out, err = told(capsys, built_once.pdf(NOVEMBER), "--rebuild")
    lines = out.splitlines()
    assert lines[1:5] == [
        "  1. holds    5 attached source files",
        "  2. holds    the fingerprint computed from them, 2d69 9e22 2d0b",
        "  3. holds    the fingerprint that its pages print",
        "  4. holds    its text, built again",
    ]
    assert lines[5].startswith("OF ONE PIECE, NOT SIGNED: version 2017-11, fingerprint 2d69 ")
    assert lines[5].endswith("8 pages, and so is every byte of the file.")
    assert "Its fingerprint in full is 2d699e22 2d0b1de8 72cb0d5b" in out
    assert "Its sources are in extracted/source/2017-11.\n" in out
    assert lines[-1] == f"Next: plan verify {built_once.pdf(NOVEMBER)}, in the plan's folder"
    assert err == ""
    written = {path.name: path.read_bytes() for path in away.rglob("*") if path.is_file()}
    sources = (built_once.source / NOVEMBER).glob("*.yaml")
    assert written == {path.name: path.read_bytes() for path in sources}


def test_extract_of_what_differs_ends_with_8_and_writes_nothing(
    built_once: PlanFolder, away: Path, capsys: Capture, tmp_path: Path
) -> None:
    file = forged(built_once, tmp_path / "forged.pdf")
    out, err = told(capsys, file, code=ExitCode.VERIFICATION)
    assert out.splitlines()[-1].startswith("  2. differs  the fingerprint computed from them, ")
    assert err.startswith("plan: NOT VERIFIED at step 2 (version 2017-11, the fingerprint ")
    assert "): version.json has 2d69 9e22 2d0b\n" in err
    out, _ = told(capsys, file, "--json", code=ExitCode.VERIFICATION)
    record = json.loads(out)
    assert (record["holds"], record["written"]) == (False, None)
    assert record["steps"][1]["difference"] == "version.json has 2d69 9e22 2d0b"
    assert list(away.iterdir()) == []


def test_extract_overwrites_nothing(built_once: PlanFolder, away: Path, capsys: Capture) -> None:
    place = away / "my/source" / JULY
    place.mkdir(parents=True)
    (place / "areas.yaml").write_text("# mine")
    _, err = told(capsys, built_once.pdf(JULY), "--output", "my", code=ExitCode.USAGE)
    assert "my/source/2017-07/areas.yaml is there already and is not the attached one." in err
    assert [path.name for path in place.iterdir()] == ["areas.yaml"]


def test_extract_tells_machines_who_signed(at: At, away: Path, capsys: Capture) -> None:
    out, _ = told(capsys, at("once").pdf(JULY), "--json", "--output", away / "out")
    record = json.loads(out)
    assert (record["holds"], record["version"]) == (True, JULY)
    assert record["fingerprint"].startswith("ca9e03bb71c4")
    assert record["written"] == str(away / "out/source" / JULY)
    assert set(record["sources"]) == {path.name for path in Path(record["written"]).iterdir()}
    office, carole = record["signatures"]
    assert (office["kind"], office["field"], office["fault"]) == (
        "certification",
        "office-seal",
        "",
    )
    assert (carole["name"], carole["field"]) == ("Carole Clemens", f"{REVIEW}:{CAROLE}")
    assert (carole["attested"], carole["at"][:2]) == (False, "20")
    assert [step["difference"] for step in record["steps"]] == [""] * 6


def test_extract_builds_again_by_the_named_folder_s_templates(
    built_plan: PlanFolder, away: Path, capsys: Capture
) -> None:
    (built_plan.root / "templates").mkdir()
    changed_template(
        built_plan.root / "templates", SIGNOFF_TEMPLATE, "For the office", "For nobody"
    )
    words = (built_plan.pdf(JULY), "--rebuild", "--json", "-C", built_plan.root)
    out, err = told(capsys, *words, code=ExitCode.VERIFICATION)
    assert "page 6 says" in json.loads(out)["sentence"]
    assert "name its folder with -C" in err


def test_extract_refuses_what_is_no_version_s_pdf_in_a_sentence(
    built_once: PlanFolder, at: At, away: Path, capsys: Capture
) -> None:
    (away / "plan.pdf").write_text("no")
    assert "plan: That is not a PDF.\n" in told(capsys, "plan.pdf", code=ExitCode.USAGE)[1]
    (away / "cut.pdf").write_bytes(built_once.pdf(JULY).read_bytes()[:9999])
    assert (
        "plan: That PDF cannot be read to its end ("
        in told(capsys, "cut.pdf", code=ExitCode.VERIFICATION)[1]
    )
    receipt = at("sealed").receipt(JULY)
    assert (
        '"receipt.json", which is no source of a plan.'
        in told(capsys, receipt, code=ExitCode.VERIFICATION)[1]
    )
    assert "'none.pdf' does not exist" in told(capsys, "none.pdf", code=ExitCode.USAGE)[1]
    told(capsys, "cut.pdf", "-C", away, code=ExitCode.USAGE)
    with (away / "huge.pdf").open("wb") as file:
        file.truncate(101_000_000)
    assert (
        "huge.pdf is larger than 100 MB: it is no plan."
        in told(capsys, "huge.pdf", code=ExitCode.USAGE)[1]
    )
