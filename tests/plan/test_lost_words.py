"""What is a text and what is not. The messages and their remedies are in test_remedies.py."""

from __future__ import annotations

import pytest

from tests.plan.test_tree import read


@pytest.mark.parametrize(
    "written",
    [
        "b  # a comment",
        "b\n# a comment",
        '"b # c"',
        '"b" #',
        ">-\n  b # c",
        ">-\n  b\n  # c",
        ">-\n  - b",
        "b - c\n  d",
        "b\n  -c",
        "b\n  c - d",
        '"b\n  - c"',
        "'b\n  • c'",
        "C#4 and F#",
        '"b\\\\new"',
    ],
)
def test_a_text_that_can_be_nothing_else_is_left_alone(written: str) -> None:
    tree = read(f"a: {written}\n")
    assert (tree.problems, tree.misread) == ([], {})


@pytest.mark.parametrize(
    ("written", "line", "column"),
    [
        ("b # c", 1, 6),
        ("b\t# c", 1, 6),
        ("b\t # c", 1, 7),
        ("b  \t# c", 1, 8),
        ('"b"# c', 1, 7),
        ('"b"   # c', 1, 10),
        ("'b'\t# c", 1, 8),
        ('"b\n  c" # d', 2, 6),
        (">-  # c\n  b", 1, 8),
        ("|2 # c\n    b", 1, 7),
        ("# c\n  b", 1, 4),
        ("  # c\n  b", 1, 6),
        ("# c", 1, 4),
        ("b\n  c # d", 2, 5),
        ('{b: "c" # d\n  }', 1, 12),
    ],
)
def test_words_behind_a_hash_are_named_at_the_hash(written: str, line: int, column: int) -> None:
    (problem,) = read(f"a: {written}\n").misread.values()
    assert (problem.line, problem.column) == (line, column)
    assert problem.message.startswith('what follows # would be left out: "')


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("a:\n  - b\n    - c\n", 3, 5),
        ("a:\n  - b\n    –  c\n", 3, 5),
        ("a:\n  - b\n    -\u00a0c\n", 3, 5),
        ("a: b\n \u00a0- c\n", 2, 3),
        ("a: b\n  * c\n", 2, 3),
        ("a: b\n  c\n  -\n  d\n", 3, 3),
        ("a: >-\n  b\n  - c\n", 3, 3),
        ("a: >\n  b\n  - c", 3, 3),
        ("a: >-\n  b\n  bullet: c\n", 3, 3),
        ("a: >-\n  - id: c\n", 2, 3),
        ("a: |\n  b\n  id: c\n", 3, 3),
        ("a:\n  - >-\n    b\n    - c\n", 4, 5),
    ],
)
def test_a_line_that_is_joined_is_named_at_its_place(source: str, line: int, column: int) -> None:
    tree = read(source)
    (problem,) = tree.problems
    assert (problem.line, problem.column) == (line, column)
    assert problem.message == "this line is joined to the text above it"
    assert tree.incomplete


@pytest.mark.parametrize("mark", ["–", "•", "*", "1.", "—"])
def test_a_list_whose_first_entry_has_no_hyphen_is_named_there(mark: str) -> None:
    (problem,) = read(f"a:\n  {mark} b\n  - c\n").problems
    assert problem.place == "a.yaml:2:3"
    assert "hyphen" in problem.message + problem.remedy


def test_a_quotation_mark_that_takes_in_entries_is_named_where_it_is_opened() -> None:
    (problem,) = read('a:\n  - bullet: "b\n  - bullet: c"\n').problems
    assert problem.place == "a.yaml:2:13"
    assert problem.message.endswith("is closed only in line 3")
