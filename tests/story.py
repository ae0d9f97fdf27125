"""The one signed plan of the tests: its folder after every step of its life, made once for a run.

July is signed by four people: at the office, in another program, on paper, at the office. November
has both its reviews: one person declines and thinks again, and one signs on paper.
"""

from __future__ import annotations

import fcntl
import io
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import TextStampStyle
from pypdfium2 import PdfDocument
from signed_plan.document.signoff import field_edges, field_pages
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.prompts import Prompt, Prompts
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.scan import scan
from signed_plan.lifecycle.seal import seal
from signed_plan.lifecycle.sign import Signing, decline, sign
from signed_plan.paths import PlanFolder
from signed_plan.register.chain import RegisterEntry
from signed_plan.register.events import SignedHere
from signed_plan.signing.passphrase import Secret

from tests.helpers import copy_plan, run_plan
from tools.authority import Authority
from tools.specimens import picture_of_handwriting

JULY, NOVEMBER = "2017-07", "2017-11"
CAROLE, SALLY, ANDY, KEVIN = "carole-clemens", "sally-beardsley", "andy-hitchcock", "kevin-snow"
EVERYBODY = (CAROLE, SALLY, ANDY, KEVIN)
REVIEW, HEADS, JCC = "july-2017", "november-2017-heads", "november-2017-jcc"

OFFICE = "lamp orange kitten river stone"
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


def sign_here(
    folder: PlanFolder, version: str, person: str, review: str | None = None, **more: Any
) -> RegisterEntry[SignedHere]:
    return sign(folder, Signing(version, person, review, **more), prompts(person))


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


def scanned(pdf: bytes, field: str = "", *, kind: str = "JPEG", turn: float = 2) -> bytes:
    """The page with that field, signed in it in ink and scanned: grey, turned a little.

    Without a field, it is the last sign-off page, and nobody has signed it.
    """
    document = PdfDocument(pdf)
    page = field_pages(pdf)[field] if field else len(document)
    picture = document[page - 1].render(scale=150 / 72).to_pil().convert("L")
    if field:
        left, bottom, _, top = (edge * 150 / 72 for edge in field_edges(pdf)[field])
        middle, high, begin = picture.height - (top + bottom) / 2, (top - bottom) / 4, left + 20
        scrawl = [(begin + 3 * at, middle + high * math.sin(at)) for at in range(60)]
        ImageDraw.Draw(picture).line(scrawl, fill=60, width=3, joint="curve")
    out = io.BytesIO()
    picture.rotate(turn, Image.Resampling.BICUBIC, expand=True, fillcolor=250).save(out, kind)
    return out.getvalue()


def sign_on_paper(folder: PlanFolder, version: str, person: str, kind: str) -> None:
    field = field_of(person, {JULY: REVIEW, NOVEMBER: JCC}[version])
    page = scanned(folder.pdf(version).read_bytes(), field, kind=kind)
    scan(folder, Signing(version, person), page, prompts())


def _build(folder: PlanFolder) -> None:
    done = run_plan(folder, "build")
    assert done.returncode == 0, done.stderr


def _enrol_all(folder: PlanFolder) -> None:
    for person in EVERYBODY:
        enrol(folder, person, prompts(person))


def _seal_with_a_timestamp(folder: PlanFolder) -> None:
    """July with an authority's word on every moment, sealed after one signature (B-LTA)."""
    with Authority() as authority:
        (folder.source / "root.pem").write_bytes(authority.root.read_bytes())
        told = f"timestamp-authority:\n  url: {authority.url}\n  certificate: source/root.pem\n"
        (folder.source / "settings.yaml").write_text(told)
        issue(folder, JULY, prompts())
        sign_here(folder, JULY, CAROLE)
        seal(folder, JULY, "Nobody else can come.", prompts())


def _make_again(folder: PlanFolder) -> None:
    """What an attacker makes of the same sources: an office of the same name, and signatures.

    The picture keeps the file from being, by chance, as long as the real one.
    """
    make_keys(folder, prompts())
    enrol(folder, CAROLE, prompts(CAROLE))
    issue(folder, JULY, prompts())
    sign_here(folder, JULY, CAROLE, picture=picture_of_handwriting("Carole Clemens"))


_STEPS: dict[str, Callable[[PlanFolder], Any]] = {
    "built": _build,
    "keys": lambda f: make_keys(f, prompts()),
    "enrolled": _enrol_all,
    "july issued": lambda f: issue(f, JULY, prompts()),
    "july, Carole": lambda f: sign_here(f, JULY, CAROLE),
    "july, Sally": lambda f: receive(f, elsewhere(f, JULY, SALLY), prompts()),
    "july, Andy": lambda f: sign_on_paper(f, JULY, ANDY, "JPEG"),
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
    "jcc, Kevin": lambda f: sign_on_paper(f, NOVEMBER, KEVIN, "PNG"),
    "november sealed": lambda f: seal(f, NOVEMBER, None, prompts()),
}
STEPS = tuple(_STEPS)
SEALED = STEPS[-1]

_BRANCHES: dict[str, tuple[str, Callable[[PlanFolder], Any]]] = {
    "stamped": ("enrolled", _seal_with_a_timestamp),
    "made again": ("built", _make_again),
}
"""What else might have happened, and after which step."""


@dataclass(frozen=True)
class Story:
    """The plan folder after each step of its life; a step is taken when it is first asked for.

    All processes of a run share it: one takes a step, and the others wait for it.
    """

    root: Path

    def at(self, step: str) -> PlanFolder:
        """The folder after that step; not to be changed."""
        folder = self.root / step
        if not folder.is_dir():
            with (self.root / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._take(step)
        return PlanFolder(folder)

    def copy(self, step: str, target: Path) -> PlanFolder:
        """A copy of the folder after that step."""
        shutil.copytree(self.at(step).root, target)
        return PlanFolder(target)

    def _take(self, step: str) -> None:
        folder, half = self.root / step, self.root / f"half of {step}"
        if folder.is_dir():
            return
        if step in _BRANCHES:
            before, act = _BRANCHES[step]
        else:
            before, act = "", _STEPS[step]
            if step != STEPS[0]:
                before = STEPS[STEPS.index(step) - 1]
        if before:
            self._take(before)
            shutil.copytree(self.root / before, half)
        else:
            copy_plan(half)
        act(PlanFolder(half))
        half.rename(folder)
