"""`plan log` as a user sees it: a line for every kind of event, JSON, a picture."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lxml import etree
from signed_plan.lifecycle.keys import revoke
from signed_plan.lifecycle.send import send
from signed_plan.register.chain import read

from tests.commands.helpers import Command
from tests.helpers import run_plan
from tests.register.sample_events import records
from tests.story import KEVIN, NOVEMBER, SEALED, Story, prompts

slow = pytest.mark.slow("runs commands that build or sign, each in a process")

LOG = {
    "built": "7 pages, fingerprint ",
    "keys": "Bank Road and William Lilley Schools Collaboration, root certificate ",
    "enrolled": "Kevin Snow, certificate ",
    "revoked": "Kevin Snow, certificate ",
    "issued": "certified by the office, PAdES B-B",
    "signed": "by Kevin Snow for 14th November 2017, JCC, on paper",
    "declined": "by Sally Beardsley for 14th November 2017, JCC: The library bid is missing.",
    "sealed": "PAdES B-B",
    "receipt": "names the head ",
    "sent": "as drafts to ",
    "superseded": "by 2017-11",
}


@slow
def test_log_has_a_line_for_every_kind_of_event(story: Story, tmp_path: Path) -> None:
    folder = story.copy(SEALED, tmp_path / "plan")
    with (folder.source / "settings.yaml").open("a") as settings:
        settings.write("people:\n")
        for person in ("carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"):
            settings.write(f"  {person}:\n    email: {person}@school.example\n")
    revoke(folder, KEVIN, prompts())
    send(folder, NOVEMBER, prompts())
    events = records(read(folder.register))
    lines = run_plan(folder, "log").stdout.splitlines()[: len(events)]
    kinds = dict.fromkeys(event["event"] for event in events)
    assert set(kinds) == set(LOG)
    for event, line in zip(events, lines, strict=True):
        moment = event["at"].replace("T", " ").removesuffix("Z")
        assert line.split()[:2] == [str(event["seq"]), moment.split()[0]]
        assert line.split()[3:5] == [event["version"] or "-", event["event"]]
    for kind, words in LOG.items():
        assert any(f"  {kind} " in line and words in line for line in lines), kind
    assert any(
        "by Sally Beardsley for July 2017, head teachers and JCC, received" in line
        for line in lines
    )
    assert any(
        "by Carole Clemens for July 2017, head teachers and JCC, PAdES B-B" in line
        for line in lines
    )


def test_log_for_machines_is_the_register_itself(story: Story) -> None:
    folder = story.at("july, Carole")
    told = json.loads(run_plan(folder, "log", "--json").stdout)
    assert told == list(records(read(folder.register)))


def test_log_draws_the_timeline(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "timeline.svg"
    Command(story.at(SEALED), capsys).succeed("log", "--svg", str(picture))
    drawn = etree.parse(picture).getroot()
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    words = " ".join(drawn.itertext())
    assert "2017-07" in words and "Kevin Snow" in words and "sealed" in words
