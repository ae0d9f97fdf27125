"""How a version stands, and that an issued one is frozen."""

from __future__ import annotations

import pytest
from signed_plan.errors import ExitCode, FrozenError
from signed_plan.paths import PlanFolder
from signed_plan.register.build_status import BuildStatus, build_status, require_not_frozen
from signed_plan.register.chain import read
from signed_plan.register.issued import known_version
from signed_plan.register.publish import file_record

from tests.helpers import edit
from tests.register.sample_events import enter


def state(folder: PlanFolder, version: str = "2017-11") -> BuildStatus:
    register = read(folder.register)
    return build_status(folder, register, known_version(folder, register, version))


def test_a_version_that_was_never_built_is_missing(built_plan: PlanFolder) -> None:
    folder = PlanFolder(built_plan.root)
    folder.register.unlink()
    assert (state(folder).name, state(folder).reason) == ("missing", "never built")


def test_a_version_as_it_was_built_is_built(built_plan: PlanFolder) -> None:
    assert state(built_plan).name == "built"


@pytest.mark.parametrize("suffix", ["docx", "pdf"])
def test_a_version_whose_file_is_gone_is_missing(built_plan: PlanFolder, suffix: str) -> None:
    (built_plan.output / f"2017-11/action-plan-2017-11.{suffix}").unlink()
    assert state(built_plan).name == "missing"
    assert f"action-plan-2017-11.{suffix} is not there" in state(built_plan).reason


def test_a_changed_source_makes_its_version_stale(built_plan: PlanFolder) -> None:
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    assert (state(built_plan).name, state(built_plan).reason) == (
        "stale",
        "people.yaml was changed",
    )
    assert state(built_plan, "2017-07").name == "built"


def test_a_changed_word_in_the_version_before_makes_this_one_stale(built_plan: PlanFolder) -> None:
    edit(built_plan.source / "2017-07/people.yaml", "Kevin Snow", "Kevin Snowe")
    assert state(built_plan).reason == "the version before it was changed"


def test_a_comment_in_the_version_before_leaves_this_one_as_it_is(built_plan: PlanFolder) -> None:
    edit(built_plan.source / "2017-07/people.yaml", "Kevin Snow", "Kevin Snow  # he signs")
    assert state(built_plan, "2017-07").name == "stale"
    assert state(built_plan).name == "built"


def test_a_template_of_the_folder_s_own_makes_every_version_stale(built_plan: PlanFolder) -> None:
    own = built_plan.root / "templates/plan.docx"
    own.parent.mkdir()
    own.write_bytes(built_plan.template("plan.docx").read_bytes() + b"\0")
    assert state(built_plan).reason == "the template plan.docx was changed"


def test_a_file_changed_on_disk_makes_its_version_stale(built_plan: PlanFolder) -> None:
    path = built_plan.pdf("2017-11")
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    assert state(built_plan).name == "stale"
    assert state(built_plan).reason == "action-plan-2017-11.pdf is not as it was built"


def test_a_pdf_that_was_filled_in_stays_built_and_says_so(built_plan: PlanFolder) -> None:
    """As Adobe Reader fills a field in: by an update behind the bytes that were there."""
    path = built_plan.pdf("2017-11")
    path.write_bytes(path.read_bytes() + b"1 0 obj null endobj\n%%EOF\n")
    found = state(built_plan)
    assert (found.name, found.reason) == ("built", "its PDF was filled in since")


def test_an_issued_version_may_stand_as_it_is(built_plan: PlanFolder) -> None:
    enter(read(built_plan.register), "issued", "2017-11").save()
    require_not_frozen(state(built_plan))


def test_an_issued_version_is_frozen_and_says_how_to_start_the_next(built_plan: PlanFolder) -> None:
    enter(read(built_plan.register), "issued", "2017-11").save()
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    with pytest.raises(FrozenError, match="2017-11 has been issued") as caught:
        require_not_frozen(state(built_plan))
    assert caught.value.exit_code == ExitCode.FROZEN
    assert "plan new NAME --from 2017-11" in caught.value.remedy


def test_a_version_that_was_not_issued_is_not_frozen(built_plan: PlanFolder) -> None:
    enter(read(built_plan.register), "issued", "2017-07").save()
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    require_not_frozen(state(built_plan))


@pytest.mark.parametrize("stage", ["issued", "sealed", "superseded"])
def test_every_later_stage_is_frozen_too(built_plan: PlanFolder, stage: str) -> None:
    enter(read(built_plan.register), stage, "2017-11").save()
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    with pytest.raises(FrozenError, match=r"is frozen, but people\.yaml was changed"):
        require_not_frozen(state(built_plan))


@pytest.mark.parametrize(("stage", "holds"), [("issued", False), ("sealed", True)])
def test_a_new_template_concerns_a_version_until_it_is_sealed(
    built_plan: PlanFolder, stage: str, holds: bool
) -> None:
    own = built_plan.root / "templates/signoff.docx"
    own.parent.mkdir()
    own.write_bytes(built_plan.template("signoff.docx").read_bytes() + b"\0")
    enter(read(built_plan.register), stage, "2017-11").save()
    assert (state(built_plan).name == "built") is holds


def test_a_pdf_is_held_to_its_last_recorded_state(built_plan: PlanFolder) -> None:
    path = built_plan.pdf("2017-11")
    grown = path.read_bytes() + b"1 0 obj null endobj\n%%EOF\n"
    files = {"pdf": file_record(built_plan, path, grown).model_dump()}
    enter(read(built_plan.register), "signed", "2017-11", files=files).save()
    assert state(built_plan).reason == "action-plan-2017-11.pdf is not as it was built"
    path.write_bytes(grown)
    assert (state(built_plan).name, state(built_plan).reason) == ("built", "")
