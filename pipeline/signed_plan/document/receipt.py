"""The receipt of a sealed version: one page for people, and inside it one record for programs.

A person who keeps it outside the office can show later whether the register was rewritten, since
the page names the register's head.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signed_plan.digest import Digest
from signed_plan.document.context import Description, Trail
from signed_plan.errors import UsageError
from signed_plan.plan.text import flaw
from signed_plan.wording import in_words, shorten

if TYPE_CHECKING:
    from signed_plan.document.word_text import FilledWordFile

RECORD = "receipt.json"
"""The name of the record that a receipt carries."""


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line of the table of signatures."""

    review: str
    """The title of the review that was signed."""
    name: str
    role: str
    school: str
    """The school's name."""
    how: str
    """Such as "with a certificate of their own" or "on paper"."""
    when: str
    """The time as it is printed; see `in_words`."""
    evidence: str
    """What shows it, such as a certificate's number or the name of a scan; may be empty."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of the table of files."""

    name: str
    digest: Digest
    what: str
    """What the file is, in a few words; may be empty."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """Everything that the page says."""

    title: str
    """The plan's title with its period."""
    version: str
    fingerprint: Digest
    superseded: tuple[str, Digest] | None
    """The name and fingerprint of the version before, if there is one."""
    schools: tuple[str, ...]
    """The names of the schools whose plan it is."""
    sealed: datetime
    """When the office sealed it, with a time zone; every date in the files comes from here."""
    incomplete: str
    """Why it was sealed without everyone's signature; empty where nobody's is missing."""
    missing: tuple[str, ...]
    """Who has not signed, and for what."""
    signatures: tuple[SignatureLine, ...]
    files: tuple[FileLine, ...]
    entries: int
    """How many entries the register has."""
    head: Digest
    """The digest of its last entry, and by that of them all."""
    register_key: Digest
    """The fingerprint of the key that signs the register."""
    root: Digest
    """The SHA-256 of the office's root certificate."""


def make_receipt(
    receipt: Receipt, record: bytes, template: Path, scratch: Path | None = None
) -> bytes:
    """The receipt as PDF/A-3b and PDF/UA-1, with the record attached; the same bytes each time.

    The converter works in a folder inside `scratch`, by default the system's for temporary files.

    Raises UsageError, TemplateError, MissingError or ConversionError, each with its remedy.
    """
    from signed_plan.document.fonts import families, find_fonts, require_coverage
    from signed_plan.document.shown import require_shown
    from signed_plan.libreoffice.converter import find_libreoffice, start_converter

    with start_converter(find_libreoffice(), scratch) as running:
        document = render_receipt(receipt, template)
        find_fonts(families(template))
        require_coverage(_texts(receipt))
        ((pdf,),) = running.convert([(document,)])
    made = finish_receipt(pdf, receipt, record)
    require_shown(made, document.text)
    return made


def render_receipt(receipt: Receipt, template: Path) -> FilledWordFile:
    """The receipt as a Word file, the same bytes each time.

    Raises UsageError where one of its texts cannot be printed as it is, and TemplateError, naming
    template and tag, where the template is at fault.
    """
    from signed_plan.document.render import fill
    from signed_plan.document.template_file import refuse_damage
    from signed_plan.document.word import pack, require_complete, set_properties
    from signed_plan.document.word_text import read_text, with_text

    _require_coverage(receipt)
    filled = fill(template, receipt_context(receipt), Trail())
    texts = [(text, "the receipt") for text in _texts(receipt)]
    require_complete(filled.docx, texts, template.name)
    set_properties(filled.docx, _description(receipt))
    with refuse_damage(template.name):
        text = read_text(filled.docx, texts, template.name)
    return with_text(pack(filled), text)


def finish_receipt(pdf: bytes, receipt: Receipt, record: bytes) -> bytes:
    """The converted receipt, made fit for the archive, with the record attached."""
    from signed_plan.document.pdfa import EmbeddedFile
    from signed_plan.document.recipe import finish

    attached = EmbeddedFile(
        name=RECORD,
        data=record,
        mime="application/json",
        relationship="Data",
        description=f"What this receipt of version {receipt.version} tells, for programs to read",
    )
    identifier = f"urn:sha256:{Digest.of_bytes(record)}"
    return finish(pdf, replace(_description(receipt), identifier=identifier), [attached])


def read_record(pdf: bytes) -> bytes | None:
    """The record that a receipt carries; None where the file is no receipt, or no whole PDF."""
    from pypdf import PdfReader

    try:
        attached = PdfReader(io.BytesIO(pdf), strict=True).attachment_list
        records = [file.content for file in attached if file.name == RECORD]
    except Exception:  # a file from anywhere: there is nothing that reading it cannot raise
        return None
    return records[0] if len(records) == 1 else None


def receipt_context(receipt: Receipt) -> dict[str, Any]:
    """The values of the tags in `receipt.docx`."""
    return {
        "title": receipt.title,
        "version": receipt.version,
        "fingerprint": receipt.fingerprint.spaced,
        "short_fingerprint": receipt.fingerprint.short,
        "supersedes": _version_before(receipt),
        "schools": _schools(receipt),
        "sealed": in_words(receipt.sealed),
        "incomplete": receipt.incomplete,
        "missing": list(receipt.missing),
        "signatures": [
            {name: getattr(signature, name) for name in SignatureLine.__slots__}
            for signature in receipt.signatures
        ],
        "files": [
            {"name": file.name, "what": file.what, "sha256": file.digest.spaced}
            for file in receipt.files
        ],
        "register": {
            "entries": receipt.entries,
            "head": receipt.head.spaced,
            "key": receipt.register_key.spaced,
        },
        "root": receipt.root.spaced,
    }


def _version_before(receipt: Receipt) -> dict[str, str]:
    if receipt.superseded is None:
        return {}
    version, fingerprint = receipt.superseded
    return {"version": version, "fingerprint": fingerprint.spaced}


def _schools(receipt: Receipt) -> str:
    return " and ".join(receipt.schools)


def _texts(receipt: Receipt) -> Iterator[str]:
    """Every text that the page has to show, in whatever order."""

    def within(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for one in value:
                yield from within(one)
        else:
            yield str(value)

    context = receipt_context(receipt)
    del context["short_fingerprint"]
    yield from filter(None, within(context))


def _require_coverage(receipt: Receipt) -> None:
    for text in _texts(receipt):
        found = flaw(text)
        if found is not None:
            what, remedy = found
            raise UsageError(f'The receipt cannot print "{shorten(text)}": {what}.', remedy)


def _description(receipt: Receipt) -> Description:
    return Description(
        title=f"{receipt.title}, version {receipt.version}: receipt",
        author=_schools(receipt),
        version=receipt.version,
        fingerprint=receipt.fingerprint,
        identifier="",
        day=receipt.sealed.astimezone(UTC).date(),
    )
