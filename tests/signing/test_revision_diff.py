"""Each thing that a later revision changes is named, and one honest signature is none of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pypdf import PdfWriter
from signed_plan.signing.pades import _load_signer
from signed_plan.signing.revision_diff import RevisionChange, changes, what_is_at
from signed_plan.signing.validation import BROKEN, UNREADABLE

from tests.signing.helpers import CAROLE, SALLY, SEAL, People, Signing

pytestmark = pytest.mark.usefixtures("quiet")
slow = pytest.mark.slow("signs and validates many times")

Mutation = Callable[[IncrementalPdfFileWriter], None]


class Sly(IncrementalPdfFileWriter):
    """Changes what it is told to, and leaves no date behind."""

    def _update_meta(self) -> None:
        pass


def revised(pdf: bytes, *mutations: Mutation) -> bytes:
    """The file with one more revision."""
    writer = Sly(io.BytesIO(pdf))
    for mutation in mutations:
        mutation(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def signed(pdf: bytes, people: People, name: str, *mutations: Mutation, sly: bool = True) -> bytes:
    """The file with a signature as another program makes it, and perhaps more in its revision."""
    writer = (Sly if sly else IncrementalPdfFileWriter)(io.BytesIO(pdf))
    for mutation in mutations:
        mutation(writer)
    identity = people.carole if "carole" in name else people.sally
    out = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name=name, md_algorithm="sha256"), _load_signer(identity)
    ).sign_pdf(writer, existing_fields_only=True, output=out)
    return out.getvalue()


def what(pdf: bytes, size: int, allowed: str | None = None) -> list[str]:
    return [change.what for change in changes(pdf, size, allowed)]


def revisions(pdf: bytes) -> int:
    return int(PdfFileReader(io.BytesIO(pdf)).xrefs.total_revisions)


# Ways to change a file


def _number(*numbers: float) -> generic.ArrayObject:
    return generic.ArrayObject(map(generic.FloatObject, numbers))


def _page(writer: IncrementalPdfFileWriter) -> Any:
    return writer.root["/Pages"]["/Kids"][0]


def _field(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(fields[at] for at in range(len(fields)) if fields[at]["/T"] == name)


def _rewrite(writer: IncrementalPdfFileWriter, stream: Any, data: bytes) -> None:
    stream._data, stream._encoded_data = data, None
    writer.update_container(stream)


def _script() -> generic.DictionaryObject:
    return generic.DictionaryObject(
        {named("/S"): named("/JavaScript"), named("/JS"): generic.pdf_string("app.alert(1)")}
    )


def page_text(writer: IncrementalPdfFileWriter) -> None:
    _rewrite(writer, _page(writer)["/Contents"], _page(writer)["/Contents"].data + b"\nq Q")


def page_text_of_equal_length(writer: IncrementalPdfFileWriter) -> None:
    stream = _page(writer)["/Contents"]
    stream._encoded_data = stream.encoded_data[:-9] + bytes(9)
    writer.update_container(stream)


def page_text_elsewhere(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    writer.update_container(_page(writer))


def font(writer: IncrementalPdfFileWriter) -> None:
    fonts = _page(writer)["/Resources"]["/Font"]
    one = fonts[next(iter(fonts))]
    one["/BaseFont"] = named("/Other")
    writer.update_container(one)


def tags(writer: IncrementalPdfFileWriter) -> None:
    element = writer.root["/StructTreeRoot"]["/K"]
    element = element[0] if isinstance(element, generic.ArrayObject) else element
    element["/Alt"] = generic.pdf_string("nothing to see")
    writer.update_container(element)


def layer(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OCProperties"] = generic.DictionaryObject(
        {named("/OCGs"): generic.ArrayObject(), named("/D"): generic.DictionaryObject()}
    )
    writer.update_root()


def seal_appearance(writer: IncrementalPdfFileWriter) -> None:
    _rewrite(writer, _field(writer, SEAL)["/AP"]["/N"], b"q Q")


def seal_appearance_elsewhere(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    field = _field(writer, SEAL)
    field["/AP"] = generic.DictionaryObject({named("/N"): stream})
    writer.update_container(field)


def seal_emptied(writer: IncrementalPdfFileWriter) -> None:
    field = _field(writer, SEAL)
    del field["/V"]
    writer.update_container(field)


def box_moved(writer: IncrementalPdfFileWriter) -> None:
    field = _field(writer, CAROLE)
    field["/Rect"] = _number(0, 0, 500, 500)
    writer.update_container(field)


def box_acts(writer: IncrementalPdfFileWriter) -> None:
    field = _field(writer, CAROLE)
    field["/AA"] = generic.DictionaryObject({named("/E"): _script()})
    writer.update_container(field)


def annotation(writer: IncrementalPdfFileWriter) -> None:
    made = generic.DictionaryObject(
        {
            named("/Type"): named("/Annot"),
            named("/Subtype"): named("/Square"),
            named("/Rect"): _number(0, 0, 500, 500),
        }
    )
    _page(writer)["/Annots"] = generic.ArrayObject([writer.add_object(made)])
    writer.update_container(_page(writer))


def script_when_opened(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = writer.add_object(_script())
    writer.update_root()


def script_by_name(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Names"]["/JavaScript"] = generic.DictionaryObject(
        {
            named("/Names"): generic.ArrayObject(
                [generic.pdf_string("x"), writer.add_object(_script())]
            )
        }
    )
    writer.update_root()


def metadata(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.root["/Metadata"]
    assert b"Collaboration Action Plan" in stream.data
    _rewrite(writer, stream, stream.data.replace(b"Action Plan", b"Inaction Plan"))


def title(writer: IncrementalPdfFileWriter) -> None:
    writer.trailer["/Info"]["/Title"] = generic.pdf_string("Another plan")
    writer.update_container(writer.trailer["/Info"])


def attachment_changed(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"]
    _rewrite(writer, stream, stream.data + b"# and more\n")


def attachment_added(writer: IncrementalPdfFileWriter) -> None:
    made = generic.DictionaryObject({named("/Type"): named("/Filespec")})
    names = writer.root["/Names"]["/EmbeddedFiles"]["/Names"]
    names.extend([generic.pdf_string("zzz.exe"), writer.add_object(made)])
    writer.update_container(names)


def outline(writer: IncrementalPdfFileWriter) -> None:
    item = writer.root["/Outlines"]["/First"]
    item["/Title"] = generic.pdf_string("Another plan")
    writer.update_container(item)


def field_added(writer: IncrementalPdfFileWriter) -> None:
    made = generic.DictionaryObject(
        {named("/FT"): named("/Tx"), named("/T"): generic.pdf_string("sneaky")}
    )
    fields = writer.root["/AcroForm"]["/Fields"]
    fields.append(writer.add_object(made))
    writer.update_container(fields)


def page_added(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    made = generic.DictionaryObject(
        {
            named("/Type"): named("/Page"),
            named("/Parent"): writer.root.raw_get("/Pages"),
            named("/MediaBox"): _number(0, 0, 500, 500),
        }
    )
    pages["/Kids"].append(writer.add_object(made))
    pages["/Count"] = generic.NumberObject(pages["/Count"] + 1)
    writer.update_container(pages)


def page_removed(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    del pages["/Kids"][0]
    pages["/Count"] = generic.NumberObject(pages["/Count"] - 1)
    writer.update_container(pages)


def page_turned(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Rotate"] = generic.NumberObject(180)
    writer.update_container(_page(writer))


def certification_removed(writer: IncrementalPdfFileWriter) -> None:
    del writer.root["/Perms"]
    writer.update_root()


def form_counts(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/AcroForm"]["/NeedAppearances"] = generic.BooleanObject(True)
    writer.update_container(writer.root["/AcroForm"])


def language(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = generic.pdf_string("de-DE")
    writer.update_root()


CHANGES: dict[Mutation, list[str]] = {
    page_text: ["the text of a page"],
    page_text_of_equal_length: ["the text of a page"],
    page_text_elsewhere: ["a page", "the text of a page (added)"],
    font: ["a font"],
    tags: ["the tag tree"],
    layer: ["a layer"],
    seal_appearance: ["the appearance of the field office-seal"],
    seal_appearance_elsewhere: [
        "the field office-seal",
        "the appearance of the field office-seal",
    ],
    seal_emptied: ["the field office-seal"],
    box_moved: [f"the field {CAROLE}"],
    box_acts: [f"the field {CAROLE}"],
    annotation: ["a page", "an annotation (added)"],
    script_when_opened: ["an action", "an action (added)"],
    script_by_name: ["something in the document's catalogue", "a script (added)"],
    metadata: ["the metadata (XMP)"],
    title: ["the document's properties"],
    attachment_changed: ["an attached file"],
    attachment_added: ["something in the document's catalogue", "an attached file (added)"],
    outline: ["the outline"],
    field_added: ["the form", "the field sneaky"],
    page_added: ["a page", "a page (added)"],
    page_removed: ["a page"],
    page_turned: ["a page"],
    certification_removed: ["the certification"],
    form_counts: ["the form"],
    language: ["something in the document's catalogue"],
}


def by_name(mutation: Mutation) -> str:
    return mutation.__name__


@slow
@pytest.mark.parametrize("mutation", CHANGES, ids=by_name)
def test_what_a_revision_changes_is_named_with_its_revision(
    signing: Signing, mutation: Mutation
) -> None:
    pdf = revised(signing.certified, mutation)
    found = changes(pdf, len(signing.certified), CAROLE)
    assert [one.what for one in found] == CHANGES[mutation]
    assert {one.revision for one in found} == {revisions(signing.certified) + 1}


HIDDEN = (
    *(page_text, tags, layer, seal_appearance, annotation, script_by_name, metadata),
    *(field_added, certification_removed),
)


@slow
@pytest.mark.parametrize("mutation", HIDDEN, ids=by_name)
def test_a_signature_hides_nothing_that_its_revision_changes(
    signing: Signing, people: People, mutation: Mutation
) -> None:
    pdf = signed(signing.certified, people, CAROLE, mutation)
    assert set(what(pdf, len(signing.certified), CAROLE)) == set(CHANGES[mutation])


@slow
def test_changes_in_several_revisions_are_told_apart(signing: Signing) -> None:
    pdf = revised(revised(signing.certified, outline), page_turned)
    first = revisions(signing.certified) + 1
    assert set(changes(pdf, len(signing.certified))) == {
        RevisionChange(first, "the outline"),
        RevisionChange(first + 1, "a page"),
    }
    assert changes(pdf, len(revised(signing.certified, outline))) == (
        RevisionChange(first + 1, "a page"),
    )


def test_what_pypdf_adds_is_named_too(signing: Signing) -> None:
    writer = PdfWriter(io.BytesIO(signing.certified), incremental=True)
    writer.pages[0].rotate(90)
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(signing.certified)
    assert "a page" in what(out.getvalue(), len(signing.certified), CAROLE)


# Bytes and revisions


def test_an_unchanged_file_has_no_changes(signing: Signing) -> None:
    for pdf in (signing.plan, signing.certified, signing.twice):
        assert changes(pdf, len(pdf)) == ()


@pytest.mark.parametrize("junk", [b"junk", b"\n", b"%PDF-1.7\n"])
def test_junk_behind_the_end_of_the_file_is_named(signing: Signing, junk: bytes) -> None:
    assert what(signing.certified + junk, len(signing.certified), CAROLE) == [
        "bytes behind the end of the file"
    ]


@pytest.mark.parametrize("junk", [b"%%EOF\n", bytes(2000)])
def test_junk_that_hides_the_end_of_the_file_makes_it_unreadable(
    signing: Signing, junk: bytes
) -> None:
    with pytest.raises(UNREADABLE + BROKEN):
        changes(signing.certified + junk, len(signing.certified))


def _section(pdf: bytes, before: int, number: int = 0, body: bytes = b"") -> bytes:
    """The file with a revision by hand: one object, and `before` it the revision at that place."""
    reader = PdfFileReader(io.BytesIO(pdf))
    root, info = (reader.trailer.raw_get(key).idnum for key in ("/Root", "/Info"))
    entry = b"0 0\n"
    if number:
        entry = b"%d 1\n%010d 00000 n \n" % (number, len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    names = b" ".join(b"<%s>" % bytes(one).hex().encode() for one in _identifier(reader))
    return pdf + (
        b"xref\n%strailer\n<< /Size 9999 /Root %d 0 R /Info %d 0 R /Prev %d /ID [%s] >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (entry, root, info, before, names, len(pdf))
    )


def _identifier(reader: PdfFileReader) -> list[Any]:
    return [getattr(one, "original_bytes", one) for one in reader.trailer["/ID"]]


@slow
def test_a_chain_of_revisions_that_leaves_one_out_is_named(signing: Signing) -> None:
    """The page is changed in a revision that takes the number of one that was known."""
    base = signing.certified
    reader = PdfFileReader(io.BytesIO(base))
    starts = [reader.xrefs.get_startxref_for_revision(at) for at in range(revisions(base))]
    page = reader.root["/Pages"]["/Kids"][0].raw_get("/Contents").idnum
    pdf = _section(base, starts[0], page, b"<< /Length 3 >>\nstream\nq Q\nendstream")
    for _ in starts:
        pdf = _section(pdf, pdf.rindex(b"xref\n", 0, pdf.rindex(b"startxref")))
    assert PdfFileReader(io.BytesIO(pdf)).root["/Pages"]["/Kids"][0]["/Contents"].data == b"q Q"
    assert what(pdf, len(base), CAROLE) == ["the chain of revisions"]
    honest = _section(base, starts[-1], page, b"<< /Length 3 >>\nstream\nq Q\nendstream")
    assert what(honest, len(base), CAROLE) == ["the text of a page"]


def test_other_properties_that_were_there_all_along_are_named(signing: Signing) -> None:
    base = signing.certified
    reader = PdfFileReader(io.BytesIO(base))
    other = reader.root.raw_get("/AcroForm").idnum
    last = reader.xrefs.get_startxref_for_revision(revisions(base) - 1)
    info = b"/Info %d 0 R" % reader.trailer.raw_get("/Info").idnum
    pdf = _section(base, last)
    pdf = pdf[: len(base)] + pdf[len(base) :].replace(info, b"/Info %d 0 R" % other)
    assert what(pdf, len(base), CAROLE) == ["the document's properties"]


# One signature


@slow
@pytest.mark.parametrize("sly", [True, False], ids=["quietly", "as pyHanko does"])
def test_an_honest_signature_in_the_field_that_was_due_is_no_change(
    signing: Signing, people: People, sly: bool
) -> None:
    pdf = signed(signing.certified, people, CAROLE, sly=sly)
    size = len(signing.certified)
    assert changes(pdf, size, CAROLE) == ()
    field, value, look = (
        f"the field {CAROLE}",
        f"the signature in the field {CAROLE}",
        f"the appearance of the field {CAROLE}",
    )
    assert {field, value, look} <= set(what(pdf, size, SALLY))
    assert {field, value, look} <= set(what(pdf, size))
    saved = {"the metadata (XMP)", "the document's properties"}
    assert saved.isdisjoint(what(pdf, size, SALLY))
    assert saved.isdisjoint(what(pdf, size)) == sly


@slow
def test_our_own_signatures_and_their_evidence_are_no_change(
    signing: Signing, stamped: Signing
) -> None:
    for states in (signing, stamped):
        assert changes(states.once, len(states.certified), CAROLE) == ()
        assert changes(states.twice, len(states.once), SALLY) == ()
        assert f"the signature in the field {SALLY}" in what(
            states.twice, len(states.certified), CAROLE
        )


def test_a_field_that_is_signed_already_is_not_due(signing: Signing, people: People) -> None:
    def anew(writer: IncrementalPdfFileWriter) -> None:
        field = _field(writer, CAROLE)
        field["/V"] = writer.add_object(generic.DictionaryObject({named("/Type"): named("/Sig")}))
        writer.update_container(field)

    assert what(revised(signing.once, anew), len(signing.once), CAROLE)[0] == f"the field {CAROLE}"


def test_a_byte_is_named_by_what_it_belongs_to(signing: Signing) -> None:
    pdf = signing.once
    assert what_is_at(pdf, 0) == "the file's own structure"
    assert what_is_at(pdf, pdf.index(b"<x:xmpmeta")) == "the metadata (XMP)"
    assert what_is_at(pdf, pdf.index(b"/ByteRange")) == f"the signature in the field {SEAL}"
    assert what_is_at(pdf, pdf.rindex(b"/ByteRange")) == f"the signature in the field {CAROLE}"


def _behind_the_evidence(thing: Callable[[Any], Any]) -> Mutation:
    def hide(writer: IncrementalPdfFileWriter) -> None:
        writer.root["/DSS"]["/Hidden"] = thing(writer)
        writer.update_container(writer.root["/DSS"])

    return hide


def _behind_the_field(thing: Callable[[Any], Any]) -> Mutation:
    def hide(writer: IncrementalPdfFileWriter) -> None:
        field = _field(writer, CAROLE)
        field["/MK"] = generic.DictionaryObject({named("/Hidden"): thing(writer)})
        writer.update_container(field)

    return hide


@slow
@pytest.mark.parametrize("hide", [_behind_the_evidence, _behind_the_field])
@pytest.mark.parametrize(
    ("mutation", "thing"),
    [
        (page_text_of_equal_length, lambda writer: _page(writer).raw_get("/Contents")),
        (outline, lambda writer: writer.root["/Outlines"].raw_get("/First")),
        (metadata, lambda writer: writer.root.raw_get("/Metadata")),
        (title, lambda writer: writer.trailer.raw_get("/Info")),
    ],
    ids=["page text of equal length", "outline", "metadata", "title"],
)
def test_a_change_is_not_hidden_by_a_second_way_that_leads_to_it(
    signing: Signing,
    people: People,
    hide: Callable[[Callable[[Any], Any]], Mutation],
    mutation: Mutation,
    thing: Callable[[Any], Any],
) -> None:
    pdf = signed(signing.certified, people, CAROLE, mutation, hide(thing))
    assert len(what(pdf, len(signing.certified), CAROLE)) == 1
