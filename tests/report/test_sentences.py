"""A governor's three questions, answered in plain sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from signed_plan.compare.compare import compare
from signed_plan.report.sentences import (
    MEANINGS,
    NOTHING,
    is_it,
    sentences,
    summary,
    who_signed,
    words_of,
)
from signed_plan.verify.checks import VerdictKind
from signed_plan.wording import pluralise

from tests.register.sample_events import last_record
from tests.report.lives import (
    JULY,
    NOVEMBER,
    drafts,
    edited,
    half_signed,
    july_signed,
    much_edited,
    proof_of,
    real,
    refuted,
    sealed,
    sealed_incomplete,
    verdict,
)

Data = dict[str, Any]


def actions(data: Data, area: str) -> list[Data]:
    found: list[Data] = next(one["actions"] for one in data["areas"] if one["id"] == area)
    return found


def summaries(act: Callable[[Data], object]) -> dict[str, str]:
    """What is said of each area that something is said of."""
    said = {area.area.id: summary(area) for area in edited(act).areas}
    return {area: words for area, words in said.items() if words != "unchanged"}


def test_july_and_november_in_four_sentences() -> None:
    assert sentences(real()) == [
        "6 of 10 areas changed, 2 added, 2 unchanged.",
        "The amendment line was added.",
        "2 reviews were added.",
        "444 words were added, and none was removed.",
        "Among them: dates in 16 places, numbers in 4 places.",
    ]


def test_each_area_of_july_and_november_in_a_few_words() -> None:
    assert [summary(area) for area in real().areas] == [
        "2 lines added",
        "2 lines added",
        "6 lines added",
        "3 lines added",
        "unchanged",
        "3 lines added",
        "5 lines added",
        "unchanged",
        "new area, 8 lines",
        "new area, 10 lines",
    ]


def test_the_other_way_round_it_is_said_that_everything_was_removed() -> None:
    assert sentences(compare(NOVEMBER, JULY)) == [
        "6 of 8 areas changed, 2 unchanged, 2 removed.",
        "The amendment line was removed.",
        "2 reviews were removed.",
        "444 words were removed.",
        "Among them: dates in 16 places, numbers in 4 places.",
    ]


def test_equal_versions_say_so() -> None:
    assert sentences(compare(NOVEMBER, NOVEMBER)) == [NOTHING]


def test_everything_that_can_change_is_named() -> None:
    assert sentences(much_edited()) == [
        "6 of 9 areas changed, 3 unchanged, 1 removed.",
        "The title was changed.",
        "The amendment line was removed.",
        "1 column heading was changed.",
        "1 objective was added.",
        "1 objective was removed.",
        "1 person was changed.",
        "1 review was added.",
        "5 areas now point to other objectives, since the numbers of their links stayed as they "
        "were: Teaching and Learning; Staff; CPD; School Council; Pupil Premium.",
        "1 area has links to other objectives: Parents and carers.",
        "37 words were moved.",
        "26 words were added, 168 removed.",
        "Among them: dates in 4 places, numbers in 1 place.",
    ]


def objectives(data: Data) -> list[str]:
    return [one["text"] for one in data["objectives"]]


def number(data: Data, texts: list[str]) -> None:
    data["objectives"] = [{"number": at, "text": text} for at, text in enumerate(texts, 1)]


def test_one_objective_put_in_front_with_links_left_says_which_areas_point_elsewhere() -> None:
    said = sentences(edited(lambda data: number(data, ["Reading aloud.", *objectives(data)])))
    linked = [area.name for area in NOVEMBER.plan.areas if area.links]
    assert said == [
        "8 of 10 areas changed, 2 unchanged.",
        "1 objective was added.",
        "10 objectives have another number now.",
        "8 areas now point to other objectives, since the numbers of their links stayed as they "
        f"were: {'; '.join(linked)}.",
        "2 words were added, and none was removed.",
    ]


def test_objectives_and_links_numbered_anew_are_layout_only() -> None:
    def act(data: Data) -> None:
        number(data, [*objectives(data)[1:], objectives(data)[0]])
        for area in data["areas"]:
            area["links"] = [link - 1 or 10 for link in area.get("links", ())]

    assert sentences(edited(act)) == [
        "None of 10 areas changed.",
        "1 objective was moved.",
        "10 objectives have another number now.",
        "No word or number was changed, only layout.",
    ]


def test_a_paragraph_split_and_others_joined_lost_no_words() -> None:
    def act(data: Data) -> None:
        one = actions(data, "staff")[3]
        words = one["paragraph"].split()
        one["paragraph"] = " ".join(words[:3])
        actions(data, "staff").insert(4, {"id": "rest", "paragraph": " ".join(words[3:])})
        cpd = actions(data, "cpd")
        cpd[0]["bullet"] += " " + cpd.pop(1)["bullet"]

    assert sentences(edited(act)) == [
        "2 of 10 areas changed (all of them in layout, capitals or punctuation only), 8 unchanged.",
        "1 paragraph was split and 1 paragraph was joined from several: no words lost.",
        "No word or number was changed, only layout.",
    ]
    assert summaries(act) == {"staff": "1 line split in two", "cpd": "1 line joined from two"}


def test_a_not_that_came_is_told() -> None:
    def act(data: Data) -> None:
        actions(data, "staff")[3]["paragraph"] = "Lead teachers not to meet"

    assert sentences(edited(act))[-1] == "Among them: “not” or the like in 1 place."


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Lead teachers to meet to discuss priorities for the year  ahead", "layout"),
        ("Lead Teachers to meet, to discuss priorities for the year ahead", "capitals"),
    ],
)
def test_where_no_word_changed_it_is_said_how_little_it_is(words: str, told: str) -> None:
    def act(data: Data) -> None:
        actions(data, "staff")[3]["paragraph"] = words

    said = sentences(edited(act))
    assert said[0].startswith("1 of 10 areas changed (all of them in layout, capitals or punct")
    assert said[-1].startswith(f"No word or number was changed, only {told}")
    assert "only" in summaries(act)["staff"]


def test_words_that_came_and_went_are_counted_though_no_line_did() -> None:
    def act(data: Data) -> None:
        actions(data, "staff")[3]["paragraph"] = "Lead teachers to discuss money"

    assert sentences(edited(act))[-1] == "1 word was added, 7 removed."


def test_where_only_the_title_block_changed_the_areas_are_said_to_be_as_they_were() -> None:
    said = sentences(edited(lambda data: data.update(period="2018")))
    assert said == [
        *("None of 10 areas changed.", "The period was changed.", "1 word was added, 1 removed."),
        "Among them: dates in 1 place.",
    ]


def test_entries_that_lost_their_ids_are_told_of() -> None:
    def act(data: Data) -> None:
        actions(data, "staff")[3]["id"] = "other"

    assert sentences(edited(act))[-1].startswith("1 entry has another id")

    def more(data: Data) -> None:
        act(data)
        actions(data, "staff")[4]["id"] = "another"

    assert sentences(edited(more))[-1].startswith("2 entries have other ids")


def test_a_line_that_moved_away_is_told_where_it_was_and_where_it_is() -> None:
    def act(data: Data) -> None:
        actions(data, "cpd").append(actions(data, "staff").pop())

    column = NOVEMBER.plan.columns.actions
    told = summaries(act)
    assert told == {
        "staff": f"1 line moved to CPD, {column}",
        "cpd": f"1 line moved from Staff, {column}",
    }


def test_a_line_that_moved_within_its_cell_counts_once() -> None:
    def act(data: Data) -> None:
        lines = actions(data, "staff")
        lines.insert(0, lines.pop())

    assert summaries(act) == {"staff": "1 line moved within this cell"}


def test_an_area_that_was_renamed_says_so() -> None:
    def act(data: Data) -> None:
        area = data["areas"][7]
        area["name"], area["links"] = "Parents and carers", [1]

    assert summaries(act) == {"parents": "renamed, other links"}


def test_an_area_that_stands_elsewhere_in_the_table_says_so() -> None:
    told = summaries(lambda data: data["areas"].insert(0, data["areas"].pop()))
    assert told == {"combined-sip-priorities": "moved in the table"}


def test_a_removed_area_says_how_much_went_with_it() -> None:
    assert summaries(lambda data: data["areas"].pop(7)) == {"parents": "area removed, 7 lines"}


def test_a_number_agrees_with_its_noun() -> None:
    assert [pluralise(count, "line") for count in (0, 1, 2)] == ["0 lines", "1 line", "2 lines"]
    assert pluralise(2, "person", "people") == "2 people"


def test_a_draft_is_never_said_to_be_signed() -> None:
    proof = proof_of(drafts(), real())
    assert is_it(proof) == ["2017-11 has not been issued: nobody can have signed it yet."]
    assert who_signed(proof.versions[1]) == (
        "2017-11: NOT SIGNED by anybody, since it has not been issued. "
        "It asks Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow."
    )


def test_beside_a_draft_the_version_that_was_signed_is_named() -> None:
    said = is_it(proof_of(july_signed().register, real()))
    assert said[0].startswith("2017-11 has not been issued")
    assert said[1].startswith("Yes: the PDF of 2017-07 is, byte for byte, the one")


def test_what_was_issued_and_signed_by_nobody_is_not_said_to_be_signed() -> None:
    (said,) = is_it(proof_of(july_signed().issued(NOVEMBER).register, real()))
    assert said == "The PDF of 2017-11 is the one that was issued; nobody has signed it yet."


def test_who_has_not_signed_is_spelled_out_with_what_they_did_not_sign() -> None:
    assert who_signed(proof_of(half_signed().register, real()).versions[1]) == (
        "2017-11: 3 of 6 signatures, by Carole Clemens, Sally Beardsley. "
        "NOT SIGNED by Sally Beardsley (declined, 14th November 2017, JCC), "
        "Andy Hitchcock (14th November 2017, JCC), Kevin Snow (14th November 2017, JCC)."
    )


def test_a_sealed_version_is_the_one_that_was_signed_and_paper_is_named() -> None:
    proof = proof_of(sealed(), real())
    (said,) = is_it(proof)
    assert said.startswith("Yes: the PDF of 2017-11 is, byte for byte, the one that was signed by")
    assert said.endswith("signed by everybody and sealed.")
    assert who_signed(proof.versions[1]) == (
        "2017-11: 6 of 6 signatures, "
        "by Carole Clemens, Sally Beardsley, Andy Hitchcock, Kevin Snow (on paper)."
    )


def test_what_was_sealed_without_everybody_is_never_said_to_be_signed_by_all() -> None:
    (said,) = is_it(proof_of(sealed_incomplete(), real()))
    assert said.endswith("the one that was sealed, with 3 of 6 signatures.")
    (said,) = is_it(proof_of(half_signed().register, real()))
    assert said.endswith("the one that was issued, with 3 of 6 signatures.")


def test_what_does_not_verify_is_not_said_to_be_the_document() -> None:
    (said,) = is_it(proof_of(sealed(), real(), refuted(sealed())))
    assert said.startswith("That is not proven. NOT VERIFIED at step 2")
    assert said.endswith("byte 4711 was changed.")


def test_other_words_than_the_register_s_are_not_said_to_be_the_document() -> None:
    proof = proof_of(sealed(), real())
    other = replace(proof.versions[1], fingerprint=JULY.fingerprint)
    (said,) = is_it(replace(proof, versions=(proof.versions[0], other)))
    assert said.startswith("No: the words compared here are not those of 2017-11")


def test_a_verdict_s_words_are_those_that_its_sentence_begins_with() -> None:
    for register in (drafts(), half_signed().register, sealed()):
        found = verdict(register)
        issued = last_record(register, "issued", "2017-07") is not None
        assert ", ".join(words_of(found, issued=issued)) == found.sentence.partition(":")[0]
    anchored = replace(verdict(sealed()), anchored=True)
    assert words_of(anchored, issued=True) == ["VERIFIED", "ANCHORED"]
    assert words_of(refuted(sealed()), issued=True) == ["NOT VERIFIED"]


def test_every_word_of_a_verdict_is_explained() -> None:
    kinds: tuple[VerdictKind, ...] = ("differs", "older", "same words")
    failed = [replace(refuted(sealed()), kind=kind) for kind in kinds]
    for found in (
        *failed,
        verdict(half_signed().register),
        replace(verdict(sealed()), anchored=True),
    ):
        assert set(words_of(found, issued=True)) <= set(MEANINGS)
