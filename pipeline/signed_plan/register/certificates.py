"""The certificates that the register vouches for, as they lie in `output/certificates/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate, load_der_x509_certificate

from signed_plan.digest import Digest
from signed_plan.errors import VerificationError
from signed_plan.files import read_if_there
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register
from signed_plan.register.events import EnrolledEvent, KeysEvent
from signed_plan.signing.identity import read_certificate


@dataclass(frozen=True, slots=True)
class Trusted:
    """Certificates in DER: the office's root and those people brought; those of authorities."""

    roots: tuple[bytes, ...]
    authorities: tuple[bytes, ...]


def office_root(folder: PlanFolder, register: Register) -> Certificate:
    """The office's root certificate. Raises VerificationError where it is not as recorded."""
    keys = register.last(KeysEvent)
    if keys is None:
        raise VerificationError("The register names no keys of the office.", "plan keys init")
    record = keys.event.files["office-root.crt"]
    return load_der_x509_certificate(_der(folder, record.file, record.sha256, {}))


def trusted_certificates(
    folder: PlanFolder, register: Register, coming: Mapping[Path, bytes] | None = None
) -> Trusted:
    """Each as it was recorded. Raises VerificationError for one that is gone or was changed.

    `coming` are the files that are to be written with the register's last entries.
    """
    found: dict[str, dict[tuple[str, str], None]] = {"roots": {}, "authorities": {}}
    for event in (entry.event for entry in register.entries):
        if isinstance(event, EnrolledEvent) and event.issuer == "office":
            continue
        kind = "roots" if isinstance(event, KeysEvent | EnrolledEvent) else "authorities"
        for record in event.file_records:
            if record.file.startswith("certificates/") and record.file.endswith(".crt"):
                found[kind][record.file, record.sha256] = None
    # Each is read once, however many entries name it.
    roots, authorities = (
        tuple(dict.fromkeys(_der(folder, *one, coming or {}) for one in found[kind]))
        for kind in ("roots", "authorities")
    )
    return Trusted(roots, authorities)


def _der(folder: PlanFolder, file: str, sha256: str, coming: Mapping[Path, bytes]) -> bytes:
    path = folder.output / file
    data = coming[path] if path in coming else read_if_there(path)
    if data is None or Digest.of_bytes(data).hex != sha256:
        what = "is gone" if data is None else "was changed"
        raise VerificationError(f"output/{file} {what}.", "Bring it back from a copy.")
    return read_certificate(data).public_bytes(Encoding.DER)
