"""The register's own signature: Ed25519 (RFC 8032) over the whole file, in a file beside it.

    openssl pkeyutl -verify -pubin -inkey output/certificates/register-key.pem \\
        -rawin -in output/register.jsonl -sigfile output/register.jsonl.sig

Building a draft needs no key, so entries that only say "built" may follow the signed ones; they
are signed with the next entry that counts.
"""

from __future__ import annotations

from signed_plan.errors import VerificationError
from signed_plan.register.chain import Register
from signed_plan.register.events import KeysEvent

_TRIES = 100
"""How many ends are tried. Whatever is signed here ends with an entry that has to be signed."""


def public_key(register: Register) -> bytes | None:
    """The public key (32 bytes) that the register itself names; None before there are keys."""
    keys = register.last(KeysEvent)
    return bytes.fromhex(keys.event.register_key) if keys is not None else None


def signed_entries(register: Register, signature: bytes) -> int | None:
    """How many entries the signature covers; None where it is no signature of this register."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    public = public_key(register)
    if public is None:
        return None
    key = Ed25519PublicKey.from_public_bytes(public)
    for count in _may_be_signed(register):
        try:
            key.verify(signature, register.first(count).data)
        except InvalidSignature:
            continue
        return count
    return None


def _may_be_signed(register: Register) -> list[int]:
    """How many entries may be signed: up to the last that must be, or up to one after it.

    That one comes first: each try takes as long as the register, so only a few are made.
    """
    last = len(register.entries)
    while last > 0 and not register.entries[last - 1].event.is_signed_by_office:
        last -= 1
    later = range(len(register.entries), last, -1)
    return [*([last] if last else []), *later[:_TRIES]]


def require_signature(register: Register, signature: bytes | None) -> int:
    """How many entries are signed; raises VerificationError where they should be and are not."""
    if public_key(register) is None:
        if any(entry.event.is_signed_by_office for entry in register.entries):
            raise VerificationError(
                "The register was changed: the entry that names the office's keys is gone.",
                "Bring output/register.jsonl and output/register.jsonl.sig back from a copy.",
            )
        return 0
    count = signed_entries(register, signature or b"")
    if count is None:
        what = "does not fit it" if signature else "is gone"
        raise VerificationError(
            f"The register was changed after the office signed it: its signature {what}.",
            "Bring output/register.jsonl and output/register.jsonl.sig back from a copy.",
        )
    return count
