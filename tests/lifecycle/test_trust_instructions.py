"""The half page on trusting the office's root: one certificate, told as Adobe Reader tells it."""

from __future__ import annotations

import re
import subprocess

import pytest
from signed_plan.lifecycle.trust_instructions import how_to_trust
from signed_plan.signing.identity import read_certificate

from tests.story import Story


@pytest.fixture(scope="module")
def page(story: Story) -> str:
    return (story.at("keys").certificates / "how-to-trust.txt").read_text(encoding="utf-8")


def test_the_page_tells_the_fingerprint_that_openssl_tells(story: Story, page: str) -> None:
    root = story.at("keys").certificates / "office-root.crt"
    words = ["openssl", "x509", "-in", str(root), "-noout", "-fingerprint", "-sha256"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    digits = told.strip().partition("=")[2].replace(":", " ")
    pairs = [pair for line in re.findall(r"^ {6}(.*)$", page, re.M) for pair in line.split()]
    assert pairs == digits.split()
    assert len(pairs) == 32


def test_the_page_names_the_file_the_office_and_the_last_day(story: Story, page: str) -> None:
    root = read_certificate((story.at("keys").certificates / "office-root.crt").read_bytes())
    organisation = "Bank Road and William Lilley Schools Collaboration"
    until = root.not_valid_after_utc
    assert "office-root.crt" in page
    assert page.startswith(f"How to trust the signatures of {organisation}\n====")
    assert page.endswith(f"valid until {until.day} {until:%B %Y}.\n")
    assert how_to_trust(organisation, root) == page


def test_the_page_fits_half_a_sheet(page: str) -> None:
    assert len(page.splitlines()) <= 30
    assert max(map(len, page.splitlines())) <= 100
