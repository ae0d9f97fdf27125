"""The tests' timestamp authority: openssl finds it honest, and each lie what it claims to be."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.authority import Authority, Mode


@pytest.fixture(scope="module")
def running() -> Iterator[Authority]:
    with Authority(delay=0.5) as authority:
        yield authority


@pytest.fixture
def authority(running: Authority) -> Iterator[Authority]:
    yield running
    running.mode = "honest"


def openssl(work: Path, command: str, *more: str) -> str:
    """What openssl says, whether it is content or not."""
    words = ["openssl", *command.split(), *more]
    done = subprocess.run(words, cwd=work, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout + done.stderr


def ask(authority: Authority, work: Path, timeout: float = 10) -> bytes:
    """Sends a query for a new document, as any client would; keeps the query and the answer."""
    (work / "document").write_bytes(b"Specimen")
    openssl(work, "ts -query -data document -sha256 -cert -out query")
    question = urllib.request.Request(
        authority.url,
        (work / "query").read_bytes(),
        {"Content-Type": "application/timestamp-query"},
    )
    with urllib.request.urlopen(question, timeout=timeout) as answer:
        reply: bytes = answer.read(10_000_000)
    (work / "reply").write_bytes(reply)
    return reply


def verify(authority: Authority, work: Path) -> str:
    command = "ts -verify -in reply -queryfile query -CAfile"
    return openssl(work, command, str(authority.root))


def fetch(authority: Authority, name: str) -> bytes:
    with urllib.request.urlopen(authority.url + name, timeout=10) as answer:
        data: bytes = answer.read()
    return data


def read(work: Path) -> str:
    return openssl(work, "ts -reply -in reply -text")


def stamped_at(work: Path) -> dt.datetime:
    (said,) = re.findall(r"Time stamp: (.*) GMT", read(work))
    return dt.datetime.strptime(said, "%b %d %H:%M:%S %Y").replace(tzinfo=dt.UTC)


def test_an_honest_token_verifies_and_tells_the_time(authority: Authority, tmp_path: Path) -> None:
    ask(authority, tmp_path)
    assert "Verification: OK" in verify(authority, tmp_path)
    assert abs(stamped_at(tmp_path) - dt.datetime.now(dt.UTC)) < dt.timedelta(seconds=60)


def test_the_signer_s_certificate_is_not_revoked_by_the_list_it_points_to(
    authority: Authority, tmp_path: Path
) -> None:
    ask(authority, tmp_path)
    openssl(tmp_path, "ts -reply -in reply -token_out -out token")
    certificates = openssl(tmp_path, "pkcs7 -inform DER -in token -print_certs -text")
    assert f"URI:{authority.url}authority.crl" in certificates
    assert f"CA Issuers - URI:{authority.url}authority.cer" in certificates
    (tmp_path / "signer.pem").write_text(
        next(
            "-----BEGIN" + block.partition("-----BEGIN")[2]
            for block in certificates.split("Certificate:\n")
            if "CA Issuers" in block
        )
    )
    (tmp_path / "crl").write_bytes(fetch(authority, "authority.crl"))
    openssl(tmp_path, "crl -inform DER -in crl -out crl.pem")
    said = openssl(
        tmp_path,
        "verify -crl_check -purpose timestampsign -CRLfile crl.pem -CAfile",
        str(authority.root),
        "signer.pem",
    )
    assert said == "signer.pem: OK\n"


def test_the_issuer_s_address_gives_the_root(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "issuer").write_bytes(fetch(authority, "authority.cer"))
    assert openssl(tmp_path, "x509 -inform DER -in issuer") == authority.root.read_text()


@pytest.mark.slow("builds, signs, or starts a process")
@pytest.mark.parametrize(
    ("mode", "objection"),
    [
        ("lying-digest", "message imprint mismatch"),
        ("lying-nonce", "nonce mismatch"),
        ("stranger", "certificate verify error"),
    ],
)
def test_openssl_sees_the_lie(
    authority: Authority, tmp_path: Path, mode: Mode, objection: str
) -> None:
    authority.mode = mode
    ask(authority, tmp_path)
    said = verify(authority, tmp_path)
    assert objection in said
    assert "Verification: OK" not in said


def test_a_token_a_year_old_verifies_all_the_same(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "lying-time"
    ask(authority, tmp_path)
    assert "Verification: OK" in verify(authority, tmp_path)
    assert dt.datetime.now(dt.UTC) - stamped_at(tmp_path) > dt.timedelta(days=364)


def test_a_refusal_is_a_proper_answer_without_a_token(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "refusing"
    ask(authority, tmp_path)
    assert "Status: Rejected." in read(tmp_path)
    assert "TST info:\nNot included." in read(tmp_path)


def test_garbage_is_no_answer_at_all(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "garbage"
    assert ask(authority, tmp_path).startswith(b"<html>")


def test_down_is_refused_and_honest_again_at_the_same_address(
    authority: Authority, tmp_path: Path
) -> None:
    url = authority.url
    authority.mode = "down"
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        ask(authority, tmp_path)
    authority.mode = "honest"
    ask(authority, tmp_path)
    assert "Verification: OK" in verify(authority, tmp_path)
    assert authority.url == url


@pytest.mark.slow("builds, signs, or starts a process")
def test_slow_is_late_but_honest(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "slow"
    start = time.monotonic()
    ask(authority, tmp_path)
    assert time.monotonic() - start >= authority.delay
    assert "Verification: OK" in verify(authority, tmp_path)


@pytest.mark.slow("builds, signs, or starts a process")
def test_silent_never_answers(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "silent"
    with pytest.raises(TimeoutError):
        ask(authority, tmp_path, timeout=0.5)


def test_huge_goes_on_as_long_as_one_reads(authority: Authority, tmp_path: Path) -> None:
    authority.mode = "huge"
    assert len(ask(authority, tmp_path)) == 10_000_000


def test_without_its_list_the_authority_is_honest_still(
    authority: Authority, tmp_path: Path
) -> None:
    authority.mode = "no-crl"
    ask(authority, tmp_path)
    assert "Verification: OK" in verify(authority, tmp_path)
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(authority, "authority.crl")


@pytest.mark.slow("builds, signs, or starts a process")
def test_leaving_ends_the_server_even_while_somebody_waits(tmp_path: Path) -> None:
    with Authority() as authority:
        authority.mode = "silent"
        with pytest.raises(TimeoutError):
            ask(authority, tmp_path, timeout=0.2)
    with pytest.raises(urllib.error.URLError, match="Connection refused"):
        ask(authority, tmp_path)
    assert not authority.root.exists()
