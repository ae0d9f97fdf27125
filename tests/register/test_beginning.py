"""Where signed work lies, no register is begun anew in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.errors import ExitCode, VerificationError
from signed_plan.paths import PlanFolder
from signed_plan.register.beginning import require_begun_here
from signed_plan.register.chain import read

from tests.register.sample_events import enter

SIGNED_WORK = (
    "register.jsonl.sig",
    "certificates/office-root.crt",
    "evidence/evidence-v1.zip",
    "v1/action-plan-v1.pdf",
    "v1/receipt-v1.pdf",
)


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    (tmp_path / "source").mkdir()
    (tmp_path / "output/v1").mkdir(parents=True)
    (tmp_path / "output/v1/action-plan-v1.docx").write_bytes(b"/ByteRange in a Word file")
    (tmp_path / "output/v1/action-plan-v1.pdf").write_bytes(b"%PDF-1.7 unsigned")
    return PlanFolder(tmp_path)


def test_a_folder_without_signed_work_may_begin_its_register(folder: PlanFolder) -> None:
    register = read(folder.register)
    require_begun_here(folder, register)
    require_begun_here(folder, enter(register, "built", "v1"))


@pytest.mark.parametrize("file", SIGNED_WORK)
@pytest.mark.parametrize("begun", [False, True], ids=["no register", "one without keys"])
def test_signed_work_of_a_register_that_is_gone_is_named_with_both_ways_on(
    folder: PlanFolder, file: str, begun: bool
) -> None:
    place = folder.output / file
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"%PDF-1.7 /ByteRange[0 1 2 3]")
    register = read(folder.register)
    with pytest.raises(VerificationError) as caught:
        require_begun_here(folder, enter(register, "built", "v1") if begun else register)
    what = "does not know of it" if begun else "is gone"
    assert caught.value.message == (
        f"output/{file} is of a register with signed work, but output/register.jsonl {what}."
    )
    assert "back from a copy or from an evidence zip" in caught.value.remedy
    assert "move the whole folder output to another place" in caught.value.remedy
    assert caught.value.exit_code == ExitCode.VERIFICATION


def test_a_register_with_the_office_s_keys_is_the_one_that_was_begun(folder: PlanFolder) -> None:
    folder.signature.write_bytes(b"signature")
    require_begun_here(folder, enter(read(folder.register), "keys"))
