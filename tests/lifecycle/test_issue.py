"""Issuing: the office certifies what was built, and from then on the version is frozen."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.commands.screen import Screen
from signed_plan.errors import FrozenError, SigningError, SourceError, VerificationError
from signed_plan.lifecycle.build import build
from signed_plan.lifecycle.issue import certification_reason, issue
from signed_plan.paths import PlanFolder
from signed_plan.register.build_status import build_status
from signed_plan.register.chain import read
from signed_plan.register.signoff_status import stage_of

from tests.helpers import edit
from tests.lifecycle.helpers import WRONG, demand_registered, events, nobody, refused, register_of
from tests.register.sample_events import last_record, records
from tests.signing.helpers import said_in
from tests.story import CAROLE, JULY, NOVEMBER, Story, prompts, sign_here

slow = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]


def build_all(folder: PlanFolder, *names: str) -> dict[str, str]:
    """How each version stood, by its name."""
    outcome = build(folder, names, Screen().stage, lambda: None)
    assert outcome.built == ()
    return {state.version.name: state.name for state in outcome.states}


def own_template(folder: PlanFolder, name: str = "plan.docx") -> None:
    own = folder.root / "templates" / name
    own.parent.mkdir(exist_ok=True)
    own.write_bytes(folder.template(name).read_bytes() + b"\0")


def test_the_entry_and_the_pdf_name_version_fingerprint_and_head(story: Story) -> None:
    folder = story.at("july issued")
    register = register_of(folder)
    issued, built = last_record(register, "issued", JULY), last_record(register, "built", JULY)
    assert issued is not None
    assert built is not None
    assert issued["fingerprint"] == built["fingerprint"]
    assert issued["head"] == issued["prev"]
    (certification,) = PdfFileReader(io.BytesIO(folder.pdf(JULY).read_bytes())).embedded_signatures
    reason = str(certification.sig_object["/Reason"])
    assert reason == (
        f"Version 2017-07, fingerprint {built['fingerprint']}, register head {issued['head']}"
    )
    assert certification.field_name == "office-seal"


def test_the_reason_is_written_in_one_way_only() -> None:
    from signed_plan.digest import Digest

    head = "ab" * 32
    assert certification_reason("2017-07", Digest("cd" * 32), head).split(", ") == [
        "Version 2017-07",
        f"fingerprint {'cd' * 32}",
        f"register head {head}",
    ]


def test_from_then_on_only_signatures_may_be_added(story: Story) -> None:
    pdf = story.at("july issued").pdf(JULY).read_bytes()
    reader = PdfFileReader(io.BytesIO(pdf))
    assert "/DocMDP" in reader.root["/Perms"]
    (certification,) = reader.embedded_signatures
    assert certification.docmdp_level is not None
    assert certification.docmdp_level.value == 2


def test_poppler_accepts_the_certification(story: Story) -> None:
    words = ["pdfsig", "-nocert", str(story.at("july issued").pdf(JULY))]
    told = subprocess.run(words, capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid" in told
    assert "office seal" in told


def test_the_page_shows_who_certified_which_version(story: Story) -> None:
    folder = story.at("july issued")
    said = said_in(folder.pdf(JULY).read_bytes(), "office-seal")
    assert "Bank Road" in said
    assert "Certified" in said
    assert "Version 2017-07" in said


def test_the_issued_pdf_begins_with_the_built_one_and_is_registered(story: Story) -> None:
    built = story.at("built").pdf(JULY).read_bytes()
    issued = story.at("july issued").pdf(JULY).read_bytes()
    assert issued.startswith(built)
    assert len(issued) > len(built)
    demand_registered(story.at("july issued"))
    assert stage_of(register_of(story.at("july issued")), JULY) == "issued"


# ------------------------------------------------------------------------------------ refusals


def test_before_the_office_has_keys_it_says_how_to_make_them(at: At) -> None:
    with refused(folder := at("built"), SigningError, "has no keys yet", "plan keys init"):
        issue(folder, JULY, nobody())


def test_a_version_is_issued_once(at: At) -> None:
    with refused(folder := at("july issued"), SigningError, "has been issued already"):
        issue(folder, JULY, nobody())


@pytest.mark.parametrize("name", ["2019-01", "../source", ""])
def test_a_version_without_sources_is_refused(at: At, name: str) -> None:
    with refused(folder := at("enrolled"), SourceError, "1 problem in the sources"):
        issue(folder, name, nobody())


def test_a_version_that_was_never_built_is_refused(at: At) -> None:
    folder = at("enrolled")
    shutil.copytree(folder.source / NOVEMBER, folder.source / "2018-03")
    for path in (folder.source / "2018-03").iterdir():
        path.write_text(path.read_text().replace('"2017-11"', '"2018-03"'))
    edit(folder.source / "2018-03/plan.yaml", 'supersedes: "2017-07"', 'supersedes: "2017-11"')
    with refused(folder, SigningError, "was never built", "plan build"):
        issue(folder, "2018-03", nobody())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda folder: edit(
                folder.source / JULY / "people.yaml", "name: Kevin Snow", "name: Kevin Snowe"
            ),
            "is not as it was built: people.yaml was changed",
        ),
        (own_template, "the template plan.docx was changed"),
        (lambda folder: folder.docx(JULY).unlink(), "action-plan-2017-07.docx is not there"),
        (lambda folder: folder.docx(JULY).write_bytes(b"x"), "is not as it was built"),
        (lambda folder: folder.pdf(JULY).unlink(), "action-plan-2017-07.pdf is not there"),
    ],
    ids=["source", "template", "Word file gone", "Word file changed", "PDF gone"],
)
def test_what_is_not_as_it_was_built_is_not_issued(
    at: At, change: Callable[[PlanFolder], object], sentence: str
) -> None:
    folder = at("enrolled")
    change(folder)
    with refused(folder, SigningError, sentence, "plan build"):
        issue(folder, JULY, nobody())


def test_a_draft_that_was_filled_in_by_hand_is_not_issued(at: At) -> None:
    folder = at("enrolled")
    with folder.pdf(JULY).open("ab") as pdf:
        pdf.write(b"1 0 obj null endobj\n%%EOF\n")
    with refused(folder, VerificationError, "signed or changed in its place"):
        issue(folder, JULY, nobody())


@slow
def test_a_version_that_nobody_is_to_sign_is_not_issued(at: At) -> None:
    folder = at("enrolled")
    reviews = folder.source / NOVEMBER / "reviews.yaml"
    reviews.write_text(reviews.read_text().replace('version: "2017-11"', 'version: "2017-07"'))
    build(folder, [NOVEMBER], Screen().stage, lambda: None)
    with refused(folder, SigningError, "Nobody is to sign version 2017-11", "plan build"):
        issue(folder, NOVEMBER, nobody())


def test_a_wrong_passphrase_issues_nothing(at: At) -> None:
    with refused(folder := at("enrolled"), SigningError, "does not open the key of the office"):
        issue(folder, JULY, prompts(office=WRONG))


# -------------------------------------------------------------------------------------- frozen


def test_building_everything_still_works_while_nothing_changes(at: At) -> None:
    for step in ("july issued", "november issued"):
        folder = at(step)
        assert build_all(folder) == {JULY: "built", NOVEMBER: "built"}
        shutil.rmtree(folder.root)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda folder: edit(
                folder.source / JULY / "people.yaml", "name: Kevin Snow", "name: Kevin Snowe"
            ),
            "people.yaml was changed",
        ),
        (own_template, "the template plan.docx was changed"),
        (lambda folder: own_template(folder, "signoff.docx"), "the template signoff.docx was"),
        (lambda folder: folder.pdf(JULY).unlink(), "action-plan-2017-07.pdf is not there"),
    ],
    ids=["source", "template", "sign-off template", "file"],
)
def test_an_issued_version_that_would_have_to_be_built_again_is_refused(
    at: At, change: Callable[[PlanFolder], object], sentence: str
) -> None:
    folder = at("july issued")
    change(folder)
    with refused(folder, FrozenError, f"issued and is frozen, but {sentence}", "plan new NAME"):
        build_all(folder)


@slow
def test_the_next_draft_can_be_built_though_it_has_other_words(at: At) -> None:
    folder = at("july issued")
    edit(folder.source / NOVEMBER / "people.yaml", "name: Kevin Snow", "name: Kevin Snowe")
    outcome = build(folder, [NOVEMBER], Screen().stage, lambda: None)
    assert [one.version.name for one in outcome.built] == [NOVEMBER]
    assert records(register_of(folder))[-1]["event"] == "built"
    sign_here(folder, JULY, CAROLE)  # and what was not signed then is signed now
    demand_registered(folder)


def test_once_it_is_sealed_the_templates_are_free_for_the_next(at: At) -> None:
    folder = at("july sealed")
    own_template(folder)
    assert build_all(folder, JULY) == {JULY: "built"}
    edit(folder.source / JULY / "people.yaml", "name: Kevin Snow", "name: Kevin Snowe")
    with refused(folder, FrozenError, "people.yaml was changed"):
        build_all(folder, JULY)


def test_issuing_the_next_version_supersedes_the_one_before(story: Story) -> None:
    folder = story.at("november issued")
    register = register_of(folder)
    assert [(one["event"], one["version"]) for one in records(register)[-2:]] == [
        ("issued", NOVEMBER),
        ("superseded", JULY),
    ]
    assert records(register)[-1]["by"] == NOVEMBER
    assert stage_of(register, JULY) == "superseded"
    assert folder.pdf(JULY).read_bytes() == story.at("july sealed").pdf(JULY).read_bytes()


@slow
def test_a_draft_is_not_superseded(at: At) -> None:
    """July was built but never issued: nobody can have signed it."""
    folder = at("enrolled")
    issue(folder, NOVEMBER, prompts())
    assert events(folder, NOVEMBER) == ["built", "issued"]
    assert events(folder) == ["built"]


def test_an_issued_version_stays_as_it_was_through_every_build(story: Story) -> None:
    folder = story.at("november issued")
    register = read(folder.register)
    from signed_plan.plan.source import load

    for version in load(folder):
        assert build_status(folder, register, version).name == "built"
    assert re.fullmatch(r"[0-9a-f]{64}", register.head)
    assert Path(folder.docx(JULY)).read_bytes() == story.at("built").docx(JULY).read_bytes()


@slow
def test_a_version_is_not_issued_after_the_one_that_supersedes_it(at: At) -> None:
    folder = at("enrolled")
    issue(folder, NOVEMBER, prompts())
    with refused(folder, SigningError, "2017-11, which supersedes 2017-07, has been issued"):
        issue(folder, JULY, nobody())
