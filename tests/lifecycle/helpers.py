"""What the tests of a version's life share: what is refused, and what a folder has to hold."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes
from cryptography.x509 import Certificate
from signed_plan.digest import Digest
from signed_plan.errors import PlanError
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, read
from signed_plan.register.signature import require_signature
from signed_plan.signing.passphrase import Secret

from tests.register.sample_events import records
from tests.story import JULY

WRONG = "violet anchor pebble saddle moth"


def nobody() -> Prompts:
    """A clerk who must not be asked for anything."""

    def ask(wanted: Prompt) -> Secret:
        raise AssertionError(f"asked for the passphrase of {wanted.what}")

    return Prompts(ask, lambda: None)


def locked(key: PKCS12PrivateKeyTypes, certificate: Certificate, passphrase: str = "") -> bytes:
    """A key file as any program makes them."""
    kind = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return pkcs12.serialize_key_and_certificates(b"own", key, certificate, None, kind)


def register_of(folder: PlanFolder) -> Register:
    """The register, which has to be readable and signed."""
    register = read(folder.register)
    require_signature(
        register, folder.signature.read_bytes() if folder.signature.exists() else None
    )
    return register


def events(folder: PlanFolder, version: str = JULY) -> list[str]:
    return [event["event"] for event in records(register_of(folder), version)]


def demand_registered(folder: PlanFolder) -> None:
    """Every file that the register knows is on disk as it last recorded it, and no half one is."""
    register = register_of(folder)
    for file in register.files:
        data, record = (folder.output / file).read_bytes(), register.states(file)[-1].record
        assert Digest.of_bytes(data).hex == record.sha256, file
        assert len(data) == record.size, file


def everything(folder: PlanFolder) -> dict[str, bytes]:
    """Every file in the plan folder, byte for byte; a lock file says nothing."""
    return {
        path.relative_to(folder.root).as_posix(): path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


@contextmanager
def refused(
    folder: PlanFolder, kind: type[PlanError], sentence: str, remedy: str = ""
) -> Iterator[None]:
    """Expects an error of that very kind, in these words, and that nothing at all was changed."""
    before = everything(folder)
    with pytest.raises(PlanError) as caught:
        yield
    assert type(caught.value) is kind, repr(caught.value)
    assert sentence in caught.value.message
    assert remedy in caught.value.remedy
    assert "\n" not in caught.value.message + caught.value.remedy
    assert everything(folder) == before


def set_settings(folder: PlanFolder, *lines: str) -> None:
    """Replaces the settings by these lines."""
    (folder.source / "settings.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def any_order(folder: PlanFolder) -> None:
    set_settings(folder, "order: any")


def copy_of(folder: PlanFolder, target: Path) -> PlanFolder:
    shutil.copytree(folder.root, target)
    return PlanFolder(target)
