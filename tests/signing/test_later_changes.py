"""What other programs set when they sign breaks no signature that was there, and hides nothing."""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.signing.later_changes import LATER_CHANGES
from signed_plan.signing.revision_diff import changes
from signed_plan.signing.validation import read_signatures

from tests.signing.helpers import CAROLE, SALLY, SEAL, People, Signing, trust
from tests.signing.test_revision_diff import Mutation, Sly, _field, _script, signed

pytestmark = pytest.mark.usefixtures("quiet")


def flags(number: int) -> Mutation:
    def change(writer: IncrementalPdfFileWriter) -> None:
        _field(writer, CAROLE)["/F"] = generic.NumberObject(number)

    return change


def widget(key: str, value: Any) -> Mutation:
    def change(writer: IncrementalPdfFileWriter) -> None:
        _field(writer, CAROLE)[named(key)] = value

    return change


def fonts(writer: IncrementalPdfFileWriter) -> None:
    """As EU DSS and Adobe do it: a font that is not embedded, for fields that there are none of."""
    made = {named("/Type"): named("/Font"), named("/BaseFont"): named("/Helvetica")}
    held = {named("/Helv"): writer.add_object(generic.DictionaryObject(made))}
    form = writer.root["/AcroForm"]
    form["/DR"] = generic.DictionaryObject({named("/Font"): generic.DictionaryObject(held)})
    form["/DA"] = generic.pdf_string("/Helv 0 Tf 0 g")
    writer.update_container(form)


def another_font(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"]["/DR"]["/Font"]["/Helv"]["/BaseFont"] = named("/Other")
    writer.update_container(writer.root["/AcroForm"]["/DR"]["/Font"]["/Helv"])


def xfa(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"]["/XFA"] = writer.add_object(generic.StreamObject(stream_data=b"<x/>"))
    writer.update_container(writer.root["/AcroForm"])


AS_ADOBE_DOES = (
    flags(132),
    fonts,
    widget("/MK", generic.DictionaryObject()),
    widget("/M", generic.pdf_string("D:20171123180500Z")),
)


def test_a_signature_as_adobe_documents_it_is_no_change(
    signing: Signing, people: People, moment: datetime
) -> None:
    pdf = signed(signing.certified, people, CAROLE, *AS_ADOBE_DOES)
    assert changes(pdf, len(signing.certified), CAROLE) == ()
    found = {one.field: one.fault for one in read_signatures(pdf, trust(people, moment))}
    assert found == {SEAL: "", CAROLE: ""}


@pytest.mark.slow("signs many times")
@pytest.mark.parametrize(
    "hostile",
    [
        *map(flags, (6, 36, 0)),
        *(widget(key, _script()) for key in ("/A", "/AA")),
        xfa,
    ],
    ids=["hidden", "not shown", "not printed", "A", "AA", "XFA"],
)
def test_its_hostile_twins_are_named(signing: Signing, people: People, hostile: Mutation) -> None:
    pdf = signed(signing.certified, people, CAROLE, *AS_ADOBE_DOES, hostile)
    found = {one.what for one in changes(pdf, len(signing.certified), CAROLE)}
    assert found & {f"the field {CAROLE}", "the form"}


@pytest.mark.slow("signs twice")
def test_a_font_of_an_earlier_signer_is_not_changed_by_a_later_one(
    signing: Signing, people: People
) -> None:
    once = signed(signing.certified, people, CAROLE, fonts)
    assert changes(signed(once, people, SALLY), len(once), SALLY) == ()
    pdf = signed(once, people, SALLY, another_font)
    assert [one.what for one in changes(pdf, len(once), SALLY)] == ["a font"]


def later(pdf: bytes) -> dict[str, str]:
    """What pyHanko says of what came after each signature, by this policy."""
    reader = PdfFileReader(io.BytesIO(pdf))
    found = {}
    for one in reader.embedded_signatures:
        one.compute_integrity_info(LATER_CHANGES)
        found[one.field_name] = type(one.diff_result).__name__
    return found


class Gapped(Sly):
    """Leaves a number out, and another takes it; as pyHanko's writer does, and poppler."""

    def __init__(self, pdf: io.BytesIO) -> None:
        super().__init__(pdf)
        self._lastobj_id = int(self.prev.trailer["/Size"]) + 1


def filling(number: int) -> Mutation:
    def change(writer: IncrementalPdfFileWriter) -> None:
        field = _field(writer, SALLY)
        writer.objects[0, number] = generic.StreamObject(stream_data=b"q Q")
        look = generic.IndirectObject(number, 0, writer)
        field["/AP"] = generic.DictionaryObject({named("/N"): look})

    return change


@pytest.mark.slow("signs twice")
def test_a_number_that_was_left_out_is_as_good_as_a_new_one(
    signing: Signing, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.signing.test_revision_diff.Sly", Gapped)
    once = signed(signing.certified, people, CAROLE)
    monkeypatch.undo()
    left_out = int(PdfFileReader(io.BytesIO(signing.certified)).trailer["/Size"])
    pdf = signed(once, people, SALLY, filling(left_out))
    assert set(later(pdf).values()) == {"DiffResult"}
    page = PdfFileReader(io.BytesIO(once)).root["/Pages"]["/Kids"][0]
    taken = int(page.raw_get("/Contents").idnum)
    other = signed(once, people, SALLY, filling(taken))
    assert "SuspiciousModification" in later(other).values()


def in_ber(pdf: bytes, start: int) -> bytes:
    """The last signature's CMS in BER, as NSS writes it: its outermost length is not told."""
    found = re.compile(rb"/Contents ?<([0-9a-fA-F]+)>").search(pdf, start)
    assert found is not None
    room = bytes.fromhex(found[1].decode())
    assert room[:2] == b"\x30\x82"
    end = 4 + int.from_bytes(room[2:4], "big")
    made = b"\x30\x80" + room[4:end] + b"\0\0"
    made += bytes(len(room) - len(made))
    return pdf[: found.start(1)] + made.hex().encode() + pdf[found.end(1) :]


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_signature_in_ber_is_good_and_bytes_behind_it_are_not(
    signing: Signing, people: People, moment: datetime
) -> None:
    pdf = in_ber(signed(signing.certified, people, CAROLE), len(signing.certified))
    by = trust(people, moment)
    assert {one.fault for one in read_signatures(pdf, by)} == {""}
    end = re.compile(rb"/Contents ?<[0-9a-fA-F]+>").search(pdf, len(signing.certified))
    assert end is not None
    padded = pdf[: end.end() - 3] + b"01" + pdf[end.end() - 1 :]
    assert "its padding was changed" in " ".join(one.fault for one in read_signatures(padded, by))
