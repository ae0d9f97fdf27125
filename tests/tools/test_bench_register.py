"""The folders that a long register is measured in: as many versions and entries as they should."""

from __future__ import annotations

from pathlib import Path

from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.register.chain import read

from tests.register.sample_events import enter
from tools.bench.register import write_entries, write_versions


def test_each_version_supersedes_the_one_before(tmp_path: Path) -> None:
    versions = load(write_versions(tmp_path / "plan", 4))
    assert [version.name for version in versions] == ["2017-11", "2018-002", "2018-003", "2018-004"]
    assert len(list(versions[-1].ancestors())) == 3


def test_a_copy_has_the_first_versions_and_so_many_entries(tmp_path: Path) -> None:
    folder = PlanFolder(tmp_path / "plan")
    register = read(folder.register)
    for name in ("v1", "v2", "v3"):
        register = enter(register, "built", name)
        for place in (folder.source, folder.output):
            (place / name).mkdir(parents=True)
    register.save()
    copy = write_entries(folder, tmp_path / "copy", 7, 2)
    found = read(copy.register)
    assert [entry.version for entry in found.entries] == ["v1", "v2", "v1", "v2", "v1", "v2", "v1"]
    assert sorted(path.name for path in copy.source.iterdir()) == ["v1", "v2"]
