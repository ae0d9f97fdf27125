"""No link inside a folder leads out of it, not even one that is put there at the last moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.beneath import files_beneath, open_beneath, require_no_way_out, write_beneath
from signed_plan.errors import OutputError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "output" / "v1").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "diary").write_text("private")
    return tmp_path / "output"


@pytest.mark.parametrize("name", ["file", "v1/deep/file", ".staged", "register.jsonl"])
@pytest.mark.parametrize("aim", ["elsewhere", "elsewhere/diary", "gone", "output-2"])
def test_a_link_that_leads_out_is_refused_by_name_with_what_to_do(
    name: str, aim: str, root: Path
) -> None:
    link = root / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(root.parent / aim)
    with pytest.raises(OutputError) as caught:
        require_no_way_out(root)
    assert f"{name} is a link to {root.parent / aim}" in caught.value.message
    assert f"{name}" in caught.value.remedy
    assert "rm " in caught.value.remedy


def test_a_folder_that_is_itself_a_link_may_be_used(root: Path) -> None:
    drive = root.parent / "drive"
    drive.symlink_to(root)
    require_no_way_out(drive)
    write_beneath(drive, drive / "v1" / "file", b"words")
    assert (root / "v1" / "file").read_bytes() == b"words"
    assert files_beneath(drive, drive) == [drive / "v1" / "file"]


def test_a_link_that_stays_inside_is_let_alone_unless_its_name_is_hidden(root: Path) -> None:
    (root / "latest").symlink_to("v1")
    require_no_way_out(root)
    (root / ".staged").symlink_to("v1")
    with pytest.raises(OutputError, match=r"\.staged is a link to v1"):
        require_no_way_out(root)


def test_only_as_many_folders_deep_as_asked_are_looked_at(root: Path) -> None:
    (root / "v1" / "far").mkdir()
    (root / "v1" / "far" / "link").symlink_to(root.parent)
    require_no_way_out(root, depth=2)
    with pytest.raises(OutputError):
        require_no_way_out(root, depth=3)


def test_a_link_put_there_at_the_last_moment_is_not_written_through(root: Path) -> None:
    (root / "v1").rmdir()
    (root / "v1").symlink_to(root.parent / "elsewhere")
    for path in (root / "v1" / "diary", root / "v1" / "deep" / "new"):
        with pytest.raises(OutputError, match="v1 is a link to"):
            write_beneath(root, path, b"overwritten")
    assert files_beneath(root, root) == []
    elsewhere = root.parent / "elsewhere"
    assert [path.read_text() for path in elsewhere.iterdir()] == ["private"]


def test_a_file_that_is_a_link_is_replaced_and_what_it_led_to_stays(root: Path) -> None:
    (root / "file").symlink_to(root.parent / "elsewhere" / "diary")
    write_beneath(root, root / "file", b"new")
    assert not (root / "file").is_symlink()
    assert (root.parent / "elsewhere" / "diary").read_text() == "private"


def test_a_way_that_goes_up_is_refused(root: Path) -> None:
    with pytest.raises(OutputError, match="is not inside"), open_beneath(root, root / ".."):
        pass


def test_files_are_listed_without_links_and_hidden_ones(root: Path) -> None:
    (root / "v1" / "b").touch()
    (root / "a").touch()
    (root / ".hidden").touch()
    (root / "v1" / "link").symlink_to(root.parent / "elsewhere" / "diary")
    (root / "v1" / "folder").symlink_to(root.parent / "elsewhere")
    assert files_beneath(root, root) == [root / "a", root / "v1" / "b"]
    assert files_beneath(root, root / "gone") == []
