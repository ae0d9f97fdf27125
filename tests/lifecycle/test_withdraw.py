"""A mistaken scan or decline is taken back by a new entry; a signature in the PDF never."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from signed_plan.errors import SigningError, UsageError
from signed_plan.lifecycle.seal import seal
from signed_plan.lifecycle.sign import Signing, decline
from signed_plan.lifecycle.withdraw import withdraw
from signed_plan.paths import PlanFolder
from signed_plan.register.issued import known_version
from signed_plan.register.signoff_status import signoff_statuses
from signed_plan.verify.verify import verify

from tests.helpers import run_plan
from tests.lifecycle.helpers import events, nobody, refused, register_of
from tests.story import (
    ANDY,
    CAROLE,
    HEADS,
    JCC,
    JULY,
    KEVIN,
    NOVEMBER,
    REVIEW,
    SALLY,
    prompts,
    sign_here,
    sign_on_paper,
)
from tests.verify.signed_plan import enter

At = Callable[[str], PlanFolder]


def take_back(folder: PlanFolder, person: str, review: str | None = None) -> None:
    withdraw(folder, Signing(JULY, person, review), "The wrong page.", prompts())


def done(folder: PlanFolder) -> dict[str, str]:
    """What each person has done."""
    register = register_of(folder)
    (one,) = signoff_statuses(register, known_version(folder, register, JULY).plan)
    return {mark.person.id: mark.words for mark in one.marks}


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_scan_is_taken_back_and_the_person_can_sign(at: At) -> None:
    folder = at("july, Andy")
    assert done(folder)[ANDY] == "signed on paper"
    scans = sorted((folder.output / JULY / "scans").iterdir())
    take_back(folder, ANDY)
    assert done(folder)[ANDY] == ""
    assert events(folder)[-1] == "withdrawn"
    assert sorted((folder.output / JULY / "scans").iterdir()) == scans
    result = verify(folder, (JULY,))
    assert result.holds
    told = [check.what for check in result.steps]
    assert "page that was entered for Andy Hitchcock, and withdrawn" in told
    assert "page that Andy Hitchcock signed on paper" not in told
    assert "withdrawn   of Andy Hitchcock for July 2017" in run_plan(folder, "log").stdout
    sign_here(folder, JULY, ANDY)
    sign_here(folder, JULY, KEVIN)
    seal(folder, JULY, None, prompts())
    assert verify(folder, (JULY,)).holds


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_decline_is_taken_back_and_what_was_before_it_stands(at: At) -> None:
    folder = at("july, Sally")
    decline(folder, Signing(JULY, ANDY), "Not yet.", prompts())
    decline(folder, Signing(JULY, ANDY), "Never.", prompts())
    take_back(folder, ANDY, REVIEW)
    assert done(folder)[ANDY] == "declined"
    take_back(folder, ANDY)
    assert done(folder)[ANDY] == ""
    sign_on_paper(folder, JULY, ANDY, "PNG")
    assert done(folder)[ANDY] == "signed on paper"


def test_a_signature_in_the_pdf_cannot_be_taken_back(at: At) -> None:
    folder = at("july, Carole")
    with refused(folder, SigningError, "has signed in the PDF itself", "plan new NAME --from"):
        withdraw(folder, Signing(JULY, CAROLE), "No.", nobody())


def test_nothing_is_taken_back_where_nothing_was_entered(at: At) -> None:
    folder = at("july issued")
    with refused(folder, SigningError, "Nothing was scanned for Kevin Snow"):
        withdraw(folder, Signing(JULY, KEVIN), "No.", nobody())
    with refused(folder, UsageError, "A reason is needed"):
        withdraw(folder, Signing(JULY, KEVIN), " ", nobody())


def test_a_review_that_is_named_is_the_one_that_is_told_of(at: At) -> None:
    folder = at("heads, Carole")
    decline(folder, Signing(NOVEMBER, CAROLE, JCC), "Not yet.", prompts())
    with refused(folder, SigningError, f"for Sally Beardsley for the review {HEADS}"):
        withdraw(folder, Signing(NOVEMBER, SALLY, HEADS), "No.", nobody())
    with refused(folder, UsageError, 'has no open review "heads"', HEADS):
        withdraw(folder, Signing(NOVEMBER, CAROLE, "heads"), "No.", nobody())


def test_nothing_is_taken_back_after_the_seal(at: At) -> None:
    folder = at("july sealed")
    with refused(folder, SigningError, "is sealed"):
        withdraw(folder, Signing(JULY, ANDY), "No.", nobody())


@pytest.mark.parametrize("person", [ANDY, CAROLE])
def test_an_entry_that_withdraws_what_it_cannot_is_named(at: At, person: str) -> None:
    """Written by a program that does not look, and signed by the office."""
    folder = at("july, Carole")
    enter(folder, "withdrawn", JULY, {"review": REVIEW, "person": person})
    verdict = verify(folder)
    assert not verdict.holds
    assert 'says "withdrawn" of 2017-07, where there is no scan' in verdict.sentence
