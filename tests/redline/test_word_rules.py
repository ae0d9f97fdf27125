"""What Word demands of tracked changes, checked on every part of many redlines."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree
from signed_plan.compare.compare import compare
from signed_plan.redline.redline import make_redline

from tests.compare.random_plans import pairs
from tests.helpers import REPO
from tests.redline.resolver import w

pytestmark = pytest.mark.slow("merges many made-up texts")

# The order of the children: CT_PPr, CT_ParaRPr, CT_TrPr (ISO/IEC 29500-1, annex A.1).
PARAGRAPH = (
    "pStyle keepNext keepLines pageBreakBefore framePr widowControl numPr suppressLineNumbers pBdr "
    "shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE "
    "autoSpaceDN bidi adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents "
    "suppressOverlap jc textDirection textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr "
    "sectPr pPrChange"
).split()
MARK = (
    "ins del moveFrom moveTo rStyle rFonts b bCs i iCs caps smallCaps strike dstrike outline "
    "shadow emboss imprint noProof snapToGrid vanish webHidden color spacing w kern position "
    "sz szCs highlight u effect bdr shd fitText vertAlign rtl cs em lang eastAsianLayout "
    "specVanish oMath rPrChange"
).split()
ROW_LAST = ("ins", "del", "trPrChange")
CHANGES = ("ins", "del", "pPrChange", "rPrChange")


XML = "{http://www.w3.org/XML/1998/namespace}"


def name(element: Any) -> str:
    return str(etree.QName(element).localname)


def names(elements: Any) -> list[str]:
    return [name(element) for element in elements]


def in_order(children: Any, order: list[str]) -> bool:
    places = [order.index(one) for one in names(children)]
    return places == sorted(set(places))


def mistakes(docx: bytes) -> Iterator[str]:
    """Everything in a Word file that Word would not have written itself."""
    ids: list[str] = []
    with zipfile.ZipFile(io.BytesIO(docx)) as package:
        for part in package.namelist():
            if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", part):
                story = etree.fromstring(package.read(part))
                for check in (in_changes, in_runs, in_texts, in_properties, in_tables):
                    yield from (f"{part}: {one}" for one in check(story))
                marks = story.iter(*map(w, (*CHANGES, "bookmarkStart")))
                ids += (mark.get(w("id")) for mark in marks)
            if part in ("word/styles.xml", "word/numbering.xml"):
                yield from (
                    f"{part}: {one}" for one in in_properties(etree.fromstring(package.read(part)))
                )
        yield from in_settings(etree.fromstring(package.read("word/settings.xml")))
    if len(ids) != len(set(ids)):
        yield "an id is there twice"


def in_changes(story: Any) -> Iterator[str]:
    for change in story.iter(*map(w, CHANGES)):
        if not 0 < len(change.get(w("author"), "")) <= 255:
            yield "a change of nobody, or of a name longer than Word takes"
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", change.get(w("date"))):
            yield "a change of no day"


def in_runs(story: Any) -> Iterator[str]:
    for mark in story.iter(w("ins"), w("del")):
        if name(mark.getparent()) in ("rPr", "trPr"):
            continue
        if not len(mark) or set(names(mark)) != {"r"}:
            yield "a mark around something else than runs, or around nothing"
        if any(set(names(run)) <= {"rPr"} for run in mark):
            yield "a mark around an empty run"
        if {"ins", "del"} & set(names(mark.iterancestors())):
            yield "a mark inside a mark"


def in_texts(story: Any) -> Iterator[str]:
    for text in story.iter(*map(w, ("t", "delText", "instrText", "delInstrText"))):
        removed = name(text.getparent().getparent()) == "del"
        if removed != name(text).startswith("del"):
            yield f"{name(text)} in the wrong place"
        said = text.text or ""
        if said != said.strip() and text.get(f"{XML}space") != "preserve":
            yield "spaces that Word would drop"


def in_properties(story: Any) -> Iterator[str]:
    for properties in story.iter(w("pPr")):
        inside = names(properties)
        if not in_order(properties, PARAGRAPH):
            yield f"the order of {inside}"
        older = name(properties.getparent()) == "pPrChange"
        if older and {"rPr", "sectPr", "pPrChange"} & set(inside):
            yield "older properties with what may not be in them"
    for look in story.iter(w("rPr")):
        if not in_order(look, MARK):
            yield f"the order of {names(look)}"


def in_settings(settings: Any) -> Iterator[str]:
    for zoom in settings.iter(w("zoom")):
        if not re.fullmatch(r"\d+%?", zoom.get(w("percent"), "")):
            yield "a zoom without a percentage"


def in_tables(story: Any) -> Iterator[str]:
    for properties in story.iter(w("trPr")):
        last = [one for one in names(properties) if one in ROW_LAST]
        if names(properties)[len(properties) - len(last) :] != last or len(last) > 1:
            yield f"the order of {names(properties)}"
    for cell in story.iter(w("tc")):
        if name(cell[-1]) != "p":
            yield "a cell that ends without a paragraph"
        elif cell[-1].xpath("w:pPr/w:rPr/w:ins | w:pPr/w:rPr/w:del", namespaces=cell.nsmap):
            yield "a cell's last mark is tracked: Word's Accept All would hang"


@pytest.fixture(scope="module")
def redlines() -> list[bytes]:
    template = REPO / "templates/plan.docx"
    return [make_redline(compare(old, new), template) for old, new in pairs(60, seed=50)]


def test_random_redlines_are_as_word_writes_them(redlines: list[bytes]) -> None:
    for redline in redlines:
        assert list(mistakes(redline)) == []


SPOILED: dict[str, tuple[str, str]] = {
    "an empty mark": (r"(<w:ins [^/>]*)>(?:(?!</w:ins>).)*</w:ins>", r"\1/>"),
    "text that is not removed": (r"w:delText", "w:t"),
    "the change before the style": (
        r"(<w:pPr>)((?:(?!</w:pPr>).)*)(<w:pPrChange .*?</w:pPrChange>)",
        r"\1\3\2",
    ),
    "a row's mark first": (r"(<w:trPr>)(<w:cantSplit/>)(<w:(?:ins|del) [^>]*/>)", r"\1\3\2"),
    "one id for all": (r'(<w:ins w:id=")\d+', r"\g<1>7"),
    "a link inside a mark": (
        r"(<w:ins [^>]*>)(<w:r>.*?</w:r>)",
        r"\1<w:hyperlink>\2</w:hyperlink>",
    ),
    "nobody": (r' w:author="[^"]*"', ""),
    "somebody with a very long name": (r' w:author="', f' w:author="{256 * "x"}'),
    "a zoom without a percentage": (r' w:percent="100"', ""),
    "a cell without an end": (r"<w:p>(?:(?!</w:p>).)*</w:p></w:tc>", "<w:tbl/></w:tc>"),
}


@pytest.mark.parametrize("what", SPOILED)
def test_each_mistake_is_seen(what: str, redlines: list[bytes]) -> None:
    pattern, instead = SPOILED[what]
    redline = max(redlines, key=len)
    spoiled = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(redline)) as package, zipfile.ZipFile(spoiled, "w") as other:
        for part in package.namelist():
            data = package.read(part).decode("utf-8")
            if part == ("word/settings.xml" if "zoom" in what else "word/document.xml"):
                data, changes = re.subn(pattern, instead, data)
                assert changes, "there is nothing of this kind to spoil"
            other.writestr(part, data)
    assert list(mistakes(spoiled.getvalue())) != []
