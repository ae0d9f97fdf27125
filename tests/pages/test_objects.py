"""Everything that a page draws is found, also inside groups, with where the page draws it."""

from __future__ import annotations

import pypdfium2
import pytest
from signed_plan.pages.objects import PATH, TEXT, Box, Matrix, page_objects, read_matrix

from tests.pages.drawn import draw, words


def page_of(content: str) -> pypdfium2.PdfPage:
    return pypdfium2.PdfDocument(draw(content))[0]


def test_pieces_come_in_the_order_in_which_they_are_drawn() -> None:
    page = page_of(f"0 0 9 9 re f {words('One')} 0 0 9 9 re f")
    assert [one.kind for one in page_objects(page)] == [PATH, TEXT, PATH]
    assert all(one.group is None for one in page_objects(page))


def test_a_piece_of_a_group_has_the_matrix_of_the_group() -> None:
    page = page_of("q 2 0 0 2 30 40 cm /Form Do Q")
    (text,) = page_objects(page)
    assert text.kind == TEXT
    assert text.group == Matrix(2, 0, 0, 2, 30, 40)
    assert read_matrix(text.raw)[4:] == pytest.approx((20, 100))


def test_a_matrix_moves_a_point_and_one_inside_another_is_applied_first() -> None:
    double, move = Matrix(2, 0, 0, 2, 0, 0), Matrix(1, 0, 0, 1, 5, 7)
    assert double.apply(1, 2) == (2, 4)
    assert double.before(move).apply(1, 2) == (7, 11)
    assert move.before(double).apply(1, 2) == (12, 18)


def test_a_box_holds_what_leans_out_a_little_and_meets_more_than_a_seam() -> None:
    box = Box(0, 0, 10, 10)
    assert box.holds(Box(-0.5, 0, 10.5, 10))
    assert not box.holds(Box(-2, 0, 10, 10))
    assert box.meets(Box(9, 9, 20, 20))
    assert not box.meets(Box(9.8, 0, 20, 10))
