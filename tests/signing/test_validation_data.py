"""Validation data are certificates, lists and answers that belong to signatures, and no more."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Any

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as named
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from signed_plan.signing.identity import make_office_keys, make_revocation_list
from signed_plan.signing.revision_diff import changes
from signed_plan.signing.validation_data import MAX_BYTES, MAX_OBJECTS, validation_data_fault

from tests.signing.helpers import CAROLE, People, Signing, der
from tests.signing.test_revision_diff import Mutation, revised

pytestmark = pytest.mark.usefixtures("quiet")


def stored(kind: str, *found: bytes, keep: bool = True, **keys: Any) -> Mutation:
    """Adds streams with those bytes to the validation data."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        store = writer.root["/DSS"]
        array = generic.ArrayObject(list(store[kind]) if keep and kind in store else [])
        for at, held in enumerate(store[kind] if keep and kind in store else []):
            array[at] = store[kind].raw_get(at)
            del held
        for data in found:
            one = generic.StreamObject(stream_data=data)
            one |= {named(f"/{key}"): value for key, value in keys.items()}
            array.append(writer.add_object(one))
        store[named(kind)] = array
        writer.update_container(store)

    return change


def fault(signing: Signing, *mutations: Mutation) -> str:
    return validation_data_fault(revised(signing.once, *mutations), len(signing.certified))


def test_what_our_own_signatures_leave_is_fine(signing: Signing, stamped: Signing) -> None:
    for states in (signing, stamped):
        assert validation_data_fault(states.once, len(states.certified)) == ""
        assert validation_data_fault(states.twice, len(states.once)) == ""


@pytest.fixture(scope="module")
def strangers(moment: datetime) -> tuple[bytes, bytes]:
    """The root certificate and the revocation list of another office."""
    other = make_office_keys("Another office", moment)
    return der(other.root.certificate), make_revocation_list(other.root, [], moment)


def test_what_belongs_to_a_signature_may_be_added_in_any_order(
    signing: Signing, people: People
) -> None:
    related = stored("/Certs", der(people.sally.certificate), der(people.office.seal.certificate))
    assert fault(signing, related, stored("/CRLs", people.revocations)) == ""


@pytest.mark.parametrize("kind", ["/Certs", "/CRLs", "/OCSPs"])
@pytest.mark.parametrize("data", [b"", b"not agreed", b"\x30\x03\x02\x01\x01", b"%PDF-1.7"])
def test_garbage_is_refused(signing: Signing, kind: str, data: bytes) -> None:
    assert "is none" in fault(signing, stored(kind, data))


def test_words_behind_a_certificate_are_refused(signing: Signing, people: People) -> None:
    data = der(people.carole.certificate) + b"not agreed"
    assert "a certificate is none" in fault(signing, stored("/Certs", data))


def test_what_belongs_to_nobody_here_is_refused(
    signing: Signing, strangers: tuple[bytes, bytes]
) -> None:
    root, revocations = strangers
    assert "a certificate has nothing to do" in fault(signing, stored("/Certs", root))
    assert "list has nothing to do" in fault(signing, stored("/CRLs", revocations))


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_stream_is_not_unpacked_beyond_its_bound(signing: Signing) -> None:
    packed = zlib.compress(bytes(MAX_BYTES + 1))
    bomb = zlib.compressobj(9)
    huge = b"".join(bomb.compress(bytes(10_000_000)) for _ in range(30)) + bomb.flush()
    for data in (packed, huge):

        def add(writer: IncrementalPdfFileWriter, data: bytes = data) -> None:
            one = generic.StreamObject({named("/Filter"): named("/FlateDecode")}, encoded_data=data)
            store = writer.root["/DSS"]
            kept = [store["/Certs"].raw_get(at) for at in range(len(store["/Certs"]))]
            store["/Certs"] = generic.ArrayObject([*kept, writer.add_object(one)])
            writer.update_container(store)

        assert "is larger than 5 MB" in fault(signing, add)


def test_too_many_are_refused(signing: Signing, people: People) -> None:
    many = [der(people.carole.certificate)] * (MAX_OBJECTS + 1)
    assert fault(signing, stored("/Certs", *many)) != ""


@pytest.mark.parametrize(
    "keys", [{"F": generic.pdf_string("x")}, {"Filter": named("/ASCIIHexDecode")}]
)
def test_streams_have_no_other_keys(signing: Signing, people: People, keys: dict[str, Any]) -> None:
    data = der(people.sally.certificate)
    assert fault(signing, stored("/Certs", data, **keys)) != ""


def emptied(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"] = writer.add_object(generic.DictionaryObject())
    writer.update_root()


def other_key(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/DSS"][named("/Words")] = generic.pdf_string("not agreed")
    writer.update_container(writer.root["/DSS"])


def by_signature(**entry: Any) -> Mutation:
    def change(writer: IncrementalPdfFileWriter) -> None:
        held = generic.DictionaryObject({named(f"/{key}"): one for key, one in entry.items()})
        store = writer.root["/DSS"]
        store[named("/VRI")] = generic.DictionaryObject({named("/" + "AB" * 20): held})
        writer.update_container(store)

    return change


@pytest.mark.parametrize(
    ("mutation", "said"),
    [
        (emptied, "that was there is gone"),
        (stored("/Certs", keep=False), "that was there is gone"),
        (other_key, "something else"),
        (by_signature(Words=generic.pdf_string("not agreed")), "something else"),
        (by_signature(Cert=generic.pdf_string("not agreed")), "no list"),
    ],
    ids=["emptied", "a list emptied", "other key", "words for a signature", "no list"],
)
def test_a_store_keeps_what_it_has_and_to_its_form(
    signing: Signing, mutation: Mutation, said: str
) -> None:
    assert said in fault(signing, mutation)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"TS": generic.pdf_string("not agreed")}, "something stands where a timestamp should"),
        (
            {"TS": generic.StreamObject(stream_data=b"not agreed")},
            "what stands there as a timestamp is none",
        ),
        (
            {"OCSP": generic.ArrayObject([generic.pdf_string("not agreed")])},
            "something stands where a revocation answer should",
        ),
    ],
    ids=["no timestamp", "garbage as a timestamp", "no answer"],
)
def test_what_is_listed_for_one_signature_is_called_what_it_should_be(
    signing: Signing, entry: dict[str, Any], said: str
) -> None:
    assert fault(signing, by_signature(**entry)) == said


@pytest.mark.slow("builds, signs, or starts a process")
def test_receiving_is_told_of_it(signing: Signing) -> None:
    pdf = revised(signing.once, stored("/Certs", b"not agreed"))
    (found,) = changes(pdf, len(signing.certified), CAROLE)
    assert found.what == ("the validation data (what stands there as a certificate is none)")
