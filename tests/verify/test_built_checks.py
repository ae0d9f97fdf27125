"""The register and what versions were built from: whatever is edited, however well, is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import read
from signed_plan.verify.verify import verify

from tests.helpers import edit
from tests.register.sample_events import Fields, chained, enter, last_record, records
from tests.story import CAROLE, JCC, JULY, KEVIN, NOVEMBER, SEALED, Story, prompts
from tests.verify.signed_plan import flipped, forge

slow = pytest.mark.slow("validates every signature of a plan many times")


def differs(folder: PlanFolder, name: str = NOVEMBER) -> str:
    """What and where differs; asks for one version, since the register is looked at first."""
    step = verify(folder, (name,)).steps[-1]
    assert step.difference
    return f"{step.what}: {step.difference}"


CHAIN = "the register's entries are whole and chained: "
NOT_FITTING = (
    "the office's signature on the register: it does not fit: entries were changed, added or cut "
    "off since the office signed"
)
GRAMMAR = "its entries can follow one another: "


def with_lines(folder: PlanFolder, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = folder.register.read_bytes().splitlines(keepends=True)
    folder.register.write_bytes(b"".join(change(lines)))


def with_line(folder: PlanFolder, number: int, change: Callable[[bytes], bytes]) -> None:
    def put(lines: list[bytes]) -> list[bytes]:
        changed = change(lines[number - 1])
        assert changed != lines[number - 1]
        return [*lines[: number - 1], changed, *lines[number:]]

    with_lines(folder, put)


def other_head(line: bytes) -> bytes:
    entry = json.loads(line)
    return line.replace(f'"head":"{entry["head"]}"'.encode(), b'"head":"' + b"0" * 64 + b'"')


def backwards(line: bytes) -> bytes:
    event = dict(reversed(json.loads(line).items()))
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def add(folder: PlanFolder, event: str, version: str, **fields: Any) -> None:
    """Enters something without signing it, as anybody can."""
    enter(read(folder.register), event, version, **fields).save()


def all_of(*acts: Callable[[PlanFolder], object]) -> Callable[[PlanFolder], None]:
    def act(folder: PlanFolder) -> None:
        for one in acts:
            one(folder)

    return act


def without_signature(folder: PlanFolder) -> None:
    folder.signature.unlink()


Act = Callable[[PlanFolder], object]

REGISTERS: dict[str, tuple[Act, str]] = {
    "an entry edited": (
        lambda f: with_line(f, 9, lambda line: line.replace(b"carole-clemens", b"kevin-snow")),
        f"{CHAIN}The register was changed at entry 10: the entry before it was changed",
    ),
    "the last entry edited": (
        lambda f: with_line(f, 25, other_head),
        NOT_FITTING,
    ),
    "two entries in each other's place": (
        lambda f: with_lines(f, lambda lines: [*lines[:9], lines[10], lines[9], *lines[11:]]),
        f"{CHAIN}The register was changed at entry 10: it says that it is entry 11",
    ),
    "an entry gone": (
        lambda f: with_lines(f, lambda lines: lines[:9] + lines[10:]),
        f"{CHAIN}The register was changed at entry 10: it says that it is entry 11",
    ),
    "the first entry gone": (
        lambda f: with_lines(f, lambda lines: lines[1:]),
        f"{CHAIN}The register was changed at entry 1: it says that it is entry 2",
    ),
    "the last entry cut off": (lambda f: with_lines(f, lambda lines: lines[:-1]), NOT_FITTING),
    "many entries cut off": (lambda f: with_lines(f, lambda lines: lines[:12]), NOT_FITTING),
    "the last line cut in the middle": (
        lambda f: f.register.write_bytes(f.register.read_bytes()[:-50]),
        f"{CHAIN}The register was changed at entry 25: it breaks off in the middle of a line",
    ),
    "the last entry cut off and the signature gone": (
        all_of(lambda f: with_lines(f, lambda lines: lines[:-1]), without_signature),
        "the office's signature on the register: it is gone",
    ),
    "the signature gone": (
        without_signature,
        "the office's signature on the register: it is gone",
    ),
    "a byte flipped in the signature": (
        lambda f: f.signature.write_bytes(flipped(f.signature.read_bytes(), 3)),
        NOT_FITTING,
    ),
    "cut back to drafts": (
        lambda f: with_lines(f, lambda lines: lines[:2]),
        "the office's signature on the register: there is one, but the entry that names the "
        "office's key is gone",
    ),
    "cut back to drafts, the signature and the certificates gone": (
        all_of(
            lambda f: with_lines(f, lambda lines: lines[:2]),
            without_signature,
            lambda f: shutil.rmtree(f.certificates),
        ),
        "its PDF: action-plan-2017-11.pdf has ",
    ),
    "emptied": (lambda f: f.register.write_bytes(b""), f"{CHAIN}there is no entry in it"),
    "deleted": (lambda f: f.register.unlink(), f"{CHAIN}there is no entry in it"),
    "a space put in": (
        lambda f: with_line(f, 4, lambda line: line.replace(b'":"', b'": "', 1)),
        f"{CHAIN}The register was changed at entry 4: its spelling was changed",
    ),
    "keys in another order": (
        lambda f: with_line(f, 4, backwards),
        f"{CHAIN}The register was changed at entry 4: its spelling was changed",
    ),
    "a key twice in a line": (
        lambda f: with_line(f, 4, lambda line: line.replace(b"{", b'{"at":"2017",', 1)),
        f"{CHAIN}The register was changed at entry 4: its spelling was changed",
    ),
    "a line that is no entry": (
        lambda f: with_line(f, 4, lambda line: b"[]\n"),
        f"{CHAIN}The register was changed at entry 4: it lacks what every entry has",
    ),
    "a deep nest in a line": (
        lambda f: with_line(f, 4, lambda line: b"[" * 99_999 + b"]" * 99_999 + b"\n"),
        f"{CHAIN}The register was changed at entry 4: it is not a line that was written here",
    ),
    "an entry added without a signature": (
        lambda f: add(f, "sent", NOVEMBER),
        NOT_FITTING,
    ),
    "built again after it was issued": (
        lambda f: add(f, "built", NOVEMBER),
        f'{GRAMMAR}entry 26 says "built" of 2017-11, which cannot come after the entries before',
    ),
    "declined after it was sealed": (
        lambda f: add(f, "declined", NOVEMBER, person=KEVIN, review=JCC),
        f'{GRAMMAR}entry 26 says "declined" of 2017-11, which cannot come after',
    ),
    "other keys, later on": (
        lambda f: add(f, "keys", "", register_key="00" * 32),
        f'{GRAMMAR}entry 26 says "keys" of the office, which cannot come after',
    ),
    "rewritten and signed with another key, the office's own at hand": (
        lambda f: forge(f, lambda event: None, Ed25519PrivateKey.generate()),
        "the office's signature on the register: the register is signed with another key than the "
        "office's: it was rewritten",
    ),
    "rewritten and signed with another key, which is named for the office's": (
        all_of(
            lambda f: forge(f, lambda event: None, Ed25519PrivateKey.generate()),
            lambda f: shutil.rmtree(f.root / "keys"),
        ),
        "the office's keys, revocation list and certificates: register-key.pem holds another key "
        "than the one the register names",
    ),
}


@slow
@pytest.mark.parametrize("name", REGISTERS)
def test_a_register_that_was_tampered_with_is_told(
    at: Callable[[str], PlanFolder], name: str
) -> None:
    act, expected = REGISTERS[name]
    folder = at(SEALED)
    act(folder)
    assert differs(folder).startswith(expected)


def test_a_signature_of_another_register_does_not_fit(
    at: Callable[[str], PlanFolder], anew: PlanFolder, story: Story
) -> None:
    folder = at(SEALED)
    for other in (anew, story.at("july sealed")):
        shutil.copy(other.signature, folder.signature)
        assert differs(folder) == NOT_FITTING


def changed_in(event: str, key: str, value: Any) -> Callable[[Fields], None]:
    def change(entry: Fields) -> None:
        if entry["event"] == event:
            assert entry[key] != value
            entry[key] = value

    return change


def signed_elsewhere(entry: Fields) -> None:
    if entry.get("how") == "here":
        entry |= {"how": "elsewhere", "level": ""}


def longer_pdf(entry: Fields) -> None:
    if entry["event"] == "signed" and "pdf" in entry["files"]:
        entry["files"]["pdf"]["size"] += 1


FIELDS: dict[str, Callable[[Fields], None]] = {
    "when": changed_in("signed", "at", "2017-07-11T09:00:00Z"),
    "who": changed_in("signed", "person", "somebody"),
    "how": signed_elsewhere,
    "which review": changed_in("signed", "review", "july-1917"),
    "the reason": changed_in("declined", "reason", "None."),
    "a certificate": changed_in("enrolled", "certificate", "0" * 64),
    "the root": changed_in("keys", "root", "0" * 64),
    "a fingerprint": changed_in("sealed", "fingerprint", "0" * 64),
    "the files": longer_pdf,
    "who superseded": changed_in("superseded", "by", "2018-03"),
}


@pytest.mark.parametrize("name", FIELDS)
def test_no_field_of_an_entry_can_be_changed_even_if_the_chain_is_made_anew(
    at: Callable[[str], PlanFolder], name: str
) -> None:
    folder = at(SEALED)
    forge(folder, FIELDS[name])
    assert differs(folder) == NOT_FITTING


def test_signed_before_it_was_issued_is_told_even_if_the_office_signs_the_register(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july, Carole")
    key = unlock_office_keys(folder.root / "keys", prompts()).register

    *before, issued, signed = records(read(folder.register))
    assert (issued["event"], signed["event"]) == ("issued", "signed")
    folder.register.write_bytes(chained([*before, signed, issued]))
    folder.signature.write_bytes(key.sign(folder.register.read_bytes()))
    said = f'{GRAMMAR}entry 8 says "signed" of 2017-07, which cannot come after'
    assert differs(folder, JULY).startswith(said)


FILES: dict[str, tuple[Act, str]] = {
    "a source": (
        lambda f: edit(f.source / "2017-11/areas.yaml", "Fair: the context", "Fair: a context"),
        "its source files: the source areas.yaml was changed since the build",
    ),
    "a source gone": (
        lambda f: (f.source / "2017-11/people.yaml").unlink(),
        "its sources can be read: source/2017-11:1:1: ",
    ),
    "the Word file": (
        lambda f: f.docx(NOVEMBER).write_bytes(flipped(f.docx(NOVEMBER).read_bytes(), 99)),
        "its Word file: action-plan-2017-11.docx has the right length, but its bytes were changed",
    ),
    "the Word file gone": (
        lambda f: f.docx(NOVEMBER).unlink(),
        "its Word file: action-plan-2017-11.docx is not there",
    ),
    "a version that nobody entered": (
        lambda f: (f.output / "2018-03").mkdir(),
        "no output without an entry: output/2018-03 is there, but no entry says",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_what_a_version_was_built_from_and_its_word_file_are_held_to_the_register(
    at: Callable[[str], PlanFolder], name: str
) -> None:
    act, expected = FILES[name]
    folder = at(SEALED)
    act(folder)
    assert differs(folder).startswith(expected)


@slow
def test_a_template_may_change_after_sealing_and_not_before(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("november issued")
    originals = {name: folder.template(name) for name in ("plan.docx", "signoff.docx")}
    assert all(path.is_file() for path in originals.values())
    (folder.root / "templates").mkdir()
    for name, path in originals.items():
        (folder.root / "templates" / name).write_bytes(path.read_bytes() + b"\0")
    assert verify(folder, (JULY,)).holds
    assert differs(folder) == "its templates: the template plan.docx was changed since the build"


def test_a_later_draft_may_wait_unsigned_behind_a_signed_register(
    at: Callable[[str], PlanFolder],
) -> None:
    folder = at("july sealed")
    built = last_record(read(folder.register), "built", NOVEMBER)
    assert built is not None
    common = {"seq", "prev", "at", "event", "version"}
    add(folder, "built", NOVEMBER, **{key: built[key] for key in built if key not in common})
    verdict = verify(folder, (NOVEMBER,))
    assert verdict.sentence == "VERIFIED: 2017-11 and the register are as they were built."
    add(folder, "declined", JULY, person=CAROLE, review=JCC, reason="No.")
    assert not verify(folder, (NOVEMBER,)).holds
