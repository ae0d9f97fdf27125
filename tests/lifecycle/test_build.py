"""`make plan` on the real plan: what it makes, what it leaves alone, and what being killed does."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from signed_plan.commands.screen import Screen
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode, TemplateError
from signed_plan.libreoffice.word_file import WordFile
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version
from signed_plan.register.chain import read
from signed_plan.register.publish import recover
from signed_plan.verify.verify import verify

from tests.helpers import REPO, VERSIONS, copy_plan, edit, run_plan
from tests.register.sample_events import enter, last_record, records

pytestmark = pytest.mark.slow("builds and signs many times")

KILLS = 15


def files(folder: PlanFolder) -> dict[str, str]:
    return {
        path.name: Digest.of_file(path).hex
        for version in VERSIONS
        for path in (folder.docx(version), folder.pdf(version))
    }


def snapshot(folder: PlanFolder) -> dict[str, tuple[int, int]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.root.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@pytest.mark.quick
def test_both_versions_and_the_register_are_made(built_once: PlanFolder) -> None:
    made = sorted(
        path.relative_to(built_once.output).as_posix()
        for path in built_once.output.rglob("*")
        if path.is_file()
    )
    assert made == [
        ".lock",
        "2017-07/action-plan-2017-07.docx",
        "2017-07/action-plan-2017-07.pdf",
        "2017-11/action-plan-2017-11.docx",
        "2017-11/action-plan-2017-11.pdf",
        "register.jsonl",
    ]


@pytest.mark.quick
def test_the_entry_says_what_was_built_from_what_and_with_what(built_once: PlanFolder) -> None:
    july, november = records(read(built_once.register))
    assert (july["seq"], july["event"], july["version"]) == (1, "built", "2017-07")
    assert november["supersedes"] == {"version": "2017-07", "fingerprint": july["fingerprint"]}
    assert sorted(november["sources"]) == sorted(
        p.name for p in (built_once.source / "2017-11").iterdir()
    )
    assert sorted(november["templates"]) == ["plan.docx", "signoff.docx"]
    assert len(november["areas"]) == 10
    for kind, path in (("docx", built_once.docx("2017-11")), ("pdf", built_once.pdf("2017-11"))):
        recorded = november["outputs"][kind]
        assert recorded["file"] == path.relative_to(built_once.output).as_posix()
        assert recorded["sha256"] == Digest.of_file(path).hex
        assert recorded["size"] == path.stat().st_size
    assert november["outputs"]["pdf"]["pages"] == 8
    assert november["tools"]["libreoffice"].startswith("LibreOffice ")
    assert november["tools"]["converter"] == "LibreOfficeKit"
    assert "Carlito-Regular.ttf" in november["tools"]["fonts"]


@pytest.mark.quick
def test_a_second_build_adds_nothing_and_touches_no_file(built_plan: PlanFolder) -> None:
    before = snapshot(built_plan)
    done = run_plan(built_plan, "build")
    assert done.returncode == 0
    assert done.stdout.count("up to date") == 2
    assert snapshot(built_plan) == before


def test_another_folder_home_time_zone_and_language_give_the_same_bytes(
    built_once: PlanFolder, tmp_path: Path
) -> None:
    home = tmp_path / "another home"
    home.mkdir()
    folder = copy_plan(tmp_path / "Fürth & Söhne")
    env = {**os.environ, "HOME": str(home), "TZ": "Pacific/Auckland", "LC_ALL": "C"}
    env.pop("LANG", None)
    done = run_plan(folder, "build", env=env)
    assert done.returncode == 0, done.stderr
    assert files(folder) == files(built_once)


def test_only_what_changed_is_built_and_entered(built_plan: PlanFolder) -> None:
    before = files(built_plan)
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    assert run_plan(built_plan, "build").returncode == 0
    after = files(built_plan)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"action-plan-2017-11.docx", "action-plan-2017-11.pdf"}
    assert [event["version"] for event in records(read(built_plan.register))] == [
        *VERSIONS,
        "2017-11",
    ]
    assert verify(built_plan).holds


def test_a_file_that_is_gone_is_made_again_without_a_new_entry(built_plan: PlanFolder) -> None:
    before, register = files(built_plan), built_plan.register.read_bytes()
    built_plan.pdf("2017-11").unlink()
    assert run_plan(built_plan, "build").returncode == 0
    assert files(built_plan) == before
    assert built_plan.register.read_bytes() == register


def test_a_word_file_changed_by_hand_is_kept_beside_the_new_one(built_plan: PlanFolder) -> None:
    built_plan.docx("2017-11").write_bytes(b"saved again in Word")
    done = run_plan(built_plan, "build")
    (kept,) = (built_plan.output / "2017-11").glob("*-changed-*.docx")
    assert kept.read_bytes() == b"saved again in Word"
    assert f"the older file is kept as output/2017-11/{kept.name}" in done.stdout


def test_a_signed_pdf_is_never_replaced_by_an_unsigned_one(built_plan: PlanFolder) -> None:
    path = built_plan.pdf("2017-11")
    signed = path.read_bytes() + b"1 0 obj null endobj\n%%EOF\n"
    path.write_bytes(signed)
    done = run_plan(built_plan, "build")
    assert "up to date" in done.stdout
    assert "(its PDF was filled in since)" in done.stdout
    assert path.read_bytes() == signed
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    assert run_plan(built_plan, "build").returncode == 0
    (kept,) = path.parent.glob("*-changed-*.pdf")
    assert kept.read_bytes() == signed


def test_the_files_of_july_are_kept_when_its_words_change_after_november_was_built(
    built_plan: PlanFolder,
) -> None:
    before = built_plan.pdf("2017-07").read_bytes()
    edit(built_plan.source / "2017-07/people.yaml", "Kevin Snow", "Kevin Snowe")
    done = run_plan(built_plan, "build")
    assert "since a later version was built on it" in done.stdout
    (kept,) = built_plan.pdf("2017-07").parent.glob("*-was-*.pdf")
    assert kept.read_bytes() == before


@pytest.mark.quick
def test_a_template_saved_in_the_midst_of_a_build_is_not_recorded_as_used(
    built_plan: PlanFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from signed_plan.document import recipe, render
    from signed_plan.lifecycle.build import build

    own = built_plan.root / "templates/plan.docx"
    own.parent.mkdir()
    shutil.copy(built_plan.template("plan.docx"), own)
    filled_in = render.render_signoff

    def save_then_fill_in(version: Version, template: Path) -> WordFile:
        own.write_bytes(own.read_bytes() + b"\0")
        return filled_in(version, template)

    monkeypatch.setattr(recipe, "render_signoff", save_then_fill_in)
    before = files(built_plan)
    with pytest.raises(TemplateError, match="was saved while it was being filled in"):
        build(built_plan, (), Screen().stage, lambda: None, force=True)
    assert files(built_plan) == before


@pytest.mark.quick
def test_a_frozen_version_is_refused_and_nothing_changes(built_plan: PlanFolder) -> None:
    enter(read(built_plan.register), "issued", "2017-11").save()
    edit(built_plan.source / "2017-11/people.yaml", "Kevin Snow", "Kevin Snowe")
    before = snapshot(built_plan)
    done = run_plan(built_plan, "build")
    assert done.returncode == ExitCode.FROZEN
    assert "plan new NAME --from 2017-11" in done.stderr
    assert snapshot(built_plan) == before


def test_two_builds_at_once_one_waits_and_both_succeed(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    words = [sys.executable, "-m", "signed_plan.cli", "build", "-C", str(folder.root)]
    both = [
        subprocess.Popen(words, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sum("Waiting for it to finish" in text for text in said) == 1
    assert sorted(text.count("up to date") for text in said) == [0, 2]
    assert len(records(read(folder.register))) == 2


def test_the_folder_s_own_template_is_used(built_plan: PlanFolder) -> None:
    from docx import Document

    own = built_plan.root / "templates/plan.docx"
    own.parent.mkdir()
    template = Document(str(built_plan.template("plan.docx")))
    template.paragraphs[0].add_run(" of our own")
    template.save(str(own))
    assert run_plan(built_plan, "build", "2017-07").returncode == 0
    made = Document(str(built_plan.docx("2017-07")))
    assert made.paragraphs[0].text == "Collaboration Action Plan of our own"


def test_make_plan_in_a_copy_of_the_checkout_gives_the_same_bytes(
    built_once: PlanFolder, tmp_path: Path
) -> None:
    """The set-up itself is that of the run, so that the test needs no network."""
    copy = PlanFolder(tmp_path / "a clone of it")
    for name in ("pipeline", "source", "templates", "tools"):
        shutil.copytree(REPO / name, copy.root / name)
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(REPO / name, copy.root)
    (copy.root / ".venv").symlink_to(REPO / ".venv")
    done = subprocess.run(
        ["make", "plan"], cwd=copy.root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert files(copy) == files(built_once)
    assert done.stdout.endswith(
        "Next: open output/2017-11/action-plan-2017-11.pdf, or run: plan verify\n"
    )


def test_templates_that_were_opened_and_saved_again_still_give_the_same_document(
    built_plan: PlanFolder,
) -> None:
    """Saved by LibreOffice, which rewrites every part of the file, as Word does."""
    shipped = [str(built_plan.template(name)) for name in ("plan.docx", "signoff.docx")]
    profile = (built_plan.root / "profile").as_uri()
    own = str(built_plan.root / "templates")
    words = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "docx"]
    subprocess.run([*words, "--outdir", own, *shipped], check=True, capture_output=True)
    before = [page_words(built_plan.pdf(version)) for version in VERSIONS]
    done = run_plan(built_plan, "build")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("the template plan.docx was changed") == 2
    assert [page_words(built_plan.pdf(version)) for version in VERSIONS] == before
    names = zipfile.ZipFile(built_plan.docx("2017-11")).namelist()
    assert len(names) == len(set(names))


def page_words(pdf: Path) -> list[list[str]]:
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    return [page.split() for page in done.stdout.split("\f")]


def test_killed_at_random_moments_it_leaves_the_old_or_the_new_version_whole(
    built_plan: PlanFolder,
) -> None:
    chance = random.Random(2017)
    started = time.monotonic()
    run_plan(built_plan, "build", "2017-07", "--force")
    usual = time.monotonic() - started
    name = "Kevin Snow"
    for kill in range(KILLS):
        edit(built_plan.source / "2017-07/people.yaml", f"name: {name}", f"name: Kevin Snow {kill}")
        name = f"Kevin Snow {kill}"
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "signed_plan.cli",
                "build",
                "2017-07",
                "-C",
                str(built_plan.root),
            ],
            cwd=REPO,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0, usual))
        process.send_signal(signal.SIGKILL)
        process.wait()
        recover(built_plan)
        built = last_record(read(built_plan.register), "built", "2017-07")
        assert built is not None
        for kind, path in (
            ("docx", built_plan.docx("2017-07")),
            ("pdf", built_plan.pdf("2017-07")),
        ):
            assert Digest.of_file(path).hex == built["outputs"][kind]["sha256"], f"kill {kill}"
    deadline = time.monotonic() + 30
    while processes_in(built_plan.output / ".work") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_in(built_plan.output / ".work") == []
    assert run_plan(built_plan, "build").returncode == 0
    assert verify(built_plan).holds


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_it_says_so_and_leaves_no_process_behind(
    tmp_path: Path, sent: signal.Signals
) -> None:
    folder = copy_plan(tmp_path)
    scratch = folder.output / ".work"
    process = subprocess.Popen(
        [sys.executable, "-m", "signed_plan.cli", "build", "-C", str(folder.root)],
        cwd=REPO,
        # A run in the background may have been told to ignore Ctrl-C; a clerk's terminal is not.
        preexec_fn=lambda: signal.signal(sent, signal.SIG_DFL),  # noqa: PLW1509
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not processes_in(scratch):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(sent)
    _, said = process.communicate(timeout=30)
    assert process.returncode == ExitCode.INTERRUPTED
    assert said.strip().startswith("plan: Interrupted.")
    # One that was only being started ends by itself when it finds itself alone.
    deadline = time.monotonic() + 20
    while processes_in(scratch) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes_in(scratch) == []
    assert list(scratch.iterdir()) == []


def processes_in(scratch: Path) -> list[str]:
    """The command lines of all processes that were started with that folder for their profile."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{scratch}/signed-plan-" in words:
            found.append(words)
    return found
