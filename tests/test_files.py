"""Only a file is read, of a size that can be meant; and it is written whole or not at all."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from signed_plan.files import open_file, read_file, read_if_there, write_atomically


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"some bytes")
    assert read_file(tmp_path / "file", 10) == b"some bytes"


def test_a_file_that_is_not_there_is_none_or_an_error(tmp_path: Path) -> None:
    assert read_if_there(tmp_path / "file") is None
    with pytest.raises(FileNotFoundError):
        read_file(tmp_path / "file")


def test_a_file_larger_than_can_be_meant_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(10**12)  # a file with a hole: it takes no room, but to read it would
    for largest, size in ((1_000_000_000, "1000 MB"), (1_000_000, "1 MB"), (4_000, "4 kB")):
        with pytest.raises(OSError, match=f"it is larger than {size}: '{tmp_path / 'file'}'"):
            read_if_there(tmp_path / "file", largest)


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_has_no_end_or_makes_one_wait_is_refused_at_once_by_its_kind(
    kind: str, tmp_path: Path
) -> None:
    place = Path("/dev/zero") if kind == "device" else tmp_path / "thing"
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(place))
    with pytest.raises(OSError, match=f"it is a {kind}, not a file: '{place}'"), open_file(place):
        raise AssertionError("it was opened")


def test_a_new_file_holds_the_bytes(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"


def test_an_old_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    write_atomically(tmp_path / "file", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("file", b"new")]


def test_a_reader_that_has_the_old_file_open_still_reads_all_of_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    with (tmp_path / "file").open("rb") as reader:
        write_atomically(tmp_path / "file", b"new")
        assert reader.read() == b"old"


def test_a_target_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "file").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomically(tmp_path / "file", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
