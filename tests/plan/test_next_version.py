"""`plan new`: the next version is the older one word for word, linked to it."""

from __future__ import annotations

import difflib
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from signed_plan.errors import SourceError, UsageError
from signed_plan.paths import SCHEMA_FILE, PlanFolder
from signed_plan.plan.next_version import start_version
from signed_plan.plan.source import load, source_files, version_names

from tests.helpers import REPO, copy_plan, edit
from tests.plan.helpers import (
    SMALL,
    SMALL_FILES,
    every_file,
    every_id,
    load_one,
    small_plan,
    source_file,
    write_version,
)

slow = pytest.mark.slow("kills the command at many moments")


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that were taken away and put in, with - and + before them."""
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


def test_a_new_version_has_every_word_and_id_of_the_one_before(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)

    assert start_version(folder, "2018-03", None) == "2017-11"

    november, new = load_one(folder, "2017-11"), load_one(folder, "2018-03")
    assert every_id(new) == every_id(november)
    changed = {"version": "2018-03", "supersedes": "2017-11"}
    assert new.plan.content() == november.plan.content() | changed
    assert new.superseded == november


def test_every_review_of_a_new_version_is_history(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    start_version(folder, "2018-03", None)

    new = load_one(folder, "2018-03")
    assert [review.version for review in new.plan.reviews] == ["2017-07", "2017-11", "2017-11"]
    assert new.plan.open_reviews == ()


@pytest.mark.parametrize("older", ["2017-07", "2017-11"])
def test_a_new_version_keeps_comments_and_layout(tmp_path: Path, older: str) -> None:
    folder = copy_plan(tmp_path)
    start_version(folder, "2018-03", older)

    names = sorted(path.name for path in (folder.source / older).iterdir())
    assert sorted(path.name for path in (folder.source / "2018-03").iterdir()) == names
    for name in names:
        before = source_file(folder, name, older).read_text(encoding="utf-8")
        after = source_file(folder, name, "2018-03").read_text(encoding="utf-8")
        if name != "plan.yaml":
            assert after == before
        elif older == "2017-11":
            assert set(changed_lines(before, after)) == {
                '- version: "2017-11"',
                '+ version: "2018-03"',
                '- supersedes: "2017-07"',
                '+ supersedes: "2017-11"',
            }
        else:
            assert changed_lines(before, after) == [
                '- version: "2017-07"',
                '+ version: "2018-03"',
                '+ supersedes: "2017-07"',
            ]


def test_a_new_version_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    before = every_file(folder)
    start_version(folder, "2018-03", None)

    after = every_file(folder)
    assert {path: after[path] for path in before} == before
    assert {path.split("/")[1] for path in after.keys() - before.keys()} == {"2018-03"}


def test_a_new_version_may_be_begun_from_any_version(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)

    assert start_version(folder, "2018-03", "2017-07") == "2017-07"
    superseded = load_one(folder, "2018-03").superseded
    assert superseded is not None
    assert superseded.name == "2017-07"


@pytest.mark.parametrize(
    ("old", "written"),
    [
        ('version: "2018-03"', "version: 2018-03"),
        ('version: "2018-03"', "version: '2018-03'   # the spring one"),
        ('version: "2018-03"', "version:    2018-03 # the spring one"),
        ('version: "2018-03"\n', "# first\nversion: 2018-03\nsupersedes: 2017-01 # a note\n"),
        ('version: "2018-03"\n', "supersedes: '2017-01'\nversion: '2018-03'\n"),
    ],
)
def test_the_lines_of_version_and_supersedes_keep_their_comments(
    folder: PlanFolder, old: str, written: str
) -> None:
    if "supersedes" in written:
        older = {**SMALL_FILES}
        older["plan.yaml"] = older["plan.yaml"].replace(SMALL, "2017-01")
        older["reviews.yaml"] = older["reviews.yaml"].replace(SMALL, "2017-01")
        write_version(folder, "2017-01", older)
    edit(source_file(folder, "plan.yaml"), old, written)

    start_version(folder, "2018-09", SMALL)

    new = load_one(folder, "2018-09").plan
    assert (new.version, new.supersedes) == ("2018-09", SMALL)
    before = source_file(folder, "plan.yaml").read_text(encoding="utf-8")
    after = source_file(folder, "plan.yaml", "2018-09").read_text(encoding="utf-8")
    assert re.findall("#.*", after) == re.findall("#.*", before)


def test_supersedes_may_stand_in_another_file_than_version(folder: PlanFolder) -> None:
    start_version(folder, "2018-06", SMALL)
    edit(source_file(folder, "plan.yaml", "2018-06"), f'supersedes: "{SMALL}"\n', "")
    source_file(folder, "chain.yaml", "2018-06").write_text(
        f"supersedes: {SMALL}\n", encoding="utf-8"
    )

    start_version(folder, "2018-09", "2018-06")

    assert load_one(folder, "2018-09").plan.supersedes == "2018-06"
    chain = source_file(folder, "chain.yaml", "2018-09").read_text(encoding="utf-8")
    assert chain == 'supersedes: "2018-06"\n'


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_new_version_keeps_line_ends_and_the_mark_of_a_file(
    folder: PlanFolder, line_end: str, mark: str
) -> None:
    for name, source in SMALL_FILES.items():
        source_file(folder, name).write_bytes((mark + source.replace("\n", line_end)).encode())

    start_version(folder, "2018-09", SMALL)

    assert load_one(folder, "2018-09").plan.supersedes == SMALL
    for name, source in SMALL_FILES.items():
        chain = f'version: "2018-09"\nsupersedes: "{SMALL}"'
        changed = source.replace(f'version: "{SMALL}"', chain) if name == "plan.yaml" else source
        expected = (mark + changed.replace("\n", line_end)).encode()
        assert source_file(folder, name, "2018-09").read_bytes() == expected


@pytest.mark.parametrize(
    "written", ["version: >-\n  2018-03", '"version": "2018-03"', '? version\n: "2018-03"']
)
def test_a_version_line_that_cannot_be_changed_safely_is_refused_at_its_place(
    folder: PlanFolder, written: str
) -> None:
    edit(source_file(folder, "plan.yaml"), 'version: "2018-03"', written)
    load(folder)
    before = every_file(folder)

    with pytest.raises(SourceError) as caught:
        start_version(folder, "2018-09", None)

    (problem,) = caught.value.problems
    assert problem.file == f"source/{SMALL}/plan.yaml"
    assert "version:" in problem.remedy
    assert every_file(folder) == before


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "2018-09.", "_x", "x" * 41, "a b"])
def test_a_new_version_with_a_bad_name_is_refused(folder: PlanFolder, name: str) -> None:
    before = every_file(folder)

    with pytest.raises(UsageError, match="cannot be the name of a version"):
        start_version(folder, name, None)
    assert every_file(folder) == before


@pytest.mark.parametrize("taken", ["version", "folder", "file", "link"])
def test_a_new_version_with_a_taken_name_is_refused(folder: PlanFolder, taken: str) -> None:
    target = folder.source / "2018-09"
    if taken == "version":
        start_version(folder, "2018-09", None)
    elif taken == "folder":
        target.mkdir()
    elif taken == "file":
        target.write_text("", encoding="utf-8")
    else:
        target.symlink_to("nowhere")
    before = every_file(folder)

    with pytest.raises(UsageError, match="There is a version 2018-09 already"):
        start_version(folder, "2018-09", SMALL)
    assert every_file(folder) == before


@pytest.mark.parametrize("older", ["2017-01", "../x", ""])
def test_a_new_version_of_an_unknown_one_is_refused(folder: PlanFolder, older: str) -> None:
    with pytest.raises(SourceError, match="1 problem in the sources"):
        start_version(folder, "2018-09", older)
    assert version_names(folder) == [SMALL]


def test_a_new_version_of_one_with_mistakes_is_refused(folder: PlanFolder) -> None:
    edit(source_file(folder), "Share what works", "''")

    with pytest.raises(SourceError):
        start_version(folder, "2018-09", SMALL)
    assert [path.name for path in folder.source.iterdir()] == [SMALL]


def test_git_is_told_to_leave_the_ends_of_lines_alone(folder: PlanFolder) -> None:
    attributes = folder.source / ".gitattributes"
    start_version(folder, "2018-05", None)
    assert attributes.read_text(encoding="utf-8").endswith("* -text\n")
    attributes.write_text("mine\n")
    start_version(folder, "2018-06", None)
    assert attributes.read_text() == "mine\n"


def test_a_new_version_brings_the_schema_that_its_files_name(folder: PlanFolder) -> None:
    start_version(folder, "2018-09", None)

    assert (folder.source / SCHEMA_FILE).is_file()


def test_a_copy_that_fails_leaves_nothing_behind(folder: PlanFolder) -> None:
    source_file(folder, f"{'é' * 124}.yaml").write_text(
        "# no room for a temporary name\n", encoding="utf-8"
    )

    with pytest.raises(OSError, match="File name too long"):
        start_version(folder, "2018-09", None)
    assert [path.name for path in folder.source.iterdir()] == [SMALL]


COPY = (
    "import sys; from pathlib import Path; from signed_plan.paths import PlanFolder; "
    "from signed_plan.plan.next_version import start_version; "
    "start_version(PlanFolder(Path(sys.argv[1])), '2018-09', None)"
)


@slow
@pytest.mark.parametrize("copied", [0, 1, 40, 200])
def test_a_copy_that_is_killed_leaves_no_half_version(folder: PlanFolder, copied: int) -> None:
    for number in range(400):
        source_file(folder, f"more-{number}.yaml").write_text(f"# {number}\n", encoding="utf-8")
    whole = len(source_files(folder, SMALL))

    process = subprocess.Popen([sys.executable, "-c", COPY, str(folder.root)], cwd=REPO)
    while process.poll() is None:
        drafts = [path for path in folder.source.iterdir() if path.name != SMALL]
        if drafts and any(len(list(draft.glob("*"))) >= copied for draft in drafts):
            break
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()

    for version in load(folder):
        assert len(version.files) == whole
    if "2018-09" not in version_names(folder):
        start_version(folder, "2018-09", None)
    assert load_one(folder, "2018-09").plan.supersedes == SMALL
