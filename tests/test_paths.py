"""Where a plan folder's things are."""

from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.errors import UsageError
from signed_plan.paths import (
    PlanFolder,
    as_seen,
    as_typed,
    find_plan_folder,
    is_plain_name,
    is_source_name,
    is_utf8,
    shipped_templates,
)

from tests.helpers import REPO


def test_the_current_folder_or_its_nearest_parent_with_a_source_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plan/source/2017-07").mkdir(parents=True)
    (tmp_path / "source").mkdir()
    monkeypatch.chdir(tmp_path / "plan/source/2017-07")
    assert find_plan_folder(None).root == tmp_path / "plan"


def test_a_named_folder_is_taken_and_not_its_parent(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "empty").mkdir()
    assert find_plan_folder(tmp_path).root == tmp_path
    with pytest.raises(UsageError, match="is not a plan folder"):
        find_plan_folder(tmp_path / "empty")


def test_a_folder_s_own_template_goes_before_the_shipped_one(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path)
    assert folder.template("plan.docx") == shipped_templates() / "plan.docx"
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/plan.docx").touch()
    assert folder.template("plan.docx") == tmp_path / "templates/plan.docx"
    assert folder.template("signoff.docx") == REPO / "templates/signoff.docx"


def test_paths_are_shown_as_a_user_of_the_folder_would_write_them(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path)
    assert folder.relative(folder.pdf("v1")) == "output/v1/action-plan-v1.pdf"
    assert folder.relative(Path("/elsewhere/file")) == "/elsewhere/file"
    assert folder.relative(folder.evidence) == "output/evidence"


def test_what_is_made_elsewhere_is_found_and_named_from_there(tmp_path: Path) -> None:
    (tmp_path / "plan/source").mkdir(parents=True)
    folder = find_plan_folder(tmp_path / "plan", tmp_path / "x" / ".." / "made")
    assert folder.output == tmp_path / "made"
    assert folder.register == tmp_path / "made/register.jsonl"
    assert folder.relative(folder.pdf("v1")) == f"{tmp_path}/made/v1/action-plan-v1.pdf"
    assert folder.below_output(folder.pdf("v1")) == "v1/action-plan-v1.pdf"


def test_the_register_names_files_from_output_and_none_outside_it(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path)
    assert folder.below_output(folder.pdf("v1")) == "v1/action-plan-v1.pdf"
    with pytest.raises(ValueError, match="not in the subpath"):
        folder.below_output(folder.source / "v1/plan.yaml")


@pytest.mark.parametrize("name", ["2017-07", "a", "2018.1", "Autumn_2018"])
def test_a_plain_name_may_be_a_version(name: str) -> None:
    assert is_plain_name(name)


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".x", "-x", "a/b", "../a", "a b", "a\n", "v.", "ü", "x" * 41]
)
def test_any_other_name_may_not(name: str) -> None:
    assert not is_plain_name(name)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        *((name, True) for name in ("plan.yaml", "AREAS.YML", "a: *b?.yaml", "März 'x'.yaml")),
        *((name, False) for name in ("x\\..\\..\\evil.yaml", 'a"b.yaml', "a\nb.yaml", "a/b.yml")),
        *((name, False) for name in ("\u202ea.yaml", ".a.yaml", "a.txt", "\udcff.yml", "a.yml\n")),
    ],
)
def test_a_source_s_name_is_one_name_on_every_system(name: str, fits: bool) -> None:
    assert is_source_name(name) is fits


def test_a_name_that_is_no_utf8_is_known() -> None:
    assert is_utf8(Path("a/café"))
    assert not is_utf8(Path("f\udce9e/plan"))


def test_a_path_is_shown_as_it_is_seen_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "a b" / "plan"
    (plan / "output").mkdir(parents=True)
    for here, seen in ((plan, "output/x"), (plan / "output", "x"), (tmp_path, "a b/plan/output/x")):
        monkeypatch.chdir(here)
        assert as_seen(plan / "output/x") == seen
    assert as_typed(plan / "output/x") == "'a b/plan/output/x'"
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert as_seen(plan) == "../a b/plan"
    assert as_seen(Path("/etc/x")) == "/etc/x", "shorter than all the way up and down again"


def test_a_path_is_shown_in_full_where_the_current_folder_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert as_seen(tmp_path / "x") == str(tmp_path / "x")
