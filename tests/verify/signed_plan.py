"""What the tests of verifying share: what somebody can do who has the office's own keys."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, now, read
from signed_plan.register.publish import file_record

from tests.register.sample_events import Fields, chained, records, sample
from tests.story import key_file, phrase, prompts
from tools.elsewhere import signed_elsewhere


def sign_with_key_of(pdf: bytes, field: str, folder: PlanFolder, person: str) -> bytes:
    """The PDF with a signature in the field, by the key that the person has in that folder."""
    return signed_elsewhere(
        pdf, field, key_file(folder, person).read_bytes(), phrase(person).encode()
    )


def enter(
    folder: PlanFolder,
    event: str,
    version: str,
    body: Fields,
    files: dict[Path, bytes] | None = None,
    *,
    at: datetime | None = None,
) -> Register:
    """Enters what no command would: what somebody can do who has the office's own keys."""
    files = files or {}
    for path, data in files.items():
        path.write_bytes(data)
    kinds = {
        {"enrolled": "certificate"}.get(event, path.suffix[1:]): file_record(
            folder, path, data
        ).model_dump()
        for path, data in files.items()
    }
    register = read(folder.register, lambda: at or now())
    register = register.add(
        version, sample(event, version, **body, **({"files": kinds} if kinds else {}))
    )
    register.save()
    office = unlock_office_keys(folder.root / "keys", prompts())
    folder.signature.write_bytes(office.register.sign(register.data))
    return register


def forge(
    folder: PlanFolder, change: Callable[[Fields], object], key: Ed25519PrivateKey | None = None
) -> None:
    """Writes the register anew with every entry changed, canonical and chained; signs it if a key
    is given, and has it name that key.
    """
    entries = records(read(folder.register))
    for entry in entries:
        if key is not None and "register_key" in entry:
            entry["register_key"] = key.public_key().public_bytes_raw().hex()
        change(entry)
    data = chained(entries)
    folder.register.write_bytes(data)
    if key is not None:
        folder.signature.write_bytes(key.sign(data))


def flipped(data: bytes, at: int) -> bytes:
    """The bytes with one bit changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def signatures_in(pdf: bytes) -> dict[str, tuple[int, int]]:
    """Where the room for each signature begins and ends, by its field."""
    found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return {one.field_name: (int(one.byte_range[1]), int(one.byte_range[2])) for one in found}
