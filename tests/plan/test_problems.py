from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.errors import Problem
from signed_plan.paths import PlanFolder
from signed_plan.plan.problems import every_problem, leads_out, read_into
from signed_plan.plan.tree import Tree


@pytest.fixture
def folder(tmp_path: Path) -> PlanFolder:
    (tmp_path / "source").mkdir()
    return PlanFolder(tmp_path)


def test_a_file_is_read_into_the_tree_and_given_as_it_stands(folder: PlanFolder) -> None:
    path = folder.source / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfkey: words\r\n")
    tree = Tree()

    assert read_into(tree, folder, path, 100, "words") == path.read_bytes()
    assert tree.data == {"key": "words"}
    assert tree.values["key",].file == "source/a.yaml"


@pytest.mark.parametrize(("size", "refused"), [(2_000_000, False), (2_000_001, True)])
def test_a_file_above_the_limit_is_not_read(folder: PlanFolder, size: int, refused: bool) -> None:
    path = folder.source / "a.yaml"
    path.write_bytes(b"#" * size)
    tree = Tree()

    assert (read_into(tree, folder, path, 2_000_000, "the words") is None) is refused
    assert tree.incomplete is refused
    assert [(found.message, found.remedy) for found in tree.problems] == (
        [("this file is larger than 2 MB", "Put only the words in it.")] if refused else []
    )


def test_a_file_that_is_not_utf8_is_given_with_its_problem(folder: PlanFolder) -> None:
    path = folder.source / "a.yaml"
    path.write_bytes(b"a: b\nc: \xe4\n")
    tree = Tree()

    assert read_into(tree, folder, path, 100, "words") == path.read_bytes()
    assert [found.place for found in tree.problems] == ["source/a.yaml:2:4"]


def test_a_link_is_judged_by_where_it_leads(folder: PlanFolder) -> None:
    outside = folder.root / "outside.yaml"
    outside.write_text("a: b")
    (folder.source / "out.yaml").symlink_to(outside)
    (folder.source / "in.yaml").symlink_to(folder.source / "b.yaml")
    (folder.source / "ring.yaml").symlink_to(folder.source / "ring.yaml")

    assert leads_out(folder, folder.source / "out.yaml")
    assert not leads_out(folder, folder.source / "in.yaml")
    assert not leads_out(folder, folder.source / "ring.yaml")


def problem(file: str, line: int, message: str) -> Problem:
    return Problem(file, line, 1, message, "Mend it.")


def test_problems_stand_in_the_order_of_files_and_lines_and_each_once() -> None:
    later, first = problem("b", 1, "later"), problem("a", 10, "first")

    assert every_problem(Tree(), [later, first, later]) == [first, later]


def test_a_line_that_could_not_be_read_is_reported_only_once() -> None:
    unread = problem("a", 2, "no YAML")
    tree = Tree(problems=[unread])

    found = every_problem(tree, [problem("a", 2, "no address"), problem("a", 3, "no port")])

    assert [one.message for one in found] == ["no YAML", "no port"]
