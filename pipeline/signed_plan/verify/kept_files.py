"""The checks of what else the register names: the office's files, certificates, letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from signed_plan.digest import Digest
from signed_plan.files import read_file
from signed_plan.paths import PlanFolder, pdf_file, receipt_file
from signed_plan.register.certificates import office_root
from signed_plan.register.chain import Register
from signed_plan.register.events import KeysEvent, SentEvent
from signed_plan.signing.identity import (
    certificate_digest,
    certificate_file,
    register_key_pem,
)
from signed_plan.verify.built_checks import read_recorded
from signed_plan.verify.checks import Check, Differs
from signed_plan.wording import shorten, without_controls

_PAIRS = re.compile(r"\b[0-9A-F]{2}(?:[ :][0-9A-F]{2}){7,}")
"""Digits as the page on how to trust the office prints those of its root certificate."""


def office_checks(folder: PlanFolder, register: Register) -> Iterator[Check]:
    """The public halves of the office's keys, and every certificate that was ever entered."""
    what = "the office's keys, revocation list and certificates"
    yield "", what, partial(_require_certificates, folder, register)


def letter_checks(folder: PlanFolder, register: Register, name: str) -> Iterator[Check]:
    """What was sent of an issued version, and the drafts of letters that are still there."""
    if register.last(SentEvent, name) is not None:
        yield name, "what was sent of it", partial(_require_sent, folder, register, name)


def _require_certificates(folder: PlanFolder, register: Register) -> None:
    for file in register.files:
        if file.startswith("certificates/"):
            read_recorded(folder, register.states(file)[-1].record)
    keys = register.last(KeysEvent)
    assert keys is not None, "asked for where there are keys"
    files = keys.event.files
    public = register_key_pem(bytes.fromhex(keys.event.register_key))
    if not files["register-key.pem"].is_exactly(public):
        raise Differs("register-key.pem holds another key than the one the register names")
    if certificate_digest(office_root(folder, register)).hex != keys.event.root:
        raise Differs("office-root.crt holds another certificate than the one the register names")


def _require_sent(folder: PlanFolder, register: Register, name: str) -> None:
    states = register.states_since_built(pdf_file(name))
    known = {state.record.sha256 for state in states}
    for entry in register.each(SentEvent, name):
        if entry.event.pdf not in known:
            raise Differs(f"entry {entry.number} says that a PDF was sent that was none of its own")
    people = {person for entry in register.each(SentEvent, name) for person in entry.event.to}
    letters = [folder.output / name / "letters" / f"{one}.eml" for one in sorted(people)]
    drafts = [path for path in letters if path.is_file()]
    if not drafts:
        return
    root = office_root(folder, register)
    known |= {state.record.sha256 for state in register.states(receipt_file(name))}
    known.add(Digest.of_bytes(certificate_file(root)).hex)
    for path in drafts:
        _require_letter(path, known, certificate_digest(root).hex)


def _require_letter(path: Path, known: set[str], root: str) -> None:
    """A draft that somebody may send. Its text is for the clerk to read; nobody sees into files.

    Raises Differs where something is attached to it that is none of the office's own files: those
    with a known digest, and a page that prints the digits of its root certificate.
    """
    import email
    import email.policy

    where = f"the draft {path.parent.name}/{path.name}"
    try:
        letter = email.message_from_bytes(read_file(path), policy=email.policy.default)
        parts = [part for part in letter.walk() if not part.is_multipart()]
        attached = [(str(one.get_filename("")), one.get_content()) for one in parts[1:]]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Differs(f"{where} cannot be read") from error
    for name, content in attached:
        if isinstance(content, str):
            fits = _shows_only(content, root)
        else:
            fits = Digest.of_bytes(content).hex in known
        if not fits:
            shown = shorten(without_controls(name)) or "something without a name"
            raise Differs(f"{where} brings {shown}, which is no file of the office's")


def _shows_only(text: str, digits: str) -> bool:
    """Whether a page on how to trust the office prints the digits of its certificate, no others."""
    return (
        "".join(re.sub(r"[^0-9A-F]", "", found) for found in _PAIRS.findall(text)) == digits.upper()
    )
