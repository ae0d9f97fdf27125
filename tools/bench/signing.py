"""The part of `make bench` about signatures: this command and bare pyHanko, taking turns."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from signed_plan.paths import PlanFolder

from tools.bench.stopwatch import ROUNDS, Table, seconds
from tools.checkout import REPO, VERSIONS
from tools.demo import CAROLE, KEYS, make_folder, run_chapter, tell, write_settings

JULY, FIELD = "2017-07", f"july-2017:{CAROLE}"
OFFICE, PERSON = "keys/passphrases/office.txt", f"keys/passphrases/{CAROLE}.txt"
KEY, CERTIFICATES = f"keys/people/{CAROLE}.p12", "output/certificates"


def measure_signing(work: Path, table: Table) -> None:
    """A signature (B-B) with the office's revocation list, on the issued plan of July."""
    folder = PlanFolder(work / "issued")
    with contextlib.redirect_stdout(io.StringIO()):
        make_folder(folder)
        write_settings(folder, "")
        run_chapter(folder, KEYS)
    _plan(folder, "issue", JULY, "--passphrase-file", OFFICE)
    certificates = [f"{CERTIFICATES}/office-root.crt", f"{CERTIFICATES}/office.crl"]
    secrets = ["--passphrase-file", OFFICE, "--person-passphrase-file", PERSON]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        again = _copy(folder, work / "signed")
        ours.append(seconds(partial(_plan, again, "sign", JULY, "--as", CAROLE, *secrets)))
        again = _copy(folder, work / "signed")
        pdf = again.relative(again.pdf(JULY))
        theirs.append(
            seconds(partial(_peer, again, "sign", pdf, FIELD, KEY, PERSON, *certificates))
        )
    what = "`plan sign`, entered in the register"
    table.compare(what, ours, "bare pyHanko making the same signature", theirs, 3)


def measure_verifying(work: Path, table: Table) -> None:
    """Both sealed versions in one run: eleven signatures, with their timestamps."""
    folder = PlanFolder(work / "sealed")
    with contextlib.redirect_stdout(io.StringIO()):
        make_folder(folder)
        tell(folder)
    roots = [f"{CERTIFICATES}/office-root.crt", "source/timestamp-root.pem"]
    files = [folder.relative(folder.pdf(version)) for version in VERSIONS]
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(seconds(partial(_plan, folder, "verify")))
        theirs.append(seconds(partial(_peer, folder, "verify", *roots, *files)))
    what = "`plan verify`, two sealed versions, 11 signatures"
    table.compare(what, ours, "bare pyHanko validating the same", theirs, 1)


def _copy(folder: PlanFolder, target: Path) -> PlanFolder:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.root, target)
    return PlanFolder(target)


def _plan(folder: PlanFolder, *words: str) -> None:
    _run(folder, "signed_plan.cli", *words)


def _peer(folder: PlanFolder, *words: str) -> None:
    _run(folder, "tools.bench.peers", *words)


def _run(folder: PlanFolder, module: str, *words: str) -> None:
    command = [sys.executable, "-m", module, *words]
    environment = {**os.environ, "PYTHONPATH": str(REPO)}
    subprocess.run(command, cwd=folder.root, env=environment, capture_output=True, check=True)
