"""A comparison and a trace as JSON data, in a shape that programs can rely on.

`format` is raised whenever a key changes its meaning or goes; new keys may come without.
`docs/reference.md` lists the keys. Texts are pieces: ["same" | "removed" | "added", text].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from signed_plan.compare.changes import AreaChanges, Change, Comparison
from signed_plan.compare.patch import patch_of
from signed_plan.plan.source import Version
from signed_plan.report.sentences import sentences
from signed_plan.report.trace import Traced

FORMAT = 1


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """A comparison: which versions, how much changed, every change in order, a line per area.

    With the older version's content, `patch` gives the newer one's, and with it its fingerprint.
    """
    return {
        "format": FORMAT,
        "old": _version(comparison.old),
        "new": _version(comparison.new),
        "scale": comparison.scale.words,
        "headline": sentences(comparison),
        "areas": [_area(area) for area in comparison.areas],
        "changes": [_change(change) for change in comparison.changes],
        "recognised": [
            {"part": one.part, "old": one.old, "new": one.new, "text": one.what}
            for one in comparison.recognised
        ],
        "renumbered": comparison.renumbered,
        "patch": patch_of(comparison),
    }


def trace_record(version: Version, traced: Sequence[Traced]) -> dict[str, Any]:
    """A trace: for every line the version it is from, and who has signed it."""
    return {
        "format": FORMAT,
        "version": {"version": version.name, "fingerprint": version.fingerprint.hex},
        "lines": [
            {
                "part": one.line.part,
                "area": one.line.area.id if one.line.area else "",
                "column": one.line.heading,
                "id": one.line.id,
                "value": one.line.value,
                "kind": one.line.kind,
                "text": one.line.text,
                "since": one.since,
                "signed": [
                    {"name": signer.name, "versions": list(signer.versions)}
                    for signer in one.signers
                ],
            }
            for one in traced
        ],
    }


def _version(version: Version) -> dict[str, str | None]:
    superseded = version.superseded
    return {
        "version": version.name,
        "fingerprint": version.fingerprint.hex,
        "supersedes": None if superseded is None else superseded.fingerprint.hex,
    }


def _area(area: AreaChanges) -> dict[str, Any]:
    return {
        "id": area.area.id,
        "name": area.area.name,
        "status": area.status,
        "scale": area.scale.words,
        "changes": len(area.changes),
    }


def _change(change: Change) -> dict[str, Any]:
    where = change.where
    return {
        "part": where.part,
        "id": where.id,
        "area": where.area,
        "place": where.place,
        "value": change.value,
        "action": change.action,
        "scale": change.scale.words,
        "pieces": [[piece.kind, piece.text] for piece in change.pieces],
    }
