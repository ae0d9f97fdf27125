"""Keys and signatures take time: they are made once for the whole run, and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography import x509
from signed_plan.paths import PlanFolder
from signed_plan.signing.appearance import Look
from signed_plan.signing.identity import (
    OfficeKeys,
    make_office_keys,
    make_person,
    make_revocation_list,
)
from signed_plan.signing.pades import ValidationMaterial, archive, certify, sign
from signed_plan.signing.subject import SPECIMEN, Subject
from signed_plan.signing.timestamp import Authority as Client

from tests.signing.helpers import (
    CAROLE,
    FINGERPRINT,
    SALLY,
    SEAL,
    TIMESTAMP,
    People,
    Signing,
    seal_statement,
    statement_of,
)
from tools.authority import Authority


@pytest.fixture(scope="session")
def moment() -> datetime:
    """When everything here was made: signatures tell the time of the machine."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(scope="session")
def people(moment: datetime) -> People:
    office = make_office_keys("Trent CofE and St Mary's", moment)
    carole, sally = (
        make_person(office.root, Subject(name, "Burton Joyce Primary School"), moment)
        for name in ("Carole Clemens", "Sally Beardsley")
    )
    return People(office, carole, sally, make_revocation_list(office.root, [], moment))


@pytest.fixture(scope="session")
def specimen() -> OfficeKeys:
    """An office for a demonstration, with a name that no part of a certificate's name can hold."""
    name = "Wolfeschlegelsteinhausenbergerdorff Collaboration of Schools, Greater Nottinghamshire"
    return make_office_keys(name, datetime(2017, 11, 14, tzinfo=UTC), SPECIMEN)


@pytest.fixture(scope="session")
def plan_pdf(built_once: PlanFolder) -> bytes:
    """The plan of November as it is before anybody has signed."""
    return built_once.pdf("2017-11").read_bytes()


@pytest.fixture(scope="session")
def offline(people: People) -> ValidationMaterial:
    """What is added to a signature where no timestamp authority is named."""
    return ValidationMaterial((people.office.root.certificate,), people.revocations)


@pytest.fixture(scope="session")
def signing(plan_pdf: bytes, people: People, offline: ValidationMaterial) -> Signing:
    """Certified by the office, then signed by two people; no network."""
    certified = certify(plan_pdf, SEAL, people.office.seal, seal_statement(), offline).pdf
    once = sign(certified, CAROLE, people.carole, statement_of("Carole Clemens"), offline).pdf
    twice = sign(once, SALLY, people.sally, statement_of("Sally Beardsley"), offline).pdf
    return Signing(plan_pdf, certified, once, twice)


@pytest.fixture(scope="session")
def running() -> Iterator[Authority]:
    with Authority() as authority:
        yield authority


@pytest.fixture
def authority(running: Authority) -> Iterator[Authority]:
    """The timestamp authority, honest again after each test."""
    yield running
    running.mode = "honest"


@pytest.fixture(scope="session")
def stamper_root(running: Authority) -> x509.Certificate:
    return x509.load_pem_x509_certificate(running.root.read_bytes())


@pytest.fixture(scope="session")
def online(
    running: Authority, stamper_root: x509.Certificate, people: People
) -> ValidationMaterial:
    """What is added to a signature where the timestamp authority is asked."""
    return ValidationMaterial(
        (people.office.root.certificate,),
        people.revocations,
        Client(running.url, stamper_root, 10),
    )


@pytest.fixture(scope="session")
def stamped(plan_pdf: bytes, people: People, online: ValidationMaterial) -> Signing:
    """The same with a timestamp in each."""
    certified = certify(plan_pdf, SEAL, people.office.seal, seal_statement(), online)
    once = sign(certified.pdf, CAROLE, people.carole, statement_of("Carole Clemens"), online)
    twice = sign(once.pdf, SALLY, people.sally, statement_of("Sally Beardsley"), online)
    assert {certified.level, once.level, twice.level} == {"B-LT"}
    return Signing(plan_pdf, certified.pdf, once.pdf, twice.pdf)


@pytest.fixture(scope="session")
def archived(stamped: Signing, online: ValidationMaterial) -> bytes:
    """And an archive timestamp over everything."""
    look = Look("Archive timestamp", ("23 November 2017", f"Version 2017-11 · {FINGERPRINT}"))
    done = archive(stamped.twice, TIMESTAMP, look, online)
    assert done.level == "B-LTA"
    return done.pdf
