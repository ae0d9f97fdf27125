"""Being killed at any moment leaves a version whole: the old one or the new one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from signed_plan.digest import Digest
from signed_plan.errors import OutputError
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.register.publish import (
    KeptFile,
    file_record,
    grown_pdf,
    is_unfinished,
    lock_folder,
    lock_for_reading,
    publish,
    recover,
    scratch,
)
from signed_plan.register.signature import require_signature

from tests.helpers import REPO
from tests.register.sample_events import Fields, enter, file, last_record, sample, sample_fields

slow = pytest.mark.slow("kills a build at many moments")

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
OLD = (b"old word file", b"old pdf")
NEW = (b"new word file", b"new pdf")


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    (tmp_path / "source").mkdir()
    (tmp_path / "output").mkdir()
    return PlanFolder(tmp_path)


def body(docx: bytes, pdf: bytes) -> Fields:
    return {
        **sample_fields("built"),
        "outputs": {
            "docx": file("v1/action-plan-v1.docx", docx),
            "pdf": {**file("v1/action-plan-v1.pdf", pdf), "pages": 1},
        },
        "fingerprint": Digest.of_bytes(pdf).hex,
        "supersedes": None,
        "tools": {},
    }


def put(
    folder: PlanFolder, contents: tuple[bytes, bytes], *, signed: bool = False
) -> list[KeptFile]:
    files = dict(zip((folder.docx("v1"), folder.pdf("v1")), contents, strict=True))
    register = read(folder.register)
    if signed and last_record(register, "keys", "") is None:
        register = enter(register, "keys", register_key=PUBLIC.hex())
    last = last_record(register, "built", "v1")
    if last is None or any(last[key] != value for key, value in body(*contents).items()):
        register = enter(register, "built", "v1", **body(*contents))
        if signed:
            issued = {"pdf": file("v1/action-plan-v1.pdf", contents[1])}
            register = enter(register, "issued", "v1", files=issued)
    return publish(folder, register, files, KEY.sign(register.data) if signed else None)


def on_disk(folder: PlanFolder) -> tuple[bytes, bytes]:
    return folder.docx("v1").read_bytes(), folder.pdf("v1").read_bytes()


def entered(folder: PlanFolder) -> Fields:
    built = last_record(read(folder.register), "built", "v1")
    assert built is not None
    return {key: built[key] for key in body(*OLD)}


def leftovers(folder: PlanFolder) -> list[str]:
    expected = {
        ".lock",
        "register.jsonl",
        "register.jsonl.sig",
        "v1",
        *(path.name for path in (folder.docx("v1"), folder.pdf("v1"))),
    }
    return [path.name for path in folder.output.rglob("*") if path.name not in expected]


def test_a_published_version_is_on_disk_and_entered(folder: PlanFolder) -> None:
    put(folder, OLD)
    assert on_disk(folder) == OLD
    assert entered(folder) == body(*OLD)
    assert leftovers(folder) == []


def test_what_the_register_already_says_is_not_entered_again(folder: PlanFolder) -> None:
    put(folder, OLD)
    before = folder.register.read_bytes()
    folder.pdf("v1").unlink()
    put(folder, OLD)
    assert on_disk(folder) == OLD
    assert folder.register.read_bytes() == before


CHANGES_THE_DISK = ("replace", "rename", "fsync", "mkdir", "rmdir", "unlink", "open")


def killed_before(call: int, act: Callable[[], object]) -> bool:
    """Runs that in a process which kills itself just before the nth call that changes the disk,
    counted over the whole of it; gives whether it was done before it came to that."""
    child = os.fork()
    if child == 0:
        remaining = call

        def counting(original: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*arguments: Any, **named: Any) -> Any:
                nonlocal remaining
                if remaining == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                remaining -= 1
                return original(*arguments, **named)

            return counted

        try:
            for name in CHANGES_THE_DISK:
                setattr(os, name, counting(getattr(os, name)))
            act()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL)
    return code == 0


@slow
@pytest.mark.parametrize("how", ["signed", "unsigned"])
def test_killed_before_any_call_that_changes_the_disk_it_is_the_old_or_the_new_version_whole(
    folder: PlanFolder, how: str
) -> None:
    """Whole with the register's own signature, if there is one."""
    put(folder, OLD, signed=how == "signed")
    seen = set()
    for call in range(200):
        for path in (folder.docx("v1"), folder.pdf("v1"), folder.register):
            path.unlink()
        put(folder, OLD, signed=how == "signed")
        done = killed_before(call, lambda: put(folder, NEW, signed=how == "signed"))
        recover(folder)
        contents = on_disk(folder)
        assert contents in (OLD, NEW), f"mixed after a kill before call {call}"
        assert entered(folder) == body(*contents)
        assert leftovers(folder) == []
        register = read(folder.register)
        signature = read_if_there(folder.signature)
        entries = len(register.entries) if how == "signed" else 0
        assert require_signature(register, signature) == entries, f"killed before call {call}"
        seen.add(contents)
        if done:
            break
    assert done
    assert call > 10
    assert seen == {OLD, NEW}


def test_a_file_changed_by_hand_is_moved_aside_and_not_lost(folder: PlanFolder) -> None:
    put(folder, OLD)
    folder.docx("v1").write_bytes(b"the clerk's own words")
    (kept,) = put(folder, NEW)
    assert kept.path.read_bytes() == b"the clerk's own words"
    assert (kept.path.suffix, kept.why) == (".docx", "it was changed since it was built")
    assert on_disk(folder) == NEW


def test_files_as_they_were_built_at_any_time_are_not_kept(folder: PlanFolder) -> None:
    put(folder, OLD)
    put(folder, NEW)
    folder.docx("v1").write_bytes(OLD[0])
    assert put(folder, NEW) == []


def test_files_that_are_as_they_will_be_are_not_kept_even_if_the_register_is_gone(
    folder: PlanFolder,
) -> None:
    put(folder, OLD)
    folder.register.unlink()
    assert put(folder, OLD) == []


def test_the_files_of_a_version_that_another_was_built_upon_are_kept(folder: PlanFolder) -> None:
    put(folder, OLD)
    upon = {"version": "v1", "fingerprint": body(*OLD)["fingerprint"]}
    enter(read(folder.register), "built", "v2", supersedes=upon).save()
    kept = put(folder, NEW)
    assert {one.path.read_bytes() for one in kept} == set(OLD)
    assert {one.why for one in kept} == {"a later version was built on it"}
    assert on_disk(folder) == NEW


def test_what_a_killed_command_worked_on_is_cleared_by_the_next(folder: PlanFolder) -> None:
    scratch(folder).mkdir()
    (scratch(folder) / "half a document").touch()
    recover(folder)
    assert not scratch(folder).exists()


def test_a_second_holder_of_the_lock_is_told_to_wait_and_then_gets_it(folder: PlanFolder) -> None:
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        with lock_folder(folder, waiting.set):
            order.append("second")

    with lock_folder(folder, lambda: pytest.fail("nobody else holds it")):
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]


def test_a_killed_command_leaves_no_lock_with_a_process_that_it_has_forked(
    folder: PlanFolder,
) -> None:
    held, told = os.pipe()
    child = os.fork()
    if child == 0:
        with lock_folder(folder, lambda: None):
            if os.fork() == 0:
                os.write(told, b"%d" % os.getpid())
                signal.pause()
            signal.pause()
    orphan = int(os.read(held, 20))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        with lock_folder(folder, lambda: pytest.fail("the lock is still held")):
            pass
    finally:
        os.kill(orphan, signal.SIGKILL)


def test_an_output_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("a file is in the way")
    with (
        pytest.raises(OutputError, match="cannot be written to"),
        lock_folder(PlanFolder(tmp_path), lambda: None),
    ):
        pass


def test_a_write_refused_half_way_leaves_the_old_version_and_the_register(
    folder: PlanFolder,
) -> None:
    """As on a full disk: the kernel refuses whatever goes beyond a file's first 4,096 bytes."""
    put(folder, OLD)
    limited = f"""
import resource
from pathlib import Path
from signed_plan.errors import OutputError
from signed_plan.paths import PlanFolder
from tests.register.test_publish import put
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    put(PlanFolder(Path({str(folder.root)!r})), (b"x" * 10, b"x" * 100_000))
except OutputError as error:
    print(error.exit_code, error.message)
"""
    done = subprocess.run(
        [sys.executable, "-c", limited], cwd=REPO, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("1 "), done.stderr
    assert "cannot be written to" in done.stdout
    assert on_disk(folder) == OLD
    assert entered(folder) == body(*OLD)
    assert leftovers(folder) == []


def test_the_reason_of_a_refused_write_is_that_of_the_write(folder: PlanFolder) -> None:
    """And not that of clearing away what was never staged."""
    put(folder, OLD)
    (folder.output / ".staged").write_text("a file is in the way")
    with pytest.raises(OutputError) as caught:
        put(folder, NEW)
    assert caught.value.message == f"{folder.output} cannot be written to: Not a directory."
    assert on_disk(folder) == OLD


@pytest.mark.parametrize("place", [".staged", "v1"])
def test_what_is_behind_a_link_is_neither_moved_nor_written_to(
    place: str, folder: PlanFolder, tmp_path: Path
) -> None:
    """Not even with the lock held already: the link may be put there at the last moment."""
    put(folder, OLD)
    elsewhere = tmp_path / "elsewhere"
    folder.docx("v1").parent.rename(elsewhere if place == "v1" else tmp_path / "elsewhere-v1")
    if place == ".staged":
        elsewhere.mkdir()
        (tmp_path / "elsewhere-v1").rename(elsewhere / "v1")
    before = {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()}
    (folder.output / place).symlink_to(elsewhere)
    with pytest.raises(OutputError, match=f"{place} is a link to"):
        put(folder, NEW)
    with contextlib.suppress(OutputError):
        recover(folder)
    assert {path: path.read_bytes() for path in elsewhere.rglob("*") if path.is_file()} == before


def test_a_lock_behind_a_link_is_not_opened(folder: PlanFolder, tmp_path: Path) -> None:
    (folder.output / ".lock").symlink_to(tmp_path / "made")
    with pytest.raises(OutputError, match="is a link to"), lock_folder(folder, lambda: None):
        pass
    assert not (tmp_path / "made").exists()


def test_a_signature_of_another_state_that_was_staged_is_dropped(folder: PlanFolder) -> None:
    """Killed before the register was written: what was staged has not happened."""
    put(folder, OLD, signed=True)
    before = folder.signature.read_bytes()
    staged = folder.output / ".staged" / folder.signature.name
    staged.parent.mkdir()
    staged.write_bytes(KEY.sign(b"another register"))
    assert is_unfinished(folder)
    recover(folder)
    assert folder.signature.read_bytes() == before
    assert not is_unfinished(folder)


def test_what_was_staged_is_dropped_unless_every_file_of_it_is_entered(folder: PlanFolder) -> None:
    """Killed before the register was written, where only the PDF would have been another."""
    put(folder, OLD)
    for path, data in ((folder.docx("v1"), OLD[0]), (folder.pdf("v1"), NEW[1])):
        staged = folder.output / ".staged" / path.relative_to(folder.output)
        staged.parent.mkdir(parents=True, exist_ok=True)
        staged.write_bytes(data)
    recover(folder)
    assert on_disk(folder) == OLD
    assert leftovers(folder) == []


def test_a_file_that_grew_is_not_kept_aside(folder: PlanFolder) -> None:
    """As a PDF grows by a signature in its place: what was there stands in what comes."""
    put(folder, OLD)
    folder.pdf("v1").write_bytes(OLD[1] + b" and a signature")
    grown = OLD[1] + b" and a signature and its evidence"
    files = {folder.pdf("v1"): grown}
    event = sample("signed").model_copy(update={"files": grown_pdf(folder, files)})
    register = read(folder.register).add("v1", event)
    assert publish(folder, register, files) == []
    assert folder.pdf("v1").read_bytes() == grown
    assert leftovers(folder) == []


def test_what_is_recorded_of_a_file_is_its_place_below_output_size_and_sha256(
    folder: PlanFolder,
) -> None:
    path = folder.output / "v1/scans/page.jpg"
    assert file_record(folder, path, b"ink").model_dump() == {
        "file": "v1/scans/page.jpg",
        "sha256": Digest.of_bytes(b"ink").hex,
        "size": 3,
    }


def test_what_is_recorded_of_a_grown_pdf_names_the_authority_s_certificate_if_there_is_one(
    folder: PlanFolder,
) -> None:
    pdf, crt = folder.pdf("v1"), folder.certificates / "authority-1.crt"
    alone = grown_pdf(folder, {pdf: b"pdf"})
    assert alone.model_dump() == {"pdf": file("v1/action-plan-v1.pdf", b"pdf")}
    both = grown_pdf(folder, {pdf: b"pdf", crt: b"crt"})
    assert both.crt == file_record(folder, crt, b"crt")


def test_readers_work_beside_each_other_and_wait_for_whoever_writes(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path)
    waited: list[str] = []
    with lock_for_reading(folder, lambda: waited.append("nobody is there")):
        assert not folder.output.exists()
    with lock_folder(folder, lambda: None):
        pass
    with (
        lock_for_reading(folder, lambda: waited.append("1")),
        lock_for_reading(folder, lambda: waited.append("2")),
    ):
        writer = threading.Thread(target=_hold, args=(folder, lambda: waited.append("writer")))
        writer.start()
        while not waited:
            time.sleep(0.01)
        assert writer.is_alive()
    writer.join()
    assert waited == ["writer"]


def test_a_reader_finishes_what_was_interrupted_first(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path)
    (folder.output / ".staged/v1").mkdir(parents=True)
    with lock_for_reading(folder, lambda: None):
        assert not is_unfinished(folder)


def _hold(folder: PlanFolder, waiting: Callable[[], None]) -> None:
    with lock_folder(folder, waiting):
        pass
