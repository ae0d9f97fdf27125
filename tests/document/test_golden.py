"""The two real versions against what they looked like when someone last looked at them.

tests/golden/README.md says what is kept, and when and how to take it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from signed_plan.libreoffice.converter import find_libreoffice

from tests.document.helpers import (
    Papers,
    element_text,
    is_element,
    kids,
    kind,
    piece_texts,
    run,
    standard_kind,
    tree_root,
)
from tests.helpers import REPO

ACTUAL = REPO / "tests" / "actual"

DPI = 50
GREY_STEP = 40
"""How far, of 255, a pixel may be off before it counts as another."""
SHARE = 0.001
"""How many of a page's pixels may be others."""


@pytest.fixture(scope="module")
def golden(pytestconfig: pytest.Config) -> Path:
    """What was kept of this LibreOffice: another one tags and lays out otherwise in places."""
    version = find_libreoffice().version
    number = re.match(r"LibreOffice (\d+\.\d+)", version)
    assert number is not None, version
    folder = REPO / "tests" / "golden" / f"libreoffice-{number[1]}"
    kept = folder.is_dir() or pytestconfig.getoption("--update-golden")
    assert kept, (
        f"nothing is kept of LibreOffice {number[1]}: look at its pages, then run make golden"
    )
    return folder


def _layout(papers: Papers) -> str:
    return run("pdftotext", "-layout", papers.path, "-").replace("\f", "\n=== page ===\n")


def _tags(papers: Papers) -> str:
    reader = papers.reader
    pieces = piece_texts(reader)

    def lines(parent: Any, indent: str) -> Iterator[str]:
        for element in filter(is_element, kids(parent)):
            own = element_text(element, pieces) or _heard(element)
            leaf = not any(map(is_element, kids(element)))
            role = standard_kind(reader, element)[1:]
            name = role if kind(element)[1:] == role else f"{role} ({kind(element)[1:]})"
            yield f"{indent}{name}: {own}".rstrip(" :") if leaf else f"{indent}{name}"
            yield from lines(element, indent + "  ")

    return "\n".join(lines(tree_root(reader), "")) + "\n"


def _heard(element: Any) -> str:
    """What is spoken of a field."""
    fields = [kid["/Obj"] for kid in kids(element) if not is_element(kid) and "/Obj" in kid]
    return "".join(f"[{field['/TU']}]" for field in fields)


def _pictures(papers: Papers, folder: Path) -> list[Path]:
    folder.mkdir(parents=True)
    run("pdftoppm", "-r", str(DPI), "-gray", "-png", papers.path, folder / "page")
    return sorted(folder.iterdir())


@pytest.mark.parametrize(("name", "dump"), [("text.txt", _layout), ("tags.txt", _tags)])
def test_text_and_tags_are_the_golden_ones(
    papers: Papers, name: str, dump: Any, golden: Path, pytestconfig: pytest.Config
) -> None:
    golden = golden / papers.version.name / name
    actual = ACTUAL / papers.version.name / name
    found = dump(papers)
    if pytestconfig.getoption("--update-golden"):
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, encoding="utf-8")
    wanted = golden.read_text(encoding="utf-8")
    if found != wanted:
        actual.parent.mkdir(parents=True, exist_ok=True)
        actual.write_text(found, encoding="utf-8")
    assert found == wanted, f"what it is now was saved to {actual.relative_to(REPO)}"


@pytest.mark.slow("builds, signs, or starts a process")
def test_every_page_looks_like_the_golden_one(
    papers: Papers, golden: Path, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    golden = golden / papers.version.name
    pictures = _pictures(papers, tmp_path / "pages")
    if pytestconfig.getoption("--update-golden"):
        for old in golden.glob("page-*.png"):
            old.unlink()
        for picture in pictures:
            (golden / picture.name).write_bytes(picture.read_bytes())
    wanted = {picture.name for picture in golden.glob("page-*.png")}
    differing = [
        picture.name
        for picture in pictures
        if picture.name not in wanted or not _alike(picture, golden / picture.name)
    ]
    for name in differing:
        actual = ACTUAL / papers.version.name / name
        actual.parent.mkdir(parents=True, exist_ok=True)
        actual.write_bytes((tmp_path / "pages" / name).read_bytes())
    saved = (ACTUAL / papers.version.name).relative_to(REPO)
    assert not differing, f"these pages look otherwise now, and were saved to {saved}"
    assert wanted == {picture.name for picture in pictures}


def _alike(one: Path, other: Path) -> bool:
    with Image.open(one) as first, Image.open(other) as second:
        if first.size != second.size:
            return False
        counts = ImageChops.difference(first.convert("L"), second.convert("L")).histogram()
        return sum(counts[GREY_STEP + 1 :]) <= SHARE * first.width * first.height


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_changed_word_and_a_moved_line_are_seen(july: Papers, tmp_path: Path) -> None:
    """The tolerance is for the way edges are smoothed, and for nothing else."""
    page = _pictures(july, tmp_path / "pages")[0]
    with Image.open(page) as picture:
        moved = ImageChops.offset(picture, 0, 1)
        without_title = picture.copy()
        without_title.paste(255, (0, 0, picture.width // 2, 60))
        for at, changed in enumerate((moved, without_title)):
            changed.save(tmp_path / f"{at}.png")
            assert not _alike(page, tmp_path / f"{at}.png")
    assert _alike(page, page)
