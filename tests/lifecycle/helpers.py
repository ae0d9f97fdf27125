"""What the tests of a version's life share: the clerk, the passphrases, and a plan folder at each
step of its life, made once for the whole run.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    NoEncryption,
    pkcs12,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12PrivateKeyTypes
from cryptography.x509 import Certificate
from PIL import Image
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle
from pypdfium2 import PdfDocument
from signed_plan.digest import Digest
from signed_plan.errors import PlanError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.scan import scan
from signed_plan.lifecycle.seal import seal
from signed_plan.lifecycle.sign import Signing, sign
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, RegisterEntry, read
from signed_plan.register.events import SignedHere
from signed_plan.register.signature import require_signature
from signed_plan.signing.passphrase import Secret

from tests.register.sample_events import records

JULY, NOVEMBER = "2017-07", "2017-11"
CAROLE, SALLY, ANDY, KEVIN = "carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"
EVERYBODY = (CAROLE, SALLY, ANDY, KEVIN)
REVIEW = "july-2017"
HEADS, JCC = "november-2017-heads", "november-2017-jcc"

OFFICE = "lamp orange kitten river stone"
WRONG = "violet anchor pebble saddle moth"
PASSWORD = "pass-wörd-4711"


def phrase(person: str) -> str:
    """That person's own passphrase."""
    return f"meadow {person} copper thunder tuesday"


SECRETS = (OFFICE, *(phrase(person) for person in EVERYBODY))


def prompts(
    person: str = "",
    *,
    office: str = OFFICE,
    own: str | None = None,
    asked: list[Prompt] | None = None,
) -> Prompts:
    """A clerk who types the office's passphrase, and this person's; notes what was asked for."""

    def ask(wanted: Prompt) -> Secret:
        if asked is not None:
            asked.append(wanted)
        known = {
            "office": office,
            "person": phrase(person) if own is None else own,
            "mail": PASSWORD,
        }
        return Secret(known[wanted.kind])

    return Prompts(ask, lambda: None)


def nobody() -> Prompts:
    """A clerk who must not be asked for anything."""

    def ask(wanted: Prompt) -> Secret:
        raise AssertionError(f"asked for the passphrase of {wanted.what}")

    return Prompts(ask, lambda: None)


def sign_here(
    folder: PlanFolder, version: str, person: str, **more: Any
) -> RegisterEntry[SignedHere]:
    return sign(folder, Signing(version, person, **more), prompts(person))


def field_of(person: str, review: str = REVIEW) -> str:
    return f"{review}:{person}"


def key_file(folder: PlanFolder, person: str) -> Path:
    return folder.root / "keys/people" / f"{person}.p12"


def signed_by(
    pdf: bytes,
    field: str,
    key: bytes,
    passphrase: str = "",
    *,
    stamp: bool = True,
    writer: type[IncrementalPdfFileWriter] = IncrementalPdfFileWriter,
    **more: Any,
) -> bytes:
    """The PDF as another program saves it after its user has signed in that field.

    pyHanko as it comes stands for that program: with its own stamp, and its own date in the XMP and
    the document's properties.
    """
    signer = SimpleSigner.load_pkcs12_data(key, [], passphrase.encode() or None)
    assert signer is not None
    metadata = PdfSignatureMetadata(field_name=field, **more)
    style = TextStampStyle() if stamp else None
    out = io.BytesIO()
    PdfSigner(metadata, signer, stamp_style=style).sign_pdf(
        writer(io.BytesIO(pdf)), existing_fields_only=True, output=out
    )
    return out.getvalue()


def elsewhere(
    folder: PlanFolder, version: str, person: str, review: str = REVIEW, pdf: bytes | None = None
) -> bytes:
    """The version's PDF as that person's own program saves it after they signed in their box."""
    given = folder.pdf(version).read_bytes() if pdf is None else pdf
    key = key_file(folder, person).read_bytes()
    return signed_by(given, field_of(person, review), key, phrase(person))


def scanned(pdf: bytes, *, kind: str = "JPEG", page: int = -1, turn: float = 2) -> bytes:
    """A page, by default the last sign-off page, printed and scanned: grey, turned a little."""
    document = PdfDocument(pdf)
    picture = document[page % len(document)].render(scale=150 / 72).to_pil().convert("L")
    out = io.BytesIO()
    picture.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=250).save(out, kind)
    return out.getvalue()


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


class Story:
    """The plan folder after each step of its life; a step is taken when it is first asked for."""

    def __init__(self, built: PlanFolder, room: Path) -> None:
        self._room = room
        self._steps: dict[str, PlanFolder] = {"built": built}

    def at(self, step: str) -> PlanFolder:
        """The folder after that step; not to be changed."""
        if step not in self._steps:
            before, act = _STEPS[step]
            folder = copy_of(self.at(before), self._room / step)
            act(folder)
            self._steps[step] = folder
        return self._steps[step]


def _keys(folder: PlanFolder) -> None:
    make_keys(folder, prompts())


def _enrolled(folder: PlanFolder) -> None:
    for person in EVERYBODY:
        enrol(folder, person, prompts(person))


def _finish_july(folder: PlanFolder) -> None:
    """Sally signs in a program of her own, Andy on paper, Kevin at the office."""
    receive(folder, elsewhere(folder, JULY, SALLY), prompts())
    page = scanned(folder.pdf(JULY).read_bytes())
    scan(folder, Signing(JULY, ANDY), page, prompts())
    sign_here(folder, JULY, KEVIN)


def _seal_july(folder: PlanFolder) -> None:
    seal(folder, JULY, None, prompts())


def _issue_november(folder: PlanFolder) -> None:
    issue(folder, NOVEMBER, prompts())


_STEPS: dict[str, tuple[str, Callable[[PlanFolder], Any]]] = {
    "keys": ("built", _keys),
    "enrolled": ("keys", _enrolled),
    "issued": ("enrolled", lambda folder: issue(folder, JULY, prompts())),
    "once": ("issued", lambda folder: sign_here(folder, JULY, CAROLE)),
    "complete": ("once", _finish_july),
    "sealed": ("complete", _seal_july),
    "november": ("sealed", _issue_november),
}

_stories: dict[Path, Story] = {}


def story_of(built: PlanFolder, factory: pytest.TempPathFactory) -> Story:
    """The one story of a run, for whichever wing asks first."""
    if built.root not in _stories:
        _stories[built.root] = Story(built, factory.mktemp("story"))
    return _stories[built.root]
