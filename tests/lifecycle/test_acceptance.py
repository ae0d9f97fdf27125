"""A good signature that locks others out, shows another person or vouches for another text is
refused, with what to choose instead; the same without that is taken.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.signers.pdf_byterange import PdfSignedData
from pyhanko.stamp import TextStampStyle
from pypdf import PdfReader
from signed_plan.cli import run
from signed_plan.document.signature_boxes import person_reason
from signed_plan.errors import MissingError, SigningError
from signed_plan.lifecycle.acceptance import (
    given_reason,
    require_acceptable,
    require_made_in_between,
)
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.seal import seal
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load_one
from signed_plan.signing.new_signature import NewSignature
from signed_plan.verify.verify import verify

from tests.lifecycle.helpers import nobody, refused
from tests.story import (
    CAROLE,
    JULY,
    KEVIN,
    SALLY,
    Story,
    field_of,
    key_file,
    phrase,
    prompts,
    signed_by,
)

At = Callable[[str], PlanFolder]
LOCK_OPTION = '"Lock document after signing"'
slow = pytest.mark.slow("signs in many ways")


@pytest.fixture(scope="module")
def version(story: Story) -> Version:
    return load_one(story.at("built"), JULY)


def say(**what: Any) -> NewSignature:
    nothing: dict[str, Any] = {"reason": "", "moment": "", "locked": (), "text": "", "look": ""}
    nothing["unfit"] = ""
    return NewSignature(**nothing | what)


def refusal(version: Version, **what: Any) -> str:
    with pytest.raises(SigningError) as caught:
        require_acceptable(version, say(**what), version.plan.person(CAROLE))
    assert "plan send 2017-07" in caught.value.remedy
    return caught.value.message


def accepted(version: Version, **what: Any) -> None:
    require_acceptable(version, say(**what), version.plan.person(CAROLE))


# ------------------------------------------------------------------------------ the sentences


def test_whose_boxes_are_locked_is_said(version: Version) -> None:
    assert "locks the box of Sally Beardsley, so" in refusal(version, locked=(field_of(SALLY),))
    told = refusal(version, locked=(field_of(SALLY), field_of(KEVIN), "archive-timestamp"))
    assert "the boxes of Sally Beardsley, Kevin Snow and the archive timestamp, so" in told


def test_another_name_in_the_box_is_refused_and_one_s_own_is_not(version: Version) -> None:
    accepted(version, text="Digitally signed by CAROLE  CLEMENS, 11 July 2017")
    told = refusal(version, text="Signed by Sally\nBeardsley for Carole Clemens")
    assert told == "The signature in the box of Carole Clemens shows the name of Sally Beardsley."


@pytest.mark.parametrize(
    ("own", "other", "text", "told"),
    [
        ("Carole Clemens", "Ed", "Digitally signed by Carole Clemens", False),
        ("Carole Clemens", "Ed", "Digitally signed by Ed.", True),
        ("Ed", "Ed Smith", "Digitally signed by Ed\nDate: 2026", False),
        ("Ed Smith", "Ed", "Digitally signed by Ed Smith", False),
        ("Al", "Sally Reed", "Signed by Al for Sally Reed", True),
        ("Joann Lee", "Ann Lee", "Signed by Joann Lee", False),
        ("Carole Clemens", "Renée Fields", "Signed by Rene\u0301e \ufb01elds", True),
    ],
)
def test_a_short_name_is_no_part_of_a_word_nor_does_it_hide_another(
    version: Version, own: str, other: str, text: str, told: bool
) -> None:
    names = {CAROLE: own, SALLY: other}
    people = [
        one.model_copy(update={"name": names.get(one.id, one.name)}) for one in version.plan.people
    ]
    renamed = replace(version, plan=version.plan.model_copy(update={"people": tuple(people)}))
    person = renamed.plan.person(CAROLE)
    if told:
        with pytest.raises(SigningError, match=f"shows the name of {other}"):
            require_acceptable(renamed, say(text=text), person)
    else:
        require_acceptable(renamed, say(text=text), person)


@pytest.mark.parametrize(
    "words", ["Envelope 550E8400-E29B-41D4-A716-446655440000", "card 1234-5678-9012"]
)
def test_the_number_of_a_transaction_or_a_card_is_no_fingerprint(
    version: Version, words: str
) -> None:
    accepted(version, text=words, reason=words)
    refusal(version, text=f"{words} abab abab abab")


def test_another_fingerprint_is_refused_and_the_version_s_own_is_not(version: Version) -> None:
    own = version.fingerprint
    for words in (own.hex, own.hex.upper(), own.short, "agreed", "0115 9312 3456"):
        accepted(version, reason=f"fingerprint {words}", text=f"Signed · fingerprint {words}")
    other = "ab" * 32
    for what in ({"reason": other}, {"text": f"({other})"}, {"reason": "for abab abab abab."}):
        assert "another fingerprint than this version has: abab abab abab" in refusal(
            version, **what
        )


def test_a_time_to_come_is_refused_beyond_what_clocks_differ(version: Version) -> None:
    now = datetime.now(UTC)
    accepted(version, moment=(now + timedelta(minutes=5)).isoformat())
    accepted(version, moment=(now - timedelta(days=900)).isoformat())
    accepted(version, moment=now.replace(tzinfo=None).isoformat())
    told = refusal(version, moment=(now + timedelta(minutes=30)).isoformat())
    assert told.endswith("which is yet to come.")
    assert "yet to come" in refusal(version, moment="9999-12-31T23:59:59-12:00")


def test_a_time_before_the_issue_or_to_come_makes_no_ended_certificate_good(
    version: Version,
) -> None:
    now, person = datetime.now(UTC), version.plan.person(CAROLE)
    issued = now - timedelta(days=3)
    require_made_in_between(version, now - timedelta(days=1), issued, person)
    for claimed in (issued - timedelta(hours=2), now + timedelta(minutes=2)):
        with pytest.raises(SigningError, match="has ended, and their signature says") as caught:
            require_made_in_between(version, claimed, issued, person)
        assert f"plan enrol {CAROLE}" in caught.value.remedy


def test_what_is_wrong_with_the_look_is_said(version: Version) -> None:
    assert refusal(version, look="it is larger than 1 MB").endswith("it is larger than 1 MB.")


# ------------------------------------------------------------------------------ signed files


def references(spec: FieldMDPSpec | None, perm: MDPPerm | None) -> generic.ArrayObject:
    found = []
    if spec is not None:
        found.append(("/FieldMDP", spec.as_transform_params()))
    if perm is not None:
        given = {named("/P"): generic.NumberObject(perm.value), named("/V"): named("/1.2")}
        found.append(("/DocMDP", generic.DictionaryObject(given)))
    return generic.ArrayObject(
        generic.DictionaryObject(
            {
                named("/Type"): named("/SigRef"),
                named("/TransformMethod"): named(method),
                named("/TransformParams"): params,
            }
        )
        for method, params in found
    )


def locked_by(
    pdf: bytes,
    folder: PlanFolder,
    monkeypatch: pytest.MonkeyPatch,
    spec: FieldMDPSpec | None,
    perm: MDPPerm | None,
) -> bytes:
    plain = PdfSignedData.__init__

    def with_locks(self: Any, *given: Any, **more: Any) -> None:
        plain(self, *given, **more)
        self[named("/Reference")] = references(spec, perm)

    monkeypatch.setattr(PdfSignedData, "__init__", with_locks)
    key = key_file(folder, CAROLE).read_bytes()
    data = signed_by(pdf, field_of(CAROLE), key, phrase(CAROLE))
    monkeypatch.undo()
    return data


def fields(action: FieldMDPAction, *people: str) -> FieldMDPSpec:
    return FieldMDPSpec(action, [field_of(person) for person in people] or None)


@slow
@pytest.mark.parametrize(
    ("spec", "perm"),
    [
        (None, MDPPerm.NO_CHANGES),
        (fields(FieldMDPAction.ALL), None),
        (fields(FieldMDPAction.INCLUDE, CAROLE, SALLY), None),
        (fields(FieldMDPAction.EXCLUDE, CAROLE, SALLY), None),
        (fields(FieldMDPAction.INCLUDE, CAROLE), MDPPerm.NO_CHANGES),
    ],
    ids=["DocMDP 1", "all", "include others", "exclude some", "own and DocMDP 1"],
)
def test_a_signature_that_locks_what_others_must_sign_is_refused(
    at: At, monkeypatch: pytest.MonkeyPatch, spec: FieldMDPSpec | None, perm: MDPPerm | None
) -> None:
    folder = at("july issued")
    data = locked_by(folder.pdf(JULY).read_bytes(), folder, monkeypatch, spec, perm)
    with refused(folder, SigningError, "nobody could sign there any more", LOCK_OPTION):
        receive(folder, data, nobody())


@slow
@pytest.mark.parametrize("perm", [None, MDPPerm.FILL_FORMS], ids=["", "DocMDP 2"])
def test_a_signature_that_locks_its_own_field_alone_is_taken(
    at: At, monkeypatch: pytest.MonkeyPatch, perm: MDPPerm | None
) -> None:
    folder = at("july issued")
    spec = fields(FieldMDPAction.INCLUDE, CAROLE)
    data = locked_by(folder.pdf(JULY).read_bytes(), folder, monkeypatch, spec, perm)
    assert receive(folder, data, prompts()).event.person == CAROLE


def stamped(folder: PlanFolder, text: str = "%(signer)s", **more: Any) -> bytes:
    """July, signed by Carole with a stamp that says that."""
    signer = SimpleSigner.load_pkcs12_data(
        key_file(folder, CAROLE).read_bytes(), [], phrase(CAROLE).encode()
    )
    out = io.BytesIO()
    metadata = PdfSignatureMetadata(field_name=field_of(CAROLE), **more)
    PdfSigner(metadata, signer, stamp_style=TextStampStyle(stamp_text=text)).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(folder.pdf(JULY).read_bytes())),
        existing_fields_only=True,
        output=out,
    )
    return out.getvalue()


@slow
def test_what_the_box_shows_and_the_reason_says_is_read_from_the_file(at: At) -> None:
    folder = at("july issued")
    for data, told in (
        (stamped(folder, "Kevin Snow"), "shows the name of Kevin Snow"),
        (stamped(folder, reason="Fingerprint " + "ab" * 32), "another fingerprint"),
    ):
        with refused(folder, SigningError, told, "plan send 2017-07"):
            receive(folder, data, nobody())
    assert receive(folder, stamped(folder, reason="I agree"), prompts()).event.person == CAROLE


# ------------------------------------------------------------------------------ the reason


def reason_of(version: Version, reason: str) -> str:
    (review,) = version.plan.open_reviews
    return given_reason(version, review, say(reason=reason), version.plan.person(CAROLE))


def test_a_reason_is_told_unless_it_is_the_one_that_plan_sign_gives(version: Version) -> None:
    assert reason_of(version, " ") == ""
    assert reason_of(version, person_reason(version, version.plan.open_reviews[0])) == ""
    assert reason_of(version, "I do\nnot agree\u202e") == "I do not agree"
    assert len(reason_of(version, "x" * 900)) == 500


def test_a_reason_that_nothing_can_print_is_refused_before_a_seal_fails_on_it(
    version: Version,
) -> None:
    with pytest.raises(SigningError, match="cannot be entered: there is a private-use") as caught:
        reason_of(version, "agreed \ue000")
    assert "plan send 2017-07" in caught.value.remedy
    with pytest.raises(MissingError, match="No installed font can show"):
        reason_of(version, "agreed 漢")


@slow
def test_another_reason_is_entered_and_told_wherever_the_signature_is(
    at: At, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = at("july issued")
    data = stamped(folder, reason="I do not agree")
    assert receive(folder, data, prompts()).event.reason == "I do not agree"
    seal(folder, JULY, "The others are away.", prompts())
    for words in ("status", "log"):
        assert run([words, "-C", str(folder.root)]) == 0
        assert "; reason given: I do not agree" in capsys.readouterr().out
    said = PdfReader(folder.receipt(JULY)).pages[0].extract_text()
    assert "in another program; reason given: I do not agree" in " ".join(said.split())
    assert verify(folder).kind == "verified"
