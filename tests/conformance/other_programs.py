"""One issued version, signed in turn by every other program that can be had here, and taken back.

python -m tests.conformance.other_programs FOLDER
Makes a plan folder there, with one signatory for each program. After each signature `plan receive`
and `plan verify` have to be content, and so have `plan sign` and `plan seal` at last. A newer
pdfsig has to be refused: see `is_newer_pdfsig`. FOLDER/count has the number of signatures then.
Exit: 0 all was as it has to be; 1 it was not; 5 a program cannot be had here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from signed_plan.errors import PlanError
from signed_plan.lifecycle.issue import issue
from signed_plan.lifecycle.keys import enrol, make_keys
from signed_plan.lifecycle.receive import receive
from signed_plan.lifecycle.seal import seal
from signed_plan.paths import PlanFolder

from tests.helpers import copy_plan, edit, run_plan
from tests.lifecycle.helpers import any_order, locked
from tests.lifecycle.test_keys import certificate, pem
from tests.story import JULY, field_of, key_file, phrase, prompts, sign_here

FAILED, MISSING = 1, 5
POPPLER = 22
SIGN = Path(__file__).parent / "signers" / "sign"
PYHANKO = "pyhanko-cli==0.6.0"

PEOPLE = """
  - id: {id}
    name: {name}
    role: Governor
    school: bank-road
"""


@dataclass(frozen=True)
class Job:
    """What a program is given: a file, a field, a key; and where it has to put what it signed."""

    given: Path
    made: Path
    field: str
    key: Path
    phrase: str
    work: Path


class Unavailable(Exception):
    """A program that cannot be had here."""


def by_java(program: str) -> Callable[[Job], None]:
    def sign(job: Job) -> None:
        asked = ("fc-match", "-f", "%{file}", "Noto Sans")
        font = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        words = (program, job.given, job.made, job.field, job.key, job.phrase, font)
        run(SIGN, *words)

    return sign


def by_pdfsig(job: Job) -> None:
    base = f"sql:{job.work}"
    run("certutil", "-N", "-d", base, "--empty-password")
    run("pk12util", "-i", job.key, "-d", base, "-W", job.phrase, "-K", "")
    names = re.findall(r"[0-9a-f]{40} +(.+)", run("certutil", "-K", "-d", base))
    run("pdfsig", "-nssdir", base, "-nick", names[0], "-sign", job.field, job.given, job.made)


def by_pyhanko(*more: str) -> Callable[[Job], None]:
    def sign(job: Job) -> None:
        (job.work / "phrase").write_text(job.phrase, encoding="utf-8")
        words = ("sign", "addsig", *more, "--field", job.field, "pkcs12")
        run(pyhanko(), *words, "--passfile", job.work / "phrase", job.given, job.made, job.key)

    return sign


def pyhanko() -> Path:
    """Its own command, in an environment of its own."""
    folder = Path(__file__).parent / "target" / "pyhanko"
    if not (folder / "bin/pyhanko").exists():
        venv.create(folder, with_pip=True, clear=True)
        run(folder / "bin/python", "-m", "pip", "install", "-q", PYHANKO)
    return folder / "bin/pyhanko"


# In this order: once a form names an unembedded Helvetica, iText 9 refuses to sign a PDF/A.
PROGRAMS: dict[str, Callable[[Job], None]] = {
    "iText 9": by_java("itext9"),
    "iText 8": by_java("itext8"),
    "iText 7": by_java("itext7"),
    "iText 5": by_java("itext5"),
    "pdfsig": by_pdfsig,
    "OpenPDF 2": by_java("openpdf2"),
    "EU DSS": by_java("dss"),
    "OpenPDF 1": by_java("openpdf1"),
    "pyHanko": by_pyhanko(),
    "PDFBox": by_java("pdfbox"),
    "pyHanko, PAdES": by_pyhanko("--use-pades"),
    "pdfsig again": by_pdfsig,
}
OWN = ("OpenPDF 2", "EU DSS", "pyHanko, PAdES")
"""Those whose user has a certificate of their own, on the curve P-256."""
HERE = "sally-beardsley"


def main() -> int:
    folder = PlanFolder(Path(sys.argv[1]).resolve())
    people = issued(folder)
    worst, count = 0, 2  # the office's, and one made here
    for program, person in people.items():
        try:
            data = signed(folder, person, PROGRAMS[program])
        except Unavailable as error:
            print(f"BAD   {program:<16} {error}")
            worst = max(worst, MISSING)
            continue
        taken = partial(receive, folder, data, prompts())
        if "pdfsig" in program and is_newer_pdfsig():
            worst = max(worst, step(f"{program}, refused", partial(refused, taken)))
        else:
            count += 1
            worst = max(worst, step(program, taken))
        worst = max(worst, step("  plan verify", lambda: verify(folder)))
    (folder.root / "count").write_text(f"{count}\n", encoding="utf-8")
    worst = max(worst, step("plan sign", lambda: sign_here(folder, JULY, HERE)))
    worst = max(worst, step("plan seal", lambda: seal(folder, JULY, "The rest cannot.", prompts())))
    return max(worst, step("plan verify", lambda: verify(folder)))


def is_newer_pdfsig() -> bool:
    """Whether pdfsig is later than poppler 22, whose signature is taken.

    That of poppler 25 writes objects of a generation that no free entry came before (ISO 32000-2,
    7.5.4), as Okular does; pyHanko reads such a file only where it forgives what it finds.
    """
    done = subprocess.run(("pdfsig", "-v"), capture_output=True, text=True, check=False)
    found = re.search(r"version (\d+)", done.stdout + done.stderr)
    return found is not None and int(found[1]) > POPPLER


def refused(take: Callable[[], object]) -> None:
    try:
        take()
    except PlanError as error:
        if "it cannot be read" in error.message:
            return
        raise
    raise PlanError("It was taken, and papers say that it is not.", "Mend the papers.")


def issued(folder: PlanFolder) -> dict[str, str]:
    """The plan, issued to one signatory for each program; gives them by their programs."""
    copy_plan(folder.root)
    people = {program: f"signer-{at}" for at, program in enumerate(PROGRAMS, 1)}
    sources = folder.source / JULY
    with (sources / "people.yaml").open("a", encoding="utf-8") as file:
        for program, person in people.items():
            name = re.sub(r"\d", lambda digit: "ABCDEFGHIJ"[int(digit[0])], program)
            file.write(PEOPLE.strip("\n").format(id=person, name=f"{name.replace(',', '')} User"))
            file.write("\n")
    added = "".join(f"      - {person}\n" for person in people.values())
    edit(sources / "reviews.yaml", "      - kevin-snow\n", f"      - kevin-snow\n{added}")
    any_order(folder)
    done = run_plan(folder, "build")
    assert done.returncode == 0, done.stderr
    make_keys(folder, prompts())
    for program, person in people.items():
        own_key(folder, person) if program in OWN else enrol(folder, person, prompts(person))
    enrol(folder, HERE, prompts(HERE))
    issue(folder, JULY, prompts())
    return people


def own_key(folder: PlanFolder, person: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(person, key=key)
    key_file(folder, person).parent.mkdir(parents=True, exist_ok=True)
    key_file(folder, person).write_bytes(locked(key, made, phrase(person)))
    enrol(folder, person, prompts(), pem(made))
    (folder.root / "own").mkdir(exist_ok=True)
    (folder.root / "own" / f"{person}.pem").write_bytes(pem(made))


def signed(folder: PlanFolder, person: str, program: Callable[[Job], None]) -> bytes:
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        made = work / "made.pdf"
        key = key_file(folder, person)
        program(Job(folder.pdf(JULY), made, field_of(person), key, phrase(person), work))
        return made.read_bytes()


def step(what: str, act: Callable[[], object]) -> int:
    try:
        act()
    except PlanError as error:
        print(f"BAD   {what:<16} {error.message} {error.remedy}")
        return FAILED
    print(f"ok    {what}")
    return 0


def verify(folder: PlanFolder) -> None:
    done = run_plan(folder, "verify")
    if done.returncode or "VERIFIED" not in done.stdout:
        raise PlanError(done.stdout + done.stderr, "")


def run(*words: str | Path) -> str:
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, timeout=600, check=False
    )
    if done.returncode:
        raise Unavailable(f"{Path(words[0]).name} failed: {(done.stdout + done.stderr)[-600:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
