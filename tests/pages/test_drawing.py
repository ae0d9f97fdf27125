"""Each text on a page is read, and whether it can be seen is told by how it is drawn."""

from __future__ import annotations

import pytest
from signed_plan.pages.drawing import (
    COLOUR,
    COVERED,
    HIDDEN,
    OFF_PAGE,
    ON_IT,
    TINY,
    PageLine,
    read_lines,
)

from tests.pages.drawn import draw, words

WHITE, DARK, NAVY = "1 g", "0.2 g", "0 0 0.4 rg"
OVER = "0 0 300 200 re f"
CROP = (10, 50, 290, 190)
SHAPES = {
    "plain": (words("Hello"), ""),
    "white on a dark ground": (f"{NAVY} {OVER} {words('Hello', before=WHITE)}", ""),
    "outlined as well": (words("Hello", before="2 Tr"), ""),
    "outlined only": (words("Hello", before="1 Tr"), ""),
    "beside a box that is drawn later": (f"{words('Hello')} 100 90 50 50 re f", ""),
    "below lines that are drawn later": (f"{words('Hello')} 20 104 m 50 104 l S", ""),
    "inside a clip": (f"q 10 90 100 30 re W n {words('Hello')} Q", ""),
    "on a picture": (
        f"q 100 0 0 50 10 90 cm /Grey Do Q {words('Hello', before='1 g')}",
        "",
    ),
    "half on a dark ground": (f"{DARK} 0 0 35 200 re f {words('Hello', before='0.6 g')}", ""),
    "drawn as hidden": (words("Hello", before="3 Tr"), HIDDEN),
    "drawn as a clip alone": (words("Hello", before="7 Tr"), HIDDEN),
    "off the page": (words("Hello", x=290), OFF_PAGE),
    "below the page": (words("Hello", y=-6), OFF_PAGE),
    "white on white": (words("Hello", before=WHITE), COLOUR),
    "almost white on white": (words("Hello", before="0.96 g"), COLOUR),
    "dark on dark": (f"{DARK} {OVER} {words('Hello', before='0.25 g')}", COLOUR),
    "covered by a box": (f"{words('Hello')} {WHITE} 10 90 100 40 re f", COVERED),
    "half covered by a box": (f"{words('Hello')} {WHITE} 35 90 100 40 re f", COVERED),
    "its lower half covered": (f"{words('Hello')} {WHITE} 10 90 100 14 re f", COVERED),
    "covered by a picture": (
        f"{words('Hello')} q 100 0 0 50 10 90 cm /Grey Do Q",
        COVERED,
    ),
    "of the colour of the picture behind it": (
        f"q 100 0 0 50 10 90 cm /Grey Do Q {words('Hello', before='0.235 g')}",
        COVERED,
    ),
    "cut off by a clip": (f"q 10 90 20 30 re W n {words('Hello')} Q", COVERED),
    "outside its clip": (f"q 10 10 20 30 re W n {words('Hello')} Q", COVERED),
    "cut off by a clip that is no rectangle": (
        f"q 10 90 m 40 90 l 10 130 l h W n {words('Hello')} Q",
        COVERED,
    ),
    "of a font of 5 points": (words("Hello", before="/F1 5 Tf"), ""),
    "of a font of 2 points": (words("Hello", before="/F1 2 Tf"), TINY),
    "made tiny by a matrix": (f"q .1 0 0 .1 20 90 cm {words('Hello')} Q", TINY),
    "made large by a matrix": (f"q 9 0 0 9 0 0 cm {words('Hello', 2, 9, before='/F1 1 Tf')} Q", ""),
    "all but transparent": (f"q /Faint gs {words('Hello')} Q", COVERED),
    "covered by a thick line": (f"{words('Hello')} 1 G 30 w 10 104 m 90 104 l S", COVERED),
    "covered by a line that a matrix makes thick": (
        f"{words('Hello')} q 1 G 30 0 0 30 0 0 cm 1 w .3 3.5 m 3 3.5 l S Q",
        COVERED,
    ),
    "painted out by thin lines": (
        f"{words('Hello')} 1 G 1.9 w"
        + "".join(f" 10 {99 + 1.5 * n} m 60 {99 + 1.5 * n} l" for n in range(8))
        + " S",
        COVERED,
    ),
    "of letters pressed together": (f"q .02 0 0 1 20 0 cm {words('Hello')} Q", TINY),
    "a full stop": (words("."), ""),
    "written upwards": ("BT /F1 12 Tf 0 1 -1 0 50 100 Tm (Hello) Tj ET", ""),
    "narrow": (words("Hello", before="60 Tz"), ""),
    "scaled to a tenth of its width": (words("Hello", before="10 Tz"), TINY),
    "in a layer that is switched off": (f"/OC /Layer BDC {words('Hello')} EMC", COVERED),
    "of the document, in such a layer": (
        f"/OC /Layer BDC {words('Hello', mark='0')} EMC",
        COVERED,
    ),
    "in a line as close as lines may be": (f"{words('Hello')} {words('Hello', y=109)}", ""),
    "in a line that lies on the next": (f"{words('Hello')} {words('Hello', y=106)}", ON_IT),
    "below other words": (f"{words('Hello')} {words('Never', x=21)}", ON_IT),
}


def only(pdf: bytes) -> PageLine:
    return read_lines(pdf)[0][0]


@pytest.mark.parametrize("content, hidden", SHAPES.values(), ids=SHAPES)
def test_what_hides_a_text_is_told_and_what_does_not_is_not(content: str, hidden: str) -> None:
    line = only(draw(content))
    assert line.text in ("Hello", ".")
    assert line.hidden == hidden


def test_a_field_on_a_text_hides_it_and_one_beside_it_does_not() -> None:
    assert only(draw(words("Hello"), field=(10, 90, 100, 120))).hidden == ON_IT
    assert only(draw(words("Hello"), field=(10, 20, 100, 80))).hidden == ""


@pytest.mark.parametrize(
    "look, hidden",
    {
        "/Border [0 0 0]": "",
        "/Border [0 0 16] /C [1 1 1]": ON_IT,
        "": ON_IT,
        "/Border [0 0 0] /BS << /W 9 >>": ON_IT,
        "/Border [0 0 0] /AP << >>": ON_IT,
    }.items(),
)
def test_a_link_hides_a_text_only_if_it_draws_something(look: str, hidden: str) -> None:
    pdf = draw(words("Hello"), field=(10, 90, 100, 120))
    link = pdf.replace(b"/Subtype /Widget\n/FT /Sig", f"/Subtype /Link {look}".encode())
    assert link != pdf
    assert only(link).hidden == hidden


def test_text_inside_a_group_is_read() -> None:
    assert only(draw("/Form Do")).text == "Grouped"
    assert only(draw("/Form Do")).hidden == ""
    assert only(draw(f"/Form Do {WHITE} {OVER}")).hidden == COVERED


@pytest.mark.parametrize(
    "matrix, hidden",
    {
        "1 0 0 1 40 30": "",
        "1 0 0 1 400 0": OFF_PAGE,
        "1 0 0 1 0 -150": OFF_PAGE,
        ".1 0 0 .1 20 90": TINY,
    }.items(),
)
def test_a_group_is_judged_where_the_page_draws_it(matrix: str, hidden: str) -> None:
    assert only(draw(f"q {matrix} cm /Form Do Q")).hidden == hidden


def test_a_page_that_is_cropped_or_turned_is_judged_as_it_is_seen() -> None:
    covered = f"{words('Hello')} {WHITE} 10 90 100 40 re f"
    for turned in (0, 90, 180, 270):
        assert only(draw(covered, crop=CROP, turned=turned)).hidden == COVERED
        assert only(draw("/Form Do", crop=CROP, turned=turned)).hidden == ""
    assert only(draw(words("Hello"), crop=(40, 50, 290, 190))).hidden == OFF_PAGE


def test_pieces_of_one_mark_are_one_line_and_what_has_no_mark_is_not_of_the_document() -> None:
    content = " ".join(
        (
            f"/P <</MCID 0>> BDC {words('One')} {words('two', x=60)} EMC",
            words("Three", y=80, mark="1"),
            f"/Artifact BMC {words('Footer', y=10)} EMC",
        )
    )
    (page,) = read_lines(draw(content))
    assert [(line.text, line.tagged) for line in page] == [
        ("Onetwo", True),
        ("Three", True),
        ("Footer", False),
    ]
    assert page[0].box.left < 22 and page[0].box.right > 65


def test_pages_are_counted_and_a_page_without_text_has_no_lines() -> None:
    first, second, third = read_lines(draw(words("One"), OVER, words("Three")))
    assert ([one.page for one in first], second, [one.page for one in third]) == ([1], [], [3])


def test_what_is_no_pdf_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="no PDF"):
        read_lines(b"%PDF-1.7 and no more")
