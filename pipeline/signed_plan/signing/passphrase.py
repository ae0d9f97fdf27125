"""Passphrases: kept out of every message, and refused if they are weak."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from signed_plan.errors import SigningError
from signed_plan.processes import forbid_core_dumps

MAX_BYTES = 1000
"""The libraries lock a key file with no more than this."""
ENOUGH_GUESSES = 10**12
"""PKCS#12 and PKCS#8 derive keys quickly, so a guess costs little and many must be needed."""
_SHORTEST_WORD = 4


class Secret:
    """A passphrase that no print, log or traceback shows, nor a core dump, with what it opens."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        forbid_core_dumps()
        self._text = text

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")

    def reveal(self) -> bytes:
        """The passphrase in UTF-8, for the library that needs it."""
        return self._text.encode("utf-8", "surrogateescape")


def require_strength(secret: Secret, about: Iterable[str] = ()) -> None:
    """Raises SigningError if a passphrase can be guessed.

    `about` holds texts an attacker would try first, such as the person's own name.
    """
    from zxcvbn import zxcvbn

    passphrase = secret.reveal().decode("utf-8", "surrogateescape")
    if len(secret.reveal()) > MAX_BYTES:
        raise SigningError(
            "That passphrase is too long for a key file.", f"Take {MAX_BYTES} letters at the most."
        )
    words = [word for text in about for word in text.split()]
    # The library no longer sees a known word once it is repeated or stands beside others.
    known = "|".join(re.escape(word) for word in words if len(word) >= _SHORTEST_WORD)
    rest = re.sub(known, "", passphrase, flags=re.IGNORECASE) if known else passphrase
    # And it fails on an empty text.
    if not rest.strip() or zxcvbn(rest[:72], user_inputs=words)["guesses"] < ENOUGH_GUESSES:
        raise SigningError(
            "That passphrase is too easy to guess.",
            "Take five words that have nothing to do with each other, or 12 random characters.",
        )
