"""What a PDF alone can prove: that its sources, its pages and its signatures agree.

It cannot prove whose the certificates are, nor that it is the last word: that takes the register.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from signed_plan.digest import Digest
from signed_plan.document.version_record import read_version
from signed_plan.errors import VerificationError
from signed_plan.extract.embedded import SAVED_AGAIN, Embedded, EmbeddedSignature, read_embedded
from signed_plan.extract.page_text import FULL, SHORT, numbers
from signed_plan.extract.page_words import missing_words
from signed_plan.extract.rebuild import Likeness, compare
from signed_plan.extract.sources import record_and_sources
from signed_plan.paths import RECORD
from signed_plan.plan.source import Predecessor, Version, lineage
from signed_plan.verify.checks import Check, Differs, Verdict, narrate
from signed_plan.wording import in_words, pluralise

_IN_REASON = re.compile(r"fingerprint ([0-9a-f]{64})\b")
_MIXED = re.compile(r"(?=.*[a-f])(?=.*[0-9])")
"""Three years in a row, or three words, are no short fingerprint."""

_VAGUE = ("the validation data", "something in the document's catalogue")
"""What is changed along with much else; named only where there is nothing better to name."""
_BYTES = {
    "same": "and so is every byte of the file",
    "grown": "and the file begins with exactly these bytes",
    "other": "but not every byte of the file: other programs or fonts have made it",
}
_ASK = "Ask the people it comes from for another copy."
_OTHER_TOOLS = (
    "Other templates, fonts, or another LibreOffice lay it out otherwise. If the plan has "
    "templates of its own, name its folder with -C."
)


@dataclass(frozen=True, slots=True)
class Extract:
    """What was taken out of a PDF, and whether it agrees with what the PDF shows and signs."""

    verdict: Verdict
    version: Version | None
    """The version as the attached sources have it; None where they cannot be read."""
    signatures: tuple[EmbeddedSignature, ...]


def extract(data: bytes, build: Callable[[Version], bytes] | None = None) -> Extract:
    """Takes the sources out of anybody's PDF and checks the PDF against them, in numbered steps.

    `build` makes a version's PDF. With it, the PDF is also checked against a newly built one.
    The verdict names the first difference. Raises UsageError for what is no PDF, VerificationError
    for what cannot be read or carries no sources, and what `build` raises.
    """
    return judge(data, read_embedded(data), build)


def judge(
    data: bytes, carried: Embedded, build: Callable[[Version], bytes] | None = None
) -> Extract:
    """The same, of what was read from a file already."""
    _require_files(carried)
    record, sources = record_and_sources(carried.files)
    found: list[Version] = []
    likeness: list[Likeness] = []

    def checks() -> Iterator[Check]:
        yield (
            record.name,
            pluralise(len(sources), "attached source file"),
            lambda: found.append(read_version(record, sources)),
        )
        (version,) = found
        yield from _content_checks(data, carried, record, version)
        yield from _signature_checks(carried, version)
        if build is not None:
            likeness.append(compare(data, build(version)))
            yield record.name, "its text, built again", lambda: _require_alike(*likeness)

    steps, failed = narrate(checks(), lambda _: _OTHER_TOOLS if likeness else _ASK)
    if failed is not None:
        return Extract(failed, found[0] if found else None, carried.signatures)
    verdict = Verdict(steps, _agreement(carried, found[0], *likeness), "", "verified")
    return Extract(verdict, found[0], carried.signatures)


def _require_files(carried: Embedded) -> None:
    """Raises VerificationError where a plan's pages are all that another program has kept."""
    if not carried.files and any(number[:12] in carried.short for number in carried.full):
        raise VerificationError(
            "That PDF prints a fingerprint, but the files behind it are gone: another program has "
            "made it anew, as printing and converting do.",
            "Ask the people it comes from for the file itself.",
        )


def _content_checks(
    data: bytes, carried: Embedded, record: Predecessor, version: Version
) -> Iterator[Check]:
    short = version.fingerprint.short
    yield (
        record.name,
        f"the fingerprint computed from them, {short}",
        partial(_require_fingerprint, carried, record, version),
    )
    yield (
        record.name,
        "the fingerprint that its pages print",
        partial(_require_printed, carried, version),
    )
    yield (
        record.name,
        "every word of the sources, on its pages",
        partial(_require_words, data, version),
    )


def _require_fingerprint(carried: Embedded, record: Predecessor, version: Version) -> None:
    if version.superseded != record.superseded:
        raise Differs(f"{RECORD} names a version before it, and the sources name none")
    if version.fingerprint != record.fingerprint:
        raise Differs(f"{RECORD} has {record.fingerprint.short}")
    if carried.identifier != f"urn:sha256:{version.fingerprint}":
        raise Differs("its metadata name another")


def _require_printed(carried: Embedded, version: Version) -> None:
    """In full on the sign-off pages, in short in the footers, and no other instead."""
    if carried.pages not in carried.full.get(version.fingerprint.hex, ()):
        raise Differs("its last page does not print it")
    before = version.superseded
    if before is not None and before.fingerprint.hex not in carried.full:
        raise Differs(f"it does not print that of {before.name}, the version before")
    texts = [*version.plan.texts()]  # which may quote any number
    known = {*numbers(FULL, texts), *(one.fingerprint.hex for one in lineage(version))}
    for number, pages in carried.full.items():
        if number not in known:
            raise Differs(f"page {pages[0]} prints another, {Digest(number).short}")
    own = carried.short.get(version.fingerprint.hex[:12], ())
    for number in carried.short.keys() - numbers(SHORT, texts).keys():
        lacking = [page for page in carried.short[number] if page not in own]
        if lacking and _MIXED.match(number):
            raise Differs(f"page {lacking[0]} prints another in short, {Digest(number).short}")


def _require_words(data: bytes, version: Version) -> None:
    missing = missing_words(data, version)
    if missing:
        raise Differs(missing)


def _signature_checks(carried: Embedded, version: Version) -> Iterator[Check]:
    if carried.signatures:
        only = "nothing but signatures behind the first one"
        yield version.name, only, lambda: _require_unchanged(carried)
    for at, signed in enumerate(carried.signatures):
        when = f", {in_words(signed.moment)}" if signed.moment is not None else ""
        yield (
            version.name,
            f"{signed.kind} in the name of {signed.signer or 'nobody'}{when}",
            partial(_require_signature, signed, version, is_first=at == 0),
        )


def _require_signature(signed: EmbeddedSignature, version: Version, *, is_first: bool) -> None:
    if signed.fault:
        raise Differs(f"{signed.fault} (field {signed.field})")
    if is_first and signed.kind != "certification":
        raise Differs("it was signed before anybody had certified it, as an office does")
    named = _IN_REASON.findall(signed.reason)
    if signed.kind == "certification" and not named:
        raise Differs("it does not name the fingerprint that it certifies")
    if any(digits != version.fingerprint.hex for digits in named):
        raise Differs(f"it names another fingerprint, {Digest(named[0]).short}")


def _require_unchanged(carried: Embedded) -> None:
    if carried.saved_again:
        raise Differs(
            f"it was {SAVED_AGAIN.removesuffix('.')}",
            "Ask the people it comes from for the file as it was signed.",
        )
    if carried.changes:
        telling = min(carried.changes, key=lambda what: what.startswith(_VAGUE))
        more = f", and more ({len(carried.changes) - 1})" if len(carried.changes) > 1 else ""
        raise Differs(f"something else was changed: {telling}{more}")


def _require_alike(likeness: Likeness) -> None:
    if likeness.difference:
        raise Differs(likeness.difference)


def _agreement(carried: Embedded, version: Version, likeness: Likeness | None = None) -> str:
    """The verdict on a file in which everything agrees."""
    signed = len(carried.signatures)
    parts = [pluralise(len(version.files), "source file"), pluralise(carried.pages, "page")]
    parts += [pluralise(signed, "signature")] if signed else []
    words = "SOURCES AGREE" if likeness is None else "SOURCES AND PAGES AGREE"
    words += "" if signed else ", NOT SIGNED"
    whose = ", whose owners a PDF alone cannot prove" if signed else ""
    said = (
        f"{words}: version {version.name}, fingerprint {version.fingerprint.short}: "
        f"{', '.join(parts[:-1])} and {parts[-1]}{whose}."
    )
    if likeness is None:
        return f"{said} Other words that its pages may show were not looked for: --rebuild does."
    return (
        f"{said} Built again, the text is the same on {pluralise(carried.pages, 'page')}, "
        f"{_BYTES[likeness.bytes]}."
    )
