"""How far a version has come: what each has done about each review, and who is next."""

from __future__ import annotations

from pathlib import Path

import pytest
from signed_plan.paths import PlanFolder
from signed_plan.plan.model import Plan
from signed_plan.plan.names import NamesById
from signed_plan.plan.settings import Order
from signed_plan.plan.source import load
from signed_plan.register.chain import Register, read
from signed_plan.register.signoff_status import (
    enrolment,
    is_issued,
    signoff_statuses,
    stage_of,
    tally,
)

from tests.helpers import REPO
from tests.register.sample_events import enter

CAROLE, SALLY, ANDY, KEVIN = "carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"
HEADS, JCC = "november-2017-heads", "november-2017-jcc"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load(PlanFolder(REPO), ["2017-11"])[-1].plan


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return read(tmp_path / "register.jsonl")


def signed(register: Register, person: str, how: str = "here", review: str = HEADS) -> Register:
    return enter(register, "signed", "2017-11", review=review, person=person, how=how)


def declined(register: Register, person: str, review: str = HEADS) -> Register:
    return enter(register, "declined", "2017-11", review=review, person=person)


def due(
    register: Register, plan: Plan, order: Order = "in-order", review: str = HEADS
) -> list[str]:
    (found,) = [one for one in signoff_statuses(register, plan) if one.review.id == review]
    return [person.id for person in found.due(order)]


def test_the_open_reviews_stand_in_their_order_with_their_people(
    register: Register, plan: Plan
) -> None:
    heads, jcc = signoff_statuses(register, plan)
    assert [one.review.id for one in (heads, jcc)] == [HEADS, JCC]
    assert [mark.person.id for mark in jcc.marks] == [CAROLE, SALLY, ANDY, KEVIN]
    assert [person.id for person in heads.missing] == [CAROLE, SALLY]
    assert [mark.words for mark in heads.marks] == ["", ""]


def test_the_next_in_order_is_due_or_everybody_in_any_order(register: Register, plan: Plan) -> None:
    assert due(register, plan) == [CAROLE]
    assert due(register, plan, "any", JCC) == [CAROLE, SALLY, ANDY, KEVIN]
    assert due(signed(register, CAROLE), plan) == [SALLY]
    assert due(signed(signed(register, CAROLE), SALLY), plan) == []


def test_signing_one_review_says_nothing_about_the_other(register: Register, plan: Plan) -> None:
    once = signed(register, CAROLE)
    assert due(once, plan) == [SALLY]
    assert due(once, plan, review=JCC) == [CAROLE]


def test_a_signature_in_another_version_says_nothing_about_this_one(
    register: Register, plan: Plan
) -> None:
    other = enter(register, "signed", "2017-07", review=HEADS, person=CAROLE)
    assert due(other, plan) == [CAROLE]


def test_whoever_declined_is_missing_and_due_beside_the_next(
    register: Register, plan: Plan
) -> None:
    refused = declined(register, CAROLE)
    (heads, _) = signoff_statuses(refused, plan)
    assert [person.id for person in heads.missing] == [CAROLE, SALLY]
    assert due(refused, plan) == [SALLY, CAROLE]
    mark = heads.mark(CAROLE)
    assert mark is not None
    assert (mark.declined, mark.signed, mark.words) == (True, False, "declined")
    assert not mark.on_paper


def test_the_last_word_counts(register: Register, plan: Plan) -> None:
    (heads, _) = signoff_statuses(signed(declined(register, CAROLE), CAROLE), plan)
    mark = heads.mark(CAROLE)
    assert mark is not None
    assert (mark.declined, mark.signed) == (False, True)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("here", "signed with their own certificate"),
        ("elsewhere", "signed with their own certificate, in another program"),
        ("on paper", "signed on paper"),
    ],
)
def test_each_way_to_sign_has_its_own_words(
    register: Register, plan: Plan, how: str, words: str
) -> None:
    (heads, _) = signoff_statuses(signed(register, CAROLE, how), plan)
    mark = heads.mark(CAROLE)
    assert mark is not None
    assert (mark.words, mark.on_paper) == (words, how == "on paper")


def test_every_review_counts_in_the_tally_and_who_declined_has_not_signed(
    register: Register, plan: Plan
) -> None:
    assert tally(signoff_statuses(register, plan)) == (0, 6)
    once = signed(signed(register, CAROLE), CAROLE, "on paper", JCC)
    assert tally(signoff_statuses(declined(once, SALLY), plan)) == (2, 6)


def test_a_review_that_does_not_ask_somebody_has_no_mark_of_theirs(
    register: Register, plan: Plan
) -> None:
    (heads, jcc) = signoff_statuses(register, plan)
    assert heads.mark(KEVIN) is None
    assert jcc.mark(KEVIN) is not None


def test_the_last_step_taken_is_the_stage_whatever_else_is_entered(register: Register) -> None:
    seen = [stage_of(register, "2017-11")]
    issued = [is_issued(register, "2017-11")]
    for event in ("built", "issued", "signed", "sent", "sealed", "receipt", "superseded", "sent"):
        register = enter(register, event, "2017-11")
        seen.append(stage_of(register, "2017-11"))
        issued.append(is_issued(register, "2017-11"))
    assert seen == ["", "built", *["issued"] * 3, *["sealed"] * 2, *["superseded"] * 2]
    assert issued == [False, False, *[True] * 7]
    assert stage_of(register, "2017-07") == ""


def test_the_enrolment_that_stands_is_the_last_unless_it_was_revoked(register: Register) -> None:
    assert enrolment(register, CAROLE) is None
    once = enter(register, "enrolled", person=CAROLE, certificate="1" * 64)
    once = enter(once, "enrolled", person=SALLY, certificate="2" * 64)
    found = enrolment(once, CAROLE)
    assert found is not None
    assert found.certificate == "1" * 64
    revoked = enter(once, "revoked", person=CAROLE, certificate="1" * 64)
    assert enrolment(revoked, CAROLE) is None
    assert enrolment(revoked, SALLY) is not None
    again = enter(revoked, "enrolled", person=CAROLE, certificate="3" * 64)
    found = enrolment(again, CAROLE)
    assert found is not None
    assert found.certificate == "3" * 64


def test_the_reason_of_a_signature_is_remarked_upon_and_summed_up_short(
    register: Register, plan: Plan
) -> None:
    (plain, _), _ = ([*one.marks] for one in signoff_statuses(signed(register, CAROLE), plan))
    assert (plain.reason, plain.remark) == ("", "")
    words = "I do not agree with " + "x" * 60
    act = {"review": HEADS, "person": CAROLE, "how": "elsewhere", "reason": words}
    given = enter(register, "signed", "2017-11", **act)
    mark = signoff_statuses(given, plan)[0].marks[0]
    assert (mark.reason, mark.remark) == (words, f"; reason given: {words}")
    summary = given.entries[-1].event.summary(NamesById())
    assert summary.endswith(f"received; reason given: {words[:57]}…")
