"""Signing at the office: in turn, with one's own key, and the file only ever grows."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from PIL import Image, ImageDraw
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.digest import Digest
from signed_plan.errors import SigningError, UsageError, VerificationError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, revoke
from signed_plan.lifecycle.prompts import Prompt
from signed_plan.lifecycle.sign import Signing, decline, sign
from signed_plan.paths import PlanFolder
from signed_plan.register.events import IssuedEvent
from signed_plan.signing.appearance import MAX_PICTURE_BYTES
from signed_plan.verify.verify import verify

from tests.helpers import edit
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
from tests.lifecycle.test_keys import DAY, NOW, certificate, pem
from tests.register.sample_events import last_record, records
from tests.signing.helpers import said_in
from tests.story import (
    ANDY,
    CAROLE,
    HEADS,
    JCC,
    JULY,
    KEVIN,
    NOVEMBER,
    OFFICE,
    REVIEW,
    SALLY,
    Story,
    elsewhere,
    field_of,
    key_file,
    phrase,
    prompts,
    sign_here,
)

slow = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]


def drawing() -> bytes:
    """A picture of handwriting: a thick line on white."""
    picture = Image.new("RGB", (300, 100), "white")
    ImageDraw.Draw(picture).line([(10, 80), (150, 20), (290, 70)], fill=(18, 28, 92), width=9)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_every_state_is_the_beginning_of_the_next_and_stays_in_the_register(
    story: Story,
) -> None:
    """Signed here, elsewhere, on paper and here again; each state can be cut out and checked."""
    folder = story.at("july sealed")
    pdf = folder.pdf(JULY).read_bytes()
    states = register_of(folder).states("2017-07/action-plan-2017-07.pdf")
    sizes = [state.record.size for state in states]
    assert len(sizes) == 6  # built, issued, three signatures in the file, sealed
    assert sizes == sorted(set(sizes))
    assert sizes[-1] == len(pdf)
    for state in states:
        assert Digest.of_bytes(pdf[: state.record.size]).hex == state.record.sha256


def test_a_signature_is_entered_with_who_how_and_which_certificate(story: Story) -> None:
    register = register_of(story.at("july, Carole"))
    signed, enrolled = last_record(register, "signed", JULY), records(register, "")[1]
    assert signed is not None
    assert (signed["person"], signed["review"], signed["how"]) == (CAROLE, REVIEW, "here")
    assert enrolled["person"] == CAROLE
    assert signed["certificate"] == enrolled["certificate"]
    assert signed["level"] == "B-B"
    demand_registered(story.at("july, Carole"))


def test_the_signature_in_the_file_names_review_version_and_fingerprint(story: Story) -> None:
    folder = story.at("july, Carole")
    _, signature = PdfFileReader(io.BytesIO(folder.pdf(JULY).read_bytes())).embedded_signatures
    issued = last_record(register_of(folder), "issued", JULY)
    assert issued is not None
    assert signature.field_name == field_of(CAROLE)
    reason = str(signature.sig_object["/Reason"])
    assert reason.startswith("July 2017")
    assert reason.endswith(f": version 2017-07, fingerprint {issued['fingerprint']}")


def test_the_box_shows_name_role_date_and_short_fingerprint(story: Story) -> None:
    folder = story.at("july, Carole")
    issued = last_record(register_of(folder), "issued", JULY)
    assert issued is not None
    said = said_in(folder.pdf(JULY).read_bytes(), field_of(CAROLE))
    assert "Carole Clemens" in said
    assert "Head Teacher" in said
    assert f"Signed {NOW.day} {NOW:%B %Y}" in said
    assert Digest(issued["fingerprint"]).short in said
    assert said_in(folder.pdf(JULY).read_bytes(), field_of(SALLY)) == ""


@slow
def test_the_person_s_passphrase_is_asked_for_then_the_office_s(at: At) -> None:
    asked: list[Prompt] = []
    sign(at("july issued"), Signing(JULY, CAROLE, picture=drawing()), prompts(CAROLE, asked=asked))
    assert [one.kind for one in asked] == ["person", "office"]


@slow
def test_a_picture_of_their_handwriting_is_shown_in_the_box(at: At) -> None:
    folder = at("july issued")
    sign_here(folder, JULY, CAROLE, picture=drawing())
    (widget,) = [
        one.get_object()
        for page in PdfFileReader(io.BytesIO(folder.pdf(JULY).read_bytes())).root["/Pages"]["/Kids"]
        for one in page.get_object().get("/Annots", ())
        if one.get_object().get("/T") == field_of(CAROLE)
    ]
    assert "/XObject" in widget["/AP"]["/N"]["/Resources"]


@slow
@pytest.mark.parametrize(
    "picture", [b"", b"no picture", drawing()[:60], bytes(MAX_PICTURE_BYTES + 1)]
)
def test_a_picture_that_is_none_is_refused(at: At, picture: bytes) -> None:
    with refused(folder := at("july issued"), SigningError, "picture"):
        sign_here(folder, JULY, CAROLE, picture=picture)


# -------------------------------------------------------------------------------------- order


def test_the_order_of_the_review_is_kept(at: At) -> None:
    sentence = "Carole Clemens signs July 2017, head teachers and JCC before Sally Beardsley."
    with refused(folder := at("july issued"), SigningError, sentence, "any order"):
        sign_here(folder, JULY, SALLY)


@slow
def test_any_order_lets_the_last_sign_first(at: At) -> None:
    folder = at("july issued")
    any_order(folder)
    assert sign_here(folder, JULY, KEVIN).event.person == KEVIN
    demand_registered(folder)


@slow
def test_a_named_review_is_signed_rather_than_the_one_that_is_due(at: At) -> None:
    folder = at("november issued")
    assert sign_here(folder, NOVEMBER, CAROLE, review=JCC).event.review == JCC
    assert sign_here(folder, NOVEMBER, CAROLE).event.review == HEADS
    names = [
        one.field_name
        for one in PdfFileReader(io.BytesIO(folder.pdf(NOVEMBER).read_bytes())).embedded_signatures
    ]
    assert names == ["office-seal", f"{JCC}:{CAROLE}", f"{HEADS}:{CAROLE}"]


# ------------------------------------------------------------------------------------ refusals


def test_a_wrong_passphrase_of_the_person_is_one_sentence(at: At) -> None:
    folder = at("july issued")
    sentence = "That passphrase does not open the key of Carole Clemens."
    with refused(folder, SigningError, sentence, "Try again"):
        sign(folder, Signing(JULY, CAROLE), prompts(own=WRONG))


def test_a_wrong_passphrase_of_the_office_is_one_sentence(at: At) -> None:
    folder = at("july issued")
    with refused(folder, SigningError, "does not open the key of the office"):
        sign(folder, Signing(JULY, CAROLE), prompts(CAROLE, office=WRONG))


def test_somebody_else_s_key_file_is_refused(at: At) -> None:
    folder = at("july issued")
    signing = Signing(JULY, CAROLE, key=key_file(folder, SALLY))
    with refused(folder, SigningError, "not the one that Carole Clemens is enrolled with"):
        sign(folder, signing, prompts(SALLY))


@slow
def test_a_key_file_that_was_handed_over_is_named(at: At) -> None:
    folder = at("july issued")
    away = folder.root / "stick.p12"
    key_file(folder, CAROLE).rename(away)
    with refused(folder, SigningError, "There is no key file of Carole Clemens", "--key FILE"):
        sign_here(folder, JULY, CAROLE)
    sign_here(folder, JULY, CAROLE, key=away)
    assert events(folder)[-1] == "signed"


@pytest.mark.parametrize("data", [b"", b"not a key", b"%PDF-1.7"])
def test_a_key_file_that_is_none_is_one_sentence(at: At, data: bytes) -> None:
    folder = at("july issued")
    key_file(folder, CAROLE).write_bytes(data)
    with refused(folder, SigningError, "does not open the key of Carole Clemens"):
        sign_here(folder, JULY, CAROLE)


@slow
def test_after_revocation_the_key_signs_no_more(at: At) -> None:
    folder = at("july issued")
    revoke(folder, CAROLE, prompts())
    with refused(folder, SigningError, "no certificate that can be used", f"plan enrol {CAROLE}"):
        sign_here(folder, JULY, CAROLE)
    old = key_file(folder, CAROLE).read_bytes()
    _, made = enrol(folder, CAROLE, prompts(CAROLE))
    assert made is not None
    made.write_bytes(old)
    with refused(folder, SigningError, "not the one that Carole Clemens is enrolled with"):
        sign_here(folder, JULY, CAROLE)


@slow
def test_whoever_is_not_enrolled_is_told_how(at: At) -> None:
    folder = at("keys")
    issue(folder, JULY, prompts())
    with refused(folder, SigningError, "no certificate that can be used", f"plan enrol {CAROLE}"):
        sign_here(folder, JULY, CAROLE)


@slow
def test_a_certificate_that_has_expired_since_signs_no_more(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enrolled while it was valid; the day after, it is not."""
    folder = at("keys")
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key=key, since=NOW - 9 * DAY, until=NOW - 2 * DAY)
    from signed_plan.lifecycle import keys

    with monkeypatch.context() as earlier:
        earlier.setattr(keys, "require_usable", lambda *_: None)
        enrol(folder, CAROLE, prompts(), pem(own))
    (folder.root / "own.p12").write_bytes(locked(key, own, phrase(CAROLE)))
    issue(folder, JULY, prompts())
    with refused(folder, SigningError, "which is not now", "valid today"):
        sign_here(folder, JULY, CAROLE, key=folder.root / "own.p12")


@slow
def test_a_key_of_one_s_own_signs_at_the_office_too(at: At) -> None:
    folder = at("keys")
    key = ec.generate_private_key(ec.SECP256R1())
    own = certificate(key=key)
    enrol(folder, CAROLE, prompts(), pem(own))
    (folder.root / "own.p12").write_bytes(locked(key, own, phrase(CAROLE)))
    issue(folder, JULY, prompts())
    signed = sign_here(folder, JULY, CAROLE, key=folder.root / "own.p12")
    assert signed.event.certificate == records(register_of(folder), "")[-1]["certificate"]


def test_nobody_signs_twice(at: At) -> None:
    folder = at("july, Carole")
    with refused(folder, SigningError, "Carole Clemens has signed already on"):
        sign_here(folder, JULY, CAROLE)


@pytest.mark.parametrize(
    ("step", "sentence", "remedy"),
    [
        ("enrolled", "Version 2017-07 has not been issued yet.", "plan issue 2017-07"),
        ("july sealed", "Version 2017-07 is sealed", "plan log"),
        ("november issued", "was superseded by a later one", "plan log"),
    ],
)
def test_only_an_issued_version_can_be_signed(
    at: At, step: str, sentence: str, remedy: str
) -> None:
    with refused(folder := at(step), SigningError, sentence, remedy):
        sign(folder, Signing(JULY, KEVIN), nobody())
    with refused(folder, SigningError, sentence, remedy):
        decline(folder, Signing(JULY, KEVIN), "no", nobody())


def test_an_unknown_person_is_told_the_ids(at: At) -> None:
    with refused(folder := at("july issued"), UsageError, 'no person "carole"', CAROLE):
        sign(folder, Signing(JULY, "carole"), nobody())


@slow
@pytest.mark.parametrize(
    ("change", "sentence", "remedy"),
    [
        (lambda folder: folder.pdf(JULY).unlink(), "is gone", "from a copy"),
        (
            lambda folder: folder.pdf(JULY).write_bytes(folder.pdf(JULY).read_bytes()[:-9]),
            "is not the file that the register knows",
            "from a copy",
        ),
        (
            lambda folder: folder.pdf(JULY).write_bytes(elsewhere(folder, JULY, CAROLE)),
            "was signed or changed in its place",
            "plan/output/2017-07/action-plan-2017-07.pdf",
        ),
    ],
    ids=["gone", "shortened", "signed in its place"],
)
def test_a_file_that_is_not_as_recorded_is_not_signed(
    at: At, change: Callable[[PlanFolder], object], sentence: str, remedy: str
) -> None:
    folder = at("july issued")
    change(folder)
    with refused(folder, VerificationError, sentence, remedy):
        sign(folder, Signing(JULY, CAROLE), nobody())


# ----------------------------------------------------------------------------------- declining


@slow
def test_whoever_declines_is_entered_with_their_reason_and_the_next_is_due(at: At) -> None:
    folder = at("july issued")
    before = folder.pdf(JULY).read_bytes()
    decline(folder, Signing(JULY, CAROLE), " Not without \n the appendix ", prompts())
    declined = records(register_of(folder))[-1]
    assert (declined["event"], declined["person"], declined["review"], declined["reason"]) == (
        "declined",
        CAROLE,
        REVIEW,
        "Not without the appendix",
    )
    assert folder.pdf(JULY).read_bytes() == before
    sign_here(folder, JULY, SALLY)
    sign_here(folder, JULY, CAROLE)
    assert events(folder)[-3:] == ["declined", "signed", "signed"]


@pytest.mark.parametrize("reason", ["", "  \n", "no\x1b[2J", "no\0", "\u202eon"])
def test_a_reason_that_says_nothing_or_could_move_a_screen_is_refused(at: At, reason: str) -> None:
    with refused(folder := at("july issued"), UsageError, "reason"):
        decline(folder, Signing(JULY, CAROLE), reason, nobody())


def test_declining_needs_the_office_and_not_the_person_s_key(at: At) -> None:
    asked: list[Prompt] = []
    folder = at("july issued")
    shutil.rmtree(folder.root / "keys/people")
    decline(folder, Signing(JULY, CAROLE), "away", prompts(asked=asked, office=OFFICE))
    assert [one.kind for one in asked] == ["office"]


def test_nobody_declines_out_of_turn_or_after_signing(at: At) -> None:
    folder = at("july, Carole")
    with refused(folder, SigningError, "Sally Beardsley signs"):
        decline(folder, Signing(JULY, ANDY), "no", nobody())
    with refused(folder, SigningError, "has signed already"):
        decline(folder, Signing(JULY, CAROLE), "no", nobody())


@slow
def test_the_box_shows_who_was_issued_whatever_the_sources_say_now(at: At) -> None:
    """Edited, signed, and put back: else the box named another person for ever."""
    folder = at("november issued")
    people = folder.source / "2017-11/people.yaml"
    before = people.read_bytes()
    edit(people, "name: Carole Clemens", "name: Marion Crane")
    sign_here(folder, NOVEMBER, CAROLE, HEADS)
    decline(folder, Signing(NOVEMBER, SALLY, HEADS), "Not yet.", prompts())
    signed = folder.pdf(NOVEMBER).read_bytes()
    assert "Carole Clemens Head Teacher, Bank" in said_in(signed, field_of(CAROLE, HEADS))
    issued = [entry.event for entry in register_of(folder).each(IssuedEvent, NOVEMBER)]
    reasons = [
        one.sig_object["/Reason"] for one in PdfFileReader(io.BytesIO(signed)).embedded_signatures
    ]
    assert str(reasons[-1]).endswith(f"fingerprint {issued[0].fingerprint}")
    people.write_bytes(before)
    assert verify(folder, (NOVEMBER,)).holds
