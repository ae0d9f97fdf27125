"""Taking a PDF back: what honest programs make is taken, and for everything else one sentence says
what to do instead, with nothing changed.
"""

from __future__ import annotations

import io
import re
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import Certificate
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pypdf import PdfWriter
from signed_plan.errors import SigningError, VerificationError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, revoke
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.lifecycle.sign import Signing, decline
from signed_plan.paths import PlanFolder
from signed_plan.plan.names import NamesById
from signed_plan.register.chain import read
from signed_plan.signing.identity import certificate_digest, lock_identity
from signed_plan.signing.identity import pem as identity_pem
from signed_plan.signing.pades import _Writer as QuietWriter
from signed_plan.signing.passphrase import Secret
from signed_plan.signing.untrusted_pdf import MAX_BYTES
from signed_plan.verify.verify import verify

from tests.lifecycle.helpers import (
    WRONG,
    any_order,
    demand_registered,
    events,
    locked,
    nobody,
    refused,
    register_of,
)
from tests.lifecycle.test_keys import certificate, pem
from tests.register.sample_events import records
from tests.signing.helpers import said_in
from tests.story import (
    CAROLE,
    HEADS,
    JCC,
    JULY,
    KEVIN,
    NOVEMBER,
    SALLY,
    Story,
    elsewhere,
    field_of,
    key_file,
    phrase,
    prompts,
    sign_here,
    signed_by,
)
from tests.verify.signed_plan import enter
from tests.verify.test_signed_checks import TODAY, made
from tools.elsewhere import signed_elsewhere

pytestmark = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]
SEND_AGAIN = "plan send 2017-07"


@pytest.fixture(scope="module")
def returned(story: Story) -> bytes:
    """July, issued, as Carole's own program saved it."""
    return elsewhere(story.at("july issued"), JULY, CAROLE)


@pytest.fixture(scope="module")
def issued(story: Story) -> bytes:
    return story.at("july issued").pdf(JULY).read_bytes()


def own_key(name: str = "Carole Clemens") -> tuple[Certificate, bytes]:
    """A certificate that somebody made for themselves, and its key file."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(name, key=key)
    return made, locked(key, made)


def run(*words: str | Path) -> None:
    subprocess.run(list(map(str, words)), capture_output=True, check=False)


# --------------------------------------------------------------------------------------- taken


def test_what_another_program_signed_is_taken_byte_for_byte(at: At, returned: bytes) -> None:
    """pyHanko as it comes: its own stamp, a new date in the XMP and the document's properties."""
    folder = at("july issued")
    signed = receive(folder, returned, prompts())
    assert (signed.event.person, signed.event.how) == (CAROLE, "elsewhere")
    assert folder.pdf(JULY).read_bytes() == returned
    demand_registered(folder)
    assert said_in(returned, field_of(CAROLE)) != ""
    assert signed.event.unfit == "the font Courier is not embedded"
    sign_here(folder, JULY, SALLY)


def test_a_program_that_leaves_the_metadata_alone_is_taken_too(at: At, issued: bytes) -> None:
    folder = at("july issued")
    key = key_file(folder, CAROLE).read_bytes()
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE), stamp=False, writer=QuietWriter)
    assert receive(folder, data, prompts()).event.person == CAROLE


def test_a_program_that_embeds_its_fonts_leaves_an_archival_file(at: At, issued: bytes) -> None:
    folder = at("july issued")
    key = key_file(folder, CAROLE).read_bytes()
    data = signed_elsewhere(issued, field_of(CAROLE), key, phrase(CAROLE).encode())
    receive(folder, data, prompts())
    assert "unfit" not in records(register_of(folder), JULY)[-1]


def test_a_certificate_of_one_s_own_signs_away_from_the_office(at: At) -> None:
    folder = at("keys")
    own, key = own_key()
    enrol(folder, CAROLE, prompts(), pem(own))
    issue(folder, JULY, prompts())
    data = signed_by(folder.pdf(JULY).read_bytes(), field_of(CAROLE), key)
    assert (
        receive(folder, data, prompts()).event.certificate
        == records(register_of(folder), "")[-1]["certificate"]
    )
    demand_registered(folder)


def test_a_file_signed_in_its_place_is_taken(at: At, returned: bytes) -> None:
    """Somebody opened output/…/action-plan.pdf itself in Adobe Reader, signed and saved."""
    folder = at("july issued")
    folder.pdf(JULY).write_bytes(returned)
    assert receive(folder, folder.pdf(JULY).read_bytes(), prompts()).event.person == CAROLE
    demand_registered(folder)
    assert [path.name for path in (folder.output / JULY).iterdir() if "changed" in path.name] == []


def test_what_was_signed_in_its_place_is_kept_aside_where_another_file_is_taken(
    at: At, returned: bytes
) -> None:
    folder = at("july issued")
    other = elsewhere(folder, JULY, CAROLE)
    folder.pdf(JULY).write_bytes(returned)
    receive(folder, other, prompts())
    assert folder.pdf(JULY).read_bytes() == other
    (kept,) = (folder.output / JULY).glob("*-changed-*.pdf")
    assert kept.read_bytes() == returned


def test_whoever_declined_can_still_send_a_signature(at: At, returned: bytes) -> None:
    folder = at("july issued")
    decline(folder, Signing(JULY, CAROLE), "not yet", prompts())
    receive(folder, returned, prompts())
    assert events(folder)[-2:] == ["declined", "signed"]


# ------------------------------------------------------------------------------- other files


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "That is not a PDF."),
        (b"PK\x03\x04 a Word file", "That is not a PDF."),
        (bytes(range(256)) * 40, "That is not a PDF."),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "That is not a PDF of this plan"),
        (b"%PDF-1.7\n%%EOF\n", "That is not a PDF of this plan"),
    ],
    ids=["empty", "Word", "random bytes", "random PDF", "empty PDF"],
)
def test_a_file_that_is_no_plan_is_told_so(at: At, data: bytes, sentence: str) -> None:
    with refused(folder := at("july issued"), SigningError, sentence, "signed PDF"):
        receive(folder, data, nobody())


@pytest.mark.quick
def test_a_file_of_more_than_100_megabytes_is_not_opened(at: At) -> None:
    with refused(folder := at("july issued"), SigningError, "larger than 100 MB"):
        receive(folder, b"%PDF-1.7\n" + bytes(MAX_BYTES), nobody())


@pytest.mark.quick
def test_the_file_as_it_was_sent_is_told_from_a_signed_one(at: At, issued: bytes) -> None:
    sentence = "That is the present file of version 2017-07: it has no new signature."
    with refused(folder := at("july issued"), SigningError, sentence, "saved after signing"):
        receive(folder, issued, nobody())


def resaved_by_pypdf(data: bytes, folder: Path) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(data))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def by_program(*words: str) -> Callable[[bytes, Path], bytes]:
    def convert(data: bytes, folder: Path) -> bytes:
        (folder / "in.pdf").write_bytes(data)
        run(*(word.format(given=folder / "in.pdf", made=folder / "out.pdf") for word in words))
        return (folder / "out.pdf").read_bytes()

    return convert


@pytest.mark.parametrize(
    ("save", "sentence"),
    [
        (by_program("pdftocairo", "-pdf", "{given}", "{made}"), "and holds no signature"),
        (resaved_by_pypdf, "which breaks its signatures"),
        (by_program("qpdf", "{given}", "{made}"), "which breaks its signatures"),
    ],
    ids=["printed", "pypdf", "qpdf"],
)
def test_a_file_that_was_printed_or_saved_anew_is_named_as_that(
    at: At,
    returned: bytes,
    tmp_path: Path,
    save: Callable[[bytes, Path], bytes],
    sentence: str,
) -> None:
    data = save(returned, tmp_path)
    told = (
        "That file shows version 2017-07, but it is not the file that was sent: it was printed to "
        "PDF or saved again, "
    )
    folder = at("july issued")
    with refused(folder, SigningError, told + sentence, "the file they were sent"):
        receive(folder, data, nobody())


@pytest.mark.quick
def test_july_is_not_taken_for_november(at: At) -> None:
    folder = at("november issued")
    july = folder.pdf(JULY).read_bytes()
    with refused(folder, SigningError, "Version 2017-07 was superseded by a later one"):
        receive(folder, july, nobody())


def test_a_draft_that_was_signed_before_it_was_issued_is_told(at: At, story: Story) -> None:
    draft = story.at("built").pdf(JULY).read_bytes()
    data = elsewhere(story.at("july issued"), JULY, CAROLE, pdf=draft)
    folder = at("july issued")
    with refused(folder, SigningError, "signed before it was issued", SEND_AGAIN):
        receive(folder, data, nobody())


def test_a_version_that_is_not_issued_takes_nothing(at: At, story: Story) -> None:
    folder = at("enrolled")
    data = elsewhere(folder, JULY, CAROLE)
    with refused(folder, SigningError, "has not been issued yet", "plan issue 2017-07"):
        receive(folder, data, nobody())


# --------------------------------------------------------------------------- the wrong moment


def test_of_two_who_sign_at_once_the_first_is_taken_and_the_second_sent_the_file_again(
    at: At, returned: bytes
) -> None:
    folder = at("july issued")
    any_order(folder)
    sally = elsewhere(folder, JULY, SALLY)
    receive(folder, returned, prompts())
    told = "was signed while somebody else signed it too"
    with refused(folder, SigningError, told, SEND_AGAIN):
        receive(folder, sally, nobody())
    receive(folder, elsewhere(folder, JULY, SALLY), prompts())
    demand_registered(folder)


def test_the_same_file_twice_is_told_so(at: At, returned: bytes) -> None:
    folder = at("july issued")
    receive(folder, returned, prompts())
    with refused(folder, SigningError, "it has no new signature"):
        receive(folder, returned, nobody())
    sign_here(folder, JULY, SALLY)
    with refused(folder, SigningError, "an older state of version 2017-07", SEND_AGAIN):
        receive(folder, returned, nobody())


def test_a_signature_out_of_turn_is_refused(at: At) -> None:
    folder = at("july issued")
    data = elsewhere(folder, JULY, KEVIN)
    with refused(folder, SigningError, "Carole Clemens signs", "Wait"):
        receive(folder, data, nobody())


@pytest.mark.quick
def test_a_sealed_version_takes_nothing(at: At, returned: bytes) -> None:
    with refused(folder := at("july sealed"), SigningError, "is sealed"):
        receive(folder, returned, nobody())


# ------------------------------------------------------------------------------ the wrong hand


@pytest.mark.parametrize(
    "box", [CAROLE, KEVIN], ids=["a box that is due", "a box that waits for others"]
)
def test_a_signature_in_somebody_else_s_box_is_named(at: At, issued: bytes, box: str) -> None:
    folder = at("july issued")
    data = signed_by(issued, field_of(box), key_file(folder, SALLY).read_bytes(), phrase(SALLY))
    owner = {CAROLE: "Carole Clemens", KEVIN: "Kevin Snow"}[box]
    told = f"Sally Beardsley has signed in the box of {owner}."
    with refused(folder, SigningError, told, "(plan send 2017-07), to sign in the box beside"):
        receive(folder, data, nobody())


def test_a_wrong_box_is_named_also_where_its_owner_has_no_certificate(
    at: At, issued: bytes
) -> None:
    folder = at("july issued")
    revoke(folder, KEVIN, prompts())
    data = signed_by(issued, field_of(KEVIN), key_file(folder, SALLY).read_bytes(), phrase(SALLY))
    with refused(folder, SigningError, "Sally Beardsley has signed in the box of Kevin Snow."):
        receive(folder, data, nobody())


def test_a_self_made_certificate_of_the_same_name_is_not_theirs(at: At, issued: bytes) -> None:
    folder = at("july issued")
    data = signed_by(issued, field_of(CAROLE), own_key()[1])
    told = (
        'The signature in the box of Carole Clemens is by a certificate named "Carole Clemens" '
        "that the office does not know."
    )
    with refused(folder, SigningError, told, f"plan enrol {CAROLE} --certificate FILE"):
        receive(folder, data, nobody())


def test_a_name_in_an_unknown_certificate_cannot_move_the_screen(at: At, issued: bytes) -> None:
    data = signed_by(issued, field_of(CAROLE), own_key("\x1b[2JKing\u202e" + "x" * 50)[1])
    with refused(folder := at("july issued"), SigningError, 'certificate named " [2JKing xxx'):
        receive(folder, data, nobody())


def test_a_revoked_certificate_signs_no_more(at: At, returned: bytes) -> None:
    folder = at("july issued")
    revoke(folder, CAROLE, prompts())
    with refused(folder, SigningError, "no certificate that can be used", f"plan enrol {CAROLE}"):
        receive(folder, returned, nobody())
    enrol(folder, CAROLE, prompts(CAROLE))
    told = "Carole Clemens has signed with a certificate that was revoked."
    with refused(folder, SigningError, told, "sign again"):
        receive(folder, returned, nobody())


def test_a_wrong_passphrase_takes_nothing(at: At, returned: bytes) -> None:
    with refused(folder := at("july issued"), SigningError, "does not open the key of the office"):
        receive(folder, returned, prompts(office=WRONG))


# ------------------------------------------------------------- a certificate that has ended


def ends_soon(folder: PlanFolder, issuer: str) -> tuple[datetime, bytes]:
    """When Carole's certificate ends, which the office or she herself has issued; and her key."""
    root = unlock_office_keys(folder.root / "keys", prompts()).root if issuer == "office" else None
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=7)
    identity = made(timedelta(-30), end - TODAY, root)
    digest = certificate_digest(identity.certificate).hex
    place = folder.certificates / f"{CAROLE}-{digest[:8]}.crt"
    body = {"person": CAROLE, "name": "Carole Clemens", "certificate": digest, "issuer": issuer}
    enter(folder, "enrolled", "", body, {place: identity_pem(identity.certificate)})
    return end, lock_identity(identity, "Carole", Secret(phrase(CAROLE)))


def wait_for(moment: datetime) -> None:
    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()) + 1)


@pytest.mark.parametrize("issuer", ["own", "office"])
def test_what_was_signed_before_its_certificate_ended_is_taken_with_the_time_that_it_says(
    at: At, issued: bytes, issuer: str
) -> None:
    folder = at("july issued")
    end, key = ends_soon(folder, issuer)
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE))
    claimed = datetime.now(UTC)
    assert claimed < end
    wait_for(end)
    entry = receive(folder, data, prompts())
    assert end < entry.at
    said = datetime.fromisoformat(entry.event.signed_at)
    assert abs(said - claimed) < timedelta(seconds=3)
    assert "by their own clock on" in entry.event.summary(NamesById())
    assert verify(folder, (JULY,)).holds
    sign_here(folder, JULY, SALLY)  # and what comes later is judged with it


def test_what_was_signed_after_its_certificate_ended_is_refused_with_what_helps(
    at: At, issued: bytes
) -> None:
    folder = at("july issued")
    end, key = ends_soon(folder, "own")
    wait_for(end)
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE))
    with refused(folder, SigningError, "its certificate was not valid on", f"plan revoke {CAROLE}"):
        receive(folder, data, nobody())


# ------------------------------------------------------------------------------ the wrong field


def test_two_signatures_at_once_are_refused(at: At, returned: bytes) -> None:
    folder = at("july issued")
    data = elsewhere(folder, JULY, SALLY, pdf=returned)
    with refused(folder, SigningError, "There are 2 new signatures in that file", SEND_AGAIN):
        receive(folder, data, nobody())


def test_the_field_of_the_archive_timestamp_is_nobody_s_box(at: At, issued: bytes) -> None:
    folder = at("july issued")
    data = signed_by(
        issued, "archive-timestamp", key_file(folder, CAROLE).read_bytes(), phrase(CAROLE)
    )
    with refused(folder, SigningError, 'in the field "archive-timestamp"', "their own box"):
        receive(folder, data, nobody())


def test_a_new_field_is_nobody_s_box(at: At, issued: bytes) -> None:
    folder = at("july issued")

    class Adding(IncrementalPdfFileWriter):
        def __init__(self, given: Any) -> None:
            super().__init__(given)
            append_signature_field(self, SigFieldSpec("Signature1", box=(20, 20, 120, 60)))

    data = signed_by(
        issued, "Signature1", key_file(folder, CAROLE).read_bytes(), phrase(CAROLE), writer=Adding
    )
    with refused(folder, SigningError, 'in the field "Signature1"', "their own box"):
        receive(folder, data, nobody())


# ------------------------------------------------------------------------- more than a signature


def page_text(writer: IncrementalPdfFileWriter) -> None:
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"BT ET")))


def annotation(writer: IncrementalPdfFileWriter) -> None:
    page = writer.find_page_for_modification(0)[0].get_object()
    note = writer.add_object(
        generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/Text"),
                generic.pdf_name("/Contents"): generic.pdf_string("I agree to nothing"),
                generic.pdf_name("/Rect"): generic.ArrayObject(
                    map(generic.NumberObject, (10, 10, 30, 30))
                ),
            }
        )
    )
    page.setdefault(generic.pdf_name("/Annots"), generic.ArrayObject()).append(note)
    writer.update_container(page)


def new_field(writer: IncrementalPdfFileWriter) -> None:
    append_signature_field(writer, SigFieldSpec("Another", box=(20, 20, 120, 60)))


def script(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/OpenAction"] = generic.DictionaryObject(
        {
            generic.pdf_name("/S"): generic.pdf_name("/JavaScript"),
            generic.pdf_name("/JS"): generic.pdf_string("app.alert(1)"),
        }
    )
    writer.update_root()


def title(writer: IncrementalPdfFileWriter) -> None:
    metadata = writer.root["/Metadata"]
    data = metadata.data
    assert b"Action Plan" in data
    reference = writer.root.raw_get("/Metadata").reference
    changed = generic.StreamObject(
        {key: metadata.raw_get(key) for key in metadata if key not in ("/Length", "/Filter")},
        stream_data=data.replace(b"Action Plan", b"Another Plan", 1),
    )
    writer.objects[reference.generation, reference.idnum] = changed


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (page_text, "a page was changed"),
        (annotation, "a page was changed"),
        (new_field, "the form was changed"),
        (script, "an action was changed"),
        (title, "the metadata (XMP) was changed"),
    ],
    ids=["page", "annotation", "field", "JavaScript", "XMP title"],
)
def test_a_change_that_rides_on_a_signature_is_refused_by_its_name(
    at: At, issued: bytes, change: Callable[[IncrementalPdfFileWriter], None], what: str
) -> None:
    folder = at("july issued")

    class Changing(QuietWriter):
        def __init__(self, given: Any) -> None:
            super().__init__(given)
            change(self)

    data = signed_by(
        issued,
        field_of(CAROLE),
        key_file(folder, CAROLE).read_bytes(),
        phrase(CAROLE),
        writer=Changing,
    )
    told = f"Something besides the signature was changed in that file: {what}"
    with refused(folder, SigningError, told, SEND_AGAIN):
        receive(folder, data, nobody())


def test_a_change_without_a_signature_is_told_too(at: At, issued: bytes) -> None:
    folder = at("july issued")
    writer = QuietWriter(io.BytesIO(issued))
    annotation(writer)
    out = io.BytesIO()
    writer.write(out)
    told = "There is no new signature in that file: a page was changed."
    with refused(folder, SigningError, told, SEND_AGAIN):
        receive(folder, out.getvalue(), nobody())


# ------------------------------------------------------------ signatures that cannot be taken


def test_an_invisible_signature_is_named_as_that(at: At, issued: bytes) -> None:
    folder = at("july issued")

    class Shrinking(QuietWriter):
        def __init__(self, given: Any) -> None:
            super().__init__(given)
            fields = self.root["/AcroForm"]["/Fields"]
            for number in range(len(fields)):
                if fields[number]["/T"] == field_of(CAROLE):
                    nothing = generic.ArrayObject([generic.NumberObject(0)] * 4)
                    fields[number]["/Rect"] = nothing
                    self.update_container(fields[number])

    key = key_file(folder, CAROLE).read_bytes()
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE), stamp=False, writer=Shrinking)
    with refused(folder, SigningError, "That signature is invisible", "with a visible signature"):
        receive(folder, data, nobody())


def test_a_format_that_cannot_be_checked_is_not_laid_to_the_certificate(
    at: At, returned: bytes, issued: bytes
) -> None:
    new = returned[len(issued) :]
    assert new.count(b"/adbe.pkcs7.detached") == 1
    data = issued + new.replace(b"/adbe.pkcs7.detached", b"/adbe.x509.rsa_sha1 ")
    told = "The signature of Carole Clemens is in a format that cannot be checked here."
    with refused(folder := at("july issued"), SigningError, told, "PKCS#7 detached"):
        receive(folder, data, nobody())


def test_a_weak_digest_is_refused_with_what_to_choose(at: At, issued: bytes) -> None:
    folder = at("july issued")
    key = key_file(folder, CAROLE).read_bytes()
    data = signed_by(issued, field_of(CAROLE), key, phrase(CAROLE), md_algorithm="sha1")
    with refused(folder, SigningError, "it uses sha1, which can be forged", "with SHA-256"):
        receive(folder, data, nobody())


# ----------------------------------------------------------------------------------- tampered


def new_contents(returned: bytes, issued: bytes) -> re.Match[bytes]:
    found = re.compile(rb"/Contents ?<([0-9a-fA-F]+)>").search(returned, len(issued))
    assert found is not None
    return found


def test_a_byte_in_the_unused_room_of_the_signature_is_found(
    at: At, returned: bytes, issued: bytes
) -> None:
    end = new_contents(returned, issued).end(1)
    assert returned[end - 2 : end] == b"00"
    data = returned[: end - 2] + b"01" + returned[end:]
    with refused(folder := at("july issued"), SigningError, "padding was changed", SEND_AGAIN):
        receive(folder, data, nobody())


def test_a_byte_of_what_was_signed_is_found(at: At, returned: bytes, issued: bytes) -> None:
    place = re.compile(rb"/M \(D\\0722").search(returned, len(issued))
    assert place is not None
    data = returned[: place.end() - 1] + b"1" + returned[place.end() :]
    with refused(folder := at("july issued"), SigningError, "was changed afterwards", SEND_AGAIN):
        receive(folder, data, nobody())


def test_a_byte_of_the_issued_file_makes_it_another(at: At, returned: bytes) -> None:
    middle = returned.index(b"stream") + 200
    data = returned[:middle] + bytes([returned[middle] ^ 1]) + returned[middle + 1 :]
    with refused(folder := at("july issued"), SigningError, "That"):
        receive(folder, data, nobody())


@pytest.mark.parametrize(
    ("junk", "sentence"),
    [
        (b"x", "there are bytes behind its end"),
        (b" \n", "there are bytes behind its end"),
        (b"\n\n", "there are bytes behind its end"),
        (b"\n" * 5000 + b"startxref\n9\n%%EOF", "That file is damaged"),
        (b"\n%PDF-1.7\nanother file\n%%EOF\n", "That file is damaged"),
    ],
    ids=["a byte", "a space", "empty lines", "another end", "another file"],
)
def test_anything_behind_the_end_is_refused(
    at: At, returned: bytes, junk: bytes, sentence: str
) -> None:
    with refused(folder := at("july issued"), SigningError, sentence, SEND_AGAIN):
        receive(folder, returned + junk, nobody())


def test_words_between_two_ends_are_refused(at: At, returned: bytes) -> None:
    """The second end leads to the same table, so that every reader shows the same document."""
    end = returned[returned.rindex(b"startxref") :]
    with refused(
        folder := at("july issued"), SigningError, "there are bytes behind its end", SEND_AGAIN
    ):
        receive(folder, returned + b"% I signed something else\n" + end, nobody())


@pytest.mark.parametrize("lost", [9, 700, 9000])
def test_a_file_that_breaks_off_is_refused(at: At, returned: bytes, lost: int) -> None:
    folder = at("july issued")
    with refused(folder, SigningError, "That file is damaged"):
        receive(folder, returned[:-lost], nobody())


# -------------------------------------------------------------------------- the office's own house


@pytest.mark.quick
def test_the_registered_file_is_asked_for_before_a_signature_is_taken(
    at: At, returned: bytes
) -> None:
    folder = at("july issued")
    folder.pdf(JULY).unlink()
    with refused(folder, VerificationError, "is gone", "from a copy"):
        receive(folder, returned, nobody())


def test_both_reviews_of_november_take_their_own_signatures(at: At) -> None:
    folder = at("november issued")
    receive(folder, elsewhere(folder, NOVEMBER, CAROLE, HEADS), prompts())
    receive(folder, elsewhere(folder, NOVEMBER, CAROLE, JCC), prompts())
    signed = [one["review"] for one in records(read(folder.register), NOVEMBER) if "review" in one]
    assert signed == [HEADS, JCC]
    demand_registered(folder)
