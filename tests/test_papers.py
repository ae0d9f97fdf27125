"""The papers are true: what they list, quote, link to and show is what the program has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from signed_plan.cli import ROOMS as COMMAND_ROOMS
from signed_plan.commands.frame import plan as command
from signed_plan.errors import ExitCode

from tests.helpers import REPO, run_plan
from tests.story import JULY, Story
from tools.papers import house, lists, transcripts
from tools.papers.__main__ import STORIES

slow = pytest.mark.slow("plays the story that the papers tell")

DOCS = REPO / "docs"
PAPERS = sorted(
    (
        REPO / "README.md",
        REPO / "CONTRIBUTING.md",
        REPO / "CHANGELOG.md",
        REPO / "templates/README.md",
        REPO / "tests/golden/README.md",
        *DOCS.rglob("*.md"),
    )
)
MAPS = [DOCS / "architecture.md", *(DOCS / "decisions").glob("*.md")]
"""Papers that name files of the program."""


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return path.relative_to(REPO).as_posix()


def test_readme_has_at_most_seven_hundred_words() -> None:
    assert len(text(REPO / "README.md").split()) <= 700


def test_readme_s_first_screen_is_a_sentence_two_commands_what_they_print_and_a_picture() -> None:
    screen = text(REPO / "README.md").split("![")[0]
    assert len(screen.splitlines()) <= 40
    (sentence,) = re.findall(r"\A# .*\n\n(.*?\.)\n\n", screen, re.DOTALL)
    assert sentence.count(". ") == 0
    assert re.findall(r"^\$ (.*?)(?:  .*)?$", screen, re.MULTILINE) == ["make plan", "make verify"]


def test_reference_names_every_exit_code() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", text(lists.PAPER), re.MULTILINE)}
    assert told == set(ExitCode)


def test_reference_s_commands_are_the_command_s() -> None:
    assert COMMAND_ROOMS, "importing them has made the commands known"
    assert isinstance(command, click.Group)
    told = set(re.findall(r"^\| `plan (\w+)", text(lists.PAPER), re.MULTILINE))
    assert told == set(command.commands)


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_a_command_that_a_paper_names_is_one(paper: Path) -> None:
    assert isinstance(command, click.Group)
    told = set(re.findall(r"(?:`|^    |^\$ )plan (\w+)", text(paper), re.MULTILINE))
    assert told <= set(command.commands)


def test_every_make_target_is_named_in_a_paper_and_no_other() -> None:
    targets = set(re.findall(r"^([\w-]+):.*## ", text(REPO / "Makefile"), re.MULTILINE))
    papers = "".join(map(text, PAPERS))
    told = set(re.findall(r"(?:`|^    |^\$ )make\s([\w-]+)", papers, re.MULTILINE))
    assert told <= targets
    assert targets - told == set(), "targets that no paper names"


def every_key(data: Any) -> Iterator[str]:
    """The keys of JSON data, however deep, except those that are names of files."""
    if isinstance(data, dict):
        for key, value in data.items():
            if "." not in key:
                yield key
            yield from every_key(value)
    elif isinstance(data, list):
        for one in data:
            yield from every_key(one)


@slow
def test_reference_names_every_key_that_commands_print_as_json(
    story: Story, tmp_path: Path
) -> None:
    folder, reference = story.at("july, Carole"), text(lists.PAPER)
    pdf = str(folder.pdf(JULY))
    for words in (
        ("status", "--json"),
        ("verify", JULY, "--json"),
        ("extract", pdf, "--json", "--output", str(tmp_path)),
    ):
        done = run_plan(folder, *words)
        assert done.returncode == 0, done.stderr
        for key in set(every_key(json.loads(done.stdout))):
            assert f"`{key}`" in reference, f"{words[0]}: {key}"


def links(paper: Path) -> Iterator[str]:
    """Every place that a paper links to, pictures too, except on the web."""
    for place in re.findall(r"\]\(([^)\s]+)\)", text(paper)):
        if "://" not in place:
            yield place


def anchors(paper: Path) -> set[str]:
    """What links to a paper's headings end on, as GitHub makes it."""
    headings = re.findall(r"^#+ (.*)$", text(paper), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=name_of)
def test_every_link_of_a_paper_leads_to_a_file_and_a_heading_that_are_there(paper: Path) -> None:
    for place in links(paper):
        file, _, heading = place.partition("#")
        target = (paper.parent / file).resolve() if file else paper
        assert target.exists(), place
        assert not heading or heading in anchors(target), place


def test_readme_shows_pictures() -> None:
    assert [place for place in links(REPO / "README.md") if place.endswith(".png")]


def test_every_paper_can_be_reached_from_readme() -> None:
    reached, new = set[Path](), {REPO / "README.md"}
    while new:
        reached |= new
        found = {
            (paper.parent / place.partition("#")[0]) for paper in new for place in links(paper)
        }
        new = {path.resolve() for path in found if path.suffix == ".md"} - reached
    assert set(DOCS.rglob("*.md")) <= reached


@pytest.mark.parametrize("paper", MAPS, ids=name_of)
def test_a_file_that_a_paper_names_is_there(paper: Path) -> None:
    endings = "py|docx|yaml|j2|bas|sh|txt|toml|md"
    for place in re.findall(rf"`([a-z_./-]+\.(?:{endings}))[`:]", text(paper)):
        there = [REPO / place, house.PACKAGE / place]
        if "/" not in place:
            there += house.PACKAGE.rglob(place)
        assert any(path.exists() for path in there), place


def test_every_test_that_the_paper_on_attacks_names_is_there() -> None:
    rows = re.findall(r"`(\w+/)?(test_\w+\.py)`: (\w+)", text(DOCS / "security.md"))
    assert rows
    for folder, file, name in rows:
        assert f"def test_{name}(" in text(REPO / "tests" / folder / file), name


def test_every_decision_is_in_the_index_under_its_title() -> None:
    index = text(DOCS / "decisions/README.md")
    for page in (DOCS / "decisions").glob("[0-9]*.md"):
        (number, title) = re.findall(r"\A# (\d+)\. (.*)\n", text(page))[0]
        assert f"| {number} | [{title}]({page.name}) |" in index
        parts = re.findall(r"^\*\*(\w+)", text(page), re.MULTILINE)
        assert parts[:3] == ["Context", "Decision", "Why"]


AGAIN = "run make papers"


def test_the_lists_of_the_reference_are_made_from_the_program_as_it_is_now() -> None:
    assert lists.with_lists(text(lists.PAPER)) == text(lists.PAPER), AGAIN


@slow
def test_the_list_of_rooms_and_the_picture_of_the_house_are_made_from_the_code_as_it_is() -> None:
    assert house.with_table(text(house.PAPER)) == text(house.PAPER), AGAIN
    assert house.picture() == text(house.SVG), AGAIN


@slow
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story[-1])
def test_what_a_paper_quotes_is_what_the_commands_print(story: tuple[str, ...]) -> None:
    papers = [text(REPO / name) for name in story]
    for name, paper, now in zip(story, papers, transcripts.rewrite(papers), strict=True):
        assert now == paper, f"{name}: {AGAIN}"
