"""A file from anybody's disk: what it is, and if it was changed, where and what."""

from __future__ import annotations

import io
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pypdf import PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import NameObject
from signed_plan.lifecycle.keys import revoke
from signed_plan.paths import PlanFolder
from signed_plan.verify.checks import Verdict, VerdictKind
from signed_plan.verify.verify import verify, verify_file

from tests.helpers import edit, run_plan
from tests.story import CAROLE, HEADS, JCC, JULY, KEVIN, NOVEMBER, SEALED, Story, prompts
from tests.verify.signed_plan import flipped, sign_with_key_of, signatures_in

pytestmark = pytest.mark.slow("validates every signature of a plan many times")

MIDWAY = "heads, Sally"
BOX = f"{JCC}:{CAROLE}"
SINCE_MIDWAY = (
    f"after version {NOVEMBER} was signed by Sally Beardsley for November 2017, head teachers"
)
Name, Text = generic.NameObject, generic.TextStringObject


def dictionary(**values: Any) -> generic.DictionaryObject:
    return generic.DictionaryObject({Name(f"/{key}"): value for key, value in values.items()})


def revised(pdf: bytes, act: Callable[[IncrementalPdfFileWriter], object]) -> bytes:
    """The PDF with one more revision behind it, as a program saves what it has changed."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    act(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def page_of(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    """The first page."""
    node = writer.root["/Pages"]
    while node["/Type"] == "/Pages":
        node = node["/Kids"][0]
    assert isinstance(node, generic.DictionaryObject)
    return node


def set_stream(writer: IncrementalPdfFileWriter, stream: Any, data: bytes) -> None:
    assert stream.data != data
    stream._data, stream._encoded_data = data, None
    writer.update_container(stream)


def set_key(writer: IncrementalPdfFileWriter, holder: Any, key: str, value: Any) -> None:
    holder[key] = value
    writer.update_container(holder)


def a_font(writer: IncrementalPdfFileWriter) -> Any:
    fonts = page_of(writer)["/Resources"]["/Font"]
    return fonts[next(iter(fonts))]


def field_in(writer: IncrementalPdfFileWriter, name: str) -> Any:
    fields = writer.root["/AcroForm"]["/Fields"]
    return next(fields[at] for at in range(len(fields)) if fields[at]["/T"] == name)


def change_text(writer: IncrementalPdfFileWriter) -> None:
    stream = page_of(writer)["/Contents"]
    set_stream(writer, stream, stream.data + b"\nBT /F1 20 Tf 50 50 Td (void) Tj ET")


def change_font_file(writer: IncrementalPdfFileWriter) -> None:
    descriptor = a_font(writer)["/FontDescriptor"]
    stream = descriptor["/FontFile2"]
    set_stream(writer, stream, stream.data + b"\0")


def add_layer(writer: IncrementalPdfFileWriter) -> None:
    group = writer.add_object(dictionary(Type=Name("/OCG"), Name=Text("conditions")))
    off = dictionary(OFF=generic.ArrayObject([group]))
    layers = dictionary(OCGs=generic.ArrayObject([group]), D=off)
    set_key(writer, writer.root, "/OCProperties", layers)


def change_appearance(writer: IncrementalPdfFileWriter) -> None:
    set_stream(writer, field_in(writer, f"{HEADS}:{CAROLE}")["/AP"]["/N"], b"0 0 99 99 re f")


def add_note(writer: IncrementalPdfFileWriter) -> None:
    box = generic.ArrayObject(map(generic.NumberObject, (10, 10, 90, 90)))
    note = dictionary(Type=Name("/Annot"), Subtype=Name("/Text"), Rect=box, Contents=Text("void"))
    set_key(writer, page_of(writer), "/Annots", generic.ArrayObject([writer.add_object(note)]))


def script() -> generic.DictionaryObject:
    return dictionary(S=Name("/JavaScript"), JS=Text("app.alert(1)"))


def open_with_script(writer: IncrementalPdfFileWriter) -> None:
    set_key(writer, writer.root, "/OpenAction", writer.add_object(script()))


def name_script(writer: IncrementalPdfFileWriter) -> None:
    named = generic.ArrayObject([Text("go"), writer.add_object(script())])
    set_key(writer, writer.root["/Names"], "/JavaScript", dictionary(Names=named))
    writer.update_root()


def change_metadata(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.root["/Metadata"]
    set_stream(writer, stream, stream.data.replace(b"</rdf:li>", b" (void)</rdf:li>", 1))


REVISIONS: dict[str, tuple[Callable[[IncrementalPdfFileWriter], object], str]] = {
    "the text of a page": (change_text, "the text of a page"),
    "a font's name": (lambda w: set_key(w, a_font(w), "/BaseFont", Name("/Arial")), "a font"),
    "a font's letters": (change_font_file, "a font"),
    "the tag tree": (
        lambda w: set_key(w, w.root["/StructTreeRoot"], "/Lang", Text("fr")),
        "the tag tree",
    ),
    "a layer": (add_layer, "a layer, a layer (added)"),
    "the appearance of a signed field": (
        change_appearance,
        f"the appearance of the field {HEADS}:{CAROLE}",
    ),
    "an annotation": (add_note, "a page, an annotation (added)"),
    "a script that runs on opening": (open_with_script, "an action, an action (added)"),
    "a script among the names": (name_script, "a script (added)"),
    "the metadata": (change_metadata, "the metadata (XMP), the document's properties"),
    "a field added after certification": (
        lambda w: append_signature_field(w, SigFieldSpec("extra")),
        "the form, the field extra, a page",
    ),
}


def judged(folder: PlanFolder, data: bytes, name: str = "copy.pdf") -> Verdict:
    """The verdict on a file, with its steps counted."""
    verdict = verify_file(folder, Path(name), data)
    assert [step.number for step in verdict.steps] == list(range(1, len(verdict.steps) + 1))
    return verdict


def refused(folder: PlanFolder, data: bytes, said: str, kind: VerdictKind = "differs") -> None:
    verdict = judged(folder, data)
    assert said in verdict.sentence
    assert verdict.kind == kind
    assert not verdict.holds
    assert verdict.remedy == "Ask the office for the present file."


@pytest.fixture(scope="module")
def midway(story: Story) -> bytes:
    return story.at(MIDWAY).pdf(NOVEMBER).read_bytes()


@pytest.fixture(scope="module")
def sealed(story: Story) -> bytes:
    return story.at(SEALED).pdf(NOVEMBER).read_bytes()


@pytest.mark.parametrize("name", REVISIONS)
def test_what_a_later_revision_has_changed_is_named(story: Story, midway: bytes, name: str) -> None:
    act, what = REVISIONS[name]
    file = revised(midway, act)
    changed = judged(story.at(MIDWAY), file).steps[-1].difference
    assert changed.startswith(f"{SINCE_MIDWAY}, something was changed: ")
    assert what in changed
    assert changed.endswith(", in revision 8")
    assert file.startswith(midway)


@pytest.mark.parametrize("name", ["the text of a page", "a script that runs on opening"])
def test_it_is_named_behind_the_seal_as_well(story: Story, sealed: bytes, name: str) -> None:
    act, what = REVISIONS[name]
    # Sealing adds a revision only where there is new evidence to add.
    last = PdfFileReader(io.BytesIO(sealed)).xrefs.total_revisions
    since = f"after version {NOVEMBER} was sealed, something was changed"
    said = f"{since}: {what}, in revision {last + 1}"
    refused(story.at(SEALED), revised(sealed, act), said)


def test_what_pypdf_adds_to_a_file_is_named(story: Story, midway: bytes) -> None:
    out = io.BytesIO()
    writer = PdfWriter(io.BytesIO(midway), incremental=True)
    writer.add_metadata({"/Title": "Another plan"})
    writer.write(out)
    said = f"{SINCE_MIDWAY}, something was changed: the document's properties, in revision 8"
    refused(story.at(SEALED), out.getvalue(), said)


def test_several_revisions_are_counted(story: Story, midway: bytes) -> None:
    file = revised(revised(midway, add_note), open_with_script)
    refused(story.at(MIDWAY), file, "in revisions 8 to 9")


@pytest.mark.quick
def test_a_byte_flipped_in_what_was_built_is_told_by_what_it_is_part_of(
    story: Story, sealed: bytes
) -> None:
    said = f"byte 5001 was changed, in a font, which was written when version {NOVEMBER} was built"
    refused(story.at(SEALED), flipped(sealed, 5000), said)


def test_a_byte_flipped_in_the_room_of_any_signature_is_told_by_whose_it_is(
    story: Story, sealed: bytes
) -> None:
    rooms = signatures_in(sealed)
    assert len(rooms) == 6  # the office's and five people's; the sixth has signed on paper
    for field, (begin, end) in rooms.items():
        for at in (begin + 200, end - 9):  # its value, its padding
            told = f"byte {at + 1} was changed, in the signature in the field {field}, "
            refused(story.at(SEALED), flipped(sealed, at), told)


def test_junk_behind_the_end_is_named(story: Story, midway: bytes) -> None:
    said = f"{SINCE_MIDWAY}, something was changed: bytes behind the end of the file"
    refused(story.at(MIDWAY), midway + b"junk\n", said)


@pytest.mark.quick
def test_a_file_that_was_cut_off_is_said_to_be(story: Story, sealed: bytes) -> None:
    size = len(sealed) - 3000
    said = f"it is version {NOVEMBER} cut off after {size} of {len(sealed)} bytes"
    refused(story.at(SEALED), sealed[:-3000], said)
    refused(story.at(SEALED), b"", "the file is empty")


def with_range(pdf: bytes, numbers: str) -> bytes:
    """The PDF with other numbers where its last signature says what it covers."""
    at = pdf.rindex(b"/ByteRange")
    end = pdf.index(b"]", at) + 1
    return pdf[:at] + f"/ByteRange [{numbers}]".encode().ljust(end - at) + pdf[end:]


@pytest.mark.parametrize("what", ["zeroed", "overlapping"])
def test_a_signature_that_says_it_covers_something_else_is_named(
    story: Story, midway: bytes, what: str
) -> None:
    begin, end = list(signatures_in(midway).values())[-1]
    told = {"zeroed": "0 0 0 0", "overlapping": f"0 {end} {begin} {len(midway) - begin}"}[what]
    file = with_range(midway, told)
    assert len(file) == len(midway)
    refused(story.at(MIDWAY), file, f", in the signature in the field {HEADS}:sally-beardsley, ")
    # Where nothing genuine is left to compare it with, the signatures are read instead.
    refused(story.at(SEALED), file, "its bytes were changed in what was written when version 2017")
    refused(story.at(MIDWAY), revised(file, add_note), "something was changed: ")


@pytest.mark.quick
def test_an_older_state_is_genuine_and_lacks_what_came_later(story: Story, midway: bytes) -> None:
    verdict = judged(story.at(SEALED), midway)
    assert verdict.kind == "older"
    assert verdict.steps[-1].difference == (
        f"it is version {NOVEMBER} as it was when it was signed by Sally Beardsley for "
        "November 2017, head teachers; since then it was signed by Carole Clemens for 14th "
        "November 2017, JCC, then signed by Sally Beardsley for 14th November 2017, JCC, "
        "then signed by Andy Hitchcock for 14th November 2017, JCC, then sealed"
    )


def test_a_draft_that_was_built_anew_since_is_an_older_state(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("built")
    draft = folder.pdf(NOVEMBER).read_bytes()
    edit(folder.source / "2017-11/areas.yaml", "Fair: the context", "Fair: The context")
    assert run_plan(folder, "build").returncode == 0
    refused(folder, draft, "it was built again since then", "older")


def saved_by_pypdf(file: Path, out: Path) -> None:
    PdfWriter(clone_from=file).write(out)


RESAVED: dict[str, tuple[Callable[[Path, Path], object], str]] = {
    "by pypdf": (saved_by_pypdf, "its signatures no longer hold"),
    "by qpdf": (
        lambda file, out: subprocess.run(["qpdf", file, out], check=True),
        "its signatures no longer hold",
    ),
    "printed": (
        lambda file, out: subprocess.run(["pdftocairo", "-pdf", file, out], check=True),
        "it has no signatures",
    ),
}


@pytest.mark.parametrize("how", RESAVED)
def test_the_same_words_in_another_file_are_told_from_the_file(
    story: Story, tmp_path: Path, how: str
) -> None:
    save, lost = RESAVED[how]
    save(story.at(SEALED).pdf(NOVEMBER), tmp_path / "out.pdf")
    file = (tmp_path / "out.pdf").read_bytes()
    words = f"it shows the same words as version {NOVEMBER}, but was printed or saved again: {lost}"
    refused(story.at(SEALED), file, words, "same words")


COVER = b" q 1 1 1 rg 0 0 2000 2000 re f Q"


@pytest.mark.parametrize("kind", ("covered", "noted"))
def test_words_that_are_covered_or_noted_upon_are_no_same_words(story: Story, kind: str) -> None:
    writer, out = PdfWriter(clone_from=story.at(SEALED).pdf(NOVEMBER)), io.BytesIO()
    page = writer.pages[1]
    if kind == "covered":
        content = page.get_contents()
        assert content is not None
        content.set_data(content.get_data() + COVER)
        page[NameObject("/Contents")] = writer._add_object(content)
    else:
        writer.add_annotation(1, FreeText(text="Not agreed", rect=(400, 5, 500, 15)))
    writer.write(out)
    refused(
        story.at(SEALED),
        out.getvalue(),
        {
            "covered": "cannot be seen on page 2: something covers it or cuts it off",
            "noted": f"the words of version {NOVEMBER}, but page 2 has notes or drawings on it",
        }[kind],
    )


def test_other_words_under_the_same_fingerprint_are_no_same_words(
    story: Story, tmp_path: Path
) -> None:
    writer = PdfWriter(clone_from=story.at(SEALED).pdf(NOVEMBER))
    writer.remove_page(0)
    out = io.BytesIO()
    writer.write(out)
    refused(
        story.at(SEALED),
        out.getvalue(),
        f"it shows the fingerprint of version {NOVEMBER}, but other words",
    )


@pytest.mark.quick
def test_july_handed_in_as_november_is_told(story: Story) -> None:
    folder = story.at(SEALED)
    verdict = judged(folder, folder.pdf(JULY).read_bytes(), folder.pdf(NOVEMBER).name)
    assert verdict.kind == "differs"
    assert verdict.steps[-1].difference == (
        "it is that of version 2017-07, although it is named action-plan-2017-11.pdf"
    )


def test_a_signature_copied_from_another_version_is_not_good(story: Story, midway: bytes) -> None:
    july = PdfFileReader(io.BytesIO(story.at(SEALED).pdf(JULY).read_bytes()))
    copied = july.embedded_signatures[-1]
    assert copied.field_name == f"july-2017:{KEVIN}"

    def copy(writer: IncrementalPdfFileWriter) -> None:
        value = writer.add_object(writer.import_object(copied.sig_object))
        set_key(writer, field_in(writer, f"{JCC}:{KEVIN}"), "/V", value)

    said = (
        f"it holds what was added {SINCE_MIDWAY}: a signature in the field {JCC}:{KEVIN} that is "
        "not good: what it signed was changed afterwards"
    )
    refused(story.at(MIDWAY), revised(midway, copy), said)


def test_a_certificate_that_was_made_by_oneself_is_unknown_whatever_its_name(
    story: Story, anew: PlanFolder, midway: bytes
) -> None:
    file = sign_with_key_of(midway, BOX, anew, CAROLE)
    said = f"the field {BOX} that is not good: its certificate is not known to the office"
    refused(story.at(MIDWAY), file, said)
    refused(story.at(MIDWAY), revised(file, add_note), "something was changed: a page, an ann")


def test_a_valid_certificate_in_anothers_field_is_told_by_its_owner(
    story: Story, midway: bytes
) -> None:
    file = sign_with_key_of(midway, BOX, story.at(MIDWAY), KEVIN)
    said = f"the field {BOX} that is not good: its certificate is that of Kevin Snow"
    refused(story.at(MIDWAY), file, said)


def test_a_good_signature_that_was_not_received_is_told_how_to_be(
    story: Story, midway: bytes
) -> None:
    file = sign_with_key_of(midway, BOX, story.at(MIDWAY), CAROLE)
    said = f"it holds a signature in the field {BOX}, added {SINCE_MIDWAY}, that the register does "
    refused(story.at(MIDWAY), file, f"{said}not know; run: plan receive FILE")
    assert verify(story.at(MIDWAY), (NOVEMBER,)).holds


def test_one_of_two_who_signed_the_same_state_lacks_the_other(story: Story, midway: bytes) -> None:
    file = sign_with_key_of(midway, BOX, story.at(MIDWAY), CAROLE)
    said = f"added {SINCE_MIDWAY}, but not what the register has come after that"
    refused(story.at("jcc, Carole"), file, said)


def test_a_plan_of_another_office_is_told_by_its_certificates(
    story: Story, anew: PlanFolder
) -> None:
    said = (
        f"it holds what was added after version {JULY} was built: a signature in the field "
        "office-seal that is not good: its certificate is not known to the office"
    )
    refused(story.at(SEALED), anew.pdf(JULY).read_bytes(), said)


@pytest.mark.quick
def test_other_files_of_the_register_that_were_changed_are_told(story: Story) -> None:
    folder = story.at(SEALED)
    receipt = folder.receipt(NOVEMBER).read_bytes()
    name = f"{NOVEMBER}/receipt-{NOVEMBER}.pdf"
    refused(folder, flipped(receipt, 3000), f"it is {name}, but byte 3001 was changed")
    refused(folder, receipt + b"\n", f"it is {name} with something added behind it")


@pytest.mark.quick
def test_older_words_of_the_office_are_told_by_their_entries(
    story: Story, at: Callable[[str], PlanFolder]
) -> None:
    folder = at("enrolled")
    older = (folder.certificates / "office.crl").read_bytes()
    revoke(folder, KEVIN, prompts())
    refused(folder, older, "it is certificates/office.crl as it was at entry 3", "older")


# ---- hostile files


def pdf_of(*objects: bytes, trailer: bytes = b"") -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    last = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    trailer = trailer.replace(b"HERE", b"%d" % len(out))
    return out + head + table + last % (len(objects) + 1, trailer, len(out))


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"


def zip_bomb() -> bytes:
    packer = zlib.compressobj(1)
    data = b"".join(packer.compress(bytes(10**7)) for _ in range(100)) + packer.flush()
    head = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(data)
    return pdf_of(CATALOGUE, PAGES, PAGE, head + data + b"\nendstream")


HOSTILE: dict[str, Callable[[], bytes]] = {
    "words": lambda: b"hello",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(99),
    "a gigabyte in a megabyte": zip_bomb,
    "a deep nest": lambda: pdf_of(CATALOGUE, PAGES, PAGE, b"[" * 200_000 + b"]" * 200_000),
    "pages in a ring": lambda: pdf_of(CATALOGUE, b"<< /Type /Pages /Kids [2 0 R] /Count 9 >>"),
    "revisions in a ring": lambda: pdf_of(CATALOGUE, PAGES, PAGE, b"[]", trailer=b"/Prev HERE"),
    "fields in a ring": lambda: pdf_of(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        *(PAGES, PAGE, b"[]", b"<< /T (a) /FT /Sig /Kids [5 0 R] >>"),
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_made_to_break_the_reader_gets_a_sentence(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = story.at(SEALED)
    before = sorted(folder.root.rglob("*"))
    refused(folder, HOSTILE[name](), "it is no document of this register")
    assert not list(tmp_path.iterdir())
    assert sorted(folder.root.rglob("*")) == before
