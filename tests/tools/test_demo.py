"""The story that `make demo` tells: it ends well, and what it leaves behind is what it said."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfReader
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read

from tests.helpers import REPO, VERSIONS
from tests.register.sample_events import Fields, records
from tools.demo import LOOK_AT, MADE_BY, PASSPHRASES, PEOPLE

HERE, ELSEWHERE, PAPER = "here", "elsewhere", "on paper"

pytestmark = pytest.mark.slow("plays the whole story")


def demo(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.demo", *map(str, words)],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    done = demo(tmp_path_factory.mktemp("demo"))
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def folder(told: subprocess.CompletedProcess[str]) -> PlanFolder:
    return PlanFolder(Path(told.args[-1]))


def events(folder: PlanFolder, kind: str, version: str) -> list[Fields]:
    return [one for one in records(read(folder.register), version) if one["event"] == kind]


def filled(folder: PlanFolder, version: str) -> Iterator[str]:
    """The fields that hold a signature, in the order of signing."""
    fields = PdfReader(io.BytesIO(folder.pdf(version).read_bytes())).get_fields() or {}
    values = {name: field["/V"].get_object() for name, field in fields.items() if "/V" in field}
    return iter(sorted(values, key=lambda name: [int(one) for one in values[name]["/ByteRange"]]))


def test_july_is_signed_by_four_at_the_office_and_november_six_times_in_three_ways(
    folder: PlanFolder,
) -> None:
    signed = {
        version: [(one["person"], one["how"]) for one in events(folder, "signed", version)]
        for version in VERSIONS
    }
    carole, sally, andy, kevin = PEOPLE
    assert signed["2017-07"] == [(person, HERE) for person in PEOPLE]
    assert signed["2017-11"] == [
        (carole, HERE),
        (sally, ELSEWHERE),
        (carole, HERE),
        (sally, HERE),
        (andy, HERE),
        (kevin, PAPER),
    ]


def test_each_pdf_holds_the_seal_every_signature_but_that_on_paper_and_the_archive_timestamp(
    folder: PlanFolder,
) -> None:
    for version in VERSIONS:
        boxes = [
            f"{one['review']}:{one['person']}"
            for one in events(folder, "signed", version)
            if one["how"] != PAPER
        ]
        assert list(filled(folder, version)) == ["office-seal", *boxes, "archive-timestamp"]


def test_both_versions_are_sealed_for_the_archive_with_a_receipt(folder: PlanFolder) -> None:
    for version in VERSIONS:
        (sealed,) = events(folder, "sealed", version)
        assert (sealed["level"], sealed["missing"]) == ("B-LTA", [])
        assert folder.receipt(version).is_file()
    assert events(folder, "superseded", "2017-07")


def test_the_scan_and_the_letters_are_kept(folder: PlanFolder) -> None:
    (on_paper,) = (one for one in events(folder, "signed", "2017-11") if one["how"] == PAPER)
    assert (folder.output / on_paper["files"]["scan"]["file"]).is_file()
    letters = sorted(path.stem for path in (folder.output / "2017-11/letters").iterdir())
    assert letters == sorted(PEOPLE)


def test_every_certificate_is_marked_as_a_specimen(folder: PlanFolder) -> None:
    enrolled = [one for one in records(read(folder.register), "") if one["event"] == "enrolled"]
    assert [one["person"] for one in enrolled] == list(PEOPLE)
    assert all("SPECIMEN" in one["subject"] for one in enrolled)


def test_it_shows_what_is_typed_and_ends_with_what_to_open(
    told: subprocess.CompletedProcess[str], folder: PlanFolder
) -> None:
    assert "\n  $ plan sign 2017-07 --as sally-beardsley\n" in told.stdout
    assert "VERIFIED, ANCHORED" in told.stdout.replace("\n    ", " ")
    for path, _ in LOOK_AT:
        assert f"/{path} " in told.stdout
        assert (folder.root / path).exists()


def test_no_passphrase_is_shown_and_only_the_owner_can_read_them(
    told: subprocess.CompletedProcess[str], folder: PlanFolder
) -> None:
    kept = list((folder.root / PASSPHRASES).iterdir())
    assert len(kept) == 1 + len(PEOPLE)
    for path in kept:
        assert path.read_text().strip() not in told.stdout + told.stderr
        assert path.stat().st_mode & 0o077 == 0


def test_whoever_goes_on_needs_no_timestamp_authority(folder: PlanFolder) -> None:
    assert "timestamp-authority:" not in (folder.source / "settings.yaml").read_text()


def test_a_folder_that_it_has_not_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    done = demo(tmp_path)
    assert done.returncode == 2
    assert "stays as it is" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    assert MADE_BY not in done.stdout
