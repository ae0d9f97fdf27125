"""What was just signed is verified before it is entered: what would not verify is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from signed_plan.errors import SigningError
from signed_plan.lifecycle import issue as issuing
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.seal import seal
from signed_plan.paths import PlanFolder
from signed_plan.signing import pades
from signed_plan.signing.pades import SignedPdf

from tests.lifecycle.helpers import demand_registered, refused
from tests.story import CAROLE, JULY, Story, prompts, sign_here

SIGN, ARCHIVE = "signed_plan.lifecycle.sign.sign_pdf", "signed_plan.lifecycle.seal.archive"
At = Callable[[str], PlanFolder]
SignPdf = Callable[..., SignedPdf]


@pytest.fixture
def at(story: Story, tmp_path: Any) -> At:
    return lambda step: story.copy(step, tmp_path / "plan")


def spoilt(real: SignPdf, at: bytes, after: int) -> SignPdf:
    """The real signing, after which a byte is another one."""

    def sign_badly(*arguments: Any) -> SignedPdf:
        signed = real(*arguments)
        pdf = bytearray(signed.pdf)
        pdf[pdf.rindex(at) + after] ^= 1
        return replace(signed, pdf=bytes(pdf))

    return sign_badly


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize(
    ("where", "after", "step"),
    [
        (b"/Contents <", 400, "its signatures can be read"),
        (b"/Reason", 12, "signature of Carole Clemens, July 2017, head teachers and JCC"),
    ],
    ids=["the signature itself", "what it says"],
)
def test_a_signature_that_would_not_verify_is_not_entered(
    at: At, monkeypatch: pytest.MonkeyPatch, where: bytes, after: int, step: str
) -> None:
    folder = at("july issued")
    monkeypatch.setattr(SIGN, spoilt(pades.sign, where, after))
    told = f"would not verify with what was just signed: {step}"
    with refused(folder, SigningError, told, f"plan verify {JULY}"):
        sign_here(folder, JULY, CAROLE)
    monkeypatch.undo()
    sign_here(folder, JULY, CAROLE)
    demand_registered(folder)


def test_a_change_to_what_was_signed_before_is_not_entered(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = at("july issued")
    monkeypatch.setattr(SIGN, spoilt(pades.sign, b"%PDF-", 5))
    with refused(folder, SigningError, "each state that its PDF grew from"):
        sign_here(folder, JULY, CAROLE)


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_certification_that_names_another_head_is_not_entered(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = at("enrolled")
    real = issuing.certification_reason
    monkeypatch.setattr(
        issuing, "certification_reason", lambda name, print_, _: real(name, print_, "0" * 64)
    )
    with refused(folder, SigningError, "the office's certification: it vouches for another"):
        issue(folder, JULY, prompts())


@pytest.mark.slow("builds, signs, or starts a process")
def test_a_seal_that_would_not_verify_is_not_entered(
    at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = at("july issued")
    sign_here(folder, JULY, CAROLE)
    monkeypatch.setattr(ARCHIVE, spoilt(pades.archive, b"startxref", 12))
    with refused(folder, SigningError, "would not verify with what was just signed"):
        seal(folder, JULY, "somebody is away", prompts())
