"""The report: with this page alone, a governor can answer the three questions, and trust it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from signed_plan.compare.changes import Line
from signed_plan.compare.compare import compare
from signed_plan.plan.source import load_one
from signed_plan.report.report import make_report
from signed_plan.report.sentences import MEANINGS
from signed_plan.report.trace import trace

from tests.compare.random_plans import a_version, pairs
from tests.helpers import REPO
from tests.report.lives import (
    CAROLE,
    JCC,
    JULY,
    NOVEMBER,
    SALLY,
    Life,
    drafts,
    edited,
    half_signed,
    july_signed,
    much_edited,
    proof_of,
    real,
    refuted,
    report_of,
    sealed,
    verdict,
)
from tools.plans import VERSION, write_long_plan

slow = pytest.mark.slow("makes many reports")

GOLDEN = REPO / "tests/golden/compare/report.html"
ACTUAL = REPO / "tests/actual/compare/report.html"

CHANGED = (
    *("Safeguarding", "Teaching and Learning", "Staff", "CPD"),
    *("School Council", "Pupil Premium"),
)
ADDED = ("Governors", "Combined SIP priorities (2017-2018)")
UNCHANGED = ("Moderation / assessment", "Parents")

Element = Any


def parsed(page: str) -> Element:
    return html.document_fromstring(page)


def said(element: Element) -> str:
    """What an element says, without the words that only screen readers hear."""

    def texts(one: Element) -> Iterator[str]:
        if one.get("class") != "hidden" and one.get("aria-hidden") is None:
            yield one.text or ""
            for child in one:
                yield from texts(child)
                yield child.tail or ""

    return "".join(texts(element))


def heard(element: Element) -> str:
    """What a screen reader reads of an element."""
    return " ".join(str(element.text_content()).split())


def section(page: Element, name: str) -> Element:
    (found,) = page.xpath(f'//section[@aria-labelledby="{name}"]')
    return found


def area(page: Element, area_id: str, *, prefix: str = "area") -> Element:
    (found,) = page.xpath(f'//div[@class="area"][h3/@id="{prefix}-{area_id}"]')
    return found


def rows(table: Element) -> list[list[str]]:
    return [
        [" ".join(said(cell).split()) for cell in row.xpath("th|td")]
        for row in table.xpath(".//tbody/tr")
    ]


def answers(page: Element) -> dict[str, str]:
    terms = page.xpath('//dl[@class="answers"]/div')
    return {heard(one.find("dt")): heard(one.find("dd")) for one in terms}


@pytest.fixture(scope="module")
def page() -> Element:
    """July and November as they are, not signed."""
    return parsed(report_of(drafts(), real()))


def test_the_true_answer_for_july_and_november(page: Element) -> None:
    """Six areas changed, two added, two unchanged; an amendment line, two reviews; no loss."""
    (table,) = section(page, "changes").xpath('.//table[.//a[@href="#area-cpd"]]')
    status = {name: words for name, words, _ in rows(table)}
    assert status == {
        **dict.fromkeys(CHANGED, "changed"),
        **dict.fromkeys(UNCHANGED, "unchanged"),
        **dict.fromkeys(ADDED, "new in 2017-11"),
    }
    assert [row[:2] for row in rows(section(page, "changes").xpath(".//table")[1])] == [
        ["Amendment line", "added"],
        ["Review: November 2017, head teachers", "added"],
        ["Review: 14th November 2017, JCC", "added"],
    ]
    assert not [one for one in page.xpath("//del") if said(one) != "struck out"]
    assert "Nothing was removed." in answers(page)["What changed?"]


def test_what_was_added_to_the_six_areas_is_their_autumn(page: Element) -> None:
    areas = {one.name: one for one in NOVEMBER.plan.areas}
    for name in CHANGED:
        texts = [block.text for block in areas[name].actions]
        autumn = texts[texts.index("Autumn 2017") :]
        added = area(page, areas[name].id).xpath(".//td//ins")
        assert [said(one) for one in added] == autumn


def test_the_two_added_areas_are_added_whole_and_the_unchanged_say_the_same(page: Element) -> None:
    for one in NOVEMBER.plan.areas:
        shown = area(page, one.id)
        if one.name in ADDED:
            assert [said(ins) for ins in shown.xpath(".//td//ins")] == [
                block.text for block in one.blocks
            ]
        if one.name in UNCHANGED:
            assert not shown.xpath(".//ins|.//del")
            assert [said(line) for line in shown.xpath('.//span[starts-with(@class,"line ")]')] == [
                block.text for block in one.blocks
            ]


def test_the_golden_report_is_the_page_as_it_is(pytestconfig: pytest.Config) -> None:
    found = report_of(half_signed().register, real())
    if pytestconfig.getoption("--update-golden"):
        GOLDEN.parent.mkdir(parents=True, exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
    if found != GOLDEN.read_text(encoding="utf-8"):
        ACTUAL.parent.mkdir(parents=True, exist_ok=True)
        ACTUAL.write_text(found, encoding="utf-8")
        pytest.fail(f"it is another page now, which was saved to {ACTUAL.relative_to(REPO)}")


def test_the_same_findings_make_the_same_bytes() -> None:
    assert report_of(sealed(), much_edited()) == report_of(sealed(), much_edited())


def test_the_three_questions_are_answered_first() -> None:
    told = answers(parsed(report_of(sealed(), real())))
    assert list(told) == [
        "What changed?",
        "Is it the document that was signed?",
        "Who has signed which version?",
    ]
    what, is_it, who = told.values()
    assert what.startswith("6 of 10 areas changed, 2 added, 2 unchanged. The amendment line was")
    assert is_it.startswith("Yes: the PDF of 2017-11 is, byte for byte, the one that was signed")
    assert "2017-07: 4 of 4 signatures" in who and "2017-11: 6 of 6 signatures" in who
    assert "NOT SIGNED" not in who


def test_nobody_is_said_to_have_signed_a_draft(page: Element) -> None:
    what = answers(page)["Is it the document that was signed?"]
    assert what.startswith("2017-11 has not been issued: nobody can have signed it yet.")
    assert "Yes" not in what
    signatures = section(page, "signatures")
    told = [row[2] for table in signatures.xpath(".//table") for row in rows(table)]
    assert told == ["NOT SIGNED"] * 10
    assert "0 signatures" not in heard(signatures)


def test_each_signature_is_told_with_how_and_when_and_a_missing_one_in_capitals() -> None:
    signatures = section(parsed(report_of(half_signed().register, real())), "signatures")
    july, _, jcc = (
        rows(table) for table in signatures.xpath('.//table[contains(@class,"people")]')
    )
    head, chair = "Head Teacher", "Chair of Governing Board"
    bank, william = (
        "Bank Road Infant and Nursery School",
        "William Lilley Infant and Nursery School",
    )
    own = "signed with their own certificate"
    assert july == [
        ["Carole Clemens", f"{head}, {bank}", own, "6 July 2017, 09:51 UTC"],
        [
            *("Sally Beardsley", f"{head}, {william}"),
            *(f"{own}, in another program", "7 July 2017, 09:58 UTC"),
        ],
        ["Andy Hitchcock", f"{chair}, {bank}", "signed on paper", "8 July 2017, 10:05 UTC"],
        ["Kevin Snow", f"{chair}, {william}", own, "9 July 2017, 10:12 UTC"],
    ]
    assert [row[2:] for row in jcc[1:]] == [
        ["NOT SIGNED: declined, “The library bid is missing.”", "17 July 2017, 11:08 UTC"],
        ["NOT SIGNED", "–"],
        ["NOT SIGNED", "–"],
    ]


def test_the_digests_of_every_state_are_there_in_groups() -> None:
    register = sealed()
    proof = proof_of(register, real())
    page = report_of(register, real())
    for known in proof.versions:
        assert known.fingerprint.spaced in page
        for state in known.states:
            assert page.count(state.digest.spaced) == 1
    assert proof.head is not None and proof.head.spaced in page
    check = heard(section(parsed(page), "proof"))
    for command in ("plan verify FILE", "sha256sum FILE", "shasum -a 256 FILE", "certutil"):
        assert command in check


def test_a_verdict_that_does_not_hold_is_told_first_and_doubted_everywhere() -> None:
    page = parsed(report_of(sealed(), real(), refuted(sealed())))
    told = answers(page)["Is it the document that was signed?"]
    assert told.startswith("That is not proven. NOT VERIFIED at step 2")
    assert MEANINGS["NOT VERIFIED"] in told
    assert "Yes" not in told
    assert "It could not be verified." in heard(section(page, "signatures"))
    assert "Bring the file back from a copy." in heard(section(page, "proof"))
    assert "DIFFERS: byte 4711 was changed" in heard(section(page, "details"))


def test_a_register_that_does_not_hold_shows_no_head() -> None:
    page = report_of(sealed(), real(), replace(refuted(sealed()), head=""))
    assert 'id="head"' not in page


def test_each_word_of_the_verdict_is_explained() -> None:
    told = answers(parsed(report_of(half_signed().register, real())))[
        "Is it the document that was signed?"
    ]
    for word in ("VERIFIED", "INCOMPLETE", "NOT ANCHORED"):
        assert f"{word}: {MEANINGS[word]}" in told


def test_words_that_the_register_does_not_know_are_named() -> None:
    changed = a_version({**NOVEMBER.plan.content(), "period": "2018"})
    page = parsed(report_of(sealed(), compare(JULY, changed)))
    assert "The register has other words" in heard(section(page, "proof"))
    assert NOVEMBER.fingerprint.spaced in heard(section(page, "proof"))


def test_lines_that_nobody_has_signed_stand_out() -> None:
    page = parsed(report_of(july_signed().register, real()))
    lines = section(page, "lines")
    new = sum(len(one.blocks) for one in NOVEMBER.plan.areas) - sum(
        len(one.blocks) for one in JULY.plan.areas
    )
    assert f"{new} of {new + 59} lines have been signed by NOBODY YET." in heard(lines)
    staff = rows(area(page, "staff", prefix="lines"))
    everybody = "Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow (2017-07)"
    assert staff[1][1:] == ["2017-07", everybody]
    assert staff[4][1:] == ["2017-11", "NOBODY YET"]
    marked = lines.xpath('.//tr[@class="alarm-row"]')
    assert {"NOBODY YET" in heard(row) for row in marked} == {True}
    assert len(marked) == heard(lines).count("NOBODY YET") - 1


def test_those_who_signed_both_versions_are_told_apart_from_those_who_signed_one() -> None:
    life = july_signed().issued(NOVEMBER).signed(NOVEMBER, JCC, CAROLE, SALLY)
    staff = rows(area(parsed(report_of(life.register, real())), "staff", prefix="lines"))
    assert staff[1][2] == (
        "Carole Clemens, Sally Beardsley (2017-07, 2017-11); Andy Hitchcock, Kevin Snow (2017-07)"
    )
    assert staff[4][2] == "Carole Clemens, Sally Beardsley (2017-11)"


def test_a_fully_signed_plan_has_no_line_that_nobody_has_signed() -> None:
    lines = heard(section(parsed(report_of(sealed(), real())), "lines"))
    assert "Each of its 98 lines has been signed by somebody." in lines
    assert "NOBODY" not in lines


def test_moved_changed_and_removed_lines_are_told_where_they_stand() -> None:
    page = parsed(report_of(half_signed().register, much_edited()))
    actions = NOVEMBER.plan.columns.actions
    staff = rows(area(page, "staff"))
    english = "English leads (4 December)"
    assert [f"moved to CPD, {actions}", english, ""] in staff
    old, new = "SENcos to meet (5 December 2017)", "SENCOs to meet in the hall (7 December 2017)"
    assert ["changed", old, new] in staff
    meet = "EYFS leads – to meet (date TBC)"
    assert ["changed in capitals and punctuation only", meet, f"{meet}."] in staff
    assert "changed from bullet to paragraph" in [row[0] for row in staff]
    assert [f"moved from Staff, {actions}", "", english] in rows(area(page, "cpd"))
    (moved,) = area(page, "cpd").xpath(f'.//tr[td//text()="{english}"]')
    assert moved.get("class") == "moved" and "→" in heard(moved)
    assert not area(page, "cpd").xpath(f'.//ins[contains(., "{english}")]'), "it is not new"
    parents = heard(area(page, "parents"))
    assert "Name: Parents added: and carers" in parents
    gone = area(page, "moderation-assessment")
    assert {row[0] for row in rows(gone) if len(row) > 1} == {"removed"}


def test_equal_versions_are_said_to_be_equal_with_no_mark() -> None:
    page = parsed(report_of(drafts(), compare(NOVEMBER, NOVEMBER)))
    assert "Nothing changed" in answers(page)["What changed?"]
    assert page.xpath("string(//h1)") == "2017-11 beside itself"
    assert "Nothing changed in the title block" in heard(section(page, "changes"))
    assert len(page.xpath("//ins|//del")) == 2, "those that explain the marks"


def test_versions_of_one_name_are_told_apart_by_their_fingerprints() -> None:
    other = a_version({**NOVEMBER.plan.content(), "period": "2018"})
    (title,) = parsed(report_of(drafts(), compare(NOVEMBER, other))).xpath("//h1/text()")
    assert NOVEMBER.fingerprint.short in title and other.fingerprint.short in title


def test_screen_readers_hear_what_was_added_and_removed() -> None:
    page = parsed(report_of(half_signed().register, much_edited()))
    for tag, word in (("ins", "added"), ("del", "removed")):
        for one in page.xpath(f"//{tag}"):
            assert heard(one).startswith(f"{word}: ")
            whole = len(one.getparent().xpath("ins|del")) == 1 and not said(
                one.getparent()
            ).replace(said(one), "")
            assert (
                whole
                or heard(one).endswith(f"(end of {word})")
                or said(one)
                in (
                    "struck out",
                    "underlined",
                )
            )


@slow
@pytest.mark.parametrize(("old", "new"), list(pairs(40, seed=7)))
def test_whatever_the_words_are_both_versions_can_be_read_in_full(old: Any, new: Any) -> None:
    comparison = compare(old, new)
    page = parsed(report_of(Life().built(old, new).register, comparison))
    for one in comparison.areas:
        lines = [line for cell in one.cells for line in cell.lines]
        shown = area(page, one.area.id).xpath(".//tbody/tr[td]")
        assert len(lines) == len(shown)
        for line, row in zip(lines, shown, strict=True):
            _demand_shown(line, row.xpath('.//span[starts-with(@class,"line ")]'))


def _demand_shown(line: Line, sides: list[Element]) -> None:
    """Each side of a line, word for word, and as the kind that it is."""
    blocks = [block for block in (line.old, line.new) if block is not None]
    if len(sides) == 1 and len(blocks) == 2:
        assert line.same
        blocks = blocks[:1]
    for block, side in zip(blocks, sides, strict=True):
        for gone in side.xpath(".//del") if line.moved and block is line.new else ():
            gone.drop_tree()
        assert said(side) == block.text
        assert side.get("class") == f"line {block.kind}"


def test_words_that_look_like_markup_stay_words() -> None:
    page = report_of(half_signed().register, much_edited())
    assert "Collaboration <Action> & Plan" not in page
    assert "Collaboration &lt;Action&gt; &amp; Plan" in page


class _Balance(HTMLParser):
    """Demands that every element is closed where it ought to be."""

    VOID = frozenset(("meta", "br"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        assert tag in ("rect", "circle", "path"), "only SVG closes elements so"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()


EVERY = (
    report_of(drafts(), real()),
    report_of(half_signed().register, much_edited()),
    report_of(sealed(), real(), refuted(sealed())),
    report_of(Life().built(JULY).register, compare(NOVEMBER, NOVEMBER)),
    report_of(Life().built(NOVEMBER).register, edited(lambda data: data.update(reviews=[]))),
)


@pytest.mark.parametrize("page", EVERY)
def test_the_markup_is_whole(page: str) -> None:
    balance = _Balance()
    balance.feed(page)
    assert not balance.open
    assert page.startswith('<!DOCTYPE html>\n<html lang="en-GB">')
    assert "{{" not in page and "{%" not in page


@pytest.mark.parametrize("page", EVERY)
def test_it_needs_no_script_and_nothing_from_outside(page: str) -> None:
    assert not re.search(r"<script|<link|<iframe|<img|\son\w+=|url\(|@import", page)
    assert not [one for one in re.findall(r'\b(?:href|src)="([^"]*)"', page) if one[0] != "#"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


@pytest.mark.parametrize("page", EVERY)
def test_every_link_leads_somewhere_and_every_id_is_there_once(page: str) -> None:
    ids = parsed(page).xpath("//@id")
    assert len(ids) == len(set(ids))
    for link in parsed(page).xpath("//a/@href"):
        assert link.removeprefix("#") in ids
    for labels in parsed(page).xpath("//@aria-labelledby"):
        assert set(labels.split()) <= set(ids)


@pytest.mark.parametrize("page", EVERY)
def test_tables_have_captions_and_headings_go_down_one_step_at_a_time(page: str) -> None:
    document = parsed(page)
    for table in document.xpath("//table"):
        assert heard(table.find("caption"))
        assert not table.xpath(".//th[not(@scope)]")
        for row in table.xpath(".//tr"):
            assert sum(int(cell.get("colspan", 1)) for cell in row.xpath("th|td")) == len(
                table.xpath("thead/tr/th")
            )
    levels = [int(one.tag[1]) for one in document.xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_version_that_asks_nobody_says_so() -> None:
    assert "Nobody is asked to sign 2018-03." in EVERY[-1]


@slow
def test_a_long_plan_s_report_takes_no_more_time_for_each_area(tmp_path: Path) -> None:
    """Linear, with room for a machine that is busy with something else."""

    def took(areas: int) -> float:
        version = load_one(write_long_plan(tmp_path / str(areas), areas), VERSION)
        comparison = compare(version, version)
        register = Life().built(version).register
        proof = proof_of(register, comparison, verdict(register, [version]))
        traced = trace(version, register)
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            make_report(comparison, proof, traced, register)
            best = min(best, time.perf_counter() - start)
        return best

    few, many = took(30), took(240)
    assert many < 8 * few * 2.5
    assert few < 0.5
