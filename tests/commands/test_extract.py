"""`plan extract`: what it says, what it leaves, and its exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.cli import run
from signed_plan.errors import ExitCode
from signed_plan.paths import PlanFolder, as_typed
from signed_plan.plan.source import load_one

from tests.document.helpers import SIGNOFF_TEMPLATE, carried_by, carrying, changed_template
from tests.story import CAROLE, JULY, NOVEMBER, REVIEW

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

At = Callable[[str], PlanFolder]
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, which is no plan's, and none above it is."""
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    return tmp_path / "away"


def extract(capsys: Capture, *words: str | Path, code: ExitCode = ExitCode.OK) -> tuple[str, str]:
    """What `plan extract` prints, on both streams; it has to end with that exit code."""
    capsys.readouterr()
    ended = run(["extract", *map(str, words)])
    said = capsys.readouterr()
    assert ended == code, said.out + said.err
    return said.out, said.err


def forge(built: PlanFolder, target: Path) -> Path:
    """November's PDF with one word of its attached sources changed."""
    version = load_one(built, NOVEMBER)
    files = carried_by(version)
    files["areas.yaml"] = files["areas.yaml"].replace(b"Fair: the context", b"Fair: a context")
    target.write_bytes(carrying(built.pdf(NOVEMBER).read_bytes(), version, files))
    return target


@slow
def test_extract_needs_the_pdf_alone(built_once: PlanFolder, away: Path, capsys: Capture) -> None:
    out, err = extract(capsys, built_once.pdf(NOVEMBER), "--rebuild")
    lines = out.splitlines()
    assert lines[1:6] == [
        "  1. ok       5 attached source files",
        "  2. ok       the fingerprint computed from them, 2d69 9e22 2d0b",
        "  3. ok       the fingerprint that its pages print",
        "  4. ok       every word of the sources, on its pages",
        "  5. ok       its text, built again",
    ]
    assert lines[6].startswith("SOURCES AND PAGES AGREE, NOT SIGNED: version 2017-11, fingerprint ")
    assert lines[6].endswith("8 pages, and so is every byte of the file.")
    assert "Its fingerprint in full is 2d699e22 2d0b1de8 72cb0d5b" in out
    assert "Its sources are in extracted/source/2017-11.\n" in out
    assert lines[-1] == f"Next: plan verify -C FOLDER {as_typed(built_once.pdf(NOVEMBER))}"
    assert err == ""
    written = {path.name: path.read_bytes() for path in away.rglob("*") if path.is_file()}
    sources = (built_once.source / NOVEMBER).glob("*.yaml")
    assert written == {path.name: path.read_bytes() for path in sources}


@slow
def test_extract_of_what_differs_ends_with_8_and_writes_nothing(
    built_once: PlanFolder, away: Path, capsys: Capture, tmp_path: Path
) -> None:
    file = forge(built_once, tmp_path / "forged.pdf")
    out, err = extract(capsys, file, code=ExitCode.VERIFICATION)
    assert out.splitlines()[-1].startswith("  2. differs  the fingerprint computed from them, ")
    assert err.startswith("plan: NOT VERIFIED at step 2 (version 2017-11, the fingerprint ")
    assert "): version.json has 2d69 9e22 2d0b\n" in err
    out, _ = extract(capsys, file, "--json", code=ExitCode.VERIFICATION)
    record = json.loads(out)
    assert (record["holds"], record["written"]) == (False, None)
    assert record["steps"][1]["difference"] == "version.json has 2d69 9e22 2d0b"
    assert list(away.iterdir()) == []


def test_extract_overwrites_nothing(built_once: PlanFolder, away: Path, capsys: Capture) -> None:
    place = away / "my/source" / JULY
    place.mkdir(parents=True)
    (place / "areas.yaml").write_text("# mine")
    _, err = extract(capsys, built_once.pdf(JULY), "--output", "my", code=ExitCode.USAGE)
    assert "my/source/2017-07/areas.yaml is there already and is not the attached one." in err
    assert [path.name for path in place.iterdir()] == ["areas.yaml"]


@slow
def test_extract_gives_programs_who_signed(at: At, away: Path, capsys: Capture) -> None:
    out, _ = extract(capsys, at("july, Carole").pdf(JULY), "--json", "--output", away / "out")
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
    assert [step["difference"] for step in record["steps"]] == [""] * 7


@slow
def test_extract_builds_again_by_the_named_folder_s_templates(
    built_plan: PlanFolder, away: Path, capsys: Capture
) -> None:
    (built_plan.root / "templates").mkdir()
    changed_template(
        built_plan.root / "templates", SIGNOFF_TEMPLATE, "For the office", "For nobody"
    )
    words = (built_plan.pdf(JULY), "--rebuild", "--json", "-C", built_plan.root)
    out, err = extract(capsys, *words, code=ExitCode.VERIFICATION)
    assert "page 6 says" in json.loads(out)["sentence"]
    assert "name its folder with -C" in err


@slow
def test_extract_refuses_what_is_no_version_s_pdf_in_a_sentence(
    built_once: PlanFolder, at: At, away: Path, capsys: Capture
) -> None:
    (away / "plan.pdf").write_text("no")
    assert "plan: That is not a PDF.\n" in extract(capsys, "plan.pdf", code=ExitCode.USAGE)[1]
    (away / "cut.pdf").write_bytes(built_once.pdf(JULY).read_bytes()[:9999])
    assert (
        "plan: That PDF cannot be read to its end ("
        in extract(capsys, "cut.pdf", code=ExitCode.VERIFICATION)[1]
    )
    receipt = at("july sealed").receipt(JULY)
    assert (
        '"receipt.json", which is not a source of a plan.'
        in extract(capsys, receipt, code=ExitCode.VERIFICATION)[1]
    )
    assert "'none.pdf' does not exist" in extract(capsys, "none.pdf", code=ExitCode.USAGE)[1]
    extract(capsys, "cut.pdf", "-C", away, code=ExitCode.USAGE)
    with (away / "huge.pdf").open("wb") as file:
        file.truncate(101_000_000)
    assert (
        "huge.pdf is larger than 100 MB, so it is no plan."
        in extract(capsys, "huge.pdf", code=ExitCode.USAGE)[1]
    )
