"""Where slips are found. What is said of them, and their remedies, are in test_remedies.py."""

from __future__ import annotations

import pytest

from tests.plan.test_tree import only_problem


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("a: >- b\n", "a.yaml:1:7", "words stand behind > or |"),
        ("a: >-b\n", "a.yaml:1:6", "words stand behind > or |"),
        ("a: |2 b\n", "a.yaml:1:7", "words stand behind > or |"),
        ("a: [b] c\n", "a.yaml:1:4", "a text cannot begin with a bracket"),
        ("a: [b]: c\n", "a.yaml:1:4", "a text cannot begin with a bracket"),
        ("a:\n  - {b} c\n", "a.yaml:2:5", "a text cannot begin with a bracket"),
        ("a: [b,\n  - c\nd: e\n", "a.yaml:1:4", "a bracket is opened here"),
        ("a: [b\n", "a.yaml:1:4", "a bracket is opened here"),
        ("a: b\nc: {d: e\nf: g\n", "a.yaml:2:4", "a bracket is opened here"),
        ("a:\u00a0b\nc: d\n", "a.yaml:1:3", "this is a special space"),
        ("a:\u2003b\nc: d\n", "a.yaml:1:3", "this is a special space"),
        ("a:\n  -\u00a0b\n  -\u00a0c\nd: e\n", "a.yaml:2:4", "this is a special space"),
        ("a:\u00a0>-\n  b\nc: d\n", "a.yaml:1:3", "this is a special space"),
        ("a: b\n\u200bc d\ne: f\n", "a.yaml:2:1", "this is a special space"),
        ("a:\n  -\tb\n", "a.yaml:2:4", "there is a tab behind the hyphen"),
        ("a:\n  \tb: c\n", "a.yaml:2:3", "this line is indented with a tab"),
        ("a: “b: c”\n", "a.yaml:1:4", "curly quotation marks, as from Word"),
        ('a: "b\nname: "d"\n', "a.yaml:1:4", "the quotation mark that is opened here"),
        ("a: 'b\nc: d\n...\n", "a.yaml:1:4", "a quotation mark is opened here"),
        ('a: "b\nid: "c"\n', "a.yaml:1:4", "the quotation mark that is opened here is closed"),
        ("a: 'b'c'\n", "a.yaml:1:6", "this apostrophe ends the text"),
        ("a: b\n... c\n", "a.yaml:2:1", "three dots on a line of their own"),
        ("a: [1, 2]]\n", "a.yaml:1:10", "there is one closing bracket too many"),
        ("a: -\n", "a.yaml:1:4", "a text cannot begin with a hyphen and a space"),
        ("a: b\n...\nc: d\n", "a.yaml:2:1", "three dots on a line of their own"),
        ("a: b\n# c\n  d\ne: f\n", "a.yaml:2:1", "this line, which begins with #"),
        ("a: >-\n  b\n# c\n  d\ne: f\n", "a.yaml:3:1", "this line, which begins with #"),
        ("areas\n  - b\nc: d\n", "a.yaml:1:6", "there is no colon after the key"),
        ("a: b\nname c\nd: e\n", "a.yaml:2:5", "there is no colon after the key"),
        ("a: b\n\nc\n\nd: e\n", "a.yaml:3:1", "this line has no key"),
        ("a:\n  - b\n – c\nd: e\n", "a.yaml:3:2", "an entry of a list does not begin with"),
        ("a: b\n  name: c\n", "a.yaml:2:3", "this line is read as part of the text above"),
        ("a:\n  - b\n - c\n", "a.yaml:3:2", "this entry does not begin exactly below"),
        ("a:\n  id: b\n name: c\n", "a.yaml:3:2", "this key does not begin exactly below"),
    ],
)
def test_a_slip_is_named_where_it_was_made(source: str, place: str, message: str) -> None:
    problem = only_problem(source)
    assert (problem.place, problem.message[: len(message)]) == (place, message)
    assert problem.text == source.split("\n")[problem.line - 1]
