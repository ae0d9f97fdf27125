from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from signed_plan.digest import Digest
from signed_plan.errors import SourceError
from signed_plan.paths import PlanFolder
from signed_plan.plan import text
from signed_plan.plan.advice import advise
from signed_plan.plan.slips import LIST_MARKS
from signed_plan.plan.source import (
    MAX_FILE_BYTES,
    Predecessor,
    Sources,
    Version,
    load,
    load_after,
    version_names,
)

from tests.helpers import copy_plan, edit
from tests.plan.helpers import (
    SMALL,
    SMALL_FILES,
    UNTIMED,
    load_one,
    only_problem,
    problems,
    real_plan,
    small_data,
    small_plan,
    write_version,
)

slow = pytest.mark.slow("tries many made-up texts")


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def file(folder: PlanFolder, name: str = "areas.yaml", version: str = SMALL) -> Path:
    return folder.source / version / name


def next_version(
    folder: PlanFolder, name: str = "2018-09", older: str = SMALL, **changed: str
) -> Path:
    """Writes a version that supersedes another, with the same content but for changed words."""
    files = dict(SMALL_FILES)
    files["plan.yaml"] = files["plan.yaml"].replace(
        f'version: "{SMALL}"', f'version: "{name}"\nsupersedes: "{older}"'
    )
    for old, new in changed.items():
        files = {file: text.replace(old, new) for file, text in files.items()}
    return write_version(folder, name, files)


# What is read


def test_the_real_versions_are_read_each_after_the_one_it_supersedes() -> None:
    july, november = load(real_plan())

    assert (july.name, november.name) == ("2017-07", "2017-11")
    assert (july.superseded, november.superseded) == (None, july)


def test_versions_stand_in_the_order_of_superseding_not_of_their_names(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    next_version(folder, "2018-01", SMALL)
    next_version(folder, "2017-12", "2018-01")

    assert [version.name for version in load(folder)] == [SMALL, "2018-01", "2017-12"]


def test_a_version_knows_those_before_it(tmp_path: Path) -> None:
    folder = small_plan(tmp_path)
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2019-01", "2018-09")

    latest = load_one(folder, "2019-01")
    assert [version.name for version in latest.ancestors()] == ["2018-09", SMALL]
    assert latest.holding(SMALL).name == SMALL
    assert latest.holding("2019-01") is latest


def alone(folder: PlanFolder, name: str, target: Path) -> PlanFolder:
    """A folder that holds the sources of that version and no other."""
    shutil.copytree(folder.source / name, target / "source" / name)
    return PlanFolder(target)


def known(version: Version | Predecessor | None) -> Predecessor | None:
    """The version as those know it who have only its name and fingerprint."""
    if version is None:
        return None
    return Predecessor(version.name, version.fingerprint, known(version.superseded))


def test_a_version_is_the_same_where_those_before_it_are_only_known_by_name(tmp_path: Path) -> None:
    july, november = load(real_plan())
    moved = alone(real_plan(), november.name, tmp_path)

    version = load_after(moved, november.name, known(july))
    assert (version.plan, version.files) == (november.plan, november.files)
    assert version.fingerprint == november.fingerprint
    assert version.holding(july.name).fingerprint == july.fingerprint
    assert list(version.ancestors()) == []
    assert "has other words" not in "".join(one.message for one in advise(version))


def test_a_review_may_belong_to_any_version_that_is_known(tmp_path: Path) -> None:
    folder = small_plan(tmp_path / "whole")
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2019-01", "2018-09")
    third = load_one(folder, "2019-01")
    moved = alone(folder, third.name, tmp_path / "alone")

    assert load_after(moved, third.name, known(third.superseded)).fingerprint == third.fingerprint
    assert third.superseded is not None
    lacking = Predecessor("2018-09", third.superseded.fingerprint, None)
    with pytest.raises(SourceError) as caught:
        load_after(moved, third.name, lacking)
    assert "this review belongs to version" in caught.value.problems[0].message


def test_sources_that_supersede_another_version_than_the_known_one_are_refused(
    tmp_path: Path,
) -> None:
    folder = small_plan(tmp_path / "whole")
    next_version(folder, "2018-09", SMALL)
    moved = alone(folder, "2018-09", tmp_path / "alone")

    for other in (None, Predecessor("2018-01", Digest("0" * 64), None)):
        with pytest.raises(SourceError) as caught:
            load_after(moved, "2018-09", other)
        assert f'there is no version "{SMALL}"' in caught.value.problems[0].message


def test_only_the_versions_asked_for_are_given(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path)

    assert [version.name for version in load(folder, ["2017-11"])] == ["2017-11"]
    assert load_one(folder, "2017-11").name == "2017-11"
    with pytest.raises(SourceError):
        load_one(folder, "2019-01")


def test_versions_that_were_read_once_are_not_read_again(tmp_path: Path) -> None:
    sources = Sources(copy_plan(tmp_path / "plan"))
    november = sources.version("2017-11")
    assert sources.version("2017-07") is november.superseded
    assert sources.version("2017-11") is november
    at_hand = Sources(real_plan(), [november])
    assert at_hand.version("2017-11") is november
    assert at_hand.version("2017-07") is november.superseded


def test_a_mistake_in_one_version_is_not_held_against_another(tmp_path: Path) -> None:
    folder = copy_plan(tmp_path / "plan")
    (folder.source / "2017-11/plan.yaml").write_text("title: [\n")
    sources = Sources(folder)
    for _ in range(2):
        with pytest.raises(SourceError) as caught:
            sources.version("2017-11")
        assert {problem.file for problem in caught.value.problems} == {"source/2017-11/plan.yaml"}
        assert sources.version("2017-07").name == "2017-07"
    with pytest.raises(SourceError):
        sources.version("2019-01")


def test_the_files_of_a_version_are_kept_byte_for_byte(folder: PlanFolder) -> None:
    version = load_one(folder)

    assert {file.name: file.data for file in version.files} == {
        name: text.encode() for name, text in SMALL_FILES.items()
    }
    assert version.files[0].digest == Digest.of_file(file(folder, version.files[0].name))


@pytest.mark.parametrize(
    "scalar", ["no", "6:30", "2017-07-11", "010", "1.10", "null", "~", "yes", "0x1F", "1e3", "-5"]
)
def test_a_scalar_stays_the_text_that_was_typed(folder: PlanFolder, scalar: str) -> None:
    edit(file(folder), "paragraph: Share what works", f"paragraph: {scalar}")

    assert load_one(folder).plan.areas[0].key[0].text == scalar


@pytest.mark.parametrize("written", ["2018", "'2018'", '"2018"', ">-\n  2018", "|\n  2018"])
def test_a_year_may_be_written_with_or_without_quotation_marks(
    folder: PlanFolder, written: str
) -> None:
    edit(file(folder, "plan.yaml"), 'period: "2018"', f"period: {written}")

    assert load_one(folder).plan.period == "2018"


def test_texts_are_composed(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "Share Cafe\u0301s")

    assert load_one(folder).plan.areas[0].key[0].text == "Share Caf\u00e9s"


@pytest.mark.parametrize("name", [".hidden.yaml", "notes.txt", "areas.yaml~", "areas.yaml.bak"])
def test_only_yaml_files_in_sight_are_read(folder: PlanFolder, name: str) -> None:
    file(folder, name).write_text("not: [yaml", encoding="utf-8")

    assert len(load_one(folder).files) == len(SMALL_FILES)


def test_a_file_may_end_in_yml(folder: PlanFolder) -> None:
    file(folder).rename(file(folder, "areas.yml"))

    assert load_one(folder).plan.areas[0].id == "staff"


@pytest.mark.parametrize("name", [".git", "_new-draft", "_drafts"])
def test_a_folder_that_begins_with_a_dot_or_an_underscore_is_no_version(
    folder: PlanFolder, name: str
) -> None:
    write_version(folder, name, {"a.yaml": "not: [yaml"})

    assert version_names(folder) == [SMALL]
    assert load_one(folder).name == SMALL


# The fingerprint does not depend on how the sources are laid out


def one_file(folder: PlanFolder) -> None:
    everything = "".join(SMALL_FILES.values())
    for name in SMALL_FILES:
        file(folder, name).unlink()
    file(folder, "all.yaml").write_text(everything, encoding="utf-8")


def one_file_a_key(folder: PlanFolder) -> None:
    for name in SMALL_FILES:
        file(folder, name).unlink()
    for key, value in small_data().items():
        name = f"{key}.yaml"
        file(folder, name).write_text(
            yaml.safe_dump({key: value}, sort_keys=True), encoding="utf-8"
        )


def comments(folder: PlanFolder) -> None:
    for name, source in SMALL_FILES.items():
        lines = [f"{line}\n# a comment\n" for line in source.splitlines()]
        file(folder, name).write_text("# first\n\n" + "".join(lines), encoding="utf-8")


def rewritten(**layout: Any) -> Any:
    """A change of every file by another writer of YAML."""

    def rewrite(folder: PlanFolder) -> None:
        for name, source in SMALL_FILES.items():
            data = yaml.load(source, Loader=yaml.BaseLoader)
            file(folder, name).write_text(yaml.safe_dump(data, **layout), encoding="utf-8")

    return rewrite


def crlf(folder: PlanFolder) -> None:
    for name, source in SMALL_FILES.items():
        file(folder, name).write_bytes(source.replace("\n", "\r\n").encode())


def with_bom(folder: PlanFolder) -> None:
    for name, source in SMALL_FILES.items():
        file(folder, name).write_text(source, encoding="utf-8-sig")


LAYOUTS = {
    "one file": one_file,
    "one file a key": one_file_a_key,
    "comments": comments,
    "double quotes": rewritten(default_style='"'),
    "single quotes": rewritten(default_style="'"),
    "block scalars": rewritten(default_style="|"),
    "braces": rewritten(default_flow_style=True),
    "no braces": rewritten(default_flow_style=False, indent=6, width=20),
    "keys in another order": rewritten(sort_keys=True),
    "CRLF": crlf,
    "BOM": with_bom,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_the_sources_leaves_the_fingerprint(tmp_path: Path, layout: str) -> None:
    before, after = small_plan(tmp_path / "before"), small_plan(tmp_path / "after")
    LAYOUTS[layout](after)

    assert {entry.name: entry.read_bytes() for entry in (after.source / SMALL).iterdir()} != {
        entry.name: entry.read_bytes() for entry in (before.source / SMALL).iterdir()
    }
    assert load_one(after).plan == load_one(before).plan
    assert load_one(after).fingerprint == load_one(before).fingerprint


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("areas.yaml", "Share what works", "Share what worked"),
        ("areas.yaml", "Share what works", "Share what works."),
        ("areas.yaml", "id: staff-share", "id: staff-shares"),
        ("areas.yaml", "links: [1, 2]", "links: [2, 1]"),
        ("areas.yaml", "bullet: Meet each term", "paragraph: Meet each term"),
        ("reviews.yaml", "2018-03-20", "2018-03-21"),
        ("reviews.yaml", "      - ann\n      - bob\n", "      - bob\n      - ann\n"),
        ("people.yaml", "name: Bob Ray", "name: Bob Roy"),
    ],
)
def test_one_word_id_or_order_changes_the_fingerprint(
    folder: PlanFolder, name: str, old: str, new: str
) -> None:
    before = load_one(folder).fingerprint
    edit(file(folder, name), old, new)

    assert load_one(folder).fingerprint != before


def test_a_word_of_the_superseded_version_changes_the_fingerprints_of_all_after_it(
    folder: PlanFolder,
) -> None:
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2019-01", "2018-09")
    before = [version.fingerprint for version in load(folder)]

    edit(file(folder), "Share what works", "Share what worked")

    after = [version.fingerprint for version in load(folder)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False] * 3


def test_a_later_version_leaves_the_fingerprints_before_it(folder: PlanFolder) -> None:
    before = load_one(folder).fingerprint
    next_version(folder)

    assert load(folder)[0].fingerprint == before


# Mistakes, each at its place


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "message"),
    [
        ("areas.yaml", "id: parents-inform", "id: staff-share", "25:13", 'the id "staff-share" is'),
        ("areas.yaml", "id: parents\n", "id: staff\n", "21:9", 'the id "staff" is given a second'),
        (
            "people.yaml",
            "people:\n",
            "  - id: north\n    name: N\npeople:\n",
            "6:9",
            'the id "north" is given a second time',
        ),
        (
            "people.yaml",
            "    school: south\n",
            "    school: south\n  - id: ann\n    name: A\n    role: B\n    school: north\n",
            "15:9",
            'the id "ann" is given a second time',
        ),
        (
            "objectives.yaml",
            "    text: Teaching\n",
            "    text: Teaching\n  - number: 2\n    text: Again\n",
            "7:13",
            "objective number 2 stands where number 3 belongs",
        ),
        ("areas.yaml", "links: [1, 2]", "links: [1, 7]", "4:16", "there is no objective number 7"),
        ("areas.yaml", "links: [1, 2]", "links: [1, 1]", "4:16", "objective 1 is linked twice"),
        ("areas.yaml", "links: [1, 2]", "links: [1, x]", "4:16", '"x" is not an objective\'s'),
        ("areas.yaml", "links: [1, 2]", "links: 1, 2", "4:12", '"links" takes a list'),
        ("people.yaml", "school: south", "school: west", "14:13", "there is no school with the id"),
        ("reviews.yaml", "      - bob", "      - eve", "11:9", "there is no person with the id"),
        (
            "areas.yaml",
            "paragraph: Share what works",
            "paragraph:",
            "7:19",
            "there is no text here",
        ),
        ("areas.yaml", "Share what works", '" "', "7:20", "there is no text here"),
        ("areas.yaml", "Share what works", '"a\\0b"', "7:20", "there is a control character"),
        ("areas.yaml", "Share what works", '"a\\tb"', "7:20", "there is a control character"),
        ("areas.yaml", "Share what works", '"a\\eb"', "7:20", "there is a control character"),
        ("areas.yaml", "Share what works", '"a\\Nb"', "7:20", "there is a control character"),
        ("areas.yaml", "Share what works", '"a\\Lb"', "7:20", "there is a line separator"),
        ("areas.yaml", "Share what works", '"a\\u202eb"', "7:20", "there is an invisible format"),
        ("areas.yaml", "Share what works", '"a\\u200bb"', "7:20", "there is an invisible format"),
        ("areas.yaml", "Share what works", "a\u202eb", "7:20", "there is an invisible formatting"),
        ("areas.yaml", "Share what works", "a\u2066b", "7:20", "there is an invisible formatting"),
        ("areas.yaml", "Share what works", "a\tb", "7:20", "there is a control character"),
        ("areas.yaml", "Share what works", "a\x07b", "7:21", "there is a control character"),
        ("areas.yaml", "Share what works", '"a\\nb"', "7:22", "a backslash and an n in double"),
        (
            "areas.yaml",
            "Share what works",
            "|\n          a\n          b",
            "7:20",
            "the text runs over",
        ),
        ("areas.yaml", "Share what works", '" a"', "7:20", "the text begins or ends with a space"),
        ("areas.yaml", "Share what works", "a: b", "7:21", "there is a colon and a space inside"),
        ("areas.yaml", "Share what works", "[a]", "7:20", '"paragraph" takes one text, not a list'),
        ("areas.yaml", "Share what works", "{{ a }}", "7:21", "a key has to be a plain word"),
        ("areas.yaml", "Share what works", "*a", "7:20", "* at the start of a text is a YAML"),
        ("areas.yaml", "Share what works", "&a b", "7:20", "& at the start of a text is a YAML"),
        ("areas.yaml", "Share what works", "! b", "7:20", "! at the start of a text is a YAML"),
        ("areas.yaml", "Share what works", "!!str b", "7:20", "! at the start of a text is a YAML"),
        ("areas.yaml", "Share what works", '"b', "7:20", "a quotation mark is opened here"),
        ("areas.yaml", "  - id: parents\n", "  - nom: x\n    id: parents\n", "21:5", "the key"),
        (
            "areas.yaml",
            "        paragraph: Share what works",
            "\tparagraph: Share",
            "7:1",
            "this line is indented with a tab",
        ),
        ("areas.yaml", "    name: Staff\n", "", "2:5", 'the key "name" is missing here'),
        ("areas.yaml", "id: staff-share", "id: Staff", "6:13", '"Staff" cannot be an id'),
        (
            "areas.yaml",
            "      - id: staff-share\n  ",
            "      - Words\n  #",
            "6:9",
            "this entry takes",
        ),
        (
            "areas.yaml",
            "heading: Autumn",
            "bullet: a\n        heading: b",
            "9:9",
            "a block is exactly",
        ),
        (
            "areas.yaml",
            "        heading: Autumn\n",
            "",
            "9:9",
            "a block is exactly one of paragraph",
        ),
        ("areas.yaml", "actions: []", "actions:", "27:13", '"actions" takes a list'),
        ("areas.yaml", "    actions: []\n", "", "21:5", 'the key "actions" is missing here'),
        ("plan.yaml", 'version: "2018-03"', "version: 2018-3", "1:10", "the version is called"),
        ("plan.yaml", "title: A Plan", "title: A Plan\ntitle: B", "3:1", 'the key "title" stands'),
        ("plan.yaml", "title: A Plan", "title: A Plan\n<<: {a: b}", "3:1", 'the key "<<" is not'),
        ("plan.yaml", "title: A Plan", "title: A Plan\nhue: red", "3:1", 'the key "hue" is not'),
        ("plan.yaml", "  key: Key\n", "", "5:3", 'the key "key" is missing here'),
        (
            "plan.yaml",
            "  impact: Impact",
            "  impact: Impact\n---\na: b",
            "10:1",
            "a second document",
        ),
        ("reviews.yaml", 'version: "2018-03"', 'version: "2017"', "4:14", "this review belongs to"),
        ("reviews.yaml", '"2018-03-20"', "20/3/2018", "5:11", '"20/3/2018" is not a date'),
        ("reviews.yaml", '"2018-03-20"', "2018-02-30", "5:11", '"2018-02-30" is not a date'),
        ("reviews.yaml", "We agree", '""', "7:9", "there is no text here"),
    ],
)
def test_a_mistake_is_named_with_file_line_column_and_the_line_itself(
    folder: PlanFolder, *, name: str, old: str, new: str, place: str, message: str
) -> None:
    edit(file(folder, name), old, new)

    problem = only_problem(folder)

    assert problem.place == f"source/{SMALL}/{name}:{place}"
    assert problem.message[: len(message)] == message
    lines = file(folder, name).read_text(encoding="utf-8").split("\n")
    assert problem.text == lines[problem.line - 1]
    assert problem.remedy


def test_a_key_that_no_file_has_is_missing_in_the_folder(folder: PlanFolder) -> None:
    edit(file(folder, "plan.yaml"), "title: A Plan\n", "")

    problem = only_problem(folder)
    assert problem.place == f"source/{SMALL}:1:1"
    assert problem.message == 'the key "title" is missing in every file here'


@pytest.mark.parametrize("entry", ["block", "area", "person", "school", "review"])
def test_a_missing_id_is_put_right_by_plan_ids(folder: PlanFolder, entry: str) -> None:
    name, lines = {
        "block": ("areas.yaml", "id: staff-share\n        "),
        "area": ("areas.yaml", "id: parents\n    "),
        "person": ("people.yaml", "id: bob\n    "),
        "school": ("people.yaml", "id: south\n    "),
        "review": ("reviews.yaml", "id: spring\n    "),
    }[entry]
    edit(file(folder, name), lines, "")

    (found,) = [problem for problem in problems(folder) if "no id" in problem.message]
    assert found.message == "this entry has no id"
    assert "`plan ids`" in found.remedy


def test_all_problems_of_all_files_are_reported_at_once(folder: PlanFolder) -> None:
    edit(file(folder, "plan.yaml"), "title: A Plan", "title: &a A Plan")
    edit(file(folder, "plan.yaml"), "  key: Key", "  key: ''\n  hue: red")
    edit(file(folder, "objectives.yaml"), "text: Learning", "text: Learning: a\n")
    edit(file(folder, "people.yaml"), "school: south", "school: west")
    edit(
        file(folder, "areas.yaml"),
        "      - id: staff-share\n        ",
        "      - bullet: b\n        ",
    )
    edit(file(folder, "areas.yaml"), "id: staff-tour", "id: staff-meet")
    edit(file(folder, "reviews.yaml"), "2018-03-20", "soon")
    edit(file(folder, "reviews.yaml"), "- bob", "- eve")
    file(folder, "more.yaml").write_text("a: \x01\n", encoding="utf-8")
    file(folder, "other.yaml").write_bytes(b"b: \xff\n")

    found = [(problem.place.split("/")[-1], problem.message) for problem in problems(folder)]

    assert found == [
        ("areas.yaml:6:9", "a block is exactly one of paragraph, heading, bullet and sub-bullet"),
        ("areas.yaml:13:13", 'the id "staff-meet" is given a second time'),
        ("more.yaml:1:4", "there is a control character (U+0001) here"),
        ("objectives.yaml:4:19", "there is a colon and a space inside a text"),
        ("other.yaml:1:4", "this line is not UTF-8 text"),
        ("people.yaml:14:13", 'there is no school with the id "west"'),
        ("plan.yaml:2:8", "& at the start of a text is a YAML reference, which is not used here"),
        ("plan.yaml:6:8", "there is no text here"),
        ("plan.yaml:7:3", 'the key "hue" is not known here'),
        ("reviews.yaml:5:11", '"soon" is not a date'),
        ("reviews.yaml:11:9", 'there is no person with the id "eve"'),
        ("areas.yaml:6:9", "this entry has no id"),
    ]


def test_the_problems_of_all_versions_are_reported_at_once(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "''")
    next_version(folder)
    edit(file(folder, version="2018-09"), "Done twice", "''")
    edit(file(folder, "reviews.yaml", "2018-09"), f'"{SMALL}"', "'2016'")

    assert [problem.place for problem in problems(folder)] == [
        f"source/{SMALL}/areas.yaml:7:20",
        "source/2018-09/areas.yaml:20:20",
        "source/2018-09/reviews.yaml:4:14",
    ]


def test_the_error_counts_its_problems(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "''")
    with pytest.raises(SourceError, match=r"^1 problem in the sources$"):
        load(folder)

    edit(file(folder), "Done twice", "''")
    with pytest.raises(SourceError, match=r"^2 problems in the sources$"):
        load(folder)


def test_a_file_that_cannot_be_read_is_the_only_problem_it_makes(folder: PlanFolder) -> None:
    for name in SMALL_FILES:
        source = file(folder, name).read_text(encoding="utf-8")
        file(folder, name).write_text(source + '"\n', encoding="utf-8")
        assert only_problem(folder).file == f"source/{SMALL}/{name}"
        file(folder, name).write_text(source, encoding="utf-8")


def test_an_entry_found_wrong_does_not_make_its_list_empty(folder: PlanFolder) -> None:
    edit(file(folder, "reviews.yaml"), "      - We agree\n      - And we sign", "      - ''")

    assert only_problem(folder).message == "there is no text here"


def test_two_of_a_kind_copied_by_hand_are_named_by_both_their_places(folder: PlanFolder) -> None:
    shutil.copy(file(folder, "people.yaml"), file(folder, "people-2.yaml"))

    first = f"(first at source/{SMALL}/people-2.yaml"
    assert [(problem.place, problem.message) for problem in problems(folder)] == [
        (
            f"source/{SMALL}/people.yaml:1:1",
            f'the key "schools" stands here a second time {first}:1)',
        ),
        (
            f"source/{SMALL}/people.yaml:6:1",
            f'the key "people" stands here a second time {first}:6)',
        ),
    ]


# Files


def test_a_link_out_of_source_is_refused_unread(folder: PlanFolder, tmp_path: Path) -> None:
    file(folder).rename(tmp_path / "outside.yaml")
    file(folder).symlink_to(tmp_path / "outside.yaml")

    problem = only_problem(folder)
    assert problem.place == f"source/{SMALL}/areas.yaml:1:1"
    assert problem.message == "this is a link out of source/"


def test_a_link_within_source_is_read(folder: PlanFolder) -> None:
    next_version(folder)
    file(folder, "people.yaml", "2018-09").unlink()
    file(folder, "people.yaml", "2018-09").symlink_to(file(folder, "people.yaml"))

    assert load_one(folder, "2018-09").plan.people == load_one(folder).plan.people


def test_a_version_whose_folder_is_a_link_out_of_source_is_refused(
    folder: PlanFolder, tmp_path: Path
) -> None:
    (folder.source / SMALL).rename(tmp_path / "outside")
    (folder.source / SMALL).symlink_to(tmp_path / "outside", target_is_directory=True)

    problem = only_problem(folder)
    assert problem.place == f"source/{SMALL}:1:1"
    assert problem.message == "this folder is a link out of source/"


def test_the_source_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    small_plan(tmp_path / "kept")
    (tmp_path / "plan").mkdir()
    (tmp_path / "plan" / "source").symlink_to(tmp_path / "kept" / "source")

    assert load_one(PlanFolder(tmp_path / "plan")).name == SMALL


@pytest.mark.parametrize("target", ["loop.yaml", "nowhere.yaml"])
def test_a_link_that_leads_nowhere_is_refused(folder: PlanFolder, target: str) -> None:
    file(folder, "loop.yaml").symlink_to(target)

    assert only_problem(folder).message == "this is not a file"


def test_a_folder_named_like_a_file_is_refused(folder: PlanFolder) -> None:
    file(folder, "more.yaml").mkdir()

    assert only_problem(folder).message == "this is not a file"


@pytest.mark.parametrize(("more", "fits"), [(0, True), (1, False)])
def test_a_file_over_five_megabytes_is_refused(folder: PlanFolder, more: int, fits: bool) -> None:
    file(folder, "more.yaml").write_bytes(b"#" * (MAX_FILE_BYTES + more))

    if fits:
        assert load_one(folder).name == SMALL
    else:
        assert only_problem(folder).message == "this file is larger than 5 MB"
    assert MAX_FILE_BYTES == 5_000_000


@pytest.mark.parametrize(
    ("data", "place", "line"),
    [
        (b"\xff", "1:1", "\ufffd"),
        (b"# a\n# \xc3\xa9 \xe9t\xe9\n# c\n", "2:5", "# é \ufffdt\ufffd"),
        (b"# a\r\n# \xe9\r\n", "2:3", "# \ufffd"),
        (b"\xef\xbb\xbf#\n\xff\n", "2:1", "\ufffd"),
        (b"# a\n# cut off \xe2\x82", "2:11", "# cut off \ufffd"),
    ],
)
def test_a_file_that_is_not_utf8_is_refused_at_its_first_wrong_byte(
    folder: PlanFolder, data: bytes, place: str, line: str
) -> None:
    file(folder, "more.yaml").write_bytes(data)

    problem = only_problem(folder)
    assert problem.place == f"source/{SMALL}/more.yaml:{place}"
    assert (problem.message, problem.text) == ("this line is not UTF-8 text", line)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_mark_at_the_start_of_a_file_shifts_no_column(folder: PlanFolder, mark: bytes) -> None:
    file(folder, "more.yaml").write_bytes(mark + b"hue: red\n")

    assert only_problem(folder).place == f"source/{SMALL}/more.yaml:1:1"


@pytest.mark.parametrize("bomb", ["[", "{", "a: [", "{a: ", "? "])
def test_a_nesting_bomb_is_one_problem_among_the_others(folder: PlanFolder, bomb: str) -> None:
    file(folder, "more.yaml").write_text(bomb * 200_000, encoding="utf-8")
    edit(file(folder), "Share what works", "''")

    first, second = problems(folder)
    assert first.place == f"source/{SMALL}/areas.yaml:7:20"
    assert second.file == f"source/{SMALL}/more.yaml"


# Versions


@pytest.mark.parametrize(
    "name",
    (
        *("", ".", "..", "../x", "../2018-03", "a/b", "/etc", "2018-03/", "2018-03.", "-x", "_x"),
        *(".x", "a b", "a\nb", "2018-03\n", "é", "a\x00b", "a\\b", "C:", "x" * 41),
    ),
    ids=ascii,
)
def test_a_name_that_is_no_plain_folder_name_is_refused(folder: PlanFolder, name: str) -> None:
    problem = only_problem(folder, name)

    assert problem.message == f'"{name}" cannot be the name of a version'


@pytest.mark.parametrize("name", ["my version", "2018.", "é"])
def test_a_folder_whose_name_is_not_plain_is_refused(folder: PlanFolder, name: str) -> None:
    (folder.source / name).mkdir()

    assert only_problem(folder).message == f'"{name}" cannot be the name of a version'


@pytest.mark.parametrize("name", ["2018-09", "v1.2", "A", "9", "draft_2", "x" * 40])
def test_a_plain_name_is_the_name_of_a_version(folder: PlanFolder, name: str) -> None:
    next_version(folder, name)

    assert load_one(folder, name).name == name


def test_an_unknown_version_is_refused_and_the_known_ones_named(tmp_path: Path) -> None:
    problem = only_problem(copy_plan(tmp_path), "2019-01")

    assert problem.message == 'there is no version "2019-01"'
    assert problem.remedy == "The versions are: 2017-07, 2017-11."


def test_unknown_versions_are_refused_along_with_every_other_problem(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "''")

    assert [problem.message for problem in problems(folder, "a", SMALL, "../b")] == [
        'there is no version "a"',
        "there is no text here",
        '"../b" cannot be the name of a version',
    ]


def test_a_folder_without_versions_is_refused(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()

    assert only_problem(PlanFolder(tmp_path)).message == "there is no version here"


def test_a_version_without_files_is_refused(folder: PlanFolder) -> None:
    (folder.source / "2018-09").mkdir()

    problem = only_problem(folder)
    assert (problem.file, problem.message) == ("source/2018-09", "there is no .yaml file here")


def test_a_superseded_version_with_mistakes_is_reported_with_the_version_asked_for(
    folder: PlanFolder,
) -> None:
    next_version(folder)
    edit(file(folder), "Share what works", "''")

    assert only_problem(folder, "2018-09").place == f"source/{SMALL}/areas.yaml:7:20"


def test_a_later_version_with_mistakes_does_not_stand_in_the_way(folder: PlanFolder) -> None:
    next_version(folder)
    edit(file(folder, version="2018-09"), "Share what works", "''")

    assert load_one(folder, SMALL).name == SMALL


def test_superseding_an_unknown_version_is_refused_at_its_place(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", "2017-99")

    problem = only_problem(folder)
    assert problem.place == "source/2018-09/plan.yaml:2:13"
    assert problem.message == 'there is no version "2017-99" to supersede'
    assert problem.remedy == f"The versions are: {SMALL}."


def test_superseding_itself_is_refused(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", "2018-09")

    problem = only_problem(folder)
    assert problem.place == "source/2018-09/plan.yaml:2:13"
    assert problem.message == "version 2018-09 would supersede itself"


def test_superseding_in_a_ring_is_refused(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", "2019-09")
    next_version(folder, "2019-03", "2018-09")
    next_version(folder, "2019-09", "2019-03")

    problem = only_problem(folder)
    assert problem.place == "source/2019-03/plan.yaml:2:13"
    assert problem.message == "version 2018-09 would supersede itself"


def test_a_review_may_belong_to_any_version_before(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2019-03", "2018-09")

    latest = load_one(folder, "2019-03")
    assert [review.version for review in latest.plan.reviews] == [SMALL]
    assert latest.plan.open_reviews == ()


def test_a_review_that_names_a_version_outside_the_chain_is_refused(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2018-10", SMALL)
    edit(file(folder, "reviews.yaml", "2018-10"), f'"{SMALL}"', '"2018-09"')

    problem = only_problem(folder)
    assert problem.place == "source/2018-10/reviews.yaml:4:14"
    assert problem.message.startswith("this review belongs to version 2018-09, which is neither")
    assert problem.remedy == f"The choice is: {SMALL}, 2018-10."


def test_a_review_of_a_later_version_is_refused(folder: PlanFolder) -> None:
    next_version(folder)
    edit(file(folder, "reviews.yaml"), f'"{SMALL}"', '"2018-09"')

    assert only_problem(folder).place == f"source/{SMALL}/reviews.yaml:4:14"


def test_a_review_is_checked_whatever_else_is_wrong(folder: PlanFolder) -> None:
    edit(file(folder), "Share what works", "''")
    edit(file(folder, "reviews.yaml"), f'"{SMALL}"', '"2016"')

    assert [problem.place.split("/")[-1] for problem in problems(folder)] == [
        "areas.yaml:7:20",
        "reviews.yaml:4:14",
    ]


def test_nothing_is_said_of_a_review_where_the_chain_cannot_be_read(folder: PlanFolder) -> None:
    next_version(folder, "2018-09", SMALL)
    next_version(folder, "2019-03", "2018-09")
    edit(file(folder, "plan.yaml", "2018-09"), f'"{SMALL}"', f"'{SMALL}")

    assert only_problem(folder, "2019-03").place == "source/2018-09/plan.yaml:2:13"


# Any text, any bytes

WORDS = (
    st.text(
        st.characters(exclude_categories=["Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"]), min_size=1
    )
    .map(str.strip)
    .filter(lambda words: text.flaw(words) is None)
)
"""Texts of every character that a text may hold."""


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """A small plan in which every example of a property writes areas.yaml anew."""
    return small_plan(tmp_path_factory.mktemp("spoilt"))


LAYOUT = st.fixed_dictionaries(
    {
        "default_style": st.sampled_from([None, '"', "'", "|", ">"]),
        "default_flow_style": st.booleans(),
        "allow_unicode": st.booleans(),
        "width": st.sampled_from([20, 80, 100_000]),
    }
)


@slow
@settings(UNTIMED, max_examples=200)
@given(words=st.lists(WORDS, min_size=1, max_size=3), layout=LAYOUT)
def test_any_text_written_in_any_style_is_read_as_its_composed_form(
    spoilt: PlanFolder, words: list[str], layout: dict[str, Any]
) -> None:
    data = {"areas": small_data()["areas"][:1]}
    data["areas"][0]["key"] = [
        {"id": f"b{number}", "bullet": one} for number, one in enumerate(words)
    ]
    source = yaml.safe_dump(data, **layout)
    # PyYAML folds some texts with no-break spaces so that it does not read them back itself.
    assume(yaml.load(source, Loader=yaml.CBaseLoader) == data)
    # It may break a line before a dash, where a clerk would have meant another entry.
    assume(not re.search(rf"\n\s*[{LIST_MARKS}-]\s(?!id:|bullet:)", source))
    file(spoilt).write_text(source, encoding="utf-8", newline="")

    version = load_one(spoilt)

    read = [block.text for block in version.plan.areas[0].key]
    assert read == [unicodedata.normalize("NFC", one) for one in words]
    assert all(one.text for one in advise(version))


PIECES = st.sampled_from(
    [piece.encode() for piece in ("areas:", "reviews:", "id: a", "name: b", "links: [1]", "key:")]
    + [piece.encode() for piece in ("- ", "? ", ": ", "{", "}", "[", "]", ",", "&a ", "*a ", "!b ")]
    + [piece.encode() for piece in ("'", '"', "|", ">-", "#", "%", "@", "`", "\\", "<<: *a")]
    + [piece.encode() for piece in ("---", "...", "%YAML 1.1", "%TAG ! a", "!!int", "!<a>", "~")]
    + [piece.encode() for piece in ("\n", "\n", "\n  ", "\n    ", "\r\n", "\t", " ", "\r")]
    + [piece.encode() for piece in ("é", "\u2028", "\ufeff", "\ufffe", "\x85", "\x00", "\u202e")]
    + [b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"paragraph: words", b"actions: []"]
)
SOURCES = st.lists(PIECES, max_size=30).map(b"".join) | st.binary(max_size=200)


@slow
@settings(UNTIMED, max_examples=600)
@given(SOURCES)
def test_any_bytes_are_read_or_refused_at_a_place_in_the_file(
    spoilt: PlanFolder, data: bytes
) -> None:
    file(spoilt).write_bytes(data)
    try:
        load(spoilt)
    except SourceError as error:
        lines = data.removeprefix(b"\xef\xbb\xbf").decode(errors="replace").split("\n")
        for problem in error.problems:
            if problem.file.endswith("areas.yaml") and problem.text:
                line = lines[problem.line - 1].removesuffix("\r")
                assert problem.text == line
                assert 1 <= problem.column <= len(line) + 1


@pytest.mark.parametrize(
    ("new", "line", "column"),
    [
        ("Share room #3 and #4", 7, 31),
        ("Share what\n          works # twice", 8, 17),
    ],
)
def test_words_behind_a_hash_are_refused_where_they_would_be_lost(
    folder: PlanFolder, new: str, line: int, column: int
) -> None:
    edit(folder.source / SMALL / "areas.yaml", "Share what works", new)

    with pytest.raises(SourceError) as caught:
        load(folder)
    (one,) = caught.value.problems
    assert (one.line, one.column) == (line, column)
    assert one.message.startswith("what follows # would be left out: ")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("areas.yaml", "Share what works", "Share C#4 and F#"),
        ("areas.yaml", "Share what works", "Share  # a comment, set off by two spaces"),
        ("areas.yaml", "Share what works", '"Share room #3"'),
        ("areas.yaml", "Share what works", "'Share room #3'"),
        ("areas.yaml", "        paragraph: Share", "        # a comment\n        paragraph: Share"),
        ("areas.yaml", "Share what works", "Share\n        # a comment"),
        ("areas.yaml", "Share what works", '"Share #3"\n        # a comment'),
        ("areas.yaml", "Share what works", ">-\n          Share\n        # a comment"),
        ("areas.yaml", "Share what works", '"Share" #'),
        ("reviews.yaml", "statements:", "statements:  # both"),
        ("reviews.yaml", "- We", "# a comment\n      - We"),
        ("areas.yaml", "links: [1, 2]", "links: [1, 2] # both"),
        ("areas.yaml", "id: staff-share", "id: staff-share # kept from July"),
        ("people.yaml", "school: south", "school: south # since 2016"),
        ("reviews.yaml", "- bob", "- bob # for the south"),
        ("reviews.yaml", '"2018-03-20"', "2018-03-20 # a Tuesday"),
        ("plan.yaml", "columns:", "columns: # left to right"),
    ],
)
def test_a_comment_that_can_be_nothing_else_may_stand(
    folder: PlanFolder, name: str, old: str, new: str
) -> None:
    edit(folder.source / SMALL / name, old, new)

    assert load(folder)


@pytest.mark.parametrize("begun", ["-bullet", "• bullet", "– bullet"])
def test_an_entry_without_a_hyphen_and_a_space_gets_that_remedy(
    folder: PlanFolder, begun: str
) -> None:
    edit(folder.source / SMALL / "areas.yaml", "bullet: A letter", f"{begun}: A letter")

    with pytest.raises(SourceError) as caught:
        load(folder)
    remedies = {problem.message: problem.remedy for problem in caught.value.problems}
    assert remedies[f'the key "{begun}" is not known here'] == (
        "Start the entry with spaces, a hyphen and a space."
    )
