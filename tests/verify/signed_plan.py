"""One signed plan, made once for the whole run: its folder at every step of its life, kept.

July is signed by four people: here, in another program, here, on paper. November has both its
reviews; one person declines and thinks again, and one signs on paper.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.scan import scan
from signed_plan.lifecycle.seal import seal
from signed_plan.lifecycle.session import unlock_office_keys
from signed_plan.lifecycle.sign import Signing, decline, sign
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import Register, now, read
from signed_plan.register.publish import file_record
from signed_plan.signing.passphrase import Secret

from tests.register.sample_events import Fields, chained, records, sample
from tools.authority import Authority
from tools.elsewhere import signed_elsewhere

JULY, NOVEMBER = "2017-07", "2017-11"
CAROLE, SALLY, ANDY, KEVIN = "carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"
EVERYBODY = (CAROLE, SALLY, ANDY, KEVIN)
REVIEW, HEADS, JCC = "july-2017", "november-2017-heads", "november-2017-jcc"
PHRASE = "meadow copper violin tuesday orange"


def prompts() -> Prompts:
    """A clerk who knows every passphrase, since all are the same here."""
    return Prompts(lambda _: Secret(PHRASE), lambda: None)


def sign_here(folder: PlanFolder, version: str, person: str, review: str | None = None) -> None:
    sign(folder, Signing(version, person, review), prompts())


def elsewhere(folder: PlanFolder, version: str, person: str, review: str) -> bytes:
    """The version's PDF as that person's own program saves it after they signed in their box."""
    return signed_by(folder.pdf(version).read_bytes(), f"{review}:{person}", folder, person)


def signed_by(pdf: bytes, field: str, folder: PlanFolder, person: str) -> bytes:
    """The PDF with a signature in the field, by the key that the person has in that folder."""
    key = (folder.root / "keys/people" / f"{person}.p12").read_bytes()
    return signed_elsewhere(pdf, field, key, PHRASE.encode())


def on_paper(folder: PlanFolder, version: str, person: str) -> None:
    """The last page, printed and scanned; that there is ink on it is for eyes to see."""
    document = pypdfium2.PdfDocument(folder.pdf(version).read_bytes())
    out = io.BytesIO()
    document[len(document) - 1].render(scale=2).to_pil().convert("L").save(out, "PNG")
    scan(folder, Signing(version, person), out.getvalue(), prompts())


def _enrol_all(folder: PlanFolder) -> None:
    for person in EVERYBODY:
        enrol(folder, person, prompts())


_STEPS: dict[str, Callable[[PlanFolder], Any]] = {
    "built": lambda f: None,
    "keys": lambda f: make_keys(f, prompts()),
    "enrolled": _enrol_all,
    "july issued": lambda f: issue(f, JULY, prompts()),
    "july, Carole": lambda f: sign_here(f, JULY, CAROLE),
    "july, Sally": lambda f: receive(f, elsewhere(f, JULY, SALLY, REVIEW), prompts()),
    "july, Andy": lambda f: sign_here(f, JULY, ANDY),
    "july, Kevin": lambda f: sign_here(f, JULY, KEVIN),
    "july sealed": lambda f: seal(f, JULY, None, prompts()),
    "november issued": lambda f: issue(f, NOVEMBER, prompts()),
    "heads, Carole": lambda f: sign_here(f, NOVEMBER, CAROLE, HEADS),
    "heads, Sally": lambda f: sign_here(f, NOVEMBER, SALLY, HEADS),
    "jcc, Carole": lambda f: sign_here(f, NOVEMBER, CAROLE, JCC),
    "jcc, Sally declined": lambda f: decline(
        f, Signing(NOVEMBER, SALLY, JCC), "The library bid is missing.", prompts()
    ),
    "jcc, Sally": lambda f: sign_here(f, NOVEMBER, SALLY, JCC),
    "jcc, Andy": lambda f: sign_here(f, NOVEMBER, ANDY, JCC),
    "jcc, Kevin": lambda f: on_paper(f, NOVEMBER, KEVIN),
    "november sealed": lambda f: seal(f, NOVEMBER, None, prompts()),
}
STEPS = tuple(_STEPS)
SEALED = STEPS[-1]


@dataclass(frozen=True)
class Story:
    """The folder as it was after each step; not to be changed."""

    root: Path

    def at(self, step: str) -> PlanFolder:
        return PlanFolder(self.root / step)

    def copy(self, step: str, target: Path) -> PlanFolder:
        shutil.copytree(self.root / step, target)
        return PlanFolder(target)


def tell(built: PlanFolder, root: Path) -> Story:
    """Lets everything happen, one step after the other."""
    last = built.root
    for step, act in _STEPS.items():
        shutil.copytree(last, root / step)
        act(PlanFolder(root / step))
        last = root / step
    return Story(root)


def seal_with_a_timestamp(enrolled: PlanFolder, root: Path) -> PlanFolder:
    """July with an authority's word on every moment, sealed after one signature (B-LTA)."""
    shutil.copytree(enrolled.root, root)
    folder = PlanFolder(root)
    with Authority() as authority:
        (folder.source / "root.pem").write_bytes(authority.root.read_bytes())
        told = f"timestamp-authority:\n  url: {authority.url}\n  certificate: source/root.pem\n"
        (folder.source / "settings.yaml").write_text(told)
        issue(folder, JULY, prompts())
        sign_here(folder, JULY, CAROLE)
        seal(folder, JULY, "Nobody else can come.", prompts())
    return folder


def make_anew(built: PlanFolder, root: Path) -> PlanFolder:
    """What an attacker makes of the same sources: an office of the same name, and signatures."""
    shutil.copytree(built.root, root)
    folder = PlanFolder(root)
    make_keys(folder, prompts())
    enrol(folder, CAROLE, prompts())
    issue(folder, JULY, prompts())
    sign_here(folder, JULY, CAROLE)
    return folder


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


_stories: dict[Path, Story] = {}


def story_of(built: PlanFolder, factory: pytest.TempPathFactory) -> Story:
    """The one story of a run, for whichever wing asks first."""
    if built.root not in _stories:
        _stories[built.root] = tell(built, factory.mktemp("signed"))
    return _stories[built.root]
