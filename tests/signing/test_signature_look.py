"""What a signature shows stays in its box, is small, and carries nothing."""

from __future__ import annotations

from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signed_plan.signing.signature_look import MAX_LOOK, look_fault

from tests.signing.helpers import CAROLE, SALLY, Signing
from tests.signing.test_revision_diff import Mutation, _field, _number, _script, revised


def looking(content: bytes, **more: Any) -> Mutation:
    """Gives Carole's box that content."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        field = _field(writer, CAROLE)
        left, bottom, right, top = map(float, field["/Rect"])
        form: dict[str, Any] = {"/Type": named("/XObject"), "/Subtype": named("/Form")}
        form |= {"/BBox": _number(0, 0, right - left, top - bottom)}
        values = {named(key): value for key, value in (form | more).items()}
        stream = generic.StreamObject(values, stream_data=content)
        look = {named("/N"): writer.add_object(stream)}
        field[named("/AP")] = generic.DictionaryObject(look)
        writer.update_container(field)

    return change


def fault(base: bytes, *mutations: Mutation) -> str:
    return look_fault(revised(base, *mutations), len(base), CAROLE)[0]


def test_what_our_own_signatures_show_has_no_fault(signing: Signing) -> None:
    found, text = look_fault(signing.once, len(signing.certified), CAROLE)
    assert found == ""
    assert text.startswith("Carole Clemens Head Teacher, Burton Joyce Primary School")
    later, text = look_fault(signing.twice, len(signing.once), SALLY)
    assert later == ""
    assert text.startswith("Sally Beardsley Head Teacher")
    assert "Carole" not in text
    assert look_fault(signing.twice, len(signing.twice), SALLY) == ("", "")


def test_a_box_filled_to_its_edges_is_fine(signing: Signing) -> None:
    assert fault(signing.certified, looking(b"0 0 9999 9999 re f")) == ""


def test_a_look_that_carries_a_script_or_a_file_is_told(signing: Signing) -> None:
    for key, value in (
        ("/AA", generic.DictionaryObject()),
        ("/Resources", generic.DictionaryObject({named("/X"): _script()})),
        ("/PieceInfo", generic.DictionaryObject({named("/Type"): named("/Filespec")})),
    ):
        assert "carries a file or a script" in fault(
            signing.certified, looking(b"q Q", **{key: value})
        )


def test_a_look_of_more_than_a_megabyte_is_told(signing: Signing) -> None:
    assert "is larger than 1 MB" in fault(signing.certified, looking(b" " * (MAX_LOOK + 1)))
    assert fault(signing.certified, looking(b" " * (MAX_LOOK // 2))) == ""


def moved(writer: IncrementalPdfFileWriter) -> None:
    """The same, in the box of somebody else."""
    look = generic.StreamObject({named("/BBox"): _number(0, 0, 9, 9)}, stream_data=b"0 0 9 9 re f")
    look[named("/Subtype")] = named("/Form")
    field = _field(writer, SALLY)
    field["/AP"] = generic.DictionaryObject({named("/N"): writer.add_object(look)})
    writer.update_container(field)


def test_what_shows_outside_the_box_is_told(signing: Signing) -> None:
    assert fault(signing.certified, moved) == "it shows something outside its box"


def test_a_field_that_is_on_no_page_is_an_error(signing: Signing) -> None:
    with pytest.raises(ValueError, match="no such field"):
        look_fault(signing.certified, len(signing.certified), "nobody")
