"""The program that holds LibreOfficeKit, talked to as its starter talks to it."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from signed_plan.libreoffice import worker
from signed_plan.libreoffice.converter import find_libreoffice
from signed_plan.libreoffice.engines import python_command
from signed_plan.libreoffice.profile import MACRO, lay_out_profile


def _start(work: Path, library: Path) -> subprocess.Popen[bytes]:
    lay_out_profile(work / "profile")
    return subprocess.Popen(
        [*python_command(worker, str(library), (work / "profile").as_uri(), f"{MACRO}Warm")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=work,
        env=os.environ | {"SIGNED_PLAN_JOBS": str(work / "jobs"), "SAL_USE_VCLPLUGIN": "svp"},
        start_new_session=True,
    )


def _network(process: int | str) -> str:
    return str(Path(f"/proc/{process}/ns/net").readlink())


@pytest.mark.slow("builds, signs, or starts a process")
def test_offline_it_says_when_it_is_ready_and_when_it_has_done_something(tmp_path: Path) -> None:
    library = find_libreoffice().library
    assert library is not None
    work = tmp_path / "work"
    work.mkdir()
    process = _start(work, library)
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    may_leave = subprocess.run(["unshare", "-Un", "true"], check=False).returncode == 0
    assert (_network(process.pid) != _network("self")) == may_leave
    (work / "jobs").write_text("")
    process.stdin.write(b"run\n")
    process.stdin.flush()
    word, resident = process.stdout.readline().split()
    assert word == b"done"
    assert int(resident) > 10_000
    process.stdin.close()
    assert process.wait(20) != 0
    assert process.stdout.read() == b""
    process.stdout.close()
    assert not work.exists(), "it takes its folder along"


def test_it_ends_with_its_starter_even_while_it_is_getting_ready(tmp_path: Path) -> None:
    library = find_libreoffice().library
    assert library is not None
    work = tmp_path / "work"
    work.mkdir()
    process = _start(work, library)
    time.sleep(0.3)
    process.communicate()
    end = time.monotonic() + 5
    while work.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not work.exists()


@pytest.mark.parametrize("data", [b"no library", b""])
def test_a_library_that_does_not_load_ends_it_at_once(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "libmergedlo.so").write_bytes(data)
    process = _start(tmp_path, tmp_path / "libmergedlo.so")
    assert process.stdout is not None
    assert process.stdout.readline() == b""
    assert process.wait(20) == 1
    process.communicate()
