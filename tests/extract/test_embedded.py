"""What is read from a stranger's PDF, in the sandbox; and what of it counts where it is signed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    TextStringObject,
)
from signed_plan.errors import UsageError, VerificationError
from signed_plan.extract.embedded import (
    MAX_ATTACHED,
    MAX_FILES,
    Embedded,
    load_answer,
    read_embedded,
    sandbox_main,
)
from signed_plan.paths import RECORD

from tests.document.helpers import carried_by, carrying
from tests.report.signed_files import SignedFiles
from tests.signing.helpers import CAROLE, SALLY
from tests.signing.test_revision_diff import (
    Mutation,
    attachment_added,
    attachment_changed,
    page_text,
    revised,
    script_when_opened,
    signed,
)
from tests.verify.signed_plan import flipped

pytestmark = pytest.mark.usefixtures("quiet")
slow = pytest.mark.slow("signs files and takes them apart many times")

FIVE = ["areas.yaml", "objectives.yaml", "people.yaml", "plan.yaml", "reviews.yaml"]


@pytest.fixture(scope="session")
def from_signed(files: SignedFiles) -> Embedded:
    return read_embedded(files.signed)


@pytest.fixture(scope="session")
def from_certified(files: SignedFiles) -> dict[str, Any]:
    return sandbox_main(files.certified)


# What is read


@slow
def test_a_draft_s_files_numbers_and_identifier_are_read(files: SignedFiles) -> None:
    found = read_embedded(files.draft)
    digits, older = files.version.fingerprint.hex, files.version.superseded
    assert older is not None
    assert {file.name: file.data for file in found.files} == carried_by(files.version)
    assert [file.name for file in found.files] == [*FIVE, RECORD]
    assert found.pages == 8
    assert found.full == {digits: (7, 8), older.fingerprint.hex: (7,)}
    assert found.short[digits[:12]] == tuple(range(1, 9))
    assert found.identifier == f"urn:sha256:{digits}"
    assert (found.signatures, found.changes) == ((), ())


def test_of_a_signed_file_what_its_first_signature_covers_is_read(
    files: SignedFiles, from_signed: Embedded
) -> None:
    assert {file.name: file.data for file in from_signed.files} == carried_by(files.version)
    assert from_signed.changes == ()


def test_a_signature_is_judged_by_the_certificate_that_it_brings(from_signed: Embedded) -> None:
    office, carole, sally = from_signed.signatures
    assert (office.kind, office.signer) == ("certification", "The office")
    assert (carole.kind, carole.signer, carole.field) == ("signature", "Carole Clemens", CAROLE)
    assert (sally.kind, sally.signer, sally.field) == ("signature", "Sally Beardsley", SALLY)
    assert {one.fault for one in from_signed.signatures} == {""}
    assert {one.stamped for one in from_signed.signatures} == {False}
    assert all(one.moment is not None and one.moment.tzinfo for one in from_signed.signatures)


@slow
def test_a_timestamp_is_judged_by_the_certificate_that_it_brings(files: SignedFiles) -> None:
    for pdf, kind in zip(files.stamped, ("signature", "timestamp"), strict=True):
        found = load_answer(sandbox_main(pdf))
        assert [(one.kind, one.stamped, one.fault) for one in found.signatures] == [
            ("certification", False, ""),
            (kind, True, ""),
        ]
        assert found.changes == ()


@slow
def test_a_time_without_a_zone_is_taken_for_utc(files: SignedFiles) -> None:
    dated = re.sub(rb"/M (\(D\\072\d{14})Z\)", rb"/M \1) ", files.certified)
    assert len(dated) == len(files.certified)
    assert dated != files.certified
    (certification,) = sandbox_main(dated)["signatures"]
    assert certification["moment"].endswith("+00:00")
    assert certification["fault"] == "what it signed was changed afterwards"


# What was changed behind a signature

CHANGES: dict[str, tuple[Mutation, str]] = {
    "a source": (attachment_changed, "an attached file, in revision 4"),
    "a source more": (attachment_added, "an attached file (added), in revision 4"),
    "a page": (page_text, "the text of a page, in revision 4"),
    "a script": (script_when_opened, "an action (added), in revision 4"),
}


@slow
@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_behind_a_signature_is_told_and_not_taken_for_what_was_signed(
    files: SignedFiles, from_certified: dict[str, Any], name: str
) -> None:
    mutation, expected = CHANGES[name]
    genuine, found = from_certified, sandbox_main(revised(files.certified, mutation))
    assert genuine["changes"] == []
    assert expected in found["changes"]
    for what in ("files", "pages", "full", "short", "identifier"):
        assert found[what] == genuine[what]


@slow
def test_what_was_changed_between_two_signatures_is_told(files: SignedFiles) -> None:
    found = sandbox_main(signed(files.certified, files.people, CAROLE, attachment_changed))
    assert found["changes"] == ["an attached file, in revision 4"]


@slow
def test_bytes_behind_the_end_are_told(files: SignedFiles) -> None:
    found = sandbox_main(files.certified + b"PK and more\n")
    assert found["changes"] == ["bytes behind the end of the file"]


@slow
def test_a_byte_changed_under_a_signature_is_its_fault(files: SignedFiles) -> None:
    at = files.draft.index(b"/MediaBox") + len(b"/MediaBox [ ")
    (certification,) = sandbox_main(flipped(files.certified, at))["signatures"]
    assert certification["fault"] == "what it signed was changed afterwards"


def test_a_signature_of_an_unknown_kind_is_a_fault(files: SignedFiles) -> None:
    kind = b"/SubFilter /ETSI.CAdES.detached"
    assert files.certified.count(kind) == 1
    found = sandbox_main(files.certified.replace(kind, b"/SubFilter /ETSI.CAdES.attached"))
    assert [one["fault"] for one in found["signatures"]] == [
        "it is of a kind that cannot be checked"
    ]
    assert len(found["files"]) == 6


# What is refused


def refusal(data: bytes, read: Callable[[bytes], object] = sandbox_main) -> str:
    with pytest.raises(VerificationError) as caught:
        read(data)
    return caught.value.message


def test_what_is_no_pdf_is_refused_before_it_is_opened() -> None:
    for data in (b"", b"PK\x03\x04", b" %PDF-1.7"):
        with pytest.raises(UsageError, match="not a PDF"):
            read_embedded(data)


def test_a_file_that_was_cut_off_is_refused(files: SignedFiles) -> None:
    for data in (files.draft[:-2000], files.draft[:100], b"%PDF-1.7\n"):
        assert "cannot be read to its end" in refusal(data)


def test_a_file_with_a_password_is_refused_as_that_and_not_as_cut_off(files: SignedFiles) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(files.draft))
    writer.encrypt("secret", algorithm="RC4-128")
    assert refusal(saved(writer)) == "That PDF is encrypted, which no PDF made here is."


@slow
def test_a_file_that_swells_is_refused(files: SignedFiles) -> None:
    bomb = carrying(files.draft, files.version, {"a.yaml": bytes(80_000_000)})
    assert len(bomb) < 400_000
    assert "cannot be read to its end (LimitReachedError)" in refusal(bomb)


@slow
def test_a_file_that_breaks_the_reader_is_one_sentence() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    nested = b"%%PDF-1.7\n1 0 obj\n%s\nendobj\ntrailer\n<</Root 1 0 R>>\n%%%%EOF\n" % deep
    assert refusal(nested, read_embedded).startswith("That PDF can")


def saved(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@slow
def test_too_many_files_or_too_much_in_them_is_refused(files: SignedFiles) -> None:
    many = {f"{at:03}.yaml": b"" for at in range(MAX_FILES + 1)}
    assert "more than 100 files" in refusal(carrying(files.draft, files.version, many))
    large = {"a.yaml": bytes(MAX_ATTACHED), "b.yaml": b"1"}
    assert "larger than 2 MB together" in refusal(carrying(files.draft, files.version, large))


Catalog = Any


def other_key(catalog: Catalog) -> None:
    catalog["/Names"]["/EmbeddedFiles"]["/Names"][0] = TextStringObject("b.yaml")


def other_plain_name(catalog: Catalog) -> None:
    catalog["/AF"][0].get_object()[NameObject("/F")] = TextStringObject("b.yaml")


def other_content(catalog: Catalog) -> None:
    first, second = (catalog["/AF"][at].get_object()["/EF"] for at in (0, 1))
    first[NameObject("/F")] = second.raw_get("/F")


def associated_otherwise(catalog: Catalog) -> None:
    catalog["/AF"].pop()


def not_associated(catalog: Catalog) -> None:
    del catalog["/AF"]


def twice(catalog: Catalog) -> None:
    names = catalog["/Names"]["/EmbeddedFiles"]["/Names"]
    names.extend(names[:2])
    catalog["/AF"].append(names[1])


def nested(catalog: Catalog) -> None:
    tree = catalog["/Names"]["/EmbeddedFiles"]
    inner = DictionaryObject({NameObject("/Names"): tree.pop("/Names")})
    tree[NameObject("/Kids")] = ArrayObject([inner])


TWO_MEANINGS = (
    other_key,
    other_plain_name,
    other_content,
    associated_otherwise,
    not_associated,
    twice,
    nested,
)


@slow
@pytest.mark.parametrize("act", TWO_MEANINGS, ids=lambda act: act.__name__)
def test_files_that_could_be_read_in_two_ways_are_refused(
    files: SignedFiles, act: Callable[[Catalog], None]
) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(files.draft))
    assert len(sandbox_main(saved(writer))["files"]) == 6
    act(writer.root_object)
    assert "read them otherwise than another" in refusal(saved(writer))


@slow
def test_names_that_differ_in_case_alone_are_refused(files: SignedFiles) -> None:
    both = carrying(files.draft, files.version, {"a.yaml": b"1", "A.yaml": b"2"})
    assert "read them otherwise than another" in refusal(both)


def test_a_file_without_attachments_has_none(files: SignedFiles) -> None:
    writer = PdfWriter(clone_from=io.BytesIO(files.draft))
    for key in ("/AF", "/Names"):
        del writer.root_object[NameObject(key)]
    assert sandbox_main(saved(writer))["files"] == []
