"""Whether veraPDF finds the same faults as the rules of the program, in PDFs with one fault each.

python -m tests.conformance.broken_claims PLAN.pdf
Exit: 0 it does; 1 there is a rule that it does not know; 5 it cannot be built or started here.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter
from signed_plan.document.pdfa import _write

from tests.document.broken import BREAKS, UA, A, Patient

PASSED, FAILED, MISSING = 0, 1, 5
_RUN = Path(__file__).parent / "run"
_FILE = re.compile(r"(PASS|FAIL)  (\S+)  \d+ checks  (.*)")
_CLAUSE = re.compile(r" +clause (\S+), test \d+")


def main(plan: str) -> int:
    writer = PdfWriter(clone_from=plan)
    writer.pdf_header = "%PDF-1.7"
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder, "whole.pdf")
        whole.write_bytes(_write(writer))
        files = [whole]
        for one in BREAKS:
            with pytest.MonkeyPatch.context() as patch:
                one.how(Patient(writer, patch))
                files.append(Path(folder, f"{one.name}.pdf"))
                files[-1].write_bytes(_write(writer))
        done = subprocess.run([_RUN, *files], capture_output=True, text=True, check=False)
    if done.returncode == MISSING:
        print(done.stderr, end="", file=sys.stderr)
        return MISSING
    found = {(file, standard): clauses for file, standard, clauses in _read(done.stdout)}
    faults = [f"whole, {standard}: {found['whole', standard]}" for standard in (UA, A)]
    faults = [fault for fault in faults if not fault.endswith(": set()")]
    for one in BREAKS:
        named = found.get((one.name, one.standard), set())
        if (one.verapdf or one.clause) not in named:
            faults.append(f"{one.name}, {one.standard}, {one.clause}: veraPDF names {named}")
    print(*faults, sep="\n", end="\n" if faults else "")
    verdict = "FAIL" if faults else "PASS"
    print(f"{verdict}  {len(BREAKS)} broken PDFs  {len(faults)} that veraPDF judges otherwise")
    return FAILED if faults else PASSED


def _read(said: str) -> Iterator[tuple[str, str, set[str]]]:
    """For each file and standard, the clauses that veraPDF finds broken."""
    clauses: set[str] = set()
    for line in said.splitlines():
        file, clause = _FILE.match(line), _CLAUSE.match(line)
        if file:
            clauses = set()
            yield Path(file[3]).stem, file[2], clauses
        elif clause:
            clauses.add(clause[1])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
