"""The data that a signature's program leaves for later validators (DSS; ISO 32000-2, 12.8.4.3).

They may hold anything, and whatever reads them later must be able to: so they are bounded, they
parse, and they belong to the signatures in the file.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from typing import Any

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

from signed_plan.digest import Digest
from signed_plan.signing.pdf_compare import entry
from signed_plan.signing.validation import tokens

MAX_OBJECTS = 300
MAX_BYTES = 5_000_000
"""How many certificates, lists and answers there may be, and how long each (national lists are)."""

_KINDS = {"/Certs": x509.Certificate, "/CRLs": crl.CertificateList, "/OCSPs": ocsp.OCSPResponse}
_SHAPES = {**_KINDS, "/TS": cms.ContentInfo}
_NAMES = {
    "/Certs": "certificate",
    "/CRLs": "revocation list",
    "/OCSPs": "revocation answer",
    "/TS": "timestamp",
}
_STORE_MAY = frozenset({*_KINDS, "/Type", "/VRI"})
_VRI = {"/Cert": "/Certs", "/CRL": "/CRLs", "/OCSP": "/OCSPs"}
_VRI_KEY = re.compile(r"/[0-9A-F]{40}")
_STREAM_MAY = frozenset({"/Length", "/Filter", "/Type"})

_Held = dict[str, dict[str, Any]]
"""By the kind of data, what there is of it, by its digest."""


class Unfit(Exception):
    """Validation data that cannot be kept; says why, as a clause."""


def validation_data_fault(pdf: bytes, size: int) -> str:
    """Why the validation data cannot be kept that a file has now, which was `size` bytes long
    before; "" if they can."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    try:
        old = _held(PdfFileReader(io.BytesIO(pdf[:size]), strict=False), is_new=False)
        new = _held(reader, is_new=True)
        for kind in _KINDS:
            if not {*old[kind]} <= {*new[kind]}:
                raise Unfit(f"a {_NAMES[kind]} that was there is gone")
        _require_related(new, old, reader)
    except Unfit as error:
        return str(error)
    return ""


def _held(reader: PdfFileReader, *, is_new: bool) -> _Held:
    found: _Held = {kind: {} for kind in _KINDS}
    store = entry(reader.root, "/DSS")
    if store is None:
        return found
    if not isinstance(store, generic.DictionaryObject) or not {*store} <= _STORE_MAY:
        raise Unfit("they hold something else")
    for kind in _KINDS:
        for data in _streams(entry(store, kind, ()), kind):
            found[kind][Digest.of_bytes(data).hex] = _parse(kind, data) if is_new else None
    if sum(map(len, found.values())) > MAX_OBJECTS:
        raise Unfit(f"they hold more than {MAX_OBJECTS} objects")
    _require_known(entry(store, "/VRI", {}), found)
    return found


def _streams(array: Any, kind: str) -> Iterator[bytes]:
    if isinstance(array, tuple | generic.ArrayObject) and len(array) <= MAX_OBJECTS:
        for at in range(len(array)):
            yield _data(array[at], kind)
    else:
        raise Unfit(f"there is no list where every {_NAMES[kind]} should be")


def _data(stream: Any, kind: str) -> bytes:
    """The content of a stream, of which no more is unpacked than may be there."""
    if not isinstance(stream, generic.StreamObject) or not {*stream} <= _STREAM_MAY:
        raise Unfit(f"something stands where a {_NAMES[kind]} should")
    packed = stream.encoded_data
    if "/Filter" not in stream:
        data = packed
    elif stream["/Filter"] in ("/FlateDecode", ["/FlateDecode"]):
        opener = zlib.decompressobj()
        try:
            data = opener.decompress(packed, MAX_BYTES + 1)
        except zlib.error as error:
            raise Unfit(f"a {_NAMES[kind]} cannot be unpacked") from error
    else:
        raise Unfit(f"a {_NAMES[kind]} is packed in an unusual way")
    if len(data) > MAX_BYTES:
        raise Unfit(f"a {_NAMES[kind]} is larger than {MAX_BYTES // 1_000_000} MB")
    return data


def _parse(kind: str, data: bytes) -> Any:
    try:
        found = _SHAPES[kind].load(data, strict=True)
        assert found.native is not None  # only then is everything in it parsed
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise Unfit(f"what stands there as a {_NAMES[kind]} is none") from error
    return found


def _require_known(entries: Any, found: _Held) -> None:
    """That what is listed for each signature is in the lists for all, and nothing else."""
    if not isinstance(entries, dict) or len(entries) > MAX_OBJECTS:
        raise Unfit("the list by signatures is none")
    for key in entries:
        value = entries[key]
        if not _VRI_KEY.fullmatch(key) or not isinstance(value, generic.DictionaryObject):
            raise Unfit("the list by signatures is none")
        if not {*value} <= {*_VRI, "/Type", "/TU", "/TS"}:
            raise Unfit("the list by signatures holds something else")
        for name, kind in _VRI.items():
            for data in _streams(entry(value, name, ()), kind):
                if Digest.of_bytes(data).hex not in found[kind]:
                    raise Unfit(f"a {_NAMES[kind]} is listed for one signature only")
        if "/TS" in value:
            _parse("/TS", _data(value["/TS"], "/TS"))


def _require_related(new: _Held, old: _Held, reader: PdfFileReader) -> None:
    """That everything new has to do with a certificate that signed something in the file."""
    fresh = [one for key, one in new["/Certs"].items() if key not in old["/Certs"]]
    known = [*_signers(reader)]
    known += [one for key, one in new["/Certs"].items() if key in old["/Certs"]]
    for answer in new["/OCSPs"].values():
        known += _answerers(answer, known)
    while True:
        related = [one for one in fresh if _is_related(one, known)]
        if not related:
            break
        known += related
        fresh = [one for one in fresh if one not in related]
    if fresh:
        raise Unfit("a certificate has nothing to do with any signature")
    names = {one.issuer.hashable for one in known} | {one.subject.hashable for one in known}
    for key, one in new["/CRLs"].items():
        if key not in old["/CRLs"] and one.issuer.hashable not in names:
            raise Unfit("a revocation list has nothing to do with any signature")
    numbers = {one.serial_number for one in known}
    for key, one in new["/OCSPs"].items():
        if key not in old["/OCSPs"] and not numbers & {*_asked(one)}:
            raise Unfit("a revocation answer has nothing to do with any signature")


def _is_related(one: x509.Certificate, known: list[x509.Certificate]) -> bool:
    """Whether it issued one of those, or was issued by one."""
    subject, issuer = one.subject.hashable, one.issuer.hashable
    return any(
        subject == other.issuer.hashable or issuer == other.subject.hashable for other in known
    )


def _signers(reader: PdfFileReader) -> Iterator[x509.Certificate]:
    """The certificates that the signatures in the file bring along."""
    for embedded in reader.embedded_signatures:
        yield embedded.signer_cert
        yield from embedded.other_embedded_certs
        yield from _of_timestamps(embedded)


def _of_timestamps(embedded: EmbeddedPdfSignature) -> Iterator[x509.Certificate]:
    for token in tokens(embedded):
        for one in token["certificates"] or ():
            if isinstance(one.chosen, x509.Certificate):
                yield one.chosen


def _basic(answer: ocsp.OCSPResponse) -> ocsp.BasicOCSPResponse | None:
    if answer["response_status"].native != "successful":
        return None
    return answer.basic_ocsp_response


def _asked(answer: ocsp.OCSPResponse) -> Iterator[int]:
    """The serial numbers that an answer is about."""
    basic = _basic(answer)
    for one in () if basic is None else basic["tbs_response_data"]["responses"]:
        yield one["cert_id"]["serial_number"].native


def _answerers(answer: ocsp.OCSPResponse, known: list[x509.Certificate]) -> list[x509.Certificate]:
    """The certificates that an answer about a known certificate brings along."""
    basic = _basic(answer)
    if basic is None or not {*_asked(answer)} & {one.serial_number for one in known}:
        return []
    return [*(basic["certs"] or ())]
