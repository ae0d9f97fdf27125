"""A passphrase is never shown, and a weak one is refused."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import pprint
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from signed_plan.errors import ExitCode, SigningError
from signed_plan.signing.passphrase import Secret, require_strength

HIDDEN = "orbit-lantern-mossy-cradle-tuna"


@dataclass(frozen=True)
class Holder:
    secret: Secret


def _trace(secret: Secret) -> str:
    try:
        raise ValueError(f"{secret} was not taken", secret)
    except ValueError as error:
        return "".join(
            traceback.TracebackException.from_exception(error, capture_locals=True).format()
        )


SHOWN: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "f-string": lambda secret: f"{secret}",
    "f-string of its repr": lambda secret: f"{secret!r} {secret!a}",
    "percent": lambda secret: "%s" % secret,  # noqa: UP031
    "format": format,
    "inside a dataclass": lambda secret: repr(Holder(secret)),
    "inside a list": lambda secret: str([secret, {"passphrase": secret}]),
    "pretty print": lambda secret: pprint.pformat({"passphrase": secret}),
    "traceback with locals": _trace,
    "logging": lambda secret: logging.LogRecord(
        "plan", 10, "", 1, "took %s", (secret,), None
    ).getMessage(),
}


@pytest.mark.parametrize("way", SHOWN)
def test_no_print_shows_a_secret(way: str) -> None:
    shown = SHOWN[way](Secret(HIDDEN))
    assert "<secret>" in shown
    assert HIDDEN not in shown


WRITTEN: dict[str, Callable[[Secret], object]] = {
    **{
        f"pickle {protocol}": lambda secret, protocol=protocol: pickle.dumps(secret, protocol)  # type: ignore[misc]
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    },
    "json": lambda secret: json.dumps({"passphrase": secret}),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "vars": vars,
}


@pytest.mark.parametrize("way", WRITTEN)
def test_no_library_writes_a_secret_down(way: str) -> None:
    with pytest.raises(TypeError) as caught:
        WRITTEN[way](Secret(HIDDEN))
    assert HIDDEN not in str(caught.value)


def test_only_what_asks_for_it_gets_a_secret_in_utf8() -> None:
    assert Secret("Grüße 字").reveal() == "Grüße 字".encode()


ABOUT = ("Carole Clemens", "Burton Joyce Primary School")


@pytest.mark.parametrize(
    "weak",
    [
        "",
        "x",
        "kJ8#vq",
        "password",
        "Passw0rd!2017",
        "qwertyuiopasdf",
        "12345678901234567890",
        "letmeinplease",
        "Carole Clemens",
        "CaroleClemens1962",
        "clemensburtonjoyce",
        "a" * 12,
        "a" * 100,
        "abcabcabcabcabcabc",
        "ab" * 50,
    ],
)
def test_a_weak_passphrase_is_refused_with_what_to_take_instead(weak: str) -> None:
    with pytest.raises(SigningError) as caught:
        require_strength(Secret(weak), ABOUT)
    assert caught.value.exit_code == ExitCode.SIGNING
    assert caught.value.message == "That passphrase is too easy to guess."
    assert caught.value.remedy == (
        "Take five words that have nothing to do with each other, or 12 random characters."
    )


def test_ones_own_name_is_weak_though_it_is_strong_for_others() -> None:
    passphrase = Secret("Beardsley Sally Willowbrook")
    require_strength(passphrase)
    with pytest.raises(SigningError):
        require_strength(passphrase, ("Sally Beardsley", "Willowbrook"))


@pytest.mark.parametrize(
    "strong",
    [
        "orbit lantern mossy cradle tuna",
        "plum grit vowel shin hatch",
        "kL9$Lm2!vQx7",
        "Grüße an fünf Öfen",
        "字" + "orbit lantern mossy cradle tuna",
        "orbit lantern mossy cradle tuna " * 20,
    ],
)
def test_five_words_or_twelve_random_characters_are_taken_however_long(strong: str) -> None:
    require_strength(Secret(strong), ABOUT)


def test_a_long_passphrase_is_judged_quickly() -> None:
    start = time.monotonic()
    with pytest.raises(SigningError):
        require_strength(Secret("password" * 100_000), ABOUT)
    assert time.monotonic() - start < 5


def test_a_passphrase_that_no_key_file_can_be_locked_with_is_refused() -> None:
    with pytest.raises(SigningError, match="too long"):
        require_strength(Secret("orbit lantern mossy cradle tuna " * 40))


@pytest.mark.parametrize(
    "told", ["carole clemens carole clemens", "Bank Road Schools Collaboration bank road"]
)
def test_the_words_that_an_attacker_tries_first_do_not_count(told: str) -> None:
    with pytest.raises(SigningError, match="too easy to guess"):
        require_strength(Secret(told), ("Carole Clemens", "Bank Road Schools Collaboration"))
