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
from signed_plan.report.sentences import MEANINGS, NEVER_BUILT
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
Data = dict[str, Any]


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


def place(page: Element, name: str) -> Element:
    """Where the report opens with the changes of one area, or of one part above or below."""
    (found,) = [
        one for one in page.xpath('//div[@class="place"]') if heard(one.find("h3")).startswith(name)
    ]
    return found


def told(place: Element) -> list[tuple[str, str]]:
    """Each change: what became of it, and its words, as far as they are seen."""
    return [
        (said(one[0]).strip(), said(one.xpath('span[@class="line"]')[0]))
        for one in place.xpath('.//ul[@class="told"]/li')
    ]


def rows(table: Element) -> list[list[str]]:
    return [
        [" ".join(said(cell).split()) for cell in row.xpath("th|td")]
        for row in table.xpath(".//tbody/tr")
    ]


def answers(page: Element) -> dict[str, str]:
    """What the first three sections say first."""
    return {
        "What changed?": heard(section(page, "changes").xpath('.//ul[@class="headline"]')[0]),
        "Is it the document?": heard(section(page, "proof")),
        "Who has signed?": " ".join(map(heard, section(page, "signatures").findall("p"))),
    }


@pytest.fixture(scope="module")
def page() -> Element:
    """July and November as they are, not signed."""
    return parsed(report_of(drafts(), real()))


def test_the_true_answer_for_july_and_november(page: Element) -> None:
    """Six areas changed, two added, two unchanged; an amendment line, two reviews; no loss."""
    headings = [heard(one) for one in section(page, "changes").xpath('.//div[@class="place"]/h3')]
    assert [one.partition(" new area")[0] for one in headings if " lines added" not in one] == [
        *("Title block", *ADDED, "Reviews"),
    ]
    assert [one.rpartition(" lines")[0][:-2] for one in headings if "lines added" in one] == [
        *CHANGED
    ]
    assert f"Unchanged: {'; '.join(UNCHANGED)}." in heard(section(page, "changes"))
    assert told(place(page, "Title block")) == [("added", NOVEMBER.plan.amendment)]
    assert [heard(one) for one in place(page, "Reviews").xpath(".//h4")] == [
        *("Review: November 2017, head teachers", "Review: 14th November 2017, JCC"),
    ]
    assert not [one for one in page.xpath("//del") if said(one) != "struck out"]
    assert "and none was removed." in answers(page)["What changed?"]


def test_what_was_added_to_the_six_areas_is_their_autumn(page: Element) -> None:
    areas = {one.name: one for one in NOVEMBER.plan.areas}
    for name in CHANGED:
        texts = [block.text for block in areas[name].actions]
        autumn = texts[texts.index("Autumn 2017") :]
        added = area(page, areas[name].id).xpath(".//td//ins")
        assert [said(one) for one in added] == autumn
        assert told(place(page, name)) == [("added", text) for text in autumn]


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


def test_it_opens_with_the_changes_then_proof_and_signatures() -> None:
    page = parsed(report_of(sealed(), real()))
    assert [heard(one) for one in page.xpath("//h2")][:4] == [
        *("1 What changed", "In this report"),
        *("2 Is it the document that was signed?", "3 Who has signed which version?"),
    ]
    what, is_it, who = answers(page).values()
    assert what.startswith("6 of 10 areas changed, 2 added, 2 unchanged. The amendment line was")
    assert "Yes: the PDF of 2017-11 is, byte for byte, the one that was signed" in is_it
    assert "2017-07: 4 of 4 signatures" in who and "2017-11: 6 of 6 signatures" in who
    assert "NOT SIGNED" not in who
    assert heard(page.xpath("//header")[0]).count("VERIFIED, NOT ANCHORED") == 1


def test_unchanged_areas_are_folded_away_and_no_changed_one_is() -> None:
    page = parsed(report_of(half_signed().register, real()))
    (folded,) = section(page, "side-by-side").xpath(".//details")
    assert heard(folded.find("summary")) == f"2 areas did not change: {'; '.join(UNCHANGED)}"
    assert [heard(one) for one in folded.xpath(".//h3")] == [*UNCHANGED]
    assert not page.xpath("//details[@open]")


def test_numbers_dates_and_not_are_marked_where_they_came_or_went() -> None:
    def act(data: Data) -> None:
        staff = next(one for one in data["areas"] if one["id"] == "staff")
        staff["actions"][4]["bullet"] = "SENcos are not to meet (7 December 2017) for 2 hours"

    page = parsed(report_of(drafts(), edited(act)))
    (change,) = place(page, "Staff").xpath('.//ul[@class="told"]/li')
    assert [said(one) for one in change.xpath('.//strong[@class="weighty"]')] == [
        *("not", "5", "7", "2"),
    ]
    (tag,) = change.xpath('.//span[@class="tag"]')
    assert heard(tag) == "dates, “not” or the like, numbers"
    (staff_row,) = area(page, "staff").xpath('.//tr[@class="changed"]')
    assert len(staff_row.xpath('.//strong[@class="weighty"]')) == 4


def test_of_a_long_text_the_unchanged_middle_is_left_out_at_the_top_and_told_below() -> None:
    long = " ".join(f"word{at}" for at in range(300))

    def act(data: Data) -> None:
        data["areas"][0]["actions"][0]["bullet"] = long

    older = edited(act).new
    data = older.plan.content()
    data["areas"][0]["actions"][0]["bullet"] = long.replace("word150", "another")
    page = parsed(report_of(drafts(), compare(older, a_version(data))))
    ((_, words),) = told(place(page, "Safeguarding"))
    assert "word150another" in words and words.startswith("… ") and words.endswith(" …")
    assert len(words) < 200
    assert long in [said(one) for one in area(page, "safeguarding").xpath(".//td/span")]


def test_what_only_moved_or_was_split_is_neither_struck_out_nor_underlined() -> None:
    def act(data: Data) -> None:
        staff, cpd = (
            next(one["actions"] for one in data["areas"] if one["id"] == id_)
            for id_ in ("staff", "cpd")
        )
        cpd.append(staff.pop())
        words = staff[4]["bullet"].split()
        staff[4]["bullet"] = " ".join(words[:2])
        staff.insert(5, {"id": "rest", "bullet": " ".join(words[2:])})
        staff.insert(0, staff.pop(3))

    page = parsed(report_of(drafts(), edited(act)))
    for shown in (place(page, "Staff"), place(page, "CPD"), area(page, "staff"), area(page, "cpd")):
        assert not [one for one in shown.xpath(".//ins|.//del") if said(one).strip()]
    assert "split in two, no words lost" in [one for one, _ in told(place(page, "Staff"))]
    assert "1 line split in two" in heard(place(page, "Staff").find("h3"))


def test_names_from_right_to_left_stand_apart_from_the_words_around_them() -> None:
    dana, apart = "\u05d3\u05e0\u05d4", "\u2068\u05d3\u05e0\u05d4\u2069"

    def rename(data: Data) -> None:
        for one in (*data["people"], *data["schools"]):
            one["name"] = dana
        for one in data["reviews"]:
            one["title"], one["version"] = dana, "2018-03"

    page = parsed(report_of(drafts(), edited(rename)))
    assert heard(page.xpath("//header")[0]).startswith(
        f"Collaboration Action Plan 2017 · {apart} and {apart} "
    )
    signatures = heard(section(page, "signatures"))
    assert f"It asks {apart}." in signatures
    assert f"Head Teacher, {apart}" in signatures and f"2018-03: {apart}" in signatures


def test_where_nothing_was_ever_built_it_says_that_and_no_more() -> None:
    page = parsed(report_of(Life().register, real(), never_built=True))
    assert "NEVER BUILT" in heard(page.xpath("//header")[0])
    proof = heard(section(page, "proof"))
    assert NEVER_BUILT in proof
    assert MEANINGS["NOT VERIFIED"] not in heard(page)
    assert "NOT VERIFIED" not in heard(page)
    assert "a draft, not issued" not in proof and proof.count("never built") == 4


def test_areas_that_point_elsewhere_say_to_what() -> None:
    def act(data: Data) -> None:
        data["objectives"].insert(0, {"number": 0, "text": "Reading aloud."})
        for number, objective in enumerate(data["objectives"], 1):
            objective["number"] = number

    page = parsed(report_of(drafts(), edited(act)))
    ((note, words),) = told(place(page, "Parents"))
    assert note == "its links now point to other objectives"
    assert words == (
        "Objective 1 (“Demonstrating a commitment to a sustained…”), "
        "Objective 2 (“Continually reviewing and demonstrating, in a…”), "
        "Objective 7 (“Strengthening the school links with the…”)"
        "Objective 1 (“Reading aloud.”), "
        "Objective 2 (“Demonstrating a commitment to a sustained…”), "
        "Objective 7 (“Enabling a more effective deployment of…”)"
    )


def test_nobody_is_said_to_have_signed_a_draft(page: Element) -> None:
    what = answers(page)["Is it the document?"]
    assert "2017-11 has not been issued: nobody can have signed it yet." in what
    assert "Yes" not in what
    signatures = section(page, "signatures")
    signed = [row[2] for table in signatures.xpath(".//table") for row in rows(table)]
    assert signed == ["NOT SIGNED"] * 10
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
    said = answers(page)["Is it the document?"]
    assert "That is not proven. NOT VERIFIED at step 2" in said
    assert MEANINGS["NOT VERIFIED"] in said
    assert "Yes" not in said
    (standing,) = page.xpath('//p[@class="standing alarm"]')
    assert heard(standing).startswith("NOT VERIFIED")
    assert "It could not be verified." in heard(section(page, "signatures"))
    assert "Bring the file back from a copy." in heard(section(page, "proof"))
    assert "DIFFERS: byte 4711 was changed" in heard(section(page, "details"))


def test_a_register_that_does_not_hold_shows_no_head() -> None:
    page = report_of(sealed(), real(), replace(refuted(sealed()), head=""))
    assert 'id="head"' not in page


def test_each_word_of_the_verdict_is_explained() -> None:
    proof = answers(parsed(report_of(half_signed().register, real())))["Is it the document?"]
    for word in ("VERIFIED", "INCOMPLETE", "NOT ANCHORED"):
        assert f"{word}: {MEANINGS[word]}" in proof


def test_words_that_the_register_does_not_know_are_named() -> None:
    changed = a_version({**NOVEMBER.plan.content(), "period": "2018"})
    page = parsed(report_of(sealed(), compare(JULY, changed)))
    assert "The register has other words" in heard(section(page, "proof"))
    assert NOVEMBER.fingerprint.spaced in heard(section(page, "proof"))


def test_lines_that_nobody_has_signed_stand_out() -> None:
    page = parsed(report_of(july_signed().register, real()))
    lines = section(page, "lines")
    assert "42 of the 135 lines of 2017-11 have been signed by NOBODY YET." in heard(lines)
    staff = rows(area(page, "staff", prefix="lines"))
    everybody = "Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow (2017-07)"
    assert staff[1][1:] == ["2017-07", everybody]
    assert staff[6][1:] == ["2017-11", "NOBODY YET"]
    assert rows(lines.find("table")) == [
        *(["93 lines", "2017-07", everybody], ["42 lines", "2017-11", "NOBODY YET"]),
    ]
    above = rows(area(page, "above", prefix="lines"))
    assert ["Objectives"] in above and ["Headings"] in above
    marked = lines.xpath('.//tr[@class="alarm-row"]')
    assert {"NOBODY YET" in heard(row) for row in marked} == {True}
    assert len(marked) == heard(lines).count("NOBODY YET") - 1


def test_those_who_signed_both_versions_are_told_apart_from_those_who_signed_one() -> None:
    life = july_signed().issued(NOVEMBER).signed(NOVEMBER, JCC, CAROLE, SALLY)
    staff = rows(area(parsed(report_of(life.register, real())), "staff", prefix="lines"))
    assert staff[1][2] == (
        "Carole Clemens, Sally Beardsley (2017-07, 2017-11); Andy Hitchcock, Kevin Snow (2017-07)"
    )
    assert staff[6][2] == "Carole Clemens, Sally Beardsley (2017-11)"


def test_a_fully_signed_plan_has_no_line_that_nobody_has_signed() -> None:
    lines = heard(section(parsed(report_of(sealed(), real())), "lines"))
    assert "Each of the 135 lines of 2017-11 has been signed by somebody." in lines
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
    parents = heard(place(page, "Parents"))
    assert "renamed Parents added: and carers" in parents
    gone = area(page, "moderation-assessment")
    assert {row[0] for row in rows(gone) if len(row) > 1} == {"removed"}


def test_equal_versions_are_said_to_be_equal_with_no_mark() -> None:
    page = parsed(report_of(drafts(), compare(NOVEMBER, NOVEMBER)))
    assert "Nothing changed" in answers(page)["What changed?"]
    assert page.xpath("string(//h1)") == "2017-11 beside itself"
    assert not section(page, "changes").xpath(".//ins|.//del|.//h3")
    assert len(page.xpath("//ins|//del")) == 2, "those that explain the marks"
    assert "10 areas did not change" in heard(section(page, "side-by-side"))


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
