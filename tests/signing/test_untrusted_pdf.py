"""An untrusted file: what it says comes back as plain data, and nothing that it does works."""

from __future__ import annotations

import io
import random
import time
import zlib
from datetime import datetime
from pathlib import Path

import pytest
from cryptography import x509
from pypdf import PdfReader, PdfWriter
from signed_plan.digest import Digest
from signed_plan.errors import ExitCode, SigningError
from signed_plan.paths import PlanFolder
from signed_plan.signing.untrusted_pdf import (
    MAX_BYTES,
    FoundSignature,
    Question,
    page_text,
    read_untrusted,
)
from signed_plan.signing.validation import Trust, read_signatures

from tests.signing.helpers import (
    CAROLE,
    FINGERPRINT,
    SEAL,
    People,
    Signing,
    flipped,
    run,
    trust,
)

pytestmark = pytest.mark.slow("signs and validates many times")


@pytest.fixture(scope="session")
def question(people: People, moment: datetime, stamper_root: x509.Certificate) -> Question:
    asked = trust(people, moment, stamper_root)
    return Question(asked.roots, asked.authorities, moment)


# What is told


def test_the_jail_tells_of_signatures_what_is_told_outside(
    archived: bytes, signing: Signing, question: Question
) -> None:
    by = Trust(question.roots, question.authorities, lambda _: question.judged_at)
    for pdf in (archived, flipped(signing.twice, len(signing.certified) + 1000)):
        reading = read_untrusted(pdf, question)
        outside = read_signatures(pdf, by)
        assert reading.signatures == tuple(
            FoundSignature(one.field, one.kind, one.certificate, one.signer, one.fault)
            for one in outside
        )
        assert len(reading.signatures) >= 3
        assert reading.flaw == ""
        assert reading.changes == ()  # nobody asked


def test_changes_are_told_behind_what_is_known_to_be_genuine(
    signing: Signing, question: Question
) -> None:
    def asked(size: int, *signed: str) -> tuple[tuple[int, str], ...]:
        known = Question(
            *(question.roots, question.authorities, question.judged_at),
            *(size, frozenset(signed)),
        )
        return read_untrusted(signing.once, known).changes

    assert asked(len(signing.certified), SEAL) == ()
    told = dict.fromkeys(said for _, said in asked(len(signing.certified)))
    assert f"the signature in the field {CAROLE}" in told
    assert asked(len(signing.certified), SEAL, CAROLE) != ()  # then no new one is due


def test_the_end_of_its_text_is_told_without_spaces(signing: Signing, question: Question) -> None:
    reading = read_untrusted(signing.once, question)
    assert "CaroleClemensHeadTeacher,BurtonJoycePrimarySchool" in reading.text
    assert f"fingerprint{FINGERPRINT}".replace(" ", "") in reading.text
    assert " " not in reading.text


# The same words


def _copies(pdf: bytes, folder: Path) -> dict[str, bytes]:
    """The file as other programs write it anew."""
    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf))), io.BytesIO()
    writer.write(out)
    (folder / "it.pdf").write_bytes(pdf)
    run("qpdf", "--linearize", folder / "it.pdf", folder / "qpdf.pdf")
    run("pdftocairo", "-pdf", folder / "it.pdf", folder / "printed.pdf")
    return {
        "saved by pypdf": out.getvalue(),
        "saved by qpdf": (folder / "qpdf.pdf").read_bytes(),
        "printed": (folder / "printed.pdf").read_bytes(),
    }


def test_copies_that_show_the_same_have_the_same_words(signing: Signing, tmp_path: Path) -> None:
    for pdf in (signing.plan, signing.twice):
        words = page_text(pdf)
        for copy, data in _copies(pdf, tmp_path).items():
            assert data != pdf
            assert page_text(data) == words, copy


@pytest.mark.quick
def test_files_that_show_other_words_have_other_ones(
    signing: Signing, built_once: PlanFolder, tmp_path: Path
) -> None:
    july = built_once.pdf("2017-07").read_bytes()
    (tmp_path / "it.pdf").write_bytes(signing.plan)
    run("qpdf", "--empty", "--pages", tmp_path / "it.pdf", "2-z", "--", tmp_path / "less.pdf")
    every = [july, signing.plan, signing.certified, signing.once, signing.twice]
    every.append((tmp_path / "less.pdf").read_bytes())
    digests = [page_text(pdf)[0] for pdf in every]
    assert len(set(digests)) == len(every)


@pytest.mark.quick
def test_one_letter_makes_other_words() -> None:
    one, other = _text_page(b"(Nine of 10 agreed)"), _text_page(b"(None of 10 agreed)")
    assert page_text(one)[1] == "Nineof10agreed"
    assert page_text(one)[0] != page_text(other)[0]
    assert page_text(one)[0] == page_text(_text_page(b"(Nine  of 10  agreed)"))[0]


def test_the_jail_tells_the_same_words(signing: Signing, question: Question) -> None:
    assert read_untrusted(signing.twice, question).text_digest == page_text(signing.twice)[0]


# Hostile files


def _pdf(*objects: bytes) -> bytes:
    """A file of these objects, of which the first is its catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Root 1 0 R/Size %d>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(out))
    )


def _stream(data: bytes, words: bytes = b"") -> bytes:
    return b"<</Length %d%s>>\nstream\n%s\nendstream" % (len(data), words, data)


def _page_of(content: bytes) -> bytes:
    return _pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R"
        b"/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>",
        content,
    )


def _text_page(text: bytes) -> bytes:
    return _page_of(_stream(b"BT /F 12 Tf 50 500 Td %s Tj ET" % text))


def _bomb() -> bytes:
    """A page of spaces without end: 600 MB, squeezed twice."""
    squeezer = zlib.compressobj(9)
    inner = b"".join(squeezer.compress(b" " * 10_000_000) for _ in range(60)) + squeezer.flush()
    return _page_of(_stream(zlib.compress(inner, 9), b"/Filter[/FlateDecode/FlateDecode]"))


def _ring() -> bytes:
    return _pdf(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1/Parent 3 0 R>>",
        b"<</Type/Pages/Kids[2 0 R]/Count 1/Parent 2 0 R>>",
    )


def _nested() -> bytes:
    deep = b"[" * 100_000 + b"]" * 100_000
    return _pdf(
        b"<</Type/Catalog/Pages 2 0 R/Names %s>>" % deep,
        b"<</Type/Pages/Kids[]/Count 0>>",
    )


HOSTILE = {
    "nothing": lambda pdf: b"",
    "cut": lambda pdf: pdf[: len(pdf) // 2],
    "random": lambda pdf: random.Random(2017).randbytes(200_000),
    "random behind a header": lambda pdf: b"%PDF-1.7\n" + random.Random(11).randbytes(200_000),
    "a ring of pages": lambda pdf: _ring(),
    "boxes in boxes": lambda pdf: _nested(),
}


@pytest.mark.parametrize("which", HOSTILE)
def test_a_file_made_to_break_readers_comes_back_with_its_flaw(
    signing: Signing, question: Question, which: str
) -> None:
    start = time.monotonic()
    reading = read_untrusted(HOSTILE[which](signing.certified), question)
    assert reading.flaw.startswith("it cannot be read (")
    assert reading.signatures == ()
    assert time.monotonic() - start < 20


def test_a_bomb_is_read_in_bounded_time_and_found_harmless_or_flawed(question: Question) -> None:
    bomb = _bomb()
    assert len(bomb) < 100_000
    start = time.monotonic()
    reading = read_untrusted(bomb, question)
    assert time.monotonic() - start < 30
    assert reading.flaw or (reading.text, reading.signatures) == ("", ())


@pytest.mark.quick
def test_a_file_that_is_too_large_is_refused_unread(question: Question) -> None:
    with pytest.raises(SigningError) as caught:
        read_untrusted(bytes(MAX_BYTES + 1_000_000), question)
    assert caught.value.exit_code == ExitCode.SIGNING
    assert caught.value.message == "That file is larger than 100 MB: it is no plan."


def test_a_harmless_page_has_no_flaw(question: Question) -> None:
    reading = read_untrusted(_text_page(b"(Hello)"), question)
    assert (reading.flaw, reading.text, reading.signatures) == ("", "Hello", ())
    assert reading.text_digest == Digest.of_bytes(b"Hello").hex


def test_reading_a_file_writes_none(
    signing: Signing, question: Question, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert read_untrusted(signing.once, question).flaw == ""
    assert list(tmp_path.iterdir()) == []
