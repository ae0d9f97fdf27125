"""The record that a plan's PDF carries beside its sources: which version it is, and of which chain.

A fingerprint is made from the sources and from the fingerprint before it. With this record, the PDF
alone is enough to check that its sources have the fingerprint that it prints.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from signed_plan.digest import Digest, canonical
from signed_plan.errors import VerificationError
from signed_plan.paths import RECORD, PlanFolder, is_plain_name
from signed_plan.plan.source import Predecessor, SourceFile, Version, lineage, load_after

FORMAT = 1


def version_record(version: Version) -> bytes:
    """The record: name and fingerprint of the version, and of those before it, the latest first.

    One sequence of bytes for each chain of versions (RFC 8785).
    """
    itself, *before = (
        {"version": one.name, "fingerprint": one.fingerprint.hex} for one in lineage(version)
    )
    return canonical({"format": FORMAT, **itself, "supersedes": before})


def read_record(data: bytes) -> Predecessor:
    """The version that a record is of, and those before it, as far as it names them.

    Raises VerificationError for anything but what `version_record` writes.
    """
    try:
        given = json.loads(data)
        itself, *before = [_link(one) for one in (given, *given["supersedes"])]
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise _no_record() from error
    names = {one["version"] for one in (itself, *before)}
    whole = {"format": FORMAT, **itself, "supersedes": before}
    if canonical(whole) != data or len(names) <= len(before):
        raise _no_record()
    found: Predecessor | None = None
    for one in reversed(before):
        found = _predecessor(one, found)
    return _predecessor(itself, found)


def read_version(record: Predecessor, sources: tuple[SourceFile, ...]) -> Version:
    """The version that the sources make. Raises SourceError as any loading of sources does."""
    with tempfile.TemporaryDirectory(prefix="signed-plan-") as place:
        folder = PlanFolder(Path(place))
        (folder.source / record.name).mkdir(parents=True)
        for file in sources:
            (folder.source / record.name / file.name).write_bytes(file.data)
        return load_after(folder, record.name, record.superseded)


def _link(given: Any) -> dict[str, str]:
    """What a record says of one version, if it says just that of it."""
    name, digits = given["version"], given["fingerprint"]
    if not (is_plain_name(name) and re.fullmatch("[0-9a-f]{64}", digits)):
        raise ValueError("neither a version's name nor a fingerprint")
    return {"version": name, "fingerprint": digits}


def _predecessor(link: dict[str, str], superseded: Predecessor | None) -> Predecessor:
    return Predecessor(link["version"], Digest(link["fingerprint"]), superseded)


def _no_record() -> VerificationError:
    return VerificationError(f"The attached {RECORD} is not a record of a plan's version.")
