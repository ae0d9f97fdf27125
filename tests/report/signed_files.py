"""Signed PDFs for the tests of what a PDF alone can prove: real signatures, and no plan folder."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property

from cryptography import x509
from signed_plan.digest import Digest
from signed_plan.lifecycle.issue import certification_reason
from signed_plan.paths import PlanFolder
from signed_plan.plan.source import load_one
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import (
    make_office_keys,
    make_person,
    make_revocation_list,
)
from signed_plan.signing.pades import Statement, ValidationMaterial, archive, certify, sign
from signed_plan.signing.subject import Subject
from signed_plan.signing.timestamp import Authority as Client

from tests.signing.helpers import CAROLE, SALLY, SEAL, TIMESTAMP, People
from tests.signing.test_revision_diff import signed
from tools.authority import Authority

JULY, NOVEMBER = "2017-07", "2017-11"


class SignedFiles:
    """November's PDF in several states, each made when it is first asked for, and who signs it."""

    def __init__(self, built: PlanFolder) -> None:
        self.draft = built.pdf(NOVEMBER).read_bytes()
        self.version = load_one(built, NOVEMBER)
        self.people = _people()
        self.offline = ValidationMaterial(
            (self.people.office.root.certificate,), self.people.revocations, None
        )

    @property
    def reason(self) -> str:
        """What the office certifies it for."""
        head = Digest.of_bytes(b"the last entry").hex
        return certification_reason(NOVEMBER, self.version.fingerprint, head)

    def certify(self, pdf: bytes, reason: str) -> bytes:
        words = _words("The office", reason)
        return certify(pdf, SEAL, self.people.office.seal, words, self.offline).pdf

    def sign(self, pdf: bytes, evidence: ValidationMaterial | None = None) -> bytes:
        """Carole signs, with this program."""
        words = _words("Carole Clemens", "It was reviewed.")
        return sign(pdf, CAROLE, self.people.carole, words, evidence or self.offline).pdf

    @cached_property
    def certified(self) -> bytes:
        return self.certify(self.draft, self.reason)

    @cached_property
    def signed(self) -> bytes:
        """Certified, signed by Carole with this program and by Sally with another."""
        return signed(self.sign(self.certified), self.people, SALLY, sly=False)

    @cached_property
    def stamped(self) -> tuple[bytes, bytes]:
        """Certified, and then signed by Carole with an authority's word on when; or else sealed."""
        with Authority() as authority:
            root = x509.load_pem_x509_certificate(authority.root.read_bytes())
            client = Client(authority.url, root, 10)
            online = ValidationMaterial(self.offline.roots, self.offline.revocations, client)
            look = Look("Archive timestamp", ("In a test",))
            sealed = archive(self.certified, TIMESTAMP, look, online).pdf
            return self.sign(self.certified, online), sealed


def _people() -> People:
    moment = datetime.now(UTC).replace(microsecond=0)
    office = make_office_keys("The office", moment)
    carole, sally = (
        make_person(office.root, Subject(name, "A School"), moment)
        for name in ("Carole Clemens", "Sally Beardsley")
    )
    return People(office, carole, sally, make_revocation_list(office.root, [], moment))


def _words(name: str, reason: str) -> Statement:
    return Statement(name, reason, Look(name, ("In a test",)))
