"""The half page on trusting the office's root: one certificate, told as Adobe Reader tells it."""

from __future__ import annotations

import io
import re
import subprocess

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from signed_plan.lifecycle.trust_instructions import how_to_trust
from signed_plan.signing.identity import read_certificate

from tests.story import JULY, Story


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
    assert how_to_trust(organisation, root, "office-root.crt") == page


def test_the_page_names_the_file_that_it_comes_with(story: Story) -> None:
    root = read_certificate((story.at("keys").certificates / "office-root.crt").read_bytes())
    page = how_to_trust("An Office", root, "office-root.p7b")
    assert page.count("office-root.p7b") == 2
    assert ".crt" not in page


def test_without_the_file_the_certificate_is_in_the_plans_own_seal(story: Story) -> None:
    """As the page says where a mail program keeps the file back."""
    folder = story.at("july issued")
    root = read_certificate((folder.certificates / "office-root.crt").read_bytes())
    (seal,) = PdfFileReader(io.BytesIO(folder.pdf(JULY).read_bytes())).embedded_regular_signatures
    held = [certificate.dump() for certificate in seal.other_embedded_certs]
    assert held == [root.public_bytes(Encoding.DER)]


def test_the_page_fits_half_a_sheet(page: str) -> None:
    assert len(page.splitlines()) <= 30
    assert max(map(len, page.splitlines())) <= 100
