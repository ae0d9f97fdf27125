"""What is told of the signatures in a file: of honest ones nothing wrong, each forgery by name."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from signed_plan.paths import PlanFolder
from signed_plan.signing.identity import (
    Identity,
    make_office_keys,
    make_person,
    make_revocation_list,
)
from signed_plan.signing.pades import ValidationMaterial, _load_signer, sign
from signed_plan.signing.subject import Subject
from signed_plan.signing.validation import (
    BROKEN,
    UNREADABLE,
    Signature,
    Trust,
    read_signatures,
)

from tests.signing.helpers import (
    CAROLE,
    SALLY,
    SEAL,
    TIMESTAMP,
    People,
    Signing,
    der,
    flipped,
    replaced_once,
    statement_of,
    trust,
)

pytestmark = pytest.mark.slow("signs and validates many times")

CHANGED = "what it signed was changed afterwards"
PADDING = "its padding was changed: bytes stand where there should be none"
PARTIAL = "it does not cover the whole document as it was when it was signed"
UNKNOWN = "its certificate is not known to the office"
UNNAMED = "its timestamp is not by an authority that the office has named"


@pytest.fixture(scope="session")
def trusted(people: People, moment: datetime, stamper_root: x509.Certificate) -> Trust:
    return trust(people, moment, stamper_root)


def faults(pdf: bytes, by: Trust) -> dict[str, str]:
    return {one.field: one.fault for one in read_signatures(pdf, by)}


def outcome(pdf: bytes, by: Trust) -> dict[str, str] | str:
    """The fault of each, or that the file cannot be read; any other error goes through."""
    try:
        return faults(pdf, by)
    except UNREADABLE + BROKEN as error:
        return f"unreadable: {error}"


# Honest states


def test_in_every_honest_state_nothing_is_wrong_with_any_signature(
    signing: Signing, stamped: Signing, archived: bytes, trusted: Trust
) -> None:
    assert read_signatures(signing.plan, trusted) == ()
    for states in (signing, stamped):
        assert faults(states.certified, trusted) == {SEAL: ""}
        assert faults(states.once, trusted) == {SEAL: "", CAROLE: ""}
        assert faults(states.twice, trusted) == {SEAL: "", CAROLE: "", SALLY: ""}
    assert faults(archived, trusted) == {SEAL: "", CAROLE: "", SALLY: "", TIMESTAMP: ""}


def test_each_signature_tells_what_it_is_and_whose_and_when(
    signing: Signing, archived: bytes, people: People, moment: datetime, trusted: Trust
) -> None:
    def told(found: Signature) -> tuple[str, str, str, str, bool]:
        return found.kind, found.certificate, found.signer, found.reason, found.stamped

    seal, carole, sally, stamp = read_signatures(archived, trusted)
    office, school = people.office.seal, "agrees to this plan"
    assert told(seal) == (
        *("certification", office.digest.hex, "Trent CofE and St Mary's"),
        *("Version 2017-11", True),
    )
    assert told(carole) == (
        *("signature", people.carole.digest.hex, "Carole Clemens"),
        *(f"Carole Clemens {school}", True),
    )
    assert told(sally)[1:3] == (people.sally.digest.hex, "Sally Beardsley")
    assert (stamp.kind, stamp.signer, stamp.stamped) == (
        *("timestamp", "Specimen Timestamp Authority"),
        True,
    )
    for one in (seal, carole, sally, stamp):
        assert one.moment is not None
        assert moment - timedelta(seconds=2) < one.moment <= datetime.now(UTC)
    assert [one.stamped for one in read_signatures(signing.twice, trusted)] == [False] * 3


def test_what_is_told_is_plain_text_that_does_not_hold_the_file(
    signing: Signing, trusted: Trust
) -> None:
    """A text object of pyHanko leads to the whole document, and a copy of it copies that."""
    for one in read_signatures(signing.once, trusted):
        told = (one.field, one.kind, one.certificate, one.signer, one.reason, one.fault)
        assert {type(text) for text in told} == {str}


def test_each_signature_tells_how_long_the_file_was(
    signing: Signing, archived: bytes, trusted: Trust
) -> None:
    ends = [one.end for one in read_signatures(signing.twice, trusted)]
    assert ends == sorted(ends)
    assert len(signing.plan) < ends[0] <= len(signing.certified) < ends[1] <= len(signing.once)
    assert read_signatures(archived, trusted)[-1].end == len(archived)


# Changed bytes


def places(pdf: bytes) -> list[tuple[re.Match[bytes], int, int]]:
    """Where each signature's byte range stands, and from where to where its own place is."""
    found = re.finditer(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\]", pdf)
    return [(match, int(match[2]), int(match[3])) for match in found]


def test_a_byte_changed_in_what_was_signed_is_told_of_every_signature_over_it(
    signing: Signing, trusted: Trust
) -> None:
    early, late = signing.plan.index(b"stream\n") + 50, len(signing.certified) + 1000
    assert faults(flipped(signing.twice, early), trusted) == {
        SEAL: CHANGED,
        CAROLE: CHANGED,
        SALLY: CHANGED,
    }
    found = outcome(flipped(signing.twice, late), trusted)
    assert isinstance(found, dict)
    assert (found[SEAL], found[CAROLE], found[SALLY]) == ("", CHANGED, CHANGED)


@pytest.mark.parametrize("back", [2, 1000])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_padding_that_was_changed_is_told_in_any_signature(
    signing: Signing, trusted: Trust, at: int, back: int
) -> None:
    _, _, end = places(signing.twice)[at]
    assert signing.twice[end - back : end - back + 1] == b"0"
    found = list(faults(flipped(signing.twice, end - back), trusted).values())
    assert found == [""] * at + [PADDING] + [CHANGED] * (2 - at)


def test_padding_of_the_archive_timestamp_that_was_changed_is_told(
    archived: bytes, trusted: Trust
) -> None:
    _, _, end = places(archived)[-1]
    assert archived[end - 2 : end - 1] == b"0"
    found = faults(flipped(archived, end - 2), trusted)
    assert found == {SEAL: "", CAROLE: "", SALLY: "", TIMESTAMP: PADDING}


# Byte ranges


def with_range(pdf: bytes, at: int, *numbers: int) -> bytes:
    """The file with another byte range in one signature, written into the same place."""
    match, _, _ = places(pdf)[at]
    written = b"/ByteRange [" + b" ".join(b"%d" % one for one in numbers)
    room = match.end() - match.start() - 1
    assert len(written) <= room
    return pdf[: match.start()] + written.ljust(room) + b"]" + pdf[match.end() :]


RANGES: dict[str, Callable[[int, int, int], tuple[int, ...]]] = {
    "zeroed": lambda gap, end, rest: (0, 0, 0, 0),
    "nothing of the rest": lambda gap, end, rest: (0, gap, end, 0),
    "overlapping": lambda gap, end, rest: (0, gap, gap - 100, rest),
    "reordered": lambda gap, end, rest: (end, rest, 0, gap),
    "too long": lambda gap, end, rest: (0, gap, end, 99999),
    "too short": lambda gap, end, rest: (0, gap, end, rest - 100),
    "a gap before": lambda gap, end, rest: (0, gap - 10, end, rest),
    "a gap behind": lambda gap, end, rest: (0, gap, end + 10, rest - 10),
    "not from the start": lambda gap, end, rest: (9, gap - 9, end, rest),
    "three numbers": lambda gap, end, rest: (0, gap, end),
    "no numbers": lambda gap, end, rest: (),
    "a negative start": lambda gap, end, rest: (0, gap, -1, rest),
    "a negative length": lambda gap, end, rest: (0, gap, end, -5),
}


@pytest.mark.quick
@pytest.mark.parametrize("what", RANGES)
def test_a_byte_range_that_was_changed_is_never_taken(
    signing: Signing, trusted: Trust, what: str
) -> None:
    match, gap, end = places(signing.certified)[0]
    numbers = RANGES[what](gap, end, int(match[4]))
    if what == "not from the start":
        numbers = (*numbers[:3], int(match[4]) % 1000)
    found = outcome(with_range(signing.certified, 0, *numbers), trusted)
    assert isinstance(found, str) or found == {SEAL: CHANGED}


def test_a_byte_range_that_was_changed_in_the_first_signature_breaks_all(
    signing: Signing, trusted: Trust
) -> None:
    match, gap, end = places(signing.twice)[0]
    found = faults(with_range(signing.twice, 0, 0, gap, end, int(match[4]) - 100), trusted)
    assert set(found.values()) == {CHANGED}


def signed_over(pdf: bytes, numbers: tuple[int, ...], person: Identity) -> bytes:
    """The last signature made anew, true to the last bit, over other bytes than it should be."""
    pdf = with_range(pdf, len(places(pdf)) - 1, *numbers)
    first, length, second, rest = numbers
    data = pdf[first : first + length] + pdf[second : second + rest]
    signer = _load_signer(person)
    made: bytes = asyncio.run(
        signer.async_sign(hashlib.sha256(data).digest(), "sha256", use_pades=True)
    ).dump()
    _, gap, end = places_of_last(pdf)
    content = made.hex().encode().ljust(end - gap - 2, b"0")
    return pdf[: gap + 1] + content + pdf[end - 1 :]


def places_of_last(pdf: bytes) -> tuple[int, int, int]:
    """Where the last signature's own place stands, found without its byte range."""
    start = pdf.rindex(b"/Contents <")
    gap = start + len(b"/Contents ")
    return start, gap, pdf.index(b">", gap) + 1


@pytest.fixture(scope="session")
def before_evidence(people: People, signing: Signing) -> bytes:
    """Carole's signature alone behind the seal, and nothing behind it."""
    out = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name=CAROLE, md_algorithm="sha256"), _load_signer(people.carole)
    ).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(signing.certified)),
        existing_fields_only=True,
        output=out,
    )
    return out.getvalue()


def test_a_true_signature_over_a_part_of_the_file_is_told(
    before_evidence: bytes, people: People, trusted: Trust
) -> None:
    match, gap, end = places(before_evidence)[-1]
    rest = int(match[4])
    honest = signed_over(before_evidence, (0, gap, end, rest), people.carole)
    assert faults(honest, trusted) == {SEAL: "", CAROLE: ""}
    for numbers in (
        (0, gap - 50, end, rest),
        (0, gap, end + 50, rest - 50),
        (0, gap, end, rest - 10),
        (9, gap - 9, end, rest),
        (0, 500, end, rest),
    ):
        found = faults(signed_over(before_evidence, numbers, people.carole), trusted)
        assert found == {SEAL: "", CAROLE: PARTIAL}, numbers


# Whose


@pytest.fixture(scope="session")
def stranger(moment: datetime) -> tuple[Identity, bytes]:
    """Somebody who has made an office of the same name, and a Carole of the same name."""
    office = make_office_keys("Trent CofE and St Mary's", moment)
    subject = Subject("Carole Clemens", "Burton Joyce Primary School")
    return make_person(office.root, subject, moment), make_revocation_list(office.root, [], moment)


def test_a_self_made_certificate_of_the_same_name_is_told(
    signing: Signing, stranger: tuple[Identity, bytes], trusted: Trust
) -> None:
    identity, revocations = stranger
    evidence = ValidationMaterial(identity.issuers, revocations)
    forged = sign(signing.certified, CAROLE, identity, statement_of("Carole Clemens"), evidence).pdf
    assert faults(forged, trusted) == {SEAL: "", CAROLE: UNKNOWN}
    names = {one.signer for one in read_signatures(forged, trusted)}
    assert "Carole Clemens" in names


def test_without_roots_nobody_is_known_and_with_ones_own_certificate_one_is(
    signing: Signing, people: People, moment: datetime
) -> None:
    nobody = Trust((), (), lambda _: moment)
    assert set(faults(signing.once, nobody).values()) == {UNKNOWN}
    one = Trust((der(people.carole.certificate),), (), lambda _: moment)
    assert faults(signing.once, one) == {SEAL: UNKNOWN, CAROLE: ""}


def test_a_certificate_is_judged_at_the_moment_that_each_signature_has(
    signing: Signing, people: People, moment: datetime
) -> None:
    end = people.carole.certificate.not_valid_after_utc
    start = people.carole.certificate.not_valid_before_utc
    asked: list[str] = []

    def judged_at(when: datetime) -> Callable[[str], datetime]:
        def told(field: str) -> datetime:
            asked.append(field)
            return when if field == CAROLE else moment

        return told

    roots = trust(people, moment).roots
    for when, good in (
        (start + timedelta(seconds=1), True),
        (end - timedelta(seconds=1), True),
        (end + timedelta(days=1), False),
        (start - timedelta(days=1), False),
    ):
        found = faults(signing.once, Trust(roots, (), judged_at(when)))
        said = f"its certificate was not valid on {when:%d %B %Y}, when it was signed"
        assert found == {SEAL: "", CAROLE: "" if good else said}
    assert set(asked) == {SEAL, CAROLE}


def test_a_timestamp_tells_the_moment_better_than_whoever_judges(
    archived: bytes, people: People, moment: datetime, stamper_root: x509.Certificate
) -> None:
    later = moment + timedelta(days=365 * 6)
    assert set(faults(archived, trust(people, later, stamper_root)).values()) == {""}


@pytest.mark.parametrize("named", ["nobody", "somebody else"])
def test_a_timestamp_by_an_authority_that_is_not_named_is_told(
    archived: bytes, people: People, moment: datetime, named: str
) -> None:
    others = () if named == "nobody" else (people.office.root.certificate,)
    assert faults(archived, trust(people, moment, *others)) == {
        SEAL: UNNAMED,
        CAROLE: UNNAMED,
        SALLY: UNNAMED,
        TIMESTAMP: UNKNOWN,
    }


# How


@pytest.mark.parametrize("algorithm", ["md5", "sha1"])
def test_a_weak_algorithm_is_told_by_name(
    signing: Signing, people: People, trusted: Trust, algorithm: str
) -> None:
    out = io.BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name=CAROLE, md_algorithm=algorithm), _load_signer(people.carole)
    ).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(signing.certified)),
        existing_fields_only=True,
        output=out,
    )
    assert faults(out.getvalue(), trusted) == {
        SEAL: "",
        CAROLE: f"it uses {algorithm}, which can be forged",
    }


@pytest.mark.quick
def test_a_signature_of_an_unknown_kind_is_never_told_as_good(
    signing: Signing, trusted: Trust
) -> None:
    kind = b"/SubFilter /ETSI.CAdES.detached"
    other = replaced_once(signing.certified, kind, b"/SubFilter /ETSI.CAdES.attached")
    found = outcome(other, trusted)
    assert isinstance(found, str) or found.get(SEAL) != ""


@pytest.mark.parametrize("where", ["another plan", "another box"])
def test_a_signature_copied_from_elsewhere_is_told(
    signing: Signing, built_once: PlanFolder, trusted: Trust, where: str
) -> None:
    source = IncrementalPdfFileWriter(io.BytesIO(signing.once)).prev
    (value,) = [one for one in source.embedded_signatures if one.field_name == CAROLE]
    base = built_once.pdf("2017-07").read_bytes() if where == "another plan" else signing.certified
    due = "july-2017:carole-clemens" if where == "another plan" else SALLY
    writer = IncrementalPdfFileWriter(io.BytesIO(base))
    fields = writer.root["/AcroForm"]["/Fields"]
    (at,) = [at for at in range(len(fields)) if fields[at]["/T"] == due]
    copied = writer.import_object(value.sig_object)
    fields[at]["/V"] = writer.add_object(copied)
    writer.mark_update(fields.raw_get(at))
    out = io.BytesIO()
    writer.write(out)
    assert faults(out.getvalue(), trusted)[due] == CHANGED


def test_a_page_changed_behind_the_signatures_is_told_of_all_of_them(
    signing: Signing, trusted: Trust
) -> None:
    writer = IncrementalPdfFileWriter(io.BytesIO(signing.twice))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"q Q"))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert set(faults(out.getvalue(), trusted).values()) == {
        "something that may not change was changed behind it"
    }


# Garbage


@pytest.mark.quick
@pytest.mark.parametrize(
    "data",
    [b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"hello", bytes(5000), b"%PDF-" + b"[" * 5000],
    ids=["nothing", "a header", "header and end", "text", "zeros", "brackets"],
)
def test_what_is_no_pdf_is_unreadable(trusted: Trust, data: bytes) -> None:
    with pytest.raises(UNREADABLE + BROKEN):
        read_signatures(data, trusted)


@pytest.mark.quick
def test_a_cut_file_is_unreadable(signing: Signing, trusted: Trust) -> None:
    for size in (1000, len(signing.plan) // 2, len(signing.once) - 20):
        with pytest.raises(UNREADABLE + BROKEN):
            read_signatures(signing.once[:size], trusted)


def test_whatever_is_changed_in_what_signing_added_is_told_or_unreadable(
    signing: Signing, trusted: Trust
) -> None:
    """Bytes outside the place of the signature's own value, all of which it signs."""
    chance = random.Random(20171114)
    _, gap, end = places(signing.certified)[0]
    own = [
        *range(len(signing.plan), gap),
        *range(end, end + int(places(signing.certified)[0][0][4])),
    ]
    for _ in range(15):
        changed = bytearray(signing.certified)
        for at in chance.sample(own, chance.choice((1, 3, 20))):
            changed[at] = chance.choice((changed[at] ^ 1, 0x20, 0x3C, 0x5B, chance.randrange(256)))
        if changed == signing.certified:
            continue
        found = outcome(bytes(changed), trusted)
        # Where the field itself can no longer be found there is no signature to be judged.
        assert isinstance(found, str) or found.get(SEAL) != ""
