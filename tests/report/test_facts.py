"""What the register knows of the versions compared: all of it, and nothing that it does not."""

from __future__ import annotations

from dataclasses import replace

from signed_plan.compare.compare import compare
from signed_plan.digest import Digest
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load
from signed_plan.register.chain import read
from signed_plan.report.facts import gather
from signed_plan.verify.verify import verify

from tests.compare.random_plans import a_version
from tests.register.sample_events import records
from tests.report.lives import (
    ANDY,
    FOLDER,
    JCC,
    JULY,
    NOVEMBER,
    Life,
    drafts,
    edited,
    half_signed,
    july_signed,
    proof_of,
    real,
    refuted,
    sealed,
)


def test_the_digest_shown_is_that_of_the_pdf_in_the_folder(built_once: PlanFolder) -> None:
    comparison = compare(*load(built_once))
    verdict = verify(built_once)
    proof = gather(built_once, read(built_once.register), comparison, verdict)
    for known in proof.versions:
        assert known.pdf is not None
        path = built_once.pdf(known.name)
        assert known.pdf.digest == Digest.of_file(path)
        assert known.pdf.size == path.stat().st_size
        assert known.file == path.name
        assert known.recorded == known.fingerprint
    assert proof.head == Digest(read(built_once.register).head)
    assert proof.entries == len(records(read(built_once.register)))


def test_a_draft_has_a_pdf_and_nothing_else() -> None:
    for known in proof_of(drafts(), real()).versions:
        assert [state.what for state in known.states] == ["built"]
        assert not known.issued and not known.sealed and not known.superseded_by
        assert {person.act for person in known.people} == {"not signed"}


def test_a_version_that_was_never_built_has_no_pdf() -> None:
    known = proof_of(Life().built(JULY).register, real()).versions[1]
    assert known.pdf is None
    assert known.recorded is None
    assert not known.other_words


def test_every_state_of_a_pdf_is_known_with_what_made_it_so() -> None:
    july, november = proof_of(sealed(), real()).versions
    review = "July 2017, head teachers and JCC"
    assert [state.what for state in july.states] == [
        "built",
        "issued",
        f"signed by Carole Clemens for {review}",
        f"signed by Sally Beardsley for {review}",
        f"signed by Kevin Snow for {review}",
        "sealed",
    ], "a signature on paper leaves the PDF as it is"
    assert len({state.digest for state in (*july.states, *november.states)}) == 6 + 8
    assert july.pdf == july.states[-1]
    assert july.superseded_by == "2017-11"


def test_states_of_an_earlier_build_are_forgotten() -> None:
    known = proof_of(Life().built(JULY).built(JULY, NOVEMBER).register, real()).versions[0]
    assert len(known.states) == 1
    assert known.states[0].when == "5 July 2017, 09:44 UTC"


def test_everybody_who_is_asked_is_there_with_what_they_did() -> None:
    july, november = proof_of(half_signed().register, real()).versions
    assert [(one.name, one.act) for one in july.people] == [
        ("Carole Clemens", "signed"),
        ("Sally Beardsley", "signed"),
        ("Andy Hitchcock", "on paper"),
        ("Kevin Snow", "signed"),
    ]
    assert july.people[1].how == "signed with their own certificate, in another program"
    assert july.people[2].school == "Bank Road Infant and Nursery School"
    heads, jcc = november.reviews
    assert [one.act for one in heads.people] == ["signed", "signed"]
    assert [one.act for one in jcc.people] == ["signed", "declined", "not signed", "not signed"]
    assert jcc.people[1].reason == "The library bid is missing."
    assert jcc.people[1].when == "17 July 2017, 11:08 UTC"
    assert jcc.people[2].when == jcc.people[2].how == ""
    assert jcc.statements == ("This action plan was reviewed by the JCC on 14th November 2017",)


def test_somebody_who_thought_again_has_signed() -> None:
    life = july_signed().issued(NOVEMBER).declined(NOVEMBER, JCC, ANDY, "Too soon.")
    register = life.signed(NOVEMBER, JCC, ANDY).register
    andy = proof_of(register, real()).versions[1].reviews[1].people[2]
    assert (andy.act, andy.reason) == ("signed", "")


def test_why_an_incomplete_version_was_sealed_is_known() -> None:
    register = july_signed().issued(NOVEMBER).sealed(NOVEMBER, "Half-term.").register
    assert proof_of(register, real()).versions[1].incomplete == "Half-term."


def test_versions_between_the_two_are_there_too_whichever_comes_first() -> None:
    later = replace(
        a_version({**NOVEMBER.plan.content(), "version": "2018-03", "supersedes": "2017-11"}),
        superseded=NOVEMBER,
    )
    names = ["2017-07", "2017-11", "2018-03"]
    there, back = (proof_of(drafts(), compare(*two)) for two in ((JULY, later), (later, JULY)))
    assert [known.name for known in there.versions] == names
    assert [known.name for known in back.versions] == names[::-1]


def test_versions_that_did_not_come_from_each_other_stand_alone() -> None:
    assert [known.name for known in proof_of(drafts(), edited()).versions] == ["2017-11", "2018-03"]


def test_a_version_beside_itself_is_told_of_once() -> None:
    assert len(proof_of(drafts(), compare(NOVEMBER, NOVEMBER)).versions) == 1


def test_words_that_the_register_does_not_know_are_seen() -> None:
    changed = a_version({**NOVEMBER.plan.content(), "period": "2018"})
    known = proof_of(sealed(), compare(JULY, changed)).versions[1]
    assert known.other_words
    assert known.recorded == NOVEMBER.fingerprint


def test_a_register_that_does_not_hold_has_no_head() -> None:
    assert proof_of(sealed(), real(), replace(refuted(sealed()), head="")).head is None


def test_no_file_is_read() -> None:
    assert not FOLDER.root.exists()
    assert gather(FOLDER, sealed(), real(), refuted(sealed())).versions
