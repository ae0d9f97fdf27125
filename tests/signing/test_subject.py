"""Names stand in certificates whole, and root, seal and specimens can be told apart."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.x509.oid import NameOID
from signed_plan.signing.identity import OfficeKeys, make_office_keys, make_person, pem
from signed_plan.signing.subject import SPECIMEN, Subject, mark_of

from tests.signing.helpers import People, certificate_names, run


def written(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def test_names_stand_in_certificates_as_they_are(people: People) -> None:
    assert certificate_names(people.carole.certificate) == {
        "CN": "Carole Clemens",
        "O": "Burton Joyce Primary School",
    }
    assert certificate_names(people.office.seal.certificate) == {
        "CN": "Trent CofE and St Mary's",
        "O": "Trent CofE and St Mary's",
        "OU": "office seal",
    }


def test_a_demonstrations_certificates_say_so_and_no_other_does(
    specimen: OfficeKeys, people: People
) -> None:
    moment = datetime(2017, 11, 15, tzinfo=UTC)
    person = make_person(specimen.root, Subject("Zoë Ω", "School", SPECIMEN), moment)
    for identity in (specimen.root, specimen.seal, person):
        names = certificate_names(identity.certificate)
        assert names["CN"].startswith("SPECIMEN ")
        assert names["OU"] == "SPECIMEN, of no value"
        assert mark_of(identity.certificate) == SPECIMEN
    assert certificate_names(person.certificate)["CN"] == "SPECIMEN Zoë Ω"
    for identity in (people.office.root, people.office.seal, people.carole):
        assert SPECIMEN not in identity.certificate.subject.rfc4514_string()
        assert mark_of(identity.certificate) == ""


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize("letter", ["x", "ö", "字"])
def test_a_name_longer_than_a_certificate_holds_is_cut_between_words(
    specimen: OfficeKeys, letter: str, tmp_path: Path
) -> None:
    word = 5 * letter
    subject = Subject(" ".join([word] * 20), letter * 80, SPECIMEN)
    person = make_person(specimen.root, subject, datetime(2017, 11, 15, tzinfo=UTC))
    names = certificate_names(person.certificate)
    start, *words = names["CN"].split(" ")
    assert start == SPECIMEN
    assert set(words) == {word}
    assert len(names["CN"].encode()) <= 64 < len(f"{names['CN']} {word}".encode())
    room = 64 // len(letter.encode())  # one word is parted in itself
    assert names["O"] == letter * (80 % room)  # the last piece of it
    root = written(tmp_path, "root.pem", pem(specimen.root.certificate))
    file = written(tmp_path, "long.pem", pem(person.certificate))
    assert run("openssl", "verify", "-no_check_time", "-CAfile", root, file) == f"{file}: OK\n"


@pytest.mark.slow("makes two offices of keys")
@pytest.mark.parametrize(
    "name",
    [
        "Bank Road and William Lilley Schools Collaboration",
        "Trent CofE Primary and Nursery School and St Mary's Catholic Junior School and "
        "Wolfeschlegelsteinhausenbergerdorff Infant School and Ξενοφών",
    ],
)
def test_no_school_is_left_out_of_an_offices_name(name: str, tmp_path: Path) -> None:
    office = make_office_keys(name, datetime(2017, 11, 14, tzinfo=UTC), SPECIMEN)
    for identity, unit in ((office.root, "root certificate"), (office.seal, "office seal")):
        subject = identity.certificate.subject
        of = subject.get_attributes_for_oid
        pieces = [str(one.value) for one in of(NameOID.ORGANIZATION_NAME)]
        assert " ".join(pieces) == name
        assert all(len(one.encode()) <= 64 for one in pieces)
        (common,) = of(NameOID.COMMON_NAME)
        assert f"{SPECIMEN} {name}".startswith(str(common.value))
        assert unit in subject.rfc4514_string()
    assert office.root.certificate.subject != office.seal.certificate.subject
    root = written(tmp_path, "root.pem", pem(office.root.certificate))
    seal = written(tmp_path, "seal.pem", pem(office.seal.certificate))
    assert run("openssl", "verify", "-no_check_time", "-CAfile", root, seal) == f"{seal}: OK\n"
