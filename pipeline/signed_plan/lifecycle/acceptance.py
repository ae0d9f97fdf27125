"""What a good signature from another program must not do all the same: lock the others out, show
another person, vouch for another text, or claim to be of tomorrow.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime

from signed_plan.digest import Digest
from signed_plan.document.context import TIMESTAMP_FIELD, field_name
from signed_plan.document.fonts import require_coverage
from signed_plan.document.signature_boxes import person_reason
from signed_plan.errors import SigningError
from signed_plan.plan.model import Person, Review
from signed_plan.plan.names import name_of, names_of
from signed_plan.plan.source import Version
from signed_plan.plan.text import flaw
from signed_plan.register.shapes import MAX_REASON
from signed_plan.signing.new_signature import INVISIBLE, NewSignature
from signed_plan.signing.untrusted_pdf import FoundSignature, Reading
from signed_plan.verify.signing_time import CLOCKS_DIFFER, may_be_judged
from signed_plan.wording import in_words, join_names, on_one_line, printable, with_zone

_SAVED = "as it is, and to save nothing else in it"
_ANOTHER = "Give them another certificate: plan revoke {person}, then plan enrol {person}."
_ENDED = "its certificate was not valid on"
_WEAK = re.compile(r"^it uses (md\d|sha1)")
_TYPE = re.compile(r" \(\w+\)$")
_GUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.I)
"""What programs number transactions and certificates with (RFC 9562)."""
_DIGITS = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", re.IGNORECASE)
_SHORT = re.compile(r"(?<![0-9a-f])[0-9a-f]{4}[ -][0-9a-f]{4}[ -][0-9a-f]{4}(?![0-9a-f])", re.I)


def without_type(flaw: str) -> str:
    """Why a file cannot be read, without the name that only programmers know."""
    return _TYPE.sub("", flaw)


def require_nothing_else(version: Version, reading: Reading, *, ends_well: bool) -> None:
    """Raises SigningError where something besides the signature was changed in the file."""
    again = f"Send them the present file (plan send {version.name}), to be signed"
    if reading.changes:
        what = printable(reading.changes[0][1][:160])
        if what.endswith(INVISIBLE):
            raise SigningError(
                "That signature is invisible: its box was made smaller until nothing was left.",
                f"{again} in the box beside their name, with a visible signature.",
            )
        raise SigningError(
            f"Something besides the signature was changed in that file: {what} was changed.",
            f"{again} {_SAVED}.",
        )
    if not ends_well:
        raise SigningError(
            "Something besides the signature was changed in that file: there are bytes behind its "
            "end.",
            f"{again} {_SAVED}.",
        )


def require_known_kind(version: Version, signature: FoundSignature, person: Person) -> None:
    """Raises SigningError for a signature in a format that cannot be checked."""
    if signature.certificate:
        return
    told = name_of(version.plan, person)
    raise SigningError(
        f"The signature of {told} is in a format that cannot be checked here.",
        f"Send {told} the present file again (plan send {version.name}). In Adobe Acrobat and "
        "Reader they choose the signing format PKCS#7 detached or CAdES (Preferences, Signatures, "
        "Creation and appearance); in other programs, adbe.pkcs7.detached with SHA-256.",
    )


def require_good(version: Version, signature: FoundSignature, person: Person) -> None:
    """Raises SigningError where something is wrong with the new signature itself."""
    if not signature.fault:
        return
    told = name_of(version.plan, person)
    remedy = f"Send {told} the present file (plan send {version.name}), to be signed as it is."
    if _WEAK.match(signature.fault):
        remedy = f"{remedy[:-1]} with SHA-256, which their program lets them choose."
    if signature.fault.startswith(_ENDED):
        remedy = f"{_ANOTHER.format(person=person.id)} Then: {remedy[0].lower()}{remedy[1:]}"
    raise SigningError(f"The signature in that file is not good: {signature.fault}.", remedy)


def require_acceptable(version: Version, signature: NewSignature, person: Person) -> None:
    """Raises SigningError where the person's signature cannot stand in the version's PDF."""
    again = f"(plan send {version.name})"
    told = name_of(version.plan, person)
    if signature.locked:
        raise SigningError(
            f"The signature of {told} locks {_locked(version, signature.locked)}, so that nobody "
            "could sign there any more.",
            f"Send {told} the present file again {again}. In Adobe Acrobat and Reader they must "
            'leave "Lock document after signing" unticked; a lock of their own box is no harm.',
        )
    if signature.look:
        raise SigningError(
            f"What the signature of {told} shows on the page cannot be taken: {signature.look}.",
            f"Send {told} the present file again {again}, to be signed with their program's "
            "standard appearance.",
        )
    other = _other_name(version, signature.text, person)
    if other:
        raise SigningError(
            f"The signature in the box of {told} shows the name of {other}.",
            f"Send {told} the present file again {again}, to be signed with an appearance that "
            "shows their own name.",
        )
    for number in (*_numbers(signature.reason, version), *_numbers(signature.text, version)):
        raise SigningError(
            f"The signature of {told} names another fingerprint than this version has: {number}.",
            f"Send {told} the present file again {again}; no reason needs to be given.",
        )
    _require_past(signature, told, again)


def claimed_time(signature: NewSignature) -> datetime | None:
    """When the signature says that it was made; None if it does not say."""
    return with_zone(datetime.fromisoformat(signature.moment)) if signature.moment else None


def require_made_in_between(
    version: Version, claimed: datetime, issued: datetime, person: Person
) -> None:
    """Raises SigningError where a signature whose certificate has ended since then was made before
    the version was issued, or is yet to come."""
    if may_be_judged(claimed, issued, datetime.now(UTC)):
        return
    told = name_of(version.plan, person)
    raise SigningError(
        f"The certificate of {told} has ended, and their signature says that it was made on "
        f"{in_words(claimed)}. The version was issued on {in_words(issued)}.",
        f"{_ANOTHER.format(person=person.id)} Then send {told} the present file again "
        f"(plan send {version.name}).",
    )


def given_reason(version: Version, review: Review, signature: NewSignature, person: Person) -> str:
    """The reason that the signature gives, on one line; "" for none, or that of `plan sign`.

    Raises SigningError where nothing could print it, and MissingError where no font has it.
    """
    line = on_one_line(signature.reason, MAX_REASON)
    if line in ("", person_reason(version, review)):
        return ""
    found, told = flaw(line), name_of(version.plan, person)
    if found is not None:
        raise SigningError(
            f"The reason in the signature of {told} cannot be entered: {found[0]}.",
            f"Send {told} the present file again (plan send {version.name}); no reason needs to "
            "be given.",
        )
    require_coverage([line])
    return line


def _locked(version: Version, fields: tuple[str, ...]) -> str:
    names = names_of(version.plan)
    boxes = {
        field_name(review, person): names.person(person.id)
        for review in version.plan.open_reviews
        for person in map(version.plan.person, review.signatories)
    } | {TIMESTAMP_FIELD: "the archive timestamp"}
    owners = [*dict.fromkeys(boxes.get(field, field) for field in fields)]
    return f"the {'boxes' if len(owners) > 1 else 'box'} of {join_names(owners)}"


def _other_name(version: Version, text: str, person: Person) -> str:
    """Another person of the plan whose name stands in the text; "" if none does."""
    shown = re.sub(_pattern(person.name), "|", _folded(text))
    for one in version.plan.people:
        others = _plain(one.name) != _plain(person.name)
        if others and re.search(_pattern(one.name), shown):
            return one.name
    return ""


def _pattern(name: str) -> str:
    """A name in a text from which programs drop spaces, or to which they add some.

    A name of one word must be a word there: Ed is nobody in "Digitally signed".
    """
    letters = r"\s*".join(map(re.escape, _plain(name)))
    return letters if len(name.split()) > 1 else rf"(?<!\w){letters}(?!\w)"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _plain(text: str) -> str:
    return "".join(_folded(text).split())


def _numbers(text: str, version: Version) -> Iterator[str]:
    """The fingerprints in a text that are not the version's."""
    own = version.fingerprint
    for found in _DIGITS.findall(text):
        if found.lower() != own.hex:
            yield Digest(found.lower()).short
    for found in _SHORT.findall(_GUID.sub(" ", text)):
        # Twelve digits without a letter may be a telephone number.
        digits = found.lower().replace("-", " ")
        if digits != own.short and not digits.replace(" ", "").isdigit():
            yield found


def _require_past(signature: NewSignature, told: str, again: str) -> None:
    moment = claimed_time(signature)
    if moment is not None and moment > datetime.now(UTC) + CLOCKS_DIFFER:
        raise SigningError(
            f"The signature of {told} says that it was made on {in_words(moment)}, which is yet "
            "to come.",
            f"Let {told} set the clock of their computer, and sign the present file again {again}.",
        )
