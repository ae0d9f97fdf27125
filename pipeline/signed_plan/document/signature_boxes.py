"""The words that stand in each box once it is signed, and boxes high enough for them.

The boxes are printed long before anybody signs, and cannot grow afterwards.
"""

from __future__ import annotations

import unicodedata
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from signed_plan.box_layout import BoxText, height_needed
from signed_plan.document.context import SEAL_FIELD, TIMESTAMP_FIELD, field_name
from signed_plan.plan.model import Person, Review
from signed_plan.plan.source import Version

LONGEST_MOMENT = "30 September 2026, 23:59 UTC"
"""A time that takes as much room as any."""

_EMU = 12700  # to a point
_HIGHEST = 220.0  # points: more would not fit on a page, below what is signed
_MARK = "SPECIMEN "


def person_text(version: Version, person: Person, when: str) -> BoxText:
    """What stands in a person's box."""
    school = version.plan.school(person.school).name
    signed = f"Signed {when} · fingerprint {version.fingerprint.short}"
    return BoxText(person.name, (f"{person.role}, {school}", signed))


def person_reason(version: Version, review: Review) -> str:
    """The reason that a signature made at the office gives: what was signed."""
    return f"{review.title}: version {version.name}, fingerprint {version.fingerprint}"


def seal_text(version: Version, organisation: str, when: str) -> BoxText:
    """What stands in the box of the office's seal."""
    which = f"Version {version.name} · fingerprint {version.fingerprint.short}"
    return BoxText(organisation, (f"Certified {when}", which))


def timestamp_text(version: Version, when: str) -> BoxText:
    """What stands in the box of the archive timestamp."""
    return BoxText("Archive timestamp", (f"Sealed {when}", f"Version {version.name}"))


def box_texts(version: Version, organisation: str, when: str) -> dict[str, BoxText]:
    """The words of every box of the version, by the names of their fields."""
    texts = {
        SEAL_FIELD: seal_text(version, organisation, when),
        TIMESTAMP_FIELD: timestamp_text(version, when),
    }
    for review in version.plan.open_reviews:
        for person in map(version.plan.person, review.signatories):
            texts[field_name(review, person)] = person_text(version, person, when)
    return texts


def give_room(document: Document, version: Version) -> None:
    """Makes the empty pictures in the boxes higher where the words need it.

    How wide the words will be is guessed, with some to spare: their font is only needed to sign.
    """
    schools = " and ".join(school.name for school in version.plan.schools)
    texts = box_texts(version, schools, LONGEST_MOMENT)
    for picture in document.element.body.iter(qn("wp:inline"), qn("wp:anchor")):
        named = picture.find(qn("wp:docPr"))
        name = None if named is None else named.get("descr")
        if name in texts:
            _heighten(picture, texts[name])


def _heighten(picture: Any, text: BoxText) -> None:
    marked = BoxText(_MARK + text.name, text.lines)
    extents = [one for one in picture.iter(qn("wp:extent"), qn("a:ext")) if one.get("cx")]
    width = int(extents[0].get("cx")) / _EMU if extents else 0.0
    needed = round(min(height_needed(marked, width, guess_width), _HIGHEST) * _EMU)
    for extent in extents:
        extent.set("cy", str(max(needed, int(extent.get("cy", "0")))))


def guess_width(text: str, bold: bool) -> float:
    """How wide a text may be in letters of the size 1: hardly ever too little."""
    return sum(map(_guess, text)) * (1.0 if bold else 0.95)


def _guess(character: str) -> float:
    plain = unicodedata.normalize("NFD", character)[0]
    if not plain.isascii():
        return 1.1 if plain.isalpha() else 0.7
    if plain in " '|,.:;!ijlI()[]-":
        return 0.42
    if plain in "mMWw@%":
        return 1.0
    return 0.8 if plain.isupper() else 0.63
