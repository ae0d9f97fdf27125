"""What each person is told to do, at every step of a version's life."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from signed_plan.document.signoff import field_pages
from signed_plan.lifecycle.letter_text import Occasion, write_letter
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import Version, load_one
from signed_plan.register.chain import read
from signed_plan.register.events import DeclinedEvent, RevokedEvent, SupersededEvent
from signed_plan.register.shapes import FileRecord, RevocationFile
from signed_plan.register.signoff_status import enrolment

from tests.story import (
    ANDY,
    CAROLE,
    EVERYBODY,
    HEADS,
    JCC,
    JULY,
    KEVIN,
    NOVEMBER,
    REVIEW,
    SALLY,
    Story,
    field_of,
)


def an_occasion(folder: PlanFolder, name: str = JULY, **changes: Any) -> Occasion:
    found = Occasion(
        version=load_one(folder, name),
        register=read(folder.register),
        order="in-order",
        organisation="The Office",
        pages=field_pages(folder.pdf(name).read_bytes()),
    )
    return replace(found, **changes)


def letter(occasion: Occasion, person: str) -> str:
    """The text of the letter, with single spaces."""
    return " ".join(write_letter(occasion, occasion.version.plan.person(person))[1].split())


def with_people(version: Version, **changes: dict[str, str]) -> Version:
    """The version with other names and roles of its people, by their ids with _ for -."""
    people = tuple(
        person.model_copy(update=changes.get(person.id.replace("-", "_"), {}))
        for person in version.plan.people
    )
    return replace(version, plan=version.plan.model_copy(update={"people": people}))


def test_whose_turn_it_is_gets_numbered_steps_for_the_key_they_were_handed(story: Story) -> None:
    occasion = an_occasion(story.at("july, Carole"))
    subject, text = write_letter(occasion, occasion.version.plan.person(SALLY))
    assert subject == "Collaboration Action Plan 2017, version 2017-07: please sign"
    page = occasion.pages[field_of(SALLY)]
    said = " ".join(text.split())
    steps = [
        "Dear Sally Beardsley,",
        "You sign as Head Teacher, William Lilley Infant and Nursery School.",
        f'Your box is on page {page}, below "July 2017, head teachers and JCC".',
        "ON SCREEN, with the key file that you got from us, sally-beardsley.p12",
        "1. Save the attached file action-plan-2017-07.pdf, and open it in Adobe Acrobat Reader",
        f'2. Go to page {page} and click the empty box beside "Sally Beardsley"',
        "3. Once on each computer, Reader has to learn your key.",
        "choose Configure New Digital ID, then Use a Digital ID from a file, then Browse. Open "
        "sally-beardsley.p12 and type its passphrase, which you chose at the office",
        "4. Choose the digital ID with your name",
        "5. Save the file",
        "6. Reply to this e-mail, and attach the file that you saved.",
        "ON PAPER",
        f"1. Print page {page}",
        "AT OUR OFFICE.",
        "Andy Hitchcock signs after you",
        "how-to-trust.txt, which is attached with the certificate office-root.p7b",
        "The Office",
    ]
    places = [said.index(step) for step in steps]
    assert places == sorted(places)


def test_whoever_has_an_own_certificate_is_told_to_choose_that_one(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    enrolled = enrolment(occasion.register, CAROLE)
    assert enrolled is not None
    own = enrolled.model_copy(update={"issuer": "own"})
    text = letter(replace(occasion, register=occasion.register.add("", own)), CAROLE)
    assert f"Its SHA-256 begins with {enrolled.certificate[:12]}." in text
    assert ".p12" not in text


def test_whoever_has_no_certificate_is_told_the_ways_that_are_left(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    enrolled = enrolment(occasion.register, CAROLE)
    assert enrolled is not None
    file = FileRecord(file="certificates/office.crl", sha256="0" * 64, size=1)
    gone = RevokedEvent(
        **{name: getattr(enrolled, name) for name in ("person", "name", "certificate", "serial")},
        issuer=enrolled.issuer,
        files=RevocationFile(revocations=file),
    )
    text = letter(replace(occasion, register=occasion.register.add("", gone)), CAROLE)
    assert "ON SCREEN you cannot sign yet, for we have no certificate of yours." in text
    assert "ON PAPER 1. Print page" in text
    assert ".p12" not in text


def test_whoever_has_to_wait_is_told_for_whom_and_not_how_to_sign(story: Story) -> None:
    occasion = an_occasion(story.at("july, Carole"))
    person = occasion.version.plan.person(KEVIN)
    subject, _ = write_letter(occasion, person)
    text = letter(occasion, KEVIN)
    assert subject.endswith("not yet your turn to sign")
    assert "Before you, Sally Beardsley and Andy Hitchcock have to sign." in text
    assert "do not sign the attached file" in text
    assert "ON SCREEN" not in text


def test_of_many_who_sign_before_the_first_is_named_and_the_others_counted(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    plan = occasion.version.plan
    more = [
        plan.person(ANDY).model_copy(update={"id": f"p{at}", "name": f"P {at}"}) for at in range(8)
    ]
    review = plan.reviews[0].model_copy(
        update={"signatories": (CAROLE, *(person.id for person in more), KEVIN)}
    )
    crowd = plan.model_copy(update={"people": (*plan.people, *more), "reviews": (review,)})
    text = letter(replace(occasion, version=replace(occasion.version, plan=crowd)), KEVIN)
    assert "Before you, Carole Clemens and 8 others have to sign." in text


def test_where_any_order_will_do_nobody_waits(story: Story) -> None:
    text = letter(an_occasion(story.at("july issued"), order="any"), KEVIN)
    assert "it is your turn to sign" in text
    assert "Before you" not in text
    assert "after you" not in text


def test_of_two_boxes_one_is_signed_on_screen_at_a_time_as_only_one_is_taken_back(
    story: Story,
) -> None:
    occasion = an_occasion(story.at("november issued"), NOVEMBER)
    text = letter(occasion, CAROLE)
    pages = [occasion.pages[field_of(CAROLE, review)] for review in (HEADS, JCC)]
    assert (
        f'You have 2 boxes: - on page {pages[0]}, below "November 2017, head teachers" '
        f'- on page {pages[1]}, below "14th November 2017, JCC"' in text
    )
    assert 'beside "Carole Clemens", below "November 2017, head teachers".' in text
    assert "Sign in this one box only." in text
    assert "Sign in each of your boxes with a pen" in text


def test_what_is_signed_and_what_must_wait_is_told_beside_what_is_due(story: Story) -> None:
    text = letter(an_occasion(story.at("heads, Carole"), NOVEMBER), SALLY)
    assert 'Your box is on page 8, below "November 2017, head teachers".' in text
    assert (
        'You will be asked to sign "14th November 2017, JCC" too, once Carole Clemens has '
        "signed it." in text
    )


def test_whoever_has_signed_need_not_do_anything(story: Story) -> None:
    text = letter(an_occasion(story.at("july, Carole")), CAROLE)
    assert "You have signed it, and need not do anything more." in text
    assert 'You signed "July 2017, head teachers and JCC" on ' in text
    assert "ON SCREEN" not in text


def test_whoever_declined_may_think_again(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    declined = DeclinedEvent(review=REVIEW, person=CAROLE, reason="not yet")
    text = letter(replace(occasion, register=occasion.register.add(JULY, declined)), CAROLE)
    assert 'You declined to sign "July 2017, head teachers and JCC" on ' in text
    assert "ON SCREEN" in text


def test_a_superseded_version_is_not_to_be_signed(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    register = occasion.register.add(JULY, SupersededEvent(by=NOVEMBER))
    text = letter(replace(occasion, register=register), CAROLE)
    assert "Version 2017-11 has taken its place, so it can no longer be signed" in text
    assert "ON SCREEN" not in text


def test_of_a_sealed_version_the_receipt_is_to_be_kept(story: Story) -> None:
    text = letter(an_occasion(story.at("july sealed")), CAROLE)
    assert "signed and sealed, and its receipt." in text
    assert "1. Keep the receipt, receipt-2017-07.pdf" in text


@pytest.mark.slow("seals a version of its own, with an authority's timestamps")
def test_a_version_sealed_without_every_signature_is_not_called_signed(story: Story) -> None:
    text = letter(an_occasion(story.at("stamped")), CAROLE)
    assert "sealed without every signature, and its receipt." in text


def test_two_of_one_name_are_told_apart_by_role_and_then_by_school(story: Story) -> None:
    occasion = an_occasion(story.at("july issued"))
    sam = {"name": "Sam Smith"}
    by_role = with_people(occasion.version, carole_clemens=sam, andy_hitchcock=sam)
    text = letter(replace(occasion, version=by_role), KEVIN)
    assert (
        "Before you, Sam Smith (Head Teacher), Sally Beardsley and Sam Smith (Chair of Governing "
        "Board) have to sign." in text
    )
    same = {"name": "Sam Smith", "role": "Head"}
    by_school = with_people(occasion.version, carole_clemens=same, sally_beardsley=same)
    text = letter(replace(occasion, version=by_school), KEVIN)
    assert "Sam Smith (Head, Bank Road Infant and Nursery School), Sam Smith (Head, W" in text


@pytest.mark.parametrize("person", [CAROLE, ANDY], ids=["who signs", "who waits"])
def test_names_from_right_to_left_stand_apart_from_the_words_around_them(
    story: Story, person: str
) -> None:
    dana = "\u05d3\u05e0\u05d4"
    occasion = an_occasion(story.at("july issued"), organisation=dana)
    named = {"name": dana, "role": dana}
    version = with_people(occasion.version, carole_clemens=named, andy_hitchcock=named)
    reviews = [one.model_copy(update={"title": dana}) for one in version.plan.reviews]
    schools = [one.model_copy(update={"name": dana}) for one in version.plan.schools]
    words = {"title": dana, "reviews": tuple(reviews), "schools": tuple(schools)}
    plan = version.plan.model_copy(update=words)
    told = replace(occasion, version=replace(version, plan=plan))
    subject, text = write_letter(told, plan.person(person))
    for said in (subject, text):
        assert dana in said
        assert dana not in re.sub("\u2068[^\u2068\u2069]*\u2069", "", said)


@pytest.mark.parametrize("person", EVERYBODY)
def test_no_line_is_longer_than_a_mail_program_shows(story: Story, person: str) -> None:
    occasion = an_occasion(story.at("july, Carole"))
    plan = occasion.version.plan.model_copy(update={"title": "A plan of many words " * 7})
    long = replace(occasion, version=replace(occasion.version, plan=plan))
    _, text = write_letter(long, plan.person(person))
    assert max(map(len, text.splitlines())) <= 76
