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
    lines = register.data.splitlines(keepends=True)
    for count in range(len(lines), 0, -1):
        try:
            key.verify(signature, b"".join(lines[:count]))
        except InvalidSignature:
            if register.entries[count - 1].event.is_signed_by_office:
                return None
        else:
            return count
    return None


def require_signature(register: Register, signature: bytes | None) -> int:
    """How many entries are signed; raises VerificationError where they should be and are not."""
    if public_key(register) is None:
        return 0
    count = signed_entries(register, signature or b"")
    if count is None:
        what = "does not fit it" if signature else "is gone"
        raise VerificationError(
            f"The register was changed after the office signed it: its signature {what}.",
            "Bring output/register.jsonl and output/register.jsonl.sig back from a copy.",
        )
    return count
