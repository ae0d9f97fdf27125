"""Signed on paper: a scanned sign-off page is kept beside the PDF and counts as a signature."""

from __future__ import annotations

import re
from dataclasses import dataclass

from signed_plan.digest import Digest
from signed_plan.document.context import field_name
from signed_plan.document.signoff import field_edges, field_pages
from signed_plan.errors import SigningError
from signed_plan.lifecycle.prompts import Prompts
from signed_plan.lifecycle.session import (
    open_office_keys,
    open_session,
    read_registered_pdf,
    require_due,
    require_person,
    require_stage,
)
from signed_plan.lifecycle.sign import Signing
from signed_plan.paths import PLAIN_NAME, PlanFolder, pdf_file
from signed_plan.plan.model import Person, Review
from signed_plan.plan.names import name_of
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register, RegisterEntry
from signed_plan.register.events import SignedOnPaper
from signed_plan.register.issued import known_version
from signed_plan.register.publish import file_record
from signed_plan.register.shapes import ScanFile
from signed_plan.signing.box_ink import Ink, PrintedBox, look_for_ink
from signed_plan.signing.qr_scan import read_scan, suffix
from signed_plan.wording import join_names

_CODE = re.compile(
    rf"signed-plan:({PLAIN_NAME.pattern}):([0-9a-fA-F]{{64}})(?::[A-Z0-9+-]*:([0-9]{{1,4}}))?"
)
"""The form of `page_code`, and of `qr_text`, which older versions of the program printed on all
pages; nothing else that a code says is ever repeated.
"""


@dataclass(frozen=True, slots=True)
class TakenScan:
    """A scan that counts as a signature."""

    entry: RegisterEntry[SignedOnPaper]
    ink: Ink
    """What was seen in the person's box: "empty" where somebody has said that it is signed."""


def scan(
    folder: PlanFolder, signing: Signing, data: bytes, prompts: Prompts, *, ink_seen: bool = False
) -> TakenScan:
    """Takes a scanned sign-off page as a person's signature on paper.

    A program reads the code on the page, and looks for ink in the person's box. Where it sees none,
    it asks, unless somebody has seen it. Whose ink it is, the person who scans must look. Raises
    SigningError if the code is not of this version with this fingerprint, or an empty box is not
    confirmed to be signed.
    """
    with open_session(folder, prompts) as session:
        version = known_version(folder, session.register, signing.version)
        person = require_person(version, signing.person)
        require_stage(session, version.name, "issued")
        review = require_due(session, version, person, signing.review).review
        _require_scan(session.register, version, data)
        ending = suffix(data)
        scanned = read_scan(data)
        if scanned.carries_record:
            raise _own_pdf_error("That is the PDF of a version itself, saved again,")
        pages = _require_code(version, scanned.codes)
        pdf = read_registered_pdf(session, version.name, grown=True)
        box = _printed_box(pdf, review, person)
        _require_page(pages, box.page, f"{name_of(version.plan, person)} for {review.title}")
        ink = look_for_ink(data, pdf, box)
        if ink == "empty" and not ink_seen:
            _require_confirmed(prompts, box.page, review, name_of(version.plan, person))
        office = open_office_keys(session, prompts)
        name = f"{review.id}-{person.id}-{Digest.of_bytes(data).hex[:8]}{ending}"
        path = folder.output / version.name / "scans" / name
        event = SignedOnPaper(
            review=review.id,
            person=person.id,
            files=ScanFile(scan=file_record(folder, path, data)),
        )
        register, entry = session.register.enter(version.name, event)
        session.enter(office, register, {path: data})
        return TakenScan(entry, ink)


def _require_page(numbers: set[str | None], page: int, whose: str) -> None:
    if None in numbers or str(page) in numbers:
        return
    found = join_names([f"page {number}" for number in sorted(map(str, numbers), key=int)])
    raise SigningError(
        f"That is {found}, and the box of {whose} is on page {page}.", f"Scan page {page}."
    )


def _printed_box(pdf: bytes, review: Review, person: Person) -> PrintedBox:
    name, pages, edges = field_name(review, person), field_pages(pdf), field_edges(pdf)
    others = tuple(edges[other] for other in edges if other != name and pages[other] == pages[name])
    return PrintedBox(pages[name], edges[name], others)


def _require_confirmed(prompts: Prompts, page: int, review: Review, told: str) -> None:
    empty = f"No ink is to be seen on that scan in the box of {told} for {review.title}"
    if not prompts.confirm(f"{empty}. Have you looked, and is it signed there?"):
        raise SigningError(
            f"{empty}.",
            f"Look at page {page}. If that box is signed, run the same command with --ink-seen; if "
            "not, have it signed and scan it again.",
        )


def _require_scan(register: Register, version: Version, data: bytes) -> None:
    """Refuses the version's own PDF: its pages have the code, and nobody's ink."""
    if any(state.record.begins(data) for state in register.states(pdf_file(version.name))):
        raise _own_pdf_error(f"That is the PDF of version {version.name} itself,")


def _own_pdf_error(what: str) -> SigningError:
    return SigningError(
        f"{what} and no scan of a signed page.",
        "Print its sign-off page, have it signed, and scan that page. What was signed on screen is "
        "for: plan receive FILE",
    )


def _require_code(version: Version, codes: tuple[str, ...]) -> set[str | None]:
    """The numbers of the scanned pages, as their codes say; None for a code that names no page."""
    pages = [found.groups() for code in codes if (found := _CODE.fullmatch(code))]
    if not pages:
        raise SigningError(
            "There is no code of a sign-off page on that scan.",
            "Scan the whole page again, straight, with 200 dots per inch or more.",
        )
    numbers = {number for _, _, number in pages}
    named = [(name, fingerprint.lower()) for name, fingerprint, _ in pages]
    others = [one for one in named if one != (version.name, version.fingerprint.hex)]
    if not others:
        return numbers
    name, fingerprint = others[0]
    if name == version.name:
        raise SigningError(
            f"That page is of version {name} with other words: its fingerprint begins "
            f"{Digest(fingerprint).short}, this version's {version.fingerprint.short}.",
            f"Print the sign-off page of {version.name} again, and ask for a signature on that.",
        )
    raise SigningError(
        f"That page is of version {name}, not of {version.name}.",
        "Scan the right page, or name its version in the command.",
    )
