"""A newly signed PDF is verified, as anybody will verify it, before it is entered."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from signed_plan.errors import SigningError
from signed_plan.lifecycle.session import Session
from signed_plan.plan.source import Version
from signed_plan.register.chain import Register
from signed_plan.signing.identity import OfficeKeys
from signed_plan.verify.checks import Differs
from signed_plan.verify.signed_checks import read_signatures_in, signed_checks


def enter_signed(
    session: Session,
    office: OfficeKeys,
    register: Register,
    version: Version,
    files: dict[Path, bytes],
) -> None:
    """Writes the register as it will be, and puts the files in their places: the version's PDF,
    with one more signature or time, and what goes with it.

    Raises SigningError, with nothing entered, where `plan verify` would find that PDF's signatures
    to differ from what the register says: nobody could mend that afterwards.
    """
    folder = session.folder
    pdf = files[folder.pdf(version.name)]
    read = partial(read_signatures_in, pdf, folder, register, version.name, files)
    for _, what, check in signed_checks(register, version, pdf, read):
        try:
            check()
        except Differs as found:
            raise SigningError(
                f"The PDF would not verify with what was just signed: {what}: {found}.",
                f"Nothing was entered. Does it verify as it is? See: plan verify {version.name}",
            ) from found
    session.enter(office, register, files)
