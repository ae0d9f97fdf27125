"""The pictures in the READMEs are pages of the real plan as they look now."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import sync_playwright
from signed_plan.document.receipt import make_receipt
from signed_plan.paths import PlanFolder

from tests.document.helpers import RECEIPT_TEMPLATE, a_receipt
from tests.helpers import REPO

slow = pytest.mark.slow("drives a real Chromium")

PREVIEWS = {"preview-plan.png": 3, "preview-signoff.png": 8, "preview-receipt.png": 1}
RESOLUTION = 72  # dots an inch


@pytest.fixture(scope="module")
def receipt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A receipt such as the version could get that is on the other pictures."""
    path = tmp_path_factory.mktemp("receipt") / "receipt.pdf"
    path.write_bytes(make_receipt(a_receipt(), b"{}", RECEIPT_TEMPLATE))
    return path


def page_picture(pdf: Path, page: int, target: Path) -> Path:
    number, resolution = str(page), str(RESOLUTION)
    words = ["pdftoppm", "-png", "-singlefile", "-r", resolution, "-f", number, "-l", number]
    subprocess.run([*words, str(pdf), str(target.with_suffix(""))], check=True)
    return target


@pytest.mark.parametrize("name", PREVIEWS)
def test_a_picture_in_readme_shows_the_page_as_it_is_now(
    built_once: PlanFolder,
    receipt: Path,
    name: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    pdf = receipt if name == "preview-receipt.png" else built_once.pdf("2017-11")
    compare_pictures(name, page_picture(pdf, PREVIEWS[name], tmp_path / name), request)


@slow
def test_the_picture_of_the_report_shows_the_golden_one_as_a_browser_does(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    now = tmp_path / "report.png"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1140, "height": 540}, color_scheme="light")
        page.goto((REPO / "tests/golden/compare/report.html").as_uri())
        page.screenshot(path=now)
        browser.close()
    compare_pictures("preview-report.png", now, request)


def compare_pictures(name: str, now: Path, request: pytest.FixtureRequest) -> None:
    """Whether README's picture of that name is as it would be made now."""
    shown = REPO / "docs/pictures" / name
    if request.config.getoption("--update-golden"):
        Image.open(now).quantize(64).save(shown, optimize=True)
    assert Image.open(shown).size == Image.open(now).size
    # Coarse enough to be the same with every LibreOffice, which smooth letters each in its way.
    before, after = (Image.open(one).convert("L").reduce(6) for one in (shown, now))
    differing = ImageChops.difference(before, after).point(lambda level: 255 * (level > 24))
    share = differing.histogram()[255] / (before.width * before.height)
    assert share < 0.001, f"{share:.2%} of the picture differs; look at it, then run make golden"
