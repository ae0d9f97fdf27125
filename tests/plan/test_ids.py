"""`plan ids`: every entry gets an id of its words, once, and no other byte changes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from signed_plan.errors import SourceError, UsageError
from signed_plan.paths import PlanFolder
from signed_plan.plan.ids import write_ids
from signed_plan.plan.model import ID_PATTERN, MAX_ID
from signed_plan.plan.next_version import start_version
from signed_plan.plan.source import load

from tests.helpers import copy_plan, edit
from tests.plan.helpers import (
    SMALL,
    SMALL_FILES,
    UNTIMED,
    every_file,
    every_id,
    load_one,
    small_plan,
    source_file,
)


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    return small_plan(tmp_path)


def without(source: str, *names: str) -> str:
    """The text of a source file without the lines of some of its ids."""
    for name in names:
        source, count = re.subn(rf"^( *- )id: {name}\n +", r"\1", source, flags=re.MULTILINE)
        assert count == 1, name
    return source


def test_ids_are_written_only_where_they_are_missing(folder: PlanFolder) -> None:
    source = SMALL_FILES["areas.yaml"]
    source_file(folder).write_text(without(source, "staff-meet", "parents"), encoding="utf-8")

    assert write_ids(folder) == {SMALL: ["staff-meet-term", "parents"]}

    expected = source.replace("id: staff-meet", "id: staff-meet-term")
    assert source_file(folder).read_text(encoding="utf-8") == expected
    assert load_one(folder).name == SMALL


def test_every_kind_of_entry_is_given_an_id_of_its_words(folder: PlanFolder) -> None:
    for name, source in SMALL_FILES.items():
        bare = re.sub(r"^( *- )id: [a-z-]+\n +", r"\1", source, flags=re.MULTILINE)
        bare = bare.replace("school: north", "school: north-school")
        bare = bare.replace("school: south", "school: south-school")
        bare = bare.replace("- ann\n", "- ann-lee\n").replace("- bob\n", "- bob-ray\n")
        source_file(folder, name).write_text(bare, encoding="utf-8")

    write_ids(folder)

    assert every_id(load_one(folder)) == [
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
    source_file(folder).write_text(FLOW, encoding="utf-8")

    assert write_ids(folder) == {SMALL: ["staff", "staff-share", "staff-tour", "staff-done"]}

    written = source_file(folder).read_text(encoding="utf-8")
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
    source_file(folder).write_bytes(source)

    (given,) = write_ids(folder).values()

    written = source_file(folder).read_bytes()
    for new in given:
        written, count = re.subn(rb"id: %b(\r?\n) *" % new.encode(), b"", written)
        assert count == 1
    assert written == source
    assert len(given) == 4


def test_ids_are_written_once(folder: PlanFolder) -> None:
    source = re.sub(r"id: [a-z-]+\n +", "", SMALL_FILES["areas.yaml"])
    source_file(folder).write_text(source, encoding="utf-8")
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
    start_version(folder, "2018-09", SMALL)
    for version in (SMALL, "2018-09"):
        edit(source_file(folder, version=version), "id: staff-share\n        ", "")
    before = source_file(folder).read_bytes()

    assert list(write_ids(folder, ("2018-09",))) == ["2018-09"]
    assert source_file(folder).read_bytes() == before


def test_an_id_that_any_version_uses_is_not_given_again(folder: PlanFolder) -> None:
    start_version(folder, "2018-09", SMALL)
    edit(source_file(folder), "id: staff-share\n", "id: staff-new-entry\n")
    edit(
        source_file(folder, version="2018-09"),
        "    impact:\n      - id: staff-done\n",
        "    impact:\n      - bullet: A new entry\n      - bullet: New entry\n"
        "      - id: staff-done\n",
    )

    assert write_ids(folder) == {SMALL: [], "2018-09": ["staff-new-entry-2", "staff-new-entry-3"]}


def test_an_id_given_in_one_version_is_not_given_to_other_words_of_another(
    folder: PlanFolder,
) -> None:
    start_version(folder, "2018-09", SMALL)
    for version, end in ((SMALL, "this spring"), ("2018-09", "next autumn")):
        edit(
            source_file(folder, version=version),
            "    impact:\n      - id: staff-done\n",
            f"    impact:\n      - bullet: Joint learning walks take place {end}\n"
            "      - id: staff-done\n",
        )

    assert write_ids(folder) == {
        SMALL: ["staff-joint-learning-walks-take"],
        "2018-09": ["staff-joint-learning-walks-take-2"],
    }


def test_the_same_new_words_in_two_versions_are_given_the_same_id(folder: PlanFolder) -> None:
    start_version(folder, "2018-09", SMALL)
    for version in (SMALL, "2018-09"):
        edit(
            source_file(folder, version=version),
            "    impact:\n      - id: staff-done\n",
            "    impact:\n      - bullet: One entry\n      - bullet: One entry\n"
            "      - id: staff-done\n",
        )

    given = write_ids(folder)
    assert given[SMALL] == given["2018-09"] == ["staff-one-entry", "staff-one-entry-2"]
    assert len(load(folder)) == 2


def test_an_id_that_stands_is_kept_whatever_becomes_of_the_words(folder: PlanFolder) -> None:
    edit(source_file(folder), "Share what works", "Quite other words")

    assert write_ids(folder) == {SMALL: []}
    assert load_one(folder).plan.areas[0].key[0].id == "staff-share"


def test_an_entry_of_the_wrong_shape_does_not_shift_the_others(folder: PlanFolder) -> None:
    before = "    key:\n      - A bare text\n      - bullet: Share\n"
    edit(
        source_file(folder),
        "    key:\n      - id: staff-share\n        paragraph: Share what works\n",
        before,
    )

    write_ids(folder)

    after = before.replace("- bullet", "- id: staff-share\n        bullet")
    assert after in source_file(folder).read_text(encoding="utf-8")


def test_an_entry_with_no_room_for_an_id_is_refused_at_its_place(folder: PlanFolder) -> None:
    start_version(folder, "2018-09", SMALL)
    edit(source_file(folder), "id: staff-share\n        ", "")
    edit(
        source_file(folder, version="2018-09"),
        "    actions: []",
        "    actions: [bullet: a, bullet: b]",
    )
    before = every_file(folder)

    with pytest.raises(SourceError) as caught:
        write_ids(folder)

    assert [problem.place for problem in caught.value.problems] == [
        "source/2018-09/areas.yaml:27:15",
        "source/2018-09/areas.yaml:27:26",
    ]
    assert every_file(folder) == before


def test_no_id_is_written_where_a_version_cannot_be_read(folder: PlanFolder) -> None:
    start_version(folder, "2018-09", SMALL)
    edit(source_file(folder, version="2018-09"), "id: staff-share\n        ", "")
    edit(source_file(folder), "Share what works", "Share: what works")
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
    edit(source_file(folder), "id: staff-share\n        ", "")
    before = every_file(folder)

    with pytest.raises(UsageError, match='There is no version "2019"'):
        write_ids(folder, (SMALL, "2019"))
    assert every_file(folder) == before


@pytest.mark.slow("builds, signs, or starts a process")
@settings(UNTIMED, max_examples=50)
@given(
    st.lists(
        st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), min_size=1),
        min_size=1,
        max_size=5,
    )
)
def test_any_words_give_a_valid_id_and_no_word_is_changed(
    tmp_path_factory: pytest.TempPathFactory, words: list[str]
) -> None:
    folder = small_plan(tmp_path_factory.mktemp("ids"))
    data = yaml.load(SMALL_FILES["areas.yaml"], Loader=yaml.BaseLoader)
    data["areas"][0]["key"] = [{"bullet": one} for one in words]
    source_file(folder).write_text(json.dumps(data), encoding="utf-8")
    before = yaml.load(source_file(folder).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)

    (given,) = write_ids(folder).values()

    after = yaml.load(source_file(folder).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    made = [block.pop("id") for block in after["areas"][0]["key"]]
    assert made == given
    assert after == before
    assert len(set(made)) == len(words)
    assert all(re.fullmatch(ID_PATTERN, one) and len(one) <= MAX_ID for one in made)
