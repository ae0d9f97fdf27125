"""What was issued is told as it was then, whatever became of its sources."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from signed_plan.digest import Digest
from signed_plan.errors import SourceError, VerificationError
from signed_plan.paths import PlanFolder
from signed_plan.plan.names import NamesById
from signed_plan.plan.source import Predecessor
from signed_plan.register.chain import read
from signed_plan.register.events import BuiltEvent
from signed_plan.register.issued import (
    KnownVersions,
    carried_files,
    changed_sources,
    known_version,
    readable_names,
)

from tests.helpers import edit
from tests.register.sample_events import enter
from tests.story import JULY, KEVIN, NOVEMBER

Change = Callable[[PlanFolder], object]


@pytest.fixture
def issued(at: Callable[[str], PlanFolder]) -> PlanFolder:
    return at("november issued")


def known(folder: PlanFolder, name: str = NOVEMBER) -> KnownVersions:
    return KnownVersions(folder, read(folder.register))


CHANGES: dict[str, Change] = {
    "another name": lambda folder: edit(
        folder.source / "2017-11/people.yaml", "Kevin Snow", "Kelvin Frost"
    ),
    "a mistake": lambda folder: (folder.source / "2017-11/people.yaml").write_text("people: ["),
    "the folder is gone": lambda folder: shutil.rmtree(folder.source / "2017-11"),
    "a new file": lambda folder: (folder.source / "2017-11/more.yaml").write_text("title: No\n"),
    "another name in the version before": lambda folder: edit(
        folder.source / "2017-07/people.yaml", "Kevin Snow", "Kelvin Frost"
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_was_issued_stays_what_it_was(issued: PlanFolder, change: Change) -> None:
    before = known(issued).version(NOVEMBER)
    change(issued)
    now = known(issued).version(NOVEMBER)
    assert (now.plan, now.files, now.fingerprint) == (before.plan, before.files, before.fingerprint)
    assert now.superseded is not None
    assert before.superseded is not None
    assert now.superseded.fingerprint == before.superseded.fingerprint
    assert readable_names(issued, read(issued.register), NOVEMBER).person(KEVIN) == "Kevin Snow"


def test_the_version_before_is_at_hand_if_it_is_the_one_that_was_superseded(
    issued: PlanFolder,
) -> None:
    CHANGES["another name"](issued)
    assert [one.name for one in known(issued).version(NOVEMBER).ancestors()] == [JULY]


def test_a_draft_is_what_its_sources_are_now(built_plan: PlanFolder) -> None:
    CHANGES["another name"](built_plan)
    version = known_version(built_plan, read(built_plan.register), NOVEMBER)
    assert version.plan.person(KEVIN).name == "Kelvin Frost"
    CHANGES["a mistake"](built_plan)
    with pytest.raises(SourceError):
        known_version(built_plan, read(built_plan.register), NOVEMBER)


@pytest.mark.parametrize("spoil", ["gone", "changed"])
def test_where_the_pdf_is_lost_too_nothing_is_made_up(issued: PlanFolder, spoil: str) -> None:
    CHANGES["another name"](issued)
    pdf = issued.pdf(NOVEMBER)
    if spoil == "gone":
        pdf.unlink()
    else:
        pdf.write_bytes(pdf.read_bytes().replace(b"%PDF-1.7", b"%PDF-1.6", 1))
    with pytest.raises(VerificationError, match="neither its sources nor") as caught:
        known(issued).version(NOVEMBER)
    assert "plan restore 2017-11 --from FILE" in caught.value.remedy
    assert readable_names(issued, read(issued.register), NOVEMBER) == NamesById()


def test_a_version_that_was_issued_and_never_built_is_lost(tmp_path: Path) -> None:
    """As a register may say that nobody has signed."""
    (tmp_path / "source").mkdir()
    register = enter(read(tmp_path / "register.jsonl"), "issued", NOVEMBER)
    versions = KnownVersions(PlanFolder(tmp_path), register)
    with pytest.raises(VerificationError, match="neither its sources nor"):
        versions.version(NOVEMBER)
    assert [*versions.lost()] == [NOVEMBER]


def test_a_pdf_that_is_none_carries_nothing(issued: PlanFolder) -> None:
    entry = read(issued.register).last(BuiltEvent, NOVEMBER)
    assert entry is not None
    data = b"%PDF-1.7 and no more"
    record = {"sha256": Digest.of_bytes(data).hex, "size": len(data)}
    pdf = entry.event.outputs.pdf.model_copy(update=record)
    outputs = entry.event.outputs.model_copy(update={"pdf": pdf})
    assert carried_files(data, entry.event.model_copy(update={"outputs": outputs})) == {}


def test_all_versions_are_those_in_the_folder_and_those_that_were_issued(
    issued: PlanFolder,
) -> None:
    shutil.rmtree(issued.source / "2017-11")
    assert [one.name for one in known(issued).load()] == [JULY, NOVEMBER]
    assert [one.name for one in known(issued).readable([NOVEMBER, "1999"])] == [NOVEMBER]


TOLD: dict[str, tuple[Change, str]] = {
    "nothing": (lambda folder: None, ""),
    "another name": (CHANGES["another name"], "people.yaml was changed"),
    "the folder": (CHANGES["the folder is gone"], "its sources are gone"),
    "a new file": (CHANGES["a new file"], "more.yaml is new"),
    "a file is gone": (
        lambda folder: (folder.source / "2017-11/areas.yaml").unlink(),
        "areas.yaml is gone",
    ),
    "ends of lines": (
        lambda folder: (folder.source / "2017-11/people.yaml").write_bytes(
            (folder.source / "2017-11/people.yaml").read_bytes().replace(b"\n", b"\r\n")
        ),
        "only the ends of the lines of people.yaml were changed",
    ),
}


@pytest.mark.parametrize(("change", "told"), TOLD.values(), ids=TOLD.keys())
def test_what_was_changed_since_is_told(issued: PlanFolder, change: Change, told: str) -> None:
    version = known(issued).version(NOVEMBER)
    change(issued)
    assert changed_sources(issued, version) == told


def test_a_version_whose_chain_is_broken_has_only_the_name_of_the_one_before(
    issued: PlanFolder,
) -> None:
    shutil.rmtree(issued.source / "2017-07")
    if "issued" in [entry.event.kind for entry in read(issued.register).of(JULY)]:
        issued.pdf(JULY).unlink()
    assert isinstance(known(issued).version(NOVEMBER).superseded, Predecessor)


def test_a_pipe_among_the_sources_does_not_hide_the_others(issued: PlanFolder) -> None:
    version = known(issued).version(NOVEMBER)
    os.mkfifo(issued.source / "2017-11/between.yaml")
    assert changed_sources(issued, version) == ""
