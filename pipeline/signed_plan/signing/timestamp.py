"""A timestamp token from an authority (RFC 3161), checked before it is used."""

from __future__ import annotations

import asyncio
import http.client
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from asn1crypto import cms, core, tsp, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from signed_plan.errors import ServiceError

MAX_ANSWER = 1_000_000
_CLOCKS_DIFFER = timedelta(hours=1)
_GRANTED = ("granted", "granted_with_mods")
_WAIT = "Nothing was changed. Try again later, or ask who runs it."


class Authority(TimeStamper):
    """A timestamp authority at an address. Its tokens must be signed under that root certificate.

    Every call raises ServiceError if the authority cannot be reached, takes longer than `seconds`,
    or does not answer with a fresh token for what was asked.
    """

    def __init__(self, url: str, root: certificates.Certificate, seconds: float) -> None:
        super().__init__()
        self.url = url
        self.root = x509.Certificate.load(root.public_bytes(Encoding.DER))
        self.seconds = seconds

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The authority's answer, if it grants the request."""
        answer = await asyncio.to_thread(self._ask_within, req.dump())
        _require_granted(answer)
        try:
            response = tsp.TimeStampResp.load(answer, strict=True)
            response.native  # noqa: B018  asn1crypto parses no sooner
        except (ValueError, TypeError, KeyError) as error:
            raise _unusable("answered with something that is no timestamp") from error
        return response

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token for that digest; its status, content, time and signature are checked."""
        nonce, request = self.request_cms(message_digest, md_algorithm)
        response = await self.async_request_tsa_response(request)
        token = response["time_stamp_token"]
        try:
            stamped = token["content"]["encap_content_info"]["content"].parsed
            imprint = stamped["message_imprint"]["hashed_message"].native
            same_nonce = stamped["nonce"].native == nonce
            moment = stamped["gen_time"].native
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _unusable("answered with a token that cannot be read") from error
        if imprint != message_digest or not same_nonce:
            raise _unusable("sent a token for something else")
        if abs(moment - datetime.now(UTC)) > _CLOCKS_DIFFER:
            raise _unusable(
                f"says that it is {moment:%d %B %Y, %H:%M} UTC; its clock or yours is off"
            )
        await self._require_signature(token["content"], message_digest, moment)
        return token

    async def _require_signature(
        self, signed: cms.SignedData, digest: bytes, moment: datetime
    ) -> None:
        context = ValidationContext(trust_roots=[self.root], allow_fetching=False, moment=moment)
        try:
            status = await validate_tst_signed_data(signed, context, lambda _: digest)
        except (SignatureValidationError, PathError, ValidationError, ValueError) as error:
            raise _unusable("sent a token whose signature cannot be checked") from error
        if not (status["intact"] and status["valid"]):
            raise _unusable("sent a token with a false signature")
        if status["trust_problem_indic"] is not None or status["validation_path"] is None:
            raise _unusable("is not the one whose certificate stands in settings.yaml")

    def _ask_within(self, question: bytes) -> bytes:
        """The answer, if it comes in time. No socket timeout would end endless headers."""
        answer: Future[bytes] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._ask(question))
            except BaseException as error:
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        try:
            return answer.result(self.seconds)
        except TimeoutError as error:
            raise self._slow() from error

    def _ask(self, question: bytes) -> bytes:
        end = time.monotonic() + self.seconds
        answer = b""
        headers = {
            "Content-Type": "application/timestamp-query",
            "Accept": "application/timestamp-reply",
        }
        try:
            request = urllib.request.Request(self.url, question, headers)
            with urllib.request.urlopen(request, timeout=self.seconds) as response:
                while part := response.read1(65536):
                    answer += part
                    if len(answer) > MAX_ANSWER:
                        raise _unusable("answered with something that is no timestamp")
                    if time.monotonic() > end:
                        raise TimeoutError
        except TimeoutError as error:
            raise self._slow() from error
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as error:
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise self._slow() from error
            raise _unusable("cannot be reached") from error
        return answer

    def _slow(self) -> ServiceError:
        return _unusable(f"did not answer within {self.seconds:g} seconds")


class _Answer(core.Sequence):  # type: ignore[misc]
    """An answer whose status alone is read: a refusal comes without a token."""

    _fields: ClassVar[list[Any]] = [
        ("status", tsp.PKIStatusInfo),
        ("token", core.Any, {"optional": True}),
    ]


def _require_granted(answer: bytes) -> None:
    """Raises ServiceError, quoting the authority, if it refuses."""
    try:
        status = _Answer.load(answer, strict=True)["status"].native
    except (ValueError, TypeError, KeyError) as error:
        raise _unusable("answered with something that is no timestamp") from error
    if status["status"] not in _GRANTED:
        reason = "; ".join(status["status_string"] or ()) or "it gave no reason"
        raise _unusable(f"refused to stamp ({reason[:200]})")


def _unusable(what: str) -> ServiceError:
    return ServiceError(f"The timestamp authority {what}.", _WAIT)
