from __future__ import annotations

from typing import Any

import pytest
import yaml
from signed_plan.errors import Problem
from signed_plan.plan.tree import MAX_DEPTH, Tree

from tests.helpers import REPO, VERSIONS


def read(*sources: str) -> Tree:
    """The tree of files a.yaml, b.yaml and so on."""
    tree = Tree()
    for name, source in zip("abcdef", sources, strict=False):
        tree.add(f"{name}.yaml", source)
    return tree


def only_problem(*sources: str) -> Problem:
    (problem,) = read(*sources).problems
    return problem


@pytest.mark.parametrize(
    "scalar",
    "no yes on off true False null ~ 010 0o10 0x1F 1.10 1e3 .inf .nan 6:30 12:30:45 2017-07-11 "
    "1_000 +1 -5 = 2001-12-14t21:59:43.10-05:00".split(),
)
def test_a_scalar_stays_the_text_that_was_typed(scalar: str) -> None:
    tree = read(f"a: {scalar}\nb:\n  - {scalar}\nc: [{scalar}]\n")

    assert tree.data == {"a": scalar, "b": [scalar], "c": [scalar]}
    assert tree.problems == []


@pytest.mark.parametrize(
    "written",
    ["Meet twice", "'Meet twice'", '"Meet twice"', ">-\n  Meet\n  twice", "|-\n  Meet twice"],
)
def test_a_text_is_the_same_in_every_way_of_writing_it(written: str) -> None:
    assert read(f"a: {written}\n").data == {"a": "Meet twice"}


def test_an_empty_value_is_an_empty_text() -> None:
    assert read("a:\nb: ''\n").data == {"a": "", "b": ""}


def test_a_comment_is_no_text() -> None:
    assert read("# one\na: b # two\n# three\n").data == {"a": "b"}


@pytest.mark.parametrize("source", ["", "\n\n", "# only a comment\n"])
def test_an_empty_file_is_no_mistake(source: str) -> None:
    tree = read(source, "a: b\n")

    assert (tree.data, tree.problems) == ({"a": "b"}, [])


def test_every_value_and_key_knows_its_file_line_column_and_line() -> None:
    tree = read("a: b\n", "list:\n  - id: x\n    text: >-\n      long\n")

    value, key = tree.values[("list", 0, "text")], tree.keys[("list", 0, "text")]
    assert (value.file, value.line, value.column, value.text) == ("b.yaml", 3, 11, "    text: >-")
    assert (key.file, key.line, key.column, key.text) == ("b.yaml", 3, 5, "    text: >-")


def test_the_place_of_what_is_missing_is_what_should_hold_it() -> None:
    tree = read("list:\n  - id: x\n")

    assert tree.place(("list", 0, "text")) == tree.values[("list", 0)]
    assert tree.place(("other",)) == tree.keys[("list",)]
    assert Tree().place(("other",)).problem("", "").place == "source:1:1"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_lines_count_alike_with_either_line_end(line_end: str) -> None:
    tree = read(line_end.join(["# é", "a: b", "c: &x d", ""]))

    assert tree.data == {"a": "b", "c": "d"}
    (problem,) = tree.problems
    assert (problem.line, problem.column, problem.text) == (3, 4, "c: &x d")


def test_a_duplicate_key_is_refused_by_file_line_and_column() -> None:
    problem = only_problem("a: 1\nb:\n  c: 2\n  c: 3\n")

    assert problem.place == "a.yaml:4:3"
    assert problem.message == 'the key "c" stands here a second time (first at a.yaml:3)'
    assert problem.text == "  c: 3"


def test_a_duplicate_key_is_refused_across_files() -> None:
    problem = only_problem("a: 1\n", "b: 2\n", "x: 3\na: 4\n")

    assert problem.place == "c.yaml:2:1"
    assert problem.message == 'the key "a" stands here a second time (first at a.yaml:1)'


def test_a_duplicate_key_in_brackets_is_refused() -> None:
    assert only_problem("a: {b: 1, b: 2}\n").place == "a.yaml:1:11"


def test_the_first_of_two_equal_keys_is_the_one_that_is_read() -> None:
    assert read("a: 1\na: 2\n").data == {"a": "1"}


def test_the_same_key_in_two_entries_is_no_duplicate() -> None:
    assert read("a:\n  - id: x\n  - id: y\nb: {id: z}\nid: w\n").problems == []


def test_a_file_copied_whole_is_one_problem_for_each_of_its_keys() -> None:
    file = "a:\n  - id: x\n    name: X\n  - id: y\n    name: Y\nb:\n  - id: z\n    name: Z\n"

    places = [problem.place for problem in read(file, file, file).problems]

    assert places == ["b.yaml:1:1", "b.yaml:6:1", "c.yaml:1:1", "c.yaml:6:1"]


@pytest.mark.parametrize(
    ("source", "place", "sign"),
    [
        ("a: &x b\n", "a.yaml:1:4", "&"),
        ("a: *x\n", "a.yaml:1:4", "*"),
        ("a:\n  - *x\n", "a.yaml:2:5", "*"),
        ("a: [&x b]\n", "a.yaml:1:5", "&"),
        ("a: &x\n  b: c\n", "a.yaml:1:4", "&"),
        ("a: &x\n  - b\n", "a.yaml:1:4", "&"),
        ("&x a: b\n", "a.yaml:1:1", "&"),
        ("*x : b\n", "a.yaml:1:1", "*"),
        ("a:\n  <<: *x\n", "a.yaml:2:7", "*"),
        ("&x\na: b\n", "a.yaml:1:1", "&"),
    ],
)
def test_an_alias_and_an_anchor_are_refused(source: str, place: str, sign: str) -> None:
    problem = only_problem(source)

    assert problem.place == place
    assert problem.message.startswith(f"{sign} at the start of a text is a YAML reference")


@pytest.mark.parametrize(
    "tag", ["!", "!!str", "!!int", "!!binary", "!mine", "!<tag:yaml.org,2002:str>", "!!python/none"]
)
def test_a_tag_is_refused(tag: str) -> None:
    problem = only_problem(f"a: {tag} b\n")

    assert problem.place == "a.yaml:1:4"
    assert problem.message.startswith("! at the start of a text is a YAML tag")


def test_a_merge_key_is_a_key_like_any_other() -> None:
    assert read("a:\n  <<: {b: c}\n  d: e\n").data == {"a": {"<<": {"b": "c"}, "d": "e"}}


@pytest.mark.parametrize(
    "source", ["a: {{ evil }}\n", "[a, b]: c\n", "? {a: b}\n: c\n", "? [a]\n: [b]\n"]
)
def test_a_key_that_is_no_word_is_refused_once(source: str) -> None:
    assert only_problem(source).message == "a key has to be a plain word"


def test_what_follows_a_key_that_is_no_word_is_still_read() -> None:
    tree = read("? {x: [y, {z: w}]}\n: {x: [y]}\na: b\n")

    assert tree.data == {"a": "b"}


@pytest.mark.parametrize(
    "character", ["\x00", "\x01", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9f", "\r"]
)
@pytest.mark.parametrize("where", ["text", "comment"])
def test_a_raw_control_character_is_refused_wherever_it_stands(character: str, where: str) -> None:
    line = {"text": f"a: b{character}c", "comment": f"# b{character}c"}[where]

    problem = only_problem(f"x: y\n{line}\n")

    assert problem.place == {"text": "a.yaml:2:5", "comment": "a.yaml:2:4"}[where]
    assert problem.message == f"there is a control character (U+{ord(character):04X}) here"
    assert problem.text == line


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"])
def test_a_character_that_would_shift_or_stop_the_reading_is_refused(character: str) -> None:
    problem = only_problem(f"# a\n#{character}\na: b\n")

    assert problem.place == "a.yaml:2:2"


def test_every_line_with_a_control_character_is_named_once() -> None:
    tree = read("a: \x01\x02\nb: c\nd: \x03\n", "e: \x04\n")

    places = [problem.place for problem in tree.problems]
    assert places == ["a.yaml:1:4", "a.yaml:3:4", "b.yaml:1:4"]


def test_a_tab_between_words_is_left_to_the_rules_of_text() -> None:
    tree = read("a: b\tc\n")

    assert (tree.data, tree.problems) == ({"a": "b\tc"}, [])


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("a: b\n---\nc: d\n", "a.yaml:2:1"),
        ("a: b\n...\n---\nc: d\n", "a.yaml:3:1"),
        ("---\na: b\n--- \n", "a.yaml:3:1"),
    ],
)
def test_a_second_document_is_refused(source: str, place: str) -> None:
    problem = only_problem(source)

    assert problem.place == place
    assert problem.message == "a second document begins here"


def test_a_first_line_of_hyphens_is_no_second_document() -> None:
    assert read("# x\n---\na: b\n").problems == []


@pytest.mark.parametrize(
    "source", ["- a\n- b\n", "hello\n", "'hello'\n", "[a]\n", "*a\n", "--- \n"]
)
def test_a_file_that_holds_no_keys_is_refused(source: str) -> None:
    assert only_problem(source).message == "this is not a list of keys and values"


@pytest.mark.parametrize(
    "bomb",
    [
        "[" * 1_000_000,
        "{" * 1_000_000,
        "a: " + "[" * 1_000_000,
        "a: " + "{" * 1_000_000,
        "{a: " * 250_000,
        "a: " + "[{a: " * 200_000,
        "a:\n " + "- " * 500_000,
        "? " * 500_000,
        "[\n" * 500_000,
        "a: " + "[" * 1_000_000 + "]" * 1_000_000,
        "".join(f"{' ' * depth}a:\n" for depth in range(1000)),
    ],
    ids=lambda bomb: bomb[:6],
)
def test_a_nesting_bomb_ends_with_one_problem(bomb: str) -> None:
    assert only_problem(bomb).message in (
        f"the entries are nested more than {MAX_DEPTH} deep",
        "this is not a list of keys and values",
    )


def test_an_expansion_bomb_of_aliases_is_never_expanded() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]

    tree = read("\n".join(lines))

    assert len(tree.problems) == 30 + 29 * 9
    assert tree.data["a29"] == [""] * 9


@pytest.mark.parametrize(("depth", "fits"), [(MAX_DEPTH - 1, True), (MAX_DEPTH, False)])
def test_the_depth_that_is_allowed(depth: int, fits: bool) -> None:
    assert (read("a: " + "[" * depth + "x" + "]" * depth).problems == []) is fits


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("a: b: c\n", "a.yaml:1:5", "there is a colon and a space inside a text"),
        ("a:\n  - b\n  - c: d: e\n", "a.yaml:3:9", "there is a colon and a space inside a text"),
        ("a:\n\tb: c\n", "a.yaml:2:1", "this line is indented with a tab"),
        ("a: @b\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ("a: `b`\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ("a: %b\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ("a: - b\n", "a.yaml:1:4", "a text cannot begin with a hyphen and a space"),
        ("a: *Bold* b\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ("a: * b\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ("a: & b\n", "a.yaml:1:4", "a text cannot begin with this sign"),
        ('x: y\na: "b\nc: d\n', "a.yaml:2:4", "a quotation mark is opened here and never closed"),
        ("x: y\na: 'b\nc: d\n", "a.yaml:2:4", "a quotation mark is opened here and never closed"),
        ("a: 'b\n---\nc: d\n", "a.yaml:1:4", "a quotation mark is opened here and never closed"),
        ("a: [b, c\nd: e\n", "a.yaml:1:4", "a bracket is opened here, but what follows is not"),
        ("a: {b: c\nd: e\n", "a.yaml:1:4", "a bracket is opened here, but what follows is not"),
        ("a:\n  - b\n c: d\n", "a.yaml:3:2", "this line does not fit the lines above it"),
        (" a: b\nc: d\n", "a.yaml:2:1", "this line does not fit the lines above it"),
        ("a: b\nc\nd: e\n", "a.yaml:2:1", "this line has no key, and it does not go on"),
        ('a: "b" c\n', "a.yaml:1:4", "the quotation marks are around only a part of the text"),
        ("a:\n  b:c\n  d: e\n", "a.yaml:2:5", "there is no space after the colon"),
        ("a:\n  - b: c\n  \u00a0 d: e\n", "a.yaml:3:3", "this is a special space, as from Word"),
        ('a: "C:\\Users"\n', "a.yaml:1:9", "there is a backslash inside double quotation"),
        ('a: "\\d"\n', "a.yaml:1:5", "there is a backslash inside double quotation"),
        ('a: "\\ud800"\n', "a.yaml:1:7", "there is a backslash inside double quotation"),
    ],
)
def test_a_slip_of_syntax_is_named_in_a_clerks_words_at_its_place(
    source: str, place: str, message: str
) -> None:
    problem = only_problem(source)

    assert (problem.place, problem.message[: len(message)]) == (place, message)
    assert problem.text == source.splitlines()[problem.line - 1]
    assert problem.remedy


def test_any_other_slip_of_syntax_is_named_at_its_place() -> None:
    problem = only_problem("a: b\n: c\n")
    assert problem.place == "a.yaml:2:1"
    assert problem.message == "this line does not fit the lines above it"


def test_a_line_that_was_found_wrong_is_not_complained_of_again() -> None:
    assert only_problem("a: {{ evil }} words\n").place == "a.yaml:1:5"


def test_what_stands_before_a_slip_of_syntax_is_kept_and_the_tree_is_incomplete() -> None:
    tree = read("a: b\nc:\n  - d\n  - e: f: g\n", "h: i\n")

    assert tree.data == {"a": "b", "h": "i"}
    assert tree.incomplete


def test_a_file_read_to_its_end_is_complete_whatever_is_wrong_in_it() -> None:
    assert not read("a: &x b\na: c\n").incomplete


def events(source: str, loader: Any) -> list[tuple[str, str | None, int, int]]:
    """The events of a source, as far as the tree makes use of them."""
    found = []
    for event in yaml.parse(source, Loader=loader):
        if isinstance(event, yaml.NodeEvent):
            mark: Any = event.start_mark
            value = getattr(event, "value", None)
            found.append((type(event).__name__, value, mark.line, mark.column))
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_the_fast_parser_gives_what_the_plain_one_gives(version: str) -> None:
    paths = sorted((REPO / "source" / version).glob("*.yaml"))
    assert paths
    for path in paths:
        source = path.read_text(encoding="utf-8")
        fast, plain = events(source, yaml.CBaseLoader), events(source, yaml.BaseLoader)
        assert fast == plain
