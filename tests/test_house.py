"""The rules of the house, held: imports go down only, every room has its test, papers are true."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn

from tests.helpers import REPO

PACKAGE = REPO / "pipeline" / "signed_plan"
ROOMS = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")

# From the ground floor up; a room imports only from storeys below its own, or from its own wing.
STOREYS = (
    (
        "errors",
        "digest",
        "paths",
        "files",
        "beneath",
        "namespaces",
        "progress",
        "processes",
        "sandbox",
        "wording",
        "line_breaking",
        "box_layout",
    ),
    ("plan",),
    ("libreoffice",),
    ("pages",),
    ("document", "signing"),
    ("register",),
    ("verify",),
    ("compare",),
    ("redline",),
    ("report",),
    ("extract", "evidence", "lifecycle"),
    ("batch",),
    ("commands",),
    ("cli",),
)
TEMPLATES = ("plan.docx", "signoff.docx", "receipt.docx")
NOT_WANTED_AT_START = (
    *("docx", "docxtpl", "pypdf", "lxml", "jinja2", "rich", "PIL"),
    *("cryptography", "pyhanko", "fontTools", "zxingcpp", "pypdfium2", "zxcvbn"),
    *("watchfiles", "distributed"),
)


def module(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def imports(path: Path) -> Iterator[str]:
    """Every room of the project that a room imports, at its top or inside a function."""
    names = {module(room) for room in ROOMS}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("signed_plan"):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in names else str(node.module)


def storey(name: str) -> int:
    (found,) = [level for level, wings in enumerate(STOREYS) if name.split(".")[1] in wings]
    return found


def wing(name: str) -> str:
    return name.rpartition(".")[0]


@pytest.mark.parametrize("room", ROOMS, ids=module)
def test_a_room_imports_only_downwards_or_within_its_wing(room: Path) -> None:
    name = module(room)
    for imported in imports(room):
        inside = wing(imported) == wing(name) and wing(name) != "signed_plan"
        assert inside or storey(imported) < storey(name) or storey(name) == storey(imported) == 0, (
            f"{name} imports {imported}"
        )


@pytest.mark.slow("builds, signs, or starts a process")
def test_no_import_leads_back_to_where_it_came_from() -> None:
    graph = {module(room): set(imports(room)) for room in ROOMS}

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way, name))
        for imported in graph.get(name, ()):
            visit(imported, (*way, name))

    for name in graph:
        visit(name, ())


@pytest.mark.parametrize("room", ROOMS, ids=module)
def test_every_room_has_its_test_file(room: Path) -> None:
    place = room.relative_to(PACKAGE)
    assert (REPO / "tests" / place.parent / f"test_{place.name}").is_file()


OPENERS = ("read_bytes", "read_text", "open")
OPEN_OTHERWISE = {
    "signed_plan.files": "it is the place where files are opened",
    "signed_plan.beneath": "folders, by their handles",
    "signed_plan.commands.passphrases": "a passphrase may come from a pipe, one line of it",
    "signed_plan.commands.streams": "standard output and input",
    "signed_plan.libreoffice.converter": "what the kernel says of memory",
    "signed_plan.libreoffice.worker": "the same",
    "signed_plan.libreoffice.engines": "what LibreOffice has just written, in our own folder",
    "signed_plan.namespaces": "the kernel's name spaces",
    "signed_plan.libreoffice.profile": "a part of this package",
    "signed_plan.register.publish": "the lock, which nothing is read from",
}


@pytest.mark.parametrize("room", ROOMS, ids=module)
def test_files_are_opened_in_one_place_where_pipes_and_endless_ones_are_refused(room: Path) -> None:
    opened = [
        node
        for node in ast.walk(ast.parse(room.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _opens(node.func)
    ]
    assert bool(opened) is (module(room) in OPEN_OTHERWISE)


def _opens(called: ast.expr) -> bool:
    """Whether it is `open`, or that of a path: `Image.open` and the like read what is given."""
    if isinstance(called, ast.Attribute):
        of = called.value.id if isinstance(called.value, ast.Name) else ""
        return called.attr in OPENERS and of not in ("Image", "parts", "self")
    return isinstance(called, ast.Name) and called.id == "open"


def marks(decorated: ast.FunctionDef) -> set[str]:
    """The names of a test's marks, as "slow" of `@slow` and of `@pytest.mark.slow(...)`."""
    return {
        ast.unparse(one).partition("(")[0].rpartition(".")[2] for one in decorated.decorator_list
    }


@pytest.mark.parametrize("room", ROOMS, ids=module)
def test_every_room_has_a_test_that_make_test_quick_runs(room: Path) -> None:
    place = room.relative_to(PACKAGE)
    path = REPO / "tests" / place.parent / f"test_{place.name}"
    body = ast.parse(path.read_text(encoding="utf-8")).body
    tests = [one for one in body if isinstance(one, ast.FunctionDef) and one.name[:5] == "test_"]
    slow_file = any(ast.unparse(one).startswith("pytestmark = pytest.mark.slow") for one in body)
    assert [
        one for one in tests if "quick" in marks(one) or not (slow_file or "slow" in marks(one))
    ]


def test_every_slow_test_says_why() -> None:
    for path in (REPO / "tests").rglob("test_*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if "pytest.mark.slow" in line and path.name != "test_house.py":
                assert re.search(r"pytest\.mark\.slow\(\"[a-z][^\"]{10,}\"\)$", line), path.name


@pytest.mark.parametrize("room", ROOMS, ids=module)
def test_no_room_is_longer_than_four_hundred_lines(room: Path) -> None:
    assert len(room.read_text(encoding="utf-8").splitlines()) <= 400


def test_package_roots_hold_nothing_but_their_docstring() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        (only,) = ast.parse(path.read_text(encoding="utf-8")).body
        assert isinstance(only, ast.Expr)


def test_starting_the_command_does_not_wait_for_word_and_pdf_libraries() -> None:
    code = (
        "import sys, signed_plan.cli, signed_plan.lifecycle.build;"
        "import signed_plan.register.build_status;"
        f"print([name for name in {NOT_WANTED_AT_START!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def template_tags(name: str) -> set[str]:
    """Every tag in a template, wherever it stands: body, header, footer, alternative texts."""
    found: set[str] = set()
    with zipfile.ZipFile(REPO / "templates" / name) as parts:
        for part in parts.namelist():
            if re.match(r"word/(document|header\d*|footer\d*)\.xml", part):
                text = re.sub(r"<[^>]*\bdescr=\"([^\"]*)\"[^>]*>", r"\1", parts.read(part).decode())
                found |= set(re.findall(r"\{[{%].*?[}%]\}", re.sub(r"<[^>]+>", "", text)))
    return {tag.replace("&quot;", '"') for tag in found}


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_readme_lists_every_tag_of_the_template_and_no_other(name: str) -> None:
    papers = (REPO / "templates/README.md").read_text(encoding="utf-8")
    (section,) = re.findall(rf"^## `{re.escape(name)}`$(.*?)(?=^## |\Z)", papers, re.M | re.S)
    told = set(re.findall(r"^\| `(\{[{%].*?[}%]\})`", section, re.MULTILINE))
    assert told == template_tags(name)


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_readme_names_every_style_that_the_template_uses(name: str) -> None:
    papers = (REPO / "templates/README.md").read_text(encoding="utf-8")
    document = Document(str(REPO / "templates" / name))
    for paragraph in document.element.body.iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None:
            used = document.styles.element.xpath(
                f'w:style[@w:styleId="{style.get(qn("w:val"))}"]/w:name/@w:val'
            )[0]
            assert f"**{used}**" in papers or f"**{used.title()}**" in papers, used


def test_every_dependency_says_why_it_is_there() -> None:
    text = (REPO / "pyproject.toml").read_text(encoding="utf-8")
    for line in re.findall(r"^dependencies = \[\n(.*?)^\]", text, re.M | re.S)[0].splitlines():
        assert "  # " in line, line


def test_the_lock_files_hold_every_dependency_with_hashes_and_no_address() -> None:
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    lock = (REPO / "requirements.lock").read_text(encoding="utf-8")
    for wanted in project["project"]["dependencies"]:
        name = re.split(r"[<>=~\[]", wanted)[0].lower()
        assert re.search(rf"^{re.escape(name)}==\S+ .*\\\n +--hash=sha256:", lock, re.M), name
    for path in REPO.glob("*.lock"):
        assert "://" not in path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(words, cwd=REPO, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_templates_and_what_else_is_no_python(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for template in TEMPLATES:
        assert f"signed_plan/shipped_templates/{template}" in names
    for data in ("libreoffice/numbered.bas", "report/report.html.j2", "evidence/check.sh"):
        assert f"signed_plan/{data}" in names
    assert "signed_plan/evidence/readme.txt" in names
    assert "signed_plan/py.typed" in names
    assert {f"signed_plan/{room.relative_to(PACKAGE).as_posix()}" for room in ROOMS} <= set(names)


def test_the_wheel_is_the_package_and_nothing_of_the_checkout_around_it(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"signed_plan"}
    assert not [name for name in names if name.endswith((".png", ".svg", "set-up"))]


def test_the_wheel_s_papers_link_to_nothing_that_is_not_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as parts:
        names = set(parts.namelist())
        papers = [name for name in names if name.endswith(("METADATA", ".md"))]
        assert len(papers) == 2
        for paper in papers:
            for place in re.findall(r"\]\(([^)\s]+)\)|src=", parts.read(paper).decode()):
                inside = (Path(paper).parent / place.partition("#")[0]).as_posix()
                assert "://" in place or inside in names, f"{paper}: {place}"


def types_of(room: Path) -> Iterator[str]:
    """The classes of a room and its names for types, such as `Kind = Literal["a", "b"]`."""
    for node in ast.parse(room.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if re.fullmatch(r"_?[A-Z][a-z]\w+", name):
                yield name


def test_no_two_types_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for room in ROOMS:
        for name in types_of(room):
            places.setdefault(name, []).append(module(room))
    assert {name: rooms for name, rooms in places.items() if len(rooms) > 1} == {}
