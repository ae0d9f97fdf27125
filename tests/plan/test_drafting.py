from __future__ import annotations

import difflib
import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_plan.errors import SourceError, UsageError
from signed_plan.paths import SCHEMA_FILE, SETTINGS_SCHEMA_FILE, PlanFolder
from signed_plan.plan.drafting import new_version, write_ids, write_schema
from signed_plan.plan.model import ID_PATTERN, MAX_ID, json_schema
from signed_plan.plan.settings import settings_schema
from signed_plan.plan.source import Version, load, source_files, version_names

from tests.helpers import REPO, copy_plan, edit
from tests.plan.helpers import SMALL, SMALL_FILES, UNTIMED, load_one, small_plan, write_version


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def file(folder: PlanFolder, name: str = "areas.yaml", version: str = SMALL) -> Path:
    return folder.source / version / name


def every_file(folder: PlanFolder) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder.root)): path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file()
    }


def ids(version: Version) -> list[str]:
    """Every id of a version, in order."""
    plan = version.plan
    return [
        *(school.id for school in plan.schools),
        *(person.id for person in plan.people),
        *(area.id for area in plan.areas),
        *(review.id for review in plan.reviews),
        *(block.id for area in plan.areas for block in area.blocks),
    ]


def changed_lines(before: str, after: str) -> list[str]:
    """The lines that were taken away and put in, with - and + before them."""
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


# plan new


def test_a_new_version_has_every_word_and_id_of_the_one_before(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)

    assert new_version(folder, "2018-03", None) == "2017-11"

    november, new = load_one(folder, "2017-11"), load_one(folder, "2018-03")
    assert ids(new) == ids(november)
    changed = {"version": "2018-03", "supersedes": "2017-11"}
    assert new.plan.content() == november.plan.content() | changed
    assert new.superseded == november


def test_every_review_of_a_new_version_is_history(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    new_version(folder, "2018-03", None)

    new = load_one(folder, "2018-03")
    assert [review.version for review in new.plan.reviews] == ["2017-07", "2017-11", "2017-11"]
    assert new.plan.open_reviews == ()


@pytest.mark.parametrize("older", ["2017-07", "2017-11"])
def test_a_new_version_keeps_comments_and_layout(tmp_path: Path, older: str) -> None:
    folder = copy_plan(tmp_path)
    new_version(folder, "2018-03", older)

    names = sorted(path.name for path in (folder.source / older).iterdir())
    assert sorted(path.name for path in (folder.source / "2018-03").iterdir()) == names
    for name in names:
        before = file(folder, name, older).read_text(encoding="utf-8")
        after = file(folder, name, "2018-03").read_text(encoding="utf-8")
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
    new_version(folder, "2018-03", None)

    after = every_file(folder)
    assert {path: after[path] for path in before} == before
    assert {path.split("/")[1] for path in after.keys() - before.keys()} == {"2018-03"}


def test_a_new_version_may_be_begun_from_any_version(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)

    assert new_version(folder, "2018-03", "2017-07") == "2017-07"
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
    edit(file(folder, "plan.yaml"), old, written)

    new_version(folder, "2018-09", SMALL)

    new = load_one(folder, "2018-09").plan
    assert (new.version, new.supersedes) == ("2018-09", SMALL)
    before = file(folder, "plan.yaml").read_text(encoding="utf-8")
    after = file(folder, "plan.yaml", "2018-09").read_text(encoding="utf-8")
    assert re.findall("#.*", after) == re.findall("#.*", before)


def test_supersedes_may_stand_in_another_file_than_version(folder: PlanFolder) -> None:
    new_version(folder, "2018-06", SMALL)
    edit(file(folder, "plan.yaml", "2018-06"), f'supersedes: "{SMALL}"\n', "")
    file(folder, "chain.yaml", "2018-06").write_text(f"supersedes: {SMALL}\n", encoding="utf-8")

    new_version(folder, "2018-09", "2018-06")

    assert load_one(folder, "2018-09").plan.supersedes == "2018-06"
    chain = file(folder, "chain.yaml", "2018-09").read_text(encoding="utf-8")
    assert chain == 'supersedes: "2018-06"\n'


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_new_version_keeps_line_ends_and_the_mark_of_a_file(
    folder: PlanFolder, line_end: str, mark: str
) -> None:
    for name, source in SMALL_FILES.items():
        file(folder, name).write_bytes((mark + source.replace("\n", line_end)).encode())

    new_version(folder, "2018-09", SMALL)

    assert load_one(folder, "2018-09").plan.supersedes == SMALL
    for name, source in SMALL_FILES.items():
        chain = f'version: "2018-09"\nsupersedes: "{SMALL}"'
        changed = source.replace(f'version: "{SMALL}"', chain) if name == "plan.yaml" else source
        expected = (mark + changed.replace("\n", line_end)).encode()
        assert file(folder, name, "2018-09").read_bytes() == expected


@pytest.mark.parametrize(
    "written", ["version: >-\n  2018-03", '"version": "2018-03"', '? version\n: "2018-03"']
)
def test_a_version_line_that_cannot_be_changed_safely_is_refused_at_its_place(
    folder: PlanFolder, written: str
) -> None:
    edit(file(folder, "plan.yaml"), 'version: "2018-03"', written)
    load(folder)
    before = every_file(folder)

    with pytest.raises(SourceError) as caught:
        new_version(folder, "2018-09", None)

    (problem,) = caught.value.problems
    assert problem.file == f"source/{SMALL}/plan.yaml"
    assert "version:" in problem.remedy
    assert every_file(folder) == before


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "..", "2018-09.", "_x", "x" * 41, "a b"])
def test_a_new_version_with_a_bad_name_is_refused(folder: PlanFolder, name: str) -> None:
    before = every_file(folder)

    with pytest.raises(UsageError, match="cannot be the name of a version"):
        new_version(folder, name, None)
    assert every_file(folder) == before


@pytest.mark.parametrize("taken", ["version", "folder", "file", "link"])
def test_a_new_version_with_a_taken_name_is_refused(folder: PlanFolder, taken: str) -> None:
    target = folder.source / "2018-09"
    if taken == "version":
        new_version(folder, "2018-09", None)
    elif taken == "folder":
        target.mkdir()
    elif taken == "file":
        target.write_text("", encoding="utf-8")
    else:
        target.symlink_to("nowhere")
    before = every_file(folder)

    with pytest.raises(UsageError, match="There is a version 2018-09 already"):
        new_version(folder, "2018-09", SMALL)
    assert every_file(folder) == before


@pytest.mark.parametrize("older", ["2017-01", "../x", ""])
def test_a_new_version_of_an_unknown_one_is_refused(folder: PlanFolder, older: str) -> None:
    with pytest.raises(SourceError, match="1 problem in the sources"):
        new_version(folder, "2018-09", older)
    assert version_names(folder) == [SMALL]


def test_a_new_version_of_one_with_mistakes_is_refused(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "''")

    with pytest.raises(SourceError):
        new_version(folder, "2018-09", SMALL)
    assert [path.name for path in folder.source.iterdir()] == [SMALL]


def test_a_new_version_brings_the_schema_that_its_files_name(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", None)

    assert (folder.source / SCHEMA_FILE).is_file()


def test_a_copy_that_fails_leaves_nothing_behind(folder: PlanFolder) -> None:
    file(folder, f"{'x' * 250}.yaml").write_text(
        "# no room for a temporary name\n", encoding="utf-8"
    )

    with pytest.raises(OSError, match="File name too long"):
        new_version(folder, "2018-09", None)
    assert [path.name for path in folder.source.iterdir()] == [SMALL]


COPY = (
    "import sys; from pathlib import Path; from signed_plan.paths import PlanFolder; "
    "from signed_plan.plan.drafting import new_version; "
    "new_version(PlanFolder(Path(sys.argv[1])), '2018-09', None)"
)


@pytest.mark.parametrize("copied", [0, 1, 40, 200])
def test_a_copy_that_is_killed_leaves_no_half_version(folder: PlanFolder, copied: int) -> None:
    for number in range(400):
        file(folder, f"more-{number}.yaml").write_text(f"# {number}\n", encoding="utf-8")
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
        new_version(folder, "2018-09", None)
    assert load_one(folder, "2018-09").plan.supersedes == SMALL


# plan ids


def without(source: str, *names: str) -> str:
    """The text of a source file without the lines of some of its ids."""
    for name in names:
        source, count = re.subn(rf"^( *- )id: {name}\n +", r"\1", source, flags=re.MULTILINE)
        assert count == 1, name
    return source


def test_ids_are_written_only_where_they_are_missing(folder: PlanFolder) -> None:
    source = SMALL_FILES["areas.yaml"]
    file(folder).write_text(without(source, "staff-meet", "parents"), encoding="utf-8")

    assert write_ids(folder) == {SMALL: ["staff-meet-term", "parents"]}

    expected = source.replace("id: staff-meet", "id: staff-meet-term")
    assert file(folder).read_text(encoding="utf-8") == expected
    assert load_one(folder).name == SMALL


def test_every_kind_of_entry_is_given_an_id_of_its_words(folder: PlanFolder) -> None:
    for name, source in SMALL_FILES.items():
        bare = re.sub(r"^( *- )id: [a-z-]+\n +", r"\1", source, flags=re.MULTILINE)
        bare = bare.replace("school: north", "school: north-school")
        bare = bare.replace("school: south", "school: south-school")
        bare = bare.replace("- ann\n", "- ann-lee\n").replace("- bob\n", "- bob-ray\n")
        file(folder, name).write_text(bare, encoding="utf-8")

    write_ids(folder)

    assert ids(load_one(folder)) == [
        *("north-school", "south-school", "ann-lee", "bob-ray", "staff", "parents"),
        *("spring-review", "staff-share-what-works", "staff-autumn", "staff-meet-term"),
        *("staff-tour-school", "staff-more-skill", "staff-done-twice"),
        *("parents-inform", "parents-letter-sent"),
    ]


FLOW = """\
areas:
  - {name: Staff, links: [1, 2], key: [{bullet: Share}, {id: kept, bullet: Meet}, {bullet: Tour}],
     actions: [], outcome: [], impact: [{paragraph: Done}]}  # a comment
"""


def test_ids_are_written_into_braces(folder: PlanFolder) -> None:
    file(folder).write_text(FLOW, encoding="utf-8")

    assert write_ids(folder) == {SMALL: ["staff", "staff-share", "staff-tour", "staff-done"]}

    written = file(folder).read_text(encoding="utf-8")
    assert written == (
        FLOW.replace("{name: Staff", "{id: staff, name: Staff")
        .replace("{bullet: Share", "{id: staff-share, bullet: Share")
        .replace("{bullet: Tour", "{id: staff-tour, bullet: Tour")
        .replace("{paragraph: Done", "{id: staff-done, paragraph: Done")
    )
    assert load_one(folder).name == SMALL


ODD = """\
# A comment

areas:

-   # before the name
    name:   Staff   # after it
    links: [2,   1]
    key:
    -   bullet: >-
          Share – what

          works
        # the end
    -
      'paragraph': "é: {x}"
    actions: [ ]
    outcome: []
    impact:
      - bullet : Done"""


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_other_byte_is_kept(folder: PlanFolder, line_end: str, mark: str) -> None:
    source = (mark + ODD.replace("\n", line_end)).encode()
    file(folder).write_bytes(source)

    (given,) = write_ids(folder).values()

    written = file(folder).read_bytes()
    for new in given:
        written, count = re.subn(rb"id: %b(\r?\n) *" % new.encode(), b"", written)
        assert count == 1
    assert written == source
    assert len(given) == 4


def test_ids_are_written_once(folder: PlanFolder) -> None:
    source = re.sub(r"id: [a-z-]+\n +", "", SMALL_FILES["areas.yaml"])
    file(folder).write_text(source, encoding="utf-8")
    (first,) = write_ids(folder).values()
    before = every_file(folder)

    assert write_ids(folder) == {SMALL: []}
    assert len(first) == 10
    assert every_file(folder) == before


def test_a_version_with_every_id_is_not_touched(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)
    before = {path: path.stat().st_ino for path in folder.source.rglob("*")}

    assert write_ids(folder) == {"2017-07": [], "2017-11": []}
    assert {path: path.stat().st_ino for path in folder.source.rglob("*")} == before


def test_ids_are_written_only_into_the_versions_that_are_named(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", SMALL)
    for version in (SMALL, "2018-09"):
        edit(file(folder, version=version), "id: staff-share\n        ", "")
    before = file(folder).read_bytes()

    assert list(write_ids(folder, ("2018-09",))) == ["2018-09"]
    assert file(folder).read_bytes() == before


def test_an_id_that_any_version_uses_is_not_given_again(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", SMALL)
    edit(file(folder), "id: staff-share\n", "id: staff-new-entry\n")
    edit(
        file(folder, version="2018-09"),
        "    impact:\n      - id: staff-done\n",
        "    impact:\n      - bullet: A new entry\n      - bullet: New entry\n"
        "      - id: staff-done\n",
    )

    assert write_ids(folder) == {SMALL: [], "2018-09": ["staff-new-entry-2", "staff-new-entry-3"]}


def test_an_id_given_in_one_version_is_not_given_to_other_words_of_another(
    folder: PlanFolder,
) -> None:
    new_version(folder, "2018-09", SMALL)
    for version, end in ((SMALL, "this spring"), ("2018-09", "next autumn")):
        edit(
            file(folder, version=version),
            "    impact:\n      - id: staff-done\n",
            f"    impact:\n      - bullet: Joint learning walks take place {end}\n"
            "      - id: staff-done\n",
        )

    assert write_ids(folder) == {
        SMALL: ["staff-joint-learning-walks-take"],
        "2018-09": ["staff-joint-learning-walks-take-2"],
    }


def test_the_same_new_words_in_two_versions_are_given_the_same_id(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", SMALL)
    for version in (SMALL, "2018-09"):
        edit(
            file(folder, version=version),
            "    impact:\n      - id: staff-done\n",
            "    impact:\n      - bullet: One entry\n      - bullet: One entry\n"
            "      - id: staff-done\n",
        )

    given = write_ids(folder)
    assert given[SMALL] == given["2018-09"] == ["staff-one-entry", "staff-one-entry-2"]
    assert len(load(folder)) == 2


def test_an_id_that_stands_is_kept_whatever_becomes_of_the_words(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "Quite other words")

    assert write_ids(folder) == {SMALL: []}
    assert load_one(folder).plan.areas[0].key[0].id == "staff-share"


def test_an_entry_of_the_wrong_shape_does_not_shift_the_others(folder: PlanFolder) -> None:
    before = "    key:\n      - A bare text\n      - bullet: Share\n"
    edit(
        file(folder),
        "    key:\n      - id: staff-share\n        paragraph: Share what works\n",
        before,
    )

    write_ids(folder)

    after = before.replace("- bullet", "- id: staff-share\n        bullet")
    assert after in file(folder).read_text(encoding="utf-8")


def test_an_entry_with_no_room_for_an_id_is_refused_at_its_place(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", SMALL)
    edit(file(folder), "id: staff-share\n        ", "")
    edit(file(folder, version="2018-09"), "    actions: []", "    actions: [bullet: a, bullet: b]")
    before = every_file(folder)

    with pytest.raises(SourceError) as caught:
        write_ids(folder)

    assert [problem.place for problem in caught.value.problems] == [
        "source/2018-09/areas.yaml:27:15",
        "source/2018-09/areas.yaml:27:26",
    ]
    assert every_file(folder) == before


def test_no_id_is_written_where_a_version_cannot_be_read(folder: PlanFolder) -> None:
    new_version(folder, "2018-09", SMALL)
    edit(file(folder, version="2018-09"), "id: staff-share\n        ", "")
    edit(file(folder), "Share what works", "Share: what works")
    before = every_file(folder)

    with pytest.raises(SourceError) as caught:
        write_ids(folder, ("2018-09",))

    assert [problem.place for problem in caught.value.problems] == [
        f"source/{SMALL}/areas.yaml:7:25"
    ]
    assert every_file(folder) == before


def test_ids_for_an_unknown_version_are_refused_before_anything_is_written(
    folder: PlanFolder,
) -> None:
    edit(file(folder), "id: staff-share\n        ", "")
    before = every_file(folder)

    with pytest.raises(UsageError, match='There is no version "2019"'):
        write_ids(folder, (SMALL, "2019"))
    assert every_file(folder) == before


@settings(UNTIMED, max_examples=50)
@given(
    st.lists(
        st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1),
        min_size=1,
        max_size=5,
    )
)
def test_whatever_the_words_an_id_is_an_id_and_no_word_is_changed(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    folder = small_plan(tmp_path_factory.mktemp("ids"))
    data = yaml.load(SMALL_FILES["areas.yaml"], Loader=yaml.BaseLoader)
    data["areas"][0]["key"] = [{"bullet": one} for one in words]
    file(folder).write_text(json.dumps(data), encoding="utf-8")
    before = yaml.load(file(folder).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

    (given,) = write_ids(folder).values()

    after = yaml.load(file(folder).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    made = [block.pop("id") for block in after["areas"][0]["key"]]
    assert made == given
    assert after == before
    assert len(set(made)) == len(words)
    assert all(re.fullmatch(ID_PATTERN, one) and len(one) <= MAX_ID for one in made)


# plan schema


SCHEMAS = {SCHEMA_FILE: json_schema, SETTINGS_SCHEMA_FILE: settings_schema}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schema_of_this_repository_is_current_to_the_byte(tmp_path: Path, name: str) -> None:
    folder = copy_plan(tmp_path)
    before = (folder.source / name).read_bytes()

    write_schema(folder)

    assert (folder.source / name).read_bytes() == before


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_that_is_not_current_is_written_anew(folder: PlanFolder, name: str) -> None:
    (folder.source / name).write_text("{}", encoding="utf-8")

    assert write_schema(folder) == folder.source / SCHEMA_FILE
    assert json.loads((folder.source / name).read_text(encoding="utf-8")) == SCHEMAS[name]()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_current_schema_is_not_touched(folder: PlanFolder, name: str) -> None:
    write_schema(folder)
    before = (folder.source / name).stat().st_ino

    write_schema(folder)

    assert (folder.source / name).stat().st_ino == before
