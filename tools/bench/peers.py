"""What `make bench` compares signing and verifying with: bare pyHanko, in a separate process.

python -m tools.bench.peers sign PDF FIELD KEY.p12 PASSPHRASE-FILE ROOT CRL
python -m tools.bench.peers verify ROOT AUTHORITY-ROOT PDF...
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext


def sign(*words: str) -> None:
    """Signs in the field, with pyHanko's own text stamp and the office's revocation list."""
    from tools.elsewhere import signed_elsewhere  # what verifying need not wait for

    pdf, field, key, passphrase, root, revocations = words
    evidence = ValidationContext(
        trust_roots=[_certificate(root)],
        crls=[crl.CertificateList.load(Path(revocations).read_bytes())],
        revocation_mode="require",
    )
    path = Path(pdf)
    secret = Path(passphrase).read_bytes().strip()
    data = signed_elsewhere(path.read_bytes(), field, Path(key).read_bytes(), secret, evidence)
    path.write_bytes(data)


def verify(root: str, authority: str, *files: str) -> None:
    """Validates every signature and timestamp by the evidence in its file, and what was changed
    since by pyHanko's own policy."""
    roots = [_certificate(root), _certificate(authority)]
    for file in files:
        reader = PdfFileReader(io.BytesIO(Path(file).read_bytes()))
        evidence = DocumentSecurityStore.read_dss(reader)
        for one in reader.embedded_regular_signatures:
            context, stamped = (
                evidence.as_validation_context({"trust_roots": roots}) for _ in range(2)
            )
            status = validate_pdf_signature(one, context, stamped)
            assert status.bottom_line, f"{file}: {status.summary()}"
        for one in reader.embedded_timestamp_signatures:
            context = evidence.as_validation_context({"trust_roots": roots})
            stamp = validate_pdf_timestamp(one, context)
            assert stamp.intact and stamp.valid and stamp.trusted, file


def _certificate(file: str) -> x509.Certificate:
    _, _, der = pem.unarmor(Path(file).read_bytes())
    return x509.Certificate.load(der)


if __name__ == "__main__":
    do = sign if sys.argv[1] == "sign" else verify
    do(*sys.argv[2:])
