"""The recipe for a new column works, and a text that no template prints is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from signed_plan.errors import ExitCode

from tests.helpers import REPO, copy_plan, edit

slow = pytest.mark.slow("follows a recipe of the papers in a whole checkout")

FIELD = '''    impact: tuple[Block, ...]
    """The cell "Impact to date"."""
'''
HEADING = '''    impact: Text
    """Above the cells named impact."""
'''
AMENDMENT = '''    """The line of the title block that says what was amended, and when."""
'''
STATEMENTS = '''    """What the signatories agree to, a paragraph each."""
'''
WORDS = "Two schools share one budget"
CELL = f"    progress:\n      - bullet: {WORDS}\n      - heading: Spring 2018\n"


class Checkout:
    """The program with one more column, in a folder of its own, and a plan that uses it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        package = root / "pipeline/signed_plan"
        shutil.copytree(
            REPO / "pipeline/signed_plan", package, ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(REPO / "templates", root / "templates")
        self.folder = copy_plan(root / "plan")
        model = package / "plan/model.py"
        edit(model, FIELD, f'{FIELD}    progress: tuple[Block, ...] = ()\n    """The sixth."""\n')
        edit(model, HEADING, f'{HEADING}    progress: Text | None = None\n    """The sixth."""\n')
        for after in (AMENDMENT, STATEMENTS):
            edit(model, after, f'{after}    note: Text | None = None\n    """A note."""\n')
        self.run("new", "2018-03")
        source = self.folder.source / "2018-03"
        impact = "  impact: Impact top date (July 2017)\n"
        edit(source / "plan.yaml", impact, f"{impact}  progress: Progress in 2018\n")
        second = "\n  - id: teaching-and-learning\n"
        edit(source / "areas.yaml", second, f"{CELL}{second}")
        self.run("ids")

    def run(self, *words: str, code: ExitCode = ExitCode.OK) -> str:
        """What the command prints; it has to end with that code, and without a traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "signed_plan.cli", *words, "-C", self.folder.root],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": str(self.root / "pipeline")},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr


def add_column(template: Path, *, loop: bool = True) -> None:
    """Adds the column to a template, as a copy of the last one; its cells stay empty on wish."""
    document = docx.Document(str(template))
    table = document.tables[0]._tbl
    table.tblGrid.append(deepcopy(table.tblGrid[-1]))
    for row in table.tr_lst:
        last = row.tc_lst[-1]
        if last.grid_span > 1:
            last.grid_span += 1
            continue
        cell = deepcopy(last)
        for text in cell.iter(qn("w:t")):
            text.text = (text.text or "").replace("impact", "progress")
            if not loop and "columns" not in text.text:
                text.text = ""
        last.addnext(cell)
    document.save(str(template))


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return Checkout(tmp_path_factory.mktemp("checkout"))


@pytest.fixture
def own_template(checkout: Checkout) -> Iterator[Path]:
    """A template of the plan folder's own, gone again after the test."""
    place = checkout.folder.root / "templates"
    place.mkdir()
    yield Path(shutil.copy(checkout.root / "templates/plan.docx", place))
    shutil.rmtree(place)


@slow
def test_a_column_that_the_template_does_not_print_is_refused_by_name(checkout: Checkout) -> None:
    said = checkout.run("build", "2018-03", code=ExitCode.TEMPLATE)
    assert 'plan: plan.docx leaves out "Progress in 2018" of the column progress.\n' in said
    assert not [*checkout.folder.output.rglob("*.pdf")]


@slow
def test_a_cell_that_the_template_does_not_print_is_refused_by_the_name_of_its_column(
    checkout: Checkout, own_template: Path
) -> None:
    add_column(own_template, loop=False)
    said = checkout.run("build", "2018-03", code=ExitCode.TEMPLATE)
    assert f'plan: plan.docx leaves out "{WORDS}" of the column progress.\n' in said


def test_a_cell_is_missed_even_where_all_its_words_stand_inside_other_texts(
    checkout: Checkout, own_template: Path
) -> None:
    add_column(own_template, loop=False)
    areas = checkout.folder.source / "2018-03/areas.yaml"
    before = areas.read_text(encoding="utf-8")
    areas.write_text(before.replace(WORDS, "Safeguarding governors"), encoding="utf-8")
    try:
        said = checkout.run("build", "2018-03", code=ExitCode.TEMPLATE)
    finally:
        areas.write_text(before, encoding="utf-8")
    assert 'leaves out "Safeguarding governors" of the column progress.\n' in said


@slow
@pytest.mark.parametrize(
    ("file", "before", "said"),
    [
        ("plan.yaml", 'period: "2017"\n', 'plan.docx leaves out "Nobody" of the key note.'),
        (
            "reviews.yaml",
            "  - id: july-2017\n    ",
            'signoff.docx leaves out "Nobody" of the key note of july-2017.',
        ),
    ],
)
def test_any_text_that_no_template_prints_is_refused_by_its_key(
    checkout: Checkout, file: str, before: str, said: str
) -> None:
    path = checkout.folder.source / "2017-11" / file
    text = path.read_text(encoding="utf-8")
    edit(path, before, f"{before}note: Nobody\n{'    ' if file == 'reviews.yaml' else ''}")
    try:
        assert said in checkout.run("build", "2017-11", code=ExitCode.TEMPLATE)
    finally:
        path.write_text(text, encoding="utf-8")


@slow
def test_a_column_added_by_the_recipe_is_printed_traced_compared_and_verified(
    checkout: Checkout,
) -> None:
    add_column(checkout.root / "templates/plan.docx")
    said = checkout.run("build")
    assert "2017-07  built       fingerprint ca9e 03bb 71c4" in said
    assert "2017-11  built       fingerprint 2d69 9e22 2d0b" in said
    printed = docx.Document(str(checkout.folder.docx("2018-03"))).tables[0].rows
    assert [row.cells[5].text for row in printed[:3]] == [
        "Progress in 2018",
        f"{WORDS}\nSpring 2018",
        "",
    ]
    traced = f"  Progress in 2018\n    3!  • {WORDS}\n    3!  Spring 2018\n"
    assert traced in checkout.run("trace", "2018-03")
    checkout.run("trace", "2017-07")
    told = checkout.run("compare", "2017-11", "2018-03")
    assert f"  Progress in 2018\n    + • {WORDS}\n    + Spring 2018\n" in told
    assert "\nVERIFIED" in checkout.run("verify")
    checkout.run("extract", str(checkout.folder.pdf("2018-03")), "--rebuild")
