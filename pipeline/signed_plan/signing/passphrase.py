"""Passphrases: held so that they cannot slip into a message, and refused where they are weak."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from signed_plan.errors import SigningError

MAX_BYTES = 1000
"""More than that the libraries do not lock a key file with."""
ENOUGH_GUESSES = 10**12
"""What PKCS#12 and PKCS#8 files, whose key derivation is quick, need to stand an attacker."""


_A_WORD = 4


class Secret:
    """A passphrase that neither a print, a log nor a traceback shows."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")

    def reveal(self) -> bytes:
        """The passphrase in UTF-8, for the library that needs it."""
        return self._text.encode("utf-8", "surrogateescape")


def require_strength(secret: Secret, about: Iterable[str] = ()) -> None:
    """Raises SigningError where a passphrase can be guessed.

    `about` are words an attacker would try first, such as the person's own name.
    """
    from zxcvbn import zxcvbn

    passphrase = secret.reveal().decode("utf-8", "surrogateescape")
    if len(secret.reveal()) > MAX_BYTES:
        raise SigningError(
            "That passphrase is too long for a key file.", f"Take {MAX_BYTES} letters at the most."
        )
    words = [word for text in about for word in text.split()]
    # The library takes a known word for as good as any other once it is repeated or in company.
    known = "|".join(re.escape(word) for word in words if len(word) >= _A_WORD)
    rest = re.sub(known, "", passphrase, flags=re.IGNORECASE) if known else passphrase
    # And it cannot count the guesses for nothing at all.
    if not rest.strip() or zxcvbn(rest[:72], user_inputs=words)["guesses"] < ENOUGH_GUESSES:
        raise SigningError(
            "That passphrase is too easy to guess.",
            "Take five words that have nothing to do with each other, or 12 random characters.",
        )
