"""Evidence: whoever has a shell, sha256sum and openssl can check it, and an attacker is told of."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from signed_plan.digest import Digest
from signed_plan.document.receipt import read_record
from signed_plan.errors import OutputError, UsageError, VerificationError
from signed_plan.evidence.evidence import EvidenceZip, make_evidence, save_evidence
from signed_plan.lifecycle.build import build
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.send import send
from signed_plan.lifecycle.sign import Signing, decline
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, read
from signed_plan.register.publish import file_record
from signed_plan.verify.built_checks import folder_checks
from signed_plan.verify.verify import verify

from tests.helpers import REPO, VERSIONS, edit
from tests.lifecycle.helpers import copy_of, set_settings
from tests.register.sample_events import Fields, chained, enter, last_record, records
from tests.story import CAROLE, HEADS, JULY, NOVEMBER, Story, prompts
from tests.verify.signed_plan import flipped, forge

slow = pytest.mark.slow("packs and checks evidence many times")

ADDRESS = "carole@school.example"
REASON = '50 % of %s is missing: {"file":"x","sha256":"y"} – Ńo \\n “way”, * $(x) \\'
COMPARED = {"2017-07-to-2017-11/report.html": b"<p>What changed</p>\n"}
SCRIPT = REPO / "pipeline/signed_plan/evidence/check.sh"
UNSIGNED = "the signature does not fit the register (or this is no openssl 3)."
DIFFERS = "is not what the register names."
MISSING = "is missing."
ANOTHER_KEY = f"output/certificates/register-key.pem {DIFFERS}"
NO_NUMBER = "a HEAD has 64 digits, 0 to 9 and a to f."
NO_HEAD = "no entry has that HEAD: mistyped, or the register was cut off or rewritten."
EXPLAINING = ("README.txt", "check.sh", "templates/", "output/compare/")


@pytest.fixture(scope="session")
def kept(story: Story, tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """July sealed, November issued and declined by one; with letters; not to be changed."""
    folder = copy_of(story.at("november issued"), tmp_path_factory.mktemp("kept") / "plan")
    decline(folder, Signing(NOVEMBER, CAROLE, HEADS), REASON, prompts())
    set_settings(folder, "people:", f"  {CAROLE}:", f"    email: {ADDRESS}")
    send(folder, NOVEMBER, prompts())
    (folder.output / JULY / "action-plan-2017-07-changed-0123abcd.pdf").write_bytes(b"aside")
    return folder


@pytest.fixture(scope="session")
def evidence(kept: PlanFolder) -> EvidenceZip:
    return make_evidence(kept, COMPARED)


@pytest.fixture(scope="session")
def unpacked(evidence: EvidenceZip, tmp_path_factory: pytest.TempPathFactory) -> PlanFolder:
    """The evidence, unpacked; not to be changed."""
    return unpack(evidence, tmp_path_factory.mktemp("somebody's evidence"))


@pytest.fixture
def bundle(unpacked: PlanFolder, tmp_path: Path) -> PlanFolder:
    """A copy of the unpacked evidence that a test may change."""
    return copy_of(unpacked, tmp_path / "my evidence")


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three programs that check.sh may use, and no other."""
    place = tmp_path_factory.mktemp("programs")
    for name, program in (("sh", "dash"), ("sha256sum", "sha256sum"), ("openssl", "openssl")):
        (place / name).symlink_to(found(program))
    return place


Check = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def check(programs: Path) -> Check:
    """Runs a bundle's check.sh, from another folder, with nothing on the path but `programs`."""

    def run(
        folder: PlanFolder, *words: str, shell: str = "", cwd: str = "/", path: Path = programs
    ) -> subprocess.CompletedProcess[str]:
        script = "check.sh" if cwd != "/" else str(folder.root / "check.sh")
        return subprocess.run(
            [shell or str(programs / "sh"), script, *words],
            env={"PATH": str(path)},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def told(check: Check) -> Callable[..., str]:
    """The one sentence with which check.sh refuses a bundle."""

    def refused(folder: PlanFolder, *words: str) -> str:
        done = check(folder, *words)
        assert done.returncode == 1, done.stdout
        assert done.stdout == ""
        sentence = done.stderr.removesuffix("\n")
        assert "\n" not in sentence
        return sentence.removeprefix("NOT CONFIRMED: ")

    return refused


Told = Callable[..., str]


def found(program: str) -> str:
    path = shutil.which(program)
    assert path is not None, f"{program} is needed for this test"
    return path


def unpack(evidence: EvidenceZip, place: Path) -> PlanFolder:
    with zipfile.ZipFile(io.BytesIO(evidence.pack())) as pack:
        pack.extractall(place)
    return PlanFolder(place / evidence.name)


def names_in(folder: PlanFolder) -> list[str]:
    return sorted(
        path.relative_to(folder.root).as_posix()
        for path in folder.root.rglob("*")
        if path.is_file()
    )


def lines_of(folder: PlanFolder) -> list[bytes]:
    return folder.register.read_bytes().splitlines(keepends=True)


def put_key(folder: PlanFolder, key: Ed25519PrivateKey) -> bytes:
    """Puts the key's public half in the place of the office's; gives it."""
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder.certificates / "register-key.pem").write_bytes(pem)
    return pem


def remade(folder: PlanFolder, change: Callable[[Fields], object]) -> Ed25519PrivateKey:
    """The register made anew with a key of its own, which it names: all but a receipt confirms it.

    Gives that key.
    """
    key = Ed25519PrivateKey.generate()
    path = folder.certificates / "register-key.pem"
    named = file_record(folder, path, put_key(folder, key)).model_dump()

    def name_it(event: Fields) -> None:
        if event["event"] == "keys":
            event["files"]["register-key.pem"] = named
        change(event)

    forge(folder, name_it, key)
    return key


def sign_anew(folder: PlanFolder, entries: list[Fields], key: Ed25519PrivateKey) -> None:
    """Writes a register of these entries, whatever they say, and signs it."""
    folder.register.write_bytes(chained(entries))
    folder.signature.write_bytes(key.sign(folder.register.read_bytes()))


def last_number(register: Register, kind: str, version: str) -> int:
    """The number of the last entry of that kind and version."""
    record = last_record(register, kind, version)
    assert record is not None
    return int(record["seq"])


def head_on_receipt(folder: PlanFolder) -> str:
    """The head that July's receipt names, in groups as it is printed there."""
    record = read_record(folder.receipt(JULY).read_bytes())
    return Digest(json.loads(record or b"")["head"]).spaced


# A good bundle


@pytest.mark.parametrize("shell", ["", "bash"])
def test_good_evidence_is_confirmed_with_three_programs_alone(
    unpacked: PlanFolder, evidence: EvidenceZip, check: Check, shell: str
) -> None:
    done = check(unpacked, shell=found(shell) if shell else "")
    assert done.stderr == ""
    assert done.returncode == 0
    entries = len(records(evidence.register))
    assert done.stdout == (
        f"CONFIRMED: {entries} entries, their signature, the files that they name. "
        f"Head: {evidence.register.head}\n"
    )


def test_it_is_checked_from_inside_the_folder_too(unpacked: PlanFolder, check: Check) -> None:
    assert check(unpacked, cwd=str(unpacked.root)).returncode == 0


@slow
def test_the_head_on_a_receipt_is_found(unpacked: PlanFolder, check: Check) -> None:
    head = head_on_receipt(unpacked)
    sealed = last_record(read(unpacked.register), "sealed", JULY)
    assert sealed is not None
    count = len(records(read(unpacked.register)))
    upper = head.upper()
    for words in ([head], [upper], head.split(), [head.replace(" ", "")], ["", *head.split()]):
        done = check(unpacked, *words)
        assert done.returncode == 0, done.stderr
        assert f" that they name; HEAD is entry {sealed['seq']} of {count}; " in done.stdout
        assert '; after it, by the office\'s word alone: receipt "2017-07", issued' in done.stdout


def test_the_script_is_short_enough_to_be_read() -> None:
    lines = SCRIPT.read_text(encoding="ascii").splitlines()
    assert len(lines) <= 100
    assert max(map(len, lines)) <= 88


@slow
def test_plan_verify_holds_in_the_unpacked_folder(unpacked: PlanFolder) -> None:
    verdict = verify(unpacked)
    assert verdict.sentence.startswith("VERIFIED, "), verdict.sentence


# An attacker


@slow
def test_a_flipped_byte_is_named_wherever_it_is(bundle: PlanFolder, told: Told) -> None:
    proven = [name for name in names_in(bundle) if not name.startswith(EXPLAINING)]
    assert len(proven) > 20
    for name in proven:
        path = bundle.root / name
        good = path.read_bytes()
        path.write_bytes(flipped(good, len(good) // 2))
        sentence = told(bundle)
        path.write_bytes(good)
        if name == "output/register.jsonl":
            assert sentence.startswith("register entry ")
        elif name == "output/register.jsonl.sig":
            assert sentence == UNSIGNED
        else:
            assert sentence == f"{name} {DIFFERS}"


def test_any_byte_of_the_last_entry_is_signed(bundle: PlanFolder, told: Told) -> None:
    data = bundle.register.read_bytes()
    bundle.register.write_bytes(flipped(data, len(data) - 20))
    assert told(bundle) == UNSIGNED


def test_a_dropped_entry_is_named(bundle: PlanFolder, told: Told) -> None:
    lines = lines_of(bundle)
    for number in (1, len(lines) // 2):
        bundle.register.write_bytes(b"".join(lines[: number - 1] + lines[number:]))
        assert told(bundle) == f"register entry {number} does not follow the one before."
    bundle.register.write_bytes(b"".join(lines[:-1]))
    assert told(bundle) == UNSIGNED


def test_an_entry_changed_and_the_chain_made_anew_is_not_signed(
    bundle: PlanFolder, told: Told
) -> None:
    forge(bundle, lambda event: event.pop("reason", None))
    assert told(bundle) == UNSIGNED


def test_an_entry_added_after_the_signature_is_not_signed(bundle: PlanFolder, told: Told) -> None:
    enter(read(bundle.register), "sent", NOVEMBER).save()
    assert told(bundle) == UNSIGNED


def test_a_swapped_key_is_named(bundle: PlanFolder, told: Told) -> None:
    put_key(bundle, Ed25519PrivateKey.generate())
    assert told(bundle) == ANOTHER_KEY


def test_a_register_signed_by_another_key_is_told_by_the_entry_that_names_the_key(
    bundle: PlanFolder, told: Told
) -> None:
    key = Ed25519PrivateKey.generate()
    put_key(bundle, key)
    forge(bundle, lambda event: None, key)
    assert told(bundle) == ANOTHER_KEY


@pytest.mark.parametrize("event", ["keys", "enrolled"])
def test_a_later_entry_cannot_bring_another_key(bundle: PlanFolder, told: Told, event: str) -> None:
    """Or else the entries up to a receipt's head could stay, and forged ones follow."""
    key = Ed25519PrivateKey.generate()
    path = bundle.certificates / "register-key.pem"
    named = file_record(bundle, path, put_key(bundle, key)).model_dump()
    keys = last_record(read(bundle.register), "keys", "")
    assert keys is not None
    body = {"files": {"register-key.pem": named}, "register_key": keys["register_key"]}
    later = {"event": event, "version": "", "at": keys["at"], **body}
    sign_anew(bundle, [*records(read(bundle.register)), later], key)
    assert told(bundle, head_on_receipt(bundle)) == ANOTHER_KEY


def test_a_register_made_anew_with_its_own_key_is_told_by_a_receipt_alone(
    bundle: PlanFolder, check: Check, told: Told
) -> None:
    head = head_on_receipt(bundle)
    remade(bundle, lambda event: event.pop("reason", None))
    assert check(bundle).returncode == 0
    assert told(bundle, head) == NO_HEAD


def test_an_older_bundle_is_told_by_a_later_head_alone(
    story: Story, evidence: EvidenceZip, check: Check, told: Told, tmp_path: Path
) -> None:
    older = unpack(make_evidence(story.at("july sealed"), {}), tmp_path)
    assert check(older).returncode == 0
    assert told(older, evidence.register.head) == NO_HEAD


@pytest.mark.parametrize(
    "words",
    [[""], ["0"], ["*"], ["no"], ["0" * 63], ["0" * 64], ["0" * 65], ["g" * 64], ["F" * 64]],
)
def test_what_is_no_head_is_never_passed_over(
    unpacked: PlanFolder, told: Told, words: list[str]
) -> None:
    whole = len(words[0]) == 64 and "g" not in words[0]
    assert told(unpacked, *words) == (NO_HEAD if whole else NO_NUMBER)


def test_half_a_head_is_none(unpacked: PlanFolder, evidence: EvidenceZip, told: Told) -> None:
    for half in (evidence.register.head[:32], evidence.register.head[32:]):
        assert told(unpacked, half) == NO_NUMBER


SWAPPED = (
    f"{JULY}/action-plan-{JULY}.pdf",
    f"{JULY}/action-plan-{JULY}.docx",
    f"{JULY}/receipt-{JULY}.pdf",
    "certificates/office-root.crt",
)


@pytest.mark.parametrize("version", [JULY, "2018-01"], ids=["its own", "another version's"])
@pytest.mark.parametrize("name", SWAPPED)
def test_a_file_that_was_swapped_after_a_head_is_never_confirmed_for_it(
    bundle: PlanFolder, check: Check, told: Told, name: str, version: str
) -> None:
    """By whoever has the register's key, in an entry behind the head that somebody kept."""
    key = remade(bundle, lambda event: None)
    register = read(bundle.register)
    head = register.heads[last_number(register, "receipt", JULY) - 1]
    path = bundle.output / name
    path.write_bytes(path.read_bytes() + b"\n% another, with something behind it")
    swapped = file_record(bundle, path, path.read_bytes()).model_dump()
    office = "certificates" in name
    forged = {"event": "issued", "version": version, "at": "2026-11-28T10:00:00Z"}
    if office:
        forged = {**forged, "event": "enrolled", "version": ""}
    sign_anew(bundle, [*records(register), {**forged, "files": {"x": swapped}}], key)
    assert check(bundle).returncode == 0
    assert told(bundle, head) == f"output/{name} was put in place of what stood at that HEAD."


def test_a_plan_that_was_built_again_after_a_head_is_not_confirmed_for_it(
    bundle: PlanFolder, told: Told
) -> None:
    key = remade(bundle, lambda event: None)
    register = read(bundle.register)
    head = register.heads[last_number(register, "receipt", JULY) - 1]
    built = last_record(register, "built", JULY)
    assert built is not None
    sign_anew(bundle, [*records(register), {**built, "sources": {}}], key)
    assert told(bundle, head) == f"{JULY} was built after that HEAD."


@slow
def test_what_grew_after_a_head_is_confirmed_and_what_came_after_it_is_told(
    bundle: PlanFolder, check: Check, tmp_path: Path, programs: Path
) -> None:
    register = read(bundle.register)
    place = tmp_path / "with head"
    shutil.copytree(programs, place, symlinks=True)
    (place / "head").symlink_to(found("head"))
    for entry in register.entries:
        done = check(bundle, register.heads[entry.number - 1], path=place)
        assert done.returncode == 0, (entry.number, done.stderr)
        assert f"; HEAD is entry {entry.number}" in done.stdout
        last = entry.number == len(register.entries)
        assert ("by the office's word alone: " in done.stdout) is not last


def test_a_pipe_in_the_place_of_a_file_holds_nobody_up(bundle: PlanFolder, told: Told) -> None:
    for path, sentence in (
        (bundle.register, "output/register.jsonl is missing or empty."),
        (bundle.signature, UNSIGNED),
        (
            bundle.certificates / "register-key.pem",
            f"output/certificates/register-key.pem {MISSING}",
        ),
        (bundle.pdf(JULY), f"{bundle.relative(bundle.pdf(JULY))} {MISSING}"),
    ):
        good = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        assert told(bundle) == sentence
        path.unlink()
        path.write_bytes(good)


def test_shasum_does_where_there_is_no_sha256sum(
    unpacked: PlanFolder, programs: Path, check: Check, tmp_path: Path
) -> None:
    place = tmp_path / "as on a Mac"
    shutil.copytree(programs, place, symlinks=True)
    (place / "sha256sum").unlink()
    same = f'#!{found("sh")}\n[ "$*" = "-a 256" ] && exec {found("sha256sum")}\n'
    (place / "shasum").write_text(same)
    (place / "shasum").chmod(0o755)
    assert check(unpacked, path=place).stdout == check(unpacked).stdout


def test_an_older_state_of_a_file_does_not_pass(
    story: Story, bundle: PlanFolder, told: Told
) -> None:
    """Each was once as the register says, but something came after it."""
    for step, path in (("built", bundle.pdf(JULY)), ("july, Carole", bundle.pdf(JULY))):
        good = path.read_bytes()
        older = (story.at(step).root / bundle.relative(path)).read_bytes()
        assert older != good
        path.write_bytes(older)
        sentence = told(bundle)
        path.write_bytes(good)
        assert sentence == f"{bundle.relative(path)} {DIFFERS}"


@slow
@pytest.mark.parametrize(
    "name",
    [
        "output/2017-07/action-plan-2017-07.pdf",
        "output/2017-11/action-plan-2017-11.docx",
        "output/2017-07/receipt-2017-07.pdf",
        "output/certificates/office.crl",
        "output/certificates/register-key.pem",
        "source/2017-07/areas.yaml",
        "source/2017-11/reviews.yaml",
    ],
)
def test_a_file_that_is_gone_or_empty_is_missed(bundle: PlanFolder, told: Told, name: str) -> None:
    (bundle.root / name).unlink()
    assert told(bundle) == f"{name} {MISSING}"
    (bundle.root / name).touch()
    assert told(bundle) == f"{name} {DIFFERS}"
    (bundle.root / name).unlink()
    (bundle.root / name).mkdir()
    assert told(bundle) == f"{name} {MISSING}"


@slow
def test_every_file_but_those_that_explain_is_needed(bundle: PlanFolder, check: Check) -> None:
    for name in names_in(bundle):
        if name != "check.sh":
            (bundle.root / name).rename(bundle.root / "aside")
            assert check(bundle).returncode == (0 if name.startswith(EXPLAINING) else 1), name
            (bundle.root / "aside").rename(bundle.root / name)


@pytest.mark.parametrize("name", ["source/2017-11", "output/2017-11", "output/certificates"])
def test_a_folder_that_is_gone_is_missed(bundle: PlanFolder, told: Told, name: str) -> None:
    shutil.rmtree(bundle.root / name)
    sentence = told(bundle)
    assert sentence.startswith(f"{name}/")
    assert sentence.endswith(MISSING)


@pytest.mark.parametrize("data", [None, b""])
def test_without_a_register_or_its_signature_nothing_is_confirmed(
    bundle: PlanFolder, told: Told, data: bytes | None
) -> None:
    for path, sentence in (
        (bundle.register, "output/register.jsonl is missing or empty."),
        (bundle.signature, UNSIGNED),
    ):
        good = path.read_bytes()
        path.unlink()
        if data is not None:
            path.write_bytes(data)
        assert told(bundle) == sentence
        path.write_bytes(good)


def test_a_file_that_was_added_changes_nothing_and_is_vouched_for_by_nobody(
    bundle: PlanFolder, check: Check
) -> None:
    before = check(bundle)
    for name in ("output/2017-11/final.pdf", "source/2017-11/more.yaml", "--help", "a b/c *"):
        (bundle.root / name).parent.mkdir(exist_ok=True)
        (bundle.root / name).write_bytes(b"Everybody agreed.")
    after = check(bundle)
    assert (after.returncode, after.stdout, after.stderr) == (0, before.stdout, "")
    assert "the files that they name." in after.stdout
    page = " ".join((bundle.root / "README.txt").read_text().split())
    assert "Any file that was added to this folder is no evidence." in page
    assert "Only the files that the register names are proven" in page


def test_nothing_is_confirmed_where_a_program_is_missing(
    unpacked: PlanFolder, programs: Path, check: Check, tmp_path: Path
) -> None:
    for name in ("openssl", "sha256sum"):
        place = tmp_path / name
        shutil.copytree(programs, place, symlinks=True)
        (place / name).unlink()
        done = check(unpacked, path=place)
        assert done.returncode == 1
        assert done.stderr == f"NOT CONFIRMED: this needs the program {name}.\n"
        assert done.stdout == ""


# Whatever the register holds


def test_areas_of_whatever_names_are_no_files(bundle: PlanFolder, check: Check, told: Told) -> None:
    names = ("event", "file", "files", "prev", "sha256", "sources", "version")

    def rename(event: Fields) -> None:
        if event["event"] == "built":
            event["areas"] = dict.fromkeys(names, "0" * 64)

    remade(bundle, rename)
    assert check(bundle).returncode == 0
    bundle.docx(JULY).unlink()
    assert told(bundle) == f"{bundle.relative(bundle.docx(JULY))} {MISSING}"


@slow
def test_the_sources_of_the_last_build_count_and_every_build_s_files(
    bundle: PlanFolder, check: Check, told: Told
) -> None:
    key = remade(bundle, lambda event: None)
    register = read(bundle.register)
    built = last_record(register, "built", JULY)
    assert built is not None
    text = b"# an earlier and a later text\n"
    later = {**built, "sources": {"later.yaml": Digest.of_bytes(text).hex}}
    sign_anew(bundle, [*records(register), {**later, "outputs": {}}], key)
    assert told(bundle) == f"source/{JULY}/later.yaml {MISSING}"
    (bundle.source / JULY / "later.yaml").write_bytes(text)
    assert check(bundle).returncode == 0
    (bundle.source / JULY / "areas.yaml").unlink()
    assert check(bundle).returncode == 0
    bundle.docx(JULY).write_bytes(b"")
    assert told(bundle) == f"{bundle.relative(bundle.docx(JULY))} {DIFFERS}"


@slow
def test_a_long_register_is_checked_soon(bundle: PlanFolder, check: Check) -> None:
    """It has a minute, and takes a second or two."""
    key = remade(bundle, lambda event: None)
    entries = records(read(bundle.register))
    declined = next(one for one in entries if one["event"] == "declined")
    sign_anew(bundle, entries + [declined] * (500 - len(entries)), key)
    done = check(bundle)
    assert done.stdout.startswith("CONFIRMED: 500 entries, "), done.stderr


# What is in it, and what is not


def test_the_zip_has_the_same_bytes_wherever_and_whenever_it_is_made(
    kept: PlanFolder, evidence: EvidenceZip, tmp_path: Path
) -> None:
    elsewhere = copy_of(kept, tmp_path / "elsewhere")
    for path in elsewhere.root.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700)
    pack = make_evidence(elsewhere, dict(reversed(COMPARED.items()))).pack()
    assert pack == evidence.pack()


def test_what_was_made_elsewhere_gives_the_same_zip(
    kept: PlanFolder, evidence: EvidenceZip, tmp_path: Path
) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    made = folder.output.rename(tmp_path / "made")
    assert make_evidence(PlanFolder(folder.root, made), COMPARED).pack() == evidence.pack()


def test_the_zip_lists_the_readme_first_and_says_nothing_of_who_made_it_when(
    evidence: EvidenceZip,
) -> None:
    with zipfile.ZipFile(io.BytesIO(evidence.pack())) as pack:
        inside = pack.infolist()
    names = [one.filename for one in inside]
    assert names[0] == "evidence-2017-11/README.txt"
    assert names[1:] == sorted(names[1:])
    for one in inside:
        assert one.date_time == (1980, 1, 1, 0, 0, 0)
        assert one.external_attr >> 16 & 0o777 == (0o755 if "check.sh" in one.filename else 0o644)
        assert one.compress_type == zipfile.ZIP_STORED
        assert not one.extra + one.comment


def test_everything_that_was_issued_is_in_it_and_nothing_else(
    kept: PlanFolder, evidence: EvidenceZip
) -> None:
    scans = [path.name for path in (kept.output / JULY / "scans").iterdir()]
    outside = {*COMPARED, "settings.yaml"}
    assert set(evidence.files) == {
        *("README.txt", "check.sh"),
        *("output/register.jsonl", "output/register.jsonl.sig"),
        *(f"output/{version}/action-plan-{version}.pdf" for version in VERSIONS),
        *(f"output/{version}/action-plan-{version}.docx" for version in VERSIONS),
        f"output/{JULY}/receipt-{JULY}.pdf",
        *(f"output/{JULY}/scans/{name}" for name in scans),
        *(f"output/certificates/{path.name}" for path in kept.certificates.iterdir()),
        *(f"output/compare/{name}" for name in COMPARED),
        *(
            f"source/{version}/{path.name}"
            for version in VERSIONS
            for path in (kept.source / version).iterdir()
            if path.name not in outside
        ),
        *("templates/plan.docx", "templates/signoff.docx"),
    }


def test_nobody_s_address_and_no_key_is_in_it(kept: PlanFolder, evidence: EvidenceZip) -> None:
    letters = list((kept.output / NOVEMBER / "letters").iterdir())
    assert any(ADDRESS.encode() in letter.read_bytes() for letter in letters)
    keys = [path.read_bytes() for path in (kept.root / "keys").rglob("*.p12")]
    assert keys
    for data in evidence.files.values():
        assert ADDRESS.encode() not in data
        assert data not in keys
        assert b"PRIVATE KEY" not in data


def test_the_readme_says_who_signed_and_spells_out_who_has_not(evidence: EvidenceZip) -> None:
    readme = evidence.files["README.txt"].decode("utf-8")
    assert max(map(len, readme.splitlines())) <= 78
    assert "{" not in readme.replace(REASON[REASON.index("{") :], "")
    words = " ".join(readme.split())
    for needed in (
        "Bank Road Infant and Nursery School",
        "William Lilley Infant and Nursery School",
        f"Version {JULY}: Collaboration Action Plan 2017, superseded by {NOVEMBER}",
        "Andy Hitchcock, Chair of Governing Board, Bank Road Infant and Nursery School: signed on "
        "paper, ",
        "Carole Clemens, Head Teacher, Bank Road Infant and Nursery School: NOT SIGNED: declined, ",
        REASON,
        "Kevin Snow, Chair of Governing Board, William Lilley Infant and Nursery School: NOT "
        "SIGNED",
        "NOT SEALED",
        "sh check.sh",
        "certutil -hashfile",
        "how-to-trust.txt",
        "plan verify 2017-07 2017-11",
        evidence.register.head,
    ):
        assert needed in words


@slow
def test_a_draft_is_left_out_and_said_so(story: Story, check: Check, tmp_path: Path) -> None:
    evidence = make_evidence(story.at("july, Carole"), COMPARED)
    assert evidence.drafts == (NOVEMBER,)
    assert not [name for name in evidence.files if NOVEMBER in name]
    words = " ".join(evidence.files["README.txt"].decode().split())
    assert f"Version {NOVEMBER} is a draft that was never issued" in words
    bundle = unpack(evidence, tmp_path)
    assert check(bundle).returncode == 0
    assert verify(bundle, evidence.versions).holds


@slow
def test_entries_that_are_not_signed_yet_are_left_out(
    story: Story, check: Check, tmp_path: Path
) -> None:
    folder = copy_of(story.at("july sealed"), tmp_path / "plan")
    signed = read(folder.register).data
    edit(folder.source / NOVEMBER / "plan.yaml", "Amended and", "Amended, and")
    build(folder, [NOVEMBER], lambda _: _Quiet(), lambda: None)
    assert read(folder.register).data != signed
    evidence = make_evidence(folder, {})
    assert evidence.files["output/register.jsonl"] == signed
    assert check(unpack(evidence, tmp_path)).returncode == 0


@slow
def test_sources_under_any_name_and_of_older_drafts_are_told_apart(
    story: Story, check: Check, told: Told, tmp_path: Path
) -> None:
    """July is only what November is built upon: a draft of which the texts are needed."""
    folder = copy_of(story.at("enrolled"), tmp_path / "plan")
    odd = ("our aims – Ń, März.yml", "[a-z]*? {b}.yaml", "-n $(x) `y` 'z';.yaml", "%s, c:.yml")
    place = folder.source / NOVEMBER
    for name, path in zip(odd, sorted(place.glob("*.yaml")), strict=False):
        path.rename(place / name)
    build(folder, [NOVEMBER], lambda _: _Quiet(), lambda: None)
    issue(folder, NOVEMBER, prompts())
    evidence = make_evidence(folder, {})
    assert evidence.versions == (NOVEMBER,)
    bundle = unpack(evidence, tmp_path)
    assert check(bundle).returncode == 0
    assert verify(bundle, evidence.versions).holds
    assert not [name for name in names_in(bundle) if name.startswith(f"output/{JULY}")]
    for name in odd:
        path = bundle.source / NOVEMBER / name
        good = path.read_bytes()
        path.write_bytes(good + b"\n")
        assert told(bundle) == f"source/{NOVEMBER}/{name} {DIFFERS}"
        path.write_bytes(good)


def test_templates_are_packed_only_for_what_is_not_sealed(
    story: Story, unpacked: PlanFolder
) -> None:
    sealed = make_evidence(story.at("july sealed"), {})
    assert not [name for name in sealed.files if name.startswith("templates/")]
    assert unpacked.template("plan.docx") == unpacked.root / "templates/plan.docx"


# Where there is nothing to keep, or what there is does not hold


@pytest.mark.parametrize("step", ["built", "enrolled"])
def test_nothing_issued_is_no_evidence(story: Story, step: str) -> None:
    with pytest.raises(UsageError, match="Nothing has been issued yet") as caught:
        make_evidence(story.at(step), {})
    assert caught.value.remedy == "plan issue VERSION"


@pytest.mark.parametrize(
    "name",
    [
        "output/2017-07/action-plan-2017-07.pdf",
        "output/2017-07/receipt-2017-07.pdf",
        "output/certificates/office-root.crt",
        "source/2017-07/plan.yaml",
    ],
)
def test_what_is_not_as_the_register_says_is_not_packed(
    kept: PlanFolder, tmp_path: Path, name: str
) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    path = folder.root / name
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(VerificationError, match=f"^{name} is not as the register says") as caught:
        make_evidence(folder, {})
    assert "plan verify" in caught.value.remedy
    path.unlink()
    with pytest.raises(VerificationError, match=f"^{name} is gone"):
        make_evidence(folder, {})


def test_a_source_that_was_added_is_not_packed(kept: PlanFolder, tmp_path: Path) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    (folder.source / JULY / "more.yaml").write_text("# nothing\n")
    with pytest.raises(VerificationError, match="source/2017-07 is not as the register says"):
        make_evidence(folder, {})


def test_a_register_that_is_not_as_it_was_signed_is_not_packed(
    kept: PlanFolder, tmp_path: Path
) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    folder.signature.unlink()
    with pytest.raises(VerificationError, match="its signature is gone"):
        make_evidence(folder, {})


def test_where_it_cannot_be_written_a_sentence_says_so(
    kept: PlanFolder, evidence: EvidenceZip, tmp_path: Path
) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    folder.evidence.write_bytes(b"a file in its place")
    with pytest.raises(OutputError, match=r"output/evidence cannot be written to: "):
        save_evidence(folder, evidence)


def test_verify_takes_no_offence_at_evidence_and_comparisons(
    kept: PlanFolder, evidence: EvidenceZip, tmp_path: Path
) -> None:
    folder = copy_of(kept, tmp_path / "plan")
    path = save_evidence(folder, evidence)
    assert path == folder.output / "evidence/evidence-2017-11.zip"
    assert path.read_bytes() == evidence.pack()
    (folder.output / "compare").mkdir()
    for _, _, holds in folder_checks(folder, read(folder.register)):
        holds()


class _Quiet:
    """A stage that nobody watches."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...
