"""Asks openssl and poppler's pdfsig about every signature; none of this project's code is used.

python -m tests.conformance.third_parties --trust ROOT.pem [--authority TSAROOT.pem] FILE.pdf...
Exit: 0 all pass; 1 a check failed; 2 a file cannot be read; 5 a program is missing.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader
from pypdf.errors import PyPdfError

PASSED, FAILED, UNREADABLE, MISSING = 0, 1, 2, 5
PROGRAMS = {"openssl": "openssl", "pdfsig": "poppler-utils", "certutil": "libnss3-tools"}
TIMESTAMP_TOKEN = bytes.fromhex("2a864886f70d010910020e")  # 1.2.840.113549.1.9.16.2.14
CHECKS = ("range", "openssl cms", "openssl ts", "pdfsig")


@dataclass(frozen=True)
class Trust:
    """The certificates to trust: who signs, and who says when."""

    root: Path
    authority: Path | None


@dataclass(frozen=True)
class Signature:
    """A filled signature field: its dictionary's words, its CMS and the bytes that it signs."""

    field: str
    byte_range: list[int]
    contents: bytes
    is_timestamp: bool
    file: bytes

    @property
    def gap(self) -> bytes:
        return self.file[self.byte_range[1] : self.byte_range[2]]

    @property
    def signed(self) -> bytes:
        first, length, second, rest = self.byte_range
        return self.file[first : first + length] + self.file[second : second + rest]

    @property
    def cms(self) -> bytes:
        """Without the zeros that fill up its place."""
        return next(der(self.contents)).whole


@dataclass(frozen=True)
class Der:
    """One value in DER: its tag, its bytes with tag and length, and those without."""

    tag: int
    whole: bytes
    inner: bytes

    def __iter__(self) -> Iterator[Der]:
        return der(self.inner)


class Fault(Exception):
    """What is wrong, in the words of whoever found it."""


BROKEN = (
    Fault,
    ValueError,
    IndexError,
    StopIteration,
)  # the last three: from bytes that are no DER


def main() -> int:
    trust, count, files = _arguments()
    for program, package in PROGRAMS.items():
        if shutil.which(program) is None:
            print(f"{program} is missing: install the Debian package {package}.", file=sys.stderr)
            return MISSING
    worst = PASSED
    for path in files:
        try:
            signatures = list(signatures_of(path))
        except (OSError, PyPdfError) as error:
            print(f"third parties: cannot read {path}: {error}", file=sys.stderr)
            worst = UNREADABLE
            continue
        found = sum(not one.is_timestamp for one in signatures)
        passed = examine(path, signatures, trust) and found >= count
        print(f"{'PASS' if passed else 'FAIL'}  {found} signatures (at least {count})  {path}\n")
        worst = max(worst, PASSED if passed else FAILED)
    return worst


def _arguments() -> tuple[Trust, int, list[Path]]:
    parser = argparse.ArgumentParser(prog="third_parties")
    parser.add_argument("--trust", type=Path, required=True, metavar="ROOT.pem")
    parser.add_argument("--authority", type=Path, metavar="TSAROOT.pem")
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE.pdf")
    given = parser.parse_args()
    return Trust(given.trust, given.authority), given.count, given.files


def signatures_of(path: Path) -> Iterator[Signature]:
    """Every filled signature field, in the order of signing."""
    data = path.read_bytes()
    found = []
    for name, field in (PdfReader(path).get_fields() or {}).items():
        if field.get("/FT") == "/Sig" and "/V" in field:
            value = field["/V"].get_object()
            contents = value["/Contents"]
            found.append(
                Signature(
                    name,
                    [int(number) for number in value["/ByteRange"]],
                    getattr(contents, "original_bytes", contents),
                    value.get("/SubFilter") == "/ETSI.RFC3161",
                    data,
                )
            )
    return iter(sorted(found, key=lambda one: one.byte_range))


def examine(path: Path, signatures: list[Signature], trust: Trust) -> bool:
    """Prints one row a signature; says whether every check of every row passed."""
    try:
        poppler = ask_pdfsig(path, signatures, trust)
    except BROKEN as fault:
        print(f"    pdfsig: {fault}")
        return False
    print(f"{'':<40}" + "".join(f"{name:<13}" for name in CHECKS).rstrip())
    rows = [examine_one(one, trust, poppler) for one in signatures]
    return all(rows)


def examine_one(one: Signature, trust: Trust, poppler: dict[str, str]) -> bool:
    checks: tuple[Callable[[], str], ...] = (
        lambda: check_range(one),
        lambda: check_cms(one, trust),
        lambda: check_timestamp(one, trust),
        lambda: check_pdfsig(one, poppler),
    )
    row, faults = f"{one.field:<40}", []
    for name, check in zip(CHECKS, checks, strict=True):
        try:
            row += f"{check():<13}"
        except BROKEN as fault:
            row += f"{'BAD':<13}"
            faults.append(f"    {name}: {fault}")
    print("\n".join([row.rstrip(), *faults]))
    return not faults


def check_range(one: Signature) -> str:
    """From the first byte to the end of a revision, leaving out nothing but the signature."""
    first, length, second, rest = one.byte_range
    if first != 0 or not 0 < length < second or second + rest > len(one.file):
        raise Fault(f"{one.byte_range} in a file of {len(one.file)} bytes")
    if not re.fullmatch(rb"<[0-9A-Fa-f]+>", one.gap):
        raise Fault("leaves out more than one hexadecimal string")
    if bytes.fromhex(one.gap[1:-1].decode()) != one.contents:
        raise Fault("leaves out something else than its own /Contents")
    if not one.signed.rstrip().endswith(b"%%EOF"):
        raise Fault("does not end where a revision ends")
    return "ok"


def check_cms(one: Signature, trust: Trust) -> str:
    if one.is_timestamp:
        return "–"
    with folder(cms=one.cms, signed=one.signed) as work:
        # -cades: the certificate named in the signed attributes is the one that signed.
        command = "openssl cms -verify -cades -binary -inform DER -in cms -content signed -out out"
        trusting = ["-CAfile", str(trust.root.resolve()), "-no-CApath", "-no-CAstore"]
        run([*command.split(), *trusting, "-purpose", "smimesign"], work)
    return "ok"


def check_timestamp(one: Signature, trust: Trust) -> str:
    """A document timestamp is over the signed bytes, any other over the signature's value."""
    if one.is_timestamp:
        token, stamped = one.cms, one.signed
    else:
        value, inside = value_and_token(one.cms)
        if inside is None:
            return "none"
        token, stamped = inside, value
    if trust.authority is None:
        raise Fault("there is a timestamp, and no --authority was given")
    with folder(token=token, stamped=stamped) as work:
        command = "openssl ts -verify -token_in -in token -data stamped -CAfile"
        run([*command.split(), str(trust.authority.resolve())], work)
    return "ok"


def check_pdfsig(one: Signature, blocks: dict[str, str]) -> str:
    if one.field not in blocks:
        raise Fault("does not see this signature")
    said = re.findall(r"(?:Signature|Certificate) Validation: (.*)", blocks[one.field])
    if one.is_timestamp and said == ["Signature has not yet been verified."]:
        return "cannot"  # poppler has no check for document timestamps; openssl ts has
    if said != ["Signature is Valid.", "Certificate is Trusted."]:
        raise Fault(" ".join(said))
    return "ok"


def ask_pdfsig(path: Path, signatures: list[Signature], trust: Trust) -> dict[str, str]:
    """What pdfsig prints of each field.

    It works with an NSS database, here a new one that trusts our roots for signatures (",C,"). The
    certificates in the file go in beside them, trusted with nothing (",,"): of a certificate that
    it meets only in the file, NSS makes a temporary one, and when the same certificate comes again
    for a second signature it may refuse with SEC_ERROR_REUSED_ISSUER_AND_SERIAL.

    No -no-ocsp, for pdfsig 22.12 then reports an error that NSS left behind although it verified
    the certificate; there is no OCSP address in our certificates, so nothing is fetched.
    """
    with folder() as work:
        database = f"sql:{work}"
        run(["certutil", "-N", "-d", database, "--empty-password"], work)
        add = ["certutil", "-A", "-d", database]
        met = {certificate for one in signatures for certificate in certificates(one.cms)}
        for number, certificate in enumerate(met):
            (work / "certificate").write_bytes(certificate)
            run([*add, "-n", f"met {number}", "-t", ",,", "-i", "certificate"], work)
        # Last, for a root may be among those met, and what is added last holds.
        for root in (trust.root, trust.authority):
            if root is not None:
                run([*add, "-n", root.stem, "-t", ",C,", "-a", "-i", str(root.resolve())], work)
        said = run(["pdfsig", "-nssdir", database, str(path.resolve())], work)
    blocks = re.split(r"^Signature #\d+:$", said, flags=re.MULTILINE)[1:]
    return {re.findall(r"Signature Field Name: (.*)", block)[0]: block for block in blocks}


class folder(tempfile.TemporaryDirectory[str]):  # noqa: N801 - a function by its use
    """A temporary folder with these files in it."""

    def __init__(self, **files: bytes) -> None:
        super().__init__(prefix="signed-plan-third-")
        for name, data in files.items():
            (Path(self.name) / name).write_bytes(data)

    def __enter__(self) -> Path:  # type: ignore[override]
        return Path(self.name)


def run(command: list[str], work: Path) -> str:
    done = subprocess.run(
        command,
        cwd=work,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise Fault(" ".join((done.stderr or done.stdout).split()))
    return done.stdout


def der(data: bytes) -> Iterator[Der]:
    """The values that stand one after the other (X.690, 8.1, with definite lengths)."""
    while data:
        start, length = 2, data[1]
        if length >= 0x80:
            start += length - 0x80
            length = int.from_bytes(data[2:start], "big")
        yield Der(data[0], data[: start + length], data[start : start + length])
        data = data[start + length :]


def signed_data(cms: bytes) -> list[Der]:
    """SignedData's members (RFC 5652, 5.1): the certificates are [0], the signers come last."""
    (content_info,) = der(cms)
    _, content = content_info
    (members,) = content
    return list(members)


def certificates(cms: bytes) -> list[bytes]:
    return [one.whole for member in signed_data(cms) if member.tag == 0xA0 for one in member]


def value_and_token(cms: bytes) -> tuple[bytes, bytes | None]:
    """The only signer's signature value, and the timestamp among its unsigned attributes."""
    (signer,) = signed_data(cms)[-1]
    (value,) = [member.inner for member in signer if member.tag == 0x04]
    for attributes in (member for member in signer if member.tag == 0xA1):
        for kind, values in (tuple(attribute) for attribute in attributes):
            if kind.inner == TIMESTAMP_TOKEN:
                (token,) = values
                return value, token.whole
    return value, None


if __name__ == "__main__":
    sys.exit(main())
