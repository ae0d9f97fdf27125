"""The office's session: what it starts from, and what it refuses to work on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from signed_plan.digest import Digest
from signed_plan.errors import (
    MissingError,
    OutputError,
    SigningError,
    UsageError,
    VerificationError,
)
from signed_plan.lifecycle.build import build
from signed_plan.lifecycle.keys import make_keys, revoke
from signed_plan.lifecycle.session import (
    REGISTER_KEY,
    ROOT_KEY,
    SEAL_KEY,
    Session,
    authority_files,
    open_office_keys,
    open_session,
    read_key,
    read_registered_pdf,
    require_due,
    require_enrolment,
    require_person,
    require_reason,
    require_stage,
    revocation_list,
)
from signed_plan.paths import PlanFolder, as_typed
from signed_plan.plan.settings import Settings
from signed_plan.plan.source import Version, load, load_one
from signed_plan.progress import silent
from signed_plan.register.chain import Register, read
from signed_plan.register.publish import file_record

from tests.helpers import copy_plan
from tests.lifecycle.helpers import WRONG, nobody, refused, register_of, set_settings
from tests.register.sample_events import enter, records
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
    Story,
    prompts,
)

slow = pytest.mark.slow("builds and signs many times")

At = Callable[[str], PlanFolder]


@pytest.fixture(scope="module")
def july(story: Story) -> Version:
    return load(story.at("july issued"), [JULY])[-1]


@pytest.fixture(scope="module")
def november(story: Story) -> Version:
    return next(one for one in load(story.at("july issued")) if one.name == NOVEMBER)


def session_of(folder: PlanFolder, register: Register | None = None, **settings: str) -> Session:
    return Session(folder, Settings(**settings), register or read(folder.register))


def signed(register: Register, person: str, review: str = REVIEW) -> Register:
    version = JULY if review == REVIEW else NOVEMBER
    return enter(register, "signed", version, review=review, person=person)


def declined(register: Register, person: str, review: str = REVIEW) -> Register:
    version = JULY if review == REVIEW else NOVEMBER
    return enter(register, "declined", version, review=review, person=person, reason="not yet")


# ------------------------------------------------------------------------------ the register


def test_what_a_killed_command_left_is_finished_before_anything_else(at: At) -> None:
    folder = at("july, Carole")
    staged = folder.output / ".staged" / JULY / folder.pdf(JULY).name
    staged.parent.mkdir(parents=True)
    shutil.move(folder.pdf(JULY), staged)
    with open_session(folder, nobody()) as session:
        assert read_registered_pdf(session, JULY) == folder.pdf(JULY).read_bytes()
    assert not (folder.output / ".staged").exists()


@pytest.mark.parametrize("what", ["signature changed", "signature gone", "entry added"])
def test_nothing_is_added_to_a_register_that_the_office_did_not_sign(at: At, what: str) -> None:
    folder = at("enrolled")
    if what == "signature changed":
        data = folder.signature.read_bytes()
        folder.signature.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    elif what == "signature gone":
        folder.signature.unlink()
    else:
        enter(read(folder.register), "issued", JULY).save()
    with refused(folder, VerificationError, "changed after the office signed it", "from a copy"):
        revoke(folder, CAROLE, prompts())


def test_a_draft_built_without_the_key_is_signed_with_the_next_entry(at: At) -> None:
    folder = at("enrolled")
    enter(read(folder.register), "built", "2018-03", supersedes=None).save()
    revoke(folder, CAROLE, prompts())
    assert [event["event"] for event in records(register_of(folder))[-2:]] == ["built", "revoked"]


# ---------------------------------------------------------------------------- the office's keys


def test_without_keys_the_sentence_says_how_to_make_them(at: At) -> None:
    folder = at("built")
    with (
        refused(folder, SigningError, "has no keys yet", "plan keys init"),
        open_session(folder, nobody()) as session,
    ):
        open_office_keys(session, nobody())


def test_a_key_folder_that_is_not_there_is_told_by_its_place(at: At) -> None:
    folder = at("keys")
    (folder.root / "keys").rename(folder.root / "away")
    with (
        refused(folder, SigningError, f"are not in {folder.root / 'keys'}", "settings.yaml"),
        open_session(folder, nobody()) as session,
    ):
        open_office_keys(session, nobody())


def test_a_wrong_passphrase_is_one_sentence(at: At) -> None:
    folder = at("keys")
    wrong = prompts(office=WRONG)
    with (
        refused(folder, SigningError, "does not open the key of the office", "Try again"),
        open_session(folder, wrong) as session,
    ):
        open_office_keys(session, wrong)


@pytest.fixture(scope="module")
def another_office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copy_plan(tmp_path_factory.mktemp("another"))
    return make_keys(folder, prompts())[1]


@slow
@pytest.mark.parametrize("name", [ROOT_KEY, SEAL_KEY, REGISTER_KEY])
def test_a_key_of_another_office_is_refused(at: At, another_office: Path, name: str) -> None:
    folder = at("keys")
    shutil.copy(another_office / name, folder.root / "keys" / name)
    with (
        refused(folder, SigningError, "are not the ones that this register was begun with"),
        open_session(folder, prompts()) as session,
    ):
        open_office_keys(session, prompts())


def test_only_what_the_office_issued_is_on_its_revocation_list(story: Story) -> None:
    folder = story.at("enrolled")
    with open_session(folder, prompts()) as session:
        office = open_office_keys(session, prompts())
    version = load_one(folder, JULY)
    enrolled = require_enrolment(session.register, version, require_person(version, CAROLE))
    now = datetime.now(UTC)
    register = enter(session.register, "revoked", serial=enrolled.serial, issuer="office")
    register = enter(register, "revoked", serial="abc", issuer="own")
    made = x509.load_der_x509_crl(revocation_list(register, office))
    assert [one.serial_number for one in made] == [int(enrolled.serial, 16)]
    assert abs(next(iter(made)).revocation_date_utc - now) < timedelta(seconds=5)
    assert made.is_signature_valid(office.root.key.public_key())


def test_the_authority_s_certificate_is_kept_under_a_name_of_its_own(at: At) -> None:
    folder = at("built")
    root = folder.source / "timestamp-root.pem"
    root.write_bytes(b"a certificate")
    set_settings(
        folder,
        "timestamp-authority:",
        "  url: http://127.0.0.1:9/",
        "  certificate: source/timestamp-root.pem",
    )
    with open_session(folder, nobody()) as session:
        (path,) = authority_files(session)
    name = f"timestamp-authority-{Digest.of_bytes(b'a certificate').hex[:8]}.crt"
    assert path == folder.certificates / name


# -------------------------------------------------------------------------- stages and files


@pytest.mark.parametrize(
    ("stages", "sentence", "remedy"),
    [
        ((), "was never built", "plan build"),
        (("built",), "has not been issued yet", f"plan issue {JULY}"),
        (("built", "issued", "sealed"), "is sealed", "plan log"),
        (("built", "issued", "superseded"), "was superseded by a later one", "plan log"),
        (("built", "issued", "sealed", "superseded"), "was superseded", "plan log"),
    ],
)
def test_a_version_at_another_stage_is_told_where_it_stands(
    tmp_path: Path, stages: tuple[str, ...], sentence: str, remedy: str
) -> None:
    register = read(tmp_path / "register.jsonl")
    for stage in stages:
        register = enter(register, stage, JULY)
    with pytest.raises(SigningError, match=sentence) as caught:
        require_stage(session_of(PlanFolder(tmp_path), register), JULY, "issued")
    assert remedy in caught.value.remedy


def test_a_version_at_the_right_stage_is_let_through(story: Story) -> None:
    require_stage(session_of(story.at("july issued")), JULY, "issued")
    with pytest.raises(SigningError, match="has been issued already"):
        require_stage(session_of(story.at("july issued")), JULY, "built")


@pytest.mark.parametrize(
    ("change", "sentence", "remedy"),
    [
        (
            lambda path: path.unlink(),
            "is gone",
            "from a copy or a letter: plan restore 2017-07 --from FILE",
        ),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1]),
            "is not the file",
            "from a copy or a letter: plan restore 2017-07 --from FILE",
        ),
        (
            lambda path: path.write_bytes(b"%PDF-1.8" + path.read_bytes()[8:]),
            "is not the file that the register knows",
            "from a copy or a letter: plan restore 2017-07 --from FILE",
        ),
        (
            lambda path: path.write_bytes(path.read_bytes() + b"%%EOF\n"),
            "was signed or changed in its place",
            "plan receive ",
        ),
    ],
    ids=["gone", "shortened", "changed", "grown"],
)
def test_a_pdf_that_is_not_as_recorded_is_refused(
    at: At, change: Callable[[Path], object], sentence: str, remedy: str
) -> None:
    folder = at("july issued")
    change(folder.pdf(JULY))
    remedy += as_typed(folder.pdf(JULY)) if remedy.endswith("receive ") else ""
    with pytest.raises(VerificationError, match=sentence) as caught:
        read_registered_pdf(session_of(folder), JULY)
    assert remedy in caught.value.remedy


def test_a_grown_pdf_can_be_asked_for_without_what_it_grew_by(at: At) -> None:
    folder = at("july issued")
    before = folder.pdf(JULY).read_bytes()
    folder.pdf(JULY).write_bytes(before + b"more")
    assert read_registered_pdf(session_of(folder), JULY, grown=True) == before


def test_the_last_recorded_state_counts(at: At) -> None:
    folder = at("july issued")
    folder.pdf(JULY).write_bytes(b"%PDF-")
    files = {"pdf": file_record(folder, folder.pdf(JULY), b"%PDF-").model_dump()}
    register = enter(read(folder.register), "signed", JULY, files=files)
    assert read_registered_pdf(session_of(folder, register), JULY) == b"%PDF-"


# ---------------------------------------------------------------------------- who is to sign


def test_an_unknown_person_is_told_the_ids(july: Version) -> None:
    with pytest.raises(UsageError, match='knows no person "carol"') as caught:
        require_person(july, "carol")
    assert caught.value.remedy == f"It knows: {CAROLE}, {SALLY}, {ANDY}, {KEVIN}."


def due(session: Session, version: Version, person: str, review: str | None = None) -> str:
    return require_due(session, version, require_person(version, person), review).review.id


def test_whoever_comes_later_waits_for_whoever_comes_before(story: Story, july: Version) -> None:
    session = session_of(story.at("july issued"))
    assert due(session, july, CAROLE) == REVIEW
    with pytest.raises(
        SigningError, match=r"^Carole Clemens signs July 2017.* before Kevin Snow\.$"
    ):
        due(session, july, KEVIN)
    after = session_of(story.at("july issued"), signed(session.register, CAROLE))
    assert due(after, july, SALLY) == REVIEW
    with pytest.raises(SigningError, match="Sally Beardsley signs"):
        due(after, july, KEVIN)


def test_in_any_order_everybody_may_sign_at_once(story: Story, july: Version) -> None:
    session = session_of(story.at("july issued"), order="any")
    assert [due(session, july, person) for person in (KEVIN, ANDY, SALLY, CAROLE)] == [REVIEW] * 4


def test_nobody_signs_the_same_review_twice(story: Story, july: Version) -> None:
    register = signed(read(story.at("july issued").register), CAROLE)
    today = f"{datetime.now(UTC):%d %B %Y}"
    with pytest.raises(SigningError, match=rf"^Carole Clemens has signed already on {today}\.$"):
        due(session_of(story.at("july issued"), register), july, CAROLE)


def test_whoever_declines_lets_the_next_sign_and_may_think_again(
    story: Story, july: Version
) -> None:
    register = declined(read(story.at("july issued").register), CAROLE)
    session = session_of(story.at("july issued"), register)
    assert due(session, july, SALLY) == due(session, july, CAROLE) == REVIEW
    later = session_of(story.at("july issued"), signed(signed(register, SALLY), CAROLE))
    with pytest.raises(SigningError, match="Carole Clemens has signed already"):
        due(later, july, CAROLE)


def test_with_two_reviews_the_one_that_is_due_comes_first(story: Story, november: Version) -> None:
    folder = story.at("july issued")
    session = session_of(folder)
    assert due(session, november, CAROLE) == HEADS
    assert due(session, november, CAROLE, JCC) == JCC
    once = session_of(folder, signed(session.register, CAROLE, HEADS))
    assert due(once, november, CAROLE) == JCC
    with pytest.raises(SigningError, match="has signed already"):
        due(once, november, CAROLE, HEADS)


def test_a_review_that_does_not_ask_them_is_told_with_the_open_ones(
    story: Story, november: Version
) -> None:
    for review in (HEADS, "nonsense"):
        with pytest.raises(UsageError, match=f"is not asked to sign the review {review}") as caught:
            due(session_of(story.at("july issued")), november, KEVIN, review)
        assert caught.value.remedy == f"The open reviews are: {HEADS}, {JCC}."


def test_a_key_that_others_might_read_is_its_owner_s_alone_from_then_on(tmp_path: Path) -> None:
    key = tmp_path / "key.p12"
    key.write_bytes(b"key")
    for mode in (0o644, 0o640, 0o777, 0o600, 0o400):
        key.chmod(mode)
        assert read_key(key) == b"key"
        assert key.stat().st_mode & 0o777 == mode & 0o600


# ---------------------------------------------------------------------------------- reasons


def test_a_reason_is_kept_on_one_line() -> None:
    assert require_reason("  I am\n away\tuntil May ") == "I am away until May"


@pytest.mark.parametrize("reason", ["", " \n\t", "\u200d"])
def test_an_empty_reason_is_refused(reason: str) -> None:
    with pytest.raises(UsageError, match="reason"):
        require_reason(reason)


def test_a_reason_is_no_longer_than_can_be_read_at_a_glance() -> None:
    assert require_reason("a" * 500) == "a" * 500
    with pytest.raises(UsageError, match="has 501 letters; at most 500 can be entered"):
        require_reason("a" * 501)


def test_a_reason_that_no_font_can_show_is_refused_before_anything_is_entered() -> None:
    with pytest.raises(MissingError, match="No installed font can show"):
        require_reason("They said \U0001f9ab.")


@pytest.mark.parametrize("reason", ["red\x1b[31m", "nul\0", "turned \u202e round", "half \ud800"])
def test_a_reason_that_a_screen_could_act_on_is_refused(reason: str) -> None:
    with pytest.raises(UsageError, match="The reason cannot be entered") as caught:
        require_reason(reason)
    assert not any(character in caught.value.message for character in "\x1b\0\u202e\ud800")


@slow
def test_a_register_lost_beside_signed_work_is_begun_anew_only_in_another_output(at: At) -> None:
    folder = at("july issued")
    lost = folder.register.read_bytes()
    folder.register.unlink()
    acts: list[Callable[[], object]] = [
        lambda: make_keys(folder, nobody()),
        lambda: revoke(folder, CAROLE, nobody()),
        lambda: build(folder, (), silent, lambda: None, force=True),
    ]
    for act in acts:
        told = ("output/register.jsonl is gone", "move the whole folder output to another place")
        with refused(folder, VerificationError, *told):
            act()
    folder.register.write_bytes(lost)
    revoke(folder, CAROLE, prompts())
    folder.output.rename(folder.root / "earlier")
    build(folder, (), silent, lambda: None)
    assert [one["event"] for one in records(register_of(folder))] == ["built", "built"]


@pytest.mark.parametrize("name", ["keys/people", "keys/office-root.p12", "output/.staged"])
def test_nothing_is_entered_while_a_link_leads_out_of_the_outputs_or_the_keys(
    name: str, at: Callable[[str], PlanFolder], tmp_path: Path
) -> None:
    folder = at("enrolled")
    place = folder.root / name
    if place.exists():
        place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    with (
        refused(folder, OutputError, f"{name} is a link to", "rm "),
        open_session(folder, prompts()),
    ):
        pass
