"""The register's own signature: over the whole file, and only a draft may follow unsigned."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from signed_plan.errors import ExitCode, VerificationError
from signed_plan.register.chain import Register, read
from signed_plan.register.signature import public_key, require_signature, signed_entries
from signed_plan.signing.identity import register_key_pem

from tests.register.sample_events import enter

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.fixture
def register(tmp_path: Path) -> Register:
    empty = read(tmp_path / "register.jsonl")
    begun = enter(enter(empty, "built", "v1"), "keys", register_key=PUBLIC.hex())
    return enter(begun, "issued", "v1")


def refused(register: Register, signature: bytes | None, what: str) -> None:
    with pytest.raises(VerificationError, match=what) as caught:
        require_signature(register, signature)
    assert caught.value.exit_code == ExitCode.VERIFICATION
    assert "from a copy" in caught.value.remedy


def test_the_signature_covers_the_whole_file(register: Register) -> None:
    assert public_key(register) == PUBLIC
    assert require_signature(register, KEY.sign(register.data)) == 3


def test_openssl_verifies_it_with_the_published_key(register: Register, tmp_path: Path) -> None:
    register.save()
    (tmp_path / "key.pem").write_bytes(register_key_pem(PUBLIC))
    (tmp_path / "sig").write_bytes(KEY.sign(register.data))
    words = "openssl pkeyutl -verify -pubin -rawin -inkey key.pem -in register.jsonl -sigfile sig"
    done = subprocess.run(words.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")
    enter(register, "built", "v2").save()
    done = subprocess.run(words.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1


def test_before_there_are_keys_nothing_needs_a_signature(tmp_path: Path) -> None:
    drafts = enter(read(tmp_path / "register.jsonl"), "built", "v1")
    assert public_key(drafts) is None
    assert require_signature(drafts, None) == 0
    assert signed_entries(drafts, KEY.sign(drafts.data)) is None


def test_without_the_entry_of_the_keys_nothing_that_needs_them_is_believed(tmp_path: Path) -> None:
    empty = read(tmp_path / "register.jsonl")
    register = enter(enter(empty, "built", "v1"), "issued", "v1")
    refused(register, KEY.sign(register.data), "the entry that names the office's keys is gone")
    refused(register, None, "the entry that names the office's keys is gone")


def test_drafts_may_follow_unsigned_and_are_not_counted(register: Register) -> None:
    signature = KEY.sign(register.data)
    later = enter(enter(register, "built", "v2"), "built", "v3")
    assert require_signature(later, signature) == 3
    assert require_signature(later, KEY.sign(later.data)) == 5


@pytest.mark.parametrize(
    "event", ["keys", "enrolled", "revoked", "issued", "signed", "declined", "sealed", "sent"]
)
def test_no_other_entry_may_follow_unsigned(register: Register, event: str) -> None:
    signature = KEY.sign(register.data)
    fields = {"register_key": PUBLIC.hex()} if event == "keys" else {}
    refused(enter(register, event, "v1", **fields), signature, "does not fit")
    behind = enter(enter(register, "built", "v2"), event, "v1", **fields)
    refused(behind, signature, "does not fit")


def test_an_entry_hidden_between_drafts_is_found(register: Register) -> None:
    later = enter(enter(register, "signed", "v1"), "built", "v2")
    refused(later, KEY.sign(register.data), "does not fit")


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda signature: bytes([signature[0] ^ 1]) + signature[1:], "does not fit"),
        (lambda signature: signature[:-1], "does not fit"),
        (lambda signature: signature + b"\n", "does not fit"),
        (lambda signature: bytes(64), "does not fit"),
        (lambda signature: b"", "is gone"),
        (lambda signature: None, "is gone"),
    ],
    ids=["edited", "shortened", "longer", "zeros", "empty", "gone"],
)
def test_a_signature_that_is_not_the_office_s_is_refused(
    register: Register, change: object, what: str
) -> None:
    assert callable(change)
    refused(register, change(KEY.sign(register.data)), what)


def test_a_rewritten_register_is_refused_though_its_chain_holds(
    register: Register, tmp_path: Path
) -> None:
    signature = KEY.sign(register.data)
    forged = enter(read(tmp_path / "forged.jsonl"), "built", "v9")
    forged = enter(enter(forged, "keys", register_key=PUBLIC.hex()), "issued", "v1")
    refused(forged, signature, "does not fit")
    another = Ed25519PrivateKey.generate()
    refused(register, another.sign(register.data), "does not fit")


def test_a_shortened_register_is_refused(register: Register, tmp_path: Path) -> None:
    signature = KEY.sign(register.data)
    path = tmp_path / "short.jsonl"
    path.write_bytes(b"".join(register.data.splitlines(keepends=True)[:2]))
    refused(read(path), signature, "does not fit")


def test_a_signature_that_fits_nothing_is_tried_on_few_ends_of_a_long_register(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(150):
        register = enter(register, "built", "v2")
    tried: list[int] = []
    whole = Register.first

    def first(self: Register, count: int) -> Register:
        tried.append(count)
        return whole(self, count)

    monkeypatch.setattr(Register, "first", first)
    assert signed_entries(register, bytes(64)) is None
    assert len(tried) == 101
