"""The report as its readers meet it: in a real browser, on paper and read aloud."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright
from signed_plan.compare.compare import compare
from signed_plan.register.chain import Register
from signed_plan.report.timeline import timeline_svg

from tests.report.lives import (
    JULY,
    NOVEMBER,
    REVIEW,
    Life,
    drafts,
    edited,
    half_signed,
    much_edited,
    real,
    refuted,
    report_of,
    sealed_incomplete,
    short,
)

pytestmark = pytest.mark.slow("drives a real Chromium")

FEW = (short(JULY), short(NOVEMBER))
ON_A_MAC = "/Applications/Chromium.app/Contents/MacOS/Chromium"
RULES = ["wcag2a", "wcag2aa", "wcag2aaa", "wcag21aa", "wcag22aa", "best-practice"]
# 7:1 holds 4.5:1; and of what passes, the name of the rule is enough.
OPTIONS = {
    "runOnly": RULES,
    "rules": {"color-contrast": {"enabled": False}},
    "resultTypes": ["violations"],
}
WIDE, NARROW = 1280, 360

PAGES: dict[str, Callable[[], str]] = {
    "drafts": lambda: report_of(drafts(), real()),
    "sealed": lambda: report_of(sealed_incomplete(), real()),
    "much edited": lambda: report_of(half_signed(*FEW).register, much_edited(FEW[1])),
    "equal, not verified": lambda: _refuted(half_signed(*FEW).register),
    "never built": lambda: report_of(Life().register, real(), never_built=True),
}
"""What axe takes its time over; those with a few areas where a few will do."""


def _refuted(register: Register) -> str:
    return report_of(register, compare(FEW[1], FEW[1]), refuted(register))


PRINTED = {"sealed": 8, "much edited": 4, "one area": 1}
"""How many areas changed, came or went in each."""


def _one_area() -> str:
    """Two lines of one area changed; three reviews with their signatories stand beside that."""

    def act(data: dict[str, Any]) -> None:
        staff = next(area for area in data["areas"] if area["id"] == "staff")
        staff["actions"][4]["bullet"] = "SENCOs are not to meet in the hall (7 December 2017)"
        staff["impact"].pop()

    comparison = edited(act)
    return report_of(half_signed().built(comparison.new).register, comparison)


CONTRASTS = """() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    if (element.closest('svg'))
      return rgba(getComputedStyle(document.querySelector('.paper')).fill);
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    throw 'nothing is behind it';
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, element = text.parentElement;
    if (!text.data.trim() || element.closest('style, title, desc, .hidden')) continue;
    const style = getComputedStyle(element);
    const ink = rgba(element.closest('svg') ? style.fill : style.color);
    const [one, other] = [light(ink), light(behind(element))].sort((a, b) => b - a);
    found.push([(one + 0.05) / (other + 0.05), text.data.trim().slice(0, 60)]);
  }
  return found;
}"""

OUTSIDE = """() => {
  const found = [];
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('.scroll, .hidden, .skip') && !one.matches('.scroll')) continue;
    const box = one.getBoundingClientRect();
    if (box.width > 1 && (box.right > document.documentElement.clientWidth + 1 || box.left < -1))
      found.push(one.outerHTML.slice(0, 80));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or (ON_A_MAC if Path(ON_A_MAC).exists() else None)
    assert path, "chromium is missing: install your system's package chromium (make test does it)"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    room = tmp_path_factory.mktemp("reports")
    found = {name: room / f"{name}.html" for name in PAGES}
    for name, path in found.items():
        path.write_text(PAGES[name](), encoding="utf-8")
    return found


def opened(browser: Browser, path: Path, width: int = WIDE, **more: Any) -> Page:
    context = browser.new_context(viewport={"width": width, "height": 800}, **more)
    page = context.new_page()
    page.goto(path.as_uri())
    return page


def unfold(page: Page) -> None:
    """Opens all that is folded away, as a reader would."""
    for one in page.locator("summary").all():
        one.click()


@pytest.mark.parametrize("unfolded", [False, True])
@pytest.mark.parametrize(("width", "scheme"), [(WIDE, "light"), (NARROW, "dark"), (WIDE, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(
    browser: Browser, files: dict[str, Path], name: str, width: int, scheme: str, unfolded: bool
) -> None:
    page = opened(browser, files[name], width, color_scheme=scheme)
    if unfolded:
        unfold(page)
    found = Axe().run(page, options=OPTIONS)
    passed = {rule["id"] for rule in found.response["passes"]}
    page.context.close()
    assert found.violations_count == 0, found.generate_report()
    assert "color-contrast-enhanced" in passed, "7:1 was asked for"
    assert {"region", "td-headers-attr", "heading-order"} <= passed


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["sealed", "much edited", "equal, not verified"])
def test_every_text_however_large_stands_out_by_seven_to_one(
    browser: Browser, files: dict[str, Path], name: str, scheme: str
) -> None:
    """axe lets large text pass with 4.5 to 1, and does not look into pictures."""
    page = opened(browser, files[name], color_scheme=scheme)
    unfold(page)
    found = page.evaluate(CONTRASTS)
    page.context.close()
    assert len(found) > 200
    assert not [one for one in found if one[0] < 7]


@pytest.mark.parametrize("name", PAGES)
def test_a_telephone_need_not_scroll_sideways(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    page = opened(browser, files[name], NARROW)
    unfold(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    outside = page.evaluate(OUTSIDE)
    page.context.close()
    assert width == NARROW
    assert not outside


@pytest.mark.parametrize("width", [WIDE, 720, NARROW])
def test_a_word_without_end_makes_no_page_wider(
    browser: Browser, tmp_path: Path, width: int
) -> None:
    def act(data: dict[str, Any]) -> None:
        endless = "Donaudampfschifffahrt" * 8
        data["title"] = data["amendment"] = data["people"][0]["name"] = endless
        data["people"][0]["role"] = data["schools"][0]["name"] = endless
        data["areas"][0]["name"] = data["reviews"][-1]["title"] = endless
        data["areas"][0]["actions"][0] = {"id": "endless", "bullet": endless}

    life = half_signed(*FEW)
    comparison = edited(act, of=FEW[1])
    path = tmp_path / "endless.html"
    path.write_text(report_of(life.built(comparison.new).register, comparison), encoding="utf-8")
    page = opened(browser, path, width)
    unfold(page)
    found = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert found == width


def test_the_picture_scrolls_by_keyboard_where_it_is_wider_than_the_page(
    browser: Browser, files: dict[str, Path]
) -> None:
    page = opened(browser, files["sealed"], NARROW, bypass_csp=True)  # so that we may wait
    region = page.get_by_role("region", name="Picture of the timeline")
    region.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.scroll').scrollLeft > 0")
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched_and_nothing_complains(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(files[name].as_uri(), wait_until="networkidle")
    page.close()
    assert asked == [files[name].as_uri()]
    assert not said


def test_it_looks_the_same_without_javascript(browser: Browser, files: dict[str, Path]) -> None:
    pictures = []
    for enabled in (True, False):
        page = opened(browser, files["much edited"], java_script_enabled=enabled)
        pictures.append(page.screenshot(full_page=True))
        page.context.close()
    assert pictures[0] == pictures[1]


def test_dark_is_dark_and_paper_is_always_light(browser: Browser, files: dict[str, Path]) -> None:
    def background(page: Page) -> str:
        return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))

    page = opened(browser, files["sealed"], color_scheme="dark")
    dark = background(page)
    page.emulate_media(media="print", color_scheme="dark")
    paper = background(page)
    page.context.close()
    assert (dark, paper) == ("rgb(20, 24, 29)", "rgb(255, 255, 255)")


def test_without_colours_what_was_added_and_removed_can_still_be_told(
    browser: Browser, files: dict[str, Path]
) -> None:
    page = opened(browser, files["much edited"], forced_colors="active")
    lines = page.evaluate(
        "['ins', 'del'].map(one => getComputedStyle(document.querySelector(`td ${one}`))"
        ".textDecorationLine)"
    )
    page.context.close()
    assert lines == ["underline", "line-through"]


def test_a_space_that_was_added_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    def act(data: dict[str, Any]) -> None:
        data["areas"][0]["actions"][0]["bullet"] = (
            "Identify  key strengths and areas of development"
        )

    path = tmp_path / "space.html"
    path.write_text(report_of(drafts(*FEW), edited(act, of=FEW[1])), encoding="utf-8")
    page = opened(browser, path)
    widths = page.evaluate(
        """() => [...document.querySelector('td ins').closest('tr').querySelectorAll('.line')]
          .map(one => {
            const range = document.createRange();
            range.selectNodeContents(one);
            return range.getBoundingClientRect().width;
          })"""
    )
    page.context.close()
    assert widths[1] > widths[0] + 2


def test_a_screen_reader_finds_landmarks_headings_and_the_words_for_every_mark(
    browser: Browser, files: dict[str, Path]
) -> None:
    page = opened(browser, files["much edited"])
    tree = page.locator("body").aria_snapshot()
    page.context.close()
    for found in ("banner", "main", "navigation", "contentinfo", "heading", 'table "', "deletion"):
        assert f"- {found}" in tree, found
    assert "removed: " in tree and "added: " in tree
    assert "rowgroup" in tree and 'columnheader "2018-03"' in tree


def test_on_a_telephone_the_tables_are_still_tables(
    browser: Browser, files: dict[str, Path]
) -> None:
    page = opened(browser, files["much edited"], NARROW)
    tree = page.locator("#side-by-side ~ .area").first.aria_snapshot()
    page.context.close()
    assert 'columnheader "2017-11"' in tree and 'columnheader "2018-03"' in tree
    assert tree.count("- row ") > 10


def test_the_keyboard_s_first_stop_leads_past_the_header(
    browser: Browser, files: dict[str, Path]
) -> None:
    page = opened(browser, files["sealed"])
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to the report"
    box = link.bounding_box()
    assert box is not None and box["y"] >= 0, "it is seen where it has the focus"
    page.context.close()


@pytest.fixture(scope="module")
def printed(
    browser: Browser, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """The pages on paper, without the colours behind the text."""
    room = tmp_path_factory.mktemp("printed")
    found = {}
    (one := room / "one area.html").write_text(_one_area(), encoding="utf-8")
    for name, path in (
        *((name, files[name]) for name in ("sealed", "much edited")),
        ("one area", one),
    ):
        page = opened(browser, path)
        found[name] = room / f"{name}.pdf"
        page.pdf(path=found[name], prefer_css_page_size=True)
        page.context.close()
    return found


def _run(*words: str | Path) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("name", PRINTED)
def test_it_prints_on_a4_landscape_with_nothing_cut_off_and_few_pages(
    printed: dict[str, Path], name: str
) -> None:
    info = _run("pdfinfo", printed[name])
    assert "(A4)" in info and re.search(r"Page size: +841\.\d+ x 59\d\.", info)
    pages = _run("pdftotext", "-bbox", printed[name], "-").split("<page ")[1:]
    words = [
        [float(edge) for edge in edges]
        for page in pages
        for edges in re.findall(
            r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.]+)" yMax="([\d.]+)">', page
        )
    ]
    assert len(words) > 300
    margin = 13 / 25.4 * 72 - 1
    for left, top, right, bottom in words:
        assert left >= margin and right <= 841.9 - margin
        assert top >= 20 and bottom <= 595.3 - 15, "the page's number is the lowest"
    lowest = max(
        float(edge) for edge in re.findall(r'yMax="([\d.]+)"', pages[-1]) if float(edge) < 550
    )
    assert len(pages) - 1 + lowest / 595.3 <= 1.52 * PRINTED[name]


def test_every_word_that_changed_is_on_the_paper(printed: dict[str, Path]) -> None:
    paper = "".join(_run("pdftotext", "-raw", printed["sealed"], "-").split())
    for change in real().changes:
        if change.where.part == "block":
            assert "".join(change.new.split()) in paper, change.new
    assert "Inthisreport" not in paper, "links are of no use on paper"
    assert "NOTSIGNED" in paper
    assert "Foreverylineofthetable" not in paper, "the table that this explains is not printed"
    assert "linebyline,andbothversionssidebyside,areinthisreportonscreen" in paper


def test_no_table_s_head_is_left_behind_at_the_foot_of_a_page(printed: dict[str, Path]) -> None:
    for path in printed.values():
        for page in _run("pdftotext", "-layout", path, "-").split("\f"):
            lines = [line.split() for line in page.splitlines() if line.strip()]
            if len(lines) > 1:
                assert lines[-2][:1] not in (["Person"], ["Version"]), lines[-3:]


def test_the_timeline_is_a_picture_by_itself(browser: Browser, tmp_path: Path) -> None:
    life = Life().built(JULY).issued(JULY)
    for _ in range(60):
        life.signed(JULY, REVIEW, "carole-clemens", "kevin-snow")
    path = tmp_path / "timeline.svg"
    path.write_text(timeline_svg(life.register, [JULY]), encoding="utf-8")
    page = opened(browser, path)
    overlapping = page.evaluate(
        """() => {
          const texts = [...document.querySelectorAll('text')];
          const boxes = texts.map(one => one.getBoundingClientRect());
          return boxes.filter((a, at) => boxes.slice(at + 1).some(b => a.left < b.right - 1 &&
            b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)).length;
        }"""
    )
    page.context.close()
    assert overlapping == 0
