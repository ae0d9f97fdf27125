"""Digests are SHA-256 of exact bytes, and JSON has one canonical spelling."""

from __future__ import annotations

import hashlib
from pathlib import Path

from signed_plan.digest import Digest, canonical

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-4, "abc"


def test_a_digest_is_the_sha256_of_the_bytes() -> None:
    assert Digest.of_bytes(b"abc").hex == ABC == str(Digest.of_bytes(b"abc"))


def test_a_file_s_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc" * 100_000)
    assert Digest.of_file(path).hex == hashlib.sha256(b"abc" * 100_000).hexdigest()


def test_the_short_form_is_the_first_twelve_digits_in_fours() -> None:
    assert Digest(ABC).short == "ba78 16bf 8f01"


def test_the_spaced_form_is_all_digits_in_eights() -> None:
    assert Digest(ABC).spaced.replace(" ", "") == ABC
    assert {len(part) for part in Digest(ABC).spaced.split()} == {8}


def test_json_is_spelt_as_rfc_8785_spells_it() -> None:
    """The example of RFC 8785, 3.2.2, without its numbers."""
    value = {"string": '€$\u000f\nA\'B"\\\\"/', "literals": [None, True, False]}
    spelt = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(value) == spelt.encode()
    assert Digest.of_json(value).hex == hashlib.sha256(spelt.encode()).hexdigest()


def test_the_order_of_keys_does_not_matter_and_that_of_entries_does() -> None:
    assert Digest.of_json({"a": 1, "b": 2}) == Digest.of_json({"b": 2, "a": 1})
    assert Digest.of_json([1, 2]) != Digest.of_json([2, 1])
