"""What a look does to the claims of a file is told by the font or colour that breaks them."""

from __future__ import annotations

from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from signed_plan.signing.look_claims import claim_fault

from tests.signing.helpers import CAROLE, SALLY, Signing
from tests.signing.test_revision_diff import revised
from tests.signing.test_signature_look import looking

Dictionary = dict[str, Any]


def pdf_object(value: Any) -> Any:
    if isinstance(value, dict):
        return generic.DictionaryObject({named(key): pdf_object(one) for key, one in value.items()})
    if isinstance(value, list):
        return generic.ArrayObject(map(pdf_object, value))
    return named(value) if isinstance(value, str) else value


def fault(signing: Signing, content: bytes, **resources: Any) -> str:
    change = looking(content, **{"/Resources": pdf_object(resources.get("has", {}))})
    return claim_fault(revised(signing.certified, change), CAROLE)


def font(**more: Any) -> Dictionary:
    """The resources of a look with that font, under the name F1."""
    plain = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    return {"/Font": {"/F1": plain | {f"/{key}": value for key, value in more.items()}}}


WRITES = b"BT /F1 9 Tf (Carole) Tj ET"
EMBEDDED: Dictionary = {"/FontFile2": {}}


def test_our_own_signatures_break_no_claim(signing: Signing) -> None:
    assert claim_fault(signing.twice, CAROLE) == claim_fault(signing.twice, SALLY) == ""
    assert claim_fault(signing.certified, CAROLE) == ""  # the empty box
    assert claim_fault(signing.certified, "nobody's") == ""


@pytest.mark.parametrize(
    ("content", "resources", "told"),
    [
        (WRITES, font(), "the font Helvetica is not embedded"),
        (WRITES, font(FontDescriptor=EMBEDDED), ""),
        (WRITES, font(Subtype="/Type3"), ""),
        (b"q Q", font(), ""),  # it is there, and nothing is written with it
        (
            WRITES,
            font(Subtype="/Type0", DescendantFonts=[{"/FontDescriptor": {}}]),
            "the font Helvetica is not embedded",
        ),
        (
            WRITES,
            font(Subtype="/Type0", DescendantFonts=[{"/FontDescriptor": EMBEDDED}]),
            "the font Helvetica does not tell which letters it prints",
        ),
        (b"0 0 0 1 k 0 0 9 9 re f", {}, "it has colours in CMYK"),
        (b"/DeviceCMYK cs 0 0 0 1 sc", {}, "it has colours in CMYK"),
        (b"0 0 1 rg 0 0 9 9 re f", {}, ""),
        (WRITES, font(Subtype="/Type0"), ""),  # it cannot be read, so nothing is known
    ],
)
def test_a_font_or_a_colour_that_breaks_a_claim_is_named(
    signing: Signing, content: bytes, resources: Dictionary, told: str
) -> None:
    assert fault(signing, content, has=resources) == told


def test_a_font_in_a_part_of_a_look_is_found_and_a_look_within_itself_ends(
    signing: Signing,
) -> None:
    part = {named("/Subtype"): named("/Form"), named("/Resources"): pdf_object(font())}
    inner = generic.StreamObject(part, stream_data=WRITES)

    def change(writer: Any) -> None:
        reference = writer.add_object(inner)
        inner["/Resources"][named("/XObject")] = pdf_object({"/Self": reference})
        has = pdf_object({"/XObject": {"/n2": reference}})
        looking(b"/n2 Do", **{"/Resources": has})(writer)

    found = claim_fault(revised(signing.certified, change), CAROLE)
    assert found == "the font Helvetica is not embedded"


def test_a_name_of_a_font_cannot_steer_the_screen(signing: Signing) -> None:
    told = fault(signing, WRITES, has=font(BaseFont="/He\x1b[2J" + "x" * 90))
    assert told.startswith("the font He [2Jxxx")
    assert len(told) < 100
