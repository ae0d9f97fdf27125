"""A head is taken as it is printed, with or without quotation marks."""

from __future__ import annotations

import pytest
from signed_plan.commands.anchors import join_groups
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode
from signed_plan.register.chain import read

from tests.commands.helpers import Command
from tests.story import Story

HEAD = Digest.of_bytes(b"head").spaced
GROUPS = HEAD.split()
Capture = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (["--anchor", *GROUPS], ["--anchor", HEAD]),
        (["2017-07", "--anchor", *GROUPS, "--json"], ["2017-07", "--anchor", HEAD, "--json"]),
        (["--anchor", *GROUPS, "20170701"], ["--anchor", HEAD, "20170701"]),
        ([f"--anchor={GROUPS[0]}", *GROUPS[1:]], [f"--anchor={HEAD}"]),
        (["--anchor", *GROUPS[:7]], ["--anchor", " ".join(GROUPS[:7])]),
        (["--anchor", HEAD, "20170701"], ["--anchor", HEAD, "20170701"]),
        (["--anchor", "receipt.pdf", "20170701"], ["--anchor", "receipt.pdf", "20170701"]),
        (["--anchor", GROUPS[0], "2017-07"], ["--anchor", GROUPS[0], "2017-07"]),
        (["20170701", "20171101"], ["20170701", "20171101"]),
        (["--anchor"], ["--anchor"]),
    ],
)
def test_groups_after_anchor_are_one_head_and_nothing_else_is(
    words: list[str], joined: list[str]
) -> None:
    assert join_groups(words) == joined


@pytest.mark.slow("builds, signs, or starts a process")
def test_the_head_that_verify_prints_can_be_typed_as_it_stands(
    story: Story, capsys: Capture
) -> None:
    plan = Command(story.at("built"), capsys)
    said = plan.succeed("verify").splitlines()
    printed = said[said.index("The register's head is") + 1].strip()
    assert printed.replace(" ", "") == read(plan.folder.register).head
    for words in (printed.split(), [printed], [printed.replace(" ", "")]):
        assert "VERIFIED, ANCHORED: " in plan.succeed("verify", "--anchor", *words)
    for missing in (printed.split()[:7], [printed[:-1]]):
        refusal = plan.fail(ExitCode.USAGE, "verify", "--anchor", *missing)
        assert "is neither a receipt nor a register's head" in refusal
