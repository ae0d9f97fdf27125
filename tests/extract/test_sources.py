"""No file but a plan's sources is taken out of a PDF, and nothing is overwritten by them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.document.version_record import read_version
from signed_plan.errors import SourceError, UsageError, VerificationError
from signed_plan.extract.sources import record_and_sources, write_sources
from signed_plan.paths import RECORD, PlanFolder
from signed_plan.plan.source import SourceFile, Version, load

from tests.document.helpers import carried_by, real_versions

Files = dict[str, bytes]


@pytest.fixture(scope="session")
def versions() -> list[Version]:
    return real_versions()


def attached(files: Files) -> list[SourceFile]:
    return [SourceFile(name, files[name]) for name in sorted(files)]


def test_a_record_and_the_sources_make_the_version(versions: list[Version]) -> None:
    for version in versions:
        record, sources = record_and_sources(attached(carried_by(version)))
        assert (record.name, record.fingerprint) == (version.name, version.fingerprint)
        assert sources == version.files
        read = read_version(record, sources)
        assert (read.plan, read.files) == (version.plan, version.files)
        assert read.fingerprint == version.fingerprint


def test_sources_with_mistakes_are_told_with_their_places(versions: list[Version]) -> None:
    files = carried_by(versions[0])
    files["people.yaml"] = files["people.yaml"].replace(b"name:", b"nam:", 1)
    with pytest.raises(SourceError) as caught:
        read_version(*record_and_sources(attached(files)))
    assert caught.value.problems[0].file == "source/2017-07/people.yaml"


NAMES = (
    *("../../x.yaml", "a/x.yaml", "/etc/x.yaml", "..\\x.yaml", "C:x.yaml"),
    *(".x.yaml", ".yaml", "x.exe", "x.yaml.exe", "receipt.json", "VERSION.JSON", "", "x"),
    *("a\nb.yaml", "a\0b.yaml", "a\x1b[2J.yaml", "a\u202eb.yaml", "a*.yaml", "\ud800.yaml"),
    f"{'ä' * 100}.yaml",
)


@pytest.mark.parametrize("name", NAMES)
def test_no_file_is_taken_whose_name_is_no_plain_source_s(
    versions: list[Version], name: str
) -> None:
    with pytest.raises(VerificationError) as caught:
        record_and_sources(attached({**carried_by(versions[0]), name: b"x: y"}))
    assert "which is not a source of a plan" in caught.value.message
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("name", ["x.yaml", "x.yml", "Ziele & Maßnahmen (neu).yaml", "a.b-c.yaml"])
def test_whatever_a_clerk_may_call_a_source_is_taken(versions: list[Version], name: str) -> None:
    _, sources = record_and_sources(attached({**carried_by(versions[0]), name: b"x: y"}))
    assert name in [file.name for file in sources]


LACKING: dict[str, tuple[Callable[[Files], Files], str]] = {
    "no files": (lambda files: {}, "carries no sources"),
    "the record alone": (lambda files: {RECORD: files[RECORD]}, "carries no sources"),
    "no record": (
        lambda files: {name: files[name] for name in files if name != RECORD},
        "carries no version.json, without which its fingerprint cannot be computed",
    ),
    "a record that is none": (lambda files: files | {RECORD: b"{}"}, "is not a record of a plan's"),
}


@pytest.mark.parametrize("name", LACKING)
def test_sources_and_record_both_have_to_be_there(versions: list[Version], name: str) -> None:
    change, expected = LACKING[name]
    with pytest.raises(VerificationError, match=expected):
        record_and_sources(attached(change(carried_by(versions[0]))))


def test_versions_taken_out_to_one_folder_are_a_plan_again(
    versions: list[Version], tmp_path: Path
) -> None:
    for version in reversed(versions):
        place = write_sources(version, tmp_path / "out")
        assert place == tmp_path / "out/source" / version.name
    assert load(PlanFolder(tmp_path / "out")) == versions


def test_nothing_is_overwritten_or_mixed_with_other_sources(
    versions: list[Version], tmp_path: Path
) -> None:
    place = write_sources(versions[0], tmp_path)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    assert write_sources(versions[0], tmp_path) == place, "the same files may be there"
    (place / "notes.txt").touch()
    for name in ("areas.yaml", "reviews.yaml", "more.yaml"):
        (place / "people.yaml").unlink()
        (place / name).write_bytes(b"# mine")
        with pytest.raises(UsageError, match=f"{name} is there already and is not the attached"):
            write_sources(versions[0], tmp_path)
        assert (place / name).read_bytes() == b"# mine"
        assert not (place / "people.yaml").exists(), "nothing was written"
        (place / name).unlink()
        write_sources(versions[0], tmp_path)
    (place / "notes.txt").unlink()
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
