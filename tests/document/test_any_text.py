"""Any text that a clerk may write, all the way from YAML to the printed page; and any row."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from collections import Counter
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed_plan.plan.text import flaw, normalise

from tests.document.helpers import (
    Papers,
    Word,
    a_plan,
    an_area,
    cell_texts,
    element_text,
    elements,
    is_element,
    kids,
    kind,
    make_papers,
    page_texts,
    piece_texts,
    run,
    tree_root,
    words,
)

pytestmark = pytest.mark.slow("prints many made-up texts")


@cache
def _characters() -> str:
    """What the plan's own font has: letters, digits, punctuation, symbols."""
    charset = run("fc-match", "--format", "%{charset}", "Carlito")
    found: list[str] = []
    for part in charset.split():
        first, _, last = part.partition("-")
        found += map(chr, range(int(first, 16), int(last or first, 16) + 1))
    usable = [
        one for one in found if unicodedata.category(one)[0] in "LNPS" and normalise(one) == one
    ]
    return "".join(usable)


@st.composite
def _texts(draw: st.DrawFn, alphabet: str) -> str:
    letters = st.text(st.sampled_from(alphabet), min_size=1, max_size=12)
    text = normalise(" ".join(draw(st.lists(letters, min_size=1, max_size=12))))
    return text if flaw(text) is None else "again"


def _printed_cells(papers: Papers) -> list[str]:
    """The texts of the tagged paragraphs in the first cell of the first area, bullets left out."""
    reader = papers.reader
    pieces = piece_texts(reader)
    table = next(one for one in elements(tree_root(reader)) if kind(one) == "/Table")
    row = list(filter(is_element, kids(table)))[1]
    cell = list(filter(is_element, kids(row)))[1]
    return [
        element_text(one, pieces).removeprefix("•")
        for one in elements(cell)
        if kind(one) == "/LBody"
    ]


@settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_any_text_of_the_plans_font_survives_to_the_word_file_and_the_pdf(
    data: st.DataObject,
) -> None:
    texts = data.draw(st.lists(_texts(_characters()), min_size=40, max_size=40))
    with tempfile.TemporaryDirectory() as folder:
        version = a_plan(Path(folder), an_area(key=texts))
        (papers,) = make_papers([version], Path(folder))
        assert [block.text for block in version.plan.areas[0].key] == texts
        assert cell_texts(papers.plan_docx, 1, 1) == texts
        assert _printed_cells(papers) == texts
        printed = Counter("".join(page_texts(papers.path)).replace("\n", ""))
        for character, count in Counter("".join(texts).replace(" ", "")).items():
            assert printed[character] >= count


RIGHT_TO_LEFT = "אבגדהוזחטיכלמנסעפצקרשת" + "ابتثجحخدذرزسشصضطظعغفقكلمنهوي" + "0123456789.,()"
COMBINED = "abcdeghijknopqrstuvwxyz\u0303\u0323\u0308\u0331"


@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_other_directions_and_stacked_marks_survive(data: st.DataObject) -> None:
    texts = data.draw(
        st.lists(st.one_of(_texts(RIGHT_TO_LEFT), _texts(COMBINED)), min_size=30, max_size=30)
    )
    with tempfile.TemporaryDirectory() as folder:
        (papers,) = make_papers([a_plan(Path(folder), an_area(key=texts))], Path(folder))
        assert cell_texts(papers.plan_docx, 1, 1) == texts
        found = _printed_cells(papers)
        assert [_letters(text) for text in found] == [_letters(text) for text in texts]


def _letters(text: str) -> Counter[str]:
    """What a text is made of, whatever its order and way of composing."""
    return Counter(unicodedata.normalize("NFKD", text).replace(" ", ""))


# Rows and pages


def _points(printed: list[Word]) -> dict[str, list[int]]:
    """For each row, by its number, the pages its points "Point N of row M" stand on."""
    found: dict[str, list[int]] = {}
    for at, word in enumerate(printed):
        if word.text == "Point" and [one.text for one in printed[at + 2 : at + 4]] == ["of", "row"]:
            found.setdefault(printed[at + 4].text, []).append(word.page)
    return found


def test_no_row_that_fits_on_a_page_is_split_over_two(made_up: dict[str, Papers]) -> None:
    papers = made_up["heights"]
    pages = _points(words(papers.path))
    for number, area in enumerate(papers.version.plan.areas, 1):
        found = pages[str(number)]
        assert len(found) == len(area.actions)
        assert len(set(found)) == 1
    assert len({page for found in pages.values() for page in found}) > 5


def test_pages_are_filled_as_far_as_whole_rows_go(made_up: dict[str, Papers]) -> None:
    pages = _points(words(made_up["heights"].path))
    on_page = [page for _, (page, *_) in sorted(pages.items(), key=lambda row: int(row[0]))]
    assert on_page == sorted(on_page)
    assert max(len(list(rows)) for _, rows in groupby(on_page)) > 3


def test_a_row_taller_than_a_page_still_shows_all_of_its_text(made_up: dict[str, Papers]) -> None:
    papers = made_up["tall"]
    texts = page_texts(papers.path)
    shown = [re.findall(r"Point (\d+) of the tall row", text) for text in texts]
    assert [int(number) for page in shown for number in page] == list(range(90))
    assert sum(map(bool, shown)) >= 3
    assert "The actions of area 3" in "".join(texts)


def test_the_header_row_is_repeated_on_every_page_of_the_table(made_up: dict[str, Papers]) -> None:
    for name in ("heights", "tall"):
        papers = made_up[name]
        texts = page_texts(papers.path)[: papers.plan_pages]
        with_rows = [text for text in texts if re.search(r"Point \d|The actions of area", text)]
        assert len(with_rows) > 2
        for text in with_rows:
            assert " ".join(text.split()).count("Column actions") == 1
